//! Contents that are read piece by piece.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::content::Content;
use crate::decode::Decode;
use crate::error::{Course, Error, Invalid, Kind, Result};
use crate::patience::Patience;
use crate::pipeline::{self, Manner};
use crate::request::{Parts, Request};
use crate::response::Response;
use crate::transport::{ResponseBody, TransportError};

impl Request<Content> {
    /// Reads the content piece by piece, in little memory whatever its size.
    ///
    /// When the connection breaks, the [`Download`] goes on by itself where it was. The time allowed is for the beginning
    /// of the answer and then for each piece, not for the whole.
    ///
    /// ```
    /// # use msgraph_core::{Content, Request};
    /// # async fn example(content: Request<Content>) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut download = content.download().await?;
    /// let mut file = tokio::fs::File::create("report.docx").await?;
    /// tokio::io::copy(&mut download, &mut file).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the request.
    pub async fn download(self) -> Result<Download> {
        Download::begin(self.into_parts(), 0, None).await
    }

    /// Goes on with a download that another process began, from [`Download::position`].
    ///
    /// `etag` is what [`Download::etag`] said then.
    ///
    /// # Errors
    /// Those of the request; and [`Error::is_content_changed`] when the content is another one now.
    pub async fn download_from(self, position: u64, etag: &str) -> Result<Download> {
        let mut parts = self.into_parts();
        let etag = HeaderValue::try_from(etag);
        if etag.is_err() {
            parts
                .invalid
                .get_or_insert_with(|| Invalid::new("the etag cannot be one: give what Download::etag said"));
        }
        Download::begin(parts, position, etag.ok()).await
    }
}

/// A content on its way: a [`Stream`] of its pieces, and an [`AsyncRead`].
///
/// When the connection breaks or falls silent, the rest is asked for with a range
/// ([RFC 9110, section 14](https://www.rfc-editor.org/rfc/rfc9110#section-14)), up to 5 times in a row without a single byte. A
/// content that has changed meanwhile is an error rather than a mixture. At most one piece is in memory.
#[must_use = "a stream does nothing until it is polled"]
pub struct Download {
    parts: Parts,
    headers: HeaderMap,
    version: Version,
    position: u64,
    state: State,
    silence: Pin<Box<Sleep>>,
    /// How often the download broke off since the last byte.
    patience: Option<Patience>,
    /// What an [`AsyncRead`] has not taken yet.
    rest: Bytes,
}

/// What stays the same for as long as the content does; as far as the service tells.
#[derive(Clone)]
struct Version {
    length: Option<u64>,
    etag: Option<HeaderValue>,
}

enum State {
    Reading(ResponseBody),
    Opening(Pin<Box<dyn Future<Output = Result<Response<ResponseBody>>> + Send>>),
    Ended,
}

impl Download {
    async fn begin(mut parts: Parts, position: u64, etag: Option<HeaderValue>) -> Result<Self> {
        if parts.headers.contains_key(RANGE) {
            parts.invalid.get_or_insert_with(|| {
                Invalid::new("a download sets Range itself: use download_from to begin elsewhere than at the start")
            });
        }
        // Positions count the bytes of the content, not those of a compressed form.
        parts
            .headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        parts.client = parts.client.without_gatherer();
        let version = Version { length: None, etag };
        let answer = open(parts.clone(), position, version.clone()).await?;
        Ok(Self {
            headers: answer.headers().clone(),
            version: Version::of(&answer),
            position,
            silence: Box::pin(sleep(allowed(&parts))),
            patience: None,
            rest: Bytes::new(),
            parts,
            state: State::Reading(answer.into_value()),
        })
    }

    /// The media type; `application/octet-stream` when the service named none.
    #[must_use]
    pub fn media_type(&self) -> &str {
        let media_type = self.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        media_type.unwrap_or("application/octet-stream")
    }

    /// The size of the whole content in bytes, if the service told it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.version.length
    }

    /// How many bytes of the content lie behind, including those before the start of this download.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position - self.rest.len() as u64
    }

    /// The version of the content, if the service told it.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.version.etag.as_ref()?.to_str().ok()
    }

    /// The headers of the first answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The next piece; none at the end or after an error.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn take(&mut self, piece: &Bytes) {
        self.position += piece.len() as u64;
        self.patience = None;
        self.silence.as_mut().reset(Instant::now() + allowed(&self.parts));
    }

    /// Goes on after a pause, unless it has broken off too often.
    fn break_off(&mut self, error: Error) -> Result<()> {
        let is_first = self.patience.is_none();
        let patience = self.patience.get_or_insert_with(Patience::new);
        let wait = match may_go_on(&error) {
            // The service has just been sending: there is nothing to wait for.
            true if is_first && error.is_transport() => Some(Duration::ZERO),
            true => patience.wait_after(&error),
            false => None,
        };
        let Some(wait) = wait else {
            self.state = State::Ended;
            return Err(error);
        };
        let (parts, position, version) = (self.parts.clone(), self.position, self.version.clone());
        self.state = State::Opening(Box::pin(async move {
            sleep(wait).await;
            open(parts, position, version).await
        }));
        Ok(())
    }

    fn failed(&self, error: TransportError) -> Error {
        Error::new(Kind::Transport(error)).of(self.parts.operation)
    }
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.rest))));
        }
        loop {
            let error = match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Opening(opening) => match ready!(opening.as_mut().poll(cx)) {
                    Ok(answer) => {
                        self.state = State::Reading(answer.into_value());
                        let due = Instant::now() + allowed(&self.parts);
                        self.silence.as_mut().reset(due);
                        continue;
                    }
                    Err(error) => error,
                },
                State::Reading(body) => match Pin::new(body).poll_next(cx) {
                    Poll::Ready(Some(Ok(piece))) => {
                        self.take(&piece);
                        return Poll::Ready(Some(Ok(piece)));
                    }
                    Poll::Ready(Some(Err(error))) => self.failed(error),
                    Poll::Ready(None) if self.version.length.is_none_or(|length| length <= self.position) => {
                        self.state = State::Ended;
                        return Poll::Ready(None);
                    }
                    Poll::Ready(None) => self.failed(TransportError::other("the answer ended before its length")),
                    Poll::Pending => {
                        ready!(self.silence.as_mut().poll(cx));
                        self.failed(TransportError::timeout("no byte came in the time allowed"))
                    }
                },
            };
            if let Err(error) = self.break_off(error) {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl AsyncRead for Download {
    /// Errors are [`Error`]s within an [`io::Error`].
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.as_mut().poll_next(cx)) {
                Some(Ok(piece)) => self.rest = piece,
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..length]);
        self.rest.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("position", &self.position())
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

impl Version {
    fn of<T>(answer: &Response<T>) -> Self {
        Self {
            length: length(answer.status(), answer.headers()),
            etag: answer.headers().get(ETAG).cloned(),
        }
    }

    /// Whether this can be the version that is wanted, where both say something.
    fn is_of(&self, wanted: &Self) -> bool {
        (wanted.etag.is_none() || self.etag == wanted.etag) && (wanted.length.is_none() || self.length == wanted.length)
    }
}

/// The answer with the rest of a content from a position on.
async fn open(mut parts: Parts, position: u64, wanted: Version) -> Result<Response<ResponseBody>> {
    if position > 0 {
        let range = HeaderValue::try_from(format!("bytes={position}-"));
        parts.headers.extend(range.ok().map(|range| (RANGE, range)));
    }
    let operation = parts.operation;
    let changed = || Error::new(Kind::Course(Course::ContentChanged)).of(operation);
    let allowed = allowed(&parts);
    let answer = match pipeline::open(parts, Content::accept(), Manner::Receiving).await {
        Err(error) if error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE) => return Err(changed()),
        answer => answer?,
    };
    if !Version::of(&answer).is_of(&wanted) {
        return Err(changed());
    }
    match (answer.status(), range(answer.headers())) {
        (StatusCode::PARTIAL_CONTENT, Some((start, _))) if start == position => Ok(answer),
        (StatusCode::PARTIAL_CONTENT, _) => Err(answer.undecodable("it is another range than was asked for")),
        // The service has no ranges for it.
        _ => skip(answer, position, allowed).await,
    }
}

/// Reads up to a position.
async fn skip(mut answer: Response<ResponseBody>, position: u64, allowed: Duration) -> Result<Response<ResponseBody>> {
    let mut left = position;
    while left > 0 {
        let piece = match tokio::time::timeout(allowed, answer.value_mut().next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(error))) => return Err(Error::new(Kind::Transport(error))),
            Ok(None) => return Err(answer.undecodable("it is shorter than what was read before")),
            Err(late) => return Err(Error::new(Kind::Transport(TransportError::timeout(late)))),
        };
        match left.checked_sub(piece.len() as u64) {
            Some(rest) => left = rest,
            None => {
                let start = usize::try_from(left).unwrap_or(usize::MAX);
                answer.value_mut().put_back(piece.slice(start..));
                left = 0;
            }
        }
    }
    Ok(answer)
}

/// Whether what broke off may go on if it is asked for again.
fn may_go_on(error: &Error) -> bool {
    error.is_transport() || error.is_throttled() || error.is_server_error()
}

/// The size of the whole content.
fn length(status: StatusCode, headers: &HeaderMap) -> Option<u64> {
    if status == StatusCode::PARTIAL_CONTENT {
        return range(headers)?.1;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The first byte of `Content-Range: bytes 5-9/10` and the size of the whole.
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, whole) = range.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, whole.trim().parse().ok()))
}

fn allowed(parts: &Parts) -> Duration {
    parts.timeout.unwrap_or(parts.client.timeout())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_is_read_with_or_without_the_size_of_the_whole() {
        for (text, expected) in [
            ("bytes 5-9/10", Some((5, Some(10)))),
            ("bytes 0-0/*", Some((0, None))),
            ("bytes */10", None),
            ("items 0-1/2", None),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_RANGE, text.parse().unwrap())]);
            assert_eq!(range(&headers), expected, "{text}");
        }
    }
}
