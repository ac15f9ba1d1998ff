//! Paths, parameters and results.

use super::*;

#[test]
fn keys_have_the_name_and_type_that_the_schema_says() {
    let parameters = PATHS
        .values()
        .filter_map(|item| item["parameters"].as_array())
        .flatten();
    let keys = parameters.filter(|parameter| parameter.get("x-ms-docs-key-type").is_some());
    let property = |name: &'static str| {
        name.trim_end_matches(|digit: char| digit.is_ascii_digit())
            .rsplit_once('-')
            .map(|(_, name)| name)
    };
    let kinds: BTreeSet<_> = keys
        .map(|key| (key["name"].as_str().and_then(property), key["schema"]["type"].as_str()))
        .collect();
    let expected = [
        ("appId", "string"),
        ("calendarEventId", "string"),
        ("id", "string"),
        ("tenantId", "string"),
        ("versionNumber", "integer"),
    ];
    assert_eq!(kinds, expected.map(|(name, ty)| (Some(name), Some(ty))).into());
}

#[test]
fn alternate_keys_are_part_of_the_path() {
    for path in [
        "/applications(appId='{appId}')",
        "/applications(uniqueName='{uniqueName}')",
        "/devices(deviceId='{deviceId}')",
        "/directoryRoles(roleTemplateId='{roleTemplateId}')",
        "/groups(uniqueName='{uniqueName}')",
        "/servicePrincipals(appId='{appId}')/addTokenSigningCertificate",
        "/applications/{application-id}/federatedIdentityCredentials(name='{name}')",
        // not declared
        "/storage/fileStorage/containers/{fileStorageContainer-id}/permissions(email='{email}')",
    ] {
        assert!(PATHS.contains_key(path), "{path}");
    }
}

#[test]
fn arguments_of_functions_are_quoted_by_their_type() {
    let on = parameter(
        "/identityGovernance/accessReviews/definitions/filterByCurrentUser(on='{on}')",
        "on",
    );
    let name = on["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next())
        .expect("an enumeration");
    assert!(SCHEMAS[name].get("x-ms-enum").is_some(), "{name}");
    let drive = "/me/drive/items/{driveItem-id}/workbook/worksheets/{workbookWorksheet-id}/range(address='{address}')";
    let cell = format!("{drive}/cell(row={{row}},column={{column}})");
    assert_eq!(*parameter(&cell, "row"), json!({"type": "integer", "format": "int32"}));
    assert_eq!(*parameter(&cell, "address"), json!({"type": "string"}));
    let lists = "/security/dataSecurityAndGovernance/sensitivityLabels/\
                 computeInheritance(labelIds={labelIds},locale='{locale}',contentFormats={contentFormats})";
    assert_eq!(
        *parameter(lists, "labelIds"),
        json!({"type": "array", "items": {"type": "string"}})
    );
    let by_date = "/reports/getOffice365ActiveUserDetail(date={date})";
    assert_eq!(*parameter(by_date, "date"), json!({"type": "string", "format": "date"}));
    assert!(PATHS.contains_key("/reports/getOffice365ActiveUserDetail(period='{period}')"));
}

#[test]
fn parameters_of_actions_keep_their_spelling() {
    let names = |action: &str| own(schema(action)).map(|(name, _)| name).collect::<BTreeSet<_>>();
    assert_eq!(names("conversationThread.reply"), BTreeSet::from(["Post"]));
    assert!(names("message.forward").contains("ToRecipients"));
    assert!(names("user.sendMail").contains("Message"));
    let signing = schema("servicePrincipal.addTokenSigningCertificate");
    assert_eq!(signing["required"], json!(["displayName"]));
    assert_eq!(signing["properties"]["displayName"]["pattern"], "^CN=");
}

#[test]
fn actions_bound_to_an_item_and_to_a_collection_differ() {
    let custodians = "/security/cases/ediscoveryCases/{ediscoveryCase-id}/custodians";
    let body = |path: String| PATHS[&path]["post"].get("requestBody").map(ToString::to_string);
    assert_eq!(
        body(format!("{custodians}/{{ediscoveryCustodian-id}}/applyHold")),
        None,
        "it takes nothing"
    );
    let of_all = body(format!("{custodians}/applyHold"));
    assert!(of_all.is_some_and(|body| body.contains("Custodian-collection.applyHold")));
}

#[test]
fn every_kind_of_result_has_its_own_shape() {
    let result = |path: &str, method: &str| PATHS[path][method]["responses"].clone();
    let json = |path: &str, method: &str| result(path, method)["2XX"]["content"]["application/json"]["schema"].clone();
    let user = json!({"$ref": "../schemas/microsoft.graph.json#/components/schemas/microsoft.graph.user"});
    assert_eq!(json("/users/{user-id}", "get"), user);
    let list = |items: Value| json!({"type": "object", "properties": {"value": {"type": "array", "items": items}}});
    assert_eq!(json("/users", "get"), list(user.clone()));
    assert_eq!(json("/users/delta()", "get"), list(user));
    assert_eq!(PATHS["/users/delta()"]["get"]["x-ms-pageable"]["itemName"], "value");
    let texts = list(json!({"type": "string"}));
    assert_eq!(
        json("/identity/identityProviders/availableProviderTypes()", "get"),
        texts
    );
    let boolean = json!({"type": "object", "properties": {"value": {"type": "boolean"}}});
    assert_eq!(json("/domains/{domain-id}/promote", "post"), boolean);
    let bytes = |path: &str| result(path, "get")["2XX"]["content"]["application/octet-stream"]["schema"].clone();
    assert_eq!(
        bytes("/teams/{team-id}/photo/$value"),
        json!({"type": "string", "format": "binary"})
    );
    assert!(result("/me/sendMail", "post").get("204").is_some());
}

#[test]
fn what_the_annotated_schema_mends_is_mended_and_what_it_drops_is_kept() {
    let reports = operations().filter(|(path, _, _)| path.starts_with("/reports/get"));
    let is_stream = |operation: &Value| {
        operation["responses"]["2XX"]["content"]
            .get("application/octet-stream")
            .is_some()
    };
    let streams = reports.filter(|(_, _, operation)| is_stream(operation)).count();
    assert!(streams >= 60, "{streams} reports are CSV");
    for (action, parameter) in [
        ("domain.verify", "forceTakeover"),
        ("driveItem.createUploadSession", "deferCommit"),
    ] {
        assert!(own(schema(action)).any(|(name, _)| name == parameter), "{action}");
    }
    assert!(PATHS.contains_key("/drive/bundles"), "the singleton is kept");
}

#[test]
fn no_documented_relation_is_taken_for_its_object() {
    for (method, path) in [
        ("delete", "/groups/{group-id}/members/{directoryObject-id}"),
        ("post", "/groups/{group-id}/members"),
        ("delete", "/applications/{application-id}/owners/{directoryObject-id}"),
    ] {
        let item = |path: &str| PATHS.get(path).is_some_and(|item| item.get(method).is_some());
        assert!(!item(path), "{method} {path}");
        assert!(item(&format!("{path}/$ref")), "{method} {path}/$ref");
    }
}
