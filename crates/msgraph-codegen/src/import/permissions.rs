//! The permissions file, with the meaning that Microsoft's own reader gives it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use indexmap::IndexMap;
use serde::Deserialize;

use super::outcome::Method;
use crate::json::Json;

/// Every permission row, by path and method as they are written.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: BTreeMap<String, BTreeMap<Method, Vec<Grant>>>,
}

/// One permission that allows one method on one path for one kind of account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grant {
    pub(crate) scheme: Scheme,
    pub(crate) permission: String,
    /// Whether the file calls it the least privileged one.
    pub(crate) least: bool,
    /// Permissions one of which is needed as well.
    pub(crate) also: Vec<String>,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Scheme {
    DelegatedWork,
    DelegatedPersonal,
    Application,
}

/// The permissions of one operation for one scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) least: Vec<String>,
    pub(crate) higher: Vec<String>,
}

/// The permissions of one operation.
pub(crate) type Permissions = BTreeMap<Scheme, Accepted>;

#[derive(Deserialize)]
struct File {
    /// In the order of the file, which decides between equals.
    permissions: IndexMap<String, Permission>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    path_sets: Vec<PathSet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathSet {
    scheme_keys: Vec<Scheme>,
    methods: Vec<String>,
    paths: BTreeMap<String, String>,
}

impl Table {
    /// Reads the permissions file.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let file: File = serde_json::from_str(text)?;
        let mut table = Self::default();
        for (name, permission) in file.permissions {
            for set in permission.path_sets {
                table.add(&name, &set).with_context(|| format!("permission {name}"))?;
            }
        }
        Ok(table)
    }

    fn add(&mut self, permission: &str, set: &PathSet) -> Result<()> {
        for (path, constraint) in &set.paths {
            let constraint = Constraint::parse(constraint).with_context(|| path.clone())?;
            for method in &set.methods {
                let method = Method::from_name(method).with_context(|| format!("no method is named {method}"))?;
                let grants = self.rows.entry(path.clone()).or_default().entry(method).or_default();
                grants.extend(set.scheme_keys.iter().map(|scheme| Grant {
                    scheme: *scheme,
                    permission: permission.to_owned(),
                    least: constraint.least.contains(scheme),
                    also: constraint.also.clone(),
                }));
            }
        }
        Ok(())
    }
}

/// What stands beside a path: `least=DelegatedWork,Application;AlsoRequires=User.Read.All`.
#[derive(Debug, Default)]
struct Constraint {
    least: Vec<Scheme>,
    also: Vec<String>,
}

impl Constraint {
    fn parse(text: &str) -> Result<Self> {
        let mut constraint = Self::default();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let values = |list: &str| -> Vec<String> {
                list.split(',')
                    .map(|value| value.trim().to_owned())
                    .filter(|value| !value.is_empty())
                    .collect()
            };
            match part.split_once('=') {
                Some(("least", list)) => {
                    for scheme in values(list) {
                        constraint.least.push(match scheme.as_str() {
                            "DelegatedWork" => Scheme::DelegatedWork,
                            "DelegatedPersonal" => Scheme::DelegatedPersonal,
                            "Application" => Scheme::Application,
                            other => bail!("no scheme is named {other}"),
                        });
                    }
                }
                Some(("AlsoRequires", list)) => constraint.also.extend(values(list)),
                _ => bail!("cannot read the constraint {part:?}"),
            }
        }
        Ok(constraint)
    }
}

/// The methods that each permission allows on one path, by scheme.
#[derive(Debug, Default)]
pub(crate) struct Reach(BTreeMap<(Scheme, String), BTreeSet<Method>>);

impl Reach {
    pub(crate) fn add(&mut self, method: Method, grants: &[Grant]) {
        for grant in grants {
            self.0
                .entry((grant.scheme, grant.permission.clone()))
                .or_default()
                .insert(method);
        }
    }

    fn of(&self, scheme: Scheme, permission: &str) -> usize {
        self.0.get(&(scheme, permission.to_owned())).map_or(0, BTreeSet::len)
    }
}

/// Sorts grants into the least privileged and the others.
///
/// Where several are called least, those that allow nothing but this method on the path are; where there are none, the
/// first of those that allow the fewest methods is.
pub(crate) fn settle(grants: &[Grant], reach: &Reach) -> Permissions {
    let mut permissions = Permissions::new();
    for scheme in [Scheme::DelegatedWork, Scheme::DelegatedPersonal, Scheme::Application] {
        let of_scheme: Vec<&Grant> = grants.iter().filter(|grant| grant.scheme == scheme).collect();
        if of_scheme.is_empty() {
            continue;
        }
        let called_least: Vec<&Grant> = of_scheme.iter().copied().filter(|grant| grant.least).collect();
        let reach_of = |grant: &&Grant| reach.of(scheme, &grant.permission);
        let narrow: Vec<&Grant> = called_least
            .iter()
            .copied()
            .filter(|grant| reach_of(grant) == 1)
            .collect();
        let least = match narrow.is_empty() {
            true => called_least.into_iter().min_by_key(reach_of).into_iter().collect(),
            false => narrow,
        };
        let least: BTreeSet<String> = least.iter().filter_map(|grant| grant.names().next()).collect();
        let all: BTreeSet<String> = of_scheme.iter().flat_map(|grant| grant.names()).collect();
        let higher = all.difference(&least).cloned().collect();
        permissions.insert(
            scheme,
            Accepted {
                least: least.into_iter().collect(),
                higher,
            },
        );
    }
    permissions
}

impl Grant {
    /// The permission, or each combination that is enough.
    fn names(&self) -> impl Iterator<Item = String> {
        let alone = self.also.is_empty().then(|| self.permission.clone());
        alone
            .into_iter()
            .chain(self.also.iter().map(|other| format!("{} and {other}", self.permission)))
    }
}

/// The permissions as they stand in a document.
pub(crate) fn json(permissions: &Permissions) -> Json {
    let list = |key: &str, names: &[String]| (!names.is_empty()).then(|| (key.to_owned(), Json::list(names.to_vec())));
    Json::object(permissions.iter().map(|(scheme, accepted)| {
        let lists = [list("least", &accepted.least), list("higher", &accepted.higher)];
        let name = match scheme {
            Scheme::DelegatedWork => "delegatedWork",
            Scheme::DelegatedPersonal => "delegatedPersonal",
            Scheme::Application => "application",
        };
        (name, Json::object(lists.into_iter().flatten()))
    }))
}
