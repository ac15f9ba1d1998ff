//! Credentials and tenants.

use super::{AuthenticationError, Credential, Obtaining, TokenRequest};

/// The same credential for another tenant, so that one sign-in and one cache serve several tenants.
///
/// ```
/// use std::sync::Arc;
///
/// use msgraph_core::Client;
/// use msgraph_core::credential::{ClientSecretCredential, TenantCredential};
///
/// # fn example(secret: String) -> msgraph_core::Result<()> {
/// let application = Arc::new(ClientSecretCredential::new("contoso.onmicrosoft.com", "11111111-2222-…", secret));
/// let fabrikam = Client::builder()
///     .credential(TenantCredential::new(Arc::clone(&application), "fabrikam.onmicrosoft.com"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TenantCredential<C> {
    credential: C,
    tenant: String,
}

impl<C: Credential> TenantCredential<C> {
    /// `credential` for `tenant`, given by its identifier or one of its domains.
    pub fn new(credential: C, tenant: impl Into<String>) -> Self {
        Self {
            credential,
            tenant: tenant.into(),
        }
    }
}

impl<C: Credential> Credential for TenantCredential<C> {
    /// Asks for a token of the tenant, unless the request names one itself.
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        match request.tenant {
            Some(_) => self.credential.token(request),
            None => self.credential.token(request.with_tenant(&self.tenant)),
        }
    }
}

/// Refuses what a credential with a tenant of its own cannot do.
pub(crate) fn check_plain(request: &TokenRequest<'_>, what: &str) -> Result<(), AuthenticationError> {
    if request.claims.is_some() {
        return Err(AuthenticationError::new(format!(
            "the service demands a token with further claims, which {what} cannot ask for"
        )));
    }
    if request.tenant.is_some() {
        return Err(AuthenticationError::new(format!(
            "{what} has one tenant: use another credential for another tenant"
        )));
    }
    Ok(())
}
