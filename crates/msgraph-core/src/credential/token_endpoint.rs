//! The token service of Microsoft Entra.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{AccessToken, AuthenticationError, TokenRequest};
use crate::body::{WipedBuffer, wipe};
use crate::encode;
use crate::odata::Secret;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A form to post; wiped when it has been sent, because it holds secrets.
#[derive(Default)]
pub(crate) struct Form {
    text: WipedBuffer,
    /// What must not show up in an error, though the service may repeat it.
    secrets: Vec<Secret>,
}

impl Form {
    pub(crate) fn grant(grant_type: &str) -> Self {
        Self::default().with("grant_type", grant_type)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        // Writing to memory does not fail.
        let _ = write!(self.text, "{name}={}&", encode::segment(value));
        self
    }

    pub(crate) fn with_secret(mut self, name: &str, value: &Secret) -> Self {
        self.secrets.push(value.clone());
        self.with(name, value.expose())
    }
}

/// What the token endpoint gives.
pub(crate) struct Tokens {
    pub(crate) access: AccessToken,
    pub(crate) refresh: Option<Secret>,
    pub(crate) identity: Option<Secret>,
}

/// The address of `endpoint` (`token`, `authorize`, `devicecode`) for `tenant`.
pub(crate) fn address(authority: &str, tenant: &str, endpoint: &str) -> Result<String, AuthenticationError> {
    if matches!(tenant, "" | "." | "..") {
        return Err(AuthenticationError::new(format!(
            "{tenant:?} is not a tenant: give its identifier or one of its domains"
        )));
    }
    Ok(format!(
        "{authority}/{}/oauth2/v2.0/{endpoint}",
        encode::segment(tenant)
    ))
}

/// The claims to ask for: those that the service demands, and that the client can answer such a demand.
///
/// Without the latter, tokens are not subject to
/// [continuous access evaluation](https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation).
pub(crate) fn claims(demanded: Option<&str>) -> Result<String, AuthenticationError> {
    let mut claims: Value = match demanded {
        None => json!({}),
        Some(demanded) => serde_json::from_str(demanded)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| AuthenticationError::new("the claims that are demanded are not a JSON object"))?,
    };
    if !claims["access_token"].is_object() {
        claims["access_token"] = json!({});
    }
    claims["access_token"]["xms_cc"] = json!({"values": ["cp1"]});
    Ok(claims.to_string())
}

/// Posts `form` to the token endpoint of `tenant` and reads the tokens.
pub(crate) async fn post(request: &TokenRequest<'_>, tenant: &str, form: Form) -> Result<Tokens, AuthenticationError> {
    let asked_on = SystemTime::now();
    let answer = exchange(request, tenant, "token", form).await?;
    let tokens = read(&answer, asked_on);
    wipe(answer.body);
    tokens
}

/// An answer of the token service, whatever it is.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    secrets: Vec<Secret>,
}

impl Answer {
    pub(crate) fn refusal(&self) -> AuthenticationError {
        AuthenticationError::from_answer(self.status, &self.body, &self.secrets)
    }
}

/// Posts `form` to an endpoint of `tenant`.
pub(crate) async fn exchange(
    request: &TokenRequest<'_>,
    tenant: &str,
    endpoint: &str,
    form: Form,
) -> Result<Answer, AuthenticationError> {
    let authority = request.cloud().authority();
    let mut post = http::Request::post(address(authority, tenant, endpoint)?)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("client-request-id", uuid::Uuid::new_v4().to_string())
        .body(form.text.into_bytes())
        .map_err(|error| AuthenticationError::new("the token request cannot be written").with_source(error))?;
    post.headers_mut()
        .insert(header::USER_AGENT, HeaderValue::from_static(crate::client::PRODUCT));
    let unreachable = |error| {
        AuthenticationError::unreachable(format!("the login authority {authority} did not answer: {error}"))
            .with_source(error)
    };
    let answer = request.transport().send(post, TIMEOUT).await.map_err(unreachable)?;
    Ok(Answer {
        status: answer.status(),
        body: answer.into_body().bytes().await.map_err(unreachable)?,
        secrets: form.secrets,
    })
}

fn read(answer: &Answer, asked_on: SystemTime) -> Result<Tokens, AuthenticationError> {
    if !answer.status.is_success() {
        return Err(answer.refusal());
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice::<Value>(&answer.body) else {
        return Err(answer.refusal());
    };
    // Seconds, which some implementations write as a text.
    let expires_on = body
        .get("expires_in")
        .and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()))
        .and_then(|seconds| asked_on.checked_add(Duration::from_secs(seconds)));
    let mut take = |name: &str| match body.remove(name) {
        Some(Value::String(token)) => Some(Secret::from(token)),
        _ => None,
    };
    match (take("access_token"), expires_on) {
        (Some(token), Some(expires_on)) => Ok(Tokens {
            access: AccessToken::new(token, expires_on),
            refresh: take("refresh_token"),
            identity: take("id_token"),
        }),
        _ => Err(answer.refusal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demanded_claims_are_kept_beside_the_capability() {
        for (demanded, asked) in [
            (None, json!({"access_token": {"xms_cc": {"values": ["cp1"]}}})),
            (
                Some(r#"{"access_token":{"nbf":{"value":"1"}},"id_token":{}}"#),
                json!({"access_token": {"nbf": {"value": "1"}, "xms_cc": {"values": ["cp1"]}}, "id_token": {}}),
            ),
        ] {
            let claims = claims(demanded).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&claims).unwrap(), asked);
        }
        for nonsense in ["", "[]", "{", "hunter2"] {
            let error = claims(Some(nonsense)).unwrap_err();
            assert!(error.to_string().contains("not a JSON object"), "{error}");
        }
    }
}
