#![doc = include_str!("../../../README.md")]

mod certificate;
mod pkcs12;

/// The types of Microsoft Graph v1.0; the parameters of its actions are in [`parameters`](models::parameters).
pub use msgraph_models as models;

/// The operations of Microsoft Graph v1.0: navigation, and the facts about each operation.
pub use msgraph_client as client;

/// Where access tokens come from.
pub use msgraph_core::credential;

/// OData values and objects: what the types of [`models`] are made of.
pub use msgraph_core::odata;

/// How requests are sent.
pub use msgraph_core::transport;

/// Requests and streams without async code, for scripts.
#[cfg(feature = "blocking")]
pub use msgraph_core::blocking;

pub use certificate::{Certificate, CertificateError, Validity};
pub use msgraph_client::{GraphClient, GraphClientBuilder};
pub use msgraph_core::{
    Attempt, Batch, BatchAnswers, BatchSet, Change, Changes, Client, Cloud, CloudSet, Content, Count, CustomCloud,
    CustomCloudError, Decode, DeltaToken, Download, Error, Explanation, InnerError, Items, Literal, Method, Monitor,
    ODataError, ODataErrorDetail, Operation, OperationState, Pages, Path, Permissions, Removal, RemovalReason, Request,
    Response, Restart, Result, RetryPolicy, Scalar, Scheme, Ticket, UnknownCloud, Upload, UploadProgress,
    UploadSession, UploadSource,
};
pub use pkcs12::{Pkcs12, Pkcs12Contents, Pkcs12Encryption, Pkcs12Error, Pkcs12ErrorKind};
