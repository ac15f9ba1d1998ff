//! Microsoft Entra's token endpoint for client credentials, and the two documents by which clients find it.
//!
//! Protocol: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>; error numbers:
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    clock,
    digest::Digest,
    emulator::Service,
    exchange::{FORM, Ids, media_type},
    store::{Store, list, text},
};

/// Who may have tokens, and which tokens are out.
pub(crate) struct Authority {
    pub(crate) token_lifetime: Duration,
    /// Registered clients; everyone is welcome while there are none.
    pub(crate) clients: BTreeMap<String, Digest>,
    /// Issued tokens with the instant at which they expire.
    issued: Mutex<BTreeMap<Digest, OffsetDateTime>>,
}

/// What a presented token is worth.
pub(crate) enum Standing {
    Valid,
    Expired,
    Unknown,
}

impl Authority {
    pub(crate) fn new(token_lifetime: Duration, clients: BTreeMap<String, Digest>) -> Self {
        Self {
            token_lifetime,
            clients,
            issued: Mutex::default(),
        }
    }

    pub(crate) fn standing(&self, token: &str, now: OffsetDateTime) -> Standing {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        match issued.get(&Digest::of(token)) {
            Some(expiry) if now < *expiry => Standing::Valid,
            Some(_) => Standing::Expired,
            None => Standing::Unknown,
        }
    }

    fn issue(&self, now: OffsetDateTime) -> Value {
        let token = format!("emulator.{}.{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.insert(Digest::of(&token), now + self.token_lifetime);
        let seconds = self.token_lifetime.as_secs();
        json!({ "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token })
    }
}

/// A refusal, as OAuth 2.0 and Entra word it.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    number: u32,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, number: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            error,
            number,
            message: message.into(),
        }
    }

    fn missing(parameter: &str) -> Self {
        let message = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 900_144, message)
    }

    fn body(&self, ids: &Ids, now: OffsetDateTime) -> Value {
        let timestamp = clock::timestamp(now)[..19].replace('T', " ") + "Z";
        let Self {
            error, number, message, ..
        } = self;
        let (trace, correlation) = (&ids.request, &ids.client);
        json!({
            "error": error,
            "error_description": format!(
                "AADSTS{number}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
            ),
            "error_codes": [number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        })
    }
}

/// `POST /{tenant}/oauth2/v2.0/token`
pub(crate) async fn issue(
    State(service): State<Arc<Service>>,
    Extension(ids): Extension<Ids>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = service.clock.now();
    let (status, body) = match grant(&service, &headers, &body, now) {
        Ok(token) => (StatusCode::OK, token),
        Err(refusal) => (refusal.status, refusal.body(&ids, now)),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store, no-cache"),
    ];
    (status, headers, body.to_string()).into_response()
}

fn grant(service: &Service, headers: &HeaderMap, body: &[u8], now: OffsetDateTime) -> Result<Value, Refusal> {
    let form = Form::read(headers, body);
    match form.get("grant_type").ok_or_else(|| Refusal::missing("grant_type"))? {
        "client_credentials" => {}
        other => {
            let message = format!("The app requested an unsupported grant type '{other}'.");
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                70_003,
                message,
            ));
        }
    }
    let (client, secret) = client_credentials(headers, &form)?;
    check_scope(form.get("scope").ok_or_else(|| Refusal::missing("scope"))?)?;
    check_secret(service, &client, secret.as_deref(), now)?;
    Ok(service.authority.issue(now))
}

/// The fields of a form body; empty for a body of another type.
struct Form(BTreeMap<String, String>);

impl Form {
    fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let is_form = media_type(headers).eq_ignore_ascii_case(FORM);
        Self(if is_form {
            form_urlencoded::parse(body).into_owned().collect()
        } else {
            BTreeMap::new()
        })
    }

    /// A field that is there and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Client id and secret, from the form or from HTTP Basic ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
fn client_credentials(headers: &HeaderMap, form: &Form) -> Result<(String, Option<String>), Refusal> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(read_basic);
    if let Some((client, secret)) = basic {
        return Ok((client, Some(secret).filter(|secret| !secret.is_empty())));
    }
    let client = form.get("client_id").ok_or_else(|| Refusal::missing("client_id"))?;
    Ok((client.to_owned(), form.get("client_secret").map(str::to_owned)))
}

/// Both halves are form-encoded before they are joined.
fn read_basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    let joined = scheme
        .eq_ignore_ascii_case("Basic")
        .then(|| STANDARD.decode(encoded.trim()).ok())
        .flatten()?;
    let joined = String::from_utf8(joined).ok()?;
    let (client, secret) = joined.split_once(':')?;
    let decode = |half: &str| {
        percent_decode_str(&half.replace('+', " "))
            .decode_utf8()
            .ok()
            .map(String::from)
    };
    Some((decode(client)?, decode(secret)?))
}

fn check_scope(scope: &str) -> Result<(), Refusal> {
    let invalid = |number, message: &str| {
        let message = format!("The provided value for scope {scope} is not valid. {message}");
        Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid_scope", number, message))
    };
    let mut scopes = scope.split_whitespace();
    let resource = scopes.next().and_then(|scope| scope.strip_suffix("/.default"));
    if scopes.next().is_some() {
        return invalid(70_011, "A token is for one resource; give one scope.");
    }
    match resource {
        Some(resource) if !resource.is_empty() => Ok(()),
        _ => invalid(
            1_002_012,
            "Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
        ),
    }
}

fn check_secret(service: &Service, client: &str, secret: Option<&str>, now: OffsetDateTime) -> Result<(), Refusal> {
    let invalid = |number, message: String| Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", number, message);
    let registered = service.authority.clients.get(client);
    let added = added_secrets(&service.store(), client, now);
    if registered.is_none() && added.is_empty() && !service.authority.clients.is_empty() {
        let message = format!("Application with identifier '{client}' was not found in the directory.");
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "unauthorized_client",
            700_016,
            message,
        ));
    }
    let Some(secret) = secret else {
        let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(invalid(7_000_218, message.to_owned()));
    };
    let given = Digest::of(secret);
    let anything_goes = registered.is_none() && added.is_empty();
    let matching = added.iter().find(|added| added.digest == given);
    match matching {
        _ if anything_goes || registered == Some(&given) => Ok(()),
        Some(added) if added.expired => Err(invalid(
            7_000_222,
            format!("The provided client secret keys for app '{client}' are expired."),
        )),
        Some(_) => Ok(()),
        None => Err(invalid(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
            ),
        )),
    }
}

/// A secret made by `addPassword` on the client's application or service principal.
struct AddedSecret {
    digest: Digest,
    expired: bool,
}

fn added_secrets(store: &Store, client: &str, now: OffsetDateTime) -> Vec<AddedSecret> {
    let objects = store
        .applications
        .iter()
        .chain(store.service_principals.iter())
        .map(|(_, object)| object);
    objects
        .filter(|object| text(object, "appId").is_some_and(|id| id.eq_ignore_ascii_case(client)))
        .flat_map(|object| list(object, "passwordCredentials"))
        .filter_map(|credential| {
            let digest = store.secrets.get(credential["keyId"].as_str()?)?;
            let end = credential["endDateTime"].as_str().and_then(clock::parse_timestamp);
            Some(AddedSecret {
                digest: *digest,
                expired: end.is_some_and(|end| end <= now),
            })
        })
        .collect()
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(crate) async fn openid_configuration(State(service): State<Arc<Service>>, Path(tenant): Path<String>) -> Response {
    let base = format!("{}/{tenant}", service.url);
    let document = json!({
        "issuer": format!("{base}/v2.0"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_types_supported": ["token"],
    });
    (
        [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
        document.to_string(),
    )
        .into_response()
}

/// `GET /common/discovery/instance`
pub(crate) async fn instance_discovery(State(service): State<Arc<Service>>) -> Response {
    let host = service.url.trim_start_matches("http://");
    let document = json!({
        "tenant_discovery_endpoint": format!("{}/common/v2.0/.well-known/openid-configuration", service.url),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    });
    (
        [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
        document.to_string(),
    )
        .into_response()
}
