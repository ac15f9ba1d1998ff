//! The token endpoint and what its tokens open.

use std::time::Duration;

use msgraph_emulator::Emulator;
use serde_json::json;

use crate::local::{Answer, Local, string};

const SCOPE: &str = "https://graph.microsoft.com/.default";

#[tokio::test]
async fn any_client_with_a_secret_gets_a_token_that_opens_graph() {
    let local = Local::start().await;
    let answer = local.ask_token("anyone", "any secret").await;
    assert_eq!(answer.header("cache-control"), "no-store, no-cache");
    let token = answer.expect(200);
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(
        (&token["expires_in"], &token["ext_expires_in"]),
        (&json!(3600), &json!(3600))
    );
    let graph = local.http.get(format!("{}/v1.0/applications", local.emulator.url()));
    Answer::to(graph.bearer_auth(string(&token["access_token"])))
        .await
        .expect(200);
}

#[tokio::test]
async fn secrets_may_come_by_http_basic_with_each_half_form_encoded() {
    let builder = Emulator::builder().client("an app", "s:e+c&r%t ü");
    let local = Local::start_with(builder).await;
    let form = [("grant_type", "client_credentials"), ("scope", SCOPE)];
    for (user, password, status) in [
        ("an+app", "s%3Ae%2Bc%26r%25t+%C3%BC", 200),
        ("an%20app", "s%3Ae%2Bc%26r%25t%20%C3%BC", 200),
        ("an app", "wrong", 401),
    ] {
        let request = local.token_request().basic_auth(user, Some(password)).form(&form);
        Answer::to(request).await.expect(status);
    }
}

#[tokio::test]
async fn refusals_have_entras_error_numbers() {
    let local = Local::start_with(Emulator::builder().client("known", "right")).await;
    let full = [
        ("grant_type", "client_credentials"),
        ("client_id", "known"),
        ("client_secret", "right"),
        ("scope", SCOPE),
    ];
    // What is changed about the request, and what it leads to; an empty value leaves the field out.
    let cases = [
        ("client_secret", "wrong", 401, "invalid_client", 7_000_215),
        ("client_secret", "", 401, "invalid_client", 7_000_218),
        ("client_id", "stranger", 400, "unauthorized_client", 700_016),
        ("client_id", "", 400, "invalid_request", 900_144),
        ("grant_type", "password", 400, "unsupported_grant_type", 70_003),
        ("grant_type", "", 400, "invalid_request", 900_144),
        (
            "scope",
            "https://graph.microsoft.com/User.Read",
            400,
            "invalid_scope",
            1_002_012,
        ),
        ("scope", "/.default", 400, "invalid_scope", 1_002_012),
        (
            "scope",
            "https://a.example/.default https://b.example/.default",
            400,
            "invalid_scope",
            70_011,
        ),
        ("scope", "", 400, "invalid_request", 900_144),
    ];
    for (field, value, status, error, number) in cases {
        let form: Vec<_> = full
            .iter()
            .map(|(name, good)| (*name, if *name == field { value } else { good }))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let request = local
            .token_request()
            .header("client-request-id", "my-correlation")
            .form(&form);
        let body = Answer::to(request).await.expect(status);
        assert_eq!(
            (&body["error"], &body["error_codes"]),
            (&json!(error), &json!([number])),
            "{field}={value}"
        );
        let description = string(&body["error_description"]);
        assert!(description.starts_with(&format!("AADSTS{number}: ")), "{description}");
        assert!(description.contains("Correlation ID: my-correlation"), "{description}");
        assert_eq!(body["correlation_id"], "my-correlation");
        assert_eq!(string(&body["timestamp"]).len(), "2026-11-22 09:48:10Z".len());
        assert!(body["trace_id"].is_string());
    }
}

#[tokio::test]
async fn a_body_that_is_not_a_form_has_no_parameters() {
    let local = Local::start().await;
    let request = local
        .token_request()
        .json(&json!({ "grant_type": "client_credentials" }));
    assert_eq!(Answer::to(request).await.expect(400)["error_codes"], json!([900_144]));
}

#[tokio::test]
async fn graph_refuses_absent_foreign_and_expired_tokens() {
    let local = Local::start_with(Emulator::builder().token_lifetime(Duration::from_secs(60))).await;
    let url = format!("{}/v1.0/applications", local.emulator.url());
    let valid = format!("Bearer {}", local.token);
    let check = async |authorization: &str, words: &str| {
        let request = local.http.get(&url).header("authorization", authorization);
        let answer = Answer::to(request).await;
        answer.expect_refusal(401, "InvalidAuthenticationToken", words);
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer realm=\"\", authorization_uri=\"http://127.0.0.1:"),
            "{challenge}"
        );
    };
    Answer::to(local.http.get(&url))
        .await
        .expect_refusal(401, "InvalidAuthenticationToken", "empty");
    check("Bearer ", "empty").await;
    check(&valid.replace("Bearer", "Basic"), "empty").await;
    check("Bearer made-up", "not issued").await;
    Answer::to(local.http.get(&url).header("authorization", &valid))
        .await
        .expect(200);
    local.emulator.advance_clock(Duration::from_secs(60));
    check(&valid, "expired").await;
}

#[tokio::test]
async fn a_secret_added_to_an_application_is_the_one_that_its_client_needs() {
    let local = Local::start().await;
    let application = local.application("Rotating").await;
    let (path, client) = (
        format!("/applications/{}", string(&application["id"])),
        string(&application["appId"]),
    );
    local.ask_token(client, "anything").await.expect(200);

    let parameters = json!({ "passwordCredential": { "displayName": "first" } });
    let added = local.post(&format!("{path}/addPassword"), parameters).await.expect(200);
    let secret = string(&added["secretText"]);
    local.ask_token(client, secret).await.expect(200);
    assert_eq!(
        local.ask_token(client, "anything").await.expect(401)["error_codes"],
        json!([7_000_215])
    );

    local.emulator.advance_clock(Duration::from_secs(3 * 366 * 24 * 3600));
    assert_eq!(
        local.ask_token(client, secret).await.expect(401)["error_codes"],
        json!([7_000_222])
    );
}

#[tokio::test]
async fn discovery_documents_lead_to_the_token_endpoint() {
    let local = Local::start().await;
    let base = local.emulator.authority();
    let get = async |path: &str| Answer::to(local.http.get(format!("{base}{path}"))).await.expect(200);
    let configuration = get("/contoso/v2.0/.well-known/openid-configuration").await;
    assert_eq!(
        configuration["token_endpoint"],
        format!("{base}/contoso/oauth2/v2.0/token")
    );
    let instance = get("/common/discovery/instance?api-version=1.1").await;
    assert_eq!(
        instance["metadata"][0]["preferred_network"],
        base.trim_start_matches("http://")
    );
}
