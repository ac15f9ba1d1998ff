//! What a client tells about the requests that it sends.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::Operation;

/// One request over the wire and its answer, for metrics.
///
/// A call sends several when it is repeated or redirected. Has neither values of the path nor of the query, so that it is
/// of few kinds and names nobody.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The operation that was called.
    pub operation: &'static Operation,
    /// The host that was asked: the cloud's, or one that a redirect led to.
    pub host: &'a str,
    /// The identifier that the client gave the call; the same for all its attempts.
    pub client_request_id: &'a str,
    /// Which attempt of the call it is, from 1.
    pub number: u32,
    /// The status of the answer, if there was one.
    pub status: Option<StatusCode>,
    /// What was wrong: a status from 400 on, `connection`, `timeout` or `broken`.
    pub error_type: Option<&'a str>,
    /// From the first byte sent to the last byte received.
    pub elapsed: Duration,
    /// The size of the request's body over the wire, in bytes.
    pub sent: usize,
    /// The size of the answer's body, decompressed, in bytes.
    pub received: usize,
}

/// Who is told.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(&Attempt<'_>) + Send + Sync>);

impl Observer {
    pub(crate) fn new(observer: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observer))
    }

    pub(crate) fn tell(&self, attempt: &Attempt<'_>) {
        (self.0)(attempt);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer(..)")
    }
}
