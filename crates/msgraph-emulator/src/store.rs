//! What the emulator remembers: one collection of JSON documents per entity set.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::{digest::Digest, path::Key};

/// One entity, with its properties under their wire names.
pub(crate) type Document = Map<String, Value>;

/// All entities.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) connectors: Collection,
    pub(crate) user_flows: Collection,
    pub(crate) applications: Collection,
    pub(crate) service_principals: Collection,
    /// Client secrets of applications and service principals by the `keyId` of their credential.
    pub(crate) secrets: HashMap<String, Digest>,
}

/// Entities in the order of their creation.
#[derive(Default)]
pub(crate) struct Collection {
    /// By ordinal; ordinals are never reused, so that a page boundary survives deletions.
    documents: BTreeMap<u64, Document>,
    last_ordinal: u64,
}

impl Collection {
    pub(crate) fn insert(&mut self, document: Document) {
        self.last_ordinal += 1;
        self.documents.insert(self.last_ordinal, document);
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Document> {
        self.documents.values().find(|document| matches(document, key))
    }

    pub(crate) fn get_mut(&mut self, key: &Key) -> Option<&mut Document> {
        self.documents.values_mut().find(|document| matches(document, key))
    }

    pub(crate) fn remove(&mut self, key: &Key) -> Option<Document> {
        let ordinal = self
            .documents
            .iter()
            .find(|(_, document)| matches(document, key))
            .map(|(ordinal, _)| *ordinal)?;
        self.documents.remove(&ordinal)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Document)> {
        self.documents.iter().map(|(ordinal, document)| (*ordinal, document))
    }
}

/// Ids are GUIDs, whose case means nothing.
fn matches(document: &Document, key: &Key) -> bool {
    text(document, &key.property).is_some_and(|value| value.eq_ignore_ascii_case(&key.value))
}

/// A property that holds text.
pub(crate) fn text<'a>(document: &'a Document, property: &str) -> Option<&'a str> {
    document.get(property).and_then(Value::as_str)
}

/// A property that holds a list; empty when the property is absent or null.
pub(crate) fn list<'a>(document: &'a Document, property: &str) -> &'a [Value] {
    document
        .get(property)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The document inside a JSON object.
pub(crate) fn document(value: Value) -> Document {
    match value {
        Value::Object(document) => document,
        other => unreachable!("a literal object was expected, not {other}"),
    }
}
