//! From a request under `/v1.0` to the resource that answers it.

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::{
    connectors, directory,
    emulator::Service,
    error::GraphError,
    exchange::{Ids, media_type},
    path::{Key, Segment},
    reply::{ODATA_JSON, Reply},
    store::Document,
    token::Standing,
    user_flows,
};

/// One authenticated request.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Scheme and authority by which the client reaches the emulator: links lead back there.
    pub(crate) base: String,
    /// The path as it was sent.
    pub(crate) path: String,
    /// The query as it was sent, without `?`.
    pub(crate) query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// The JSON object in the body.
    pub(crate) fn object(&self) -> Result<Document, GraphError> {
        let media_type = media_type(&self.headers);
        if media_type.is_empty() {
            return Err(GraphError::bad_request(
                "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            ));
        }
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(GraphError::bad_request(format!(
                "The body is of type '{media_type}'; send application/json."
            )));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(GraphError::bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
            )),
        }
    }

    /// The parameters of an action; one that it does not have is refused.
    pub(crate) fn parameters(&self, action: &str, known: &[&str]) -> Result<Document, GraphError> {
        let parameters = self.object()?;
        match parameters.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(parameters),
            Some(name) => Err(GraphError::bad_request(format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation '{action}'."
            ))),
        }
    }

    /// Whether the client accepts the eventually consistent index, on which `$count` runs.
    pub(crate) fn is_eventually_consistent(&self) -> bool {
        self.headers
            .get("consistencylevel")
            .is_some_and(|level| level.as_bytes().eq_ignore_ascii_case(b"eventual"))
    }
}

/// Answers everything that is not an address of the token service.
pub(crate) async fn graph(
    State(service): State<Arc<Service>>,
    Extension(ids): Extension<Ids>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let call = Call {
        method,
        base: host.map_or_else(|| service.url.clone(), |host| format!("http://{host}")),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    };
    let answering = Arc::clone(&service);
    // Generating keys and opening PKCS#12 files takes long enough to hold up every other connection.
    let answer = tokio::task::spawn_blocking(move || answer(&answering, &call)).await;
    let response = match answer.expect("answering a request does not panic") {
        Ok(reply) => reply.into_response(),
        Err(error) => {
            let body = error.body(&ids, service.clock.now()).to_string();
            let mut response = (error.status, [(header::CONTENT_TYPE, ODATA_JSON)], body).into_response();
            if let Some((name, value)) = error.header {
                let value = HeaderValue::try_from(value).expect("challenges and method lists are ASCII");
                response.headers_mut().insert(name, value);
            }
            response
        }
    };
    ([(HeaderName::from_static("odata-version"), "4.0")], response).into_response()
}

fn answer(service: &Service, call: &Call) -> Result<Reply, GraphError> {
    let encoded: Vec<&str> = call
        .path
        .trim_start_matches('/')
        .trim_end_matches('/')
        .split('/')
        .collect();
    let [version, resource @ ..] = encoded.as_slice() else {
        return Err(GraphError::bad_request("Empty path."));
    };
    if *version != "v1.0" {
        return Err(GraphError::bad_request(format!(
            "Invalid version: '{version}'. This emulator serves v1.0."
        )));
    }
    authenticate(service, call)?;
    let segments = resource
        .iter()
        .map(|segment| Segment::parse(segment))
        .collect::<Result<Vec<_>, _>>()?;
    match segments.as_slice() {
        [identity, set, rest @ ..] if identity.is_plain("identity") && set.is("apiConnectors") => {
            let (key, rest) = split_key(set, rest);
            connectors::route(service, call, key, rest)
        }
        [identity, set, rest @ ..] if identity.is_plain("identity") && set.is("b2xUserFlows") => {
            let (key, rest) = split_key(set, rest);
            user_flows::route(service, call, key, rest)
        }
        [identity, unknown, ..] if identity.is_plain("identity") => Err(GraphError::unknown_segment(&unknown.text)),
        [set, rest @ ..] => match directory::Kind::of(set) {
            Some(kind) => {
                let (key, rest) = split_key(set, rest);
                directory::route(service, call, kind, key, rest)
            }
            None => Err(GraphError::unknown_segment(&set.text)),
        },
        [] => Err(GraphError::bad_request("The request names no resource.")),
    }
}

/// The key of an entity, in parentheses or as the next segment, and what follows it.
fn split_key<'a>(set: &Segment, rest: &'a [Segment]) -> (Option<Key>, &'a [Segment]) {
    match (&set.key, rest) {
        (Some(key), _) => (Some(key.clone()), rest),
        (None, [id, rest @ ..]) if !id.text.starts_with('$') => (Some(Key::id(&id.text)), rest),
        _ => (None, rest),
    }
}

fn authenticate(service: &Service, call: &Call) -> Result<(), GraphError> {
    let credentials = call
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = credentials
        .and_then(|credentials| credentials.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, token)| token.trim());
    let reason = match token {
        None | Some("") => "Access token is empty.",
        Some(token) => match service.authority.standing(token, service.clock.now()) {
            Standing::Valid => return Ok(()),
            Standing::Expired => "Lifetime validation failed, the token is expired.",
            Standing::Unknown => "The access token was not issued by this emulator's token endpoint.",
        },
    };
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/v2.0/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"",
        call.base
    );
    Err(GraphError::unauthenticated(reason, challenge))
}
