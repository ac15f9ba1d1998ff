//! `cargo xtask bench`: measurements, all made on this machine in one run.

mod batch;
mod compile;
mod consumer;
mod overhead;
mod process;
mod table;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Measures small reads gathered into batches against the same reads one by one
    Batch(batch::Arguments),
    /// Measures what compiling, generating and parsing cost, and compares with what they may
    Compile(compile::Arguments),
    /// Measures calls per second through msgraph against the HTTP library alone on the same server
    Overhead,
    /// Runs a program and notes what it took
    #[command(hide = true)]
    Process(process::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Batch(arguments) => batch::run(arguments),
        Command::Compile(arguments) => compile::run(arguments),
        Command::Overhead => overhead::run(),
        Command::Process(arguments) => process::run(arguments),
    }
}
