//! The runtime of msgraph: everything about Microsoft Graph that does not depend on what its resources are.
//!
//! A [`Client`] has a [`Cloud`], a [credential](credential::Credential) and a [transport](transport::Transport). Generated
//! navigation puts a [`Path`] together and ends it in a [`Request`]: a value that can be inspected and copied, and that is
//! sent when it is awaited. What can be known to be wrong beforehand fails before a token is asked for.
//!
//! ```
//! use msgraph_core::credential::ClientSecretCredential;
//! use msgraph_core::odata::Value;
//! use msgraph_core::{Client, CloudSet, Method, Operation, Path, Permissions};
//!
//! static GET_ORGANIZATION: Operation = Operation {
//!     method: Method::Get,
//!     path: "/organization/{organization-id}",
//!     clouds: CloudSet::ALL,
//!     permissions: &Permissions::UNKNOWN,
//!     documentation: Some("organization-get"),
//! };
//!
//! # async fn example(tenant: &str, client_id: &str, secret: String) -> msgraph_core::Result<()> {
//! let client = Client::builder()
//!     .credential(ClientSecretCredential::new(tenant, client_id, secret))
//!     .build()?;
//! let request = Path::root(&client, "organization").key(tenant).request::<Value>(&GET_ORGANIZATION);
//! println!("{}", request.select(["displayName"]).await?);
//! # Ok(())
//! # }
//! ```

mod anonymous;
mod attempt;
mod batch;
#[cfg(feature = "blocking")]
pub mod blocking;
mod body;
mod changes;
mod client;
mod cloud;
mod content;
pub mod credential;
mod decode;
mod download;
mod encode;
mod error;
mod literal;
mod monitor;
pub mod odata;
mod operation;
mod pages;
mod path;
mod patience;
mod pipeline;
mod request;
mod response;
mod retry;
pub mod transport;
mod upload;

pub use attempt::Attempt;
pub use batch::{Batch, BatchAnswers, BatchSet, Ticket};
pub use changes::{Change, Changes, DeltaToken, Removal, RemovalReason, Restart};
pub use client::{Client, ClientBuilder};
pub use cloud::{Cloud, CloudSet, CustomCloud, CustomCloudError, UnknownCloud};
pub use content::Content;
pub use decode::{Count, Decode, Scalar};
pub use download::Download;
pub use error::{Error, InnerError, ODataError, ODataErrorDetail, Result};
pub use literal::Literal;
pub use monitor::{Monitor, OperationState};
pub use operation::{Explanation, Method, Operation, Permissions, Scheme};
pub use pages::{Items, Pages};
pub use path::Path;
pub use request::Request;
pub use response::Response;
pub use retry::RetryPolicy;
pub use upload::{Upload, UploadProgress, UploadSession, UploadSource};
