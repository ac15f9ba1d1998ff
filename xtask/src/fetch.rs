//! `cargo xtask fetch`: downloads the pinned metadata.

use std::path::PathBuf;

use indicatif::ProgressBar;
use msgraph_codegen::fetch::{self, Event};

use crate::{progress, workspace};

/// Where the metadata goes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder to put the files in [default: target/graph-metadata]
    #[arg(long)]
    metadata: Option<PathBuf>,
    /// What serves the files of GitHub's repositories, each under owner/name/commit/path
    #[arg(long, default_value = fetch::GITHUB)]
    host: String,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let root = workspace();
    let metadata = arguments
        .metadata
        .clone()
        .unwrap_or_else(|| root.join("target/graph-metadata"));
    let mut bar = ProgressBar::hidden();
    let (mut placed, mut kept) = (0, 0);
    let mut report = |event: Event<'_>| match event {
        Event::Kept { .. } => kept += 1,
        Event::Started { file, from, length } => bar = progress::bytes(file, from, length),
        Event::Received { bytes } => bar.inc(bytes),
        Event::Placed { file } => {
            placed += 1;
            bar.finish_and_clear();
            println!("{file}");
        }
    };
    fetch::fetch(&root.join("specs"), &metadata, &arguments.host, &mut report)?;
    println!(
        "{}: {placed} files downloaded, {kept} there already",
        metadata.display()
    );
    Ok(())
}
