//! `cargo xtask regen`: writes the generated crates, or a client crate from one document of Microsoft's.

mod published;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use msgraph_codegen::regen::{self, Generated, Layout, Sources};
use msgraph_codegen::write;

use crate::{progress, workspace};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Compare with the generated files and fail when they are out of date, changing nothing
    #[arg(long)]
    check: bool,
    /// Generate a client crate from this OpenAPI 3.0 document (YAML or JSON) instead, and from it alone
    #[arg(long, value_name = "FILE", requires = "out")]
    spec: Option<PathBuf>,
    #[command(flatten)]
    package: published::PublishedArguments,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(spec) = &arguments.spec {
        return published::run(spec, arguments.check, &arguments.package);
    }
    let start = Instant::now();
    let root = workspace();
    let sources = Sources::load(&root)?;
    let generate = || regen::generate(&sources, &Layout::CRATES);
    let Generated { files, summary } = progress::during("Generating", generate)?;
    let folders = Layout::CRATES.folders();
    let outcome = if arguments.check {
        write::check(&root, &folders, &files, "cargo xtask regen")?;
        "all up to date".to_owned()
    } else {
        let report = write::write(&root, &folders, &files)?;
        format!("{} written, {} deleted", report.written.len(), report.deleted.len())
    };
    println!(
        "{} types, {} enumerations, {} parameter sets, {} operations in {} files ({outcome}), {:.1} s",
        summary.types,
        summary.enumerations,
        summary.parameters,
        summary.operations,
        files.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
