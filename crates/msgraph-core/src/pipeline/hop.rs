//! One request of a call, as it goes over the wire but for its token.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::compression;

/// A request that a call sends: the first, or one that a redirect led to.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the token may go with it.
    pub(crate) is_trusted: bool,
}

impl Hop {
    /// Whether sending it twice does no more than sending it once.
    ///
    /// By [RFC 9110, section 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2) that is so for `GET`, `PUT` and
    /// `DELETE`; but a `PUT` that asks for a new name in case of a conflict makes a second file. A `PATCH` may append, so
    /// that only the version in `If-Match` protects it: once it has been applied, the version is another one.
    pub(crate) fn is_idempotent(&self) -> bool {
        match self.method {
            Method::GET | Method::DELETE => true,
            Method::PUT => !self
                .url
                .query_pairs()
                .any(|(name, value)| name.ends_with("conflictBehavior") && value.eq_ignore_ascii_case("rename")),
            Method::PATCH => self.headers.get(IF_MATCH).is_some_and(|version| version != "*"),
            _ => false,
        }
    }

    /// Whether it changes nothing in the service.
    pub(crate) fn is_safe(&self) -> bool {
        self.method.is_safe()
    }

    /// Compresses a body of at least `least` bytes if that makes it smaller, and tells whether it did.
    pub(crate) fn compress(&mut self, least: usize) -> bool {
        if self.body.len() < least || compression::is_forbidden(&self.headers) {
            return false;
        }
        let Some(smaller) = compression::gzip(&self.body) else {
            return false;
        };
        self.body = smaller;
        self.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        true
    }

    /// Undoes the compression of `plain`.
    pub(crate) fn restore(&mut self, plain: &Bytes) {
        self.body = plain.clone();
        self.headers.remove(CONTENT_ENCODING);
    }

    pub(crate) fn drop_body(&mut self) {
        self.body = Bytes::new();
        self.headers.remove(CONTENT_TYPE);
        self.headers.remove(CONTENT_ENCODING);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_is_harmless_where_the_method_or_the_version_makes_it_so() {
        for (method, query, version, expected) in [
            (Method::GET, "", None, true),
            (Method::PUT, "", None, true),
            (Method::PUT, "?@microsoft.graph.conflictBehavior=replace", None, true),
            (Method::PUT, "?%40microsoft.graph.conflictBehavior=rename", None, false),
            (Method::DELETE, "", None, true),
            (Method::PATCH, "", None, false),
            (Method::PATCH, "", Some("*"), false),
            (Method::PATCH, "", Some("W/\"1\""), true),
            (Method::POST, "", None, false),
            (Method::POST, "", Some("W/\"1\""), false),
        ] {
            let hop = Hop {
                method,
                url: Url::parse(&format!("https://graph.microsoft.com/v1.0/things{query}")).unwrap(),
                headers: version
                    .map(|version| (IF_MATCH, version.parse().unwrap()))
                    .into_iter()
                    .collect(),
                body: Bytes::new(),
                is_trusted: true,
            };
            assert_eq!(hop.is_idempotent(), expected, "{hop:?}");
        }
    }
}
