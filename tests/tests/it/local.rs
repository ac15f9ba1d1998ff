//! Both calls against the local Graph, and the errors that the service answers.

use std::time::Duration;

use msgraph::models::parameters::{
    IdentityApiConnectorUploadClientCertificate, ServicePrincipalAddTokenSigningCertificate,
};
use msgraph::models::{Application, ClientCertificateAuthentication, IdentityApiConnector, ServicePrincipal};
use msgraph::{GraphClient, Pkcs12};
use msgraph_emulator::Emulator;

use crate::support::{fixture, graph_at, pfx};

async fn connector(graph: &GraphClient) -> String {
    let connector = IdentityApiConnector::build(|connector| {
        connector.display_name = "Test".into();
        connector.target_url = "https://connector.contoso.com/api".into();
    });
    let created = graph
        .identity()
        .api_connectors()
        .create(connector)
        .await
        .expect("a connector");
    created.id.as_deref().expect("with an id").to_owned()
}

#[tokio::test]
async fn the_certificate_uploaded_last_becomes_the_active_one() {
    let local = Emulator::start().await.expect("a local Graph");
    let graph = graph_at(&local);
    let id = connector(&graph).await;
    let this = graph.identity().api_connectors().by_id(&id);

    let first = pfx();
    let second = Pkcs12::from_path(fixture("ec.pfx"), "marked-ec").expect("the fixture opens");
    this.upload_client_certificate(&first).await.expect("uploaded");
    let answer = this.upload_client_certificate(&second).await.expect("uploaded");

    let authentication = answer
        .authentication_configuration
        .get()
        .and_then(|base| base.downcast());
    let authentication: ClientCertificateAuthentication = authentication.expect("certificates");
    let listed: Vec<_> = authentication
        .certificate_list
        .as_deref()
        .unwrap_or_default()
        .iter()
        .map(|certificate| (certificate.thumbprint.as_deref(), certificate.is_active.get().copied()))
        .collect();
    let (first, second) = (first.thumbprint(), second.thumbprint());
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&(Some(first.as_str()), Some(false))), "{listed:?}");
    assert!(listed.contains(&(Some(second.as_str()), Some(true))), "{listed:?}");
}

#[tokio::test]
async fn adding_a_token_signing_certificate_adds_three_objects() {
    let local = Emulator::start().await.expect("a local Graph");
    let graph = graph_at(&local);
    let application = Application::build(|application| application.display_name = "Test".into());
    let application = graph.applications().create(application).await.expect("an application");
    let app_id = application.app_id.as_deref().expect("with an appId");
    let principal = ServicePrincipal::build(|principal| principal.app_id = app_id.into());
    let principal = graph
        .service_principals()
        .create(principal)
        .await
        .expect("a service principal");
    let id = principal.id.as_deref().expect("with an id");

    let parameters = ServicePrincipalAddTokenSigningCertificate::new("CN=SAML");
    let added = graph
        .service_principals()
        .by_app_id(app_id)
        .add_token_signing_certificate(parameters)
        .await
        .expect("added");
    let thumbprint = added.thumbprint.as_deref().expect("with a thumbprint");
    assert!(
        thumbprint.len() == 40
            && thumbprint
                .chars()
                .all(|digit| digit.is_ascii_digit() || digit.is_ascii_uppercase())
    );

    let select = ["keyCredentials", "passwordCredentials"];
    let principal = graph
        .service_principals()
        .by_id(id)
        .get()
        .select(select)
        .await
        .expect("it is there");
    let keys = principal.key_credentials.as_deref().expect("keys");
    let passwords = principal.password_credentials.as_deref().expect("passwords");
    assert_eq!((keys.len(), passwords.len()), (2, 1));
    let key = |usage| {
        keys.iter()
            .find(|key| key.usage.as_deref() == Some(usage))
            .expect("a key of each usage")
    };
    let (sign, verify, password) = (key("Sign"), key("Verify"), &passwords[0]);
    assert_eq!(sign.key_id.get(), password.key_id.get());
    assert_eq!(sign.key_id.get(), added.key_id.get());
    assert_ne!(sign.key_id.get(), verify.key_id.get());
    for identifier in [
        &sign.custom_key_identifier,
        &verify.custom_key_identifier,
        &password.custom_key_identifier,
    ] {
        assert_eq!(identifier.get(), added.custom_key_identifier.get());
    }
}

#[tokio::test]
async fn errors_of_the_service_arrive_typed() {
    let local = Emulator::start().await.expect("a local Graph");
    let graph = graph_at(&local);

    let missing = graph
        .identity()
        .api_connectors()
        .by_id("none")
        .get()
        .await
        .expect_err("there is none");
    assert!(missing.is_not_found(), "{missing:?}");
    assert_eq!(missing.status().map(|status| status.as_u16()), Some(404));
    let odata = missing.odata().expect("an OData error");
    assert!(!odata.code.is_empty() && !odata.message.is_empty());
    let inner = odata.inner_error.as_ref().expect("an inner error");
    assert_eq!(inner.request_id.as_deref(), missing.request_id());
    assert_eq!(inner.client_request_id.as_deref(), missing.client_request_id());
    assert!(missing.request_id().is_some() && missing.client_request_id().is_some());

    // The parameters by hand, since a `Pkcs12` with a wrong password does not exist.
    let id = connector(&graph).await;
    let bytes = std::fs::read(fixture("aes256.pfx")).expect("the fixture");
    let parameters =
        IdentityApiConnectorUploadClientCertificate::new(msgraph::odata::Binary::from(bytes).to_string(), "wrong");
    let refused = graph
        .identity()
        .api_connectors()
        .by_id(&id)
        .upload_client_certificate(parameters)
        .await;
    let refused = refused.expect_err("the password is wrong");
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(400));
    assert!(
        refused.odata().is_some_and(|error| error.message.contains("password")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_token_that_the_service_finds_expired() {
    let local = Emulator::start().await.expect("a local Graph");
    let graph = graph_at(&local);
    graph.applications().list().await.expect("the token is fresh");
    local.advance_clock(Duration::from_secs(2 * 60 * 60));
    let error = graph.applications().list().await.expect_err("the token is old");
    assert!(error.is_unauthorized(), "{error:?}");
    assert_eq!(
        error.odata().map(|error| error.code.as_str()),
        Some("InvalidAuthenticationToken")
    );
}
