//! The way of a request to its answer, the same for all.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use crate::client::PRODUCT;
use crate::credential::{AuthenticationError, TokenRequest};
use crate::error::{Answer, Error, Kind, Result};
use crate::request::Parts;
use crate::response::Response;
use crate::transport::{RequestBody, ResponseBody, TransportError};

pub(crate) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const SDK_VERSION: HeaderName = HeaderName::from_static("sdkversion");

/// Longer than any download takes, whose pieces have time limits of their own.
const UNBOUNDED: Duration = Duration::from_secs(7 * 24 * 3600);

/// The future of an answer.
pub(crate) type Exchange = Pin<Box<dyn Future<Output = Result<Response<Bytes>>> + Send>>;

/// Sends a request and gives its answer if it is a success.
///
/// Not generic, so that a program contains it once.
pub(crate) fn exchange(parts: Parts, accept: &'static str) -> Exchange {
    if let Some(gatherer) = parts.client.gatherer() {
        return Arc::clone(gatherer).exchange(parts, accept);
    }
    Box::pin(async move { open(parts, accept, Manner::Whole).await?.whole().await })
}

/// How the bodies of an exchange are moved.
pub(crate) enum Manner {
    /// Both as a whole, within the time allowed.
    Whole,
    /// The answer's piece by piece; the time allowed is for its beginning.
    Receiving,
    /// The request's piece by piece, in place of the one that it has; the time allowed is for the whole.
    Sending(RequestBody),
}

/// Sends a request and gives its answer, if it is a success, with the body still to be read.
pub(crate) async fn open(parts: Parts, accept: &'static str, manner: Manner) -> Result<Response<ResponseBody>> {
    let operation = parts.operation;
    let mut request = admit(&parts).map_err(|error| error.of(operation))?;
    let client_request_id = complete(&parts, accept, &mut request);
    let failed = |kind| {
        Error::new(kind)
            .of(operation)
            .with_client_request_id(&client_request_id)
    };

    let token = bearer(&parts)
        .await
        .map_err(|error| failed(Kind::Authentication(error)))?;
    request.headers_mut().insert(AUTHORIZATION, token);

    let timeout = parts.timeout.unwrap_or(parts.client.timeout());
    let transport = parts.client.transport();
    let sent = match manner {
        Manner::Whole => transport.send(request, timeout).await,
        Manner::Receiving => match tokio::time::timeout(timeout, transport.send(request, UNBOUNDED)).await {
            Ok(sent) => sent,
            Err(late) => Err(TransportError::timeout(late)),
        },
        Manner::Sending(body) => transport.send_pieces(request.map(|_| body), timeout).await,
    };
    let (head, body) = sent.map_err(|error| failed(Kind::Transport(error)))?.into_parts();
    if !head.status.is_success() {
        let body = match tokio::time::timeout(timeout, body.bytes()).await {
            Ok(body) => body,
            Err(late) => Err(TransportError::timeout(late)),
        };
        let body = body.map_err(|error| failed(Kind::Transport(error)))?;
        let answer = Answer::new(head.status, head.headers, body);
        return Err(failed(Kind::Answer(Box::new(answer))));
    }
    Ok(Response::begun(head.status, head.headers, body).to(operation, client_request_id))
}

/// Lets a request pass that may be sent: it can be right, its cloud offers the operation, its host may get a token.
pub(crate) fn admit(parts: &Parts) -> Result<http::Request<Bytes>> {
    if let Some(invalid) = &parts.invalid {
        return Err(Error::new(Kind::Invalid(invalid.clone())));
    }
    let cloud = parts.client.cloud();
    let url =
        Url::parse(&parts.url()).map_err(|error| Error::invalid(format!("its address is not a URL ({error})")))?;
    if !cloud.owns(&url) {
        return Err(Error::new(Kind::Untrusted {
            host: url.host_str().unwrap_or("no host").to_owned(),
            cloud: cloud.clone(),
        }));
    }
    if !parts.even_if_unlisted && !parts.operation.clouds.contains(cloud) {
        return Err(Error::new(Kind::Unavailable(cloud.clone())));
    }
    http::Request::builder()
        .method(http::Method::from(parts.operation.method))
        .uri(url.as_str())
        .body(parts.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default())
        .map_err(|error| Error::invalid(format!("its address cannot be sent ({error})")))
}

/// Adds the headers that every request has, where the caller has not set them, and gives the identifier of the request.
pub(crate) fn complete(parts: &Parts, accept: &'static str, request: &mut http::Request<Bytes>) -> String {
    let headers = request.headers_mut();
    headers.clone_from(&parts.headers);
    if let Some(body) = &parts.body {
        headers.entry(CONTENT_TYPE).or_insert(body.media_type.clone());
    }
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static(accept));
    headers.entry(USER_AGENT).or_insert(parts.client.user_agent().clone());
    headers.entry(SDK_VERSION).or_insert(HeaderValue::from_static(PRODUCT));
    let generated = uuid::Uuid::new_v4().to_string();
    match headers.get(CLIENT_REQUEST_ID).map(HeaderValue::to_str) {
        Some(Ok(given)) => given.to_owned(),
        _ => {
            let value = HeaderValue::try_from(&generated);
            headers.extend(value.ok().map(|value| (CLIENT_REQUEST_ID, value)));
            generated
        }
    }
}

/// The `Authorization` header, whose memory is wiped when the request is gone.
async fn bearer(parts: &Parts) -> Result<HeaderValue, AuthenticationError> {
    let client = &parts.client;
    let scopes = [client.cloud().scope()];
    let request = TokenRequest::new(client.cloud(), client.transport(), &scopes);
    let token = client.credential().token(request).await?.token;
    let text = Zeroizing::new([b"Bearer ", token.expose().as_bytes()].concat());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text))
        .map_err(|_| AuthenticationError::new("the credential's token has characters that no header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}
