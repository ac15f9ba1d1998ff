//! Credentials of the Azure SDK for Rust.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use msgraph_core::credential::{AzureCredential, Credential, TokenRequest};
use msgraph_core::transport::HttpTransport;
use msgraph_core::{Cloud, Path};

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
