//! `cargo xtask bench`: measurements, all made on this machine in one run.

mod batch;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Measures small reads gathered into batches against the same reads one by one
    Batch(batch::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Batch(arguments) => batch::run(arguments),
    }
}
