//! What is refused before a token is asked for or a byte is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use msgraph::credential::{AccessToken, Credential, Obtaining, TokenRequest};
use msgraph::models::parameters::{
    IdentityApiConnectorUploadClientCertificate, ServicePrincipalAddTokenSigningCertificate,
};
use msgraph::odata::{DateTime, Object};
use msgraph::{Cloud, CustomCloud, GraphClient, Pkcs12};
use msgraph_tests::Recorder;
use serde_json::json;

use crate::support::{fixture, pfx};

/// Gives tokens and counts how often it is asked.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl Credential for Counting {
    fn token<'a>(&'a self, _: TokenRequest<'a>) -> Obtaining<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(AccessToken::new("any", SystemTime::now() + Duration::from_secs(3600))) })
    }
}

fn years_from_now(years: u8) -> DateTime {
    DateTime::now()
        .checked_add_years(years)
        .expect("a year that dates reach")
}

fn seconds_after(time: DateTime, seconds: i64) -> DateTime {
    DateTime::from_unix_seconds(time.unix_seconds() + seconds).expect("a second that dates reach")
}

fn named(name: &str) -> ServicePrincipalAddTokenSigningCertificate {
    ServicePrincipalAddTokenSigningCertificate::new(name)
}

#[tokio::test]
async fn parameters_that_break_a_documented_rule() {
    let day = 24 * 60 * 60;
    let cases = [
        (named("SAML"), "displayName", "CN="),
        (named(""), "displayName", "CN="),
        (named("cn=SAML"), "displayName", "CN="),
        (named(&format!("CN={}", "x".repeat(88))), "displayName", "90"),
        (
            named("CN=SAML").end_date_time(seconds_after(DateTime::now(), -1)),
            "endDateTime",
            "future",
        ),
        (
            named("CN=SAML").end_date_time(seconds_after(years_from_now(3), day)),
            "endDateTime",
            "3 years",
        ),
    ];
    for (parameters, property, rule) in cases {
        let recorder = Recorder::answering(200, json!({})).await;
        let tokens = Counting::default();
        let graph = graph_with(&recorder, tokens.clone());
        let parameters = Object::from(parameters);
        for by_id in [true, false] {
            let (principals, parameters) = (graph.service_principals(), parameters.clone());
            let call = if by_id {
                principals.by_id("p").add_token_signing_certificate(parameters)
            } else {
                principals.by_app_id("a").add_token_signing_certificate(parameters)
            };
            let error = call.await.expect_err("a broken rule is refused");
            let text = error.to_string();
            assert!(error.is_invalid_request(), "{error:?}");
            assert!(text.contains(property) && text.contains(rule), "{text}");
        }
        assert_eq!((tokens.0.load(Ordering::SeqCst), recorder.requests().len()), (0, 0));
    }
}

#[tokio::test]
async fn parameters_at_the_edge_of_the_rules_are_sent() {
    let cases = [
        named("CN="),
        named(&format!("CN={}", "x".repeat(87))),
        named("CN=SAML").end_date_time(years_from_now(3)),
        named("CN=SAML").end_date_time(seconds_after(DateTime::now(), 60)),
    ];
    for parameters in cases {
        let recorder = Recorder::answering(200, json!({ "displayName": "CN=x" })).await;
        let graph = graph_with(&recorder, Counting::default());
        let answer = graph
            .service_principals()
            .by_id("p")
            .add_token_signing_certificate(parameters)
            .await;
        assert!(answer.is_ok(), "{:?}", answer.err());
    }
}

#[tokio::test]
async fn an_empty_pkcs12_value_is_refused_and_an_empty_password_is_not() {
    let recorder = Recorder::answering(200, json!({})).await;
    let graph = graph_with(&recorder, Counting::default());
    let connector = graph.identity().api_connectors().by_id("c");
    let new = |value: &str| IdentityApiConnectorUploadClientCertificate::new(value, "");
    let error = connector
        .upload_client_certificate(new(""))
        .await
        .expect_err("nothing to upload");
    assert!(error.to_string().contains("pkcs12Value"), "{error}");
    assert!(recorder.requests().is_empty());
    connector
        .upload_client_certificate(new("MAA="))
        .await
        .expect("an empty password is a password");
    assert!(
        recorder.requests()[0].contains(r#""password":"""#),
        "{}",
        recorder.requests()[0]
    );
}

#[tokio::test]
async fn keys_that_would_address_something_else() {
    let recorder = Recorder::answering(200, json!({})).await;
    let tokens = Counting::default();
    let graph = graph_with(&recorder, tokens.clone());
    for key in ["", ".", ".."] {
        let error = graph
            .identity()
            .api_connectors()
            .by_id(key)
            .delete()
            .await
            .expect_err("not a key");
        assert!(error.is_invalid_request(), "{error:?}");
    }
    assert!(graph.service_principals().by_app_id("").delete().await.is_err());
    assert_eq!((tokens.0.load(Ordering::SeqCst), recorder.requests().len()), (0, 0));
}

/// Each cloud of the documentation's tables with what it offers: uploadClientCertificate, addTokenSigningCertificate.
#[tokio::test]
async fn a_cloud_that_lacks_the_operation() {
    let cases = [
        (Cloud::UsGovL4, false, false),
        (Cloud::UsGovL5, false, false),
        (Cloud::China, true, false),
        (Cloud::Bleu, false, false),
        (Cloud::Delos, false, false),
        (Cloud::GovSg, false, false),
        (Cloud::UsNat, false, false),
        (Cloud::UsSec, false, false),
    ];
    for (cloud, uploads, signs) in cases {
        let name = cloud.to_string();
        let tokens = Counting::default();
        let graph = GraphClient::builder()
            .cloud(cloud)
            .credential(tokens.clone())
            .build()
            .expect("a client");

        let upload = graph
            .identity()
            .api_connectors()
            .by_id("c")
            .upload_client_certificate(pfx());
        if uploads {
            assert!(graph.explain(&upload).to_string().contains("offers it"), "{name}");
        } else {
            let error = upload.await.expect_err("the cloud lacks it");
            assert!(error.is_unavailable_in_cloud(), "{error:?}");
            let text = error.to_string();
            assert!(
                text.contains(&name) && text.contains("Global") && text.contains("China"),
                "{text}"
            );
        }

        assert!(!signs);
        let parameters = named("CN=SAML");
        let sign = graph
            .service_principals()
            .by_app_id("a")
            .add_token_signing_certificate(parameters);
        let text = sign.await.expect_err("the cloud lacks it").to_string();
        assert!(text.contains(&name) && text.contains("Global"), "{text}");
        assert_eq!(tokens.0.load(Ordering::SeqCst), 0, "{name}: a token was asked for");
    }
}

/// Files that are never uploaded, because no `Pkcs12` comes of them.
#[test]
fn files_that_cannot_be_uploaded() {
    let cases = [
        ("aes256.pfx", "wrong", "password"),
        ("no-private-key.pfx", "marked-no-key", "private key"),
        ("expired.pfx", "marked-expired", "expired"),
        ("garbage.pfx", "", "PKCS#12"),
        ("empty.pfx", "", "empty"),
    ];
    for (name, password, reason) in cases {
        let error = Pkcs12::from_path(fixture(name), password).expect_err(name).to_string();
        assert!(error.contains(reason), "{name}: {error}");
    }
}

fn graph_with(recorder: &Recorder, credential: Counting) -> GraphClient {
    let cloud = CustomCloud::new(recorder.url(), recorder.url()).expect("loopback is a fine place for a cloud");
    GraphClient::builder()
        .cloud(Cloud::Custom(cloud))
        .credential(credential)
        .build()
        .expect("a client")
}
