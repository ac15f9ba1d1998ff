//! Where the metadata comes from.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// The list of published files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sources {
    source: Vec<Source>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the import needs the name and the role only; the rest is for people and for fetching"
)]
struct Source {
    role: Role,
    file: String,
    repository: String,
    commit: String,
    path: String,
    sha256: String,
    #[serde(default)]
    clouds: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Schema,
    Annotated,
    Permissions,
    Exclusions,
}

impl Sources {
    /// Reads the list.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let sources: Self = toml::from_str(text)?;
        let first = sources.schemas().next().context("there is no schema")?;
        ensure!(
            first.1.iter().any(|cloud| cloud == "Global"),
            "the first schema must be that of the global cloud"
        );
        Ok(sources)
    }

    /// The schema files and the clouds that each describes.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = (&str, &[String])> {
        let schemas = self.source.iter().filter(|source| source.role == Role::Schema);
        schemas.map(|source| (source.file.as_str(), source.clouds.as_slice()))
    }

    pub(crate) fn annotated(&self) -> Result<&str> {
        self.file(Role::Annotated)
    }

    pub(crate) fn permissions(&self) -> Result<&str> {
        self.file(Role::Permissions)
    }

    pub(crate) fn exclusions(&self) -> Result<&str> {
        self.file(Role::Exclusions)
    }

    fn file(&self, role: Role) -> Result<&str> {
        let source = self.source.iter().find(|source| source.role == role);
        Ok(&source
            .with_context(|| format!("there is no file with the role {role:?}"))?
            .file)
    }
}
