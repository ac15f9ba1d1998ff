//! `/identity/b2xUserFlows`: the user flows that call API connectors.
//!
//! <https://learn.microsoft.com/graph/api/resources/b2xidentityuserflow>

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    connectors,
    emulator::Service,
    error::GraphError,
    path::{Key, Segment},
    reply,
    reply::Reply,
    router::Call,
    schema::{EntitySet, EntityType, Shape},
    store::{Document, text},
};

const USER_FLOWS: EntitySet = EntitySet {
    path: "identity/b2xUserFlows",
    entity: &EntityType {
        name: "b2xIdentityUserFlow",
        properties: &[
            ("apiConnectorConfiguration", Shape::Object),
            ("id", Shape::Text),
            ("userFlowType", Shape::Text),
            ("userFlowTypeVersion", Shape::Number),
        ],
        read_only: &[],
    },
};

/// The steps of a user flow that can call an API connector.
const STEPS: [&str; 2] = ["postFederationSignup", "postAttributeCollection"];

/// What the service puts before the name that a client chose.
const ID_PREFIX: &str = "B2X_1_";

pub(crate) fn route(service: &Service, call: &Call, key: Option<Key>, rest: &[Segment]) -> Result<Reply, GraphError> {
    let Some(key) = key else {
        return match (rest, &call.method) {
            ([], &Method::GET) => reply::page(call, &USER_FLOWS, &service.store().user_flows, shown),
            ([], &Method::POST) => create(service, call),
            ([], _) => Err(GraphError::method_not_allowed("GET, POST")),
            ([unknown, ..], _) => Err(GraphError::unknown_segment(&unknown.text)),
        };
    };
    match rest {
        [] => match call.method {
            Method::GET => show(service, call, &key).map(Reply::Ok),
            Method::DELETE => service
                .store()
                .user_flows
                .remove(&key)
                .map(|_| Reply::NoContent)
                .ok_or_else(|| not_found(&key)),
            _ => Err(GraphError::method_not_allowed("GET, DELETE")),
        },
        [configuration, rest @ ..] if configuration.is_plain("apiConnectorConfiguration") => match rest {
            [] => match call.method {
                Method::GET => configuration_of(service, call, &key),
                _ => Err(GraphError::method_not_allowed("GET")),
            },
            [step, rest @ ..] => {
                let name = STEPS.into_iter().find(|name| step.is_plain(name));
                let name = name.ok_or_else(|| GraphError::unknown_segment(&step.text))?;
                route_step(service, call, &key, name, rest)
            }
        },
        [unknown, ..] => Err(GraphError::unknown_segment(&unknown.text)),
    }
}

fn route_step(
    service: &Service,
    call: &Call,
    flow: &Key,
    step: &'static str,
    rest: &[Segment],
) -> Result<Reply, GraphError> {
    match rest {
        [] => match call.method {
            Method::GET => connectors::show(service, call, &connector_of(service, flow, step)?).map(Reply::Ok),
            _ => Err(GraphError::method_not_allowed("GET")),
        },
        [reference] if reference.is_plain("$ref") => match call.method {
            Method::PUT => refer(service, call, flow, step),
            Method::DELETE => set_step(service, flow, step, Value::Null),
            _ => Err(GraphError::method_not_allowed("PUT, DELETE")),
        },
        [action] if action.is_plain("uploadClientCertificate") => match call.method {
            Method::POST => connectors::upload_client_certificate(service, call, &connector_of(service, flow, step)?),
            _ => Err(GraphError::method_not_allowed("POST")),
        },
        [.., unknown] => Err(GraphError::unknown_segment(&unknown.text)),
    }
}

fn create(service: &Service, call: &Call) -> Result<Reply, GraphError> {
    let body = call.object()?;
    USER_FLOWS.entity.check(&body)?;
    let name = text(&body, "id").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| GraphError::bad_request("A user flow needs an id: its name without prefix."))?;
    let id = if name.starts_with(ID_PREFIX) {
        name.to_owned()
    } else {
        format!("{ID_PREFIX}{name}")
    };
    let key = Key::id(id.as_str());
    let mut flow = USER_FLOWS.entity.blank();
    USER_FLOWS.entity.merge(&mut flow, &body);
    flow.insert("id".to_owned(), id.as_str().into());
    flow.insert("apiConnectorConfiguration".to_owned(), json!({}));
    {
        let mut store = service.store();
        if store.user_flows.get(&key).is_some() {
            return Err(GraphError::conflict(format!(
                "A user flow with the id '{id}' already exists."
            )));
        }
        store.user_flows.insert(flow);
    }
    Ok(Reply::Created {
        body: show(service, call, &key)?,
        location: reply::location(call, &USER_FLOWS, &id),
    })
}

fn show(service: &Service, call: &Call, key: &Key) -> Result<Value, GraphError> {
    let store = service.store();
    let stored = store.user_flows.get(key).ok_or_else(|| not_found(key))?;
    reply::entity(call, &USER_FLOWS, stored, |stored, _| shown(stored))
}

/// The connectors are navigation properties: not shown unless asked for.
fn shown(stored: &Document) -> Document {
    let mut flow = stored.clone();
    flow.insert("apiConnectorConfiguration".to_owned(), json!({}));
    flow
}

/// The configuration with both connectors expanded, as its documentation asks for them.
fn configuration_of(service: &Service, call: &Call, flow: &Key) -> Result<Reply, GraphError> {
    service.store().user_flows.get(flow).ok_or_else(|| not_found(flow))?;
    let context = format!(
        "{}/v1.0/$metadata#{}('{}')/apiConnectorConfiguration",
        call.base, USER_FLOWS.path, flow.value
    );
    let mut body = json!({ "@odata.context": context });
    for step in STEPS {
        let connector = connector_of(service, flow, step).ok();
        body[step] = match connector {
            Some(key) => connectors::expanded(service, &key),
            None => Value::Null,
        };
    }
    Ok(Reply::Ok(body))
}

/// Sets the connector of a step to the one that `@odata.id` names.
fn refer(service: &Service, call: &Call, flow: &Key, step: &'static str) -> Result<Reply, GraphError> {
    let body = call.parameters("$ref", &["@odata.id"])?;
    let target = text(&body, "@odata.id").unwrap_or_default();
    let id = target
        .rsplit_once("/identity/apiConnectors/")
        .map(|(_, id)| id)
        .filter(|id| service.store().connectors.get(&Key::id(*id)).is_some())
        .ok_or_else(|| {
            GraphError::bad_request(format!(
                "'@odata.id' must be the URL of an API connector that exists, not '{target}'."
            ))
        })?;
    set_step(service, flow, step, id.into())
}

fn set_step(service: &Service, flow: &Key, step: &str, connector: Value) -> Result<Reply, GraphError> {
    let mut store = service.store();
    let stored = store.user_flows.get_mut(flow).ok_or_else(|| not_found(flow))?;
    stored["apiConnectorConfiguration"][step] = connector;
    Ok(Reply::NoContent)
}

fn connector_of(service: &Service, flow: &Key, step: &str) -> Result<Key, GraphError> {
    let store = service.store();
    let stored = store.user_flows.get(flow).ok_or_else(|| not_found(flow))?;
    let id = stored["apiConnectorConfiguration"][step].as_str();
    id.map(Key::id)
        .ok_or_else(|| GraphError::not_found(connectors::CONNECTORS.entity.name, &format!("{}/{step}", flow.value)))
}

fn not_found(key: &Key) -> GraphError {
    GraphError::not_found(USER_FLOWS.entity.name, &key.value)
}
