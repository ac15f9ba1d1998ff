//! Applications that sign in as themselves
//! ([client credentials flow](https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow)).

use std::fmt;
use std::sync::Arc;

use super::application::{Application, AssertionRequest, ClientAuthentication};
use super::cache::TokenCache;
use super::certificate::ClientCertificate;
use super::persistent::PersistentCache;
use super::token_endpoint::Form;
use super::{AccessToken, AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::odata::Secret;

/// What the credentials of this file have in common.
#[derive(Clone)]
pub(crate) struct ClientCredentials {
    application: Application,
    cache: Arc<TokenCache>,
}

impl ClientCredentials {
    pub(crate) fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        authentication: ClientAuthentication,
    ) -> Self {
        let application = Application {
            tenant: tenant.into(),
            client_id: client_id.into(),
            authentication,
        };
        Self {
            cache: Arc::new(TokenCache::new(&application.client_id)),
            application,
        }
    }

    pub(crate) fn with_cache(self, cache: PersistentCache) -> Self {
        let kept = TokenCache::new(&self.application.client_id).persisted(cache);
        Self {
            cache: Arc::new(kept),
            ..self
        }
    }

    pub(crate) async fn token(&self, request: TokenRequest<'_>) -> Result<AccessToken, AuthenticationError> {
        let obtain = || async {
            let (grant, scope) = (Form::grant("client_credentials"), request.scopes.join(" "));
            Ok(self.application.ask(&request, grant, &scope).await?.access)
        };
        self.cache
            .get(&request, self.application.tenant(&request), obtain)
            .await
    }

    fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("tenant", &self.application.tenant)
            .field("client_id", &self.application.client_id)
            .finish_non_exhaustive()
    }
}

/// Signs an application in with a client secret
/// ([RFC 6749, section 4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)).
///
/// Tokens are kept in memory and renewed before they expire; callers that want the same token at the same time share
/// one request. The authority is that of the client's cloud. Clones share the tokens.
///
/// ```
/// use msgraph_core::credential::ClientSecretCredential;
///
/// let secret = std::env::var("CLIENT_SECRET").unwrap_or_default();
/// let credential = ClientSecretCredential::new("contoso.onmicrosoft.com", "11111111-2222-3333-4444-555555555555", secret);
/// ```
#[derive(Clone)]
pub struct ClientSecretCredential(ClientCredentials);

impl ClientSecretCredential {
    /// A credential of the application `client_id` in `tenant`, given by its identifier or one of its domains.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        let authentication = ClientAuthentication::secret(secret);
        Self(ClientCredentials::new(tenant, client_id, authentication))
    }

    /// The same, keeping its tokens also in `cache`.
    #[must_use]
    pub fn with_cache(self, cache: PersistentCache) -> Self {
        Self(self.0.with_cache(cache))
    }
}

impl Credential for ClientSecretCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(self.0.token(request))
    }
}

impl fmt::Debug for ClientSecretCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("ClientSecretCredential", f)
    }
}

/// Signs an application in with the key of a certificate
/// ([certificate credentials](https://learn.microsoft.com/entra/identity-platform/certificate-credentials)).
///
/// Keeps and renews tokens as [`ClientSecretCredential`] does.
///
/// # Troubleshooting
/// AADSTS700027 names the thumbprint of a certificate that the application does not have, or says that it has expired.
///
/// ```
/// use msgraph_core::credential::{ClientCertificate, ClientCertificateCredential};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let certificate = ClientCertificate::from_pem(std::fs::read("app.pem")?)?;
/// let credential = ClientCertificateCredential::new("contoso.onmicrosoft.com", "11111111-2222-…", certificate);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientCertificateCredential(ClientCredentials);

impl ClientCertificateCredential {
    /// A credential of the application `client_id` in `tenant`, which has the public part of `certificate`.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, certificate: ClientCertificate) -> Self {
        let authentication = ClientAuthentication::certificate(certificate);
        Self(ClientCredentials::new(tenant, client_id, authentication))
    }

    /// The same, sending the chain with each request: for an application that trusts a subject and an issuer instead of
    /// one certificate.
    pub fn with_chain(tenant: impl Into<String>, client_id: impl Into<String>, certificate: ClientCertificate) -> Self {
        let authentication = ClientAuthentication::certificate_with_chain(certificate);
        Self(ClientCredentials::new(tenant, client_id, authentication))
    }

    /// The same, keeping its tokens also in `cache`.
    #[must_use]
    pub fn with_cache(self, cache: PersistentCache) -> Self {
        Self(self.0.with_cache(cache))
    }
}

impl Credential for ClientCertificateCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(self.0.token(request))
    }
}

impl fmt::Debug for ClientCertificateCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("ClientCertificateCredential", f)
    }
}

/// Signs an application in with tokens of another issuer that it trusts, from any source
/// ([workload identity federation](https://learn.microsoft.com/entra/workload-id/workload-identity-federation)).
///
/// Keeps and renews access tokens as [`ClientSecretCredential`] does; asks the source each time that it needs one.
///
/// ```
/// use msgraph_core::credential::{AuthenticationError, ClientAssertionCredential};
///
/// # async fn token_of_my_issuer(audience: &str) -> Result<String, std::io::Error> { Ok(String::new()) }
/// let credential = ClientAssertionCredential::new("contoso.onmicrosoft.com", "11111111-2222-…", |request| async move {
///     let token = token_of_my_issuer(&request.audience).await;
///     let token = token.map_err(|error| AuthenticationError::new("my issuer gave no token").with_source(error))?;
///     Ok(token.into())
/// });
/// ```
#[derive(Clone)]
pub struct ClientAssertionCredential(ClientCredentials);

impl ClientAssertionCredential {
    /// A credential of the application `client_id` in `tenant`.
    pub fn new<F>(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        source: impl Fn(AssertionRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Secret, AuthenticationError>> + Send + 'static,
    {
        let authentication = ClientAuthentication::assertion(source);
        Self(ClientCredentials::new(tenant, client_id, authentication))
    }

    /// The same, keeping its tokens also in `cache`.
    #[must_use]
    pub fn with_cache(self, cache: PersistentCache) -> Self {
        Self(self.0.with_cache(cache))
    }
}

impl Credential for ClientAssertionCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(self.0.token(request))
    }
}

impl fmt::Debug for ClientAssertionCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("ClientAssertionCredential", f)
    }
}
