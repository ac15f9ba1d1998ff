//! A service that misbehaves on purpose.
//!
//! [`FaultServer`] plays scripted misbehaviour on a real socket: it resets connections, cuts answers short, lies about
//! their length, lets them drip. [`soak`] sends many calls to one that misbehaves at random and compares what they report
//! with what the service has done.

mod clock;
mod reply;
mod server;
pub mod soak;

pub use clock::Still;
pub use reply::Reply;
pub use server::{FaultServer, Received};
