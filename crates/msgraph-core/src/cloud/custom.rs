//! Clouds that this crate does not name.

use std::fmt;

use url::{Host, Url};

/// The addresses of a deployment that [`Cloud`](crate::Cloud) does not name.
///
/// ```
/// use msgraph_core::{Cloud, CustomCloud};
///
/// let emulator = CustomCloud::new("http://127.0.0.1:8080", "http://127.0.0.1:8080")?;
/// assert_eq!(emulator.scope(), "http://127.0.0.1:8080/.default");
/// let cloud = Cloud::Custom(emulator.with_scope("https://graph.microsoft.com/.default"));
/// # Ok::<(), msgraph_core::CustomCloudError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomCloud {
    endpoint: String,
    authority: String,
    scope: String,
    federation_audience: String,
}

impl CustomCloud {
    /// A cloud with these addresses; the scope is `{scheme}://{host}/.default` of the endpoint.
    ///
    /// `endpoint` is the root of Microsoft Graph without a version (`https://graph.microsoft.com`), `authority` the
    /// root of the login service without a tenant (`https://login.microsoftonline.com`).
    ///
    /// # Errors
    /// When an address is not an absolute `https` URL, or carries user names, a query or a fragment. Plain `http` is
    /// accepted for a loopback host only.
    pub fn new(endpoint: &str, authority: &str) -> Result<Self, CustomCloudError> {
        let root = checked("endpoint", endpoint)?;
        Ok(Self {
            scope: format!("{}/.default", root.origin().ascii_serialization()),
            endpoint: without_trailing_slash(&root),
            authority: without_trailing_slash(&checked("authority", authority)?),
            federation_audience: "api://AzureADTokenExchange".to_owned(),
        })
    }

    /// The same cloud with another token scope.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// The same cloud with another audience for tokens of other issuers; `api://AzureADTokenExchange` if not called.
    #[must_use]
    pub fn with_federation_audience(mut self, audience: impl Into<String>) -> Self {
        self.federation_audience = audience.into();
        self
    }

    /// The root address of Microsoft Graph, without a trailing slash.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The login authority, without a trailing slash.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The audience of tokens of other issuers.
    #[must_use]
    pub fn federation_audience(&self) -> &str {
        &self.federation_audience
    }

    /// The scope that tokens are asked for.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }
}

/// An address that a [`CustomCloud`] cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomCloudError {
    which: &'static str,
    problem: String,
}

impl fmt::Display for CustomCloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of a custom cloud {}", self.which, self.problem)
    }
}

impl std::error::Error for CustomCloudError {}

fn checked(which: &'static str, address: &str) -> Result<Url, CustomCloudError> {
    let problem = |problem: String| CustomCloudError { which, problem };
    let url = Url::parse(address)
        .map_err(|error| problem(format!("is not an absolute URL ({error}): write it like https://host")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem("must not contain a user name or password".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(problem("must not have a query or a fragment".to_owned()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        scheme => Err(problem(format!(
            "uses {scheme}, which would show tokens to the network: use https (plain http only on a loopback host)"
        ))),
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn without_trailing_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_loopback_addresses_without_secrets_are_accepted() {
        for (address, accepted) in [
            ("https://graph.example", true),
            ("https://gateway.example/graph/", true),
            ("http://localhost:8080", true),
            ("http://127.8.9.1", true),
            ("http://[::1]:1", true),
            ("http://graph.example", false),
            ("http://localhost.example", false),
            ("ftp://localhost", false),
            ("https://user:pw@graph.example", false),
            ("https://graph.example?x=1", false),
            ("https://graph.example#x", false),
            ("graph.example", false),
            ("", false),
        ] {
            assert_eq!(
                CustomCloud::new(address, "https://login.example").is_ok(),
                accepted,
                "endpoint {address}"
            );
            assert_eq!(
                CustomCloud::new("https://graph.example", address).is_ok(),
                accepted,
                "authority {address}"
            );
        }
    }

    #[test]
    fn addresses_lose_their_trailing_slash_and_the_scope_has_no_path() {
        let cloud = CustomCloud::new("https://gateway.example/graph/", "https://login.example/").unwrap();
        assert_eq!(cloud.endpoint(), "https://gateway.example/graph");
        assert_eq!(cloud.authority(), "https://login.example");
        assert_eq!(cloud.scope(), "https://gateway.example/.default");
    }

    #[test]
    fn error_never_repeats_the_address() {
        let error = CustomCloud::new("https://user:hunter2@graph.example", "https://login.example").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
