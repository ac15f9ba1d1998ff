//! Passes over types.

use openapiv3::{ReferenceOr, Schema};
use serde_json::{Map, Value, json};

use super::{Document, Object, referred};

/// Gives every type one of two shapes: an object, or an `allOf` of its base and an object with what it adds.
///
/// Microsoft's documents write what a type adds in one part, in several, beside the `allOf` or not at all, and leave
/// out `type` where it can be guessed.
pub(crate) fn inheritance(document: &mut Document<'_>) {
    let schemas = document.components("schemas").into_iter().flatten();
    for (_, schema) in schemas.filter(|(name, _)| name.starts_with("microsoft.graph.")) {
        let Some(schema) = schema.as_object_mut() else { continue };
        match schema.remove("allOf") {
            Some(Value::Array(parts)) => *schema = with_base(std::mem::take(schema), parts),
            Some(other) => {
                schema.insert("allOf".to_owned(), other);
            }
            None => add_type(schema),
        }
    }
}

fn add_type(schema: &mut Object) {
    let says_more = ["type", "$ref", "anyOf", "oneOf", "not"]
        .iter()
        .any(|key| schema.contains_key(*key));
    if !says_more {
        let is_enumeration = schema.contains_key("enum") || schema.contains_key("x-ms-enum");
        schema.insert(
            "type".to_owned(),
            if is_enumeration { "string" } else { "object" }.into(),
        );
    }
}

/// `outer` with `parts` as its base and one object.
fn with_base(mut outer: Object, parts: Vec<Value>) -> Object {
    let (bases, mut own): (Vec<Value>, Vec<Value>) = parts.into_iter().partition(|part| referred(part).is_some());
    let beside: Object = ["properties", "required", "additionalProperties"]
        .into_iter()
        .filter_map(|key| outer.remove_entry(key))
        .collect();
    own.push(Value::Object(beside));
    let mut object = Map::from_iter([("type".to_owned(), json!("object"))]);
    for part in own {
        let Value::Object(part) = part else { continue };
        for (key, value) in part {
            match (object.get_mut(&key), value) {
                (Some(Value::Object(all)), Value::Object(more)) => all.extend(more),
                (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
                (_, value) => {
                    object.insert(key, value);
                }
            }
        }
    }
    for key in ["type", "title"] {
        outer.remove(key);
    }
    if bases.is_empty() {
        object.extend(outer);
        return object;
    }
    let parts = bases.into_iter().chain([Value::Object(object)]).collect();
    outer.insert("allOf".to_owned(), Value::Array(parts));
    outer
}

/// Drops patterns and lengths: in these documents they describe how a format is written, which its type knows.
pub(crate) fn constraints(document: &mut Document<'_>) {
    for part in ["paths", "components"] {
        if let Some(part) = document.root.get_mut(part) {
            unconstrain(part);
        }
    }
}

fn unconstrain(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(unconstrain),
        Value::Object(object) => {
            // A property can have one of these names; it is an object then.
            object.retain(|key, value| match key.as_str() {
                "pattern" => !value.is_string(),
                "minLength" | "maxLength" | "minimum" | "maximum" => !value.is_number(),
                _ => true,
            });
            object.values_mut().for_each(unconstrain);
        }
        _ => {}
    }
}

/// Takes out types and properties that are no OpenAPI, and the types of errors, which the runtime has.
pub(crate) fn unreadable(document: &mut Document<'_>) {
    let mut skipped = Vec::new();
    for (name, schema) in document.components("schemas").into_iter().flatten() {
        let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
        let object = match parts.and_then(|parts| parts.last_mut()) {
            Some(last) => last,
            None => schema,
        };
        let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else {
            continue;
        };
        properties.retain(|property, value| {
            let error = serde_json::from_value::<ReferenceOr<Schema>>(value.clone()).err();
            skipped.extend(
                error
                    .iter()
                    .map(|error| (format!("{name}/{property}"), error.to_string())),
            );
            error.is_none()
        });
    }
    if let Some(schemas) = document.components("schemas") {
        schemas.retain(|name, _| !name.starts_with("microsoft.graph.ODataErrors."));
    }
    for (place, error) in skipped {
        document.skip(place, format!("is no OpenAPI: {error}"));
    }
}
