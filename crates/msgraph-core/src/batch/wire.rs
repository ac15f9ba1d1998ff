//! The JSON of a batch.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::Method;
use crate::body::Body;
use crate::error::{Error, Result};
use crate::pipeline;
use crate::request::Parts;

/// A request within a batch, which may be sent several times.
pub(super) struct Inner {
    pub(super) id: String,
    pub(super) client_request_id: String,
    method: Method,
    /// Below the version, with the query.
    url: String,
    headers: HeaderMap,
    body: Option<InnerBody>,
}

enum InnerBody {
    Json(Bytes),
    Base64(Zeroizing<String>),
}

impl Inner {
    /// The request, if it may be sent and can be part of a batch.
    pub(super) fn new(index: usize, parts: &Parts, accept: &'static str) -> Result<Self> {
        let address = pipeline::admit(parts)?.url;
        let (completed, client_request_id) = pipeline::complete(parts, accept);
        let url = address
            .as_str()
            .strip_prefix(parts.client.base())
            .filter(|url| url.starts_with('/'));
        let url = url.ok_or_else(|| {
            Error::invalid(format!(
                "a batch can only have requests below {}: send this one alone",
                parts.client.base()
            ))
        })?;
        let mut headers = parts.headers.clone();
        for name in [CONTENT_TYPE, pipeline::CLIENT_REQUEST_ID, ACCEPT] {
            headers.extend(completed.get(&name).map(|value| (name, value.clone())));
        }
        if accept == "application/json" && !parts.headers.contains_key(ACCEPT) {
            headers.remove(ACCEPT);
        }
        Ok(Self {
            // Counted from one, as in the documentation.
            id: (index + 1).to_string(),
            client_request_id,
            method: parts.operation.method,
            url: url.to_owned(),
            body: parts
                .body
                .as_ref()
                .map(|body| InnerBody::new(body, &headers))
                .transpose()?,
            headers,
        })
    }

    /// The size of the body in the batch.
    pub(super) fn size(&self) -> usize {
        match &self.body {
            None => 0,
            Some(InnerBody::Json(json)) => json.len(),
            Some(InnerBody::Base64(text)) => text.len(),
        }
    }
}

impl InnerBody {
    fn new(body: &Body, headers: &HeaderMap) -> Result<Self> {
        if !is_json(headers) {
            return Ok(Self::Base64(Zeroizing::new(STANDARD.encode(&body.bytes))));
        }
        match serde_json::from_slice::<&RawValue>(&body.bytes) {
            Ok(_) => Ok(Self::Json(body.bytes.clone())),
            Err(error) => Err(Error::invalid(format!(
                "its Content-Type is JSON, but its body is not, so that it cannot be part of a batch: {error}"
            ))),
        }
    }
}

/// What is posted: the requests, each with the identifiers of those that must succeed before it.
pub(super) struct Envelope<'a>(pub(super) Vec<(&'a Inner, Vec<&'a str>)>);

impl Serialize for Envelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut envelope = serializer.serialize_map(Some(1))?;
        envelope.serialize_entry("requests", &Entries(&self.0))?;
        envelope.end()
    }
}

struct Entries<'a>(&'a [(&'a Inner, Vec<&'a str>)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for entry in self.0 {
            list.serialize_element(&Entry(entry))?;
        }
        list.end()
    }
}

struct Entry<'a>(&'a (&'a Inner, Vec<&'a str>));

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (inner, depends_on) = self.0;
        let mut entry = serializer.serialize_map(None)?;
        entry.serialize_entry("id", &inner.id)?;
        if !depends_on.is_empty() {
            entry.serialize_entry("dependsOn", depends_on)?;
        }
        entry.serialize_entry("method", inner.method.as_str())?;
        entry.serialize_entry("url", &inner.url)?;
        entry.serialize_entry("headers", &Headers(&inner.headers))?;
        match &inner.body {
            None => {}
            Some(InnerBody::Json(json)) => {
                let json: &RawValue = serde_json::from_slice(json).map_err(serde::ser::Error::custom)?;
                entry.serialize_entry("body", json)?;
            }
            Some(InnerBody::Base64(text)) => entry.serialize_entry("body", text.as_str())?,
        }
        entry.end()
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut headers = serializer.serialize_map(None)?;
        for name in self.0.keys() {
            let values: Vec<_> = self.0.get_all(name).iter().map(HeaderValue::as_bytes).collect();
            headers.serialize_entry(name.as_str(), &String::from_utf8_lossy(&values.join(&b", "[..])))?;
        }
        headers.end()
    }
}

/// An answer within the answer to a batch.
pub(super) struct Part {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The answers by the identifiers of their requests, or what is wrong with the answer to the batch.
pub(super) fn read(body: &[u8]) -> Result<HashMap<String, Part>, &'static str> {
    let members: HashMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|_| "its body is not a JSON object")?;
    let responses = members
        .get("responses")
        .ok_or("its body lacks the member \"responses\"")?;
    let responses: Vec<HashMap<String, &RawValue>> =
        serde_json::from_str(responses.get()).map_err(|_| "its \"responses\" are not a list of objects")?;
    Ok(responses.iter().filter_map(part).collect())
}

fn part(members: &HashMap<String, &RawValue>) -> Option<(String, Part)> {
    // Some answers have numbers as identifiers.
    let id = members.get("id")?.get().trim_matches('"').to_owned();
    let status = members.get("status")?.get().trim_matches('"').parse().ok()?;
    let headers = members
        .get("headers")
        .map(|headers| read_headers(headers.get()))
        .unwrap_or_default();
    let body = members
        .get("body")
        .map(|body| read_body(body.get(), &headers))
        .unwrap_or_default();
    let status = StatusCode::from_u16(status).ok()?;
    Some((id, Part { status, headers, body }))
}

fn read_headers(json: &str) -> HeaderMap {
    let headers: HashMap<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    headers
        .iter()
        .filter_map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(text).ok()?))
        })
        .collect()
}

/// The body as the request would have got it alone.
///
/// The standard has base64url for what is neither JSON nor text; the service also uses plain base64, for text too, and
/// sometimes writes a text that is a number as one.
fn read_body(json: &str, headers: &HeaderMap) -> Bytes {
    if json == "null" {
        return Bytes::new();
    }
    let is_binary = !is_json(headers) || !headers.contains_key(CONTENT_TYPE);
    match serde_json::from_str::<String>(json) {
        Ok(text) if is_binary => {
            let is_text = headers
                .get(CONTENT_TYPE)
                .is_none_or(|media_type| media_type.as_bytes().starts_with(b"text/"));
            match decode(&text) {
                Some(bytes) if !is_text || is_plausible_text(&text, &bytes) => Bytes::from(bytes),
                _ => Bytes::from(text),
            }
        }
        _ => Bytes::copy_from_slice(json.as_bytes()),
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// Whether a text is base64 rather than a text that happens to look like it.
fn is_plausible_text(encoded: &str, decoded: &[u8]) -> bool {
    let is_number = encoded.bytes().all(|byte| byte.is_ascii_digit());
    let has_controls = |text: &str| text.chars().any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t'));
    !is_number && std::str::from_utf8(decoded).is_ok_and(|text| !has_controls(text))
}

/// Whether the headers name JSON, or nothing.
fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|value| {
        let media_type = value.to_str().unwrap_or_default().to_ascii_lowercase();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        essence == "application/json" || essence.ends_with("+json")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_as_a_request_alone_would_get_them() {
        for (media_type, json, body) in [
            ("application/json", r#"{"n": 1.10}"#, &br#"{"n": 1.10}"#[..]),
            ("application/json", r#""AQID""#, br#""AQID""#),
            ("application/problem+json", r#"{"a":1}"#, br#"{"a":1}"#),
            ("image/jpeg", r#""/+8B""#, &[0xff, 0xef, 0x01]),
            ("image/jpeg", r#""_-8B""#, &[0xff, 0xef, 0x01]),
            ("image/jpeg", r#""not base64!""#, b"not base64!"),
            ("text/plain", "42", b"42"),
            ("text/plain", r#""42""#, b"42"),
            ("text/plain", r#""1234""#, b"1234"),
            ("text/plain", r#""NDI=""#, b"42"),
            ("text/html", r#""<p>\u00e9</p>""#, "<p>é</p>".as_bytes()),
            ("", r#""AQID""#, b"AQID"),
            ("", r#"{"a":1}"#, br#"{"a":1}"#),
            ("application/json", "null", b""),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend((!media_type.is_empty()).then(|| (CONTENT_TYPE, media_type.parse().unwrap())));
            assert_eq!(read_body(json, &headers), body, "{media_type} {json}");
        }
    }

    #[test]
    fn what_is_no_answer_to_a_batch_is_told() {
        for (body, problem) in [
            ("<html>", "not a JSON object"),
            ("{}", "lacks"),
            (r#"{"responses":[1]}"#, "list of objects"),
        ] {
            assert!(
                read(body.as_bytes()).is_err_and(|error| error.contains(problem)),
                "{body}"
            );
        }
    }

    #[test]
    fn parts_are_read_whatever_the_spelling_of_their_numbers() {
        let body = br#"{"responses":[{"id":1,"status":"204"},{"id":"2","status":429,"headers":{"Retry-After":3}},{"id":"3"}]}"#;
        let parts = read(body).unwrap();
        assert_eq!((parts.len(), parts["1"].status), (2, StatusCode::NO_CONTENT));
        assert_eq!(parts["2"].headers["retry-after"], "3");
    }
}
