//! The token endpoint of Microsoft Entra.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::{AccessToken, AuthenticationError, TokenRequest};
use crate::body::{WipedBuffer, wipe};
use crate::encode;
use crate::odata::Secret;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A form to post; wiped when it has been sent, because it holds secrets.
#[derive(Default)]
pub(crate) struct Form(WipedBuffer);

impl Form {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        // Writing to memory does not fail.
        let _ = write!(self.0, "{name}={}&", encode::segment(value));
        self
    }
}

/// Posts `form` to the token endpoint of `tenant` and reads the token; `secret` must not show up in an error.
pub(crate) async fn post(
    request: &TokenRequest<'_>,
    tenant: &str,
    form: Form,
    secret: &Secret,
) -> Result<AccessToken, AuthenticationError> {
    if matches!(tenant, "" | "." | "..") {
        return Err(AuthenticationError::new(format!(
            "{tenant:?} is not a tenant: give its identifier or one of its domains"
        )));
    }
    let authority = request.cloud().authority();
    let mut post = http::Request::post(format!("{authority}/{}/oauth2/v2.0/token", encode::segment(tenant)))
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("client-request-id", uuid::Uuid::new_v4().to_string())
        .body(form.0.into_bytes())
        .map_err(|error| AuthenticationError::new("the token request cannot be written").with_source(error))?;
    post.headers_mut()
        .insert(header::USER_AGENT, HeaderValue::from_static(crate::client::PRODUCT));
    let asked_on = SystemTime::now();
    let unreachable = |error| {
        AuthenticationError::new(format!("the login authority {authority} did not answer: {error}")).with_source(error)
    };
    let answer = request.transport().send(post, TIMEOUT).await.map_err(unreachable)?;
    let status = answer.status();
    let body = answer.into_body().bytes().await.map_err(unreachable)?;
    let token = read(status, &body, asked_on, secret);
    wipe(body);
    token
}

fn read(
    status: StatusCode,
    body: &[u8],
    asked_on: SystemTime,
    secret: &Secret,
) -> Result<AccessToken, AuthenticationError> {
    let refused = || AuthenticationError::from_answer(status, body, secret.expose());
    if !status.is_success() {
        return Err(refused());
    }
    let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(body) else {
        return Err(refused());
    };
    // Seconds, which some implementations write as a text.
    let expires_on = answer
        .get("expires_in")
        .and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()))
        .and_then(|seconds| asked_on.checked_add(Duration::from_secs(seconds)));
    match (answer.remove("access_token"), expires_on) {
        (Some(Value::String(token)), Some(expires_on)) => Ok(AccessToken::new(Secret::from(token), expires_on)),
        _ => Err(refused()),
    }
}
