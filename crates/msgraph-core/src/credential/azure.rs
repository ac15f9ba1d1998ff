//! Credentials of the Azure SDK for Rust.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;

use super::{AccessToken, AuthenticationError, Credential, Obtaining, TokenRequest};

/// Takes tokens from a credential of the Azure SDK for Rust, for example a managed identity.
///
/// Such a credential has its own authority, cache and connections: choose its cloud to match the client's. It can
/// neither answer a claims challenge nor change the tenant, because its interface carries neither.
///
/// ```
/// # fn example(managed_identity: std::sync::Arc<dyn azure_core::credentials::TokenCredential>) -> msgraph_core::Result<()> {
/// use msgraph_core::Client;
/// use msgraph_core::credential::AzureCredential;
///
/// let client = Client::builder().credential(AzureCredential::new(managed_identity)).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AzureCredential {
    credential: Arc<dyn TokenCredential>,
}

impl AzureCredential {
    /// A credential that asks `credential`.
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self { credential }
    }
}

impl Credential for AzureCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            if request.claims.is_some() {
                return Err(AuthenticationError::new(
                    "the service demands a token with further claims, which a credential of the Azure SDK cannot ask for",
                ));
            }
            if request.tenant.is_some() {
                return Err(AuthenticationError::new(
                    "a credential of the Azure SDK has one tenant: make another credential for another tenant",
                ));
            }
            let token = self.credential.get_token(request.scopes, None).await.map_err(|error| {
                AuthenticationError::new("the credential of the Azure SDK gave no token").with_source(error)
            })?;
            Ok(AccessToken::new(
                token.token.secret().to_owned(),
                token.expires_on.into(),
            ))
        })
    }
}
