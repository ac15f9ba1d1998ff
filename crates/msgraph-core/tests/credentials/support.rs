//! What the tests of credentials share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use msgraph_core::credential::{AccessToken, AuthenticationError, Credential, TokenRequest};
use msgraph_core::transport::{HttpTransport, Sending, Transport, TransportError};
use msgraph_core::{Cloud, CustomCloud};
use msgraph_emulator::{Emulator, ReceivedRequest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::Instant;

pub(crate) fn cloud_at(address: &str) -> Cloud {
    Cloud::Custom(CustomCloud::new(address, address).unwrap())
}

pub(crate) fn cloud_of(emulator: &Emulator) -> Cloud {
    cloud_at(emulator.url())
}

/// Asks for a token over the ordinary transport.
pub(crate) async fn ask(credential: &impl Credential, cloud: &Cloud) -> Result<AccessToken, AuthenticationError> {
    ask_over(&HttpTransport::new(), credential, cloud).await
}

pub(crate) async fn ask_over(
    transport: &impl Transport,
    credential: &impl Credential,
    cloud: &Cloud,
) -> Result<AccessToken, AuthenticationError> {
    credential
        .token(TokenRequest::new(cloud, transport, &[cloud.scope()]))
        .await
}

/// Whether Graph takes the token.
pub(crate) async fn opens(token: &AccessToken, emulator: &Emulator) -> bool {
    let get = http::Request::get(format!("{}/v1.0/applications", emulator.graph_endpoint()))
        .header("authorization", format!("Bearer {}", token.token.expose()))
        .body(Bytes::new())
        .unwrap();
    let answer = HttpTransport::new().send(get, Duration::from_secs(30)).await.unwrap();
    answer.status() == 200
}

/// The requests for tokens that arrived.
pub(crate) fn token_requests(emulator: &Emulator) -> Vec<ReceivedRequest> {
    let is_for_token = |request: &ReceivedRequest| request.path.ends_with("/oauth2/v2.0/token");
    emulator.requests().into_iter().filter(is_for_token).collect()
}

pub(crate) fn field<'a>(request: &'a ReceivedRequest, name: &str) -> &'a str {
    request.body.as_ref().unwrap()[name].as_str().unwrap_or_default()
}

/// The text of a PEM fixture.
pub(crate) fn pem(name: &str) -> String {
    let path = format!("{}/../../tests/fixtures/pem/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The certificates in PEM text as DER.
pub(crate) fn certificates(pem: &str) -> Vec<Vec<u8>> {
    let parts = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    let encoded = parts.map(|part| part.split("-----END").next().unwrap().lines().collect::<String>());
    encoded
        .map(|encoded| BASE64_STANDARD.decode(encoded).unwrap())
        .collect()
}

/// A server that reads each request and writes these bytes, one after the other, then hangs up; the last one stays.
/// [`HANG`] never answers, [`ECHO`] refuses and repeats whatever it was given.
pub(crate) async fn scripted(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        let mut answers = answers.into_iter().peekable();
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !is_whole(&request) {
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&buffer[..count]),
                }
            }
            log.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
            let answer = answers.peek().cloned().unwrap_or_default();
            if answers.len() > 1 {
                answers.next();
            }
            let answer = match answer.as_str() {
                HANG => {
                    kept.push(stream);
                    continue;
                }
                ECHO => echo(&request),
                _ => answer,
            };
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, seen)
}

pub(crate) const HANG: &str = "hang";
pub(crate) const ECHO: &str = "echo";

fn echo(request: &[u8]) -> String {
    let text = String::from_utf8_lossy(request);
    let form = text.split_once("\r\n\r\n").unwrap_or_default().1;
    let values: Vec<_> = url::form_urlencoded::parse(form.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect();
    let description = format!("AADSTS7000215: wrong are {}", values.join(" "));
    json(
        401,
        &serde_json::json!({"error": "invalid_client", "error_description": description}),
    )
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or_default()
}

/// An answer with a JSON body, after which the connection ends.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> String {
    let body = body.to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// Sends over real sockets from a runtime of its own, so that time in the test's runtime can stand still: there, nothing
/// but the pauses between polls is a timer. The emulator's clock follows the test's.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    runtime: Option<Runtime>,
    http: HttpTransport,
    last: Mutex<Instant>,
    emulator: Option<Arc<EmulatorElsewhere>>,
}

/// An emulator that does not live on the test's runtime.
pub(crate) struct EmulatorElsewhere(pub(crate) Emulator);

impl std::fmt::Debug for EmulatorElsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.url())
    }
}

impl Elsewhere {
    /// Starts an emulator on another runtime.
    pub(crate) fn start() -> (Self, Arc<EmulatorElsewhere>) {
        let runtime = runtime();
        let (sender, receiver) = std::sync::mpsc::channel();
        runtime.spawn(async move { sender.send(Emulator::start().await.unwrap()).unwrap() });
        let emulator = Arc::new(EmulatorElsewhere(receiver.recv().unwrap()));
        let elsewhere = Self::on(runtime, Some(Arc::clone(&emulator)));
        (elsewhere, emulator)
    }

    pub(crate) fn plain() -> Self {
        Self::on(runtime(), None)
    }

    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.runtime.as_ref().unwrap().spawn(future);
    }

    fn on(runtime: Runtime, emulator: Option<Arc<EmulatorElsewhere>>) -> Self {
        Self {
            runtime: Some(runtime),
            http: HttpTransport::new(),
            last: Mutex::new(Instant::now()),
            emulator,
        }
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        // Waiting is not allowed where this is dropped.
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Transport for Elsewhere {
    fn send(&self, request: http::Request<Bytes>, timeout: Duration) -> Sending<'_> {
        let now = Instant::now();
        let passed = now - std::mem::replace(&mut *self.last.lock().unwrap(), now);
        if let Some(emulator) = &self.emulator {
            emulator.0.advance_clock(passed);
        }
        let http = self.http.clone();
        let sending = self
            .runtime
            .as_ref()
            .unwrap()
            .spawn(async move { http.send(request, timeout).await });
        Box::pin(async move { sending.await.map_err(TransportError::other)? })
    }
}
