//! Identities that Azure gives to its resources.

mod arc;

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use tokio::time::sleep;

use super::cache::TokenCache;
use super::tenant::check_plain;
use super::variables::Variables;
use super::{AccessToken, AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::body::wipe;
use crate::encode;
use crate::odata::Secret;
use crate::transport::ResponseBody;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the metadata service may take to show that it is there.
const PROBE: Duration = Duration::from_secs(1);
/// The pauses between attempts, as the metadata service
/// [asks for them](https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance).
const PAUSES: [u64; 4] = [1, 2, 4, 8];

const METADATA_SERVICE: &str = "http://169.254.169.254";
const METADATA: HeaderName = HeaderName::from_static("metadata");
const IDENTITY_HEADER: HeaderName = HeaderName::from_static("x-identity-header");

/// Signs in with the [managed identity](https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview)
/// of the Azure resource that the program runs on.
///
/// Virtual machines and scale sets (IMDS), App Service and Functions, Container Apps, and servers with Azure Arc are told
/// apart by the variables that the platform sets. Needs no secret.
///
/// # Troubleshooting
/// "Identity not found" says that the resource has no identity, or not the one that was asked for. The identity needs
/// application permissions of Microsoft Graph, which an administrator grants with `appRoleAssignments`.
///
/// ```
/// use msgraph_core::credential::{ManagedIdentityCredential, ManagedIdentity};
///
/// let own = ManagedIdentityCredential::new(ManagedIdentity::SystemAssigned);
/// let chosen = ManagedIdentityCredential::new(ManagedIdentity::ClientId("11111111-2222-…".to_owned()));
/// ```
pub struct ManagedIdentityCredential {
    identity: ManagedIdentity,
    source: Source,
    cache: TokenCache,
    /// Whether to find out first that the metadata service is there at all.
    probe: AtomicBool,
}

/// Which identity of a resource is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManagedIdentity {
    /// The resource's own.
    SystemAssigned,
    /// A user-assigned one, by its client identifier.
    ClientId(String),
    /// A user-assigned one, by the identifier of its service principal.
    ObjectId(String),
    /// A user-assigned one, by its resource identifier (`/subscriptions/…`).
    ResourceId(String),
}

/// Who gives the tokens.
enum Source {
    /// The metadata service of a virtual machine.
    Imds { host: String },
    /// App Service, Functions and Container Apps, which share one protocol.
    AppService { endpoint: String, header: Secret },
    /// The agent of Azure Arc, which wants proof that the caller may read a file of its.
    Arc { endpoint: String, keys: PathBuf },
    /// A platform that is not supported.
    Unsupported(&'static str),
}

impl ManagedIdentityCredential {
    /// A credential of an identity of this resource; the platform is read from the environment.
    #[must_use]
    pub fn new(identity: ManagedIdentity) -> Self {
        Self::from_variables(identity, &Variables::of_process())
    }

    pub(crate) fn from_variables(identity: ManagedIdentity, variables: &Variables) -> Self {
        let has = |name: &str| variables.secret(name).is_some();
        let source = match (variables.get("IDENTITY_ENDPOINT"), variables.secret("IDENTITY_HEADER")) {
            (Some(_), Some(_)) if has("IDENTITY_SERVER_THUMBPRINT") => Source::Unsupported("Service Fabric"),
            (Some(endpoint), Some(header)) => Source::AppService {
                endpoint,
                header: header.clone(),
            },
            (Some(endpoint), None) if has("IMDS_ENDPOINT") => Source::Arc {
                endpoint,
                keys: arc::keys(),
            },
            _ if has("MSI_ENDPOINT") && has("MSI_SECRET") => Source::Unsupported("Azure Machine Learning"),
            _ if has("MSI_ENDPOINT") => Source::Unsupported("Cloud Shell"),
            _ => Source::Imds {
                host: variables
                    .get("AZURE_POD_IDENTITY_AUTHORITY_HOST")
                    .unwrap_or_else(|| METADATA_SERVICE.to_owned()),
            },
        };
        Self {
            cache: TokenCache::new(&format!("{identity:?}")),
            identity,
            source,
            probe: AtomicBool::new(false),
        }
    }

    /// The same for a chain, which must not wait long where there is no metadata service.
    pub(crate) fn probing(self) -> Self {
        self.probe.store(true, Ordering::Relaxed);
        self
    }

    #[cfg(test)]
    pub(crate) fn with_arc_keys(mut self, directory: PathBuf) -> Self {
        if let Source::Arc { keys, .. } = &mut self.source {
            *keys = directory;
        }
        self
    }

    async fn ask(&self, request: &TokenRequest<'_>, resource: &str) -> Result<AccessToken, AuthenticationError> {
        match &self.source {
            Source::Imds { host } => {
                self.find(request, host).await?;
                let url = format!("{host}/metadata/identity/oauth2/token?api-version=2018-02-01");
                let id = self.query("client_id", "object_id", "msi_res_id");
                let url = format!("{url}&resource={}{id}", encode::segment(resource));
                self.ask_patiently(request, &url, (METADATA, &"true".into())).await
            }
            Source::AppService { endpoint, header } => {
                let id = self.query("client_id", "principal_id", "mi_res_id");
                let url = format!(
                    "{endpoint}?api-version=2019-08-01&resource={}{id}",
                    encode::segment(resource)
                );
                self.ask_patiently(request, &url, (IDENTITY_HEADER, header)).await
            }
            Source::Arc { endpoint, keys } => {
                if self.identity != ManagedIdentity::SystemAssigned {
                    return Err(AuthenticationError::new(
                        "a server with Azure Arc has a system-assigned identity only",
                    ));
                }
                let url = format!(
                    "{endpoint}?api-version=2020-06-01&resource={}",
                    encode::segment(resource)
                );
                let challenged = get(request, &url, &[(METADATA, &"true".into())], TIMEOUT).await?;
                if challenged.status() != StatusCode::UNAUTHORIZED {
                    return read(challenged).await;
                }
                let proof = arc::answer(challenged.headers(), keys)?;
                let headers = [(METADATA, &"true".into()), (http::header::AUTHORIZATION, &proof)];
                read(get(request, &url, &headers, TIMEOUT).await?).await
            }
            Source::Unsupported(platform) => Err(AuthenticationError::unavailable(format!(
                "the managed identity of {platform} is not supported"
            ))),
        }
    }

    /// Finds out once, and quickly, whether there is a metadata service, where somebody else could answer instead.
    async fn find(&self, request: &TokenRequest<'_>, host: &str) -> Result<(), AuthenticationError> {
        if !self.probe.load(Ordering::Relaxed) {
            return Ok(());
        }
        // Without the header it refuses at once, which is answer enough.
        let url = format!("{host}/metadata/identity/oauth2/token?api-version=2018-02-01");
        get(request, &url, &[], PROBE).await.map_err(|error| {
            AuthenticationError::unavailable(
                "no managed identity: this is no Azure resource, or it has no metadata service",
            )
            .with_source(error)
        })?;
        self.probe.store(false, Ordering::Relaxed);
        Ok(())
    }

    async fn ask_patiently(
        &self,
        request: &TokenRequest<'_>,
        url: &str,
        header: (HeaderName, &Secret),
    ) -> Result<AccessToken, AuthenticationError> {
        let mut pauses = PAUSES.iter();
        loop {
            let answer = get(request, url, std::slice::from_ref(&header), TIMEOUT).await?;
            // 404 and 410: the service is being updated.
            let may_recover = matches!(answer.status().as_u16(), 404 | 410 | 429 | 500..);
            match pauses.next() {
                Some(pause) if may_recover => sleep(Duration::from_secs(*pause)).await,
                _ => return read(answer).await,
            }
        }
    }

    /// The parameter that names a user-assigned identity, under the name that the source has for it.
    fn query(&self, client_id: &str, object_id: &str, resource_id: &str) -> String {
        let (name, value) = match &self.identity {
            ManagedIdentity::SystemAssigned => return String::new(),
            ManagedIdentity::ClientId(id) => (client_id, id),
            ManagedIdentity::ObjectId(id) => (object_id, id),
            ManagedIdentity::ResourceId(id) => (resource_id, id),
        };
        format!("&{name}={}", encode::segment(value))
    }
}

/// What these sources call a resource: a scope without its end.
pub(crate) fn resource<'a>(request: &TokenRequest<'a>) -> Result<&'a str, AuthenticationError> {
    match request.scopes {
        [scope] => Ok(scope.strip_suffix("/.default").unwrap_or(scope)),
        _ => Err(AuthenticationError::new(
            "ask for \"<resource>/.default\" as the only scope",
        )),
    }
}

async fn get(
    request: &TokenRequest<'_>,
    url: &str,
    headers: &[(HeaderName, &Secret)],
    timeout: Duration,
) -> Result<http::Response<ResponseBody>, AuthenticationError> {
    let mut get = http::Request::get(url).body(Bytes::new()).map_err(|error| {
        AuthenticationError::new("the address of the managed identity is no URL").with_source(error)
    })?;
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value.expose())
            .map_err(|_| AuthenticationError::new("the secret of the platform cannot stand in a header"))?;
        value.set_sensitive(true);
        get.headers_mut().insert(name, value);
    }
    request.transport().send(get, timeout).await.map_err(unreachable)
}

fn unreachable(error: crate::transport::TransportError) -> AuthenticationError {
    AuthenticationError::unreachable(format!("the managed identity did not answer: {error}")).with_source(error)
}

async fn read(answer: http::Response<ResponseBody>) -> Result<AccessToken, AuthenticationError> {
    let status = answer.status();
    let body = answer.into_body().bytes().await.map_err(unreachable)?;
    let refused = || {
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let words = said["error_description"]
            .as_str()
            .or(said["message"].as_str())
            .unwrap_or("no reason");
        AuthenticationError::new(format!("the managed identity gave no token ({status}): {words}"))
    };
    let mut token: Value = serde_json::from_slice(&body).unwrap_or_default();
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    // Seconds since 1970, mostly as a text.
    let expires_on = number(&token["expires_on"])
        .map(Duration::from_secs)
        .and_then(|instant| UNIX_EPOCH.checked_add(instant))
        .or_else(|| SystemTime::now().checked_add(Duration::from_secs(number(&token["expires_in"])?)));
    let text = match token["access_token"].take() {
        Value::String(text) => Some(Secret::from(text)),
        _ => None,
    };
    match (status.is_success(), text, expires_on) {
        (true, Some(text), Some(expires_on)) => {
            wipe(body);
            Ok(AccessToken::new(text, expires_on))
        }
        _ => Err(refused()),
    }
}

impl Credential for ManagedIdentityCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            check_plain(&request, "a managed identity")?;
            let resource = resource(&request)?;
            self.cache.get(&request, "", || self.ask(&request, resource)).await
        })
    }
}

impl fmt::Debug for ManagedIdentityCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.source {
            Source::Imds { .. } => "IMDS",
            Source::AppService { .. } => "App Service",
            Source::Arc { .. } => "Azure Arc",
            Source::Unsupported(platform) => platform,
        };
        f.debug_struct("ManagedIdentityCredential")
            .field("identity", &self.identity)
            .field("source", &source)
            .finish_non_exhaustive()
    }
}
