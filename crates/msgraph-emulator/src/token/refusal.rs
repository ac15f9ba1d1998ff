//! Refusals, as OAuth 2.0 and Entra word them.

use axum::http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{clock, exchange::Ids};

pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) error: &'static str,
    number: u32,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: &'static str, number: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            error,
            number,
            message: message.into(),
        }
    }

    /// The client did not prove who it is.
    pub(crate) fn client(number: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", number, message)
    }

    /// What the client presents for a token is worth nothing.
    pub(crate) fn grant(number: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", number, message)
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        let message = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 900_144, message)
    }

    pub(crate) fn description(&self, ids: &Ids, now: OffsetDateTime) -> String {
        let Self { number, message, .. } = self;
        let (trace, correlation, timestamp) = (&ids.request, &ids.client, timestamp(now));
        format!("AADSTS{number}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}")
    }

    pub(crate) fn body(&self, ids: &Ids, now: OffsetDateTime) -> Value {
        json!({
            "error": self.error,
            "error_description": self.description(ids, now),
            "error_codes": [self.number],
            "timestamp": timestamp(now),
            "trace_id": ids.request,
            "correlation_id": ids.client,
        })
    }
}

fn timestamp(now: OffsetDateTime) -> String {
    clock::timestamp(now)[..19].replace('T', " ") + "Z"
}
