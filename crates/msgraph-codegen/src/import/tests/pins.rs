use anyhow::{Context as _, Result};

use super::super::Accept;
use super::Fixture;
use crate::sources::Sum;

/// The small service with the sums of its files in `sources.toml`.
pub(crate) fn pinned() -> Fixture {
    let mut fixture = Fixture::new();
    let mut sources = String::new();
    for line in fixture.files["specs/sources.toml"].lines() {
        let file = line.split('"').nth(3).unwrap_or_default();
        let metadata = fixture.files.get(format!("metadata/{file}").as_str());
        let sum = metadata.map_or(String::new(), |text| Sum::of(text.as_bytes()).to_string());
        sources += &line.replace("sha256 = \"s\"", &format!("sha256 = \"{sum}\""));
        sources.push('\n');
    }
    fixture.files.insert("specs/sources.toml", sources);
    fixture
}

#[test]
fn the_pinned_files_are_accepted() -> Result<()> {
    assert_eq!(pinned().import_accepting(Accept::Pinned)?, Fixture::new().import()?);
    Ok(())
}

#[test]
fn another_file_is_refused_by_name_and_both_sums_unless_anything_is_accepted() -> Result<()> {
    for file in ["other.csdl", "annotated.xml", "permissions.json", "exclusions.json"] {
        let name = format!("metadata/{file}");
        let mut fixture = pinned();
        let (_, text) = fixture
            .files
            .iter_mut()
            .find(|(known, _)| **known == name)
            .context("file")?;
        let pinned = Sum::of(text.as_bytes());
        text.push('\n');
        let found = Sum::of(text.as_bytes());
        let error = fixture
            .import_accepting(Accept::Pinned)
            .err()
            .context("an error is due")?;
        let error = format!("{error:#}");
        for part in [
            file,
            pinned.to_string().as_str(),
            found.to_string().as_str(),
            "--unpinned",
        ] {
            assert!(error.contains(part), "{file}: {error}");
        }
        fixture.import()?;
    }
    Ok(())
}
