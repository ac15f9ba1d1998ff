//! A local Microsoft Graph for tests and demonstrations.
//!
//! [`Emulator`] serves real HTTP on a loopback port: Microsoft Entra's token endpoint and, behind its tokens, the Graph
//! resources that hold certificates and credentials. Everything is kept in memory and forgotten at the end.
//!
//! | path under `/v1.0` | what works |
//! |---|---|
//! | `/identity/apiConnectors` | list, create, get, update, delete, `uploadClientCertificate` |
//! | `/identity/b2xUserFlows` | list, create, get, delete, connector references, `uploadClientCertificate` |
//! | `/applications`, `/servicePrincipals` | list, create, get, update, delete, `$count`, `addPassword`, `removePassword`; by `{id}` and by `(appId='…')` |
//! | `/servicePrincipals/…/addTokenSigningCertificate` | a newly generated self-signed certificate |
//!
//! The token service has the flows of applications (secret, certificate, federated token), of users (authorization code
//! with PKCE, device code, refresh token) and on behalf of users. Signatures, audiences, times, verifiers and polling
//! intervals are really checked; the one user needs no password.
//!
//! Uploaded PKCS#12 files are really opened, certificates are really generated, and an answer has the shape, the
//! spelling and the errors of the service. What the service would refuse is refused here as well: unknown properties
//! and query options, values of the wrong type, a missing `Content-Type`, respelled credentials.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use msgraph_emulator::Emulator;
//!
//! let local = Emulator::start().await?;
//! # let _ = rustls::crypto::ring::default_provider().install_default();
//! let answer = reqwest::get(format!("{}/v1.0/applications", local.graph_endpoint())).await?;
//! assert_eq!(answer.status(), 401);
//! assert_eq!(local.requests()[0].path, "/v1.0/applications");
//! local.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! Every signing certificate has an RSA key of its own. Generating one takes about a third of a second in an unoptimised
//! build, and under a tenth with `[profile.dev.package.<name>] opt-level = 3` for `crypto-bigint`, `crypto-primes` and
//! `rsa`.

mod certificate;
mod clock;
mod connectors;
mod digest;
mod directory;
mod emulator;
mod error;
mod exchange;
mod path;
mod pkcs12;
mod query;
mod reply;
mod request_log;
mod router;
mod sample;
mod schema;
mod store;
mod token;
mod user_flows;

pub use emulator::{Builder, Emulator};
pub use request_log::ReceivedRequest;
pub use sample::sample_pkcs12;
