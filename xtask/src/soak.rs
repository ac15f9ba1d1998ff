//! `cargo xtask soak`: many calls to a service that misbehaves, compared with what the service has done.

use std::time::Instant;

use msgraph_faults::soak;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many calls to make
    #[arg(long, default_value_t = 200_000)]
    calls: usize,
    /// How many calls go at once
    #[arg(long, default_value_t = 64)]
    at_once: usize,
    /// What the faults are drawn from; another one each time if not given
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("{} calls, {} at once, seed {seed}", arguments.calls, arguments.at_once);
    let start = Instant::now();
    let runtime = tokio::runtime::Runtime::new()?;
    let report = runtime
        .block_on(soak::run(arguments.calls, arguments.at_once, seed))
        .map_err(anyhow::Error::from_boxed)?;
    println!(
        "{:.0} calls per second",
        arguments.calls as f64 / start.elapsed().as_secs_f64()
    );
    println!("{report}");
    anyhow::ensure!(
        report.lost == 0 && report.doubled == 0,
        "calls were lost or doubled: run it again with --seed {seed}"
    );
    Ok(())
}
