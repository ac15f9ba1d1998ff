//! `cargo xtask regen --spec`: writes a client crate from one document of Microsoft's.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, anyhow, ensure};
use clap::Args;
use msgraph_codegen::regen::Source;
use msgraph_codegen::regen::published::{self, Core, Input, Package, Published};
use msgraph_codegen::write;

use crate::{progress, workspace};

#[derive(Args)]
pub(crate) struct PublishedArguments {
    /// Where the crate goes: a folder that holds nothing else
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
    /// What the crate is called; after the document if not given
    #[arg(long, value_name = "CRATE", requires = "spec")]
    name: Option<String>,
    /// The folder of msgraph-core, relative to DIR; that of this workspace if not given
    #[arg(long, value_name = "DIR", requires = "spec", conflicts_with = "core_version")]
    core_path: Option<String>,
    /// Depend on a released msgraph-core, for example 0.1
    #[arg(long, value_name = "VERSION", requires = "spec")]
    core_version: Option<String>,
}

pub(crate) fn run(spec: &Path, check: bool, arguments: &PublishedArguments) -> anyhow::Result<()> {
    let start = Instant::now();
    let out = arguments.out.as_deref().context("--out is needed with --spec")?;
    let name = spec.file_name().context("--spec must name a file")?;
    let name = name.to_string_lossy().into_owned();
    let package = arguments.package(&name)?;
    ensure!(
        published::owns(out),
        "{} already holds something else; --out needs an empty or new folder, or one that this command wrote",
        out.display()
    );
    let workspace = workspace();
    let read = |path: &Path| fs::read_to_string(path).with_context(|| path.display().to_string());
    let input = Input {
        document: Source {
            name,
            text: read(spec)?,
        },
        names: read(&workspace.join("specs/names.toml"))?,
        rules: read(&workspace.join("specs/rules.toml"))?,
    };
    let published = progress::during("Generating", || published::generate(&input, &package))?;
    let outcome = if check {
        let command = format!("cargo xtask regen --spec {} --out {}", spec.display(), out.display());
        write::check(out, &["src"], &published.files, &command)?;
        "all up to date".to_owned()
    } else {
        let report = write::write(out, &["src"], &published.files)?;
        format!("{} written, {} deleted", report.written.len(), report.deleted.len())
    };
    print(&published, out, &outcome, start);
    Ok(())
}

impl PublishedArguments {
    fn package(&self, document: &str) -> anyhow::Result<Package> {
        let core = match (&self.core_path, &self.core_version) {
            (Some(path), _) => Core::Path(path.clone()),
            (None, Some(version)) => Core::Version(version.clone()),
            (None, None) => {
                let path = workspace().join("crates/msgraph-core");
                Core::Path(path.display().to_string())
            }
        };
        let name = self.name.clone().unwrap_or_else(|| Package::name_after(document));
        Package::new(&name, core).map_err(|reason| anyhow!("{reason}; give another --name"))
    }
}

/// More is in `skipped.json`.
const SHOWN: usize = 40;

fn print(published: &Published, out: &Path, outcome: &str, start: Instant) {
    let Published {
        files,
        summary,
        operations,
        skipped,
    } = published;
    for problem in skipped.iter().take(SHOWN) {
        println!("skipped {}: {}", problem.place, problem.reason);
    }
    if let Some(more @ 1..) = skipped.len().checked_sub(SHOWN) {
        println!("skipped {more} more");
    }
    println!(
        "{} of {operations} operations, {} types, {} enumerations, {} parameter sets in {} files ({outcome}), {:.1} s",
        summary.operations,
        summary.types,
        summary.enumerations,
        summary.parameters,
        files.len(),
        start.elapsed().as_secs_f64()
    );
    if !skipped.is_empty() {
        println!(
            "{} left out; {} has all",
            skipped.len(),
            out.join("skipped.json").display()
        );
    }
}
