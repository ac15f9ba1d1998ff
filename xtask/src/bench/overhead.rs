//! The cost of a call beside the HTTP library alone, measured by an optimised program of its own.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

pub(crate) fn run() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["bench", "--quiet", "--package", "msgraph-faults", "--bench", "overhead"])
        .status()
        .context("cargo cannot be started")?;
    ensure!(status.success(), "the benchmark of the overhead failed");
    Ok(())
}
