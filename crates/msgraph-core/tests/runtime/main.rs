//! The runtime against a service on a loopback socket.

mod stage;
mod support;

mod actions;
mod answers;
#[cfg(feature = "azure")]
mod azure;
mod broken;
mod challenges;
mod compression;
mod order;
mod pages;
mod paths;
mod redirects;
mod requests;
mod retries;
mod secrets;
mod soak;
mod telemetry;
mod tls;
mod tokens;
