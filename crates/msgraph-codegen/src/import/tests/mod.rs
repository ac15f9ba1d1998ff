//! Tests of the import on a schema that has one example of everything.

mod csdl;
mod documents;
mod permissions;
pub(crate) mod pins;
mod repairs;
mod resolve;
mod select;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use tempfile::TempDir;

use super::Accept;
use super::csdl::{Model, TypeRef};
use super::resolve::{Leniency, NamedProperty};

/// The schema of the global cloud.
const GLOBAL: &str = include_str!("fixture/global.csdl");

fn model() -> Result<Model> {
    Model::parse(GLOBAL)
}

/// What paths may say beyond that schema.
fn leniency() -> Leniency {
    let keys = |ty: &str, key: &str| BTreeMap::from([(ty.to_owned(), vec![key.to_owned()])]);
    let size = NamedProperty {
        parameter: "size".to_owned(),
        ty: TypeRef::single("microsoft.graph.thumbnail"),
    };
    Leniency {
        literal_keys: keys("microsoft.graph.version", "current"),
        alternate_keys: keys("microsoft.graph.border", "sideIndex"),
        named_properties: BTreeMap::from([("microsoft.graph.thumbnailSet".to_owned(), size)]),
        stream_commands: BTreeMap::from([(
            ("microsoft.graph.thumbnail".to_owned(), "content".to_owned()),
            TypeRef::single("microsoft.graph.settings"),
        )]),
    }
}

/// Microsoft's files and the committed lists, all small.
pub(crate) struct Fixture {
    pub(crate) files: BTreeMap<&'static str, String>,
}

impl Fixture {
    fn new() -> Self {
        // The other cloud lacks two properties, an enumeration and everything about applications.
        let other = GLOBAL
            .replace("<Property Name=\"displayName\" Type=\"Edm.String\" />", "")
            .replace("<EnumType Name=\"nothing\" />", "")
            .replace(
                "<Property Name=\"rights\" Type=\"graph.rights\" Nullable=\"false\" />",
                "",
            )
            .replace("<EntitySet Name=\"apps\" EntityType=\"microsoft.graph.app\" />", "")
            .replace("microsoft.graph.user/displayName", "microsoft.graph.user/secret");
        let annotated = GLOBAL.replace(
            "<Parameter Name=\"period\" Type=\"graph.period\" Nullable=\"false\" />\n        <ReturnType Type=\"graph.report\" />",
            "<Parameter Name=\"period\" Type=\"graph.period\" Nullable=\"false\" />\n        <ReturnType Type=\"Edm.Stream\" />",
        );
        let texts = [
            ("metadata/global.csdl", GLOBAL.to_owned()),
            ("metadata/other.csdl", other),
            ("metadata/annotated.xml", format!("\u{feff}{annotated}")),
            (
                "metadata/permissions.json",
                include_str!("fixture/permissions.json").to_owned(),
            ),
            (
                "metadata/exclusions.json",
                include_str!("fixture/exclusions.json").to_owned(),
            ),
            ("specs/sources.toml", include_str!("fixture/sources.toml").to_owned()),
            ("specs/repairs.toml", include_str!("fixture/repairs.toml").to_owned()),
            ("specs/rules.toml", include_str!("fixture/rules.toml").to_owned()),
            (
                "specs/documentation.tsv",
                include_str!("fixture/documentation.tsv").to_owned(),
            ),
        ];
        Self {
            files: texts.into_iter().collect(),
        }
    }

    /// The same with `from` replaced by `to` in one file.
    fn with(mut self, file: &str, from: &str, to: &str) -> Self {
        for (name, text) in &mut self.files {
            if *name == file {
                assert!(text.contains(from), "{file} does not contain {from}");
                *text = text.replace(from, to);
            }
        }
        self
    }

    fn import(&self) -> Result<super::Files> {
        self.import_accepting(Accept::Anything)
    }

    fn import_accepting(&self, accept: Accept) -> Result<super::Files> {
        let folder = self.lay_out()?;
        super::import(&folder.path().join("metadata"), &folder.path().join("specs"), accept)
    }

    /// A folder with all files.
    pub(crate) fn lay_out(&self) -> Result<TempDir> {
        let folder = TempDir::new()?;
        for (name, text) in &self.files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
            std::fs::write(path, text)?;
        }
        Ok(folder)
    }
}
