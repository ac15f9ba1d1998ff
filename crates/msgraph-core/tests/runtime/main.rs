//! The runtime against a service on a loopback socket.

mod support;

mod actions;
mod answers;
mod auto_batch;
#[cfg(feature = "azure")]
mod azure;
mod batch;
mod changes;
mod downloads;
mod monitors;
mod order;
mod pages;
mod paths;
mod raw;
mod requests;
mod secrets;
mod tls;
mod tokens;
mod uploads;
