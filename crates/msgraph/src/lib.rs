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

pub use certificate::{Certificate, CertificateError, Validity};
pub use msgraph_client::{GraphClient, GraphClientBuilder};
pub use msgraph_core::{
    Attempt, Client, Cloud, CloudSet, Content, Count, CustomCloud, CustomCloudError, Decode, Error, Explanation,
    InnerError, Items, Literal, Method, ODataError, ODataErrorDetail, Operation, Pages, Path, Permissions, Request,
    Response, Result, RetryPolicy, Scalar, Scheme, UnknownCloud,
};
pub use pkcs12::{Pkcs12, Pkcs12Contents, Pkcs12Encryption, Pkcs12Error, Pkcs12ErrorKind};
