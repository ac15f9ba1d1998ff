//! Credentials of the Azure SDK for Rust.

use std::sync::Arc;

use azure_core::credentials::{TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;

use super::tenant::check_plain;
use super::{AccessToken, AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::Cloud;
use crate::transport::{HttpTransport, Transport};

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
            check_plain(&request, "a credential of the Azure SDK")?;
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

/// A credential of this crate for the crates of the Azure SDK for Rust.
///
/// Tokens are for the scopes that those crates ask for, from the authority of the cloud that is given here.
///
/// ```
/// use std::sync::Arc;
///
/// use azure_core::credentials::TokenCredential;
/// use msgraph_core::Cloud;
/// use msgraph_core::credential::{ClientSecretCredential, CredentialForAzure};
///
/// # fn example(secret: String) {
/// let credential = ClientSecretCredential::new("contoso.onmicrosoft.com", "11111111-2222-…", secret);
/// let for_key_vault: Arc<dyn TokenCredential> = Arc::new(CredentialForAzure::new(credential, Cloud::Global));
/// # }
/// ```
#[derive(Debug)]
pub struct CredentialForAzure {
    credential: Box<dyn Credential>,
    cloud: Cloud,
    transport: Box<dyn Transport>,
}

impl CredentialForAzure {
    /// A credential that asks `credential` for tokens of `cloud`.
    pub fn new(credential: impl Credential, cloud: Cloud) -> Self {
        Self {
            credential: Box::new(credential),
            cloud,
            transport: Box::new(HttpTransport::new()),
        }
    }

    /// The same, reaching the authority over `transport`.
    #[must_use]
    pub fn with_transport(self, transport: impl Transport) -> Self {
        Self {
            transport: Box::new(transport),
            ..self
        }
    }
}

#[async_trait::async_trait]
impl TokenCredential for CredentialForAzure {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<azure_core::credentials::AccessToken> {
        let request = TokenRequest::new(&self.cloud, &*self.transport, scopes);
        let token = self
            .credential
            .token(request)
            .await
            .map_err(|error| azure_core::Error::new(ErrorKind::Credential, error))?;
        Ok(azure_core::credentials::AccessToken::new(
            token.token.expose().to_owned(),
            token.expires_on.into(),
        ))
    }
}
