//! `/applications` and `/servicePrincipals`.
//!
//! <https://learn.microsoft.com/graph/api/resources/application>,
//! <https://learn.microsoft.com/graph/api/resources/serviceprincipal>

mod credential_lists;
mod passwords;
mod token_signing;
mod types;

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    clock,
    emulator::Service,
    error::GraphError,
    path::{Key, Segment},
    query::Query,
    reply,
    reply::Reply,
    router::Call,
    schema::EntitySet,
    store::{Collection, Document, Store, text},
};

/// Which of the two directory objects a request is about.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Application,
    ServicePrincipal,
}

impl Kind {
    /// The kind whose entity set the segment names.
    pub(crate) fn of(set: &Segment) -> Option<Self> {
        [Self::Application, Self::ServicePrincipal]
            .into_iter()
            .find(|kind| set.is(kind.set().path))
    }

    fn set(self) -> &'static EntitySet {
        match self {
            Self::Application => &types::APPLICATIONS,
            Self::ServicePrincipal => &types::SERVICE_PRINCIPALS,
        }
    }

    fn collection(self, store: &Store) -> &Collection {
        match self {
            Self::Application => &store.applications,
            Self::ServicePrincipal => &store.service_principals,
        }
    }

    fn collection_mut(self, store: &mut Store) -> &mut Collection {
        match self {
            Self::Application => &mut store.applications,
            Self::ServicePrincipal => &mut store.service_principals,
        }
    }
}

pub(crate) fn route(
    service: &Service,
    call: &Call,
    kind: Kind,
    key: Option<Key>,
    rest: &[Segment],
) -> Result<Reply, GraphError> {
    let Some(mut key) = key else {
        return match (rest, &call.method) {
            ([], &Method::GET) => reply::page(call, kind.set(), kind.collection(&service.store()), |stored| {
                shown(stored, false)
            }),
            ([], &Method::POST) => create(service, call, kind),
            ([], _) => Err(GraphError::method_not_allowed("GET, POST")),
            ([count], &Method::GET) if count.is_plain("$count") => {
                reply::count(call, kind.set(), kind.collection(&service.store()))
            }
            ([count], _) if count.is_plain("$count") => Err(GraphError::method_not_allowed("GET")),
            ([unknown, ..], _) => Err(GraphError::unknown_segment(&unknown.text)),
        };
    };
    key.property = match key.property.as_str() {
        "id" => "id".to_owned(),
        name if name.eq_ignore_ascii_case("appId") => "appId".to_owned(),
        other => {
            return Err(GraphError::bad_request(format!(
                "'{other}' is not a key of microsoft.graph.{}; use the id or (appId='…').",
                kind.set().entity.name
            )));
        }
    };
    match rest {
        [] => match call.method {
            Method::GET => show(service, call, kind, &key).map(Reply::Ok),
            Method::PATCH => update(service, call, kind, &key),
            Method::DELETE => delete(service, kind, &key),
            _ => Err(GraphError::method_not_allowed("GET, PATCH, DELETE")),
        },
        [action] => {
            let act = action_of(kind, action).ok_or_else(|| GraphError::unknown_segment(&action.text))?;
            match call.method {
                Method::POST => act(service, call, kind, &key),
                _ => Err(GraphError::method_not_allowed("POST")),
            }
        }
        [unknown, ..] => Err(GraphError::unknown_segment(&unknown.text)),
    }
}

type Action = fn(&Service, &Call, Kind, &Key) -> Result<Reply, GraphError>;

fn action_of(kind: Kind, segment: &Segment) -> Option<Action> {
    let actions: &[(&str, Action)] = match kind {
        Kind::Application => &[("addPassword", passwords::add), ("removePassword", passwords::remove)],
        Kind::ServicePrincipal => &[
            ("addPassword", passwords::add),
            ("removePassword", passwords::remove),
            ("addTokenSigningCertificate", token_signing::add_certificate),
        ],
    };
    // Actions may be qualified with their namespace.
    actions
        .iter()
        .find(|(name, _)| segment.is_plain(name) || segment.is_plain(&format!("microsoft.graph.{name}")))
        .map(|(_, action)| *action)
}

fn show(service: &Service, call: &Call, kind: Kind, key: &Key) -> Result<Value, GraphError> {
    let store = service.store();
    let stored = find(kind.collection(&store), key)?;
    reply::entity(call, kind.set(), stored, |stored, query| {
        shown(stored, asks_for_keys(query))
    })
}

fn asks_for_keys(query: &Query) -> bool {
    query
        .select
        .as_ref()
        .is_some_and(|names| names.iter().any(|name| name == "keyCredentials"))
}

/// What readers see: secrets never, public keys only when `with_keys`.
fn shown(stored: &Document, with_keys: bool) -> Document {
    let mut object = stored.clone();
    if let Some(credentials) = object.get_mut("keyCredentials").and_then(Value::as_array_mut) {
        for credential in credentials {
            if !with_keys || credential["usage"] != "Verify" {
                credential["key"] = Value::Null;
            }
        }
    }
    object
}

fn create(service: &Service, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    let body = call.object()?;
    kind.set().entity.check(&body)?;
    let mut store = service.store();
    let mut object = kind.set().entity.blank();
    let id = Uuid::new_v4().to_string();
    match kind {
        Kind::Application => default_application(&mut object, &body, &clock::timestamp(service.clock.now()))?,
        Kind::ServicePrincipal => default_service_principal(&mut object, &body, &store)?,
    }
    credential_lists::write(&mut store, kind, &mut object, &body, service.clock.now())?;
    object.insert("id".to_owned(), id.as_str().into());
    kind.collection_mut(&mut store).insert(object);
    drop(store);
    let location = reply::location(call, kind.set(), &id);
    Ok(Reply::Created {
        body: show(service, call, kind, &Key::id(id))?,
        location,
    })
}

fn default_application(object: &mut Document, body: &Document, now: &str) -> Result<(), GraphError> {
    if text(body, "displayName").is_none_or(str::is_empty) {
        return Err(GraphError::directory(
            "A value is required for property 'displayName' of resource 'Application'.",
        ));
    }
    object.insert("appId".to_owned(), Uuid::new_v4().to_string().into());
    object.insert("createdDateTime".to_owned(), now.into());
    object.insert("signInAudience".to_owned(), "AzureADMyOrg".into());
    Ok(())
}

fn default_service_principal(object: &mut Document, body: &Document, store: &Store) -> Result<(), GraphError> {
    let app_id = text(body, "appId").ok_or_else(|| {
        GraphError::directory("A value is required for property 'appId' of resource 'ServicePrincipal'.")
    })?;
    let key = Key {
        property: "appId".to_owned(),
        value: app_id.to_owned(),
    };
    let application = store.applications.get(&key).ok_or_else(|| {
        GraphError::directory(format!(
            "The appId '{app_id}' of the service principal does not reference a valid application object."
        ))
        .with_detail("NoBackingApplicationObject", "appId")
    })?;
    if store.service_principals.get(&key).is_some() {
        return Err(GraphError::conflict(format!(
            "The application '{app_id}' has a service principal already."
        )));
    }
    let display_name = application["displayName"].clone();
    let defaults = json!({
        "accountEnabled": true,
        "appDisplayName": display_name,
        "appRoleAssignmentRequired": false,
        "displayName": display_name,
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application",
        "signInAudience": application["signInAudience"],
    });
    object.extend(crate::store::document(defaults));
    Ok(())
}

fn update(service: &Service, call: &Call, kind: Kind, key: &Key) -> Result<Reply, GraphError> {
    let body = call.object()?;
    kind.set().entity.check(&body)?;
    let mut store = service.store();
    let mut object = find(kind.collection(&store), key)?.clone();
    if body.get("appId").is_some_and(|app_id| *app_id != object["appId"]) {
        return Err(GraphError::directory(
            "Property 'appId' is read-only and cannot be set.",
        ));
    }
    credential_lists::write(&mut store, kind, &mut object, &body, service.clock.now())?;
    *find_mut(kind.collection_mut(&mut store), key)? = object;
    Ok(Reply::NoContent)
}

/// Deleting an application takes its service principal along.
fn delete(service: &Service, kind: Kind, key: &Key) -> Result<Reply, GraphError> {
    let mut store = service.store();
    let removed = kind
        .collection_mut(&mut store)
        .remove(key)
        .ok_or_else(|| not_found(key))?;
    if kind == Kind::Application
        && let Some(app_id) = text(&removed, "appId")
    {
        store.service_principals.remove(&Key {
            property: "appId".to_owned(),
            value: app_id.to_owned(),
        });
    }
    Ok(Reply::NoContent)
}

fn find<'a>(collection: &'a Collection, key: &Key) -> Result<&'a Document, GraphError> {
    collection.get(key).ok_or_else(|| not_found(key))
}

fn find_mut<'a>(collection: &'a mut Collection, key: &Key) -> Result<&'a mut Document, GraphError> {
    collection.get_mut(key).ok_or_else(|| not_found(key))
}

fn not_found(key: &Key) -> GraphError {
    GraphError::no_directory_object(&key.value)
}
