//! What a request consists of, whatever its answer is read as.

use std::fmt::{self, Write as _};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::body::Body;
use crate::error::Invalid;
use crate::{Client, Operation, RetryPolicy, encode};

/// Directory objects answer some queries from an index that follows changes with a delay, and only to those who agree to it
/// ([advanced queries](https://learn.microsoft.com/graph/aad-advanced-queries)).
const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");

#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) client: Client,
    pub(crate) operation: &'static Operation,
    target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Body>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    /// How long to wait for an object that has just been created.
    pub(crate) consistency: Option<Duration>,
    pub(crate) is_idempotent: bool,
    pub(crate) even_if_unlisted: bool,
    pub(crate) invalid: Option<Invalid>,
}

#[derive(Clone)]
enum Target {
    /// An encoded path below the version, and query options still to be encoded.
    Path { path: String, query: Vec<(String, String)> },
    /// An address that the service gave.
    Link(String),
}

impl Parts {
    pub(crate) fn new(client: Client, operation: &'static Operation, path: String, invalid: Option<Invalid>) -> Self {
        let mut parts = Self {
            client,
            operation,
            headers: HeaderMap::new(),
            body: None,
            timeout: None,
            total_timeout: None,
            retry: None,
            consistency: None,
            is_idempotent: false,
            even_if_unlisted: false,
            invalid,
            target: Target::Path {
                path,
                query: Vec::new(),
            },
        };
        if operation.path.ends_with("/$count") {
            parts.agree_to_delay();
        }
        parts
    }

    pub(crate) fn with_body(mut self, body: Result<Body, Invalid>) -> Self {
        match body {
            Ok(body) => self.body = Some(body),
            Err(invalid) => self.refuse(invalid),
        }
        self
    }

    /// The same request for an address that the service gave: no query of its own, but the same headers.
    pub(crate) fn with_link(mut self, link: String) -> Self {
        self.target = Target::Link(link);
        self
    }

    pub(crate) fn set_query(&mut self, name: &str, value: String) {
        let Target::Path { query, .. } = &mut self.target else {
            self.refuse(Invalid::new(format!(
                "a link of the service has its options already, so that {name} cannot be set: \
                 set it on the request that the link comes from"
            )));
            return;
        };
        match query.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => query.push((name.to_owned(), value)),
        }
        if matches!(name, "$search" | "$count") {
            self.agree_to_delay();
        }
    }

    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(header::AUTHORIZATION), _) => self.refuse(Invalid::new(
                "the header Authorization comes from the credential: give the client another credential instead",
            )),
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            (Err(_), _) => self.refuse(Invalid::new(format!("{name:?} is not the name of a header"))),
            // The value may be a secret.
            (_, Err(_)) => self.refuse(Invalid::new(format!(
                "the value of the header {name} has characters that no header can carry, such as a line break"
            ))),
        }
    }

    pub(crate) fn url(&self) -> String {
        let (path, query) = match &self.target {
            Target::Path { path, query } => (path, query),
            Target::Link(link) => return link.clone(),
        };
        let mut url = format!("{}{path}", self.client.base());
        for (index, (name, value)) in query.iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            let _ = write!(url, "{separator}{}={}", encode::query(name), encode::query(value));
        }
        url
    }

    fn agree_to_delay(&mut self) {
        self.headers
            .entry(CONSISTENCY_LEVEL)
            .or_insert(HeaderValue::from_static("eventual"));
    }

    /// Remembers the first problem, which is the cause of any that follow.
    fn refuse(&mut self, invalid: Invalid) {
        self.invalid.get_or_insert(invalid);
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Request");
        debug
            .field("method", &self.operation.method)
            .field("url", &self.url())
            .field("headers", &self.headers);
        if let Some(body) = &self.body {
            debug.field("body", &format_args!("{} bytes", body.bytes.len()));
        }
        if let Some(invalid) = &self.invalid {
            debug.field("invalid", invalid);
        }
        debug.finish_non_exhaustive()
    }
}
