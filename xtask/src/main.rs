//! The maintenance commands of this workspace.

mod bench;
mod import;
mod regen;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The maintenance commands of this workspace")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Rewrites specs/ from Microsoft's metadata
    Import(import::Arguments),
    /// Rewrites the generated crates from specs/
    Regen(regen::Arguments),
    /// Measures, on this machine in one run
    #[command(subcommand)]
    Bench(bench::Command),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Import(arguments) => import::run(&arguments),
        Command::Regen(arguments) => regen::run(&arguments),
        Command::Bench(command) => bench::run(&command),
    }
}
