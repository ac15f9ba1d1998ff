//! `/identity/apiConnectors`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::local::{Answer, Local, base64, fixture, string};

const BASIC: &str = "#microsoft.graph.basicAuthentication";

async fn upload(local: &Local, connector: &str, file: &str, password: &str) -> Answer {
    let body = json!({ "pkcs12Value": base64(&fixture(file)), "password": password });
    local.post(&format!("{connector}/uploadClientCertificate"), body).await
}

#[tokio::test]
async fn connectors_are_created_read_changed_and_deleted() {
    let local = Local::start().await;
    let base = format!("{}/v1.0", local.emulator.url());
    let body = json!({
        "@odata.type": "#microsoft.graph.identityApiConnector",
        "displayName": "Orders",
        "targetUrl": "https://api.contoso.example/orders",
        "authenticationConfiguration": { "@odata.type": BASIC, "username": "u", "password": "p" },
    });
    let created = local.post("/identity/apiConnectors", body).await;
    let location = created.header("location").to_owned();
    let connector = created.expect(201);
    let path = format!("/identity/apiConnectors/{}", string(&connector["id"]));
    assert_eq!(location, format!("{base}{path}"));
    assert_eq!(
        connector["@odata.context"],
        format!("{base}/$metadata#identity/apiConnectors/$entity")
    );
    assert_eq!(
        connector["authenticationConfiguration"],
        json!({ "@odata.type": BASIC, "username": "u" })
    );
    assert_eq!(local.get(&path).await.expect(200), connector);

    local
        .patch(
            &path,
            json!({ "displayName": "Renamed", "authenticationConfiguration": null }),
        )
        .await
        .expect(204);
    let changed = local.get(&path).await.expect(200);
    assert_eq!(changed["displayName"], "Renamed");
    assert_eq!(changed["targetUrl"], "https://api.contoso.example/orders");
    assert_eq!(changed["authenticationConfiguration"], Value::Null);

    let listed = local.get("/identity/apiConnectors").await.expect(200);
    assert_eq!(
        listed["@odata.context"],
        format!("{base}/$metadata#identity/apiConnectors")
    );
    assert_eq!(listed["value"][0]["id"], connector["id"]);
    local.delete(&path).await.expect(204);
    assert_eq!(
        local.get("/identity/apiConnectors").await.expect(200)["value"],
        json!([])
    );
}

#[tokio::test]
async fn an_unknown_connector_is_not_found_by_any_operation() {
    let local = Local::start().await;
    let path = "/identity/apiConnectors/none";
    for answer in [
        local.get(path).await,
        local.patch(path, json!({ "displayName": "A" })).await,
        local.delete(path).await,
        upload(&local, path, "aes256.pfx", "marked-aes256").await,
    ] {
        answer.expect_refusal(404, "ResourceNotFound", "'none'");
    }
}

#[tokio::test]
async fn connector_bodies_that_do_not_fit_are_refused() {
    let local = Local::start().await;
    let (name, url) = ("Orders", "https://api.contoso.example");
    let cases = [
        (json!({ "targetUrl": url }), "displayName"),
        (json!({ "displayName": name }), "targetUrl"),
        (
            json!({ "displayName": name, "targetUrl": "api.contoso.example" }),
            "absolute",
        ),
        (
            json!({ "displayName": 7, "targetUrl": url }),
            "takes a string, not a number",
        ),
        (
            json!({ "displayName": name, "targetUrl": url, "colour": "red" }),
            "'colour'",
        ),
        (
            json!({ "displayName": name, "targetUrl": url, "id": "mine" }),
            "read-only",
        ),
        (
            json!({ "@odata.type": "#microsoft.graph.user", "displayName": name, "targetUrl": url }),
            "@odata.type",
        ),
        (
            json!({ "displayName": name, "targetUrl": url, "authenticationConfiguration": { "username": "u" } }),
            "@odata.type",
        ),
        (
            json!({ "displayName": name, "targetUrl": url, "authenticationConfiguration": { "@odata.type": BASIC, "user": "u" } }),
            "'user'",
        ),
    ];
    for (body, words) in cases {
        let answer = local.post("/identity/apiConnectors", body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(
            answer.message().contains(words),
            "{words:?} is not in: {}",
            answer.message()
        );
    }
}

#[tokio::test]
async fn an_uploaded_file_is_opened_and_its_certificate_shown() {
    let local = Local::start().await;
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let opened = expected["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row.get("leaf").is_some());
    let mut seen = 0;
    for row in opened {
        let connector = local.connector().await;
        let (file, password) = (string(&row["file"]), string(&row["password"]));
        let answer = upload(&local, &connector, file, password).await;
        if BEYOND_THE_EMULATOR.contains(&file) {
            assert_eq!(answer.status, 400, "{file} can be opened now; take it off the list");
            continue;
        }
        assert_eq!(answer.status, 200, "{file}: {}", answer.text);
        let configuration = &answer.body["authenticationConfiguration"];
        assert_eq!(
            configuration["@odata.type"],
            "#microsoft.graph.clientCertificateAuthentication"
        );
        let shown = &configuration["certificateList"][0];
        let leaf = &expected["certificates"][string(&row["leaf"])];
        assert_eq!(shown["thumbprint"], leaf["thumbprint"], "{file}");
        assert_eq!(
            shown["isActive"],
            leaf["not_before"] == "2024-01-01T00:00:00Z",
            "{file}"
        );
        assert_eq!(
            local.get(&connector).await.expect(200)["authenticationConfiguration"],
            *configuration
        );
        seen += 1;
    }
    assert!(seen >= 18, "only {seen} files were opened");
}

/// Fixtures that a client can open and this emulator's PKCS#12 library cannot: RC2-128, indefinite lengths, a password
/// beyond the Basic Multilingual Plane, an empty password without terminator.
const BEYOND_THE_EMULATOR: &[&str] = &[
    "2des.pfx",
    "ber.pfx",
    "unicode-password.pfx",
    "unicode-password-3des.pfx",
    "zero-length-password.pfx",
];

/// Files of this crate, made with `openssl pkcs12 -export` and, the second one, `-legacy -certpbe PBE-SHA1-RC2-40`.
#[tokio::test]
async fn passwords_need_not_be_ascii() {
    let local = Local::start().await;
    let connector = local.connector().await;
    for file in ["non-ascii-password.pfx", "non-ascii-password-legacy.pfx"] {
        let path = format!("{}/tests/fixtures/{file}", env!("CARGO_MANIFEST_DIR"));
        let body = json!({ "pkcs12Value": base64(&std::fs::read(path).unwrap()), "password": "pässwörd €" });
        local
            .post(&format!("{connector}/uploadClientCertificate"), body)
            .await
            .expect(200);
    }
    upload(&local, &connector, "unicode-password.pfx", "🔑")
        .await
        .expect_refusal(400, "BadRequest", "U+FFFF");
}

#[tokio::test]
async fn validity_is_shown_in_unix_seconds() {
    let local = Local::start().await;
    let connector = local.connector().await;
    let shown = upload(&local, &connector, "staged.pfx", "marked-staged")
        .await
        .expect(200);
    let certificate = &shown["authenticationConfiguration"]["certificateList"][0];
    assert_eq!(certificate["notBefore"], 4_102_444_800_u64);
    assert_eq!(certificate["notAfter"], 7_258_118_400_u64);
}

#[tokio::test]
async fn files_that_cannot_be_opened_are_refused_with_the_reason() {
    let local = Local::start().await;
    let connector = local.connector().await;
    let cases = [
        ("aes256.pfx", "wrong", "password"),
        ("aes256.pfx", "", "password"),
        ("3des.pfx", "wrong", "password"),
        ("empty-password.pfx", "wrong", "password"),
        ("no-private-key.pfx", "marked-no-key", "no private key"),
        ("no-certificate.pfx", "marked-no-cert", "no certificate"),
        ("foreign-key.pfx", "", "no certificate for its private key"),
        ("rc4.pfx", "marked-rc4", "cipher"),
        ("pem.pfx", "", "not a readable PKCS#12"),
        ("garbage.pfx", "", "not a readable PKCS#12"),
        ("empty.pfx", "", "not a readable PKCS#12"),
        ("truncated.pfx", "marked-aes256", "not a readable PKCS#12"),
    ];
    for (file, password, words) in cases {
        let answer = upload(&local, &connector, file, password).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "BadRequest"),
            "{file}: {}",
            answer.text
        );
        assert!(answer.message().contains(words), "{file}: {}", answer.message());
    }
    let shown = local.get(&connector).await.expect(200);
    assert_eq!(shown["authenticationConfiguration"], Value::Null);
}

#[tokio::test]
async fn upload_parameters_must_be_complete_and_known() {
    let local = Local::start().await;
    let connector = local.connector().await;
    let file = base64(&fixture("aes256.pfx"));
    let cases = [
        (json!({ "pkcs12Value": file }), "'password' is missing"),
        (
            json!({ "pkcs12Value": file, "password": null }),
            "'password' is missing",
        ),
        (json!({ "password": "marked-aes256" }), "'pkcs12Value' is missing"),
        (json!({ "pkcs12Value": "not base64!", "password": "" }), "base64"),
        (json!({ "pkcs12Value": "MII", "password": "" }), "base64"),
        (
            json!({ "pkcs12Value": file, "password": "marked-aes256", "Password": "" }),
            "'Password'",
        ),
    ];
    for (body, words) in cases {
        let answer = local.post(&format!("{connector}/uploadClientCertificate"), body).await;
        answer.expect_refusal(400, "BadRequest", words);
    }
}

#[tokio::test]
async fn the_newest_valid_upload_is_the_active_one() {
    let local = Local::start().await;
    let connector = local.connector().await;
    let uploads = [
        ("aes256.pfx", "marked-aes256", [true].as_slice()),
        ("chain.pfx", "marked-chain", &[false, true]),
        ("expired.pfx", "marked-expired", &[false, true, false]),
        ("staged.pfx", "marked-staged", &[false, true, false, false]),
    ];
    for (file, password, active) in uploads {
        let shown = upload(&local, &connector, file, password).await.expect(200);
        assert_eq!(activity(&shown), active, "after {file}");
    }
    let until_2101 = Duration::from_secs(75 * 366 * 24 * 3600);
    local.emulator.advance_clock(until_2101);
    let token = local.ask_token("me", "anything").await.expect(200);
    let url = format!("{}/v1.0{connector}", local.emulator.url());
    let later = Answer::to(local.http.get(url).bearer_auth(string(&token["access_token"])))
        .await
        .expect(200);
    assert_eq!(activity(&later), [false, false, false, true]);
}

fn activity(connector: &Value) -> Vec<bool> {
    let list = connector["authenticationConfiguration"]["certificateList"]
        .as_array()
        .unwrap();
    list.iter()
        .map(|certificate| certificate["isActive"].as_bool().unwrap())
        .collect()
}

#[tokio::test]
async fn an_upload_replaces_a_user_name_and_a_pkcs12_configuration_is_an_upload() {
    let local = Local::start().await;
    let body = json!({
        "displayName": "Orders",
        "targetUrl": "https://api.contoso.example",
        "authenticationConfiguration": { "@odata.type": BASIC, "username": "u", "password": "p" },
    });
    let connector = local.post("/identity/apiConnectors", body).await.expect(201);
    let path = format!("/identity/apiConnectors/{}", string(&connector["id"]));
    let shown = upload(&local, &path, "aes256.pfx", "marked-aes256").await.expect(200);
    assert_eq!(shown["authenticationConfiguration"].get("username"), None);

    let configuration = json!({
        "@odata.type": "#microsoft.graph.pkcs12Certificate",
        "pkcs12Value": base64(&fixture("chain.pfx")),
        "password": "marked-chain",
    });
    local
        .patch(&path, json!({ "authenticationConfiguration": configuration }))
        .await
        .expect(204);
    let shown = local.get(&path).await;
    assert_eq!(activity(&shown.body), [false, true]);
    assert!(
        !shown.text.contains("pkcs12Value") && !shown.text.contains("marked-chain"),
        "{}",
        shown.text
    );
}
