//! Workloads whose platform gives them a token in a file.

use std::fmt;
use std::path::PathBuf;

use super::application::ClientAuthentication;
use super::client_credentials::ClientCredentials;
use super::persistent::PersistentCache;
use super::variables::Variables;
use super::{AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::odata::Secret;

/// Signs an application in with the token that the platform keeps in a file, for example in a Kubernetes pod with
/// [workload identity](https://azure.github.io/azure-workload-identity/docs/).
///
/// The file is read each time that an access token is needed, because the platform renews it. Its audience must be that
/// of the client's [cloud](crate::Cloud::federation_audience).
///
/// ```
/// use msgraph_core::credential::WorkloadIdentityCredential;
///
/// let credential =
///     WorkloadIdentityCredential::new("contoso.onmicrosoft.com", "11111111-2222-…", "/var/run/secrets/azure/tokens/token");
/// ```
#[derive(Clone)]
pub struct WorkloadIdentityCredential {
    credentials: ClientCredentials,
    authority: Option<String>,
}

impl WorkloadIdentityCredential {
    /// A credential of the application `client_id` in `tenant`.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, token_file: impl Into<PathBuf>) -> Self {
        let file = token_file.into();
        let authentication = ClientAuthentication::assertion(move |_| {
            let token = read(&file);
            async { token }
        });
        Self {
            credentials: ClientCredentials::new(tenant, client_id, authentication),
            authority: None,
        }
    }

    /// The credential that the environment describes: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and
    /// `AZURE_FEDERATED_TOKEN_FILE`.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn from_env() -> Result<Self, AuthenticationError> {
        Self::from_variables(&Variables::of_process())
    }

    pub(crate) fn from_variables(variables: &Variables) -> Result<Self, AuthenticationError> {
        let [tenant, client_id, file] =
            variables.require(["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"])?;
        Ok(Self {
            authority: variables.get("AZURE_AUTHORITY_HOST"),
            ..Self::new(tenant, client_id, file)
        })
    }

    /// The same, keeping its tokens also in `cache`.
    #[must_use]
    pub fn with_cache(self, cache: PersistentCache) -> Self {
        Self {
            credentials: self.credentials.with_cache(cache),
            ..self
        }
    }
}

fn read(file: &PathBuf) -> Result<Secret, AuthenticationError> {
    let unreadable = |error: std::io::Error| {
        AuthenticationError::new(format!(
            "the file {} with the workload's token cannot be read: {error}",
            file.display()
        ))
        .with_source(error)
    };
    // A few kilobytes of local file, mostly from a file system in memory.
    let token = Secret::from(std::fs::read_to_string(file).map_err(unreadable)?);
    let token = Secret::from(token.expose().trim());
    if token.expose().is_empty() {
        return Err(AuthenticationError::new(format!(
            "the file {} with the workload's token is empty",
            file.display()
        )));
    }
    Ok(token)
}

impl Credential for WorkloadIdentityCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            super::variables::check_authority(self.authority.as_deref(), request.cloud())?;
            self.credentials.token(request).await
        })
    }
}

impl fmt::Debug for WorkloadIdentityCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkloadIdentityCredential").finish_non_exhaustive()
    }
}
