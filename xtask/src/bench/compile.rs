//! `cargo xtask bench compile`: every figure that this project promises about its own cost.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::consumer;
use super::process::{Cost, measure, output};
use super::table::{Quantity, Table};
use crate::{progress, workspace};

/// The packages whose compilation is measured.
const GENERATED: [&str; 2] = ["msgraph-models", "msgraph-client"];

/// What to measure with.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of metadata to measure the import with; without it the import is not measured
    #[arg(long)]
    metadata: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut table = Table::default();
    let measured = Bench::new().and_then(|bench| bench.all(&mut table, arguments.metadata.as_deref()));
    // What was measured before something failed took long enough to be worth showing.
    print!("{table}");
    measured
}

struct Bench {
    root: PathBuf,
    /// A folder of its own, so that nothing else has compiled anything there.
    target: PathBuf,
}

impl Bench {
    fn new() -> Result<Self> {
        let root = workspace();
        let target = root.join("target/bench");
        std::fs::create_dir_all(&target)?;
        Ok(Self { root, target })
    }

    fn all(&self, table: &mut Table, metadata: Option<&Path>) -> Result<()> {
        progress::during("Compiling dependencies and checking", || self.check(table))?;
        progress::during("Building", || self.build(table))?;
        progress::during("Building a program", || self.program(table))?;
        progress::during("Parsing", || self.parse(table))?;
        progress::during("Generating", || self.generate(table, metadata))?;
        progress::during("Documenting", || self.document(table))
    }

    fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(arguments)
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS");
        cargo
    }

    fn check(&self, table: &mut Table) -> Result<()> {
        output(&mut self.cargo(["check", "--package", "msgraph-core"]))?;
        self.forget("dev")?;
        let cost = self.compile(["check", "--package", "msgraph-client"])?;
        table.add_cost("cargo check of models and client, cold", cost, 10.0, Some(1.5));
        Ok(())
    }

    fn build(&self, table: &mut Table) -> Result<()> {
        output(&mut self.cargo(["build", "--release", "--package", "msgraph-core"]))?;
        self.forget("release")?;
        let cost = self.compile(["build", "--release", "--package", "msgraph-client"])?;
        table.add_cost("cargo build --release of both, cold", cost, 30.0, Some(2.0));
        Ok(())
    }

    /// Makes the generated crates as if they had never been compiled.
    fn forget(&self, profile: &str) -> Result<()> {
        let packages = GENERATED.into_iter().flat_map(|package| ["--package", package]);
        output(&mut self.cargo(["clean", "--profile", profile].into_iter().chain(packages)))?;
        Ok(())
    }

    /// Compiles the generated crates and nothing else.
    fn compile<const N: usize>(&self, arguments: [&str; N]) -> Result<Cost> {
        let (cost, output) = measure(&self.cargo(arguments), &self.target)?;
        let compiled = compiled(&output);
        ensure!(
            compiled == GENERATED.map(str::to_owned).into(),
            "the measurement is of {compiled:?} instead of {GENERATED:?}"
        );
        Ok(cost)
    }

    fn program(&self, table: &mut Table) -> Result<()> {
        let manifest = consumer::write(&self.root, &self.target.join("consumer"))?;
        let manifest = manifest.to_str().context("the path of the workspace is not Unicode")?;
        output(&mut self.cargo(["build", "--release", "--manifest-path", manifest]))?;
        let program = self
            .target
            .join("release")
            .join(format!("ten-operations{}", std::env::consts::EXE_SUFFIX));
        let size = std::fs::metadata(&program)?.len();
        let what = "release program that calls ten operations, stripped, with TLS";
        table.add(what, Quantity::Megabytes(size as f64 / 1e6), Quantity::Megabytes(5.0));
        Ok(())
    }

    fn parse(&self, table: &mut Table) -> Result<()> {
        let output = output(&mut self.cargo(["bench", "--quiet", "--package", "msgraph-models", "--bench", "page"]))?;
        let text = String::from_utf8(output.stdout)?;
        let line = text
            .lines()
            .find(|line| line.starts_with('{'))
            .context("the benchmark printed nothing")?;
        let Parsed { sdk, derived, untyped } = serde_json::from_str(line)?;
        table.add(
            "parsing 999 users, against serde_derive with flatten",
            Quantity::Times(sdk / derived),
            Quantity::Times(1.15),
        );
        table.add(
            "parsing 999 users, against serde_json::Value",
            Quantity::Times(sdk / untyped),
            Quantity::Times(0.8),
        );
        Ok(())
    }

    fn generate(&self, table: &mut Table, metadata: Option<&Path>) -> Result<()> {
        output(&mut self.cargo(["build", "--release", "--package", "xtask"]))?;
        let xtask = self
            .target
            .join("release")
            .join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
        let (cost, _) = measure(Command::new(&xtask).args(["regen", "--check"]), &self.target)?;
        table.add_cost("cargo xtask regen, in release", cost, 5.0, None);
        if let Some(metadata) = metadata {
            let mut import = Command::new(&xtask);
            import.args(["import", "--check", "--metadata"]).arg(metadata);
            let (cost, _) = measure(&import, &self.target)?;
            table.add_cost("cargo xtask import, in release", cost, 10.0, None);
        }
        Ok(())
    }

    fn document(&self, table: &mut Table) -> Result<()> {
        output(&mut self.cargo(["check", "--package", "msgraph-client"]))?;
        let (cost, _) = measure(
            &self.cargo(["doc", "--no-deps", "--package", "msgraph-client"]),
            &self.target,
        )?;
        table.add_cost("cargo doc of the client", cost, 30.0, None);
        Ok(())
    }
}

/// Nanoseconds per user.
#[derive(Deserialize)]
struct Parsed {
    sdk: f64,
    derived: f64,
    untyped: f64,
}

/// The packages that cargo says it compiled.
fn compiled(output: &Output) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    let package = |line: &str| {
        let mut words = line.split_whitespace();
        let is_compiled = matches!(words.next(), Some("Checking" | "Compiling"));
        words.next().filter(|_| is_compiled).map(str::to_owned)
    };
    text.lines().filter_map(package).collect()
}
