//! How much of Microsoft Graph is in `specs/` and in the generated code, and why the rest is not.
//!
//! Every number is counted in the place it is about: the metadata's in what `cargo xtask import` noted, those of
//! `specs/` in the documents, those of the code in the Rust sources.

mod catalogue;
mod code;
mod skipped;
mod specs;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::import::outcome::Method;
use crate::import::{Accept, import};
use crate::json::Json;
use crate::write;

use code::Code;
use skipped::Skipped;
use specs::Specs;

/// A method and the template of a path.
type Operation = (String, Method);

/// What was counted.
#[derive(Debug)]
pub struct Coverage {
    counts: [(&'static str, Counts); 4],
    skipped: Vec<Skipped>,
    catalogue: Option<catalogue::Summary>,
    /// What the documents have, the code lacks and nothing explains.
    lost: Vec<String>,
}

/// One thing, counted in three places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) metadata: usize,
    pub(crate) specs: usize,
    pub(crate) code: usize,
}

/// What `cargo xtask import` noted about the metadata.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    operations: usize,
    types: usize,
    enums: usize,
    members: usize,
}

/// What to do about the committed comparison with the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Fail when it differs from `specs/catalogue.json`.
    Check,
    /// Write it to `specs/catalogue.json`, for review.
    Write,
}

/// Counts. With a folder of metadata its numbers are those of the folder; if that has a `catalogue.json`, this also
/// compares with the catalogue row by row.
///
/// # Errors
///
/// When a file cannot be read or understood, when the code lacks something that the documents have, and when the
/// comparison with the catalogue is not the committed one or has a row that no rule explains.
pub fn measure(workspace: &Path, metadata: Option<&Path>, compare: Compare) -> Result<Coverage> {
    let (specs_folder, folder) = (workspace.join("specs"), workspace.join("specs/v1.0"));
    let specs = Specs::read(&folder)?;
    let declared = match metadata {
        Some(metadata) => counted(metadata, &specs_folder)?,
        None => read(&folder.join("counts.json"))?,
    };
    if let Some(metadata) = metadata.filter(|metadata| metadata.join("catalogue.json").exists()) {
        let found = catalogue::compare(metadata, &specs_folder, &specs)?;
        let files = BTreeMap::from([(catalogue::FILE.to_owned(), found.print())]);
        let command = format!("cargo xtask coverage --metadata {} --write", metadata.display());
        match compare {
            Compare::Check => write::check(workspace, &[], &files, &command)?,
            Compare::Write => drop(write::write(workspace, &[], &files)?),
        }
    }
    let code = Code::read(workspace)?;
    let catalogue = workspace.join(catalogue::FILE);
    Coverage::of(
        &declared,
        &specs,
        &code,
        skipped::read(&folder.join("skipped.json"))?,
        catalogue.exists().then(|| read(&catalogue)).transpose()?,
    )
    .complete()
}

/// Counts what a folder of metadata declares.
fn counted(metadata: &Path, specs: &Path) -> Result<Metadata> {
    let files = import(metadata, specs, Accept::Pinned)?;
    let counts = files.get("v1.0/counts.json").context("the import counts nothing")?;
    Ok(serde_json::from_str(counts)?)
}

impl Coverage {
    fn of(
        metadata: &Metadata,
        specs: &Specs,
        code: &Code,
        mut skipped: Vec<Skipped>,
        catalogue: Option<catalogue::Summary>,
    ) -> Self {
        let relations = specs.members.iter().filter(|(_, is_relation)| **is_relation).count();
        skipped.push(Skipped {
            what: "members",
            reason: "a relation is no field: an expanded one is read with `expanded`".to_owned(),
            count: relations,
            rows: Vec::new(),
        });
        let fields: BTreeSet<_> = specs
            .members
            .iter()
            .filter(|(_, is_relation)| !**is_relation)
            .map(|(name, _)| name.clone())
            .collect();
        let operations: BTreeSet<_> = specs.operations.keys().cloned().collect();
        let mut lost = Vec::new();
        lost.extend(
            operations
                .difference(&code.operations)
                .map(|(path, method)| format!("{} {path}", method.name())),
        );
        lost.extend(specs.types.difference(&code.types).cloned());
        lost.extend(specs.enums.difference(&code.enums).cloned());
        lost.extend(
            fields
                .difference(&code.members)
                .map(|(ty, name)| format!("{ty}/{name}")),
        );
        let counts = |metadata, specs, code| Counts { metadata, specs, code };
        Self {
            counts: [
                (
                    "operations",
                    counts(metadata.operations, operations.len(), code.operations.len()),
                ),
                ("types", counts(metadata.types, specs.types.len(), code.types.len())),
                ("enums", counts(metadata.enums, specs.enums.len(), code.enums.len())),
                (
                    "members",
                    counts(metadata.members, specs.members.len(), code.members.len()),
                ),
            ],
            skipped,
            catalogue,
            lost,
        }
    }

    /// Fails when the code lacks something.
    fn complete(self) -> Result<Self> {
        if self.lost.is_empty() {
            return Ok(self);
        }
        let shown: Vec<&str> = self.lost.iter().take(10).map(String::as_str).collect();
        bail!(
            "the code lacks {} things that specs/v1.0 has; run `cargo xtask regen`. The first are:\n  {}",
            self.lost.len(),
            shown.join("\n  ")
        )
    }

    /// Everything as JSON, for programs.
    #[must_use]
    pub fn json(&self) -> String {
        let number = |count: usize| Json::from(i64::try_from(count).unwrap_or(i64::MAX));
        let mut json = Json::object(self.counts.map(|(what, counts)| {
            let counts = [
                ("metadata", counts.metadata),
                ("specs", counts.specs),
                ("code", counts.code),
            ];
            (what, Json::object(counts.map(|(place, count)| (place, number(count)))))
        }));
        if let Some(catalogue) = &self.catalogue {
            json = json.with("catalogue", catalogue.json());
        }
        json.with("skipped", Json::List(self.skipped.iter().map(Skipped::json).collect()))
            .print()
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("cannot understand {}", path.display()))
}
