//! `cargo xtask import`

use std::path::{Path, PathBuf};

use anyhow::Result;
use msgraph_codegen::{import, write};

/// Where the metadata is.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder with the files that specs/sources.toml lists
    #[arg(long)]
    metadata: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let files = import::import(&arguments.metadata, &specs)?;
    let report = write::write(&specs, &["v1.0"], &files)?;
    let (written, deleted) = (report.written.len(), report.deleted.len());
    println!(
        "specs/v1.0: {} files, {written} changed, {deleted} deleted",
        files.len()
    );
    Ok(())
}
