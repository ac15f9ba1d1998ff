//! Applications that sign in with a secret.

use std::fmt;

use super::cache::TokenCache;
use super::token_endpoint::{self, Form};
use super::{Credential, Obtaining, TokenRequest};
use crate::odata::Secret;

/// Signs an application in with a client secret
/// ([client credentials flow](https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow),
/// [RFC 6749, section 4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)).
///
/// Tokens are kept in memory and renewed before they expire; callers that want the same token at the same time share
/// one request. The authority is that of the client's cloud.
///
/// ```
/// use msgraph_core::credential::ClientSecretCredential;
///
/// let secret = std::env::var("CLIENT_SECRET").unwrap_or_default();
/// let credential = ClientSecretCredential::new("contoso.onmicrosoft.com", "11111111-2222-3333-4444-555555555555", secret);
/// ```
pub struct ClientSecretCredential {
    tenant: String,
    client_id: String,
    secret: Secret,
    cache: TokenCache,
}

impl ClientSecretCredential {
    /// A credential of the application `client_id` in `tenant`, given by its identifier or one of its domains.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self {
            tenant: tenant.into(),
            client_id: client_id.into(),
            secret: secret.into(),
            cache: TokenCache::default(),
        }
    }
}

impl Credential for ClientSecretCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            let tenant = request.tenant.unwrap_or(&self.tenant);
            let obtain = || {
                let mut form = Form::default()
                    .with("grant_type", "client_credentials")
                    .with("client_id", &self.client_id)
                    .with("client_secret", self.secret.expose())
                    .with("scope", &request.scopes.join(" "));
                if let Some(claims) = request.claims {
                    form = form.with("claims", claims);
                }
                token_endpoint::post(&request, tenant, form, &self.secret)
            };
            self.cache.get(&request, tenant, obtain).await
        })
    }
}

impl fmt::Debug for ClientSecretCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecretCredential")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
