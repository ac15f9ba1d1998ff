//! Why there is no token.

mod advice;

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use crate::odata::Secret;

/// Why a credential gave no token.
///
/// Cheap to clone, because callers that wait for the same token share it.
///
/// # Troubleshooting
/// [`aadsts`](Self::aadsts) is the number to look up among the
/// [error codes of Microsoft Entra](https://learn.microsoft.com/entra/identity-platform/reference-error-codes);
/// [`correlation_id`](Self::correlation_id) finds the attempt in the tenant's sign-in log.
#[derive(Clone)]
pub struct AuthenticationError(Arc<Inner>);

#[derive(Clone, Default)]
struct Inner {
    message: String,
    code: Option<String>,
    suberror: Option<String>,
    aadsts: Vec<u32>,
    correlation_id: Option<String>,
    trace_id: Option<String>,
    timestamp: Option<String>,
    claims: Option<String>,
    status: Option<StatusCode>,
    reason: Reason,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Why, as far as programs act on it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Reason {
    #[default]
    Failed,
    Unavailable,
    Unreachable,
}

impl AuthenticationError {
    /// A failure that a credential describes itself. Put no secret into the message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            message: message.into(),
            ..Inner::default()
        }))
    }

    /// A credential that is not there at all: not configured, not installed, not on this machine. A
    /// [chain](super::ChainedCredential) then asks the next one.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(message).because(Reason::Unavailable)
    }

    /// The login authority or another source of tokens gave no answer.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self::new(message).because(Reason::Unreachable)
    }

    fn because(self, reason: Reason) -> Self {
        Self(Arc::new(Inner {
            reason,
            ..(*self.0).clone()
        }))
    }

    /// Whether the credential is not there at all, rather than refused.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.0.reason == Reason::Unavailable
    }

    /// Whether the login authority or another source of tokens gave no answer.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.0.reason == Reason::Unreachable
    }

    /// Whether only the user can help, by signing in again: to consent, to prove a second factor, or because the
    /// sign-in is no longer good.
    #[must_use]
    pub fn needs_interaction(&self) -> bool {
        matches!(
            self.code(),
            Some("interaction_required" | "invalid_grant" | "consent_required" | "login_required")
        )
    }

    /// The same with the error that caused it.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source: Box<dyn std::error::Error + Send + Sync> = source.into();
        Self(Arc::new(Inner {
            source: Some(source.into()),
            ..(*self.0).clone()
        }))
    }

    /// The number of Microsoft Entra's error, for example 7000215 for `AADSTS7000215`.
    #[must_use]
    pub fn aadsts(&self) -> Option<u32> {
        self.0.aadsts.first().copied()
    }

    /// The error code of OAuth 2.0, for example `invalid_client`
    /// ([RFC 6749, section 5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// A more exact code, where Microsoft Entra gives one, for example `consent_required`.
    #[must_use]
    pub fn suberror(&self) -> Option<&str> {
        self.0.suberror.as_deref()
    }

    /// What happened, in one sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The identifier under which the sign-in log has the attempt.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// The identifier under which Microsoft's own log has the attempt.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// When it happened, as the authority spells it.
    #[must_use]
    pub fn timestamp(&self) -> Option<&str> {
        self.0.timestamp.as_deref()
    }

    /// The claims that the user must satisfy interactively, as JSON.
    #[must_use]
    pub fn claims(&self) -> Option<&str> {
        self.0.claims.as_deref()
    }

    /// The status of the authority's answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Reads the answer of a token endpoint that gave no token; no secret must show up in what is kept.
    pub(crate) fn from_answer(status: StatusCode, body: &[u8], secrets: &[Secret]) -> Self {
        Self::read(Some(status), &serde_json::from_slice(body).unwrap_or_default(), secrets)
    }

    /// Reads the error with which the login page sent the browser back.
    pub(crate) fn from_redirect(error: &str, description: &str) -> Self {
        Self::read(None, &json!({"error": error, "error_description": description}), &[])
    }

    fn read(status: Option<StatusCode>, body: &Value, secrets: &[Secret]) -> Self {
        let text = |name: &str| body.get(name)?.as_str().map(|text| without(text, secrets));
        let description = text("error_description").unwrap_or_default();
        let listed = body.get("error_codes").and_then(Value::as_array);
        let mut aadsts: Vec<u32> = listed
            .into_iter()
            .flatten()
            .filter_map(|code| u32::try_from(code.as_u64()?).ok())
            .collect();
        if aadsts.is_empty() {
            aadsts.extend(number(&description));
        }
        let code = text("error");
        let said = status.map_or_else(|| "an error".to_owned(), |status| status.to_string());
        let message = match (sentence(&description), &code) {
            ("", Some(_)) => format!("the login authority refused with {said}"),
            ("", None) => {
                format!("the login authority answered {said} with something that is neither a token nor an error")
            }
            (sentence, _) => sentence.to_owned(),
        };
        Self(Arc::new(Inner {
            message,
            code,
            suberror: text("suberror"),
            aadsts,
            correlation_id: text("correlation_id"),
            trace_id: text("trace_id"),
            timestamp: text("timestamp"),
            claims: text("claims"),
            status,
            ..Inner::default()
        }))
    }
}

impl fmt::Display for AuthenticationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        match (inner.aadsts.first(), &inner.code) {
            (Some(number), Some(code)) => write!(f, "AADSTS{number} ({code}): ")?,
            (Some(number), None) => write!(f, "AADSTS{number}: ")?,
            (None, Some(code)) => write!(f, "{code}: ")?,
            (None, None) => {}
        }
        f.write_str(&inner.message)?;
        match &inner.correlation_id {
            Some(id) => write!(f, " (correlation-id {id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for AuthenticationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticationError")
            .field("message", &self.to_string())
            .field("status", &self.0.status)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for AuthenticationError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.0.source.as_deref()?)
    }
}

/// The number after the first `AADSTS`.
fn number(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The description without the code in front and the identifiers behind, which have fields of their own.
fn sentence(description: &str) -> &str {
    let end = description.find(" Trace ID:").unwrap_or(description.len());
    let text = description[..end].lines().next().unwrap_or_default().trim();
    match text.strip_prefix("AADSTS").and_then(|text| text.split_once(':')) {
        Some((_, text)) => text.trim(),
        None => text,
    }
}

/// Takes secrets out. Those of a few letters are no secrets, and would be found inside of other words.
fn without(text: &str, secrets: &[Secret]) -> String {
    let secrets = secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= 4);
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "<redacted>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRONG_SECRET: &str = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Check it. Trace ID: t Correlation ID: c Timestamp: 2026-11-22 09:00:00Z","error_codes":[7000215],"timestamp":"2026-11-22 09:00:00Z","trace_id":"t","correlation_id":"c","suberror":"s"}"#;

    #[test]
    fn error_of_microsoft_entra_is_read_in_full() {
        let error =
            AuthenticationError::from_answer(StatusCode::UNAUTHORIZED, WRONG_SECRET.as_bytes(), &["hunter2".into()]);
        assert_eq!(
            error.to_string(),
            "AADSTS7000215 (invalid_client): Invalid client secret provided. Check it. (correlation-id c)"
        );
        assert_eq!(error.aadsts(), Some(7_000_215));
        assert_eq!(error.code(), Some("invalid_client"));
        assert_eq!(error.suberror(), Some("s"));
        assert_eq!(
            (error.trace_id(), error.timestamp()),
            (Some("t"), Some("2026-11-22 09:00:00Z"))
        );
        assert_eq!(error.status(), Some(StatusCode::UNAUTHORIZED));
        assert!(error.advice().unwrap().contains("not its identifier"));
    }

    #[test]
    fn number_is_found_in_the_description_when_it_is_not_listed() {
        for (description, number) in [
            ("AADSTS90002: Tenant 'x' not found.", Some(90_002)),
            ("something else", None),
            ("AADSTS: odd", None),
            ("AADSTS99999999999999: odd", None),
        ] {
            let body = serde_json::json!({"error": "e", "error_description": description}).to_string();
            assert_eq!(
                AuthenticationError::from_answer(StatusCode::BAD_REQUEST, body.as_bytes(), &[]).aadsts(),
                number
            );
        }
    }

    #[test]
    fn echoed_secret_is_removed() {
        let body = r#"{"error":"hunter2","error_description":"AADSTS1: your hunter2 is wrong"}"#;
        let error = AuthenticationError::from_answer(StatusCode::BAD_REQUEST, body.as_bytes(), &["hunter2".into()]);
        assert!(!format!("{error} {error:?} {:?}", error.code()).contains("hunter2"));
    }

    #[test]
    fn answer_that_is_not_json_still_says_what_came() {
        for body in ["", "<html>gateway</html>", "[1]"] {
            let error = AuthenticationError::from_answer(StatusCode::BAD_GATEWAY, body.as_bytes(), &[]);
            assert!(error.to_string().contains("502 Bad Gateway"), "{error}");
        }
    }
}
