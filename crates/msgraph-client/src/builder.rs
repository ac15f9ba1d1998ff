//! Puts a client together.

use std::time::Duration;

use msgraph_core::credential::Credential;
use msgraph_core::transport::Transport;
use msgraph_core::{Client, ClientBuilder, Cloud, Result};

use crate::GraphClient;

/// Puts a [`GraphClient`] together; only a credential is needed.
#[derive(Debug)]
#[must_use]
pub struct GraphClientBuilder(ClientBuilder);

impl Default for GraphClientBuilder {
    fn default() -> Self {
        Self(Client::builder())
    }
}

impl GraphClientBuilder {
    /// The cloud to talk to; [`Cloud::Global`] if not called.
    pub fn cloud(self, cloud: Cloud) -> Self {
        Self(self.0.cloud(cloud))
    }

    /// Where tokens come from.
    pub fn credential(self, credential: impl Credential) -> Self {
        Self(self.0.credential(credential))
    }

    /// How requests are sent; over HTTPS if not called.
    pub fn transport(self, transport: impl Transport) -> Self {
        Self(self.0.transport(transport))
    }

    /// The product that the `User-Agent` header names before this library, for example `contoso-sync/2.1`.
    pub fn user_agent(self, product: impl Into<String>) -> Self {
        Self(self.0.user_agent(product))
    }

    /// How long an answer may take, its body included.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// When there is no credential, or the product cannot stand in a header.
    pub fn build(self) -> Result<GraphClient> {
        self.0.build().map(GraphClient::from)
    }
}
