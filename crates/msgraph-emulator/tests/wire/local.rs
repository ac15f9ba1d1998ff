//! A running emulator with a client that holds a token for it.

use msgraph_emulator::{Builder, Emulator};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

pub(crate) struct Local {
    pub(crate) emulator: Emulator,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// Starts an HTTP client.
pub(crate) fn http_client() -> ClientBuilder {
    // The library wants to know the cryptography even where it needs none: other crates of the workspace build it with TLS
    // and without a default. An error says that another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

/// Status, headers and JSON of an answer; null when the body is not JSON.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the emulator answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer is text");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self {
            status,
            headers,
            text,
            body,
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("headers are text"))
            .unwrap_or_default()
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// The body, after a check of the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    #[track_caller]
    pub(crate) fn expect_refusal(&self, status: u16, code: &str, words: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        assert!(
            self.message().contains(words),
            "{words:?} is not in: {}",
            self.message()
        );
    }
}

impl Local {
    pub(crate) async fn start() -> Self {
        Self::start_with(Emulator::builder()).await
    }

    pub(crate) async fn start_with(builder: Builder) -> Self {
        let emulator = builder.start().await.expect("a loopback port is free");
        let mut local = Self {
            emulator,
            http: http_client().build().expect("a client"),
            token: String::new(),
        };
        let answer = local.ask_token("me", "anything").await;
        local.token = answer.body["access_token"].as_str().unwrap_or_default().to_owned();
        local
    }

    pub(crate) async fn ask_token(&self, client: &str, secret: &str) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        Answer::to(self.token_request().form(&form)).await
    }

    pub(crate) fn token_request(&self) -> RequestBuilder {
        self.http.post(format!(
            "{}/contoso.example/oauth2/v2.0/token",
            self.emulator.authority()
        ))
    }

    /// A request under `/v1.0` with the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/v1.0{path}", self.emulator.graph_endpoint());
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::to(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::to(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::to(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::DELETE, path)).await
    }

    /// Creates an application and returns it.
    pub(crate) async fn application(&self, name: &str) -> Value {
        self.post("/applications", json!({ "displayName": name }))
            .await
            .expect(201)
    }

    /// Creates an application with its service principal and returns the latter.
    pub(crate) async fn service_principal(&self, name: &str) -> Value {
        let application = self.application(name).await;
        self.post("/servicePrincipals", json!({ "appId": application["appId"] }))
            .await
            .expect(201)
    }

    /// Creates an API connector and returns its path.
    pub(crate) async fn connector(&self) -> String {
        let body = json!({ "displayName": "Orders", "targetUrl": "https://api.contoso.example/orders" });
        let connector = self.post("/identity/apiConnectors", body).await.expect(201);
        format!("/identity/apiConnectors/{}", string(&connector["id"]))
    }
}

#[track_caller]
pub(crate) fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}

/// Reads a file of the workspace's PKCS#12 fixtures.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/pkcs12/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}
