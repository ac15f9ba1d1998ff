//! Puts generated files in place, or checks that they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

/// What writing changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files whose content is new or different.
    pub written: Vec<String>,
    /// Files that nothing generates any more.
    pub deleted: Vec<String>,
}

/// Writes the files whose content differs and deletes what is left over in `folders`.
///
/// Names are relative to `root` and use `/`.
///
/// # Errors
///
/// The first file that cannot be read, written or deleted.
pub fn write(root: &Path, folders: &[&str], files: &BTreeMap<String, String>) -> io::Result<Report> {
    let Difference { changed, stale } = Difference::find(root, folders, files)?;
    for (name, _) in &changed {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(root))?;
        std::fs::write(path, &files[name])?;
    }
    for name in &stale {
        std::fs::remove_file(root.join(name))?;
    }
    for folder in folders {
        remove_empty_folders(&root.join(folder))?;
    }
    Ok(Report {
        written: changed.into_iter().map(|(name, _)| name).collect(),
        deleted: stale,
    })
}

/// Compares the files with what is on disk and changes nothing.
///
/// # Errors
///
/// [`CheckError::Outdated`] when a file differs, is missing or is left over; it shows the beginning of the
/// difference and names `command`, which mends it.
pub fn check(root: &Path, folders: &[&str], files: &BTreeMap<String, String>, command: &str) -> Result<(), CheckError> {
    let difference = Difference::find(root, folders, files)?;
    if difference.changed.is_empty() && difference.stale.is_empty() {
        return Ok(());
    }
    let excerpt = difference
        .changed
        .first()
        .map(|(name, old)| excerpt(name, old.as_deref(), &files[name]));
    Err(CheckError::Outdated(Outdated {
        changed: difference.changed.into_iter().map(|(name, _)| name).collect(),
        stale: difference.stale,
        excerpt: excerpt.unwrap_or_default(),
        command: command.to_owned(),
    }))
}

/// Why a check did not pass.
#[derive(Debug)]
pub enum CheckError {
    /// The files are not what would be written.
    Outdated(Outdated),
    /// A file could not be read.
    Io(io::Error),
}

/// Files that are not what would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    /// Files that differ or are missing.
    pub changed: Vec<String>,
    /// Files that nothing generates any more.
    pub stale: Vec<String>,
    /// The beginning of the first difference, as a unified diff.
    pub excerpt: String,
    /// The command that mends it.
    pub command: String,
}

impl From<io::Error> for CheckError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outdated {
            changed,
            stale,
            excerpt,
            command,
        } = match self {
            Self::Outdated(outdated) => outdated,
            Self::Io(error) => return write!(f, "cannot compare the generated files: {error}"),
        };
        let count = changed.len() + stale.len();
        write!(f, "{count} generated file(s) are out of date")?;
        for (names, what) in [(changed, "differs"), (stale, "is left over")] {
            for name in names.iter().take(NAMES_SHOWN) {
                write!(f, "\n  {name} {what}")?;
            }
            if let Some(more @ 1..) = names.len().checked_sub(NAMES_SHOWN) {
                write!(f, "\n  and {more} more")?;
            }
        }
        if !excerpt.is_empty() {
            write!(f, "\n\n{}", excerpt.trim_end())?;
        }
        write!(f, "\n\nrun `{command}` and commit the result")
    }
}

impl std::error::Error for CheckError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Outdated(_) => None,
            Self::Io(error) => Some(error),
        }
    }
}

const NAMES_SHOWN: usize = 10;
const LINES_SHOWN: usize = 30;

struct Difference {
    /// Names with what is on disk.
    changed: Vec<(String, Option<String>)>,
    stale: Vec<String>,
}

impl Difference {
    fn find(root: &Path, folders: &[&str], files: &BTreeMap<String, String>) -> io::Result<Self> {
        let mut changed = Vec::new();
        for (name, new) in files {
            match std::fs::read_to_string(root.join(name)) {
                Ok(old) if old == *new => {}
                Ok(old) => changed.push((name.clone(), Some(old))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => changed.push((name.clone(), None)),
                Err(error) => return Err(error),
            }
        }
        let mut present = BTreeSet::new();
        for folder in folders {
            collect(root, Path::new(folder), &mut present)?;
        }
        let stale = present.into_iter().filter(|name| !files.contains_key(name)).collect();
        Ok(Self { changed, stale })
    }
}

fn collect(root: &Path, folder: &Path, names: &mut BTreeSet<String>) -> io::Result<()> {
    let entries = match std::fs::read_dir(root.join(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path: PathBuf = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(root, &path, names)?;
        } else {
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            names.insert(parts.join("/"));
        }
    }
    Ok(())
}

/// Deletes folders that have nothing in them, deepest first; the folder itself stays only when it has something.
fn remove_empty_folders(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty_folders(&entry.path())?;
        }
    }
    if std::fs::read_dir(folder)?.next().is_none() {
        std::fs::remove_dir(folder)?;
    }
    Ok(())
}

fn excerpt(name: &str, old: Option<&str>, new: &str) -> String {
    let Some(old) = old else { return String::new() };
    let diff = TextDiff::from_lines(old, new);
    let unified = diff.unified_diff().context_radius(2).header(name, name).to_string();
    let mut lines: Vec<&str> = unified.lines().take(LINES_SHOWN).collect();
    if unified.lines().nth(LINES_SHOWN).is_some() {
        lines.push("...");
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDERS: [&str; 1] = ["generated"];

    fn files(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files
            .iter()
            .map(|(name, text)| (format!("generated/{name}"), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn writing_replaces_what_differs_and_deletes_what_is_left_over() {
        let root = tempfile::tempdir().unwrap();
        write(
            root.path(),
            &FOLDERS,
            &files(&[("a.rs", "1"), ("b.rs", "1"), ("old/c.rs", "1")]),
        )
        .unwrap();
        let report = write(
            root.path(),
            &FOLDERS,
            &files(&[("a.rs", "1"), ("b.rs", "2"), ("new/d.rs", "1")]),
        )
        .unwrap();
        assert_eq!(report.written, ["generated/b.rs", "generated/new/d.rs"]);
        assert_eq!(report.deleted, ["generated/old/c.rs"]);
        assert!(!root.path().join("generated/old").exists());
        assert_eq!(
            std::fs::read_to_string(root.path().join("generated/b.rs")).unwrap(),
            "2"
        );
    }

    #[test]
    fn a_check_of_written_files_passes() {
        let root = tempfile::tempdir().unwrap();
        let files = files(&[("a.rs", "1"), ("b/c.rs", "1")]);
        write(root.path(), &FOLDERS, &files).unwrap();
        check(root.path(), &FOLDERS, &files, "mend").unwrap();
    }

    #[test]
    fn a_failed_check_shows_the_difference_and_the_command() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &FOLDERS, &files(&[("a.rs", "one\ntwo\n"), ("b.rs", "1")])).unwrap();
        let error = check(root.path(), &FOLDERS, &files(&[("a.rs", "one\n2\n")]), "cargo mend").unwrap_err();
        let expected = "2 generated file(s) are out of date\n  generated/a.rs differs\n  generated/b.rs is left over\n\n\
            --- generated/a.rs\n+++ generated/a.rs\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n\n\
            run `cargo mend` and commit the result";
        assert_eq!(error.to_string(), expected);
        assert_eq!(
            std::fs::read_to_string(root.path().join("generated/a.rs")).unwrap(),
            "one\ntwo\n"
        );
    }

    #[test]
    fn a_long_difference_is_cut() {
        let root = tempfile::tempdir().unwrap();
        let long: String = (0..200).map(|line| format!("{line}\n")).collect();
        write(root.path(), &FOLDERS, &files(&[("a.rs", "")])).unwrap();
        let error = check(root.path(), &FOLDERS, &files(&[("a.rs", &long)]), "mend")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\n...\n") && error.lines().count() < LINES_SHOWN + 10,
            "{error}"
        );
    }
}
