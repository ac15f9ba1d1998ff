//! What both calls put on the wire.

use msgraph::GraphClient;
use msgraph::models::parameters::ServicePrincipalAddTokenSigningCertificate;
use msgraph::odata::DateTime;
use msgraph_tests::Recorder;
use serde_json::json;

use crate::support::{graph_on, pfx};

/// Compares the only request that was made with a snapshot, without what is secret or new in every run.
macro_rules! assert_wire {
    ($name:literal, $recorder:expr) => {
        let requests = $recorder.requests();
        assert_eq!(requests.len(), 1, "one call is one request");
        insta::with_settings!({
            omit_expression => true,
            filters => vec![
                (r"(?m)^(authorization): Bearer .*$", "$1: Bearer [token]"),
                (r"(?m)^(client-request-id): [0-9a-f-]{36}$", "$1: [uuid]"),
                (r"(?m)^(host): .*$", "$1: [host]"),
                (r"(?m)^(content-length): \d+$", "$1: [length]"),
                (r"msgraph-rust/\S+", "msgraph-rust/[version]"),
                (r#""pkcs12Value":"[A-Za-z0-9+/]{100,}={0,2}""#, r#""pkcs12Value":"[base64]""#),
                (r#""password":"[^"]+""#, r#""password":"[password]""#),
                (r#""endDateTime":"[^"]+Z""#, r#""endDateTime":"[date]""#),
            ],
        }, {
            insta::assert_snapshot!($name, requests[0]);
        });
    };
}

async fn recorded<F, T>(call: impl FnOnce(GraphClient) -> F) -> Recorder
where
    F: IntoFuture<Output = msgraph::Result<T>>,
{
    let recorder = Recorder::answering(200, json!({ "id": "answer" })).await;
    let outcome = call(graph_on(&recorder)).await;
    assert!(outcome.is_ok(), "{:?}", outcome.err());
    recorder
}

#[tokio::test]
async fn upload_client_certificate() {
    let recorder = recorded(|graph| {
        graph
            .identity()
            .api_connectors()
            .by_id("c 1")
            .upload_client_certificate(pfx())
    })
    .await;
    assert_wire!("upload_client_certificate", recorder);
}

#[tokio::test]
async fn upload_client_certificate_of_a_user_flow() {
    let recorder = recorded(|graph| {
        graph
            .identity()
            .b2x_user_flows()
            .by_id("B2X_1")
            .api_connector_configuration()
            .post_federation_signup()
            .upload_client_certificate(pfx())
    })
    .await;
    assert_wire!("upload_client_certificate_of_a_user_flow", recorder);
}

#[tokio::test]
async fn add_token_signing_certificate_by_id() {
    let parameters = ServicePrincipalAddTokenSigningCertificate::new("CN=SAML");
    let recorder = recorded(|graph| {
        graph
            .service_principals()
            .by_id("p1")
            .add_token_signing_certificate(parameters)
    })
    .await;
    assert_wire!("add_token_signing_certificate_by_id", recorder);
}

#[tokio::test]
async fn add_token_signing_certificate_by_app_id() {
    let next_year = DateTime::now().checked_add_years(1).expect("there is a next year");
    let parameters = ServicePrincipalAddTokenSigningCertificate::new("CN=SAML").end_date_time(next_year);
    let recorder = recorded(|graph| {
        graph
            .service_principals()
            .by_app_id("o'neil")
            .add_token_signing_certificate(parameters)
    })
    .await;
    assert_wire!("add_token_signing_certificate_by_app_id", recorder);
}
