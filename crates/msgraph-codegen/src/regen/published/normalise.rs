//! Rewrites Microsoft's spellings as the ones that the rest of the generator reads.
//!
//! Each pass has one subject and is harmless where that does not occur, because documents of different years and tools
//! differ in what they have. A pass returns what it had to leave out.

mod operations;
mod paths;
mod schemas;

use serde_json::{Map, Value};

use super::super::Problem;

type Object = Map<String, Value>;

/// What a pass works on.
struct Document<'a> {
    name: &'a str,
    root: &'a mut Object,
    skipped: Vec<Problem>,
}

type Pass = fn(&mut Document<'_>);

/// In an order in which no pass undoes or needs what a later one does.
const PASSES: [(&str, Pass); 12] = [
    ("methods", paths::methods),
    ("parameters", paths::parameters),
    ("aliases", paths::aliases),
    ("query options", paths::query_options),
    ("media types", operations::media_types),
    ("documentation", operations::documentation),
    ("protocol segments", operations::protocol_segments),
    ("reports", operations::reports),
    ("collections", operations::collections),
    ("kinds", operations::kinds),
    ("inheritance", schemas::inheritance),
    ("constraints", schemas::constraints),
];

/// Applies every pass, then takes out what still is no OpenAPI, so that one mistake does not cost all around it.
pub(crate) fn all(name: &str, root: &mut Object) -> Vec<Problem> {
    let mut document = Document {
        name,
        root,
        skipped: Vec::new(),
    };
    for (_, pass) in PASSES {
        pass(&mut document);
    }
    schemas::unreadable(&mut document);
    paths::unreadable(&mut document);
    document.skipped
}

/// How many operations a document has.
pub(crate) fn count_operations(root: &Object) -> usize {
    let paths = root.get("paths").and_then(Value::as_object).into_iter().flatten();
    let items = paths.filter_map(|(_, item)| item.as_object());
    items
        .map(|item| item.keys().filter(|key| paths::is_method(key)).count())
        .sum()
}

impl Document<'_> {
    fn skip(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(Problem::new(self.name, place, reason));
    }

    /// The components of one kind, such as `schemas`.
    fn components(&mut self, kind: &str) -> Option<&mut Object> {
        self.root.get_mut("components")?.get_mut(kind)?.as_object_mut()
    }

    /// Every path with its item.
    fn paths(&mut self) -> impl Iterator<Item = (&str, &mut Object)> {
        let paths = self
            .root
            .get_mut("paths")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten();
        paths.filter_map(|(path, item)| Some((path.as_str(), item.as_object_mut()?)))
    }

    /// Every operation with its path and method.
    fn operations(&mut self) -> impl Iterator<Item = (&str, &str, &mut Object)> {
        self.paths().flat_map(|(path, item)| {
            let operations = item.iter_mut().filter(|(key, _)| paths::is_method(key));
            operations.filter_map(move |(method, operation)| Some((path, method.as_str(), operation.as_object_mut()?)))
        })
    }

    /// The contents by media type of every answer and every body, at operations and among the components.
    fn contents(&mut self) -> Vec<&mut Object> {
        let mut holders: Vec<&mut Value> = Vec::new();
        for (key, value) in self.root.iter_mut() {
            match key.as_str() {
                "components" => {
                    let kinds = value.as_object_mut().into_iter().flatten();
                    let kinds = kinds.filter(|(kind, _)| matches!(kind.as_str(), "responses" | "requestBodies"));
                    holders.extend(
                        kinds
                            .filter_map(|(_, all)| all.as_object_mut())
                            .flat_map(Map::values_mut),
                    );
                }
                "paths" => {
                    let items = value.as_object_mut().into_iter().flat_map(Map::values_mut);
                    let operations = items.filter_map(Value::as_object_mut).flatten();
                    for (_, operation) in operations.filter(|(key, _)| paths::is_method(key)) {
                        let Some(operation) = operation.as_object_mut() else {
                            continue;
                        };
                        for (key, value) in operation {
                            match key.as_str() {
                                "requestBody" => holders.push(value),
                                "responses" => {
                                    holders.extend(value.as_object_mut().into_iter().flat_map(Map::values_mut));
                                }
                                _ => {}
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        holders
            .into_iter()
            .filter_map(|holder| holder.get_mut("content")?.as_object_mut())
            .collect()
    }
}

/// The component that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit_once('/').map(|(_, name)| name)
}

#[cfg(test)]
mod tests;
