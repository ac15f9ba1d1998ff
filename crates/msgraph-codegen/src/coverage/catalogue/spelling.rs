//! Which operation a row of the catalogue means, and by which rule it is spelled otherwise.

use std::collections::BTreeMap;

use super::{Operation, Specs};
use crate::import::Schemas;
use crate::import::outcome::{Method, Resolved};
use crate::import::repairs::Respelling;
use crate::import::resolve::Resolver;

/// What became of a row.
pub(super) enum Found<'a> {
    Same(&'a Operation),
    /// The operations it stands for, and the rule.
    Respelled(Vec<&'a Operation>, String),
    /// The reason.
    LeftOut(String),
    /// There is no operation for it and no reason why not.
    Lost,
}

const METHOD: &str = "OData reads functions and runs actions, whatever the row says";
const REFERENCE: &str = "the relation is meant and not the object behind it: `/$ref` is put in";
const CAST: &str = "a member that only derived types have: the cast is put in";
const NAMES: &str = "letter case, brackets and colons as the schema and OData have them";
const ROOT: &str = "the well-known key `root` is a key and not a property of every item";
const REPAIR: &str = "a repair in specs/repairs.toml";

/// Finds the operations of rows.
pub(super) struct Spelling<'a> {
    specs: &'a Specs,
    by_shape: BTreeMap<(String, Method), &'a Operation>,
    respellings: &'a [Respelling],
    resolver: Resolver<'a>,
}

impl<'a> Spelling<'a> {
    pub(super) fn new(specs: &'a Specs, schemas: &'a Schemas) -> Self {
        let by_shape = |operation: &'a Operation| ((shape(&operation.0), operation.1), operation);
        Self {
            specs,
            by_shape: specs.operations.keys().map(by_shape).collect(),
            respellings: &schemas.respellings,
            resolver: Resolver::new(&schemas.clouds[0].model, &schemas.leniency),
        }
    }

    /// The paths that a wrongly written path stands for.
    pub(super) fn meant(&self, written: &str) -> Vec<String> {
        let alike = |repair: &&Respelling| shape(&repair.from).eq_ignore_ascii_case(&shape(written));
        let repair = self.respellings.iter().find(alike);
        repair.map_or_else(|| vec![written.to_owned()], |repair| repair.to.clone())
    }

    pub(super) fn find(&self, method: Method, path: &str) -> Found<'a> {
        if let Some(operation) = self.at(method, path) {
            return Found::Same(operation);
        }
        match self.resolver.resolve(method, &with_cast(path)) {
            Ok(resolved) => self.resolved(method, path, resolved),
            Err(unresolved) => {
                let meant: Vec<_> = self
                    .meant(path)
                    .iter()
                    .filter_map(|path| self.at(method, path))
                    .collect();
                if meant.is_empty() {
                    return Found::LeftOut(unresolved.reason.to_string());
                }
                Found::Respelled(meant, REPAIR.to_owned())
            }
        }
    }

    fn resolved(&self, method: Method, path: &str, resolved: Resolved) -> Found<'a> {
        if let Some(operation) = self.listed(&resolved) {
            let mut rules = Vec::new();
            if operation.1 != method {
                rules.push(METHOD);
            }
            if operation.0 != resolved.template.text {
                rules.push(REFERENCE);
            }
            if casts(&operation.0) != casts(path) {
                rules.push(CAST);
            }
            if rules.is_empty() {
                rules.push(NAMES);
            }
            // A path without its cast stands for the members of all types that have one.
            let others = resolved
                .others
                .iter()
                .filter_map(|path| self.resolver.resolve(method, path).ok());
            let others = others.filter_map(|other| self.listed(&other));
            return Found::Respelled(std::iter::once(operation).chain(others).collect(), rules.join("; "));
        }
        if let Some(operation) = path.strip_suffix("/root").and_then(|path| self.root(method, path)) {
            return Found::Respelled(vec![operation], ROOT.to_owned());
        }
        match resolved.complete() {
            Ok(_) => Found::Lost,
            Err(unresolved) => Found::LeftOut(unresolved.reason.to_string()),
        }
    }

    /// The operation as it is listed, with `/$ref` if not without.
    fn listed(&self, resolved: &Resolved) -> Option<&'a Operation> {
        let listed = |suffix: &str| {
            let key = (format!("{}{suffix}", resolved.template.text), resolved.method);
            self.specs
                .operations
                .get_key_value(&key)
                .map(|(operation, _)| operation)
        };
        listed("").or_else(|| listed("/$ref"))
    }

    /// The item of the key `root` in the collection in which `path` names an item.
    fn root(&self, method: Method, path: &str) -> Option<&'a Operation> {
        let (collection, _) = path.rsplit_once("/{")?;
        self.at(method, &format!("{collection}/root"))
    }

    fn at(&self, method: Method, path: &str) -> Option<&'a Operation> {
        self.by_shape.get(&(shape(path), method)).copied()
    }
}

/// A path in which the names of parameters and the quotes around them do not matter.
pub(super) fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut inside = false;
    for letter in path.chars().filter(|letter| *letter != '\'') {
        match letter {
            '{' => shape.push_str("{}"),
            '}' => {}
            _ if inside => {}
            letter => shape.push(letter),
        }
        inside = letter == '{' || inside && letter != '}';
    }
    shape
}

/// The path with segments for the casts that it leaves out, which the catalogue writes as `(graph.group)members`.
fn with_cast(path: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix("(graph.").and_then(|rest| rest.split_once(')')) {
        Some((ty, member)) => format!("graph.{ty}/{member}"),
        None => segment.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// How many casts a path writes out as segments.
fn casts(path: &str) -> usize {
    path.split('/').filter(|segment| segment.starts_with("graph.")).count()
}
