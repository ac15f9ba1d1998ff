//! Credentials that are tried in turn.

use std::sync::OnceLock;

use super::azure_cli::{AzureCliCredential, AzurePowerShellCredential};
use super::environment::EnvironmentCredential;
use super::managed_identity::{ManagedIdentity, ManagedIdentityCredential};
use super::variables::Variables;
use super::workload_identity::WorkloadIdentityCredential;
use super::{AuthenticationError, Credential, Obtaining, TokenRequest};

/// Asks credentials in turn until one gives a token, and from then on only that one.
///
/// A credential that is [unavailable](AuthenticationError::is_unavailable) is passed over. One that is there and was
/// refused ends the search: going on would silently sign in as somebody else.
///
/// ```
/// use msgraph_core::credential::{AzureCliCredential, ChainedCredential, ManagedIdentity, ManagedIdentityCredential};
///
/// let credential = ChainedCredential::new()
///     .or("the managed identity", ManagedIdentityCredential::new(ManagedIdentity::SystemAssigned))
///     .or("the Azure CLI", AzureCliCredential::new());
/// ```
#[derive(Debug, Default)]
pub struct ChainedCredential {
    links: Vec<Link>,
    worked: OnceLock<usize>,
}

#[derive(Debug)]
struct Link {
    name: String,
    credential: Result<Box<dyn Credential>, AuthenticationError>,
}

impl ChainedCredential {
    /// A chain without credentials, which gives no tokens.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same chain with another credential at its end; errors call it `name`.
    #[must_use]
    pub fn or(self, name: impl Into<String>, credential: impl Credential) -> Self {
        self.link(name, Ok(Box::new(credential)))
    }

    /// The same with a credential that may not have come about.
    fn or_result<C: Credential>(self, name: &str, credential: Result<C, AuthenticationError>) -> Self {
        self.link(
            name,
            credential.map(|credential| Box::new(credential) as Box<dyn Credential>),
        )
    }

    fn link(mut self, name: impl Into<String>, credential: Result<Box<dyn Credential>, AuthenticationError>) -> Self {
        self.links.push(Link {
            name: name.into(),
            credential,
        });
        self
    }

    /// The name of the credential that gave the first token.
    #[must_use]
    pub fn worked(&self) -> Option<&str> {
        Some(&self.links[*self.worked.get()?].name)
    }
}

impl Credential for ChainedCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            if let Some(Link {
                credential: Ok(credential),
                ..
            }) = self.worked.get().map(|index| &self.links[*index])
            {
                return credential.token(request).await;
            }
            let mut answers = Vec::new();
            let mut last = None;
            for (index, Link { name, credential }) in self.links.iter().enumerate() {
                let answer = match credential {
                    Ok(credential) => credential.token(request).await,
                    Err(error) => Err(error.clone()),
                };
                match answer {
                    Ok(token) => {
                        // Another caller may have been quicker, with the same outcome or another: the first counts.
                        let _ = self.worked.set(index);
                        return Ok(token);
                    }
                    Err(error) => {
                        let advice = error.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
                        answers.push(format!("{name}: {error}{advice}"));
                        let ends = !error.is_unavailable();
                        last = Some(error);
                        if ends {
                            break;
                        }
                    }
                }
            }
            let message = match answers.as_slice() {
                [] => "the chain has no credential".to_owned(),
                answers => format!("no credential gave a token. {}", answers.join(". ")),
            };
            let error = AuthenticationError::new(message);
            Err(last.into_iter().fold(error, AuthenticationError::with_source))
        })
    }
}

/// Finds a credential where the program runs, for a program that need not change between a developer's computer and
/// Azure.
///
/// Asks in turn: the [environment](EnvironmentCredential), [workload identity](WorkloadIdentityCredential), the
/// [managed identity](ManagedIdentityCredential) (the user-assigned one of `AZURE_CLIENT_ID` where that is set), the
/// [Azure CLI](AzureCliCredential), [Azure PowerShell](AzurePowerShellCredential); see [`ChainedCredential`] for when the
/// search ends. When nothing works, the error says what each one answered.
///
/// ```
/// use msgraph_core::Client;
/// use msgraph_core::credential::DefaultCredential;
///
/// # fn main() -> msgraph_core::Result<()> {
/// let client = Client::builder().credential(DefaultCredential::new()).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DefaultCredential(ChainedCredential);

impl DefaultCredential {
    /// The chain for this environment; nothing is asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self::from_variables(
            &Variables::of_process(),
            AzureCliCredential::new(),
            AzurePowerShellCredential::new(),
        )
    }

    pub(crate) fn from_variables(
        variables: &Variables,
        cli: AzureCliCredential,
        power_shell: AzurePowerShellCredential,
    ) -> Self {
        let identity = match variables.get("AZURE_CLIENT_ID") {
            Some(id) => ManagedIdentity::ClientId(id),
            None => ManagedIdentity::SystemAssigned,
        };
        let managed = ManagedIdentityCredential::from_variables(identity, variables).probing();
        Self(
            ChainedCredential::new()
                .or_result("the environment", EnvironmentCredential::from_variables(variables))
                .or_result(
                    "workload identity",
                    WorkloadIdentityCredential::from_variables(variables),
                )
                .or("the managed identity", managed)
                .or("the Azure CLI", cli)
                .or("Azure PowerShell", power_shell),
        )
    }

    /// What gave the first token, for example `the Azure CLI`.
    #[must_use]
    pub fn worked(&self) -> Option<&str> {
        self.0.worked()
    }
}

impl Default for DefaultCredential {
    fn default() -> Self {
        Self::new()
    }
}

impl Credential for DefaultCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        self.0.token(request)
    }
}
