//! Puts a client together.

use std::time::Duration;

use msgraph_core::credential::Credential;
use msgraph_core::transport::Transport;
use msgraph_core::{Attempt, Client, ClientBuilder, Cloud, Result, RetryPolicy};

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

    /// How long each attempt may take to get an answer, its body included; 100 seconds if not called.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// How long a call may take with all its attempts and waits; as long as [`retry`](Self::retry) allows if not called.
    pub fn total_timeout(self, timeout: Duration) -> Self {
        Self(self.0.total_timeout(timeout))
    }

    /// When requests are sent again; [`RetryPolicy::default`] if not called.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        Self(self.0.retry(policy))
    }

    /// Compresses the bodies of requests from this size on, in bytes; none if not called. See
    /// [`ClientBuilder::compress_requests_from`].
    pub fn compress_requests_from(self, bytes: usize) -> Self {
        Self(self.0.compress_requests_from(bytes))
    }

    /// Tells `observer` about every request over the wire, for metrics. See [`ClientBuilder::observe`].
    pub fn observe(self, observer: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        Self(self.0.observe(observer))
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
