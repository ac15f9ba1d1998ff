//! What arrived, for tests to look at, without the secrets.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::exchange::{FORM, media_type};

/// What stands for a secret in the log.
const REDACTED: &str = "<redacted>";

/// Form fields and JSON properties whose text is never logged, in whatever case a client spells them.
const SECRET_FIELDS: &[&str] = &[
    "password",
    "pkcs12Value",
    "secretText",
    "key",
    "client_secret",
    "client_assertion",
    "assertion",
    "code",
    "code_verifier",
    "device_code",
    "refresh_token",
    "proof",
];

/// One request that the emulator has answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// The method in upper case.
    pub method: String,
    /// Path and query exactly as they were sent, still percent-encoded.
    pub path: String,
    /// Header names in lower case with their values; of `authorization` only the scheme is kept.
    pub headers: Vec<(String, String)>,
    /// A JSON or form body, a form as an object of strings. `None` when the body is empty or neither.
    ///
    /// The text of passwords, secrets, private keys and PKCS#12 files is replaced by `<redacted>`; that they were sent,
    /// and whether as null or as text, can still be seen.
    pub body: Option<Value>,
    /// The status that the emulator answered.
    pub status: u16,
}

impl ReceivedRequest {
    /// The value of a header; `name` is compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// All requests since the start, and who is told of each.
pub(crate) struct RequestLog {
    requests: Mutex<Vec<ReceivedRequest>>,
    observer: Box<dyn Fn(&ReceivedRequest) + Send + Sync>,
}

impl RequestLog {
    pub(crate) fn new(observer: Box<dyn Fn(&ReceivedRequest) + Send + Sync>) -> Self {
        Self {
            requests: Mutex::default(),
            observer,
        }
    }

    pub(crate) fn record(&self, request: ReceivedRequest) {
        (self.observer)(&request);
        self.requests().push(request);
    }

    pub(crate) fn requests(&self) -> MutexGuard<'_, Vec<ReceivedRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Copies headers, keeping only the scheme of credentials.
pub(crate) fn loggable_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let text = match text.split_once(' ') {
                Some((scheme, _)) if name == header::AUTHORIZATION => format!("{scheme} {REDACTED}"),
                None if name == header::AUTHORIZATION => REDACTED.to_owned(),
                _ => text,
            };
            (name.to_string(), text)
        })
        .collect()
}

/// Reads a body for the log and takes the secrets out.
pub(crate) fn loggable_body(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let mut value = if media_type(headers).eq_ignore_ascii_case(FORM) {
        let fields = form_urlencoded::parse(body);
        Value::Object(fields.map(|(name, value)| (name.into_owned(), value.into())).collect())
    } else {
        serde_json::from_slice(body).ok()?
    };
    redact(&mut value);
    Some(value)
}

fn redact(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => redact_fields(fields),
        _ => {}
    }
}

fn redact_fields(fields: &mut Map<String, Value>) {
    for (name, value) in fields {
        if value.is_string() && SECRET_FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name)) {
            *value = REDACTED.into();
        } else {
            redact(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_taken_out_of_bodies() {
        let cases = [
            (
                "application/json",
                r#"{"pkcs12Value":"MII","Password":"p"}"#,
                json!({"pkcs12Value": REDACTED, "Password": REDACTED}),
            ),
            (
                "application/json",
                r#"{"keyCredentials":[{"key":null},{"key":"MII"}]}"#,
                json!({"keyCredentials": [{"key": null}, {"key": REDACTED}]}),
            ),
            (
                "application/x-www-form-urlencoded",
                "client_id=a&client_secret=b%26c",
                json!({"client_id": "a", "client_secret": REDACTED}),
            ),
        ];
        for (media_type, body, logged) in cases {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
            assert_eq!(loggable_body(&headers, body.as_bytes()), Some(logged));
        }
        assert_eq!(loggable_body(&HeaderMap::new(), b"{\"password\": "), None);
    }

    #[test]
    fn only_the_scheme_of_an_authorization_is_kept() {
        for (sent, logged) in [
            ("Bearer abc", "Bearer <redacted>"),
            ("Basic YTpi", "Basic <redacted>"),
            ("abc", "<redacted>"),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(sent))]);
            assert_eq!(
                loggable_headers(&headers),
                [("authorization".to_owned(), logged.to_owned())]
            );
        }
    }
}
