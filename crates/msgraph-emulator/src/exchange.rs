//! What every exchange has, whatever the request: ids, dates, a place in the log.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use uuid::Uuid;

use crate::{
    clock,
    emulator::Service,
    request_log::{ReceivedRequest, loggable_body, loggable_headers},
};

/// Bytes of a request body at most, as at the service.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The media type of an HTML form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// The two names of one exchange.
#[derive(Clone)]
pub(crate) struct Ids {
    /// Given by the service.
    pub(crate) request: String,
    /// Given by the client; the service's own when the client gave none.
    pub(crate) client: String,
}

impl Ids {
    fn of(headers: &HeaderMap) -> Self {
        let request = Uuid::new_v4().to_string();
        let given = headers.get(CLIENT_REQUEST_ID).and_then(|value| value.to_str().ok());
        Self {
            client: given.unwrap_or(&request).to_owned(),
            request,
        }
    }
}

/// Reads the whole request, has it answered, stamps the answer and records the exchange.
pub(crate) async fn exchange(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let ids = Ids::of(&parts.headers);
    parts.extensions.insert(ids.clone());
    let mut received = ReceivedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: loggable_headers(&parts.headers),
        body: None,
        status: 0,
    };

    let mut response = match axum::body::to_bytes(body, MAX_BODY).await {
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Ok(bytes) => {
            received.body = loggable_body(&parts.headers, &bytes);
            next.run(rebuild(parts, bytes)).await
        }
    };
    stamp(response.headers_mut(), &ids, &service);
    received.status = response.status().as_u16();
    service.log.record(received);
    response
}

/// The media type of a body, without parameters; empty when it is not declared.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    declared
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
}

fn rebuild(parts: axum::http::request::Parts, body: Bytes) -> Request {
    Request::from_parts(parts, Body::from(body))
}

fn stamp(headers: &mut HeaderMap, ids: &Ids, service: &Service) {
    let stamps = [
        (REQUEST_ID, ids.request.clone()),
        (CLIENT_REQUEST_ID, ids.client.clone()),
        (header::DATE, clock::http_date(service.clock.now())),
    ];
    for (name, value) in stamps {
        let value = HeaderValue::try_from(value).expect("ids come from headers and dates are ASCII");
        headers.insert(name, value);
    }
}
