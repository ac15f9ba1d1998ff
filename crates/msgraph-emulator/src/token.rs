//! Microsoft Entra's token endpoint, and the two documents by which clients find it.
//!
//! Protocols: <https://learn.microsoft.com/entra/identity-platform/v2-protocols>; error numbers:
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

mod assertion;
mod client;
mod form;
mod refusal;
mod sessions;
pub(crate) mod sign_in;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use assertion::{ClientCertificate, Federation, VerifyingKey};
use client::Client;
use form::Form;
use refusal::Refusal;
pub(crate) use sessions::Decision;
use sessions::{Grant, Sessions};

use crate::{digest::Digest, emulator::Service, exchange::Ids};

/// Who may have tokens, and which tokens are out.
pub(crate) struct Authority {
    pub(crate) token_lifetime: Duration,
    /// Secrets of registered clients; everyone is welcome while no client is registered in any way.
    pub(crate) clients: BTreeMap<String, Digest>,
    pub(crate) certificates: BTreeMap<String, Vec<ClientCertificate>>,
    pub(crate) federations: BTreeMap<String, Vec<Federation>>,
    /// Who signs in on the pages.
    pub(crate) user: String,
    /// Issued tokens.
    issued: Mutex<BTreeMap<Digest, Issued>>,
    sessions: Mutex<Sessions>,
    /// What ID tokens are signed with; nobody else has it.
    key: String,
}

struct Issued {
    expiry: OffsetDateTime,
    user: Option<String>,
}

/// What a presented token is worth.
pub(crate) enum Standing {
    Valid,
    Expired,
    Unknown,
}

impl Authority {
    pub(crate) fn new(token_lifetime: Duration, user: String) -> Self {
        Self {
            token_lifetime,
            clients: BTreeMap::new(),
            certificates: BTreeMap::new(),
            federations: BTreeMap::new(),
            user,
            issued: Mutex::default(),
            sessions: Mutex::default(),
            key: Uuid::new_v4().to_string(),
        }
    }

    pub(crate) fn standing(&self, token: &str, now: OffsetDateTime) -> Standing {
        match self.issued().get(&Digest::of(token)) {
            Some(issued) if now < issued.expiry => Standing::Valid,
            Some(_) => Standing::Expired,
            None => Standing::Unknown,
        }
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn issued(&self) -> MutexGuard<'_, BTreeMap<Digest, Issued>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_clients(&self) -> bool {
        !(self.clients.is_empty() && self.certificates.is_empty() && self.federations.is_empty())
    }

    fn knows(&self, client: &str) -> bool {
        self.is_confidential(client)
    }

    fn is_confidential(&self, client: &str) -> bool {
        self.clients.contains_key(client)
            || self.certificates.contains_key(client)
            || self.federations.contains_key(client)
    }

    /// A token for the client itself, or for a user of it.
    fn issue(&self, user: Option<&str>, now: OffsetDateTime) -> Value {
        let token = format!("emulator.{}.{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let issued = Issued {
            expiry: now + self.token_lifetime,
            user: user.map(str::to_owned),
        };
        self.issued().insert(Digest::of(&token), issued);
        let seconds = self.token_lifetime.as_secs();
        json!({ "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token })
    }

    /// A token for a user, with a refresh token and an ID token where the scope asks for them.
    fn issue_to_user(&self, grant: &Grant, issuer: &str, now: OffsetDateTime) -> Value {
        let mut answer = self.issue(Some(&grant.user), now);
        answer["scope"] = grant.scope.as_str().into();
        let asks_for = |scope: &str| grant.scope.split_whitespace().any(|one| one == scope);
        if asks_for("offline_access") {
            answer["refresh_token"] = self.sessions().add_refresh_token(grant, now).into();
        }
        if asks_for("openid") {
            let mut claims = json!({
                "iss": issuer,
                "aud": grant.client,
                "sub": grant.user,
                "preferred_username": grant.user,
                "iat": now.unix_timestamp(),
                "nbf": now.unix_timestamp(),
                "exp": now.unix_timestamp() + 3600,
            });
            if let Some(nonce) = &grant.nonce {
                claims["nonce"] = nonce.as_str().into();
            }
            let key = EncodingKey::from_secret(self.key.as_bytes());
            let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key);
            answer["id_token"] = token.expect("claims of text and numbers can be written").into();
        }
        answer
    }

    /// The user to whom a token was issued that a client now presents on the user's behalf.
    fn user_of(&self, assertion: &str, now: OffsetDateTime) -> Result<String, Refusal> {
        match self.issued().get(&Digest::of(assertion)) {
            None => Err(Refusal::grant(50_013, "Assertion failed signature validation.")),
            Some(issued) if issued.expiry <= now => {
                Err(Refusal::grant(500_133, "Assertion is not within its valid time range."))
            }
            Some(Issued { user: None, .. }) => Err(Refusal::grant(
                240_002,
                "Input id_token or access token was issued to an application and cannot be used on behalf of a user.",
            )),
            Some(Issued { user: Some(user), .. }) => Ok(user.clone()),
        }
    }
}

/// `POST /{tenant}/oauth2/v2.0/token`
pub(crate) async fn issue(
    State(service): State<Arc<Service>>,
    Extension(ids): Extension<Ids>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = service.clock.now();
    let granted = grant(&service, &tenant, &headers, &body, now);
    json_answer(granted, &ids, now)
}

fn grant(
    service: &Service,
    tenant: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<Value, Refusal> {
    let form = Form::read(headers, body);
    let client = || Client::of(service, tenant, headers, &form, now);
    let authority = &service.authority;
    let issuer = format!("{}/{tenant}/v2.0", service.url);
    let user_grant = match form.require("grant_type")? {
        "client_credentials" => {
            let client = client()?;
            check_scope(form.require("scope")?)?;
            client.confidential()?;
            return Ok(authority.issue(None, now));
        }
        "authorization_code" => authority.sessions().redeem_code(&form, &client()?.id, now)?,
        "refresh_token" => {
            let token = form.require("refresh_token")?;
            let granted = authority.sessions().refresh(token, &client()?.id, now)?;
            let scope = form.get("scope").unwrap_or(&granted.scope).to_owned();
            Grant { scope, ..granted }
        }
        "urn:ietf:params:oauth:grant-type:device_code" => {
            let device_code = form.require("device_code")?;
            authority.sessions().poll(device_code, &client()?.id, now)?
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let client = client()?.confidential()?;
            if form.require("requested_token_use")? != "on_behalf_of" {
                let message = "The requested_token_use must be 'on_behalf_of'.";
                return Err(Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "invalid_request",
                    900_144,
                    message,
                ));
            }
            Grant {
                client: client.id,
                user: authority.user_of(form.require("assertion")?, now)?,
                scope: form.require("scope")?.to_owned(),
                nonce: None,
            }
        }
        other => {
            let message = format!("The app requested an unsupported grant type '{other}'.");
            let status = StatusCode::BAD_REQUEST;
            return Err(Refusal::new(status, "unsupported_grant_type", 70_003, message));
        }
    };
    Ok(authority.issue_to_user(&user_grant, &issuer, now))
}

fn json_answer(answer: Result<Value, Refusal>, ids: &Ids, now: OffsetDateTime) -> Response {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(refusal) => (refusal.status, refusal.body(ids, now)),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store, no-cache"),
    ];
    (status, headers, body.to_string()).into_response()
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

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(crate) async fn openid_configuration(State(service): State<Arc<Service>>, Path(tenant): Path<String>) -> Response {
    let base = format!("{}/{tenant}", service.url);
    let document = json!({
        "issuer": format!("{base}/v2.0"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "response_types_supported": ["code"],
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
