//! `/applications` and `/servicePrincipals`: objects, keys, query options.

use reqwest::Method;
use serde_json::{Value, json};

use crate::local::{Answer, Local, string};

#[tokio::test]
async fn an_application_is_created_with_identifiers_and_defaults() {
    let local = Local::start().await;
    let base = format!("{}/v1.0", local.emulator.url());
    let created = local
        .post("/applications", json!({ "displayName": "Payroll", "tags": ["a"] }))
        .await;
    let location = created.header("location").to_owned();
    let application = created.expect(201);
    let (id, app_id) = (string(&application["id"]), string(&application["appId"]));
    assert_eq!((id.len(), app_id.len()), (36, 36));
    assert_ne!(id, app_id);
    assert_eq!(location, format!("{base}/applications/{id}"));
    assert_eq!(
        application["@odata.context"],
        format!("{base}/$metadata#applications/$entity")
    );
    assert_eq!(application["tags"], json!(["a"]));
    assert_eq!(application["signInAudience"], "AzureADMyOrg");
    assert_eq!(
        (&application["description"], &application["identifierUris"]),
        (&Value::Null, &json!([]))
    );
    assert!(string(&application["createdDateTime"]).ends_with('Z'));
    assert_eq!(local.get(&format!("/applications/{id}")).await.expect(200), application);
}

#[tokio::test]
async fn a_service_principal_needs_an_application_and_is_its_only_one() {
    let local = Local::start().await;
    let nobody = json!({ "appId": "11111111-2222-3333-4444-555555555555" });
    let refused = local.post("/servicePrincipals", nobody).await;
    refused.expect_refusal(
        400,
        "Request_BadRequest",
        "does not reference a valid application object",
    );
    let detail = &refused.body["error"]["details"][0];
    assert_eq!(
        (&detail["code"], &detail["target"]),
        (&json!("NoBackingApplicationObject"), &json!("appId"))
    );

    let principal = local.service_principal("Payroll").await;
    assert_eq!(
        (&principal["displayName"], &principal["accountEnabled"]),
        (&json!("Payroll"), &json!(true))
    );
    assert_eq!(principal["servicePrincipalNames"], json!([principal["appId"]]));
    let again = local
        .post("/servicePrincipals", json!({ "appId": principal["appId"] }))
        .await;
    again.expect_refusal(409, "Request_MultipleObjectsWithSameKeyValue", "already");
}

#[tokio::test]
async fn objects_are_addressed_by_id_and_by_app_id_in_any_spelling() {
    let local = Local::start().await;
    let principal = local.service_principal("Payroll").await;
    let (id, app_id) = (string(&principal["id"]), string(&principal["appId"]));
    for path in [
        format!("/servicePrincipals/{id}"),
        format!("/servicePrincipals/{}", id.to_uppercase()),
        format!("/servicePrincipals('{id}')"),
        format!("/servicePrincipals(appId='{app_id}')"),
        format!("/servicePrincipals(appId=%27{app_id}%27)"),
        format!("/servicePrincipals%28appId%3D%27{app_id}%27%29"),
    ] {
        assert_eq!(local.get(&path).await.expect(200)["id"], principal["id"], "{path}");
    }
    for (path, key) in [
        (format!("/servicePrincipals/{app_id}"), app_id),
        (format!("/servicePrincipals(appId='{id}')"), id),
        ("/servicePrincipals(appId='o%27%27hara')".to_owned(), "o'hara"),
        ("/servicePrincipals/a%2Fb".to_owned(), "a/b"),
    ] {
        local
            .get(&path)
            .await
            .expect_refusal(404, "Request_ResourceNotFound", &format!("Resource '{key}' does not"));
    }
}

#[tokio::test]
async fn a_change_merges_and_an_explicit_null_clears() {
    let local = Local::start().await;
    let body = json!({
        "displayName": "Payroll",
        "description": "pays",
        "tags": ["a", "b"],
        "web": { "homePageUrl": "https://a.example", "redirectUris": ["https://a.example/b"] },
    });
    let application = local.post("/applications", body).await.expect(201);
    let path = format!("/applications/{}", string(&application["id"]));
    let steps = [
        (json!({ "displayName": "Wages" }), "displayName", json!("Wages")),
        (json!({}), "description", json!("pays")),
        (json!({ "description": null }), "description", Value::Null),
        (json!({ "tags": ["c"] }), "tags", json!(["c"])),
        (json!({ "tags": null }), "tags", json!([])),
        (
            json!({ "web": { "homePageUrl": null } }),
            "web",
            json!({ "homePageUrl": null, "redirectUris": ["https://a.example/b"] }),
        ),
    ];
    for (change, property, value) in steps {
        local.patch(&path, change.clone()).await.expect(204);
        assert_eq!(local.get(&path).await.expect(200)[property], value, "after {change}");
    }
}

#[tokio::test]
async fn bodies_that_do_not_fit_the_type_are_refused() {
    let local = Local::start().await;
    let principal = local.service_principal("Payroll").await;
    let path = format!("/servicePrincipals/{}", string(&principal["id"]));
    let cases = [
        (json!({ "colour": "red" }), "Invalid property 'colour'"),
        (json!({ "DisplayName": "A" }), "Invalid property 'DisplayName'"),
        (json!({ "id": "mine" }), "'id' is read-only"),
        (
            json!({ "appId": "11111111-2222-3333-4444-555555555555" }),
            "'appId' is read-only",
        ),
        (json!({ "accountEnabled": "true" }), "takes true or false"),
        (json!({ "tags": "a" }), "takes a list of strings"),
        (json!({ "tags": [1] }), "takes a list of strings"),
        (json!({ "tokenEncryptionKeyId": "x" }), "takes a GUID"),
        (json!({ "keyCredentials": {} }), "takes a list of objects"),
        (json!({ "samlSingleSignOnSettings": [] }), "takes an object"),
    ];
    for (body, words) in cases {
        local
            .patch(&path, body)
            .await
            .expect_refusal(400, "Request_BadRequest", words);
    }
    assert_eq!(local.get(&path).await.expect(200), principal);
    for body in [json!({}), json!({ "displayName": "" }), json!({ "displayName": null })] {
        local
            .post("/applications", body)
            .await
            .expect_refusal(400, "Request_BadRequest", "'displayName'");
    }
    local
        .post("/servicePrincipals", json!({}))
        .await
        .expect_refusal(400, "Request_BadRequest", "'appId'");
}

#[tokio::test]
async fn the_preferred_signing_key_is_written_like_any_property() {
    let local = Local::start().await;
    let principal = local.service_principal("Payroll").await;
    let path = format!("/servicePrincipals(appId='{}')", string(&principal["appId"]));
    assert_eq!(principal["preferredTokenSigningKeyThumbprint"], Value::Null);
    let thumbprint = "DA20FCA696C4F83E8A9AAD59BE33368ED421F3C1";
    local
        .patch(&path, json!({ "preferredTokenSigningKeyThumbprint": thumbprint }))
        .await
        .expect(204);
    assert_eq!(
        local.get(&path).await.expect(200)["preferredTokenSigningKeyThumbprint"],
        thumbprint
    );
}

#[tokio::test]
async fn deleting_an_application_takes_its_service_principal_along() {
    let local = Local::start().await;
    let kept = local.service_principal("Kept").await;
    let gone = local.service_principal("Gone").await;
    let application = format!("/applications(appId='{}')", string(&gone["appId"]));
    local.delete(&application).await.expect(204);
    local.delete(&application).await.expect(404);
    local
        .get(&format!("/servicePrincipals/{}", string(&gone["id"])))
        .await
        .expect(404);
    let path = format!("/servicePrincipals/{}", string(&kept["id"]));
    local.delete(&path).await.expect(204);
    local.get(&path).await.expect(404);
    local
        .get(&format!("/applications(appId='{}')", string(&kept["appId"])))
        .await
        .expect(200);
}

#[tokio::test]
async fn filters_compare_text_for_equality() {
    let local = Local::start().await;
    for name in ["Payroll", "O'Hara", "a+b & c"] {
        local.application(name).await;
    }
    let app_id = local.get("/applications").await.expect(200)["value"][1]["appId"].clone();
    let cases = [
        ("displayName eq 'Payroll'".to_owned(), &["Payroll"][..]),
        ("displayName eq 'payroll'".to_owned(), &["Payroll"]),
        ("displayName eq 'O''Hara'".to_owned(), &["O'Hara"]),
        ("displayName eq 'a+b & c'".to_owned(), &["a+b & c"]),
        ("displayName eq 'nobody'".to_owned(), &[]),
        (format!("appId eq '{}'", string(&app_id)), &["O'Hara"]),
    ];
    for (filter, names) in cases {
        let request = local
            .request(Method::GET, "/applications")
            .query(&[("$filter", &filter)]);
        let found = Answer::to(request).await.expect(200);
        assert_eq!(display_names(&found), names, "{filter}");
    }
    let unescaped_plus = local
        .get("/applications?$filter=displayName%20eq%20'a+b%20%26%20c'")
        .await
        .expect(200);
    assert_eq!(unescaped_plus["value"], json!([]), "a bare plus sign is a space");
}

fn display_names(page: &Value) -> Vec<&str> {
    page["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| string(&object["displayName"]))
        .collect()
}

#[tokio::test]
async fn query_options_that_the_service_would_not_take_are_refused() {
    let local = Local::start().await;
    let application = local.application("Payroll").await;
    let one = format!("/applications/{}", string(&application["id"]));
    let cases = [
        (
            "/applications",
            "$filter=displayName",
            "Request_UnsupportedQuery",
            "<property> eq",
        ),
        (
            "/applications",
            "$filter=displayName eq 'O'Hara'",
            "Request_UnsupportedQuery",
            "doubled",
        ),
        ("/applications", "$filter=colour eq 'red'", "BadRequest", "'colour'"),
        (
            "/applications",
            "$filter=tags eq 'red'",
            "Request_UnsupportedQuery",
            "'tags'",
        ),
        ("/applications", "$select=colour", "BadRequest", "'colour'"),
        ("/applications", "$top=0", "BadRequest", "between 1 and 999"),
        ("/applications", "$top=1000", "BadRequest", "between 1 and 999"),
        ("/applications", "$count=yes", "BadRequest", "$count"),
        ("/applications", "$skiptoken=made-up", "BadRequest", "$skiptoken"),
        ("/applications", "$top=1&$top=2", "BadRequest", "more than once"),
        ("/applications", "$colour=red", "BadRequest", "'$colour'"),
        ("/applications", "$expand=owners", "Request_UnsupportedQuery", "$expand"),
        (&one, "$top=1", "BadRequest", "collections only"),
        (&one, "$filter=displayName eq 'a'", "BadRequest", "collections only"),
    ];
    for (path, query, code, words) in cases {
        local
            .get(&format!("{path}?{query}"))
            .await
            .expect_refusal(400, code, words);
    }
    local.get("/applications?traceparent=1").await.expect(200);
}

#[tokio::test]
async fn a_selection_returns_the_named_properties_and_says_so() {
    let local = Local::start().await;
    let application = local.application("Payroll").await;
    let base = format!(
        "{}/v1.0/$metadata#applications(appId,displayName)",
        local.emulator.url()
    );
    let one = local
        .get(&format!(
            "/applications/{}?$select=appId,displayName",
            string(&application["id"])
        ))
        .await;
    let (app_id, name) = (&application["appId"], &application["displayName"]);
    let expected = json!({ "@odata.context": format!("{base}/$entity"), "appId": app_id, "displayName": name });
    assert_eq!(one.expect(200), expected);
    let list = local.get("/applications?$select=appId,displayName").await.expect(200);
    assert_eq!(
        list,
        json!({ "@odata.context": base, "value": [{ "appId": app_id, "displayName": name }] })
    );
}

#[tokio::test]
async fn pages_are_followed_by_their_links_even_while_objects_go() {
    let local = Local::start().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(local.application(&format!("App {number}")).await["id"].clone());
    }
    let mut url = format!("{}/v1.0/applications?$top=2&$select=displayName", local.emulator.url());
    let mut pages = Vec::new();
    loop {
        let page = Answer::to(local.http.get(&url).bearer_auth(&local.token))
            .await
            .expect(200);
        pages.push(display_names(&page).join(", "));
        match page.get("@odata.nextLink") {
            Some(next) => url = string(next).to_owned(),
            None => break,
        }
        assert!(url.contains("$top=2&$select=displayName&$skiptoken="), "{url}");
        // What has been read already no longer matters to where the next page begins.
        local
            .delete(&format!("/applications/{}", string(&ids[pages.len() - 1])))
            .await
            .expect(204);
    }
    assert_eq!(pages, ["App 0, App 1", "App 2, App 3", "App 4"]);
}

#[tokio::test]
async fn a_page_holds_a_hundred_objects_by_default() {
    let local = Local::start().await;
    for number in 0..101 {
        local.application(&format!("App {number}")).await;
    }
    let page = local.get("/applications").await.expect(200);
    assert_eq!(display_names(&page).len(), 100);
    assert!(page["@odata.nextLink"].is_string());
    let all = local.get("/applications?$top=999").await.expect(200);
    assert_eq!((display_names(&all).len(), all.get("@odata.nextLink")), (101, None));
}

#[tokio::test]
async fn counting_needs_eventual_consistency() {
    let local = Local::start().await;
    for name in ["A", "B", "C"] {
        local.application(name).await;
    }
    let eventual = |path: &str| local.request(Method::GET, path).header("ConsistencyLevel", "eventual");
    let page = Answer::to(eventual("/applications?$count=true&$top=1"))
        .await
        .expect(200);
    assert_eq!(page["@odata.count"], 3);
    let filtered = Answer::to(eventual("/applications?$count=true&$filter=displayName eq 'B'"))
        .await
        .expect(200);
    assert_eq!(filtered["@odata.count"], 1);
    assert_eq!(
        local
            .get("/applications?$count=true")
            .await
            .expect(200)
            .get("@odata.count"),
        None
    );

    let number = Answer::to(eventual("/applications/$count")).await;
    assert_eq!(
        (number.status, number.text.as_str(), number.header("content-type")),
        (200, "3", "text/plain")
    );
    local
        .get("/applications/$count")
        .await
        .expect_refusal(400, "Request_BadRequest", "ConsistencyLevel");
}
