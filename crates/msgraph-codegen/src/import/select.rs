//! Which operations there are: those that Microsoft documents or lists permissions for, and that v1.0 has.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::cloud::{Availability, Clouds, Exclusion};
use super::csdl::Nature;
use super::documentation::{Documentation, Pages};
use super::operations::Fact;
use super::outcome::{Method, Resolved, Unresolved};
use super::permissions::{Grant, Permissions, Reach, Table, settle};
use super::repairs::Repairs;
use super::resolve::Resolver;

/// What was chosen, and what was not.
pub(crate) struct Selection<'m> {
    entries: BTreeMap<(String, Method), Entry<'m>>,
    reaches: BTreeMap<String, Reach>,
    respellings: BTreeMap<String, Vec<String>>,
    /// Rows of the permissions file that mean nothing in v1.0.
    pub(crate) unresolved: Vec<(Method, String, Unresolved)>,
    /// Documented operations that mean nothing in v1.0.
    pub(crate) unknown: Vec<(Method, String, Unresolved)>,
    /// Rows of the permissions file that stand for another method or path than they say.
    pub(crate) respelt: BTreeMap<(String, Method), (String, Method)>,
}

struct Entry<'m> {
    operation: Resolved<'m>,
    grants: Vec<Grant>,
    /// What the grants were written for.
    origin: String,
}

/// Chooses the operations.
pub(crate) fn select<'m>(
    resolver: &Resolver<'m>,
    permissions: &Table,
    documentation: &Documentation,
    repairs: &Repairs,
    exclusions: &[Exclusion],
) -> Result<Selection<'m>> {
    let respellings = repairs
        .paths
        .iter()
        .map(|repair| (repair.from.clone(), repair.to.clone()))
        .collect();
    let mut selection = Selection {
        entries: BTreeMap::new(),
        reaches: BTreeMap::new(),
        respellings,
        unresolved: Vec::new(),
        unknown: Vec::new(),
        respelt: BTreeMap::new(),
    };
    let mut documented = selection.add_documentation(resolver, documentation);
    documented.add_relations(resolver, permissions);
    selection.add_permissions(resolver, permissions, &documented);
    let paths = selection.entries.keys().map(|(path, _)| path.clone()).collect();
    let is_excluded = |from: &str| exclusions.iter().any(|exclusion| exclusion.path == from);
    repairs.check_paths(&paths, |from| permissions.rows.contains_key(from) || is_excluded(from))?;
    Ok(selection)
}

/// What the documentation has, by path and by member.
struct Documented {
    paths: BTreeSet<(String, Method)>,
    members: BTreeSet<String>,
}

impl Documented {
    /// Adds the rows of the permissions file that do not leave out `/$ref`.
    fn add_relations(&mut self, resolver: &Resolver, permissions: &Table) {
        for (path, methods) in permissions.rows.iter().filter(|(path, _)| path.ends_with("/$ref")) {
            for method in methods.keys() {
                let mut paths = vec![path.clone()];
                while let Some(path) = paths.pop() {
                    if let Ok(relation) = resolver.resolve(*method, &path) {
                        paths.extend(relation.others);
                        self.members.insert(relation.semantic);
                    }
                }
            }
        }
    }
}

impl<'m> Selection<'m> {
    /// How many operations were chosen.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn add_documentation(&mut self, resolver: &Resolver<'m>, documentation: &Documentation) -> Documented {
        let mut documented = Documented {
            paths: BTreeSet::new(),
            members: BTreeSet::new(),
        };
        for (method, path, _) in &documentation.rows {
            match resolver.resolve(*method, path) {
                Ok(operation) => {
                    let key = (operation.template.text.clone(), operation.method);
                    documented.members.insert(operation.semantic.clone());
                    documented.paths.insert(key.clone());
                    let origin = operation.template.text.clone();
                    self.entries.insert(
                        key,
                        Entry {
                            operation,
                            grants: Vec::new(),
                            origin,
                        },
                    );
                }
                Err(reason) => self.unknown.push((*method, path.clone(), reason)),
            }
        }
        documented
    }

    fn add_permissions(&mut self, resolver: &Resolver<'m>, permissions: &Table, documented: &Documented) {
        // Rows that mean another operation than they say count only where that one has no row of its own.
        let mut moved: BTreeMap<(String, Method), Entry<'m>> = BTreeMap::new();
        let mut direct: BTreeMap<(String, Method), Entry<'m>> = BTreeMap::new();
        for (written, methods) in &permissions.rows {
            for (method, grants) in methods {
                let mut paths = self.meant(written);
                while let Some(path) = paths.pop() {
                    let found = resolver.resolve(*method, &path).and_then(|operation| {
                        self.add_reach(&operation, methods);
                        paths.extend(operation.others.iter().cloned());
                        meant_operation(resolver, operation, documented)
                    });
                    let (operation, origin) = match found {
                        Ok(found) => found,
                        Err(reason) => {
                            self.unresolved.push((*method, written.clone(), reason));
                            continue;
                        }
                    };
                    let key = (operation.template.text.clone(), operation.method);
                    let is_moved = origin != key.0 || *method != key.1;
                    if is_moved {
                        self.respelt.insert((origin.clone(), *method), key.clone());
                    }
                    let entries = if is_moved { &mut moved } else { &mut direct };
                    let entry = entries.entry(key).or_insert(Entry {
                        operation,
                        grants: Vec::new(),
                        origin,
                    });
                    entry.grants.extend(grants.iter().cloned());
                }
            }
        }
        for (key, entry) in direct.into_iter().chain(moved) {
            match self.entries.get_mut(&key) {
                Some(known) if !known.grants.is_empty() => {}
                Some(known) => *known = entry,
                None => {
                    self.entries.insert(key, entry);
                }
            }
        }
    }

    /// The paths that a written path stands for.
    fn meant(&self, written: &str) -> Vec<String> {
        self.respellings
            .get(written)
            .cloned()
            .unwrap_or_else(|| vec![written.to_owned()])
    }

    fn add_reach(&mut self, operation: &Resolved, methods: &BTreeMap<Method, Vec<Grant>>) {
        let reach = self.reaches.entry(operation.template.text.clone()).or_default();
        for (method, grants) in methods {
            reach.add(*method, grants);
        }
    }

    /// Completes the operations, in the order of path and method. Also returns the exclusions that exclude nothing.
    pub(crate) fn facts<'s>(
        &'s self,
        resolver: &Resolver<'m>,
        availability: &Availability,
        exclusions: &'s [Exclusion],
        documentation: &Documentation,
    ) -> (Vec<Fact<'m>>, Vec<&'s Exclusion>) {
        let mut pages = Pages::default();
        for (method, path, page) in &documentation.rows {
            if let Ok(operation) = resolver.resolve(*method, path) {
                pages.add(&operation.template.text, operation.method, &operation.semantic, page);
            }
        }
        let mut excluded: BTreeMap<(String, Method), Clouds> = BTreeMap::new();
        let mut unused = Vec::new();
        for exclusion in exclusions {
            let mut applies = false;
            for path in self.meant(&exclusion.path) {
                if let Ok(operation) = resolver.resolve(exclusion.method, &path) {
                    let key = (operation.template.text, operation.method);
                    applies |= self.entries.contains_key(&key);
                    let clouds = excluded.entry(key).or_default();
                    *clouds = clouds.union(exclusion.clouds);
                }
            }
            if !applies {
                unused.push(exclusion);
            }
        }
        let granted = Granted::new(self);
        let fact = |(key, entry): (&(String, Method), &Entry<'m>)| {
            let operation = entry.operation.clone();
            let clouds = availability
                .of_operation(&operation)
                .without(excluded.get(key).copied().unwrap_or_default());
            let (permissions, permissions_from) = granted.of(key, entry);
            let documentation = pages.page(&key.0, key.1, &operation.semantic).map(str::to_owned);
            Fact {
                operation,
                clouds,
                permissions,
                permissions_from,
                documentation,
            }
        };
        (self.entries.iter().map(fact).collect(), unused)
    }
}

/// The operation that a row of the permissions file means, and the path that the row itself has.
///
/// The file mostly leaves out `/$ref`. Where the documentation has the operation on the relation and not the one on
/// the related object, the relation is meant; taken at its word the row would delete the object itself.
fn meant_operation<'m>(
    resolver: &Resolver<'m>,
    operation: Resolved<'m>,
    documented: &Documented,
) -> Result<(Resolved<'m>, String), Unresolved> {
    let path = operation.template.text.clone();
    let is_related = matches!(operation.nature, Some(Nature::Reference | Nature::Containment));
    if !is_related || documented.paths.contains(&(path.clone(), operation.method)) {
        return operation.complete().map(|operation| (operation, path));
    }
    let by_item = format!("{}|$ref", operation.semantic);
    let by_query = format!("{}|$ref", operation.semantic.trim_end_matches("|{}"));
    let relation = resolver.resolve(operation.method, &format!("{path}/$ref"));
    match relation {
        Ok(relation) if documented.members.contains(&by_item) || documented.members.contains(&by_query) => {
            Ok((relation, path))
        }
        _ => operation.complete().map(|operation| (operation, path)),
    }
}

/// The permissions that rows state, to be found for operations without a row.
struct Granted {
    by_path: BTreeMap<(String, Method), Permissions>,
    by_keys: BTreeMap<(String, Method), Permissions>,
    by_semantic: BTreeMap<String, Option<Permissions>>,
}

impl Granted {
    fn new(selection: &Selection) -> Self {
        let mut granted = Self {
            by_path: BTreeMap::new(),
            by_keys: BTreeMap::new(),
            by_semantic: BTreeMap::new(),
        };
        for ((path, method), entry) in selection.entries.iter().filter(|(_, entry)| !entry.grants.is_empty()) {
            let permissions = settle(&entry.grants, &selection.reaches[&entry.origin]);
            granted
                .by_keys
                .entry((without_keys(path), *method))
                .or_insert_with(|| permissions.clone());
            let known = granted.by_semantic.entry(entry.operation.semantic.clone());
            let known = known.or_insert_with(|| Some(permissions.clone()));
            if known.as_ref() != Some(&permissions) {
                *known = None;
            }
            granted.by_path.insert((path.clone(), *method), permissions);
        }
        granted
    }

    /// The permissions of an operation, and where they are from unless they are its own.
    fn of(&self, key: &(String, Method), entry: &Entry) -> (Permissions, Option<&'static str>) {
        if let Some(own) = self.by_path.get(key) {
            return (own.clone(), None);
        }
        let object = key
            .0
            .strip_suffix("/$ref")
            .and_then(|path| self.by_path.get(&(path.to_owned(), key.1)));
        if let Some(permissions) = object {
            return (permissions.clone(), Some("object"));
        }
        if let Some(permissions) = self.by_keys.get(&(without_keys(&key.0), key.1)) {
            return (permissions.clone(), Some("key"));
        }
        match self.by_semantic.get(&entry.operation.semantic) {
            Some(Some(permissions)) => (permissions.clone(), Some("member")),
            _ => (Permissions::new(), None),
        }
    }
}

/// A path in which all ways to name an item look alike.
fn without_keys(path: &str) -> String {
    let path = path.split('/').map(|segment| match segment.split_once("(") {
        Some((name, key)) if key.ends_with("'}')") || key.ends_with("}')") && !key.contains(',') => {
            format!("{name}/{{}}")
        }
        _ if segment.starts_with('{') => "{}".to_owned(),
        _ => segment.to_owned(),
    });
    path.collect::<Vec<_>>().join("/")
}
