use anyhow::{Context as _, Result};

use super::super::csdl::{Model, Nature};
use super::{GLOBAL, model};

#[test]
fn an_alias_holds_for_the_whole_document() -> Result<()> {
    // `self` is declared by the schema behind the one that uses it.
    let model = model()?;
    let close = model
        .operations
        .iter()
        .find(|operation| operation.name == "close")
        .context("close")?;
    assert_eq!(close.binding.name, "microsoft.graph.security.alert");
    let alert = model.structure("microsoft.graph.security.alert").context("alert")?;
    assert_eq!(alert.base.as_deref(), Some("microsoft.graph.entity"));
    assert_eq!(alert.members[0].ty.name, "microsoft.graph.security.evidence");
    Ok(())
}

#[test]
fn computed_and_readable_members_are_read_only() -> Result<()> {
    let model = model()?;
    let user = model.structure("microsoft.graph.user").context("user")?;
    let read_only: Vec<_> = user
        .members
        .iter()
        .filter(|m| m.read_only)
        .map(|m| m.name.as_str())
        .collect();
    assert_eq!(read_only, ["createdDateTime", "manager"]);
    Ok(())
}

#[test]
fn relations_know_whether_they_contain_their_target() -> Result<()> {
    let model = model()?;
    let user = model.structure("microsoft.graph.user").context("user")?;
    let nature = |name: &str| model.member(user, name).map(|(_, member)| member.nature);
    assert_eq!(nature("displayName"), Some(Nature::Property));
    assert_eq!(nature("manager"), Some(Nature::Reference));
    assert_eq!(nature("photo"), Some(Nature::Containment));
    assert_eq!(nature("deletedDateTime"), Some(Nature::Property), "inherited");
    Ok(())
}

#[test]
fn the_first_parameter_binds_whatever_its_name() -> Result<()> {
    let model = model()?;
    let of = |name: &str| model.operations.iter().find(|operation| operation.name == name);
    let cell = of("cell").context("cell")?;
    assert_eq!(cell.binding.name, "microsoft.graph.range");
    assert_eq!(
        cell.parameters.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
        ["row", "column"]
    );
    let count = of("count").context("count")?;
    assert!(count.parameters.iter().all(|parameter| parameter.optional));
    Ok(())
}

#[test]
fn a_byte_order_mark_is_no_obstacle() -> Result<()> {
    assert_eq!(Model::parse(&format!("\u{feff}{GLOBAL}"))?, model()?);
    Ok(())
}

#[test]
fn what_cannot_be_understood_is_an_error_that_says_where() -> Result<()> {
    let cases = [
        (
            "<ComplexType Name=\"Json\" />",
            "<TypeDefinition Name=\"Json\" />",
            "TypeDefinition Json",
        ),
        ("<EntityType Name=\"sheet\" ", "<EntityType ", "EntityType"),
        (
            "<Property Name=\"content\" Type=\"Edm.Stream\" />",
            "<Property Name=\"content\" />",
            "EntityType driveItem",
        ),
    ];
    for (from, to, place) in cases {
        let error = Model::parse(&GLOBAL.replacen(from, to, 1))
            .err()
            .context("an error is due")?;
        assert!(format!("{error:#}").contains(place), "{error:#}");
    }
    Ok(())
}
