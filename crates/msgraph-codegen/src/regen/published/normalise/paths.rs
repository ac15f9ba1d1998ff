//! Passes over paths and their parameters.

use serde_json::Value;

use super::{Document, Object};

/// What Graph's operations are called by.
const METHODS: [&str; 5] = ["delete", "get", "patch", "post", "put"];

/// Whether the member of a path item is an operation.
pub(crate) fn is_method(key: &str) -> bool {
    METHODS.contains(&key) || matches!(key, "head" | "options" | "trace")
}

fn place(method: &str, path: &str) -> String {
    format!("{} {path}", method.to_ascii_uppercase())
}

/// Takes out operations whose method Graph does not have.
pub(crate) fn methods(document: &mut Document<'_>) {
    let mut skipped = Vec::new();
    for (path, item) in document.paths() {
        item.retain(|key, _| {
            let keep = !is_method(key) || METHODS.contains(&key.as_str());
            if !keep {
                skipped.push(place(key, path));
            }
            keep
        });
    }
    for place in skipped {
        document.skip(place, "has a method that no operation of Graph has");
    }
}

/// Writes shared parameters where they are used.
pub(crate) fn parameters(document: &mut Document<'_>) {
    let shared = document.components("parameters").cloned().unwrap_or_default();
    for parameter in lists(document).into_iter().flatten() {
        if let Some(definition) = super::referred(parameter).and_then(|name| shared.get(name)) {
            *parameter = definition.clone();
        }
    }
}

/// Drops what every request has anyway: query options, entity tags and the like. What stays is what stands in a path,
/// and what names the end of a relation to remove.
pub(crate) fn query_options(document: &mut Document<'_>) {
    for list in lists(document) {
        list.retain(|parameter| {
            let is = |key: &str, values: &[&str]| {
                parameter
                    .get(key)
                    .and_then(Value::as_str)
                    .is_some_and(|v| values.contains(&v))
            };
            is("in", &["path"]) || (is("in", &["query"]) && is("name", &["$id", "@id"]))
        });
    }
}

/// The parameters of every path item and of every operation.
fn lists<'a>(document: &'a mut Document<'_>) -> Vec<&'a mut Vec<Value>> {
    document.paths().flat_map(|(_, item)| lists_of(item)).collect()
}

fn lists_of(item: &mut Object) -> impl Iterator<Item = &mut Vec<Value>> {
    item.iter_mut().filter_map(|(key, value)| match key.as_str() {
        "parameters" => value.as_array_mut(),
        _ => value.get_mut("parameters")?.as_array_mut(),
    })
}

/// Writes an argument that a path passes by an alias (`f(a=@a)`, `f(a='@a')`) like any other: `f(a={a})`.
///
/// The alias is a query option in the document; the runtime puts the value into the path.
pub(crate) fn aliases(document: &mut Document<'_>) {
    for (path, item) in document.paths() {
        let (_, names) = without_aliases(path);
        for parameter in lists_of(item).flatten().filter_map(Value::as_object_mut) {
            into_path(parameter, &names);
        }
    }
    if let Some(paths) = document.root.get_mut("paths").and_then(Value::as_object_mut) {
        *paths = std::mem::take(paths)
            .into_iter()
            .map(|(path, item)| (without_aliases(&path).0, item))
            .collect();
    }
}

fn into_path(parameter: &mut Object, names: &[String]) {
    let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
    let name = name.trim_start_matches('@').to_owned();
    if names.contains(&name) {
        parameter.insert("name".to_owned(), name.into());
        parameter.insert("in".to_owned(), "path".into());
        parameter.insert("required".to_owned(), true.into());
    }
}

/// The path with placeholders for its aliases, and the names of these.
fn without_aliases(path: &str) -> (String, Vec<String>) {
    let mut names = Vec::new();
    let mut spelled = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once("@") {
        let is_argument = before.ends_with('=') || before.ends_with("='");
        let end = behind
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(behind.len());
        let (name, tail) = behind.split_at(end);
        spelled.push_str(before);
        if is_argument && !name.is_empty() {
            spelled = spelled + "{" + name + "}";
            names.push(name.to_owned());
        } else {
            spelled = spelled + "@" + name;
        }
        rest = tail;
    }
    (spelled + rest, names)
}

/// Takes out operations that are no OpenAPI.
pub(crate) fn unreadable(document: &mut Document<'_>) {
    let mut skipped = Vec::new();
    for (path, item) in document.paths() {
        item.retain(|key, value| {
            let error = match key.as_str() {
                "parameters" => return true,
                key if is_method(key) => serde_json::from_value::<openapiv3::Operation>(value.clone()).err(),
                // Nothing else matters, and what cannot be read would cost the whole path.
                _ => return false,
            };
            skipped.extend(error.iter().map(|error| (place(key, path), error.to_string())));
            error.is_none()
        });
    }
    for (place, error) in skipped {
        document.skip(place, format!("is no OpenAPI: {error}"));
    }
}
