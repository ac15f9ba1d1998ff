//! A program outside the workspace, as a user of the crates has it: with nothing but the facade and Tokio.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Writes the program into `folder` and returns its manifest. Its source is an example of the facade.
pub(super) fn write(root: &Path, folder: &Path) -> Result<PathBuf> {
    let source = root.join("crates/msgraph/examples/ten_operations.rs");
    let facade = root.join("crates/msgraph");
    let manifest = format!(
        "[package]\nname = \"ten-operations\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [workspace]\n\n\
         [[bin]]\nname = \"ten-operations\"\npath = {source:?}\n\n\
         [dependencies]\nmsgraph = {{ path = {facade:?} }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"macros\", \"rt\"] }}\n\n\
         [profile.release]\nstrip = true\n"
    );
    fs::create_dir_all(folder)?;
    let path = folder.join("Cargo.toml");
    fs::write(&path, manifest)?;
    // The versions that the workspace is tested with.
    let lock = root.join("Cargo.lock");
    fs::copy(&lock, folder.join("Cargo.lock")).with_context(|| format!("cannot copy {}", lock.display()))?;
    Ok(path)
}
