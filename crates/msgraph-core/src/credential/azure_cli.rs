//! Users who signed in with the Azure CLI or Azure PowerShell.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;

use super::cache::TokenCache;
use super::command::{self, Written, check_argument, complaint};
use super::managed_identity::resource;
use super::tenant::check_plain;
use super::{AccessToken, AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::odata::Secret;

/// Signs in as whoever is signed in to the [Azure CLI](https://learn.microsoft.com/cli/azure/) (`az login`).
///
/// For development. The token is one of the CLI's own application, with the permissions that this has for the user.
///
/// # Troubleshooting
/// Version 2.54 or later is needed. The CLI must be signed in to the cloud of the client (`az cloud set`).
///
/// ```
/// use msgraph_core::credential::AzureCliCredential;
///
/// let credential = AzureCliCredential::new();
/// ```
pub struct AzureCliCredential {
    programs: Vec<PathBuf>,
    timeout: Duration,
    cache: TokenCache,
}

impl AzureCliCredential {
    /// A credential that asks the `az` on the `PATH`.
    #[must_use]
    pub fn new() -> Self {
        let program = if cfg!(windows) { "az.cmd" } else { "az" };
        Self {
            programs: vec![program.into()],
            timeout: command::TIMEOUT,
            cache: TokenCache::new("az"),
        }
    }

    /// The same with the program at `path`.
    #[must_use]
    pub fn with_program(self, path: impl Into<PathBuf>) -> Self {
        Self {
            programs: vec![path.into()],
            ..self
        }
    }

    /// How long the program may take; 30 seconds if not called.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn ask(&self, request: &TokenRequest<'_>) -> Result<AccessToken, AuthenticationError> {
        let [scope] = request.scopes else {
            return Err(AuthenticationError::new(
                "ask for \"<resource>/.default\" as the only scope",
            ));
        };
        check_argument(scope)?;
        let mut arguments = vec!["account", "get-access-token", "--output", "json", "--scope", scope];
        if let Some(tenant) = request.tenant {
            check_argument(tenant)?;
            arguments.extend(["--tenant", tenant]);
        }
        let written = command::run("the Azure CLI", &self.programs, &arguments, self.timeout).await?;
        if !written.succeeded {
            let errors = &written.errors;
            let is_signed_out =
                !errors.contains("AADSTS") && (errors.contains("az login") || errors.contains("az account"));
            return Err(if is_signed_out {
                AuthenticationError::unavailable("nobody is signed in to the Azure CLI: run \"az login\"")
            } else {
                AuthenticationError::new(format!("the Azure CLI gave no token: {}", complaint(errors)))
            });
        }
        #[derive(Deserialize)]
        struct Token {
            #[serde(rename = "accessToken")]
            token: Secret,
            expires_on: u64,
        }
        read(
            &written,
            "the Azure CLI",
            "update it to 2.54 or later",
            |token: Token| (token.token, token.expires_on),
        )
    }
}

impl Default for AzureCliCredential {
    fn default() -> Self {
        Self::new()
    }
}

impl Credential for AzureCliCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            check_claims(&request, "the Azure CLI", "az logout, then az login")?;
            let tenant = request.tenant.unwrap_or_default();
            self.cache.get(&request, tenant, || self.ask(&request)).await
        })
    }
}

impl fmt::Debug for AzureCliCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureCliCredential").finish_non_exhaustive()
    }
}

/// Signs in as whoever is signed in to [Azure PowerShell](https://learn.microsoft.com/powershell/azure/)
/// (`Connect-AzAccount`).
///
/// For development. Needs PowerShell and the module `Az.Accounts` 2.2 or later.
///
/// ```
/// use msgraph_core::credential::AzurePowerShellCredential;
///
/// let credential = AzurePowerShellCredential::new();
/// ```
pub struct AzurePowerShellCredential {
    programs: Vec<PathBuf>,
    timeout: Duration,
    cache: TokenCache,
}

impl AzurePowerShellCredential {
    /// A credential that asks the `pwsh` on the `PATH`, on Windows else the `powershell`.
    #[must_use]
    pub fn new() -> Self {
        let names: &[&str] = if cfg!(windows) {
            &["pwsh.exe", "powershell.exe"]
        } else {
            &["pwsh"]
        };
        Self {
            programs: names.iter().map(PathBuf::from).collect(),
            timeout: command::TIMEOUT,
            cache: TokenCache::new("pwsh"),
        }
    }

    /// The same with the program at `path`.
    #[must_use]
    pub fn with_program(self, path: impl Into<PathBuf>) -> Self {
        Self {
            programs: vec![path.into()],
            ..self
        }
    }

    /// How long the program may take; 30 seconds if not called.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn ask(&self, request: &TokenRequest<'_>) -> Result<AccessToken, AuthenticationError> {
        let resource = resource(request)?;
        check_argument(resource)?;
        let tenant = match request.tenant {
            Some(tenant) => {
                check_argument(tenant)?;
                format!(" -TenantId '{tenant}'")
            }
            None => String::new(),
        };
        // Newer versions give the token as a SecureString only.
        let script = format!(
            "$ErrorActionPreference = 'Stop'; \
             if (-not (Get-Module -ListAvailable Az.Accounts)) {{ throw 'Az.Accounts is missing' }}; \
             if (-not (Get-AzContext)) {{ throw 'Connect-AzAccount is needed' }}; \
             $answer = Get-AzAccessToken -ResourceUrl '{resource}'{tenant}; \
             $token = $answer.Token; \
             if ($token -is [securestring]) {{ $token = [System.Net.NetworkCredential]::new('', $token).Password }}; \
             @{{ token = $token; expires = $answer.ExpiresOn.ToUnixTimeSeconds() }} | ConvertTo-Json -Compress"
        );
        let arguments = ["-NoProfile", "-NonInteractive", "-Command", &script];
        let written = command::run("PowerShell", &self.programs, &arguments, self.timeout).await?;
        if !written.succeeded {
            let errors = &written.errors;
            return Err(if errors.contains("Az.Accounts is missing") {
                AuthenticationError::unavailable(
                    "PowerShell has no module Az.Accounts: run \"Install-Module Az.Accounts\"",
                )
            } else if errors.contains("Connect-AzAccount") && !errors.contains("AADSTS") {
                AuthenticationError::unavailable("nobody is signed in to Azure PowerShell: run \"Connect-AzAccount\"")
            } else {
                AuthenticationError::new(format!("Azure PowerShell gave no token: {}", complaint(errors)))
            });
        }
        #[derive(Deserialize)]
        struct Token {
            token: Secret,
            expires: u64,
        }
        read(&written, "Azure PowerShell", "update Az.Accounts", |token: Token| {
            (token.token, token.expires)
        })
    }
}

impl Default for AzurePowerShellCredential {
    fn default() -> Self {
        Self::new()
    }
}

impl Credential for AzurePowerShellCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            check_claims(
                &request,
                "Azure PowerShell",
                "Disconnect-AzAccount, then Connect-AzAccount",
            )?;
            let tenant = request.tenant.unwrap_or_default();
            self.cache.get(&request, tenant, || self.ask(&request)).await
        })
    }
}

impl fmt::Debug for AzurePowerShellCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzurePowerShellCredential").finish_non_exhaustive()
    }
}

/// These programs can change the tenant, but cannot be asked for claims.
fn check_claims(request: &TokenRequest<'_>, name: &str, remedy: &str) -> Result<(), AuthenticationError> {
    let mut plain = *request;
    plain.tenant = None;
    check_plain(&plain, name)
        .map_err(|error| AuthenticationError::new(format!("{}: sign in again ({remedy})", error.message())))
}

fn read<T: for<'de> Deserialize<'de>>(
    written: &Written,
    name: &str,
    remedy: &str,
    parts: impl FnOnce(T) -> (Secret, u64),
) -> Result<AccessToken, AuthenticationError> {
    // The reason could quote the token.
    let read = serde_json::from_slice(&written.output).ok().map(parts);
    let token = read.and_then(|(token, seconds)| {
        let expires_on = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
        Some(AccessToken::new(token, expires_on))
    });
    token.ok_or_else(|| AuthenticationError::new(format!("{name} wrote something that is not a token: {remedy}")))
}
