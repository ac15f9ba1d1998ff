//! How requests reach the service.

mod body;
mod http_transport;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use body::{RequestBody, ResponseBody};
pub use http_transport::HttpTransport;

/// The future that [`Transport::send`] returns.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<http::Response<ResponseBody>, TransportError>> + Send + 'a>>;

/// Sends one HTTP request and gives the answer, whatever its status.
///
/// A transport follows no redirect, retries nothing and adds no credentials: what it is given is what it sends.
/// [`HttpTransport`] is the one that clients use; another one can record, replay or forward.
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use msgraph_core::transport::{ResponseBody, Sending, Transport};
///
/// /// Answers every request with an empty page.
/// #[derive(Debug)]
/// struct Empty;
///
/// impl Transport for Empty {
///     fn send(&self, _request: http::Request<Bytes>, _timeout: Duration) -> Sending<'_> {
///         let body = ResponseBody::from(Bytes::from_static(br#"{"value":[]}"#));
///         Box::pin(async { Ok(http::Response::new(body)) })
///     }
/// }
/// ```
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends `request` and waits at most `timeout` for the answer, its body included.
    ///
    /// The `Authorization` header is marked sensitive; a transport must not write it anywhere else.
    fn send(&self, request: http::Request<Bytes>, timeout: Duration) -> Sending<'_>;

    /// Sends `request`, whose body comes piece by piece and can be sent only once.
    ///
    /// [`HttpTransport`] does so in little memory. Where it is not implemented, the body is put together and given to
    /// [`send`](Self::send).
    fn send_pieces(&self, request: http::Request<RequestBody>, timeout: Duration) -> Sending<'_> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.bytes().await?;
            self.send(http::Request::from_parts(head, body), timeout).await
        })
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: http::Request<Bytes>, timeout: Duration) -> Sending<'_> {
        (**self).send(request, timeout)
    }

    fn send_pieces(&self, request: http::Request<RequestBody>, timeout: Duration) -> Sending<'_> {
        (**self).send_pieces(request, timeout)
    }
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Arc<dyn std::error::Error + Send + Sync>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TransportErrorKind {
    Connection,
    Timeout,
    Other,
}

impl TransportError {
    /// No connection came about, so that the service has not seen the request.
    pub fn connection(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(TransportErrorKind::Connection, source.into())
    }

    /// The answer was not complete in time.
    pub fn timeout(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(TransportErrorKind::Timeout, source.into())
    }

    /// Something else, for example a connection that broke or an answer that is not HTTP.
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(TransportErrorKind::Other, source.into())
    }

    /// Whether no connection came about.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        self.kind == TransportErrorKind::Connection
    }

    /// Whether the time ran out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind == TransportErrorKind::Timeout
    }

    fn new(kind: TransportErrorKind, source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self {
            kind,
            source: source.into(),
        }
    }
}

impl fmt::Display for TransportError {
    /// Writes the kind of failure and its innermost cause; the causes between say little.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connection => "no connection came about",
            TransportErrorKind::Timeout => "the time for it ran out",
            TransportErrorKind::Other => "the exchange broke off",
        })?;
        let mut cause: &dyn std::error::Error = &*self.source;
        while let Some(next) = cause.source() {
            cause = next;
        }
        write!(f, " ({cause})")
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
