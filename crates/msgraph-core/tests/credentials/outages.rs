//! Authorities that are down, slow, or not what they should be.

use std::time::Duration;

use msgraph_core::credential::{AuthenticationError, ClientSecretCredential, Credential as _, TokenRequest};
use msgraph_core::transport::{HttpTransport, Sending, Transport};
use serde_json::json;

use crate::support::{HANG, ask, cloud_at, json, scripted};

fn credential() -> ClientSecretCredential {
    ClientSecretCredential::new("contoso.example", "app-1", "hunter2")
}

async fn error_of(answer: String) -> AuthenticationError {
    let (address, _) = scripted(vec![answer]).await;
    let error = ask(&credential(), &cloud_at(&address)).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    error
}

#[tokio::test]
async fn authority_that_is_down_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = ask(&credential(), &cloud_at(&address)).await.unwrap_err();
    assert!(error.is_unreachable() && error.message().contains(&address), "{error}");
}

#[tokio::test]
async fn garbage_is_told_from_a_refusal() {
    for (answer, words) in [
        ("\u{1}\u{2} hunter2".to_owned(), "did not answer"),
        (String::new(), "did not answer"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access_".to_owned(),
            "did not answer",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nhunter2".to_owned(),
            "neither a token nor an error",
        ),
        ("HTTP/1.1 502 X\r\ncontent-length: 6\r\n\r\n<html>".to_owned(), "502"),
        (json(200, &json!(["hunter2"])), "neither a token nor an error"),
        (
            json(200, &json!({"access_token": "hunter2"})),
            "neither a token nor an error",
        ),
        (
            json(400, &json!({"error": {"code": "hunter2"}})),
            "neither a token nor an error",
        ),
    ] {
        let error = error_of(answer.clone()).await;
        assert!(error.to_string().contains(words), "{answer:?}: {error}");
    }
}

/// The ordinary transport with less patience.
#[derive(Debug)]
struct Impatient(HttpTransport);

impl Transport for Impatient {
    fn send(&self, request: http::Request<bytes::Bytes>, _timeout: Duration) -> Sending<'_> {
        self.0.send(request, Duration::from_millis(50))
    }
}

#[tokio::test]
async fn authority_that_hangs_is_given_up() {
    let (address, _) = scripted(vec![HANG.to_owned()]).await;
    let (cloud, transport) = (cloud_at(&address), Impatient(HttpTransport::new()));
    let scopes = [cloud.scope()];
    let error = credential()
        .token(TokenRequest::new(&cloud, &transport, &scopes))
        .await
        .unwrap_err();
    assert!(error.is_unreachable() && error.message().contains("time"), "{error}");
}

#[tokio::test]
async fn common_refusals_say_what_to_do() {
    for (number, code, advice) in [
        (7_000_215, "invalid_client", "value of the client secret"),
        (7_000_222, "invalid_client", "add a new one"),
        (65_001, "invalid_grant", "administrator has to consent"),
        (90_002, "invalid_request", "no such tenant"),
        (900_383, "invalid_request", "another cloud"),
        (900_382, "invalid_request", "another cloud"),
        (53_003, "access_denied", "Conditional Access"),
        (50_076, "interaction_required", "second factor"),
        (5_002_738, "invalid_client", "RSA"),
        (50_011, "invalid_request", "http://localhost"),
        (7_000_218, "invalid_client", "public client"),
    ] {
        let claims = r#"{"access_token":{"capolids":{"values":["p"]}}}"#;
        let body = json!({
            "error": code, "error_codes": [number], "correlation_id": "c-1", "claims": claims,
            "error_description": format!("AADSTS{number}: hunter2 it is not. Trace ID: t Correlation ID: c-1"),
        });
        let error = error_of(json(400, &body)).await;
        assert_eq!((error.aadsts(), error.correlation_id()), (Some(number), Some("c-1")));
        assert_eq!(error.claims(), Some(claims));
        assert!(
            error.advice().unwrap().contains(advice),
            "{number}: {:?}",
            error.advice()
        );
    }
}

#[tokio::test]
async fn failed_authority_is_asked_again_by_the_next_caller() {
    let token = json(200, &json!({"access_token": "t", "expires_in": "3600"}));
    let (address, seen) = scripted(vec![json(503, &json!({})), token]).await;
    let (credential, cloud) = (credential(), cloud_at(&address));
    ask(&credential, &cloud).await.unwrap_err();
    ask(&credential, &cloud).await.unwrap();
    ask(&credential, &cloud).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 2);
}
