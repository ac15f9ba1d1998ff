//! Tokens of an application with a secret.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::join_all;
use msgraph_core::credential::{
    AccessToken, AuthenticationError, ClientSecretCredential, Credential, FixedTokenCredential, TokenRequest,
};
use msgraph_core::odata::Value;
use msgraph_core::transport::HttpTransport;
use msgraph_core::{Cloud, Path};
use serde_json::json;

use crate::support::{GET, Seen, Service, TOKEN, json};

const SECRET: &str = "s3cret/+&=hunter2";

fn credential() -> ClientSecretCredential {
    ClientSecretCredential::new("contoso.example", "app-1", SECRET)
}

/// A service that gives tokens with this lifetime, numbered, and an empty object for everything else.
async fn service(expires_in: Value) -> Service {
    let count = std::sync::atomic::AtomicUsize::new(0);
    Service::start(move |seen: &Seen| {
        if !seen.target.ends_with("/token") {
            return json(200, &json!({}));
        }
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        json(
            200,
            &json!({"token_type": "Bearer", "expires_in": expires_in, "access_token": format!("{TOKEN}-{number}")}),
        )
    })
    .await
}

fn token_requests(service: &Service) -> Vec<Seen> {
    service
        .seen()
        .into_iter()
        .filter(|seen| seen.target.ends_with("/token"))
        .collect()
}

fn form(seen: &Seen) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&seen.body).into_owned().collect()
}

async fn ask(
    credential: &impl Credential,
    cloud: &Cloud,
    claims: Option<&str>,
    tenant: Option<&str>,
) -> Result<AccessToken, AuthenticationError> {
    let transport = HttpTransport::new();
    let scopes = [cloud.scope()];
    let mut request = TokenRequest::new(cloud, &transport, &scopes);
    request.claims = claims;
    request.tenant = tenant;
    credential.token(request).await
}

#[tokio::test]
async fn secret_is_posted_to_the_authority_of_the_cloud() {
    let service = service(json!(3599)).await;
    let client = service.client_with(credential());
    Path::root(&client, "things")
        .key("1")
        .request::<Value>(&GET)
        .await
        .unwrap();
    let seen = service.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].target.as_str()),
        ("POST", "/contoso.example/oauth2/v2.0/token")
    );
    assert_eq!(seen[0].header("authorization"), None);
    assert!(seen[0].header("client-request-id").is_some());
    let scope = format!("{}/.default", service.address);
    let capability = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let expected = [
        ("grant_type", "client_credentials"),
        ("client_id", "app-1"),
        ("client_secret", SECRET),
        ("scope", &scope),
        // What says that this client can answer a claims challenge.
        ("claims", capability),
    ];
    assert_eq!(
        form(&seen[0]),
        expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    );
    assert_eq!(
        seen[1].header("authorization"),
        Some(format!("Bearer {TOKEN}-0").as_str())
    );
}

#[tokio::test]
async fn token_is_kept_until_it_expires() {
    for (expires_in, posts) in [(json!(3599), 1), (json!("3599"), 1), (json!(0), 3)] {
        let service = service(expires_in.clone()).await;
        let credential = credential();
        for _ in 0..3 {
            ask(&credential, &service.cloud(), None, None).await.unwrap();
        }
        assert_eq!(token_requests(&service).len(), posts, "{expires_in}");
    }
}

#[tokio::test]
async fn expiry_is_counted_from_the_request() {
    let service = service(json!(1000)).await;
    let before = SystemTime::now();
    let token = ask(&credential(), &service.cloud(), None, None).await.unwrap();
    let after = SystemTime::now();
    let life = Duration::from_secs(1000);
    assert!((before + life..=after + life).contains(&token.expires_on));
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_request() {
    let service = service(json!(3599)).await;
    let (credential, cloud) = (credential(), service.cloud());
    let tokens = join_all((0..1000).map(|_| ask(&credential, &cloud, None, None))).await;
    assert!(
        tokens
            .iter()
            .all(|token| token.as_ref().unwrap().token.expose() == format!("{TOKEN}-0"))
    );
    assert_eq!(token_requests(&service).len(), 1);
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_failure_and_later_ones_try_again() {
    let service = Service::start(|_| json(401, &json!({"error": "invalid_client"}))).await;
    let (credential, cloud) = (credential(), service.cloud());
    let tokens = join_all((0..20).map(|_| ask(&credential, &cloud, None, None))).await;
    assert!(
        tokens
            .iter()
            .all(|token| token.as_ref().unwrap_err().code() == Some("invalid_client"))
    );
    assert_eq!(service.seen().len(), 1);
    ask(&credential, &cloud, None, None).await.unwrap_err();
    assert_eq!(service.seen().len(), 2);
}

#[tokio::test]
async fn waiting_caller_takes_over_when_the_first_gives_up() {
    let service = service(json!(3599)).await;
    let (credential, cloud) = (credential(), service.cloud());
    let mut first = Box::pin(ask(&credential, &cloud, None, None));
    assert!((&mut first).now_or_never().is_none());
    let mut second = Box::pin(ask(&credential, &cloud, None, None));
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    second.await.unwrap();
}

#[tokio::test]
async fn demanded_claims_are_passed_on_and_need_a_new_token() {
    let service = service(json!(3599)).await;
    let (credential, cloud) = (credential(), service.cloud());
    let claims = r#"{"access_token":{"nbf":{"value":"1"}}}"#;
    let mut tokens = Vec::new();
    for claims in [None, Some(claims), Some(claims), None, Some("{}")] {
        tokens.push(
            ask(&credential, &cloud, claims, None)
                .await
                .unwrap()
                .token
                .expose()
                .to_owned(),
        );
    }
    assert_eq!(tokens, [0, 1, 1, 1, 2].map(|number| format!("{TOKEN}-{number}")));
    let posted: Vec<_> = token_requests(&service)
        .iter()
        .map(|seen| form(seen).remove("claims").unwrap().contains(r#""nbf":{"value":"1"}"#))
        .collect();
    assert_eq!(posted, [false, true, false]);
}

#[tokio::test]
async fn tokens_of_different_tenants_are_kept_apart() {
    let service = service(json!(3599)).await;
    let (credential, cloud) = (credential(), service.cloud());
    for tenant in [
        None,
        Some("fabrikam.example"),
        None,
        Some("fabrikam.example"),
        Some("contoso.example"),
    ] {
        ask(&credential, &cloud, None, tenant).await.unwrap();
    }
    let targets: Vec<_> = service.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        targets,
        [
            "/contoso.example/oauth2/v2.0/token",
            "/fabrikam.example/oauth2/v2.0/token"
        ]
    );
}

#[tokio::test]
async fn tenant_cannot_leave_its_segment() {
    let service = service(json!(3599)).await;
    for tenant in ["", ".", ".."] {
        let error = ask(&credential(), &service.cloud(), None, Some(tenant))
            .await
            .unwrap_err();
        assert!(error.message().contains("not a tenant"), "{error}");
    }
    assert_eq!(service.seen().len(), 0);
    ask(&credential(), &service.cloud(), None, Some("a/../b?c"))
        .await
        .unwrap();
    assert_eq!(service.only().target, "/a%2F..%2Fb%3Fc/oauth2/v2.0/token");
}

#[tokio::test]
async fn refusal_of_the_authority_is_typed_and_has_advice() {
    for (number, code, advice) in [
        (7_000_215, "invalid_client", "value of the client secret"),
        (7_000_222, "invalid_client", "expired"),
        (90_002, "invalid_request", "no such tenant"),
        (900_383, "invalid_request", "another cloud"),
        (65_001, "invalid_grant", "consent"),
        (53_003, "access_denied", "Conditional Access"),
        (50_076, "interaction_required", "second factor"),
        (700_016, "unauthorized_client", "no such application"),
    ] {
        let service = Service::start(move |_| {
            let description = format!("AADSTS{number}: No. The secret {SECRET} it is not. Trace ID: t Correlation ID: c");
            let body = json!({"error": code, "error_description": description, "error_codes": [number], "correlation_id": "c-1"});
            json(401, &body)
        })
        .await;
        let client = service.client_with(credential());
        let error = Path::root(&client, "things")
            .key("1")
            .request::<Value>(&GET)
            .await
            .unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            text.contains(&format!("AADSTS{number} ({code}): No.")) && text.contains(advice),
            "{text}"
        );
        assert!(!text.contains(SECRET), "{text}");
        let authentication = error.authentication().unwrap();
        assert_eq!(
            (authentication.aadsts(), authentication.correlation_id()),
            (Some(number), Some("c-1"))
        );
        assert_eq!(service.seen().len(), 1);
    }
}

#[tokio::test]
async fn success_without_a_token_is_an_error() {
    for body in [
        json!({}),
        json!({"access_token": "x"}),
        json!({"access_token": 1, "expires_in": 1}),
        json!({"access_token": "x", "expires_in": u64::MAX}),
        json!("hunter2"),
    ] {
        let service = Service::start(move |_| json(200, &body)).await;
        let error = ask(&credential(), &service.cloud(), None, None).await.unwrap_err();
        assert!(error.message().contains("neither a token nor an error"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn redirected_secret_is_not_posted_again() {
    let other = Service::start(|_| "").await;
    let location = format!("{}/token", other.address);
    let service = Service::start(move |_| {
        (
            axum::http::StatusCode::TEMPORARY_REDIRECT,
            [("location", location.clone())],
        )
    })
    .await;
    let error = ask(&credential(), &service.cloud(), None, None).await.unwrap_err();
    assert!(error.to_string().contains("307"), "{error}");
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn fixed_token_cannot_satisfy_claims() {
    let credential = FixedTokenCredential::new(TOKEN);
    let token = ask(&credential, &Cloud::Global, None, None).await.unwrap();
    assert_eq!(token.token.expose(), TOKEN);
    let error = ask(&credential, &Cloud::Global, Some("{}"), None).await.unwrap_err();
    assert!(error.to_string().contains("claims"), "{error}");
}

#[tokio::test]
async fn token_that_no_header_can_carry_is_refused_without_being_shown() {
    let service = Service::start(|_| "").await;
    let client = service.client_with(FixedTokenCredential::new("hunter2\n"));
    let error = Path::root(&client, "things").request::<Value>(&GET).await.unwrap_err();
    assert!(error.is_authentication(), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert_eq!(service.seen().len(), 0);
}
