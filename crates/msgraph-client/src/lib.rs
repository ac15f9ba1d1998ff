//! The operations of Microsoft Graph v1.0, generated from Microsoft's metadata.
//!
//! Navigation follows the paths of the documentation: `/users/{id}/messages` is
//! `graph.users().by_id(id).messages()`. It ends in a method that returns a [`Request`], which
//! is sent when it is awaited.
//!
//! ```
//! use msgraph_client::GraphClient;
//! use msgraph_core::credential::ClientSecretCredential;
//! use msgraph_models::User;
//!
//! # async fn example(tenant: &str, client_id: &str, secret: String) -> msgraph_core::Result<()> {
//! let graph = GraphClient::builder()
//!     .credential(ClientSecretCredential::new(tenant, client_id, secret))
//!     .build()?;
//!
//! let adele = graph.users().by_id("adele@contoso.com");
//! let user = adele.get().select(["id", "jobTitle"]).await?;
//! println!("{:?}", user.job_title.as_deref());
//! adele.update(User::build(|user| user.job_title = "Architect".into())).await?;
//! # Ok(())
//! # }
//! ```
//!
//! * A key is given with `by_id`, an alternate key with a method of its name, such as `by_app_id`.
//! * `as_user` and the like narrow a collection to a derived type.
//! * `list`, `get`, `create`, `update`, `replace` and `delete` are the operations on a resource; `content` and
//!   `set_content` move bytes; `add_ref`, `set_ref` and `remove_ref` relate resources to each other. Actions and
//!   functions have their own names.
//! * [`catalogue::OPERATIONS`] lists every operation with its clouds and permissions.

mod body;
mod builder;
#[rustfmt::skip]
mod generated;

use msgraph_core::{Client, Decode, Explanation, Request};

pub use builder::GraphClientBuilder;
pub use generated::*;

/// A client of Microsoft Graph.
///
/// Cloning is cheap and clones share everything, so there is no need for an `Arc` around it.
#[derive(Clone, Debug)]
pub struct GraphClient {
    client: Client,
}

impl GraphClient {
    /// Starts a client of the global cloud.
    pub fn builder() -> GraphClientBuilder {
        GraphClientBuilder::default()
    }

    /// The client without the generated navigation, for addresses that this crate does not know.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What is known about a request: its address, where it exists and which permissions it needs.
    ///
    /// ```
    /// # fn example(graph: &msgraph_client::GraphClient) {
    /// println!("{}", graph.explain(&graph.users().list()));
    /// # }
    /// ```
    #[must_use]
    pub fn explain<D: Decode>(&self, request: &Request<D>) -> Explanation<'_> {
        self.client.explain(request)
    }
}

impl From<Client> for GraphClient {
    fn from(client: Client) -> Self {
        Self { client }
    }
}
