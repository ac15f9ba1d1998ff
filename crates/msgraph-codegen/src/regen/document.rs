//! Reads OpenAPI 3.0 documents: this project's own and the ones that Microsoft publishes.
//!
//! All documents share one space of components, because `$ref`s go from file to file by component name.

use std::collections::BTreeMap;
use std::path::Path;

use openapiv3::{PathItem, ReferenceOr, RequestBody, Response, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::problem::{Problem, Problems};

/// Where the generator's input is, relative to the workspace.
pub(crate) const FOLDER: &str = "specs/v1.0";

/// The text of one document and the name that messages give it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file, relative to the workspace.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Something read from a document.
#[derive(Debug)]
pub(crate) struct Read<T> {
    pub(crate) document: String,
    pub(crate) item: T,
}

/// What all documents hold together.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) schemas: BTreeMap<String, Read<ReferenceOr<Schema>>>,
    pub(crate) responses: BTreeMap<String, Read<ReferenceOr<Response>>>,
    pub(crate) request_bodies: BTreeMap<String, Read<ReferenceOr<RequestBody>>>,
    pub(crate) paths: BTreeMap<String, Read<PathItem>>,
}

/// Reads every document of `specs/v1.0/schemas` and `specs/v1.0/areas`, in the order of their names.
pub(crate) fn load(workspace: &Path) -> Result<Vec<Source>, Problems> {
    let mut problems = Problems::default();
    let mut sources = Vec::new();
    for folder in ["schemas", "areas"] {
        let folder = format!("{FOLDER}/{folder}");
        let names = match names_in(&workspace.join(&folder)) {
            Ok(names) => names,
            Err(error) => {
                let reason = format!("{error}; run `cargo xtask import` first");
                problems.0.push(Problem::new(&folder, "the folder", reason));
                continue;
            }
        };
        for name in names.iter().filter(|name| name.ends_with(".json")) {
            let name = format!("{folder}/{name}");
            match std::fs::read_to_string(workspace.join(&name)) {
                Ok(text) => sources.push(Source { name, text }),
                Err(error) => problems.0.push(Problem::new(name, "the file", error.to_string())),
            }
        }
    }
    problems.none_or(sources)
}

fn names_in(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

impl Documents {
    /// Parses all sources. Every entry that does not parse is a problem of its own.
    pub(crate) fn parse(sources: &[Source]) -> Result<Self, Problems> {
        let mut documents = Self::default();
        let mut problems = Problems::default();
        let half = sources.len() / 2;
        // Parsing is most of the generator's time and the documents are independent.
        let (first, second) = std::thread::scope(|scope| {
            let second = scope.spawn(|| sources[half..].iter().map(parse_one).collect::<Vec<_>>());
            let first: Vec<_> = sources[..half].iter().map(parse_one).collect();
            (first, second.join())
        });
        let second = second.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        for (one, found) in first.into_iter().chain(second) {
            problems.0.extend(found.0);
            problems.0.extend(documents.merge(one).0);
        }
        problems.none_or(documents)
    }

    /// Reads a document. Every entry that is not what it should be is a problem of its own.
    pub(crate) fn read(document: &str, root: &Map<String, Value>) -> (Self, Problems) {
        let mut problems = Problems::default();
        let empty = Map::new();
        let part =
            |of: &Map<String, Value>, name: &str| of.get(name).and_then(Value::as_object).unwrap_or(&empty).clone();
        let components = part(root, "components");
        let documents = Self {
            schemas: entries(document, part(&components, "schemas"), &mut problems),
            responses: entries(document, part(&components, "responses"), &mut problems),
            request_bodies: entries(document, part(&components, "requestBodies"), &mut problems),
            paths: entries(document, part(root, "paths"), &mut problems),
        };
        (documents, problems)
    }

    fn merge(&mut self, other: Self) -> Problems {
        let mut problems = Problems::default();
        merge(&mut self.schemas, other.schemas, &mut problems);
        merge(&mut self.responses, other.responses, &mut problems);
        merge(&mut self.request_bodies, other.request_bodies, &mut problems);
        merge(&mut self.paths, other.paths, &mut problems);
        problems
    }
}

fn merge<T>(into: &mut BTreeMap<String, Read<T>>, from: BTreeMap<String, Read<T>>, problems: &mut Problems) {
    for (name, read) in from {
        if let Some(earlier) = into.get(&name) {
            let reason = format!("is defined in {} too", earlier.document);
            problems.0.push(Problem::new(read.document, name, reason));
        } else {
            into.insert(name, read);
        }
    }
}

fn parse_one(source: &Source) -> (Documents, Problems) {
    let value = serde_json::from_str(&source.text).map_err(|error| error.to_string());
    match root(&source.name, value) {
        Ok(root) => Documents::read(&source.name, &root),
        Err(problem) => (Documents::default(), Problems(vec![problem])),
    }
}

/// The members of a document that is OpenAPI 3.0.
pub(crate) fn root(document: &str, value: Result<Value, String>) -> Result<Map<String, Value>, Problem> {
    let whole = |reason: String| Problem::new(document, "the whole file", reason);
    let Value::Object(root) = value.map_err(whole)? else {
        return Err(whole("is no object".to_owned()));
    };
    let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("3.0") {
        let reason = format!("is {version:?}; an OpenAPI 3.0 document is needed");
        return Err(Problem::new(document, "openapi", reason));
    }
    Ok(root)
}

fn entries<T: DeserializeOwned>(
    document: &str,
    map: Map<String, Value>,
    problems: &mut Problems,
) -> BTreeMap<String, Read<T>> {
    let mut read = BTreeMap::new();
    for (name, value) in map {
        match serde_json::from_value(value) {
            Ok(item) => {
                let document = document.to_owned();
                read.insert(name, Read { document, item });
            }
            Err(error) => problems.0.push(Problem::new(document, name, error.to_string())),
        }
    }
    read
}

/// The component that a `$ref` names, wherever its document is.
pub(crate) fn component(reference: &str) -> &str {
    reference.rsplit_once('/').map_or(reference, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn every_broken_entry_is_reported_with_its_place() {
        let broken = r#"{"openapi": "3.0.3", "components": {"schemas": {
            "a": {"type": "object", "properties": 7}, "b": {"type": "string"}, "c": {"$ref": 1, "type": []}}}}"#;
        let problems = Documents::parse(&[source("x.json", broken), source("y.json", "[")]).unwrap_err();
        let places: Vec<_> = problems
            .0
            .iter()
            .map(|p| format!("{} {}", p.document, p.place))
            .collect();
        assert_eq!(places, ["x.json a", "x.json c", "y.json the whole file"]);
    }

    #[test]
    fn one_name_in_two_documents_is_refused() {
        let text = r#"{"openapi": "3.0.3", "components": {"schemas": {"a": {"type": "string"}}}}"#;
        let problems = Documents::parse(&[source("x.json", text), source("y.json", text)]).unwrap_err();
        assert_eq!(problems.0[0].to_string(), "y.json: a: is defined in x.json too");
    }

    #[test]
    fn another_version_of_openapi_is_refused() {
        let problems = Documents::parse(&[source("x.json", r#"{"swagger": "2.0"}"#)]).unwrap_err();
        assert_eq!(problems.0[0].reason, "is \"\"; an OpenAPI 3.0 document is needed");
    }

    #[test]
    fn references_lead_to_component_names() {
        let reference = "../schemas/microsoft.graph.json#/components/schemas/microsoft.graph.user";
        assert_eq!(component(reference), "microsoft.graph.user");
    }
}
