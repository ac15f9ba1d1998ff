//! Applications that the environment describes.

use super::certificate::ClientCertificate;
use super::client_credentials::{ClientCertificateCredential, ClientSecretCredential};
use super::variables::{Variables, check_authority};
use super::{AuthenticationError, Credential, Obtaining, TokenRequest};

/// Signs an application in that the environment describes, under the names that the Azure SDKs use.
///
/// | variables | credential |
/// |---|---|
/// | `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET` | [`ClientSecretCredential`] |
/// | `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_CERTIFICATE_PATH` | [`ClientCertificateCredential`] of a PEM file; `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=true` sends its chain |
///
/// The cloud is that of the client; `AZURE_AUTHORITY_HOST`, where it is set, must agree with it.
///
/// ```
/// use msgraph_core::credential::EnvironmentCredential;
///
/// match EnvironmentCredential::new() {
///     Ok(credential) => println!("{credential:?}"),
///     Err(error) => eprintln!("{error}"),
/// }
/// ```
#[derive(Debug)]
pub struct EnvironmentCredential {
    credential: Box<dyn Credential>,
    authority: Option<String>,
}

impl EnvironmentCredential {
    /// The credential that the environment describes.
    ///
    /// # Errors
    /// When variables are missing, or the certificate cannot be used.
    pub fn new() -> Result<Self, AuthenticationError> {
        Self::from_variables(&Variables::of_process())
    }

    pub(crate) fn from_variables(variables: &Variables) -> Result<Self, AuthenticationError> {
        let [tenant, client_id] = variables.require(["AZURE_TENANT_ID", "AZURE_CLIENT_ID"])?;
        let secret = variables.secret("AZURE_CLIENT_SECRET");
        let credential: Box<dyn Credential> = match (secret, variables.get("AZURE_CLIENT_CERTIFICATE_PATH")) {
            (Some(secret), _) => Box::new(ClientSecretCredential::new(tenant, client_id, secret.clone())),
            (None, Some(path)) => {
                let certificate = read(&path)?;
                let sends_chain = variables.get("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");
                Box::new(match sends_chain.as_deref() {
                    Some("true" | "True" | "1") => {
                        ClientCertificateCredential::with_chain(tenant, client_id, certificate)
                    }
                    _ => ClientCertificateCredential::new(tenant, client_id, certificate),
                })
            }
            (None, None) => {
                return Err(AuthenticationError::unavailable(
                    "the environment lacks AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH",
                ));
            }
        };
        Ok(Self {
            credential,
            authority: variables.get("AZURE_AUTHORITY_HOST"),
        })
    }
}

fn read(path: &str) -> Result<ClientCertificate, AuthenticationError> {
    let pem = std::fs::read(path).map_err(|error| {
        AuthenticationError::new(format!("AZURE_CLIENT_CERTIFICATE_PATH: {path} cannot be read: {error}"))
            .with_source(error)
    })?;
    ClientCertificate::from_pem(pem).map_err(|error| {
        AuthenticationError::new(format!("AZURE_CLIENT_CERTIFICATE_PATH: {path}: {error}")).with_source(error)
    })
}

impl Credential for EnvironmentCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        match check_authority(self.authority.as_deref(), request.cloud()) {
            Ok(()) => self.credential.token(request),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}
