//! What the documents have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use super::{Operation, read};
use crate::import::cloud::Clouds;
use crate::import::outcome::Method;

/// Everything in the documents, by name.
#[derive(Debug, Default)]
pub(crate) struct Specs {
    /// With the clouds that offer each.
    pub(crate) operations: BTreeMap<Operation, Clouds>,
    pub(crate) types: BTreeSet<String>,
    pub(crate) enums: BTreeSet<String>,
    /// Type, own member, and whether it is a relation.
    pub(crate) members: BTreeMap<(String, String), bool>,
}

impl Specs {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut specs = Self::default();
        for document in documents(&folder.join("schemas"))? {
            for (name, schema) in object(&document["components"]["schemas"]) {
                specs.add_schema(name, schema);
            }
        }
        for document in documents(&folder.join("areas"))? {
            for (path, item) in object(&document["paths"]) {
                for method in Method::ALL {
                    if let Some(operation) = item.get(method.name().to_ascii_lowercase()) {
                        let clouds: Vec<String> = serde_json::from_value(operation["x-graph-clouds"].clone())
                            .with_context(|| format!("the clouds of {} {path}", method.name()))?;
                        specs.operations.insert((path.clone(), method), Clouds::named(&clouds)?);
                    }
                }
            }
        }
        Ok(specs)
    }

    fn add_schema(&mut self, name: &str, schema: &Value) {
        if schema.get("x-ms-enum").is_some() {
            self.enums.insert(name.to_owned());
        }
        if !matches!(schema["x-graph-kind"].as_str(), Some("entity" | "complex")) {
            return;
        }
        self.types.insert(name.to_owned());
        let parts = schema["allOf"]
            .as_array()
            .map_or(std::slice::from_ref(schema), Vec::as_slice);
        for (member, schema) in parts.iter().flat_map(|part| object(&part["properties"])) {
            let is_relation = schema["x-ms-navigationProperty"] == true;
            self.members.insert((name.to_owned(), member.clone()), is_relation);
        }
    }
}

fn documents(folder: &Path) -> Result<Vec<Value>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| read(&entry?.path())).collect()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
