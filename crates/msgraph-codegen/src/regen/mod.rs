//! Writes the generated crates from the documents under `specs`.
//!
//! [`generate`] is a pure function from texts to texts: documents are parsed ([`openapiv3`]), lowered to types and
//! operations, named, and emitted as Rust. It either accounts for every type and operation of the documents or
//! returns every problem that it found.

mod catalogue;
mod client;
mod docs;
mod document;
mod facts;
mod ir;
mod models;
mod names;
mod operations;
mod permissions;
mod problem;
pub mod published;
mod render;
mod rust_names;
mod samples;
mod template;
mod tree;
mod types;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

use proc_macro2::TokenStream;

pub use document::Source;
pub use problem::{Problem, Problems};

use document::Documents;
use ir::Api;
use names::Exceptions;
use rust_names::RustNames;

/// Where generated files go: folders that hold nothing else, relative to the workspace.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The types.
    pub models: &'static str,
    /// The operations.
    pub client: &'static str,
    /// The tables that types and operations are tested by.
    pub tests: Option<[&'static str; 2]>,
    /// Whether types and operations are modules of one crate.
    pub one_crate: bool,
}

impl Layout {
    /// The crates of types and operations.
    pub const CRATES: Self = Self {
        models: "crates/msgraph-models/src/generated",
        client: "crates/msgraph-client/src/generated",
        tests: Some([
            "crates/msgraph-models/tests/generated",
            "crates/msgraph-client/tests/generated",
        ]),
        one_crate: false,
    };

    /// All folders.
    pub fn folders(&self) -> Vec<&'static str> {
        [self.models, self.client]
            .into_iter()
            .chain(self.tests.into_iter().flatten())
            .collect()
    }
}

/// Everything that generation reads.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// OpenAPI documents.
    pub documents: Vec<Source>,
    /// The text of `specs/names.toml`.
    pub names: String,
}

impl Sources {
    /// Reads `specs` of a workspace.
    ///
    /// # Errors
    ///
    /// Every folder or file that cannot be read.
    pub fn load(workspace: &Path) -> Result<Self, Problems> {
        let documents = document::load(workspace)?;
        let names = std::fs::read_to_string(workspace.join(names::DOCUMENT))
            .map_err(|error| Problems(vec![Problem::new(names::DOCUMENT, "the file", error.to_string())]))?;
        Ok(Self { documents, names })
    }
}

/// What was generated.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The content of every file, by path relative to the workspace.
    pub files: BTreeMap<String, String>,
    /// How much it is.
    pub summary: Summary,
}

/// The size of what was generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Entity and complex types.
    pub types: usize,
    /// Parameters of actions.
    pub parameters: usize,
    /// Enumerations.
    pub enumerations: usize,
    /// Operations.
    pub operations: usize,
}

/// Generates everything.
///
/// # Errors
///
/// All problems of the documents and of `specs/names.toml`: what does not parse, refers to nothing, has no meaning
/// in Graph, or would give two things one name.
pub fn generate(sources: &Sources, layout: &Layout) -> Result<Generated, Problems> {
    let documents = Documents::parse(&sources.documents)?;
    let exceptions = Exceptions::parse(&sources.names)?;
    let (api, mut problems) = lower(&documents);
    let (files, found) = emit(&api, &exceptions, layout);
    problems.0.extend(found.0);
    problems.0.extend(exceptions.unused());
    let files = problems.none_or(files)?;
    Ok(Generated {
        files: render::files(files, document::FOLDER)?,
        summary: Summary::of(&api),
    })
}

/// What the documents say, as far as it can be understood, and what cannot.
fn lower(documents: &Documents) -> (Api, Problems) {
    let mut api = Api::default();
    let mut problems = types::lower(documents, &mut api);
    problems.0.extend(operations::lower(documents, &mut api).0);
    (api, problems)
}

/// Every file, and what gets no name or has no place.
fn emit(api: &Api, exceptions: &Exceptions, layout: &Layout) -> (BTreeMap<String, TokenStream>, Problems) {
    let (names, mut problems) = RustNames::choose(api, exceptions);
    let models = models::emit(api, &names, exceptions, layout.one_crate, &mut problems);
    let areas = tree::build(api, exceptions, &mut problems);
    let permissions = permissions::Table::of(&api.operations);
    let mut client = client::emit(api, &names, &areas, &permissions, layout.one_crate);
    client.insert("catalogue.rs".to_owned(), catalogue::emit(&areas));
    let mut parts = vec![models, client];
    if layout.tests.is_some() {
        parts.extend([samples::models(api, &names), samples::client(api, &names, &areas)]);
    }
    let mut files: BTreeMap<String, TokenStream> = BTreeMap::new();
    for (folder, tokens) in layout.folders().into_iter().zip(parts) {
        files.extend(
            tokens
                .into_iter()
                .map(|(name, tokens)| (format!("{folder}/{name}"), tokens)),
        );
    }
    (files, problems)
}

impl Summary {
    fn of(api: &Api) -> Self {
        let parameters = api
            .structures
            .values()
            .filter(|s| s.kind == ir::Kind::Parameters)
            .count();
        Self {
            types: api.structures.len() - parameters,
            parameters,
            enumerations: api.enumerations.len(),
            operations: api.operations.len(),
        }
    }
}
