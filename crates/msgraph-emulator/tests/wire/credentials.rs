//! `keyCredentials` and `passwordCredentials`.

use serde_json::{Value, json};

use crate::local::{Local, base64, fixture, string};

async fn principal_path(local: &Local) -> String {
    format!(
        "/servicePrincipals/{}",
        string(&local.service_principal("Payroll").await["id"])
    )
}

fn thumbprint_of(certificate: &str) -> String {
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    string(&expected["certificates"][certificate]["thumbprint"]).to_owned()
}

fn hex(base64: &Value) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD
        .decode(string(base64))
        .unwrap()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

/// The certificate of the fixture `der-certificate.pfx`, as a credential with which tokens are verified.
fn verify_key() -> Value {
    json!({ "type": "AsymmetricX509Cert", "usage": "Verify", "key": base64(&fixture("der-certificate.pfx")) })
}

#[tokio::test]
async fn a_written_certificate_fills_in_what_it_knows() {
    let local = Local::start().await;
    let path = principal_path(&local).await;
    local
        .patch(&path, json!({ "keyCredentials": [verify_key()] }))
        .await
        .expect(204);
    let key = local.get(&path).await.expect(200)["keyCredentials"][0].clone();
    assert_eq!(hex(&key["customKeyIdentifier"]), thumbprint_of("rsa"));
    assert_eq!(key["startDateTime"], "2024-01-01T00:00:00Z");
    assert_eq!(key["endDateTime"], "2123-12-31T23:59:59Z");
    assert_eq!((string(&key["keyId"]).len(), &key["key"]), (36, &Value::Null));
    let selected = local.get(&format!("{path}?$select=keyCredentials")).await.expect(200);
    assert_eq!(selected["keyCredentials"][0]["key"], verify_key()["key"]);
    let listed = local.get("/servicePrincipals?$select=keyCredentials").await.expect(200);
    assert_eq!(listed["value"][0]["keyCredentials"][0]["key"], Value::Null);
}

#[tokio::test]
async fn a_written_list_replaces_the_stored_one_and_keeps_what_is_spelled_the_same() {
    let local = Local::start().await;
    let path = principal_path(&local).await;
    let mut spelled = verify_key();
    spelled["keyId"] = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee".into();
    spelled["endDateTime"] = "2027-01-01T00:00:00.5000000Z".into();
    local
        .patch(&path, json!({ "keyCredentials": [spelled] }))
        .await
        .expect(204);
    let stored = local.get(&path).await.expect(200)["keyCredentials"][0].clone();

    let with = |property: &str, value: Value| {
        let mut entry = stored.clone();
        entry[property] = value;
        entry
    };
    for respelled in [
        with("endDateTime", "2027-01-01T00:00:00.5Z".into()),
        with("displayName", "another".into()),
        with("key", base64(b"another").into()),
        with("customKeyIdentifier", Value::Null),
    ] {
        let refused = local.patch(&path, json!({ "keyCredentials": [respelled] })).await;
        refused.expect_refusal(400, "Request_BadRequest", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
        let detail = &refused.body["error"]["details"][0];
        assert_eq!(
            (&detail["code"], &detail["target"]),
            (&json!("KeyNotUpdatable"), &json!("keyCredentials"))
        );
    }
    for kept in [
        stored.clone(),
        with("key", spelled["key"].clone()),
        json!({ "keyId": "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE" }),
    ] {
        local
            .patch(&path, json!({ "keyCredentials": [kept, verify_key()] }))
            .await
            .expect(204);
        let keys = local.get(&path).await.expect(200)["keyCredentials"].clone();
        assert_eq!((keys.as_array().unwrap().len(), &keys[0]), (2, &stored));
    }
    local.patch(&path, json!({ "keyCredentials": [] })).await.expect(204);
    assert_eq!(local.get(&path).await.expect(200)["keyCredentials"], json!([]));
}

#[tokio::test]
async fn a_custom_signing_certificate_comes_with_its_password() {
    let local = Local::start().await;
    let path = principal_path(&local).await;
    let sign_key_id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    let sign = json!({
        "type": "X509CertAndPassword", "usage": "Sign", "keyId": sign_key_id, "key": base64(&fixture("aes256.pfx")),
    });
    let password = |secret: &str| json!({ "keyId": sign_key_id, "secretText": secret });
    let keys = json!([sign, verify_key()]);
    for (passwords, words) in [(json!([]), "same keyId"), (json!([password("wrong")]), "password")] {
        let refused = local
            .patch(
                &path,
                json!({ "keyCredentials": keys, "passwordCredentials": passwords }),
            )
            .await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.message().contains(words), "{}", refused.message());
    }
    let body = json!({ "keyCredentials": keys, "passwordCredentials": [password("marked-aes256")] });
    local.patch(&path, body).await.expect(204);
    let shown = local
        .get(&format!("{path}?$select=keyCredentials,passwordCredentials"))
        .await;
    let (sign, verify) = (&shown.body["keyCredentials"][0], &shown.body["keyCredentials"][1]);
    assert_eq!(sign["customKeyIdentifier"], verify["customKeyIdentifier"]);
    assert_eq!((&sign["key"], verify["key"].is_string()), (&Value::Null, true));
    assert_eq!(shown.body["passwordCredentials"][0]["keyId"], sign_key_id);
    assert!(!shown.text.contains("marked-aes256"), "{}", shown.text);
}

#[tokio::test]
async fn credentials_that_make_no_sense_are_refused() {
    let local = Local::start().await;
    let path = principal_path(&local).await;
    let changed = |property: &str, value: Value| {
        let mut entry = verify_key();
        entry[property] = value;
        entry
    };
    let cases = [
        (changed("key", Value::Null), "needs a key"),
        (changed("key", "not base64!".into()), "takes base64"),
        (changed("key", base64(b"not a certificate").into()), "X.509"),
        (changed("usage", "Sign".into()), "type and usage"),
        (
            changed("endDateTime", "2999-01-01T00:00:00Z".into()),
            "after the end of the certificate",
        ),
        (changed("endDateTime", "tomorrow".into()), "takes a date and time"),
        (changed("keyId", "1".into()), "takes a GUID"),
        (changed("colour", "red".into()), "'colour'"),
    ];
    for (entry, words) in cases {
        let refused = local.patch(&path, json!({ "keyCredentials": [entry] })).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(
            refused.message().contains(words),
            "{words:?} is not in: {}",
            refused.message()
        );
    }
    let refused = local
        .patch(&path, json!({ "passwordCredentials": [{ "displayName": "a" }] }))
        .await;
    refused.expect_refusal(400, "Request_BadRequest", "secretText");
    assert_eq!(local.get(&path).await.expect(200)["keyCredentials"], json!([]));
}

#[tokio::test]
async fn an_added_password_is_shown_once_and_can_be_removed() {
    let local = Local::start().await;
    let application = local.application("Payroll").await;
    let path = format!("/applications/{}", string(&application["id"]));
    let wanted = json!({ "displayName": "CI", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2099-06-01T12:00:00+02:00" });
    let added = local
        .post(&format!("{path}/addPassword"), json!({ "passwordCredential": wanted }))
        .await
        .expect(200);
    let secret = string(&added["secretText"]);
    assert_eq!((secret.len(), &added["hint"]), (40, &json!(&secret[..3])));
    assert_eq!(
        (&added["displayName"], &added["endDateTime"]),
        (&json!("CI"), &json!("2099-06-01T10:00:00Z"))
    );

    let shown = local.get(&path).await;
    assert!(!shown.text.contains(secret));
    let stored = &shown.body["passwordCredentials"][0];
    assert_eq!(
        (&stored["keyId"], &stored["secretText"]),
        (&added["keyId"], &Value::Null)
    );
    local.post(&format!("{path}/addPassword"), json!({})).await.expect(200);

    let remove = format!("{path}/removePassword");
    local
        .post(&remove, json!({ "keyId": added["keyId"] }))
        .await
        .expect(204);
    let refused = local.post(&remove, json!({ "keyId": added["keyId"] })).await;
    refused.expect_refusal(400, "Request_BadRequest", string(&added["keyId"]));
    local
        .post(&remove, json!({}))
        .await
        .expect_refusal(400, "Request_BadRequest", "needs the keyId");
    assert_eq!(
        local.get(&path).await.expect(200)["passwordCredentials"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn password_parameters_must_make_sense() {
    let local = Local::start().await;
    let path = format!("{}/addPassword", principal_path(&local).await);
    for (body, words) in [
        (json!({ "displayName": "CI" }), "'displayName'"),
        (json!({ "passwordCredential": "CI" }), "takes an object"),
        (json!({ "passwordCredential": { "colour": "red" } }), "'colour'"),
        (
            json!({ "passwordCredential": { "startDateTime": "2030-01-01T00:00:00Z", "endDateTime": "2029-01-01T00:00:00Z" } }),
            "after its startDateTime",
        ),
    ] {
        let refused = local.post(&path, body).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(
            refused.message().contains(words),
            "{words:?} is not in: {}",
            refused.message()
        );
    }
    local
        .post("/servicePrincipals/none/addPassword", json!({}))
        .await
        .expect(404);
}
