//! What happens to a request before it may be sent.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};
use url::Url;
use zeroize::Zeroizing;

use super::hop::Hop;
use crate::client::PRODUCT;
use crate::credential::{AuthenticationError, TokenRequest};
use crate::error::{Error, Kind, Result};
use crate::request::Parts;
use crate::transport::TransportError;

pub(crate) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const SDK_VERSION: HeaderName = HeaderName::from_static("sdkversion");

/// Lets a request pass that may be sent: it can be right, its cloud offers the operation, its host may get a token.
pub(crate) fn admit(parts: &Parts) -> Result<Hop> {
    if let Some(invalid) = &parts.invalid {
        return Err(Error::new(Kind::Invalid(invalid.clone())));
    }
    let cloud = parts.client.cloud();
    let url =
        Url::parse(&parts.url()).map_err(|error| Error::invalid(format!("its address is not a URL ({error})")))?;
    if !parts.client.owns(&url) {
        return Err(Error::new(Kind::Untrusted {
            host: url.host_str().unwrap_or("no host").to_owned(),
            cloud: cloud.clone(),
        }));
    }
    if !parts.even_if_unlisted && !parts.operation.clouds.contains(cloud) {
        return Err(Error::new(Kind::Unavailable(cloud.clone())));
    }
    Ok(Hop {
        method: http::Method::from(parts.operation.method),
        url,
        headers: HeaderMap::new(),
        body: parts.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default(),
        is_trusted: true,
    })
}

/// The headers that every request has, where the caller has not set them, and the identifier of the request.
///
/// All attempts of a call have the same identifier, so that the service's logs show what belongs together.
pub(crate) fn complete(parts: &Parts, accept: &'static str) -> (HeaderMap, String) {
    let mut headers = parts.headers.clone();
    if let Some(body) = &parts.body {
        headers.entry(CONTENT_TYPE).or_insert(body.media_type.clone());
    }
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static(accept));
    headers.entry(USER_AGENT).or_insert(parts.client.user_agent().clone());
    headers.entry(SDK_VERSION).or_insert(HeaderValue::from_static(PRODUCT));
    // It has to be unlike others, not hard to guess.
    let generated = uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid();
    let generated = generated.to_string();
    let id = match headers.get(CLIENT_REQUEST_ID).map(HeaderValue::to_str) {
        Some(Ok(given)) => given.to_owned(),
        _ => {
            let value = HeaderValue::try_from(&generated);
            headers.extend(value.ok().map(|value| (CLIENT_REQUEST_ID, value)));
            generated
        }
    };
    (headers, id)
}

/// The `Authorization` header, whose memory is wiped when the request is gone.
pub(super) async fn bearer(
    parts: &Parts,
    claims: Option<&str>,
    deadline: Option<Instant>,
) -> Result<HeaderValue, Kind> {
    let client = &parts.client;
    let scopes = [client.cloud().scope()];
    let mut request = TokenRequest::new(client.cloud(), client.transport(), &scopes);
    request.claims = claims;
    let token = in_time(deadline, "a token", client.credential().token(request)).await?;
    let token = token.map_err(Kind::Authentication)?.token;
    let text = Zeroizing::new([b"Bearer ", token.expose().as_bytes()].concat());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).map_err(|_| {
        Kind::Authentication(AuthenticationError::new(
            "the credential's token has characters that no header can carry",
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Waits for `what` until the call must end.
pub(super) async fn in_time<T>(
    deadline: Option<Instant>,
    what: &'static str,
    future: impl Future<Output = T>,
) -> Result<T, Kind> {
    let Some(deadline) = deadline else {
        return Ok(future.await);
    };
    timeout_at(deadline, future)
        .await
        .map_err(|_| Kind::Transport(TransportError::timeout(format!("waiting for {what}"))))
}
