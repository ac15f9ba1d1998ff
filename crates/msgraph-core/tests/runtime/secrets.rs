//! Nothing that can be printed shows a secret.

use msgraph_core::credential::{AccessToken, ClientSecretCredential, Credential, FixedTokenCredential, TokenRequest};
use msgraph_core::odata::Value;
use msgraph_core::transport::{HttpTransport, ResponseBody};
use msgraph_core::{Client, Cloud, Content, Path, Request};
use serde_json::json;

use crate::support::{CREATE, GET, PUT, Service, json};

const SECRET: &str = "hunter2";

#[tokio::test]
async fn no_debug_output_shows_a_secret() {
    let service = Service::start(|seen| match seen.header("x-status") {
        Some(_) => json(400, &json!({"error": {"code": "x", "message": "no"}})),
        None => json(200, &json!({"secretText": SECRET})),
    })
    .await;
    let client = service.client_with(FixedTokenCredential::new(SECRET));
    let path = Path::root(&client, "things");
    let body: Request<Value> = path.clone().request_json(&CREATE, &json!({"password": SECRET}));
    let content: Request<Value> = path
        .clone()
        .request_content(&PUT, Content::new("application/x-pkcs12", SECRET));
    let answer = body.clone().send().await.unwrap();
    assert!(answer.value().to_string().contains(SECRET));
    let error = body.clone().header("x-status", "400").await.unwrap_err();
    let transport = HttpTransport::new();
    let cloud = Cloud::Global;
    for text in [
        format!("{client:?}"),
        format!("{path:?}"),
        format!("{body:?}"),
        format!("{content:?}"),
        format!("{answer:?}"),
        format!("{error:?} {error}"),
        format!(
            "{:?}",
            Client::builder().credential(ClientSecretCredential::new("t", "c", SECRET))
        ),
        format!("{:?}", ClientSecretCredential::new("t", "c", SECRET)),
        format!("{:?}", FixedTokenCredential::new(SECRET)),
        format!(
            "{:?}",
            FixedTokenCredential::new(SECRET)
                .token(TokenRequest::new(&cloud, &transport, &[]))
                .await
                .unwrap()
        ),
        format!("{:?}", AccessToken::new(SECRET, std::time::SystemTime::now())),
        format!("{:?}", Content::new("text/plain", SECRET)),
        format!("{:?}", ResponseBody::from(SECRET)),
    ] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn credential_that_has_served_tokens_does_not_show_them() {
    let service = Service::start(|_| json(200, &json!({"expires_in": 3600, "access_token": SECRET}))).await;
    let credential = std::sync::Arc::new(ClientSecretCredential::new("t", "c", SECRET));
    let client = service.client_with(std::sync::Arc::clone(&credential));
    Path::root(&client, "things").request::<Value>(&GET).await.unwrap();
    assert_eq!(service.seen()[1].header("authorization"), Some("Bearer hunter2"));
    assert!(!format!("{credential:?} {client:?}").contains(SECRET));
}

#[test]
fn request_shows_all_but_its_body() {
    let client = Client::builder()
        .credential(FixedTokenCredential::new(SECRET))
        .build()
        .unwrap();
    let request: Request<Value> = Path::root(&client, "things")
        .request_json(&CREATE, &json!({"a": 1}))
        .header("If-Match", "*");
    assert_eq!(
        format!("{request:?}"),
        r#"Request { method: Post, url: "https://graph.microsoft.com/v1.0/things", headers: {"if-match": "*"}, body: 7 bytes, .. }"#
    );
}
