//! From Microsoft's metadata to the committed documents in `specs/`.
//!
//! Only facts are carried over: names, types, relations, availability, permissions and the names of documentation
//! pages.

pub(crate) mod cloud;
mod counts;
pub(crate) mod csdl;
mod documentation;
mod operations;
pub(crate) mod outcome;
mod overload;
mod path;
mod permissions;
mod place;
pub(crate) mod repairs;
pub(crate) mod resolve;
mod rules;
mod schemas;
mod select;
mod skipped;
mod template;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::sources::{Source, Sources, Sum};

use cloud::{Availability, CloudModel, Exclusion};
use counts::Declared;
use csdl::{Model, Operation};
use documentation::Documentation;
use outcome::Payload;
use permissions::Table;
use repairs::{Repairs, Respelling};
use resolve::{Leniency, Resolver};
pub(crate) use rules::{ParameterRules, Rules};

/// Files by their path below `specs/`.
pub type Files = BTreeMap<String, String>;

/// Which metadata is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// The files that `specs/sources.toml` pins, and no others.
    Pinned,
    /// Whatever is there.
    Anything,
}

/// Everything that the import reads.
struct Inputs {
    /// The first one describes the global cloud, from which everything is generated.
    clouds: Vec<CloudModel>,
    annotated: Model,
    permissions: Table,
    exclusions: Vec<Exclusion>,
    repairs: Repairs,
    rules: Rules,
    documentation: Documentation,
}

/// Turns Microsoft's metadata in the folder `metadata` into the documents of v1.0.
///
/// `specs` is the folder of the committed documents; from it the lists of sources, repairs, rules and documented
/// operations are read.
///
/// # Errors
///
/// When a file is missing, is not the one that `accept` demands or cannot be understood, and when a repair or rule no
/// longer applies to the metadata.
pub fn import(metadata: &Path, specs: &Path, accept: Accept) -> Result<Files> {
    Inputs::read(metadata, specs, accept)?.documents()
}

/// Mended schemas, for questions about single operations.
pub(crate) struct Schemas {
    pub(crate) clouds: Vec<CloudModel>,
    pub(crate) leniency: Leniency,
    pub(crate) exclusions: Vec<Exclusion>,
    pub(crate) respellings: Vec<Respelling>,
}

impl Schemas {
    /// Reads the pinned metadata in the folder `metadata`.
    pub(crate) fn read(metadata: &Path, specs: &Path) -> Result<Self> {
        let mut inputs = Inputs::read(metadata, specs, Accept::Pinned)?;
        inputs.repairs.mend(&mut inputs.clouds, &inputs.annotated)?;
        Ok(Self {
            leniency: inputs.repairs.leniency(&inputs.clouds[0].model)?,
            clouds: inputs.clouds,
            exclusions: inputs.exclusions,
            respellings: inputs.repairs.paths,
        })
    }
}

impl Inputs {
    fn read(metadata: &Path, specs: &Path, accept: Accept) -> Result<Self> {
        let sources: Sources = read(&specs.join("sources.toml"), Sources::parse)?;
        let folder = Metadata {
            folder: metadata,
            accept,
        };
        let mut clouds = Vec::new();
        for (source, names) in sources.schemas() {
            clouds.push(CloudModel {
                clouds: cloud::Clouds::named(names)?,
                model: folder.read(source, Model::parse)?,
            });
        }
        Ok(Self {
            clouds,
            annotated: folder.read(sources.annotated()?, Model::parse)?,
            permissions: folder.read(sources.permissions()?, Table::parse)?,
            exclusions: folder.read(sources.exclusions()?, Exclusion::parse)?,
            repairs: read(&specs.join("repairs.toml"), Repairs::parse)?,
            rules: read(&specs.join("rules.toml"), Rules::parse)?,
            documentation: read(&specs.join("documentation.tsv"), Documentation::parse)?,
        })
    }

    fn documents(mut self) -> Result<Files> {
        let declared = Declared::by(&self.clouds[0].model);
        self.repairs.mend(&mut self.clouds, &self.annotated)?;
        let model = &self.clouds[0].model;
        let leniency = self.repairs.leniency(model)?;
        let resolver = Resolver::new(model, &leniency);
        let availability = Availability::new(&self.clouds, &leniency);
        let selection = select::select(
            &resolver,
            &self.permissions,
            &self.documentation,
            &self.repairs,
            &self.exclusions,
        )?;
        let (facts, unused) = selection.facts(&resolver, &availability, &self.exclusions, &self.documentation);
        let actions = used_actions(&facts);
        check_rules(&self.rules, model, &actions)?;

        let mut files = Files::new();
        let mut add = |path: String, text: String| files.insert(path, text);
        add("v1.0/schemas/odata.json".to_owned(), schemas::odata_document().print());
        for (namespace, document) in schemas::documents(model, &actions, &self.rules, &availability)? {
            add(format!("v1.0/schemas/{namespace}.json"), document.print());
        }
        for (area, document) in operations::documents(&facts, &self.rules)? {
            add(format!("v1.0/areas/{area}.json"), document.print());
        }
        add(
            "v1.0/counts.json".to_owned(),
            counts::document(&declared, &selection).print(),
        );
        add(
            "v1.0/skipped.json".to_owned(),
            skipped::document(&selection, &unused, &self.repairs, &self.clouds).print(),
        );
        Ok(files)
    }
}

/// The actions whose parameters some operation takes.
fn used_actions<'m>(facts: &[operations::Fact<'m>]) -> Vec<&'m Operation> {
    let mut actions: Vec<&Operation> = Vec::new();
    for fact in facts {
        if let Payload::Parameters(action) = fact.operation.request
            && !actions.iter().any(|known| std::ptr::eq(*known, action))
        {
            actions.push(action);
        }
    }
    actions
}

/// Fails when a rule is about something that does not exist.
fn check_rules(rules: &Rules, model: &Model, actions: &[&Operation]) -> Result<()> {
    for (owner, name) in rules.named() {
        let exists = match model.structure(owner) {
            Some(ty) => ty.members.iter().any(|member| member.name == name),
            None => {
                let action = actions
                    .iter()
                    .find(|action| schemas::parameters_component(action) == owner);
                action.is_some_and(|action| action.parameters.iter().any(|parameter| parameter.name == name))
            }
        };
        ensure!(
            exists,
            "specs/rules.toml has a rule for {name} of {owner}, which v1.0 does not have; remove it"
        );
    }
    Ok(())
}

/// The folder of the published files.
struct Metadata<'a> {
    folder: &'a Path,
    accept: Accept,
}

impl Metadata<'_> {
    fn read<T>(&self, source: &Source, parse: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let path = self.folder.join(&source.file);
        let text = text(&path)?;
        if self.accept == Accept::Pinned {
            let checked = source.check(&Sum::of(text.as_bytes()));
            checked.map_err(|error| anyhow!("{error}; run `cargo xtask fetch`, or accept it with --unpinned"))?;
        }
        parse(&text).with_context(|| format!("cannot understand {}", path.display()))
    }
}

fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    parse(&text(path)?).with_context(|| format!("cannot understand {}", path.display()))
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
