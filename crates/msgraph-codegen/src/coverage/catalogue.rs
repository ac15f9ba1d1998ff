//! Row by row against `catalogue.json`, in which an independent program resolved the documented operations.
//!
//! Every row is the same here, respelled by a rule, or left out for a reason, and in the same clouds unless there is a
//! reason. What is not the same is committed as [`FILE`].

mod spelling;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::specs::Specs;
use super::{Operation, read};
use crate::import::Schemas;
use crate::import::cloud::Clouds;
use crate::import::outcome::Method;
use crate::json::Json;

use spelling::{Found, Spelling, shape};

/// The committed comparison.
pub(crate) const FILE: &str = "specs/catalogue.json";

#[derive(Deserialize)]
struct Catalogue {
    /// The schemas, in the order of the bits of `c`.
    clouds: Vec<String>,
    ops: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    m: String,
    p: String,
    c: u16,
}

/// What differs, by rule or reason.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    rows: usize,
    same: usize,
    /// Rows and the operations that each stands for.
    respelled: BTreeMap<String, Vec<(String, Vec<String>)>>,
    left_out: BTreeMap<String, Vec<String>>,
    clouds: BTreeMap<&'static str, Vec<(String, Clouds)>>,
    without_row: Vec<String>,
}

/// Compares with the catalogue in the folder `metadata`.
pub(crate) fn compare(metadata: &Path, specs_folder: &Path, specs: &Specs) -> Result<Comparison> {
    let catalogue: Catalogue = read(&metadata.join("catalogue.json"))?;
    let schemas = Schemas::read(metadata, specs_folder)?;
    let spelling = Spelling::new(specs, &schemas);
    let places = catalogue
        .clouds
        .iter()
        .map(|name| place(name))
        .collect::<Result<Vec<_>>>()?;
    let availability = Availability::new(specs, &schemas, &spelling);
    let mut found = Comparison {
        rows: catalogue.ops.len(),
        ..Comparison::default()
    };
    let mut unexplained = Vec::new();
    let mut met: BTreeSet<&Operation> = BTreeSet::new();
    for row in &catalogue.ops {
        let method = Method::from_name(&row.m).with_context(|| format!("no method is named {}", row.m))?;
        let written = format!("{} {}", row.m, row.p);
        let operations = match spelling.find(method, &row.p) {
            Found::Same(operation) => {
                found.same += 1;
                vec![operation]
            }
            Found::Respelled(operations, rule) => {
                let means = operations.iter().map(|operation| name(operation)).collect();
                found.respelled.entry(rule).or_default().push((written.clone(), means));
                operations
            }
            Found::LeftOut(reason) => {
                found.left_out.entry(reason).or_default().push(written);
                continue;
            }
            Found::Lost => {
                unexplained.push(written);
                continue;
            }
        };
        let there = places.iter().enumerate().filter(|(bit, _)| row.c & (1 << bit) != 0);
        let there = there.fold(Clouds::default(), |all, (_, clouds)| all.union(*clouds));
        for operation in operations {
            met.insert(operation);
            match availability.explain(operation, there) {
                Ok(None) => {}
                Ok(Some((reason, lacks))) => found.clouds.entry(reason).or_default().push((name(operation), lacks)),
                Err(difference) => unexplained.push(format!("{written}: {difference}")),
            }
        }
    }
    ensure!(
        unexplained.is_empty(),
        "no rule explains {} rows of the catalogue:\n  {}",
        unexplained.len(),
        unexplained.join("\n  ")
    );
    found.without_row = specs
        .operations
        .keys()
        .filter(|operation| !met.contains(operation))
        .map(name)
        .collect();
    Ok(found)
}

/// The clouds that a schema describes.
fn place(schema: &str) -> Result<Clouds> {
    Clouds::named(match schema {
        "Prod" => &["Global"],
        "Fairfax" => &["USGovL4", "USGovL5"],
        "Mooncake" => &["China"],
        _ => return Clouds::named(&[schema]),
    })
}

fn name((path, method): &Operation) -> String {
    format!("{} {path}", method.name())
}

/// Why an operation is in other clouds here than there.
struct Availability<'a> {
    specs: &'a Specs,
    schemas: &'a Schemas,
    /// By method and shape.
    excluded: BTreeMap<(String, Method), Clouds>,
}

const EXCLUDED: &str = "the documentation excludes the operation there";
const NO_TYPE: &str = "the schema there lacks the type that the path narrows to";

impl<'a> Availability<'a> {
    fn new(specs: &'a Specs, schemas: &'a Schemas, spelling: &Spelling) -> Self {
        let mut excluded: BTreeMap<(String, Method), Clouds> = BTreeMap::new();
        for exclusion in &schemas.exclusions {
            for path in spelling.meant(&exclusion.path) {
                let clouds = excluded.entry((shape(&path), exclusion.method)).or_default();
                *clouds = clouds.union(exclusion.clouds);
            }
        }
        Self {
            specs,
            schemas,
            excluded,
        }
    }

    /// The reason and the clouds that are missing here, if any are.
    fn explain(&self, operation: &Operation, there: Clouds) -> Result<Option<(&'static str, Clouds)>, String> {
        let here = self.specs.operations[operation];
        if here == there {
            return Ok(None);
        }
        let lacks = there.without(here);
        let (path, method) = operation;
        let excluded = self.excluded.get(&(shape(path), *method)).copied().unwrap_or_default();
        if here.without(there) != Clouds::default() {
            return Err(format!(
                "only here it is in {}",
                here.without(there).json().print().trim()
            ));
        }
        if lacks.without(excluded) == Clouds::default() {
            return Ok(Some((EXCLUDED, lacks)));
        }
        let casts: Vec<String> = path
            .split('/')
            .filter_map(|part| part.strip_prefix("graph."))
            .map(|ty| format!("microsoft.graph.{ty}"))
            .collect();
        let without_type = self
            .schemas
            .clouds
            .iter()
            .filter(|cloud| casts.iter().any(|ty| cloud.model.structure(ty).is_none()));
        let without_type = without_type.fold(Clouds::default(), |all, cloud| all.union(cloud.clouds));
        if lacks.without(without_type) == Clouds::default() {
            return Ok(Some((NO_TYPE, lacks)));
        }
        Err(format!("only there it is in {}", lacks.json().print().trim()))
    }
}

impl Comparison {
    pub(crate) fn print(&self) -> String {
        let count = |count: usize| Json::from(i64::try_from(count).unwrap_or(i64::MAX));
        let group = |key: &str, why: &str, rows: Vec<Json>| {
            Json::object([
                (key, Json::from(why)),
                ("count", count(rows.len())),
                ("rows", Json::List(rows)),
            ])
        };
        let respelled = self.respelled.iter().map(|(rule, rows)| {
            let row = |(row, means): &(String, Vec<String>)| {
                let means = match means.as_slice() {
                    [one] => Json::from(one.as_str()),
                    several => Json::list(several.to_vec()),
                };
                Json::object([("row", Json::from(row.as_str())), ("means", means)])
            };
            group("rule", rule, rows.iter().map(row).collect())
        });
        let left_out = self.left_out.iter().map(|(reason, rows)| {
            group(
                "reason",
                reason,
                rows.iter().map(|row| Json::from(row.as_str())).collect(),
            )
        });
        let clouds = self.clouds.iter().map(|(reason, rows)| {
            let row = |(operation, lacks): &(String, Clouds)| {
                Json::object([("operation", Json::from(operation.as_str())), ("lacks", lacks.json())])
            };
            group("reason", reason, rows.iter().map(row).collect())
        });
        Json::object([
            ("rows", count(self.rows)),
            ("same", count(self.same)),
            ("respelled", Json::List(respelled.collect())),
            ("leftOut", Json::List(left_out.collect())),
            ("clouds", Json::List(clouds.collect())),
            ("withoutRow", Json::list(self.without_row.clone())),
        ])
        .print()
    }
}

/// The committed comparison in numbers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) rows: usize,
    same: usize,
    respelled: Vec<Group>,
    left_out: Vec<Group>,
    clouds: Vec<Group>,
    without_row: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Group {
    #[serde(alias = "rule")]
    reason: String,
    count: usize,
}

impl Summary {
    /// Counts and what they are of, for people.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, String)> {
        let groups = [
            ("respelled", &self.respelled),
            ("left out", &self.left_out),
            ("in fewer clouds", &self.clouds),
        ];
        let groups = groups.into_iter().flat_map(|(what, groups)| {
            groups
                .iter()
                .map(move |group| (group.count, format!("{what}: {}", group.reason)))
        });
        let first = (self.same, "the same".to_owned());
        let last = (self.without_row.len(), "operations that no row is about".to_owned());
        std::iter::once(first).chain(groups).chain([last])
    }

    pub(crate) fn json(&self) -> Json {
        let count = |count: usize| Json::from(i64::try_from(count).unwrap_or(i64::MAX));
        let sum = |groups: &[Group]| count(groups.iter().map(|group| group.count).sum());
        Json::object([
            ("rows", count(self.rows)),
            ("same", count(self.same)),
            ("respelled", sum(&self.respelled)),
            ("leftOut", sum(&self.left_out)),
            ("otherClouds", sum(&self.clouds)),
            ("withoutRow", count(self.without_row.len())),
        ])
    }
}
