//! `specs/sources.toml`: the published files that everything is made of.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// The list of published files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sources {
    source: Vec<Source>,
}

/// One published file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    role: Role,
    /// The name that it is kept under.
    pub(crate) file: String,
    /// `https://github.com/<owner>/<name>`
    pub(crate) repository: String,
    pub(crate) commit: String,
    pub(crate) path: String,
    sha256: Sum,
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

/// A SHA-256 sum, in lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Sum(String);

impl Sum {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Enough of it to tell files apart by.
    pub(crate) fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Source {
    /// Fails, naming both sums, when this is the sum of other bytes than the pinned ones.
    pub(crate) fn check(&self, sum: &Sum) -> Result<()> {
        ensure!(
            *sum == self.sha256,
            "{} is not the pinned file: its sha256 is {sum}, specs/sources.toml says {}",
            self.file,
            self.sha256
        );
        Ok(())
    }

    pub(crate) fn sum(&self) -> &Sum {
        &self.sha256
    }
}

impl Sources {
    /// Reads the list.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let sources: Self = toml::from_str(text)?;
        let (_, first) = sources.schemas().next().context("there is no schema")?;
        ensure!(
            first.iter().any(|cloud| cloud == "Global"),
            "the first schema must be that of the global cloud"
        );
        Ok(sources)
    }

    /// All files.
    pub(crate) fn all(&self) -> &[Source] {
        &self.source
    }

    /// The schemas and the clouds that each describes.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = (&Source, &[String])> {
        let schemas = self.source.iter().filter(|source| source.role == Role::Schema);
        schemas.map(|source| (source, source.clouds.as_slice()))
    }

    pub(crate) fn annotated(&self) -> Result<&Source> {
        self.with(Role::Annotated)
    }

    pub(crate) fn permissions(&self) -> Result<&Source> {
        self.with(Role::Permissions)
    }

    pub(crate) fn exclusions(&self) -> Result<&Source> {
        self.with(Role::Exclusions)
    }

    fn with(&self, role: Role) -> Result<&Source> {
        let source = self.source.iter().find(|source| source.role == role);
        source.with_context(|| format!("there is no file with the role {role:?}"))
    }
}
