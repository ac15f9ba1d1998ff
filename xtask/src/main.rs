//! The maintenance commands of this workspace.

mod bench;
mod coverage;
mod fetch;
mod import;
mod progress;
mod regen;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The maintenance commands of this workspace")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Downloads Microsoft's metadata
    Fetch(fetch::Arguments),
    /// Rewrites specs/ from Microsoft's metadata
    Import(import::Arguments),
    /// Rewrites the generated crates from specs/
    Regen(regen::Arguments),
    /// Counts what the metadata, specs/ and the code have, and explains what is left out
    Coverage(coverage::Arguments),
    /// Measures, on this machine in one run
    #[command(subcommand)]
    Bench(bench::Command),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Fetch(arguments) => fetch::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Regen(arguments) => regen::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Bench(command) => bench::run(&command),
    }
}

/// The workspace, whatever folder the command is run in.
fn workspace() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}
