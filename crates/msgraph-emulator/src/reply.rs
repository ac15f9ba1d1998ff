//! Answers: entities and pages as OData JSON.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    error::GraphError,
    query::{DEFAULT_PAGE, Query},
    router::Call,
    schema::EntitySet,
    store::{Collection, Document},
};

/// The media type of everything that is JSON.
pub(crate) const ODATA_JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// A successful answer.
#[derive(Debug)]
pub(crate) enum Reply {
    Ok(Value),
    Created {
        body: Value,
        location: String,
    },
    /// A bare number, as `$count` answers it.
    Number(usize),
    NoContent,
}

impl Reply {
    pub(crate) fn into_response(self) -> Response {
        let json = (header::CONTENT_TYPE, ODATA_JSON);
        match self {
            Self::Ok(body) => ([json], body.to_string()).into_response(),
            Self::Created { body, location } => (
                StatusCode::CREATED,
                [json, (header::LOCATION, &location)],
                body.to_string(),
            )
                .into_response(),
            Self::Number(number) => ([(header::CONTENT_TYPE, "text/plain")], number.to_string()).into_response(),
            Self::NoContent => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

/// One page of a collection, after the request's query options.
///
/// `render` turns a stored document into what the service shows of it in a list.
pub(crate) fn page(
    call: &Call,
    set: &EntitySet,
    collection: &Collection,
    render: impl Fn(&Document) -> Document,
) -> Result<Reply, GraphError> {
    let query = Query::parse(&call.query, set.entity)?;
    let admitted: Vec<_> = collection
        .iter()
        .filter(|(_, document)| query.admits(document))
        .collect();
    let mut remaining = admitted.iter().filter(|(ordinal, _)| *ordinal > query.after).peekable();
    let mut value = Vec::new();
    let mut last = query.after;
    for (ordinal, document) in remaining.by_ref().take(query.top.unwrap_or(DEFAULT_PAGE)) {
        value.push(Value::Object(project(render(document), &query)));
        last = *ordinal;
    }

    let mut body = json!({ "@odata.context": context(call, set, &query), "value": value });
    if query.count && call.is_eventually_consistent() {
        body["@odata.count"] = admitted.len().into();
    }
    if remaining.peek().is_some() {
        body["@odata.nextLink"] = format!("{}{}?{}", call.base, call.path, query.next_page(last)).into();
    }
    Ok(Reply::Ok(body))
}

/// How many entities there are, as plain text.
pub(crate) fn count(call: &Call, set: &EntitySet, collection: &Collection) -> Result<Reply, GraphError> {
    if !call.is_eventually_consistent() {
        return Err(GraphError::directory(
            "$count is served only with the header 'ConsistencyLevel: eventual'.",
        ));
    }
    let query = Query::parse(&call.query, set.entity)?;
    Ok(Reply::Number(
        collection.iter().filter(|(_, document)| query.admits(document)).count(),
    ))
}

/// One entity; `render` is told the request's query options.
pub(crate) fn entity(
    call: &Call,
    set: &EntitySet,
    document: &Document,
    render: impl Fn(&Document, &Query) -> Document,
) -> Result<Value, GraphError> {
    let query = Query::parse(&call.query, set.entity)?;
    if query.is_for_collections() {
        return Err(GraphError::bad_request(
            "$filter, $top, $count and $skiptoken apply to collections only.",
        ));
    }
    let mut shown = project(render(document, &query), &query);
    shown.insert(
        "@odata.context".to_owned(),
        format!("{}/$entity", context(call, set, &query)).into(),
    );
    Ok(Value::Object(shown))
}

/// The URL of one entity.
pub(crate) fn location(call: &Call, set: &EntitySet, id: &str) -> String {
    format!("{}/v1.0/{}/{id}", call.base, set.path)
}

fn context(call: &Call, set: &EntitySet, query: &Query) -> String {
    format!("{}/v1.0/$metadata#{}{}", call.base, set.path, query.projection())
}

fn project(mut document: Document, query: &Query) -> Document {
    if let Some(names) = &query.select {
        document.retain(|name, _| names.contains(name));
    }
    document
}
