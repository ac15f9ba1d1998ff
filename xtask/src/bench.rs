//! `cargo xtask bench`: measurements, each in an optimised program of its own.

use std::process::Command;

use anyhow::Context as _;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Copy, clap::Subcommand)]
enum What {
    /// Calls per second through msgraph, against the HTTP library alone on the same server
    Overhead,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (package, bench) = match arguments.what {
        What::Overhead => ("msgraph-faults", "overhead"),
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["bench", "--quiet", "--package", package, "--bench", bench])
        .status()
        .context("cargo cannot be started")?;
    anyhow::ensure!(status.success(), "the benchmark {bench} failed");
    Ok(())
}
