//! Where tokens come from.
//!
//! | who signs in | credential |
//! |---|---|
//! | an application with a secret | [`ClientSecretCredential`] |
//! | an application with a certificate (PEM; PKCS#12 through the crate `msgraph`) | [`ClientCertificateCredential`] |
//! | a workload with a token of another issuer | [`WorkloadIdentityCredential`], [`ClientAssertionCredential`] |
//! | an Azure resource | [`ManagedIdentityCredential`] |
//! | a user with a browser here or elsewhere | [`InteractiveBrowserCredential`], [`DeviceCodeCredential`] |
//! | a user who signed in before | [`RefreshTokenCredential`] |
//! | a service for the user who called it | [`OnBehalfOfCredential`] |
//! | a developer | [`AzureCliCredential`], [`AzurePowerShellCredential`] |
//! | whoever the environment describes | [`EnvironmentCredential`] |
//! | whatever of these there is | [`DefaultCredential`], [`ChainedCredential`] |
//!
//! The authority is that of the client's [`Cloud`], so that a credential serves every cloud and never sends a secret to
//! the wrong one. Tokens are kept in memory, and with a [`PersistentCache`] on disk.

mod application;
mod authentication_error;
#[cfg(feature = "azure")]
mod azure;
mod azure_cli;
mod browser;
mod cache;
mod certificate;
mod chain;
mod client_credentials;
mod command;
mod device_code;
mod environment;
mod fixed_token;
mod managed_identity;
mod on_behalf_of;
mod persistent;
mod refresh_token;
mod tenant;
#[cfg(test)]
mod tests;
mod token_endpoint;
mod user;
mod variables;
mod workload_identity;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

pub use application::{Asserting, AssertionRequest, ClientAuthentication};
pub use authentication_error::AuthenticationError;
#[cfg(feature = "azure")]
pub use azure::{AzureCredential, CredentialForAzure};
pub use azure_cli::{AzureCliCredential, AzurePowerShellCredential};
pub use browser::InteractiveBrowserCredential;
pub use certificate::{ClientCertificate, ClientCertificateError};
pub use chain::{ChainedCredential, DefaultCredential};
pub use client_credentials::{ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential};
pub use device_code::{DeviceCodeCredential, DeviceCodePrompt};
pub use environment::EnvironmentCredential;
pub use fixed_token::FixedTokenCredential;
pub use managed_identity::{ManagedIdentity, ManagedIdentityCredential};
pub use on_behalf_of::OnBehalfOfCredential;
pub use persistent::PersistentCache;
pub use refresh_token::RefreshTokenCredential;
pub use tenant::TenantCredential;
pub use workload_identity::WorkloadIdentityCredential;

use crate::Cloud;
use crate::odata::Secret;
use crate::transport::Transport;

/// The future that [`Credential::token`] returns.
pub type Obtaining<'a> = Pin<Box<dyn Future<Output = Result<AccessToken, AuthenticationError>> + Send + 'a>>;

/// Gives access tokens.
///
/// A client asks before every request, so that a credential keeps its tokens and renews them before they expire.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use msgraph_core::credential::{AccessToken, Credential, Obtaining, TokenRequest};
///
/// /// Takes tokens from an agent on this machine.
/// #[derive(Debug)]
/// struct Agent;
///
/// impl Credential for Agent {
///     fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
///         Box::pin(async move {
///             let token = format!("token for {}", request.scopes.join(" "));
///             Ok(AccessToken::new(token, SystemTime::now() + Duration::from_secs(3600)))
///         })
///     }
/// }
/// ```
pub trait Credential: fmt::Debug + Send + Sync + 'static {
    /// Gives a token that is valid for the request, from memory where possible.
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a>;
}

impl<T: Credential + ?Sized> Credential for Box<T> {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        (**self).token(request)
    }
}

impl<T: Credential + ?Sized> Credential for Arc<T> {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        (**self).token(request)
    }
}

/// What a token is asked for, and by what means.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenRequest<'a> {
    /// What the token must be good for; for Graph the one [scope of the cloud](Cloud::scope).
    pub scopes: &'a [&'a str],
    /// The claims that the service demands after it has refused a token, as JSON
    /// ([claims challenge](https://learn.microsoft.com/entra/identity-platform/claims-challenge)). A token from memory that
    /// was obtained without them is of no use then.
    pub claims: Option<&'a str>,
    /// The tenant to sign in to, where it is not the credential's own: an identifier or a domain.
    pub tenant: Option<&'a str>,
    cloud: &'a Cloud,
    transport: &'a dyn Transport,
}

impl<'a> TokenRequest<'a> {
    /// Asks for a token with these scopes, issued by the authority of `cloud`, reached over `transport`.
    #[must_use]
    pub fn new(cloud: &'a Cloud, transport: &'a dyn Transport, scopes: &'a [&'a str]) -> Self {
        Self {
            scopes,
            claims: None,
            tenant: None,
            cloud,
            transport,
        }
    }

    /// The same, with the claims that the service demands, as JSON.
    #[must_use]
    pub fn with_claims(mut self, claims: &'a str) -> Self {
        self.claims = Some(claims);
        self
    }

    /// The same for another tenant.
    #[must_use]
    pub fn with_tenant(mut self, tenant: &'a str) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// The cloud whose authority issues the token.
    #[must_use]
    pub fn cloud(&self) -> &'a Cloud {
        self.cloud
    }

    /// The transport to reach the authority over.
    #[must_use]
    pub fn transport(&self) -> &'a dyn Transport {
        self.transport
    }
}

/// A bearer token and the end of its life.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token; never printed, wiped when dropped.
    pub token: Secret,
    /// When it expires.
    pub expires_on: SystemTime,
}

impl AccessToken {
    /// A token that is valid until `expires_on`.
    pub fn new(token: impl Into<Secret>, expires_on: SystemTime) -> Self {
        Self {
            token: token.into(),
            expires_on,
        }
    }
}
