use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use super::super::Files;
use super::Fixture;

fn snapshot(files: &Files, name: &str) -> Result<()> {
    let text = files
        .get(&format!("v1.0/{name}.json"))
        .with_context(|| name.to_owned())?;
    let name = name.replace('/', "_");
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, text);
    });
    Ok(())
}

#[test]
fn the_documents_of_a_small_service() -> Result<()> {
    let files = Fixture::new().import()?;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "v1.0/areas/apps.json",
            "v1.0/areas/groups.json",
            "v1.0/areas/me.json",
            "v1.0/areas/reports.json",
            "v1.0/areas/users.json",
            "v1.0/counts.json",
            "v1.0/schemas/microsoft.graph.json",
            "v1.0/schemas/microsoft.graph.security.json",
            "v1.0/schemas/odata.json",
            "v1.0/skipped.json",
        ]
    );
    for name in [
        "areas/groups",
        "areas/me",
        "areas/reports",
        "areas/users",
        "counts",
        "schemas/microsoft.graph",
        "skipped",
    ] {
        snapshot(&files, name)?;
    }
    Ok(())
}

#[test]
fn no_description_is_carried_over() -> Result<()> {
    let files = Fixture::new().import()?;
    assert!(files.values().all(|text| !text.contains("never carried over")));
    Ok(())
}

#[test]
fn the_same_input_gives_the_same_files() -> Result<()> {
    assert_eq!(Fixture::new().import()?, Fixture::new().import()?);
    Ok(())
}

#[test]
fn operations_have_names_of_their_own() -> Result<()> {
    let files = Fixture::new().import()?;
    let mut seen = BTreeSet::new();
    for line in files
        .values()
        .flat_map(|text| text.lines())
        .filter(|line| line.contains("\"operationId\""))
    {
        assert!(seen.insert(line.trim()), "{line}");
    }
    assert!(seen.len() > 10, "{seen:?}");
    Ok(())
}
