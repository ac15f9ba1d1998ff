//! Large files, sent in slices
//! ([upload sessions](https://learn.microsoft.com/graph/api/driveitem-createuploadsession)).

mod session;
mod source;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method as HttpMethod, StatusCode};
use tokio::time::sleep;

use crate::anonymous::may_pass;
use crate::decode::Decode;
use crate::error::{Course, Error, Kind, Result};
use crate::patience::Patience;
use crate::response::Response;
use crate::{Client, CloudSet, Method, Operation, Permissions};

use session::Expected;
pub use session::UploadSession;
pub use source::UploadSource;

/// Slices must be multiples of 320 KiB; the service accepts others and fails to put the file together.
const UNIT: u64 = 320 * 1024;

/// The service refuses larger requests.
const LARGEST: u64 = 60 * 1024 * 1024;

/// Attachments of messages and events want less than 4 MB, files at most 10 MiB for a good rate.
const SLICE: u64 = 10 * UNIT;

/// What is known about requests to an upload address, for errors.
static UPLOAD: Operation = Operation {
    method: Method::Put,
    path: "/{uploadUrl}",
    clouds: CloudSet::ALL,
    permissions: &Permissions::UNKNOWN,
    documentation: None,
};

pub(crate) fn is_upload(operation: &'static Operation) -> bool {
    std::ptr::eq(operation, &UPLOAD)
}

/// An upload that is ready to be sent.
///
/// Slices follow each other, each repeated up to 5 times when it breaks off; what the service has is then asked for rather
/// than assumed. No token is sent: the address of the session is the permission.
#[must_use = "an upload does nothing until it is sent"]
pub struct Upload<'a> {
    session: &'a UploadSession,
    client: &'a Client,
    source: UploadSource,
    slice: u64,
    progress: Box<dyn FnMut(UploadProgress) + Send + 'a>,
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// The bytes that the service has, without gaps, from the start.
    pub sent: u64,
    /// All bytes.
    pub total: u64,
}

impl<'a> Upload<'a> {
    fn new(session: &'a UploadSession, client: &'a Client, source: UploadSource) -> Self {
        Self {
            session,
            client,
            source,
            slice: SLICE,
            progress: Box::new(|_| {}),
        }
    }

    /// Sends slices of this many bytes: a multiple of 327,680 (320 KiB) and at most 60 MiB; 3,276,800 if not called. One slice
    /// is in memory at a time.
    pub fn slice_size(mut self, bytes: u64) -> Self {
        self.slice = bytes;
        self
    }

    /// Calls a function whenever a slice has arrived, and at the start with what was there before.
    pub fn progress(mut self, report: impl FnMut(UploadProgress) + Send + 'a) -> Self {
        self.progress = Box::new(report);
        self
    }

    /// Sends what the service does not have yet, and gives its last answer: the file for a file, nothing (`()`) for an
    /// attachment, whose address is in the header `Location`.
    ///
    /// # Errors
    /// * [`is_invalid_request`](Error::is_invalid_request): the slice size is not allowed, or the content is empty; nothing
    ///   was sent.
    /// * [`is_upload_session_gone`](Error::is_upload_session_gone): create another session and start again.
    /// * [`is_upload_unknown`](Error::is_upload_unknown): the file may be complete.
    /// * Others, after which the same session may be tried again: the source cannot be read, the service stays out of reach.
    pub async fn send<D: Decode>(self) -> Result<Response<D::Output>> {
        self.run().await?.decode::<D>()
    }

    async fn run(mut self) -> Result<Response<Bytes>> {
        self.check().map_err(|error| error.of(&UPLOAD))?;
        let mut patience = Patience::new();
        let mut expected = self.session.expected;
        let mut reported = None;
        let mut was_last = false;
        loop {
            let at = match expected {
                Some(at) => at,
                None => match self.session.ask(self.client).await {
                    Ok(at) => at,
                    Err(error) if was_last && error.is_upload_session_gone() => {
                        return Err(Error::new(Kind::Course(Course::UploadUnknown)).of(&UPLOAD));
                    }
                    Err(error) => {
                        wait(&mut patience, error).await?;
                        continue;
                    }
                },
            };
            let (start, length) = self.next_slice(at)?;
            if reported.is_none_or(|reported| reported < start) {
                reported = Some(start);
                patience = Patience::new();
                self.report(start);
            }
            was_last = start + length == self.source.length();
            expected = match self.put(start, length).await {
                Ok(answer) => match Expected::read(answer.value()) {
                    Some(Expected::From(next, end)) if next > start => Some(Expected::From(next, end)),
                    // The service has not taken the slice, or something before it is missing.
                    Some(Expected::From(..)) => {
                        let error = answer.undecodable("it expects again what was just sent");
                        wait(&mut patience, error).await?;
                        None
                    }
                    Some(Expected::Nothing) | None if was_last => {
                        self.report(self.source.length());
                        return Ok(answer);
                    }
                    _ => return Err(answer.undecodable("it does not say which ranges are expected next")),
                },
                Err(error) => {
                    wait(&mut patience, error).await?;
                    None
                }
            };
        }
    }

    fn check(&self) -> Result<()> {
        if self.source.length() == 0 {
            return Err(Error::invalid(
                "an empty content has no slices: set the content of the file directly",
            ));
        }
        if self.slice == 0 || !self.slice.is_multiple_of(UNIT) || self.slice > LARGEST {
            return Err(Error::invalid(format!(
                "slices of {} bytes are not allowed: use a multiple of {UNIT} (320 KiB) and at most {LARGEST} (60 MiB)",
                self.slice
            )));
        }
        Ok(())
    }

    /// The start and the length of the slice to send.
    fn next_slice(&self, expected: Expected) -> Result<(u64, u64)> {
        let total = self.source.length();
        match expected {
            Expected::From(start, end) if start < total => {
                let end = end.map_or(total, |end| end.saturating_add(1).min(total));
                Ok((start, self.slice.min(end.saturating_sub(start)).max(1)))
            }
            _ => Err(Error::invalid(format!(
                "the session expects another content than this one of {total} bytes: upload what it was created for"
            ))
            .of(&UPLOAD)),
        }
    }

    async fn put(&mut self, start: u64, length: u64) -> Result<Response<Bytes>> {
        let read = self
            .source
            .read(start, usize::try_from(length).unwrap_or(usize::MAX))
            .await;
        let slice = read.map_err(|error| Error::new(Kind::Course(Course::Source(Arc::new(error)))).of(&UPLOAD))?;
        let range = format!("bytes {start}-{}/{}", start + length - 1, self.source.length());
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.extend(HeaderValue::try_from(range).ok().map(|range| (CONTENT_RANGE, range)));
        self.session.send(self.client, HttpMethod::PUT, headers, slice).await
    }

    fn report(&mut self, sent: u64) {
        let total = self.source.length();
        (self.progress)(UploadProgress { sent, total });
    }
}

impl fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("session", self.session)
            .field("source", &self.source)
            .field("slice", &self.slice)
            .finish_non_exhaustive()
    }
}

/// Waits for a failure to pass, unless it will not or has lasted too long.
async fn wait(patience: &mut Patience, error: Error) -> Result<()> {
    if !may_pass(&error) && !is_wrong_range(&error) && !error.is_decode() {
        return Err(error);
    }
    match patience.wait_after(&error) {
        Some(time) => {
            sleep(time).await;
            Ok(())
        }
        None => Err(error),
    }
}

fn is_wrong_range(error: &Error) -> bool {
    error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE)
        || error
            .odata()
            .is_some_and(|error| error.codes().any(|code| code.eq_ignore_ascii_case("invalidRange")))
}
