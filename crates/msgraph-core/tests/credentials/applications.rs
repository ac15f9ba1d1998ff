//! Applications that sign in as themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use msgraph_core::credential::{
    AuthenticationError, ChainedCredential, ClientAssertionCredential, ClientSecretCredential, FixedTokenCredential,
    TenantCredential, WorkloadIdentityCredential,
};
use msgraph_core::{Cloud, CustomCloud};
use msgraph_emulator::Emulator;
use serde_json::json;

use crate::support::{ask, certificates, cloud_at, cloud_of, field, json, opens, pem, scripted, token_requests};

const AUDIENCE: &str = "api://AzureADTokenExchange";

#[tokio::test]
async fn thousand_callers_on_an_expired_token_ask_once() {
    let token = |life: u64| json(200, &json!({"access_token": format!("for {life}"), "expires_in": life}));
    let (address, seen) = scripted(vec![token(0), token(3600)]).await;
    let (credential, cloud) = (
        ClientSecretCredential::new("contoso.example", "app-1", "secret"),
        cloud_at(&address),
    );
    ask(&credential, &cloud).await.unwrap();
    let tokens = join_all((0..1000).map(|_| ask(&credential, &cloud))).await;
    assert!(
        tokens
            .iter()
            .all(|token| token.as_ref().unwrap().token.expose() == "for 3600")
    );
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn one_credential_serves_several_tenants() {
    let emulator = Emulator::start().await.unwrap();
    let cloud = cloud_of(&emulator);
    let own = Arc::new(ClientSecretCredential::new("contoso.example", "app-1", "secret"));
    let fabrikam = TenantCredential::new(Arc::clone(&own), "fabrikam.example");
    for _ in 0..2 {
        ask(&own, &cloud).await.unwrap();
        ask(&fabrikam, &cloud).await.unwrap();
    }
    let paths: Vec<_> = token_requests(&emulator)
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(
        paths,
        [
            "/contoso.example/oauth2/v2.0/token",
            "/fabrikam.example/oauth2/v2.0/token"
        ]
    );
}

/// A token of another issuer for the application, with these changes to its claims.
fn foreign_token(changes: &[(&str, serde_json::Value)]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({
        "iss": "https://issuer.example", "sub": "system:serviceaccount:default:sync", "aud": AUDIENCE,
        "iat": now, "exp": now + 600,
    });
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    let key = pem("p256-pkcs8")
        .split("-----")
        .nth(2)
        .unwrap()
        .lines()
        .collect::<String>();
    let key = EncodingKey::from_ec_der(&BASE64_STANDARD.decode(key).unwrap());
    jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap()
}

async fn federated_emulator() -> Emulator {
    let (issuer, subject) = ("https://issuer.example", "system:serviceaccount:default:sync");
    Emulator::builder()
        .federated_client("app-1", issuer, subject, AUDIENCE, &certificates(&pem("p256"))[0])
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn token_file_is_read_anew_for_each_token() {
    let emulator = federated_emulator().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), foreign_token(&[]) + "\n").unwrap();
    let credential = WorkloadIdentityCredential::new("contoso.example", "app-1", file.path());
    let token = ask(&credential, &cloud_of(&emulator)).await.unwrap();
    assert!(opens(&token, &emulator).await);
    // In another cloud, so that the token in memory does not serve.
    std::fs::write(file.path(), "").unwrap();
    let other = federated_emulator().await;
    let error = ask(&credential, &cloud_of(&other)).await.unwrap_err();
    assert!(error.message().contains("is empty"), "{error}");
    let path = file.path().to_owned();
    drop(file);
    let error = ask(&credential, &cloud_of(&other)).await.unwrap_err();
    assert!(error.message().contains(path.to_str().unwrap()), "{error}");
}

#[tokio::test]
async fn source_of_assertions_learns_the_audience_of_the_cloud() {
    let emulator = federated_emulator().await;
    let credential = ClientAssertionCredential::new("contoso.example", "app-1", |request| async move {
        assert_eq!(request.tenant, "contoso.example");
        assert!(request.token_endpoint.ends_with("/contoso.example/oauth2/v2.0/token"));
        Ok(foreign_token(&[("aud", request.audience.into())]).into())
    });
    ask(&credential, &cloud_of(&emulator)).await.unwrap();
    let other = CustomCloud::new(emulator.url(), emulator.url())
        .unwrap()
        .with_scope("other/.default");
    let other = Cloud::Custom(other.with_federation_audience("api://other"));
    let error = ask(&credential, &other).await.unwrap_err();
    assert_eq!(error.aadsts(), Some(700_212));
}

#[tokio::test]
async fn foreign_token_that_does_not_match_is_refused() {
    let emulator = federated_emulator().await;
    let long_ago = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 3600;
    for (name, value, number) in [
        ("iss", json!("https://other.example"), 700_211),
        ("sub", json!("other"), 700_213),
        ("aud", json!("other"), 700_212),
        ("exp", json!(long_ago), 700_024),
    ] {
        let token = foreign_token(&[(name, value)]);
        let credential = ClientAssertionCredential::new("contoso.example", "app-1", move |_| {
            let token = token.clone();
            async { Ok(token.into()) }
        });
        let error = ask(&credential, &cloud_of(&emulator)).await.unwrap_err();
        assert_eq!(error.aadsts(), Some(number), "{name}: {error}");
        assert!(error.advice().is_some(), "{name}");
    }
    let forged = foreign_token(&[]).rsplit_once('.').unwrap().0.to_owned() + ".AAAA";
    let credential = ClientAssertionCredential::new("contoso.example", "app-1", move |_| {
        let token = forged.clone();
        async { Ok(token.into()) }
    });
    let error = ask(&credential, &cloud_of(&emulator)).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_client"), "{error}");
}

#[tokio::test]
async fn failure_of_a_source_of_assertions_reaches_the_caller() {
    let credential = ClientAssertionCredential::new("contoso.example", "app-1", |_| async {
        Err(AuthenticationError::new("the issuer is on holiday"))
    });
    let error = ask(&credential, &Cloud::Global).await.unwrap_err();
    assert_eq!(error.message(), "the issuer is on holiday");
}

#[test]
fn every_cloud_has_its_own_audience() {
    for (cloud, audience) in [
        (Cloud::Global, "api://AzureADTokenExchange"),
        (Cloud::UsGovL4, "api://AzureADTokenExchangeUSGov"),
        (Cloud::UsGovL5, "api://AzureADTokenExchangeUSGov"),
        (Cloud::China, "api://AzureADTokenExchangeChina"),
        (Cloud::Bleu, "api://AzureADTokenExchangeFrance"),
        (Cloud::Delos, "api://AzureADTokenExchangeGermany"),
        (Cloud::GovSg, "api://AzureADTokenExchangeGovSG"),
    ] {
        assert_eq!(cloud.federation_audience(), audience);
    }
}

#[tokio::test]
async fn chain_remembers_what_worked() {
    let absent = Counting::new(true);
    let chain = ChainedCredential::new()
        .or("absent", absent.clone())
        .or("fixed", FixedTokenCredential::new("token"));
    assert_eq!(chain.worked(), None);
    for _ in 0..3 {
        ask(&chain, &Cloud::Global).await.unwrap();
    }
    assert_eq!((absent.0.load(Ordering::SeqCst), chain.worked()), (1, Some("fixed")));
}

#[tokio::test]
async fn chain_says_what_each_answered_and_ends_at_a_refusal() {
    let (absent, refused) = (Counting::new(true), Counting::new(false));
    let chain = ChainedCredential::new()
        .or("first", absent)
        .or("second", refused)
        .or("third", FixedTokenCredential::new("token"));
    let error = ask(&chain, &Cloud::Global).await.unwrap_err().to_string();
    assert!(
        error.contains("first: not here") && error.contains("second: refused"),
        "{error}"
    );
    assert!(!error.contains("third"), "{error}");
}

/// Gives no token, because it is not there or because it is refused, and counts how often.
#[derive(Clone, Debug)]
struct Counting(Arc<AtomicUsize>, bool);

impl Counting {
    fn new(is_absent: bool) -> Self {
        Self(Arc::default(), is_absent)
    }
}

impl msgraph_core::credential::Credential for Counting {
    fn token<'a>(
        &'a self,
        _request: msgraph_core::credential::TokenRequest<'a>,
    ) -> msgraph_core::credential::Obtaining<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let error = if self.1 {
            AuthenticationError::unavailable("not here")
        } else {
            AuthenticationError::new("refused")
        };
        Box::pin(std::future::ready(Err(error)))
    }
}

#[tokio::test]
async fn assertion_goes_in_the_form_of_the_standard() {
    let emulator = federated_emulator().await;
    let credential =
        ClientAssertionCredential::new("contoso.example", "app-1", |_| async { Ok(foreign_token(&[]).into()) });
    ask(&credential, &cloud_of(&emulator)).await.unwrap();
    let request = &token_requests(&emulator)[0];
    assert_eq!(
        field(request, "client_assertion_type"),
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert_eq!(field(request, "client_secret"), "");
}
