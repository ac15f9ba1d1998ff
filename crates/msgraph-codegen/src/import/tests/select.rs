use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Fixture;

/// Permission, methods and path.
type Row = (&'static str, &'static str, &'static str);

/// The operation `POST /groups/{group-id}/check` and so on, given rows of the permissions file.
fn operation(row: &str, permissions: &[Row]) -> Result<Option<Value>> {
    let mut fixture = Fixture::new();
    let set = |(permission, methods, path): &Row| {
        let methods: Vec<&str> = methods.split(' ').collect();
        let paths = json!({*path: "least=DelegatedWork", "/users{id}/manager": ""});
        let set = json!({"schemeKeys": ["DelegatedWork"], "methods": methods, "paths": paths});
        ((*permission).to_owned(), json!({"pathSets": [set]}))
    };
    let permissions: serde_json::Map<String, Value> = permissions.iter().map(set).collect();
    fixture.files.insert(
        "metadata/permissions.json",
        json!({"permissions": permissions}).to_string(),
    );
    fixture.files.insert("specs/rules.toml", String::new());
    let files = fixture.import()?;
    let (method, path) = row.split_once(' ').context("method and path")?;
    let area = path
        .trim_start_matches('/')
        .split(['/', '('])
        .next()
        .unwrap_or_default();
    let Some(document) = files.get(&format!("v1.0/areas/{area}.json")) else {
        return Ok(None);
    };
    let document: Value = serde_json::from_str(document)?;
    Ok(document["paths"][path].get(method.to_lowercase()).cloned())
}

#[test]
fn permissions_come_from_the_nearest_row() -> Result<()> {
    let members = "GET /groups/{group-id}/members";
    let relation = "DELETE /groups/{group-id}/members/{directoryObject-id}/$ref";
    let user = "GET /users/{user-id}";
    let memberships = "GET /me/memberOf";
    // operation, rows, least privileged permission, where it is from
    let cases: [(&str, &[Row], Value, Value); 7] = [
        (
            members,
            &[("A", "GET", "/groups/{id}/members")],
            json!(["A"]),
            Value::Null,
        ),
        (
            relation,
            &[("A", "DELETE", "/groups/{id}/members/{id}/$ref")],
            json!(["A"]),
            Value::Null,
        ),
        (
            relation,
            &[("A", "DELETE", "/groups/{id}/members/{id}")],
            json!(["A"]),
            Value::Null,
        ),
        (
            relation,
            &[
                ("A", "DELETE", "/groups/{id}/members/{id}/$ref"),
                ("B", "DELETE", "/groups/{id}/members/{id}"),
            ],
            json!(["A"]),
            Value::Null,
        ),
        (
            "POST /groups/{group-id}/members/$ref",
            &[("A", "POST", "/groups(uniquename={value})/members/$ref")],
            json!(["A"]),
            json!("key"),
        ),
        (
            memberships,
            &[("A", "GET", "/users/{id}/memberOf")],
            json!(["A"]),
            json!("member"),
        ),
        (user, &[("A", "GET", "/me")], Value::Null, Value::Null),
    ];
    for (row, permissions, least, from) in cases {
        let found = operation(row, permissions)?.with_context(|| row.to_owned())?;
        assert_eq!(
            found["x-graph-permissions"]["delegatedWork"]["least"], least,
            "{row} with {permissions:?}"
        );
        assert_eq!(found["x-graph-permissions-from"], from, "{row} with {permissions:?}");
    }
    Ok(())
}

#[test]
fn paths_that_disagree_give_no_permission_to_a_third() -> Result<()> {
    let documented = "GET /me/drive/root/versions/current";
    let by_me = ("A", "GET", "/me/drive/root/versions/{id}");
    let by_user = ("B", "GET", "/users/{id}/drive/root/versions/{id}");
    let alone = operation(documented, &[by_me])?.context("documented")?;
    assert_eq!(alone["x-graph-permissions"]["delegatedWork"]["least"], json!(["A"]));
    let torn = operation(documented, &[by_me, by_user])?.context("documented")?;
    assert_eq!(torn["x-graph-permissions"], Value::Null);
    Ok(())
}

#[test]
fn a_row_that_would_act_on_the_related_object_acts_on_the_relation() -> Result<()> {
    let rows = [
        ("A", "POST DELETE", "/groups/{id}/members/{id}"),
        ("B", "POST", "/groups/{id}/members"),
    ];
    assert_eq!(
        operation("DELETE /groups/{group-id}/members/{directoryObject-id}", &rows)?,
        None
    );
    assert_eq!(operation("POST /groups/{group-id}/members", &rows)?, None);
    // Without a word about the relation a row is taken at its word.
    let rows = [("A", "DELETE", "/me/owned/{id}")];
    assert!(operation("DELETE /me/owned/{directoryObject-id}", &rows)?.is_some());
    Ok(())
}

#[test]
fn an_excluded_cloud_is_none_of_an_operation() -> Result<()> {
    let found = operation("GET /users/{user-id}", &[("A", "GET PATCH", "/users/{id}")])?.context("get")?;
    assert_eq!(found["x-graph-clouds"], json!(["Global"]));
    let found = operation("PATCH /users/{user-id}", &[("A", "GET PATCH", "/users/{id}")])?.context("patch")?;
    assert_eq!(found["x-graph-clouds"], json!(["Global", "USGovL4", "USGovL5"]));
    Ok(())
}

#[test]
fn every_type_that_a_bare_path_may_mean_is_listed() -> Result<()> {
    let rows = [("A", "GET", "/apps/{id}/files")];
    for ty in ["managedApp", "ownApp"] {
        let found = operation(&format!("GET /apps/{{app-id}}/graph.{ty}/files"), &rows)?.context("listed")?;
        assert_eq!(
            found["x-graph-clouds"],
            json!(["Global"]),
            "the other cloud has no applications"
        );
    }
    Ok(())
}
