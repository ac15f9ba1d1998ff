//! Generates a client crate from one OpenAPI document that Microsoft publishes, and from nothing else.
//!
//! Such a document lacks what `specs` has: which clouds offer an operation, so it counts as offered everywhere; and
//! which permissions it needs, so they count as unknown. It also has things that have no meaning here. Those are left
//! out, each with its reason, and the rest is generated: [`generate`] first rewrites Microsoft's spellings as ours
//! (`normalise`), then lowers the document as any other, then takes away what has no meaning or no name (`prune`)
//! until the rest is whole.

mod crate_files;
mod normalise;
mod prune;
mod rules;
mod skipped;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

pub use crate_files::{Core, Package};

use super::document::{self, Documents};
use super::names::Exceptions;
use super::{Layout, Problem, Problems, Source, Summary, render};
use crate::import;

/// What a client crate is generated from.
#[derive(Clone, Debug)]
pub struct Input {
    /// An OpenAPI 3.0 document, as YAML or JSON.
    pub document: Source,
    /// The text of `specs/names.toml`. Rows about other documents do not matter.
    pub names: String,
    /// The text of `specs/rules.toml`. Rows about other documents do not matter.
    pub rules: String,
}

/// A client crate.
#[derive(Clone, Debug)]
pub struct Published {
    /// The content of every file, by path below the crate's folder.
    pub files: BTreeMap<String, String>,
    /// How much it is.
    pub summary: Summary,
    /// How many operations the document has.
    pub operations: usize,
    /// What is not in the crate, each with its reason.
    pub skipped: Vec<Problem>,
}

/// The types and operations of the crate. `src` holds nothing but generated files.
const LAYOUT: Layout = Layout {
    models: "src/models",
    client: "src/operations",
    tests: None,
    one_crate: true,
};

/// The only version that the runtime speaks.
const VERSION: &str = "/v1.0";

/// Generates a client crate.
///
/// # Errors
///
/// When there is nothing to generate: the text is no OpenAPI 3.0 document, describes another version of Graph than
/// v1.0, or has no operation that can be understood. Also when `specs/names.toml` or `specs/rules.toml` is broken.
pub fn generate(input: &Input, package: &Package) -> Result<Published, Problems> {
    let Input { document, names, rules } = input;
    let name = document.name.as_str();
    let one = |problem: Problem| Problems(vec![problem]);
    let exceptions = Exceptions::parse(names)?;
    let rules = import::Rules::parse(rules)
        .map_err(|error| one(Problem::new("specs/rules.toml", "the whole file", error.to_string())))?;
    let mut root = document::root(name, text::parse(&document.text)).map_err(one)?;
    check_version(name, &root).map_err(one)?;

    let operations = normalise::count_operations(&root);
    let mut skipped = normalise::all(name, &mut root);
    let (documents, found) = Documents::read(name, &root);
    skipped.extend(found.0);
    let (mut api, found) = super::lower(&documents);
    rules::apply(&rules, &mut api);
    prune::take_away(&mut api, &found.0);
    skipped.extend(found.0);
    let (files, found) = prune::until_whole(&mut api, |api| super::emit(api, &exceptions, &LAYOUT))?;
    skipped.extend(found);
    skipped.sort();
    skipped.dedup();
    if api.operations.is_empty() {
        skipped.insert(
            0,
            Problem::new(name, "paths", "have no operation that can be generated"),
        );
        return Err(Problems(skipped));
    }

    let summary = Summary::of(&api);
    let mut files = render::files(files, name)?;
    crate_files::add(package, name, &mut files)?;
    files.insert(
        "skipped.json".to_owned(),
        skipped::document(name, operations, &summary, &skipped),
    );
    Ok(Published {
        files,
        summary,
        operations,
        skipped,
    })
}

/// Whether a folder holds nothing but a crate that was generated before, or nothing at all.
///
/// What else is in `src` would be deleted.
#[must_use]
pub fn owns(folder: &Path) -> bool {
    match std::fs::read_to_string(folder.join("Cargo.toml")) {
        Ok(manifest) => manifest.starts_with(crate_files::MARK),
        Err(_) => std::fs::read_dir(folder).map_or(!folder.exists(), |mut entries| entries.next().is_none()),
    }
}

/// A document says by its servers which version of Graph it is about.
fn check_version(document: &str, root: &serde_json::Map<String, serde_json::Value>) -> Result<(), Problem> {
    let servers = root
        .get("servers")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten();
    let mut urls = servers.filter_map(|server| server.get("url")?.as_str());
    match urls.find(|url| !url.trim_end_matches('/').ends_with(VERSION)) {
        Some(url) => {
            let reason =
                format!("are at {url}; only documents of {VERSION} can be generated, which the runtime speaks");
            Err(Problem::new(document, "servers", reason))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
