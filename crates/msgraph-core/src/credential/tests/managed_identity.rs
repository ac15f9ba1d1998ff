//! The managed identity of each platform.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::response::IntoResponse as _;
use bytes::Bytes;
use serde_json::json;

use super::{Service, ask, json, variables};
use crate::Cloud;
use crate::credential::{Credential as _, ManagedIdentity, ManagedIdentityCredential, TokenRequest};
use crate::transport::{HttpTransport, Sending, Transport, TransportError};

const IDENTITIES: [fn() -> ManagedIdentity; 4] = [
    || ManagedIdentity::SystemAssigned,
    || ManagedIdentity::ClientId("c 1".to_owned()),
    || ManagedIdentity::ObjectId("o-1".to_owned()),
    || ManagedIdentity::ResourceId("/subscriptions/s".to_owned()),
];

fn in_an_hour() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3600
}

#[tokio::test]
async fn metadata_service_gives_the_token_of_the_chosen_identity() {
    let service = Service::start(|request| match request.headers().get("metadata") {
        Some(value) if value == "true" => json(
            200,
            &json!({"access_token": "t", "expires_on": in_an_hour().to_string(), "expires_in": "1"}),
        ),
        _ => json(400, &json!({"error": "bad_request"})),
    })
    .await;
    let base = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com";
    for (identity, parameter) in IDENTITIES.into_iter().zip([
        "",
        "&client_id=c%201",
        "&object_id=o-1",
        "&msi_res_id=%2Fsubscriptions%2Fs",
    ]) {
        let variables = variables(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &service.address)]);
        let credential = ManagedIdentityCredential::from_variables(identity(), &variables);
        for _ in 0..2 {
            let token = ask(&credential, &Cloud::Global).await.unwrap();
            let life = token.expires_on.duration_since(SystemTime::now()).unwrap();
            assert!((3500..=3600).contains(&life.as_secs()), "{life:?}");
        }
        assert_eq!(service.seen().last().unwrap(), &format!("{base}{parameter}"));
    }
    assert_eq!(service.seen().len(), 4);
}

#[tokio::test]
async fn app_service_and_container_apps_want_their_secret() {
    let service = Service::start(|request| match request.headers().get("x-identity-header") {
        Some(value) if value == "hunter2" => json(200, &json!({"access_token": "t", "expires_on": in_an_hour()})),
        _ => json(401, &json!({"message": "no"})),
    })
    .await;
    let endpoint = format!("{}/msi/token", service.address);
    for (identity, parameter) in IDENTITIES.into_iter().zip([
        "",
        "&client_id=c%201",
        "&principal_id=o-1",
        "&mi_res_id=%2Fsubscriptions%2Fs",
    ]) {
        let variables = variables(&[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", "hunter2")]);
        let credential = ManagedIdentityCredential::from_variables(identity(), &variables);
        ask(&credential, &Cloud::Global).await.unwrap();
        assert!(!format!("{credential:?}").contains("hunter2"));
        let expected =
            format!("/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.com{parameter}");
        assert_eq!(service.seen().last(), Some(&expected));
    }
    let wrong = variables(&[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", "wrong")]);
    let credential = ManagedIdentityCredential::from_variables(ManagedIdentity::SystemAssigned, &wrong);
    let error = ask(&credential, &Cloud::Global).await.unwrap_err();
    assert!(
        error.message().contains("401") && error.message().contains("no"),
        "{error}"
    );
}

#[tokio::test]
async fn arc_wants_proof_that_its_key_file_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("k.key");
    std::fs::write(&file, "hunter2").unwrap();
    let named = file.display().to_string();
    let service = Service::start(move |request| {
        assert_eq!(request.headers()["metadata"], "true");
        match request.headers().get("authorization") {
            Some(value) if value == "Basic hunter2" => {
                json(200, &json!({"access_token": "t", "expires_on": in_an_hour()}))
            }
            _ => (
                axum::http::StatusCode::UNAUTHORIZED,
                [("www-authenticate", format!("Basic realm={named}"))],
            )
                .into_response(),
        }
    })
    .await;
    let variables = variables(&[
        ("IDENTITY_ENDPOINT", &service.address),
        ("IMDS_ENDPOINT", &service.address),
    ]);
    let credential = |identity, keys: &std::path::Path| {
        ManagedIdentityCredential::from_variables(identity, &variables).with_arc_keys(keys.to_owned())
    };
    ask(
        &credential(ManagedIdentity::SystemAssigned, directory.path()),
        &Cloud::Global,
    )
    .await
    .unwrap();
    assert_eq!(service.seen().len(), 2);
    // The agent is not who it says it is.
    let elsewhere = tempfile::tempdir().unwrap();
    let error = ask(
        &credential(ManagedIdentity::SystemAssigned, elsewhere.path()),
        &Cloud::Global,
    )
    .await
    .unwrap_err();
    assert!(error.message().contains("was not read"), "{error}");
    let error = ask(&credential(IDENTITIES[1](), directory.path()), &Cloud::Global)
        .await
        .unwrap_err();
    assert!(error.message().contains("system-assigned"), "{error}");
}

#[tokio::test]
async fn refusal_of_the_metadata_service_is_told() {
    let service = Service::start(|_| {
        json(
            400,
            &json!({"error": "invalid_request", "error_description": "Identity not found"}),
        )
    })
    .await;
    let variables = variables(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &service.address)]);
    let credential = ManagedIdentityCredential::from_variables(ManagedIdentity::SystemAssigned, &variables);
    let error = ask(&credential, &Cloud::Global).await.unwrap_err();
    assert!(
        error.message().ends_with("Identity not found") && !error.is_unavailable(),
        "{error}"
    );
    assert_eq!(service.seen().len(), 1);
}

/// Sends from another runtime, so that time may stand still in the test's.
#[derive(Debug)]
struct Elsewhere(tokio::runtime::Handle);

impl Transport for Elsewhere {
    fn send(&self, request: http::Request<Bytes>, timeout: Duration) -> Sending<'_> {
        let sending = self
            .0
            .spawn(async move { HttpTransport::new().send(request, timeout).await });
        Box::pin(async move { sending.await.map_err(TransportError::other)? })
    }
}

#[tokio::test(start_paused = true)]
async fn metadata_service_that_is_being_updated_is_asked_again() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let count = AtomicUsize::new(0);
    let (sender, receiver) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        let service = Service::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
            number @ 0..4 => json([404, 410, 429, 500][number], &json!({})),
            _ => json(200, &json!({"access_token": "t", "expires_on": in_an_hour()})),
        });
        sender.send(service.await).unwrap();
    });
    let service = receiver.recv().unwrap();
    let variables = variables(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &service.address)]);
    let credential = ManagedIdentityCredential::from_variables(ManagedIdentity::SystemAssigned, &variables);
    let (cloud, transport) = (Cloud::Global, Elsewhere(runtime.handle().clone()));
    let start = tokio::time::Instant::now();
    credential
        .token(TokenRequest::new(&cloud, &transport, &[cloud.scope()]))
        .await
        .unwrap();
    assert_eq!((service.seen().len(), start.elapsed().as_secs()), (5, 1 + 2 + 4 + 8));
    runtime.shutdown_background();
}

#[tokio::test]
async fn what_a_managed_identity_cannot_do_is_refused() {
    let (cloud, transport) = (Cloud::Global, HttpTransport::new());
    let credential = ManagedIdentityCredential::from_variables(ManagedIdentity::SystemAssigned, &variables(&[]));
    let request = TokenRequest::new(&cloud, &transport, &["scope/.default"]);
    for (request, words) in [
        (request.with_claims("{}"), "claims"),
        (request.with_tenant("t"), "one tenant"),
        (TokenRequest::new(&cloud, &transport, &["a", "b"]), "only scope"),
    ] {
        let error = credential.token(request).await.unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
    for (pairs, platform) in [
        (
            &[
                ("IDENTITY_ENDPOINT", "x"),
                ("IDENTITY_HEADER", "x"),
                ("IDENTITY_SERVER_THUMBPRINT", "x"),
            ][..],
            "Service Fabric",
        ),
        (&[("MSI_ENDPOINT", "x"), ("MSI_SECRET", "x")], "Machine Learning"),
        (&[("MSI_ENDPOINT", "x")], "Cloud Shell"),
    ] {
        let credential = ManagedIdentityCredential::from_variables(ManagedIdentity::SystemAssigned, &variables(pairs));
        let error = ask(&credential, &Cloud::Global).await.unwrap_err();
        assert!(error.is_unavailable() && error.message().contains(platform), "{error}");
    }
}
