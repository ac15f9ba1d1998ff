use anyhow::{Context as _, Result};

use super::Fixture;

#[test]
fn a_repair_or_rule_that_no_longer_applies_is_an_error_that_names_it() -> Result<()> {
    let cases = [
        (
            "specs/repairs.toml",
            "microsoft.graph.report",
            "microsoft.graph.settings",
            "stream_functions of microsoft.graph.settings",
        ),
        (
            "specs/repairs.toml",
            "microsoft.graph.Json",
            "microsoft.graph.Gone",
            "untyped of microsoft.graph.Gone",
        ),
        ("specs/repairs.toml", "\"sheets\"", "\"gone\"", "rename_member of gone"),
        (
            "specs/repairs.toml",
            "\"pages\"",
            "\"versions\"",
            "rename_member of sheets",
        ),
        (
            "specs/repairs.toml",
            "/users{id}/manager",
            "/users{id}/gone",
            "paths of /users{id}/gone",
        ),
        (
            "specs/repairs.toml",
            "\"current\"",
            "\"current\", \"gone\"",
            "literal_keys of gone",
        ),
        (
            "specs/repairs.toml",
            "commands = \"microsoft.graph.settings\"",
            "commands = \"microsoft.graph.gone\"",
            "stream_commands of microsoft.graph.driveItem",
        ),
        (
            "specs/repairs.toml",
            "\"any JSON\"",
            "\" \"",
            "every repair needs a reason",
        ),
        (
            "specs/repairs.toml",
            "USGovL4",
            "Atlantis",
            "no cloud is named Atlantis",
        ),
        (
            "specs/rules.toml",
            "[\"secret\"]",
            "[\"gone\"]",
            "a rule for gone of microsoft.graph.user",
        ),
        (
            "specs/rules.toml",
            "required = [\"displayName\"]",
            "required = [\"gone\"]",
            "a rule for gone of microsoft.graph.user.certify",
        ),
        (
            "specs/rules.toml",
            "https://learn.microsoft.com/graph/api/user-certify",
            "hearsay",
            "needs its documentation page",
        ),
        (
            "specs/sources.toml",
            "\"Global\"",
            "\"China\"",
            "must be that of the global cloud",
        ),
        (
            "specs/documentation.tsv",
            "GET\t/me/memberOf\t",
            "GET\t/me/memberOf\n",
            "incomplete",
        ),
        (
            "metadata/exclusions.json",
            "UsGov",
            "Atlantis",
            "no cloud is named Atlantis",
        ),
    ];
    for (file, from, to, message) in cases {
        let error = Fixture::new().with(file, from, to).import().err().context(message)?;
        assert!(format!("{error:#}").contains(message), "{message}: {error:#}");
    }
    Ok(())
}

#[test]
fn renamed_members_count_as_the_same_in_all_clouds() -> Result<()> {
    let schema = |fixture: Fixture| -> Result<String> {
        let mut files = fixture.import()?;
        files.remove("v1.0/schemas/microsoft.graph.json").context("schemas")
    };
    let members_of_item = |text: &str| text.lines().filter(|line| line.contains("\"versions\": ")).count();
    let mended = Fixture::new()
        .with("metadata/other.csdl", "\"sheets\"", "\"sheetes\"")
        .with(
            "specs/repairs.toml",
            "from = \"sheets\"\nto = \"pages\"",
            "from = \"sheetes\"\nto = \"sheets\"",
        );
    let mended = schema(mended)?;
    assert_eq!(members_of_item(&mended), 1);
    let sheets = mended
        .lines()
        .find(|line| line.contains("\"sheets\": "))
        .context("sheets")?;
    assert!(!sheets.contains("x-graph-clouds"), "{sheets}");
    Ok(())
}
