//! Passes over what operations take and return.

use serde_json::{Value, json};

use super::super::super::facts;
use super::{Document, Object, referred};

const JSON: &str = "application/json";

/// Drops the parameters of JSON media types: `application/json; charset=utf-8`.
pub(crate) fn media_types(document: &mut Document<'_>) {
    for content in document.contents() {
        let spelled = content
            .keys()
            .find(|name| name.starts_with("application/json;"))
            .cloned();
        if let Some(value) = spelled.and_then(|name| content.remove(&name)) {
            content.entry(JSON).or_insert(value);
        }
    }
}

/// Drops links to other places than the reference that the runtime can link to.
pub(crate) fn documentation(document: &mut Document<'_>) {
    let mut skipped = Vec::new();
    for (path, method, operation) in document.operations() {
        let url = operation
            .get("externalDocs")
            .and_then(|docs| docs.get("url"))
            .and_then(Value::as_str);
        if let Some(reason) = url.and_then(|url| facts::slug(url).err()) {
            operation.remove("externalDocs");
            skipped.push((
                format!("documentation of {} {path}", method.to_ascii_uppercase()),
                reason,
            ));
        }
    }
    for (place, reason) in skipped {
        document.skip(place, reason);
    }
}

/// Gives `$count` and `$ref` what the protocol says: a number in plain text, and objects with an `@odata.id`.
///
/// Microsoft's documents have texts where references are, and older ones any object where one is to be sent.
pub(crate) fn protocol_segments(document: &mut Document<'_>) {
    for (path, method, operation) in document.operations() {
        if path.ends_with("/$count") && method == "get" {
            let number =
                json!({"description": "the number", "content": {"text/plain": {"schema": {"type": "integer"}}}});
            operation.insert("responses".to_owned(), json!({ "2XX": number }));
        } else if path.ends_with("/$ref") {
            if matches!(method, "post" | "put" | "patch") {
                let body = json!({"required": true, "content": {JSON: {"schema": {"$ref": "#/components/schemas/ReferenceCreate"}}}});
                operation.insert("requestBody".to_owned(), body);
                operation.insert("responses".to_owned(), json!({"204": {"description": "done"}}));
            } else if method == "get" {
                let is_list = operation.contains_key("x-ms-pageable");
                let schema = if is_list { list_of(json!({})) } else { json!({}) };
                let answer = json!({"description": "references", "content": {JSON: {"schema": schema}}});
                operation.insert("responses".to_owned(), json!({ "2XX": answer }));
            }
        }
    }
}

/// Makes functions return the content that they are said to describe by a `report`: the service sends a table as
/// comma-separated values, or redirects to it.
pub(crate) fn reports(document: &mut Document<'_>) {
    let is_report = |schema: &Value| {
        let options = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        std::iter::once(schema)
            .chain(options)
            .any(|schema| referred(schema) == Some("microsoft.graph.report"))
    };
    for (_, _, operation) in document.operations() {
        if operation.get("x-ms-docs-operation-type").and_then(Value::as_str) != Some("function") {
            continue;
        }
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten();
        for (_, response) in responses {
            let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else {
                continue;
            };
            if content
                .get(JSON)
                .and_then(|media| media.get("schema"))
                .is_some_and(is_report)
            {
                content.clear();
                let stream = json!({"schema": {"type": "string", "format": "binary"}});
                content.insert("application/octet-stream".to_owned(), stream);
            }
        }
    }
}

/// Writes every list as `{"value": […]}`, in place of a component for each listed type, of a base that has the page's
/// other members, and of bare arrays in older documents.
pub(crate) fn collections(document: &mut Document<'_>) {
    let components = document.components("schemas").map(std::mem::take).unwrap_or_default();
    let is_wrapper = |name: &str, schema: &Value| {
        let title = schema.get("title").and_then(Value::as_str).unwrap_or_default();
        (name.ends_with("CollectionResponse") || title.starts_with("Collection of")) && items(schema).is_some()
    };
    for content in document.contents() {
        let Some(schema) = content.get_mut(JSON).and_then(|media| media.get_mut("schema")) else {
            continue;
        };
        let listed = match referred(schema) {
            Some(name) => components
                .get(name)
                .filter(|schema| is_wrapper(name, schema))
                .and_then(items),
            None if schema.get("type").and_then(Value::as_str) == Some("array") => schema.get("items"),
            None if schema.get("allOf").is_some() => items(schema),
            None => None,
        };
        if let Some(listed) = listed.cloned() {
            *schema = list_of(listed);
        }
    }
    if let Some(schemas) = document.components("schemas") {
        *schemas = components
            .into_iter()
            .filter(|(name, schema)| !is_wrapper(name, schema))
            .collect();
    }
}

fn list_of(items: Value) -> Value {
    json!({"type": "object", "properties": {"value": {"type": "array", "items": items}}})
}

/// The items of the `value` that an object or a part of an `allOf` declares.
fn items(schema: &Value) -> Option<&Value> {
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let mut all = std::iter::once(schema).chain(parts);
    all.find_map(|schema| schema.get("properties")?.get("value")?.get("items"))
}

/// Says of operations that do not say it whether they are actions or functions, as far as their address tells.
pub(crate) fn kinds(document: &mut Document<'_>) {
    const KIND: &str = "x-ms-docs-operation-type";
    for (path, method, operation) in document.operations() {
        let last = path.rsplit_once('/').map_or(path, |(_, last)| last);
        let kind = match method {
            "post" if last.contains('.') && !last.contains('(') => "action",
            "get" if last.ends_with(')') && last.contains('.') => "function",
            _ => continue,
        };
        let kind = || Value::from(kind);
        Object::entry(operation, KIND).or_insert_with(kind);
    }
}
