//! The runtime against a service on a loopback socket.

mod support;

mod actions;
mod answers;
#[cfg(feature = "azure")]
mod azure;
mod changes;
mod order;
mod pages;
mod paths;
mod requests;
mod secrets;
mod tls;
mod tokens;
