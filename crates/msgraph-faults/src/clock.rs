//! Exchanges on real sockets under a paused clock.

use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use msgraph_core::transport::{ResponseBody, Sending, Transport};

/// A transport that keeps a paused Tokio clock still while something is on the wire.
///
/// A paused clock jumps to the next timer whenever nothing else is to be done, and the sockets count as nothing: without
/// this a request could time out while its answer is already there. Waits between requests still take no time.
#[derive(Clone, Debug)]
pub struct Still<T>(pub T);

impl<T: Transport> Transport for Still<T> {
    fn send(&self, request: http::Request<Bytes>, timeout: Duration) -> Sending<'_> {
        Box::pin(async move {
            let _hold = Hold::new();
            let (head, body) = self.0.send(request, timeout).await?.into_parts();
            let body = match body.bytes().await {
                Ok(bytes) => ResponseBody::from(bytes),
                Err(error) => ResponseBody::broken(error),
            };
            Ok(http::Response::from_parts(head, body))
        })
    }
}

/// The clock does not jump while a blocking task runs; this one runs until the sender is gone.
struct Hold {
    _end: mpsc::Sender<()>,
}

impl Hold {
    fn new() -> Self {
        let (end, ended) = mpsc::channel();
        tokio::task::spawn_blocking(move || ended.recv().is_err());
        Self { _end: end }
    }
}
