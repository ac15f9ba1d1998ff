//! The runtime against a service on a loopback socket.

mod stage;
mod support;

mod actions;
mod answers;
mod auto_batch;
#[cfg(feature = "azure")]
mod azure;
mod batch;
mod broken;
mod challenges;
mod changes;
mod compression;
mod downloads;
mod monitors;
mod order;
mod pages;
mod paths;
mod raw;
mod redirects;
mod requests;
mod retries;
mod secrets;
mod soak;
mod telemetry;
mod tls;
mod tokens;
mod uploads;
