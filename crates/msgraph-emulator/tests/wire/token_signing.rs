//! `addTokenSigningCertificate`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rsa::{
    RsaPublicKey,
    pkcs1v15::{Signature, VerifyingKey},
    pkcs8::DecodePublicKey as _,
    signature::Verifier as _,
};
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use x509_cert::{
    Certificate,
    der::{Decode as _, Encode as _},
};

use crate::local::{Local, string};

const ACTION: &str = "addTokenSigningCertificate";

async fn principal_path(local: &Local) -> String {
    format!(
        "/servicePrincipals/{}",
        string(&local.service_principal("Payroll").await["id"])
    )
}

fn der(answer: &Value) -> Vec<u8> {
    STANDARD.decode(string(&answer["key"])).expect("the key is base64")
}

#[tokio::test]
async fn the_answer_describes_a_certificate_that_really_exists() {
    let local = Local::start().await;
    let principal = local.service_principal("Payroll").await;
    let path = format!("/servicePrincipals(appId='{}')/{ACTION}", string(&principal["appId"]));
    let answer = local
        .post(&path, json!({ "displayName": "CN=Payroll SAML" }))
        .await
        .expect(200);
    assert_eq!(
        (&answer["type"], &answer["usage"]),
        (&json!("AsymmetricX509Cert"), &json!("Verify"))
    );
    assert_eq!(answer["displayName"], "CN=Payroll SAML");
    let context = string(&answer["@odata.context"]);
    assert!(
        context.ends_with("/v1.0/$metadata#microsoft.graph.selfSignedCertificate"),
        "{context}"
    );

    let certificate = Certificate::from_der(&der(&answer)).unwrap();
    let body = certificate.tbs_certificate();
    assert_eq!(body.version(), x509_cert::Version::V3);
    assert_eq!(body.subject().to_string(), "CN=Payroll SAML");
    assert_eq!(body.issuer(), body.subject());
    let key_length = body.subject_public_key_info().to_der().unwrap().len();
    assert_eq!(key_length, 294, "an RSA-2048 SubjectPublicKeyInfo");
    assert_eq!(
        certificate.signature_algorithm().oid.to_string(),
        "1.2.840.113549.1.1.11",
        "SHA-256 with RSA"
    );

    let sha1 = STANDARD.decode(string(&answer["customKeyIdentifier"])).unwrap();
    assert_eq!(sha1.len(), 20);
    let thumbprint: String = sha1.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(answer["thumbprint"], thumbprint);
    assert_eq!(sha1, Sha1::digest(der(&answer)).as_slice());
    let public_key = body.subject_public_key_info().to_der().unwrap();
    let public_key = VerifyingKey::<Sha256>::new(RsaPublicKey::from_public_key_der(&public_key).unwrap());
    let signature = Signature::try_from(certificate.signature().raw_bytes()).unwrap();
    public_key
        .verify(&body.to_der().unwrap(), &signature)
        .expect("the certificate is signed with its own key");
}

#[tokio::test]
async fn three_objects_appear_that_share_an_identifier() {
    let local = Local::start().await;
    let path = principal_path(&local).await;
    let answer = local
        .post(&format!("{path}/{ACTION}"), json!({ "displayName": "CN=A" }))
        .await
        .expect(200);
    let shown = local.get(&path).await.expect(200);
    let (keys, passwords) = (&shown["keyCredentials"], &shown["passwordCredentials"]);
    assert_eq!(
        (keys.as_array().unwrap().len(), passwords.as_array().unwrap().len()),
        (2, 1)
    );
    let (sign, verify, password) = (&keys[0], &keys[1], &passwords[0]);
    assert_eq!(
        (&sign["usage"], &sign["type"]),
        (&json!("Sign"), &json!("X509CertAndPassword"))
    );
    assert_eq!(
        (&verify["usage"], &verify["type"]),
        (&json!("Verify"), &json!("AsymmetricX509Cert"))
    );
    for object in [sign, verify, password] {
        for property in ["customKeyIdentifier", "displayName", "startDateTime", "endDateTime"] {
            assert_eq!(object[property], answer[property], "{property}");
        }
    }
    assert_eq!(
        (&sign["keyId"], &password["keyId"]),
        (&answer["keyId"], &answer["keyId"])
    );
    assert_ne!(verify["keyId"], answer["keyId"]);
    assert_eq!(
        (&sign["key"], &verify["key"], &password["secretText"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );

    let selected = local.get(&format!("{path}?$select=keyCredentials")).await.expect(200)["keyCredentials"].clone();
    assert_eq!(
        (&selected[0]["key"], &selected[1]["key"]),
        (&Value::Null, &answer["key"])
    );
    // What was read can be written back.
    local
        .patch(
            &path,
            json!({ "keyCredentials": selected, "passwordCredentials": passwords }),
        )
        .await
        .expect(204);
    assert_eq!(local.get(&path).await.expect(200), shown);
}

#[tokio::test]
async fn each_certificate_has_a_key_of_its_own() {
    let local = Local::start().await;
    let path = format!("{}/{ACTION}", principal_path(&local).await);
    let mut keys = Vec::new();
    for _ in 0..2 {
        let answer = local.post(&path, json!({ "displayName": "CN=A" })).await.expect(200);
        let certificate = Certificate::from_der(&der(&answer)).unwrap();
        keys.push(
            certificate
                .tbs_certificate()
                .subject_public_key_info()
                .to_der()
                .unwrap(),
        );
    }
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn the_end_is_three_years_ahead_unless_said_otherwise() {
    let local = Local::start().await;
    let path = format!("{}/{ACTION}", principal_path(&local).await);
    let answer = local
        .post(&path, json!({ "displayName": "CN=A", "endDateTime": null }))
        .await
        .expect(200);
    let (start, end) = (string(&answer["startDateTime"]), string(&answer["endDateTime"]));
    assert_eq!(start.len(), "2026-11-22T09:48:10.1234567Z".len(), "{start}");
    let year: i32 = start[..4].parse().unwrap();
    assert_eq!(end[..4].parse(), Ok(year + 3));
    assert_eq!(start[10..], end[10..]);

    let in_a_year = (OffsetDateTime::now_utc() + Duration::days(365))
        .replace_nanosecond(0)
        .unwrap();
    let given = in_a_year.format(&Rfc3339).unwrap();
    let answer = local
        .post(&path, json!({ "displayName": "CN=A", "endDateTime": given }))
        .await
        .expect(200);
    assert_eq!(answer["endDateTime"], given);
    let certificate = Certificate::from_der(&der(&answer)).unwrap();
    let validity = certificate.tbs_certificate().validity();
    assert_eq!(
        validity.not_after.to_unix_duration().as_secs(),
        in_a_year.unix_timestamp().unsigned_abs()
    );
    let lag =
        OffsetDateTime::now_utc().unix_timestamp().unsigned_abs() - validity.not_before.to_unix_duration().as_secs();
    assert!(lag < 60, "the certificate is valid from now on, not since {lag} s");
}

#[tokio::test]
async fn subjects_may_be_any_distinguished_name_that_begins_with_a_common_name() {
    let local = Local::start().await;
    let path = format!("{}/{ACTION}", principal_path(&local).await);
    for (given, read) in [
        ("CN=Zürich €", "CN=Zürich €"),
        ("CN=a\\, b", "CN=a\\, b"),
        ("CN=a,O=Contoso", "CN=a,O=Contoso"),
    ] {
        let answer = local.post(&path, json!({ "displayName": given })).await.expect(200);
        let certificate = Certificate::from_der(&der(&answer)).unwrap();
        assert_eq!(certificate.tbs_certificate().subject().to_string(), read);
    }
}

#[tokio::test]
async fn parameters_that_break_a_rule_are_refused() {
    let local = Local::start().await;
    let path = principal_path(&local).await;
    let in_days = |days: i64| {
        (OffsetDateTime::now_utc() + Duration::days(days))
            .format(&Rfc3339)
            .unwrap()
    };
    let name = "CN=A";
    let cases = [
        (json!({}), "'displayName' is required"),
        (json!({ "displayName": null }), "'displayName' is required"),
        (json!({ "displayName": 7 }), "takes a string"),
        (json!({ "displayName": "Payroll" }), "start with CN="),
        (json!({ "displayName": "cn=Payroll" }), "start with CN="),
        (
            json!({ "displayName": format!("CN={}", "x".repeat(88)) }),
            "more than 90",
        ),
        (json!({ "displayName": "CN=a,b" }), "distinguished name"),
        (
            json!({ "displayName": name, "endDateTime": "2027-01-01" }),
            "date and time",
        ),
        (json!({ "displayName": name, "endDateTime": 7 }), "date and time"),
        (
            json!({ "displayName": name, "endDateTime": in_days(-1) }),
            "in the past",
        ),
        (
            json!({ "displayName": name, "endDateTime": in_days(3 * 366 + 1) }),
            "more than 3 years",
        ),
        (
            json!({ "displayName": name, "startDateTime": in_days(1) }),
            "'startDateTime'",
        ),
    ];
    for (body, words) in cases {
        let refused = local.post(&format!("{path}/{ACTION}"), body).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(
            refused.message().contains(words),
            "{words:?} is not in: {}",
            refused.message()
        );
    }
    assert_eq!(local.get(&path).await.expect(200)["keyCredentials"], json!([]));
    local
        .post(
            &format!("/servicePrincipals/none/{ACTION}"),
            json!({ "displayName": name }),
        )
        .await
        .expect(404);
}
