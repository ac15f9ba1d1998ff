//! The pages of a person who signs in: the authorization endpoint and the page for device codes.
//!
//! The person is the emulator's one user, who needs no password. As at the service, a request without `prompt` is
//! answered at once where the user has a session already, which is always.

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use serde_json::json;

use super::{
    form::Form,
    json_answer,
    refusal::Refusal,
    sessions::{Decision, Grant},
};
use crate::{emulator::Service, exchange::Ids};

/// `GET /{tenant}/oauth2/v2.0/authorize`: redirects with a code, or shows a page to consent on.
pub(crate) async fn authorize(
    State(service): State<Arc<Service>>,
    Extension(ids): Extension<Ids>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let form = Form::parse(query.as_bytes());
    match check(&form) {
        Err(refusal) => page_of(&refusal, &service, &ids),
        Ok(()) if form.get("prompt").is_some_and(|prompt| prompt != "none") => {
            let action = format!("/{tenant}/oauth2/v2.0/authorize?{}", escape(&query));
            let user = escape(&service.authority.user);
            Html(format!(
                "<!doctype html><title>Sign in</title><form method=post action=\"{action}\">\
                 <button id=accept name=choice value=accept>Continue as {user}</button>\
                 <button id=cancel name=choice value=cancel>Cancel</button></form>"
            ))
            .into_response()
        }
        Ok(()) => redirect(&service, &form, true),
    }
}

/// `POST /{tenant}/oauth2/v2.0/authorize`: what the person chose on the page.
pub(crate) async fn choose(
    State(service): State<Arc<Service>>,
    Extension(ids): Extension<Ids>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    match check(&form) {
        Err(refusal) => page_of(&refusal, &service, &ids),
        Ok(()) => redirect(
            &service,
            &form,
            Form::read(&headers, &body).get("choice") == Some("accept"),
        ),
    }
}

fn check(form: &Form) -> Result<(), Refusal> {
    let invalid = |number, message: &str| {
        Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            number,
            message,
        ))
    };
    form.require("client_id")?;
    form.require("scope")?;
    if form.require("response_type")? != "code" {
        return invalid(70_005, "The response_type must be 'code'.");
    }
    let redirect = form.require("redirect_uri")?;
    let is_loopback = ["http://localhost:", "http://127.0.0.1:", "http://[::1]:"]
        .iter()
        .any(|start| redirect.starts_with(start));
    if !is_loopback {
        return invalid(
            50_011,
            "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
        );
    }
    match (form.get("code_challenge"), form.get("code_challenge_method")) {
        (None, None) | (Some(_), Some("S256")) => Ok(()),
        _ => invalid(
            501_491,
            "Invalid size or method of the code challenge: give an S256 challenge.",
        ),
    }
}

fn redirect(service: &Service, form: &Form, accepted: bool) -> Response {
    let target = form.get("redirect_uri").unwrap_or_default();
    let mut answer = form_urlencoded::Serializer::new(String::new());
    if accepted {
        let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
        let grant = Grant {
            client: text("client_id"),
            user: service.authority.user.clone(),
            scope: text("scope"),
            nonce: form.get("nonce").map(str::to_owned),
        };
        let mut sessions = service.authority.sessions();
        let code = sessions.add_code(grant, target, form.get("code_challenge"), service.clock.now());
        answer.append_pair("code", &code);
    } else {
        answer
            .append_pair("error", "access_denied")
            .append_pair("error_subcode", "cancel")
            .append_pair(
                "error_description",
                "AADSTS65004: User declined to consent to access the app.",
            );
    }
    if let Some(state) = form.get("state") {
        answer.append_pair("state", state);
    }
    let location = format!("{target}?{}", answer.finish());
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// A request that is wrong is shown to the person, because the redirect address may not be the client's.
fn page_of(refusal: &Refusal, service: &Service, ids: &Ids) -> Response {
    let text = refusal.description(ids, service.clock.now());
    let page = format!("<!doctype html><title>Sign in</title><p id=error>{}</p>", escape(&text));
    (refusal.status, Html(page)).into_response()
}

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(crate) async fn device_code(
    State(service): State<Arc<Service>>,
    Extension(ids): Extension<Ids>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = service.clock.now();
    let form = Form::read(&headers, &body);
    let begin = || {
        let (client, scope) = (form.require("client_id")?, form.require("scope")?);
        let code = service.authority.sessions().add_device(client, scope, now);
        let uri = format!("{}/devicelogin", service.url);
        Ok(json!({
            "user_code": code.user_code,
            "device_code": code.device_code,
            "verification_uri": uri,
            "expires_in": code.lifetime.whole_seconds(),
            "interval": code.interval.whole_seconds(),
            "message": format!("To sign in, open {uri} and enter the code {}.", code.user_code),
        }))
    };
    json_answer(begin(), &ids, now)
}

/// `GET /devicelogin`: the page on which a person enters the code of a device.
pub(crate) async fn device_page() -> Response {
    Html(
        "<!doctype html><title>Enter code</title><form method=post>\
         <input id=otc name=user_code autofocus>\
         <button id=accept name=choice value=accept>Continue</button>\
         <button id=cancel name=choice value=cancel>Cancel</button></form>",
    )
    .into_response()
}

/// `POST /devicelogin`
pub(crate) async fn device_decision(State(service): State<Arc<Service>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::read(&headers, &body);
    let user = service.authority.user.clone();
    let decision = match form.get("choice") {
        Some("accept") => Decision::Approved { user },
        _ => Decision::Declined,
    };
    let is_known = service
        .authority
        .sessions()
        .decide(form.get("user_code").unwrap_or_default(), decision);
    if is_known {
        Html("<!doctype html><title>Done</title><p>You may close this window.</p>").into_response()
    } else {
        let page = Html("<!doctype html><title>Enter code</title><p id=error>That code did not work.</p>");
        (StatusCode::BAD_REQUEST, page).into_response()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
