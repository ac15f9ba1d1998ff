//! Spans and metrics of what is sent, with the names of OpenTelemetry's
//! [semantic conventions for HTTP](https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
//!
//! Neither paths with their values nor queries, headers or bodies are part of them: `url.template` stands for the address.

use http::StatusCode;
use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use super::hop::Hop;
use crate::Operation;
use crate::attempt::{Attempt, Observer};
use crate::transport::TransportError;

/// One attempt that is being watched.
pub(crate) struct Watch<'a> {
    span: Span,
    attempt: Attempt<'a>,
    began: Instant,
}

/// What an attempt brought.
pub(crate) struct Seen<'a> {
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) received: usize,
    pub(crate) error: Option<&'a TransportError>,
}

impl<'a> Watch<'a> {
    pub(crate) fn start(operation: &'static Operation, hop: &'a Hop, client_request_id: &'a str, number: u32) -> Self {
        let host = hop.url.host_str().unwrap_or_default();
        let resend_count = number.saturating_sub(1);
        let span = tracing::info_span!(
            "msgraph.request",
            otel.name = %operation,
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = hop.method.as_str(),
            http.request.body.size = hop.body.len(),
            http.request.resend_count = (resend_count > 0).then_some(resend_count),
            http.response.status_code = Empty,
            http.response.body.size = Empty,
            url.scheme = hop.url.scheme(),
            url.template = hop.is_trusted.then_some(operation.path),
            server.address = host,
            server.port = hop.url.port_or_known_default(),
            "error.type" = Empty,
            msgraph.client_request_id = client_request_id,
            msgraph.request_id = Empty,
        );
        Self {
            span,
            attempt: Attempt {
                operation,
                host,
                client_request_id,
                number,
                status: None,
                error_type: None,
                elapsed: std::time::Duration::ZERO,
                sent: hop.body.len(),
                received: 0,
            },
            began: Instant::now(),
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn finish(self, seen: &Seen<'_>, observer: Option<&Observer>) {
        let Self { span, attempt, began } = self;
        let failed = seen.status.filter(|status| status.as_u16() >= 400);
        let error_type = match (seen.error, &failed) {
            (Some(error), _) if error.is_connection() => Some("connection"),
            (Some(error), _) if error.is_timeout() => Some("timeout"),
            (Some(_), None) => Some("broken"),
            (_, status) => status.as_ref().map(StatusCode::as_str),
        };
        if let Some(status) = seen.status {
            span.record("http.response.status_code", status.as_u16());
            span.record("http.response.body.size", seen.received);
        }
        if let Some(request_id) = seen.request_id {
            span.record("msgraph.request_id", request_id);
        }
        if let Some(error_type) = error_type {
            span.record("error.type", error_type);
            span.record("otel.status_code", "ERROR");
        }
        if let Some(observer) = observer {
            observer.tell(&Attempt {
                status: seen.status,
                error_type,
                elapsed: began.elapsed(),
                received: seen.received,
                ..attempt
            });
        }
    }
}
