//! The maintenance commands of this workspace.

mod bench;
mod import;
mod regen;
mod soak;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The maintenance commands of this workspace")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures the runtime
    Bench(bench::Arguments),
    /// Rewrites specs/ from Microsoft's metadata
    Import(import::Arguments),
    /// Rewrites the generated crates from specs/
    Regen(regen::Arguments),
    /// Makes many calls to a service that misbehaves, and says whether any was lost or doubled
    Soak(soak::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Regen(arguments) => regen::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
    }
}
