//! The emulator over real sockets, asked by a plain HTTP client.

mod connectors;
mod credentials;
mod directory;
mod local;
mod program;
mod protocol;
mod sign_in;
mod token_signing;
mod tokens;
mod user_flows;
