//! Credentials of the Azure SDK for Rust.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, Transport as AzureTransport};
use msgraph_core::credential::{AzureCredential, ClientSecretCredential, Credential, CredentialForAzure, TokenRequest};
use msgraph_core::odata::Value;
use msgraph_core::transport::{HttpTransport, Transport as _};
use msgraph_core::{Client, Cloud, CustomCloud, Path};

use crate::support::{GET, Service, TOKEN};

/// Gives [`TOKEN`] for the one scope it knows.
#[derive(Debug)]
struct Fake(String);

#[async_trait::async_trait]
impl TokenCredential for Fake {
    async fn get_token(&self, scopes: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        if scopes != [&self.0] {
            return Err(azure_core::Error::with_message(ErrorKind::Credential, "unknown scope"));
        }
        Ok(AccessToken::new(
            TOKEN,
            (SystemTime::now() + Duration::from_secs(60)).into(),
        ))
    }
}

#[tokio::test]
async fn token_of_the_azure_sdk_is_sent() {
    let service = Service::start(|_| "").await;
    let azure = Arc::new(Fake(service.cloud().scope().to_owned()));
    let client = service.client_with(AzureCredential::new(azure));
    Path::root(&client, "things").request::<()>(&GET).await.unwrap();
    assert_eq!(
        service.only().header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
}

#[tokio::test]
async fn expiry_of_the_azure_sdk_is_kept() {
    let (cloud, transport) = (Cloud::Global, HttpTransport::new());
    let credential = AzureCredential::new(Arc::new(Fake("scope".to_owned())));
    let token = credential
        .token(TokenRequest::new(&cloud, &transport, &["scope"]))
        .await
        .unwrap();
    let life = token.expires_on.duration_since(SystemTime::now()).unwrap();
    assert!((50..=60).contains(&life.as_secs()), "{life:?}");
}

#[tokio::test]
async fn what_the_azure_sdk_cannot_do_is_refused() {
    let (cloud, transport) = (Cloud::Global, HttpTransport::new());
    let credential = AzureCredential::new(Arc::new(Fake("scope".to_owned())));
    let request = TokenRequest::new(&cloud, &transport, &["scope"]);
    for (request, problem) in [
        (request.with_claims("{}"), "claims"),
        (request.with_tenant("fabrikam.example"), "tenant"),
        (TokenRequest::new(&cloud, &transport, &["other"]), "gave no token"),
    ] {
        let error = credential.token(request).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[tokio::test]
async fn our_credential_serves_the_azure_sdk() {
    let emulator = msgraph_emulator::Emulator::builder()
        .client("app-1", "right")
        .start()
        .await
        .unwrap();
    let cloud = || Cloud::Custom(CustomCloud::new(emulator.url(), emulator.url()).unwrap());
    let of = |secret: &str| {
        let credential = ClientSecretCredential::new("contoso.example", "app-1", secret);
        CredentialForAzure::new(credential, cloud()).with_transport(HttpTransport::new())
    };
    let token = of("right")
        .get_token(&["https://vault.example/.default"], None)
        .await
        .unwrap();
    assert!(token.expires_on > azure_core::time::OffsetDateTime::now_utc());
    let error = of("wrong-hunter2")
        .get_token(&["https://vault.example/.default"], None)
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Credential), "{error:?}");
    assert!(error.to_string().contains("AADSTS7000215"), "{error}");
    assert!(!format!("{error:?} {:?}", of("wrong-hunter2")).contains("hunter2"));
}

#[tokio::test]
async fn credential_goes_to_the_azure_sdk_and_back() {
    let emulator = msgraph_emulator::Emulator::start().await.unwrap();
    let cloud = Cloud::Custom(CustomCloud::new(emulator.url(), emulator.url()).unwrap());
    let own = ClientSecretCredential::new("contoso.example", "app-1", "secret");
    let there = Arc::new(CredentialForAzure::new(own, cloud.clone()));
    let client = Client::builder()
        .cloud(cloud)
        .credential(AzureCredential::new(there))
        .build()
        .unwrap();
    let answer = Path::root(&client, "applications")
        .request::<Value>(&GET)
        .even_if_unlisted()
        .await
        .unwrap();
    assert!(answer["value"].is_array(), "{answer}");
}

/// Sends the requests of the Azure SDK, which insists on https, to a loopback socket.
#[derive(Debug)]
struct Plain;

#[async_trait::async_trait]
impl HttpClient for Plain {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let other = |error: msgraph_core::transport::TransportError| azure_core::Error::new(ErrorKind::Io, error);
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.clone(),
            _ => bytes::Bytes::new(),
        };
        let url = request.url().as_str().replacen("https://", "http://", 1);
        let mut post = http::Request::builder().method(request.method().as_ref()).uri(url);
        for (name, value) in request.headers().iter() {
            post = post.header(name.as_str(), value.as_str());
        }
        let answer = HttpTransport::new()
            .send(post.body(body).unwrap(), Duration::from_secs(30))
            .await
            .map_err(other)?;
        let status = answer.status().as_u16().into();
        let body = answer.into_body().bytes().await.map_err(other)?;
        Ok(AsyncRawResponse::from_bytes(status, Headers::new(), body))
    }
}

#[tokio::test]
async fn client_secret_credential_of_the_azure_sdk_drives_a_call() {
    let emulator = msgraph_emulator::Emulator::builder()
        .client("app-1", "right")
        .start()
        .await
        .unwrap();
    let mut options = azure_identity::ClientSecretCredentialOptions::default();
    options.client_options.transport = Some(AzureTransport::new(Arc::new(Plain)));
    let mut cloud = CustomConfiguration::default();
    cloud.authority_host = emulator.url().replacen("http://", "https://", 1);
    options.client_options.cloud = Some(Arc::new(CloudConfiguration::Custom(cloud)));
    let credential =
        azure_identity::ClientSecretCredential::new("contoso.example", "app-1".into(), "right".into(), Some(options))
            .unwrap();
    let cloud = Cloud::Custom(CustomCloud::new(emulator.url(), emulator.url()).unwrap());
    let client = Client::builder()
        .cloud(cloud)
        .credential(AzureCredential::new(credential))
        .build()
        .unwrap();
    let answer = Path::root(&client, "applications")
        .request::<Value>(&GET)
        .even_if_unlisted()
        .await
        .unwrap();
    assert!(answer["value"].is_array(), "{answer}");
}
