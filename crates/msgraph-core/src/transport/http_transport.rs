//! The transport that clients use; the only file that knows the HTTP library.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use reqwest::redirect;
use rustls::crypto::ring;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt;

use super::{RequestBody, ResponseBody, Sending, Transport, TransportError};

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// HTTP/1.1 and HTTP/2 over TLS, with the certificates that the operating system trusts.
///
/// TLS is rustls with the cryptography of ring. Answers may be compressed with gzip. Proxies are taken from the environment
/// (`HTTPS_PROXY`, `NO_PROXY`) for `https`; plain `http`, which only a loopback host can have, goes straight there, because
/// a proxy would see the token. Needs a Tokio runtime.
#[derive(Clone, Default)]
pub struct HttpTransport {
    clients: Arc<Clients>,
}

/// Each client is made when it is first needed: reading the trusted certificates takes a while, and a machine without any
/// can still talk to itself.
#[derive(Default)]
struct Clients {
    secure: OnceLock<reqwest::Client>,
    plain: OnceLock<reqwest::Client>,
}

impl HttpTransport {
    /// A transport with its own pool of connections; clones share it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self, uri: &http::Uri) -> Result<&reqwest::Client, TransportError> {
        let (cell, build): (_, fn() -> _) = if uri.scheme_str() == Some("https") {
            (&self.clients.secure, secure_client)
        } else {
            (&self.clients.plain, plain_client)
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build()?;
        Ok(cell.get_or_init(|| client))
    }

    async fn execute(
        &self,
        request: http::Request<reqwest::Body>,
        timeout: Duration,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let client = self.client(request.uri())?;
        let mut request = reqwest::Request::try_from(request).map_err(error)?;
        *request.timeout_mut() = Some(timeout);
        let answer = client.execute(request).await.map_err(error)?;
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = answer.headers().clone();
        let body = ResponseBody::from_pieces(answer.bytes_stream().map_err(error));
        Ok(response.map(|()| body))
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: http::Request<Bytes>, timeout: Duration) -> Sending<'_> {
        Box::pin(self.execute(request.map(reqwest::Body::from), timeout))
    }

    fn send_pieces(&self, request: http::Request<RequestBody>, timeout: Duration) -> Sending<'_> {
        let (mut head, body) = request.into_parts();
        // Without it the body would be sent in chunks, which upload addresses refuse.
        head.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.length()));
        let body = reqwest::Body::wrap_stream(body.into_pieces());
        Box::pin(self.execute(http::Request::from_parts(head, body), timeout))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}

fn secure_client() -> Result<reqwest::Client, TransportError> {
    let mut tls = tls()
        .and_then(|tls| tls.with_platform_verifier())
        .map_err(TransportError::connection)?
        .with_no_client_auth();
    // The library takes a configuration as it is; without this it would never speak HTTP/2.
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    common()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        .build()
        .map_err(error)
}

/// A client for loopback hosts; it trusts no certificate because it is never asked to.
fn plain_client() -> Result<reqwest::Client, TransportError> {
    let tls = tls()
        .map_err(TransportError::connection)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    common()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .map_err(error)
}

/// Names the cryptography, so that neither a default of the process nor of the library decides it.
fn tls() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()
}

fn common() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .referer(false)
        .gzip(true)
}

fn error(error: reqwest::Error) -> TransportError {
    // The address may name people, and the callers say which operation it was.
    let error = error.without_url();
    if error.is_connect() {
        TransportError::connection(error)
    } else if error.is_timeout() {
        TransportError::timeout(error)
    } else {
        TransportError::other(error)
    }
}
