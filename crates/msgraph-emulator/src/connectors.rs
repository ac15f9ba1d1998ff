//! `/identity/apiConnectors`: API connectors and their client certificates.
//!
//! <https://learn.microsoft.com/graph/api/resources/identityapiconnector>

use axum::http::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    emulator::Service,
    error::GraphError,
    path::{Key, Segment},
    pkcs12, reply,
    reply::Reply,
    router::Call,
    schema::{EntitySet, EntityType, Shape},
    store::{Document, text},
};

pub(crate) const CONNECTORS: EntitySet = EntitySet {
    path: "identity/apiConnectors",
    entity: &EntityType {
        name: "identityApiConnector",
        properties: &[
            ("authenticationConfiguration", Shape::Object),
            ("displayName", Shape::Text),
            ("id", Shape::Text),
            ("targetUrl", Shape::Text),
        ],
        read_only: &["id"],
    },
};

const BASIC: EntityType = EntityType {
    name: "basicAuthentication",
    properties: &[("password", Shape::Text), ("username", Shape::Text)],
    read_only: &[],
};

const PKCS12: EntityType = EntityType {
    name: "pkcs12Certificate",
    properties: &[("password", Shape::Text), ("pkcs12Value", Shape::Text)],
    read_only: &[],
};

pub(crate) fn route(service: &Service, call: &Call, key: Option<Key>, rest: &[Segment]) -> Result<Reply, GraphError> {
    let key = match key {
        Some(key) if key.property != "id" => {
            return Err(GraphError::bad_request(format!(
                "API connectors have no alternate key '{}'.",
                key.property
            )));
        }
        other => other,
    };
    match (&key, rest) {
        (None, []) => match call.method {
            Method::GET => reply::page(call, &CONNECTORS, &service.store().connectors, |stored| {
                shown(stored, service.clock.now())
            }),
            Method::POST => create(service, call),
            _ => Err(GraphError::method_not_allowed("GET, POST")),
        },
        (Some(key), []) => match call.method {
            Method::GET => show(service, call, key).map(Reply::Ok),
            Method::PATCH => update(service, call, key),
            Method::DELETE => delete(service, key),
            _ => Err(GraphError::method_not_allowed("GET, PATCH, DELETE")),
        },
        (Some(key), [action]) if action.is_plain("uploadClientCertificate") => match call.method {
            Method::POST => upload_client_certificate(service, call, key),
            _ => Err(GraphError::method_not_allowed("POST")),
        },
        (_, [.., unknown]) => Err(GraphError::unknown_segment(&unknown.text)),
    }
}

/// What every reader of the connector sees, with the context of the answer.
pub(crate) fn show(service: &Service, call: &Call, key: &Key) -> Result<Value, GraphError> {
    let store = service.store();
    let stored = store.connectors.get(key).ok_or_else(|| not_found(key))?;
    reply::entity(call, &CONNECTORS, stored, |stored, _| {
        shown(stored, service.clock.now())
    })
}

/// The connector inside another answer; null when it no longer exists.
pub(crate) fn expanded(service: &Service, key: &Key) -> Value {
    let store = service.store();
    store
        .connectors
        .get(key)
        .map_or(Value::Null, |stored| Value::Object(shown(stored, service.clock.now())))
}

fn create(service: &Service, call: &Call) -> Result<Reply, GraphError> {
    let body = call.object()?;
    CONNECTORS.entity.check(&body)?;
    if text(&body, "displayName").is_none_or(str::is_empty) {
        return Err(GraphError::bad_request("An API connector needs a displayName."));
    }
    let mut connector = CONNECTORS.entity.blank();
    let id = Uuid::new_v4().to_string();
    apply(&mut connector, &body)?;
    if text(&connector, "targetUrl").is_none() {
        return Err(GraphError::bad_request("An API connector needs a targetUrl."));
    }
    connector.insert("id".to_owned(), id.as_str().into());
    service.store().connectors.insert(connector);
    let location = reply::location(call, &CONNECTORS, &id);
    Ok(Reply::Created {
        body: show(service, call, &Key::id(id))?,
        location,
    })
}

fn update(service: &Service, call: &Call, key: &Key) -> Result<Reply, GraphError> {
    let body = call.object()?;
    CONNECTORS.entity.check(&body)?;
    let mut store = service.store();
    let stored = store.connectors.get_mut(key).ok_or_else(|| not_found(key))?;
    let mut changed = stored.clone();
    apply(&mut changed, &body)?;
    *stored = changed;
    Ok(Reply::NoContent)
}

fn delete(service: &Service, key: &Key) -> Result<Reply, GraphError> {
    service
        .store()
        .connectors
        .remove(key)
        .map(|_| Reply::NoContent)
        .ok_or_else(|| not_found(key))
}

/// The action `uploadClientCertificate` on one connector, by whichever path it was reached.
pub(crate) fn upload_client_certificate(service: &Service, call: &Call, key: &Key) -> Result<Reply, GraphError> {
    let parameters = call.parameters("uploadClientCertificate", &["pkcs12Value", "password"])?;
    service.store().connectors.get(key).ok_or_else(|| not_found(key))?;
    let uploaded = certificate_information(&parameters)?;
    {
        let mut store = service.store();
        let stored = store.connectors.get_mut(key).ok_or_else(|| not_found(key))?;
        add_certificate(stored, uploaded);
    }
    show(service, call, key).map(Reply::Ok)
}

/// Writes a request body over a connector.
fn apply(connector: &mut Document, body: &Document) -> Result<(), GraphError> {
    if let Some(url) = text(body, "targetUrl")
        && !["https://", "http://"]
            .iter()
            .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
    {
        return Err(GraphError::bad_request(format!(
            "targetUrl must be an absolute http or https URL, not '{url}'."
        )));
    }
    let mut plain = body.clone();
    let authentication = plain.remove("authenticationConfiguration");
    CONNECTORS.entity.merge(connector, &plain);
    match authentication {
        None => {}
        Some(Value::Object(configuration)) => authenticate_with(connector, &configuration)?,
        Some(_) => drop(connector.insert("authenticationConfiguration".to_owned(), Value::Null)),
    }
    Ok(())
}

/// Takes over an authentication configuration that a client wrote.
fn authenticate_with(connector: &mut Document, configuration: &Document) -> Result<(), GraphError> {
    let type_name = text(configuration, "@odata.type").unwrap_or_default();
    match type_name.trim_start_matches('#').trim_start_matches("microsoft.graph.") {
        "basicAuthentication" => {
            BASIC.check(configuration)?;
            let username = configuration.get("username").cloned().unwrap_or_default();
            // The password is write-only: nothing of the emulator's ever needs it.
            let stored = json!({ "@odata.type": "#microsoft.graph.basicAuthentication", "username": username });
            connector.insert("authenticationConfiguration".to_owned(), stored);
            Ok(())
        }
        "pkcs12Certificate" => {
            PKCS12.check(configuration)?;
            add_certificate(connector, certificate_information(configuration)?);
            Ok(())
        }
        _ => Err(GraphError::bad_request(format!(
            "authenticationConfiguration needs '@odata.type' #microsoft.graph.basicAuthentication or #microsoft.graph.pkcs12Certificate, not '{type_name}'."
        ))),
    }
}

/// Opens the PKCS#12 file in `pkcs12Value` with `password` and describes its certificate.
fn certificate_information(parameters: &Document) -> Result<Value, GraphError> {
    let required = |name: &str, hint: &str| {
        text(parameters, name).ok_or_else(|| {
            GraphError::bad_request(format!(
                "The required string '{name}' is missing from the payload{hint}."
            ))
        })
    };
    let file = required("pkcs12Value", "")?;
    let password = required("password", "; a file without a password takes \"\"")?;
    let certificate = pkcs12::open(file, password)?;
    Ok(json!({
        "thumbprint": certificate.thumbprint(),
        "notBefore": certificate.not_before.unix_timestamp(),
        "notAfter": certificate.not_after.unix_timestamp(),
    }))
}

/// Appends a certificate; a connector that authenticated otherwise now authenticates by certificate.
fn add_certificate(connector: &mut Document, information: Value) {
    let configuration = connector.entry("authenticationConfiguration").or_insert(Value::Null);
    match configuration.get_mut("certificateList").and_then(Value::as_array_mut) {
        Some(certificates) => certificates.push(information),
        None => {
            *configuration = json!({
                "@odata.type": "#microsoft.graph.clientCertificateAuthentication",
                "certificateList": [information],
            });
        }
    }
}

/// A stored connector with `isActive` decided: the newest upload that is valid now is the active one.
fn shown(stored: &Document, now: OffsetDateTime) -> Document {
    let mut connector = stored.clone();
    let certificates = connector
        .get_mut("authenticationConfiguration")
        .and_then(|configuration| configuration.get_mut("certificateList"))
        .and_then(Value::as_array_mut);
    let mut active_found = false;
    for certificate in certificates.into_iter().flatten().rev() {
        let instant = |name: &str| certificate[name].as_i64().unwrap_or_default();
        let valid = (instant("notBefore")..instant("notAfter")).contains(&now.unix_timestamp());
        let active = valid && !active_found;
        active_found |= active;
        certificate["isActive"] = active.into();
    }
    connector
}

fn not_found(key: &Key) -> GraphError {
    GraphError::not_found(CONNECTORS.entity.name, &key.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::document;

    fn certificate(thumbprint: &str, not_before: i64, not_after: i64) -> Value {
        json!({ "thumbprint": thumbprint, "notBefore": not_before, "notAfter": not_after })
    }

    #[test]
    fn the_newest_upload_that_is_valid_now_is_active() {
        // Pairs of notBefore and notAfter in the order of upload, and the position of the active one.
        let cases = [
            (&[(0, 100)][..], Some(0)),
            (&[(0, 100), (0, 60)], Some(1)),
            (&[(0, 100), (0, 50)], Some(0)),
            (&[(0, 100), (51, 200)], Some(0)),
            (&[(0, 50), (51, 200)], None),
        ];
        for (validities, active) in cases {
            let list: Vec<_> = validities
                .iter()
                .map(|(not_before, not_after)| certificate("AA", *not_before, *not_after))
                .collect();
            let stored = document(json!({ "authenticationConfiguration": { "certificateList": list } }));
            let now = OffsetDateTime::from_unix_timestamp(50).unwrap();
            let seen = shown(&stored, now)["authenticationConfiguration"]["certificateList"].clone();
            let found = seen
                .as_array()
                .unwrap()
                .iter()
                .position(|certificate| certificate["isActive"] == true);
            assert_eq!(found, active, "{seen}");
        }
    }
}
