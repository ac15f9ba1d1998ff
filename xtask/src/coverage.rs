//! `cargo xtask coverage`: how much of Microsoft Graph is here, and why the rest is not.

use std::path::PathBuf;

use msgraph_codegen::coverage::{self, Compare};

use crate::{progress, workspace};

/// What to count and how to print it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Compare with the catalogue.json in this folder of metadata, row by row; fails when it is not as specs/catalogue.json says
    #[arg(long)]
    metadata: Option<PathBuf>,
    /// Write the comparison to specs/catalogue.json, for review
    #[arg(long, requires = "metadata")]
    write: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let compare = if arguments.write {
        Compare::Write
    } else {
        Compare::Check
    };
    let measure = || coverage::measure(&workspace(), arguments.metadata.as_deref(), compare);
    let coverage = progress::during("Counting", measure)?;
    if arguments.json {
        print!("{}", coverage.json());
    } else {
        print!("{coverage}");
    }
    Ok(())
}
