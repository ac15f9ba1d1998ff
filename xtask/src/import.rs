//! `cargo xtask import`: writes `specs/v1.0`.

use std::path::PathBuf;

use anyhow::Result;
use msgraph_codegen::import::{self, Accept};
use msgraph_codegen::write;

use crate::{progress, workspace};

/// Where the metadata is.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder with the files that specs/sources.toml lists
    #[arg(long)]
    metadata: PathBuf,
    /// Accept files that are not the ones that specs/sources.toml pins
    #[arg(long)]
    unpinned: bool,
    /// Compare with specs/v1.0 and fail when it is out of date, changing nothing
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let specs = workspace().join("specs");
    let accept = if arguments.unpinned {
        Accept::Anything
    } else {
        Accept::Pinned
    };
    let files = progress::during("Reading the metadata", || {
        import::import(&arguments.metadata, &specs, accept)
    })?;
    if arguments.check {
        let command = format!("cargo xtask import --metadata {}", arguments.metadata.display());
        write::check(&specs, &["v1.0"], &files, &command)?;
        println!("specs/v1.0: {} files, all up to date", files.len());
        return Ok(());
    }
    let report = write::write(&specs, &["v1.0"], &files)?;
    let (written, deleted) = (report.written.len(), report.deleted.len());
    println!(
        "specs/v1.0: {} files, {written} changed, {deleted} deleted",
        files.len()
    );
    Ok(())
}
