//! What the emulator knows of Graph's types: enough to refuse a body that the service would refuse.

use serde_json::Value;
use uuid::Uuid;

use crate::{clock, error::GraphError, pkcs12::decode_base64, store::Document};

/// An entity or complex type, with its properties.
pub(crate) struct EntityType {
    /// The name without namespace: `servicePrincipal`.
    pub(crate) name: &'static str,
    /// Wire names.
    pub(crate) properties: &'static [(&'static str, Shape)],
    /// Properties that the service sets and no client may.
    pub(crate) read_only: &'static [&'static str],
}

/// A collection in Graph's tree.
pub(crate) struct EntitySet {
    /// The path below `/v1.0`, without slash at either end.
    pub(crate) path: &'static str,
    pub(crate) entity: &'static EntityType,
}

/// What JSON a property takes. Every property takes null as well.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    Text,
    Guid,
    Boolean,
    Number,
    DateTime,
    Binary,
    Object,
    Texts,
    Objects,
}

impl EntityType {
    pub(crate) fn shape(&self, property: &str) -> Option<Shape> {
        self.properties
            .iter()
            .find(|(name, _)| *name == property)
            .map(|(_, shape)| *shape)
    }

    /// Refuses unknown and read-only properties and values of the wrong shape.
    pub(crate) fn check(&self, body: &Document) -> Result<(), GraphError> {
        for (name, value) in body {
            if let Some(annotation) = name.strip_prefix('@') {
                self.check_annotation(annotation, value)?;
                continue;
            }
            let shape = self.shape(name).ok_or_else(|| {
                GraphError::directory(format!(
                    "Invalid property '{name}': microsoft.graph.{} has none.",
                    self.name
                ))
            })?;
            if self.read_only.contains(&name.as_str()) {
                return Err(GraphError::directory(format!(
                    "Property '{name}' is read-only and cannot be set."
                )));
            }
            if !shape.admits(value) {
                return Err(GraphError::directory(format!(
                    "Property '{name}' of microsoft.graph.{} takes {}, not {}.",
                    self.name,
                    shape.describe(),
                    describe(value)
                )));
            }
        }
        Ok(())
    }

    fn check_annotation(&self, annotation: &str, value: &Value) -> Result<(), GraphError> {
        let named = value
            .as_str()
            .map(|name| name.trim_start_matches('#').trim_start_matches("microsoft.graph."));
        if annotation == "odata.type" && named != Some(self.name) {
            return Err(GraphError::bad_request(format!(
                "'@odata.type' is {value} where #microsoft.graph.{} was expected.",
                self.name
            )));
        }
        Ok(())
    }

    /// Every property with the value it has when nobody has set it.
    pub(crate) fn blank(&self) -> Document {
        self.properties
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), shape.blank()))
            .collect()
    }

    /// Writes `changes` over `document`: null clears, objects merge, everything else replaces.
    pub(crate) fn merge(&self, document: &mut Document, changes: &Document) {
        for (name, value) in changes.iter().filter(|(name, _)| !name.starts_with('@')) {
            let cleared = self.shape(name).map_or(Value::Null, Shape::blank);
            match (document.get_mut(name), value) {
                (Some(Value::Object(old)), Value::Object(new)) => merge_objects(old, new),
                (_, Value::Null) => drop(document.insert(name.clone(), cleared)),
                _ => drop(document.insert(name.clone(), value.clone())),
            }
        }
    }
}

fn merge_objects(old: &mut Document, new: &Document) {
    for (name, value) in new {
        match (old.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge_objects(old, new),
            _ => drop(old.insert(name.clone(), value.clone())),
        }
    }
}

impl Shape {
    fn blank(self) -> Value {
        match self {
            Self::Texts | Self::Objects => Value::Array(Vec::new()),
            _ => Value::Null,
        }
    }

    fn admits(self, value: &Value) -> bool {
        let every = |admits: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(admits));
        value.is_null()
            || match self {
                Self::Text => value.is_string(),
                Self::Guid => value.as_str().is_some_and(|text| Uuid::try_parse(text).is_ok()),
                Self::Boolean => value.is_boolean(),
                Self::Number => value.is_number(),
                Self::DateTime => value
                    .as_str()
                    .is_some_and(|text| clock::parse_timestamp(text).is_some()),
                Self::Binary => value.as_str().is_some_and(|text| decode_base64(text).is_some()),
                Self::Object => value.is_object(),
                Self::Texts => every(Value::is_string),
                Self::Objects => every(Value::is_object),
            }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Guid => "a GUID",
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::DateTime => "a date and time with an offset (2014-01-01T00:00:00Z)",
            Self::Binary => "base64",
            Self::Object => "an object",
            Self::Texts => "a list of strings",
            Self::Objects => "a list of objects",
        }
    }
}

/// Names the kind of a value; never the value itself, which may be a secret.
fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a Boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "this string",
        Value::Array(_) => "this list",
        Value::Object(_) => "an object",
    }
}
