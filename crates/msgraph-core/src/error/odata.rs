//! The error body of OData.

use std::fmt;

use serde_json::{Map, Value};

/// The error that the service describes in its answer.
///
/// Nothing the service says is lost: what has no field of its own is in `extra`. See
/// [OData JSON format, error response](https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ErrorResponse)
/// and the [error codes of Graph](https://learn.microsoft.com/graph/errors).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ODataError {
    /// The code to decide by, for example `Request_ResourceNotFound`; empty when the service gave none.
    pub code: String,
    /// The message for developers; do not decide by it.
    pub message: String,
    /// What the error is about, often the name of a property.
    pub target: Option<String>,
    /// Further errors.
    pub details: Vec<ODataErrorDetail>,
    /// What the service says about the request inside.
    pub inner_error: Option<InnerError>,
    /// Every other member.
    pub extra: Map<String, Value>,
}

/// One of several errors in an [`ODataError`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ODataErrorDetail {
    /// The code to decide by; empty when the service gave none.
    pub code: String,
    /// The message for developers.
    pub message: String,
    /// What the error is about.
    pub target: Option<String>,
    /// Every other member.
    pub extra: Map<String, Value>,
}

/// The inner error of an [`ODataError`]: identifiers for support and a more exact code.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InnerError {
    /// A code that is more exact than the outer one.
    pub code: Option<String>,
    /// A message that is more exact than the outer one.
    pub message: Option<String>,
    /// The service's identifier of the request.
    pub request_id: Option<String>,
    /// The identifier that the client gave the request.
    pub client_request_id: Option<String>,
    /// When it happened, as the service spells it: UTC without an offset.
    pub date: Option<String>,
    /// A still more exact error.
    pub inner_error: Option<Box<InnerError>>,
    /// Every other member.
    pub extra: Map<String, Value>,
}

impl ODataError {
    /// The codes from the outermost to the most exact one.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let first = self.inner_error.as_ref();
        let inner = std::iter::successors(first, |error| error.inner_error.as_deref());
        std::iter::once(self.code.as_str())
            .filter(|code| !code.is_empty())
            .chain(inner.filter_map(|error| error.code.as_deref()))
    }

    /// Reads a body; none when it is not an OData error.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let Value::Object(mut body) = serde_json::from_slice(body).ok()? else {
            return None;
        };
        let Some(Value::Object(mut error)) = body.remove("error") else {
            return None;
        };
        let details = match error.remove("details") {
            Some(Value::Array(details)) if details.iter().all(Value::is_object) => {
                details.into_iter().filter_map(into_object).map(detail).collect()
            }
            other => {
                put_back(&mut error, "details", other);
                Vec::new()
            }
        };
        Some(Self {
            code: text(&mut error, "code").unwrap_or_default(),
            message: message(&mut error).unwrap_or_default(),
            target: text(&mut error, "target"),
            details,
            inner_error: inner(&mut error),
            extra: error,
        })
    }
}

impl fmt::Display for ODataError {
    /// Writes the codes from the outermost to the most exact one, and the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.codes().collect();
        match (codes.as_slice(), self.message.trim()) {
            ([], "") => f.write_str("the service gave neither a code nor a message"),
            ([], message) => f.write_str(message),
            (codes, "") => f.write_str(&codes.join(" / ")),
            (codes, message) => write!(f, "{}: {message}", codes.join(" / ")),
        }
    }
}

fn detail(mut members: Map<String, Value>) -> ODataErrorDetail {
    ODataErrorDetail {
        code: text(&mut members, "code").unwrap_or_default(),
        message: message(&mut members).unwrap_or_default(),
        target: text(&mut members, "target"),
        extra: members,
    }
}

/// Takes the inner error; the standard spells it in lower case, Graph does not.
fn inner(members: &mut Map<String, Value>) -> Option<InnerError> {
    let name = ["innerError", "innererror"]
        .into_iter()
        .find(|name| members.get(*name).is_some_and(Value::is_object))?;
    let mut members = members.remove(name).and_then(into_object)?;
    Some(InnerError {
        code: text(&mut members, "code"),
        message: message(&mut members),
        request_id: text(&mut members, "request-id"),
        client_request_id: text(&mut members, "client-request-id"),
        date: text(&mut members, "date"),
        inner_error: inner(&mut members).map(Box::new),
        extra: members,
    })
}

/// Takes a message; some workloads still send the form of OData 3, `{"lang": …, "value": …}`.
fn message(members: &mut Map<String, Value>) -> Option<String> {
    text(members, "message").or_else(|| {
        let value = members.get("message")?.get("value")?.as_str()?.to_owned();
        members.remove("message");
        Some(value)
    })
}

/// Takes a member that is a text; anything else stays where it is.
fn text(members: &mut Map<String, Value>, name: &str) -> Option<String> {
    match members.remove(name) {
        Some(Value::String(text)) => Some(text),
        other => {
            put_back(members, name, other);
            None
        }
    }
}

fn put_back(members: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value.filter(|value| !value.is_null()) {
        members.insert(name.to_owned(), value);
    }
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(body: &Value) -> Option<ODataError> {
        ODataError::parse(body.to_string().as_bytes())
    }

    #[test]
    fn every_member_is_kept() {
        let error = parse(&json!({"error": {
            "code": "Request_BadRequest",
            "message": "Invalid value.",
            "target": "displayName",
            "details": [{"code": "InvalidLength", "message": "too long", "target": "displayName", "blame": 1}],
            "innerError": {
                "code": "outer",
                "date": "2026-11-22T09:00:00",
                "request-id": "r",
                "client-request-id": "c",
                "innerError": {"code": "exact", "url": "x"},
                "@odata.type": "#microsoft.graph.x",
            },
            "@odata.extra": [1],
        }}))
        .unwrap();
        assert_eq!(
            error.codes().collect::<Vec<_>>(),
            ["Request_BadRequest", "outer", "exact"]
        );
        assert_eq!(error.to_string(), "Request_BadRequest / outer / exact: Invalid value.");
        assert_eq!(error.details[0].extra["blame"], 1);
        assert_eq!(error.extra["@odata.extra"], json!([1]));
        let inner = error.inner_error.unwrap();
        assert_eq!(
            [inner.request_id, inner.client_request_id, inner.date].map(Option::unwrap),
            ["r", "c", "2026-11-22T09:00:00"]
        );
        assert_eq!(inner.extra["@odata.type"], "#microsoft.graph.x");
        assert_eq!(inner.inner_error.unwrap().extra["url"], "x");
    }

    #[test]
    fn odd_shapes_are_read_without_loss() {
        let error = parse(&json!({"error": {
            "code": 17,
            "message": {"lang": "en", "value": "told you"},
            "details": ["no object"],
            "innererror": {"date": null},
        }}))
        .unwrap();
        assert_eq!(error.to_string(), "told you");
        assert_eq!(
            error.extra,
            *json!({"code": 17, "details": ["no object"]}).as_object().unwrap()
        );
        assert_eq!(error.inner_error, Some(InnerError::default()));
    }

    #[test]
    fn other_bodies_are_no_odata_error() {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"error":"invalid_client"}"#,
            r#"{"error":"#,
        ] {
            assert_eq!(ODataError::parse(body.as_bytes()), None, "{body}");
        }
    }
}
