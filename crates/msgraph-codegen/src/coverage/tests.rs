//! Tests on the small service of the import's tests.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Compare, measure};
use crate::import::tests::pins::pinned;
use crate::import::{Accept, import};
use crate::write;

/// What the code of the small service must have, shortened to one type.
const MODELS: &str = r#"
    pub mod props {
        impl odata::Props for Base {
            const TYPE: &'static odata::Type =
                &odata::Type { name: "microsoft.graph.base", names: &["id"], derived: &["microsoft.graph.user"] };
        }
        impl odata::Props for User {
            const TYPE: &'static odata::Type =
                &odata::Type { name: "microsoft.graph.user", names: &["displayName", "id"], derived: &[] };
        }
    }
    pub mod parameters {
        impl odata::Props for UserCertify {
            const TYPE: &'static odata::Type =
                &odata::Type { name: "microsoft.graph.user.certify", names: &["size"], derived: &[] };
        }
    }
    impl odata::EnumDef for Period {
        const NAME: &'static str = "microsoft.graph.period";
        const MEMBERS: &'static [(&'static str, Self)] = &[("week", Self::Week)];
    }
"#;

const CLIENT: &str = r#"
    impl Users {
        pub(crate) const LIST: Operation = Operation { method: Method::Get, path: "/users", clouds: CloudSet::from_bits(1) };
        pub fn list(&self) {}
    }
    pub static OPERATIONS: &[&Operation] = &[&Users::LIST];
"#;

const SCHEMAS: &str = r#"{"components": {"schemas": {
    "microsoft.graph.base": {"properties": {"id": {}}, "x-graph-kind": "entity"},
    "microsoft.graph.user": {
        "allOf": [{}, {"properties": {"displayName": {}, "manager": {"x-ms-navigationProperty": true}}}],
        "x-graph-kind": "entity"
    },
    "microsoft.graph.user.certify": {"properties": {"size": {}}, "x-graph-kind": "parameters"},
    "microsoft.graph.period": {"x-ms-enum": {}}
}}}"#;

const AREA: &str = r#"{"paths": {"/users": {"parameters": [], "get": {"x-graph-clouds": ["Global"]}}}}"#;

fn workspace(client: &str) -> Result<TempDir> {
    let folder = TempDir::new()?;
    let skipped = json!({
        "permissions": [{"reason": "no such root in v1.0", "count": 7}, {"reason": "none", "count": 1, "rows": ["GET /x"]}],
        "documentation": [], "respelled": [], "exclusionsOfNothing": [],
        "types": [{"name": "microsoft.graph.Json", "reason": "any JSON"}],
        "typesOfOtherCloudsOnly": [], "membersOfOtherCloudsOnly": [],
    });
    let counts = json!({"operations": 2, "types": 3, "enums": 1, "members": 3});
    for (path, text) in [
        ("specs/v1.0/schemas/microsoft.graph.json", SCHEMAS),
        ("specs/v1.0/areas/users.json", AREA),
        ("specs/v1.0/counts.json", &counts.to_string()),
        ("specs/v1.0/skipped.json", &skipped.to_string()),
        ("crates/msgraph-models/src/generated/graph/u_.rs", MODELS),
        ("crates/msgraph-client/src/generated/users.rs", client),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        std::fs::write(path, text)?;
    }
    Ok(folder)
}

#[test]
fn everything_is_counted_where_it_is() -> Result<()> {
    let folder = workspace(CLIENT)?;
    let json: Value = serde_json::from_str(&measure(folder.path(), None, Compare::Check)?.json())?;
    let expected = json!({
        "operations": {"metadata": 2, "specs": 1, "code": 1},
        "types": {"metadata": 3, "specs": 2, "code": 2},
        "enums": {"metadata": 1, "specs": 1, "code": 1},
        "members": {"metadata": 3, "specs": 3, "code": 2},
        "skipped": [
            {"what": "rows of the permissions file", "reason": "no such root in v1.0", "count": 7},
            {"what": "rows of the permissions file", "reason": "none", "count": 1, "rows": ["GET /x"]},
            {"what": "types", "reason": "any JSON", "count": 1, "rows": ["microsoft.graph.Json"]},
            {"what": "members", "reason": "a relation is no field: an expanded one is read with `expanded`", "count": 1},
        ],
    });
    assert_eq!(json, expected);
    Ok(())
}

#[test]
fn what_the_code_lacks_is_named() -> Result<()> {
    let folder = workspace(&CLIENT.replace("\"/users\"", "\"/groups\""))?;
    let error = measure(folder.path(), None, Compare::Check)
        .err()
        .context("it lacks an operation")?
        .to_string();
    assert!(
        error.contains("GET /users") && error.contains("cargo xtask regen"),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_catalogue_that_lists_other_operations_than_the_nodes_have_is_an_error() -> Result<()> {
    let folder = workspace(&CLIENT.replace("[&Users::LIST]", "[&Users::LIST, &Users::LIST]"))?;
    let error = measure(folder.path(), None, Compare::Check)
        .err()
        .context("one is listed twice")?
        .to_string();
    assert!(error.contains("lists 2 operations"), "{error}");
    Ok(())
}

/// Compares rows of method, path and clouds with the documents of the small service.
fn compared(rows: &[(&str, &str, u16)]) -> Result<Value> {
    let folder = pinned().lay_out()?;
    let (metadata, specs) = (folder.path().join("metadata"), folder.path().join("specs"));
    write::write(&specs, &["v1.0"], &import(&metadata, &specs, Accept::Pinned)?)?;
    let ops: Vec<Value> = rows
        .iter()
        .map(|(m, p, c)| json!({"m": m, "p": p, "c": c, "k": "any"}))
        .collect();
    let catalogue = json!({"clouds": ["Prod", "Fairfax"], "ops": ops});
    std::fs::write(metadata.join("catalogue.json"), catalogue.to_string())?;
    let found = super::catalogue::compare(&metadata, &specs, &super::specs::Specs::read(&specs.join("v1.0"))?)?;
    Ok(serde_json::from_str(&found.print())?)
}

#[test]
fn every_row_is_the_same_or_respelled_by_a_rule_or_left_out_for_a_reason() -> Result<()> {
    // The row, what it means, and the beginning of the rule.
    let respelled = [
        (
            "GET",
            "/Users/{id}/Manager",
            "GET /users/{user-id}/manager",
            "letter case",
        ),
        (
            "GET",
            "/groups/{group-id}/check",
            "POST /groups/{group-id}/check",
            "OData reads",
        ),
        (
            "POST",
            "/groups/{id}/members",
            "POST /groups/{group-id}/members/$ref",
            "the relation is meant",
        ),
        ("GET", "/users{id}/manager", "GET /users/{user-id}/manager", "a repair"),
    ];
    for (method, path, means, rule) in respelled {
        let found = compared(&[(method, path, 3)])?;
        assert_eq!(found["respelled"][0]["rows"][0]["means"], means, "{path}: {found:#}");
        let said = found["respelled"][0]["rule"].as_str().unwrap_or_default();
        assert!(said.starts_with(rule), "{path}: {said}");
    }
    let cast = compared(&[("GET", "/apps/{app-id}/(graph.ownApp)files", 1)])?;
    assert_eq!(
        cast["respelled"][0]["rows"][0]["means"],
        "GET /apps/{app-id}/graph.ownApp/files"
    );
    let left_out = [
        (
            "PATCH",
            "/users",
            "a collection cannot be changed or deleted as a whole",
        ),
        (
            "GET",
            "/me/businessPhones/{String-id}",
            "an item of a collection of values has no address",
        ),
    ];
    for (method, path, reason) in left_out {
        let found = compared(&[(method, path, 3)])?;
        assert_eq!(found["leftOut"][0]["reason"], reason, "{path}");
    }
    let same = compared(&[
        ("GET", "/reports/count(user={user})", 3),
        ("GET", "/groups/{any}/members", 3),
    ])?;
    assert_eq!((&same["same"], &same["respelled"]), (&json!(2), &json!([])));
    Ok(())
}

#[test]
fn other_clouds_need_a_reason() -> Result<()> {
    let excluded = compared(&[("GET", "/users/{user-id}", 3)])?;
    assert_eq!(excluded["clouds"][0]["rows"][0]["lacks"], json!(["USGovL4", "USGovL5"]));
    let error = compared(&[("PATCH", "/users/{user-id}", 1)])
        .err()
        .context("the other cloud has it too")?;
    assert!(
        error
            .to_string()
            .contains("only here it is in [\"USGovL4\", \"USGovL5\"]"),
        "{error}"
    );
    let error = compared(&[("GET", "/apps/{app-id}/graph.ownApp/files", 3)])
        .err()
        .context("it has no apps")?;
    assert!(error.to_string().contains("only there it is in"), "{error}");
    Ok(())
}

#[test]
fn a_row_that_nothing_explains_is_an_error() -> Result<()> {
    let error = compared(&[("GET", "/users/{user-id}/photo/$value", 3)])
        .err()
        .context("nobody lists it")?;
    assert!(
        error.to_string().contains("GET /users/{user-id}/photo/$value"),
        "{error}"
    );
    Ok(())
}
