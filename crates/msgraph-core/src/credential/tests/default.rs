//! The environment's credential and the chain that finds one.

use msgraph_emulator::Emulator;
use serde_json::json;

use super::{Service, ask, cloud_at, json, variables};
use crate::Cloud;
use crate::credential::{AzureCliCredential, AzurePowerShellCredential, DefaultCredential, EnvironmentCredential};

fn fixture(name: &str) -> String {
    format!("{}/../../tests/fixtures/pem/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn environment_describes_a_secret_or_a_certificate() {
    use base64::Engine as _;
    let pem = std::fs::read_to_string(fixture("p256")).unwrap();
    let certificate = pem.split("-----").nth(6).unwrap().lines().collect::<String>();
    let der = base64::prelude::BASE64_STANDARD.decode(certificate).unwrap();
    let emulator = Emulator::builder()
        .client("app-1", "secret")
        .client_certificate("app-2", &der)
        .start()
        .await
        .unwrap();
    let cloud = cloud_at(emulator.url());
    let path = fixture("p256");
    for pairs in [
        &[("AZURE_CLIENT_ID", "app-1"), ("AZURE_CLIENT_SECRET", "secret")][..],
        &[("AZURE_CLIENT_ID", "app-2"), ("AZURE_CLIENT_CERTIFICATE_PATH", &path)],
        &[
            ("AZURE_CLIENT_ID", "app-2"),
            ("AZURE_CLIENT_CERTIFICATE_PATH", &path),
            ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true"),
            ("AZURE_AUTHORITY_HOST", emulator.url()),
        ],
    ] {
        let pairs: Vec<_> = pairs
            .iter()
            .copied()
            .chain([("AZURE_TENANT_ID", "contoso.example")])
            .collect();
        let credential = EnvironmentCredential::from_variables(&variables(&pairs)).unwrap();
        ask(&credential, &cloud).await.unwrap();
    }
    for (pairs, words) in [
        (&[][..], "AZURE_TENANT_ID and AZURE_CLIENT_ID"),
        (
            &[("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")],
            "AZURE_CLIENT_SECRET",
        ),
        (
            &[
                ("AZURE_TENANT_ID", "t"),
                ("AZURE_CLIENT_ID", "c"),
                ("AZURE_CLIENT_CERTIFICATE_PATH", "/absent"),
            ],
            "/absent",
        ),
    ] {
        let error = EnvironmentCredential::from_variables(&variables(pairs)).unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
}

#[tokio::test]
async fn authority_of_the_environment_must_be_that_of_the_cloud() {
    let pairs = [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "s"),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"),
    ];
    let credential = EnvironmentCredential::from_variables(&variables(&pairs)).unwrap();
    let error = ask(&credential, &Cloud::Global).await.unwrap_err();
    assert!(error.message().contains("choose the cloud"), "{error}");
}

fn default(pairs: &[(&str, &str)]) -> DefaultCredential {
    let cli = AzureCliCredential::new().with_program("/absent/az");
    let power_shell = AzurePowerShellCredential::new().with_program("/absent/pwsh");
    DefaultCredential::from_variables(&variables(pairs), cli, power_shell)
}

/// Where nobody listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn chain_that_finds_nothing_says_what_each_answered() {
    let credential = default(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &nowhere())]);
    let error = ask(&credential, &Cloud::Global).await.unwrap_err().to_string();
    for words in [
        "the environment: the environment lacks AZURE_TENANT_ID",
        "workload identity: the environment lacks",
        "the managed identity: no managed identity",
        "the Azure CLI: the Azure CLI is not installed",
        "Azure PowerShell: PowerShell is not installed",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
    assert_eq!(credential.worked(), None);
}

#[tokio::test]
async fn chain_uses_the_managed_identity_where_there_is_one() {
    let service = Service::start(|request| match request.headers().get("metadata") {
        None => json(400, &json!({})),
        Some(_) => json(200, &json!({"access_token": "t", "expires_in": "0"})),
    })
    .await;
    let credential = default(&[
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", &service.address),
        ("AZURE_CLIENT_ID", "chosen"),
    ]);
    for _ in 0..2 {
        ask(&credential, &Cloud::Global).await.unwrap();
    }
    assert_eq!(credential.worked(), Some("the managed identity"));
    // One probe, two tokens.
    let seen = service.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen[2].ends_with("&client_id=chosen"), "{seen:?}");
}

#[tokio::test]
async fn chain_ends_at_a_credential_that_was_refused() {
    let emulator = Emulator::builder().client("app-1", "right").start().await.unwrap();
    let credential = default(&[
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "app-1"),
        ("AZURE_CLIENT_SECRET", "wrong"),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", &nowhere()),
    ]);
    let error = ask(&credential, &cloud_at(emulator.url()))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("AADSTS7000215") && error.contains("use the value"),
        "{error}"
    );
    assert!(!error.contains("managed identity"), "{error}");
}
