//! `cargo xtask bench`: measurements, all made on this machine in one run.

mod compile;
mod consumer;
mod process;
mod table;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Measures what compiling, generating and parsing cost, and compares with what they may
    Compile(compile::Arguments),
    /// Runs a program and notes what it took
    #[command(hide = true)]
    Process(process::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Compile(arguments) => compile::run(arguments),
        Command::Process(arguments) => process::run(arguments),
    }
}
