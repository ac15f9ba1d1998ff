//! What a program and everything that it starts takes.
//!
//! An operating system only tells a process the largest memory of all its children together. So each measurement is a
//! process of its own: this program starts itself, and that one starts what is measured.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// What to run, and where to note what it took.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[arg(long)]
    note: PathBuf,
    #[arg(trailing_var_arg = true, required = true)]
    command: Vec<String>,
}

/// What a program took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) time: Duration,
    /// The time that processors worked on it, which other work on the machine hardly changes.
    pub(super) work: Option<Duration>,
    /// The most memory that any one process had, where the operating system tells.
    pub(super) memory: Option<u64>,
}

/// The measuring process: runs the command, notes what it took, and ends as it did.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let (program, rest) = arguments.command.split_first().context("there is no command")?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(rest)
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    let time = start.elapsed();
    let mut note = time.as_nanos().to_string();
    if let Some((work, memory)) = children() {
        note = format!("{note} {} {memory}", work.as_nanos());
    }
    std::fs::write(&arguments.note, note)?;
    std::process::exit(status.code().unwrap_or(1))
}

/// What all children together worked, and the most memory that any one of them had.
#[cfg(unix)]
fn children() -> Option<(Duration, u64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::{TimeVal, TimeValLike as _};
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let micros = |time: TimeVal| u64::try_from(time.num_microseconds()).ok();
    let work = micros(usage.user_time())?.checked_add(micros(usage.system_time())?)?;
    // Linux counts in units of 1024 bytes, Apple's systems in bytes.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    Some((Duration::from_micros(work), u64::try_from(usage.max_rss()).ok()? * unit))
}

#[cfg(not(unix))]
fn children() -> Option<(Duration, u64)> {
    None
}

/// Runs `command` in a measuring process and returns what it took and what it printed.
pub(super) fn measure(command: &Command, folder: &Path) -> Result<(Cost, Output)> {
    let note = folder.join("cost");
    let mut measuring = Command::new(std::env::current_exe()?);
    measuring.args(["bench", "process", "--note"]).arg(&note).arg("--");
    measuring.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => measuring.env(name, value),
            None => measuring.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        measuring.current_dir(folder);
    }
    let output = measuring.stdin(Stdio::null()).output()?;
    check(command, &output)?;
    let text = std::fs::read_to_string(&note)?;
    let mut numbers = text.split(' ').map(str::parse);
    let mut next = || numbers.next().transpose();
    let cost = Cost {
        time: Duration::from_nanos(next()?.context("an empty note")?),
        work: next()?.map(Duration::from_nanos),
        memory: next()?,
    };
    Ok((cost, output))
}

/// Runs `command` and returns what it printed.
pub(super) fn output(command: &mut Command) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot run {}", command.get_program().display()))?;
    check(command, &output)?;
    Ok(output)
}

fn check(command: &Command, output: &Output) -> Result<()> {
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = text.lines().rev().take(30).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    bail!("{command:?} failed:\n{}", last.join("\n"))
}
