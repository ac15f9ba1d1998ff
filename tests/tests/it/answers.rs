//! Answers in the documented shapes, and answers that are newer than this library.

use msgraph::models::{
    ApiAuthenticationConfigurationBase, BasicAuthentication, ClientCertificateAuthentication, ConditionalAccessPolicy,
    IdentityApiConnector, SelfSignedCertificate,
};
use msgraph::odata::Open;
use serde_json::{Value, json};

/// Parses, serialises, and finds nothing lost.
fn round_trip<T: serde::de::DeserializeOwned + serde::Serialize>(answer: &Value) -> T {
    let parsed: T = serde_json::from_str(&answer.to_string()).expect("the answer parses");
    let written = serde_json::to_value(&parsed).expect("the value serialises");
    assert_eq!(&written, answer);
    parsed
}

#[test]
fn upload_client_certificate() {
    let connector: IdentityApiConnector = round_trip(&json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#identity/apiConnectors/$entity",
        "id": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "displayName": "Loyalty numbers",
        "targetUrl": "https://connector.contoso.com/loyalty",
        "authenticationConfiguration": {
            "@odata.type": "#microsoft.graph.clientCertificateAuthentication",
            "certificateList": [
                { "thumbprint": "0EB255CC895477798BA418B378255204304897AD", "notAfter": 1_666_350_522, "notBefore": 1_508_670_522, "isActive": true },
                { "thumbprint": "1EB255CC895477798BA418B378255204304897AD", "notAfter": 253_402_300_799_i64, "notBefore": 0, "isActive": false },
            ],
        },
    }));
    let configuration = connector
        .authentication_configuration
        .get()
        .expect("the connector authenticates");
    assert!(configuration.downcast::<BasicAuthentication>().is_none());
    let certificates = configuration
        .downcast::<ClientCertificateAuthentication>()
        .expect("with certificates");
    let list = certificates.certificate_list.as_deref().expect("a list");
    assert_eq!(list[0].not_after.get(), Some(&1_666_350_522));
    assert_eq!(list[0].is_active.get(), Some(&true));
    assert_eq!(list[1].not_after.get(), Some(&253_402_300_799));
    assert_eq!(
        list[1].thumbprint.as_deref(),
        Some("1EB255CC895477798BA418B378255204304897AD")
    );
}

#[test]
fn add_token_signing_certificate_with_seven_digit_fractions() {
    let answer = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.selfSignedCertificate",
        "customKeyIdentifier": "2iD8ppbE+D6Kmu1ZvjM2jtQh88E=",
        "displayName": "CN=SAML signing",
        "endDateTime": "2029-11-21T23:59:59.9876543Z",
        "key": "MIIBkTCB+w==",
        "keyId": "93bc223f-7235-4b1a-beea-d66847531f49",
        "startDateTime": "2026-11-22T09:34:22.1000000Z",
        "thumbprint": "DA20FCA696C4F83E8A9AED59BE33368ED421F3C1",
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    });
    let certificate: SelfSignedCertificate = round_trip(&answer);
    assert_eq!(
        certificate.end_date_time.get().map(ToString::to_string).as_deref(),
        answer["endDateTime"].as_str()
    );
    assert_eq!(
        certificate
            .custom_key_identifier
            .get()
            .map(|identifier| identifier.len()),
        Some(20)
    );
    assert_eq!(
        certificate.key_id.get().map(ToString::to_string).as_deref(),
        answer["keyId"].as_str()
    );
    assert_eq!(certificate.r#type.as_deref(), Some("AsymmetricX509Cert"));
}

#[test]
fn an_unknown_derived_type_keeps_everything() {
    let connector: IdentityApiConnector = round_trip(&json!({
        "authenticationConfiguration": {
            "@odata.type": "#microsoft.graph.passkeyAuthentication",
            "ceremonies": [{ "counter": 18_446_744_073_709_551_615_u64 }],
        },
    }));
    let configuration = connector
        .authentication_configuration
        .get()
        .expect("kept as its base type");
    assert_eq!(
        configuration.odata_type(),
        Some("microsoft.graph.passkeyAuthentication")
    );
    assert!(configuration.downcast::<ClientCertificateAuthentication>().is_none());
    assert!(configuration.extra().get("ceremonies").is_some());
}

#[test]
fn an_unknown_enum_value_keeps_its_spelling() {
    let policy: ConditionalAccessPolicy = round_trip(&json!({ "state": "enabledOnTuesdays" }));
    let state = policy.state.get().expect("kept");
    assert!(Open::known(state).is_none());
    assert_eq!(state.as_str(), "enabledOnTuesdays");
}

#[test]
fn an_unknown_property_survives() {
    let base: ApiAuthenticationConfigurationBase =
        round_trip(&json!({ "futureProperty": { "nested": [1, null, "x"] } }));
    assert!(base.extra().get("futureProperty").is_some());
}
