//! Where an upload goes, and how far it is.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{UPLOAD, Upload, UploadSource};
use crate::decode::Decode;
use crate::error::Result;
use crate::odata::{DateTime, Secret};
use crate::request::Request;
use crate::response::Response;
use crate::{Client, anonymous, pipeline};

/// A place for a large file, which may be filled over several connections, and processes.
///
/// Serialise it to be able to go on after a crash: the JSON is that of the service. Whoever has it can write the file, so
/// that it must be kept like a password. The service forgets a session when it [expires](Self::expires).
///
/// ```
/// # use msgraph_core::odata::{Object, Props};
/// # use msgraph_core::{Client, Request};
/// # async fn example<DriveItem: Props, Session: Props>(
/// #     client: &Client,
/// #     create_upload_session: Request<Object<Session>>,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use msgraph_core::{UploadSession, UploadSource};
///
/// let session = UploadSession::create(create_upload_session).await?;
/// std::fs::write("holiday.upload", serde_json::to_vec(&session)?)?;
/// let source = UploadSource::file("holiday.mp4").await?;
/// let file = session
///     .upload(client, source)
///     .progress(|progress| println!("{} of {} bytes", progress.sent, progress.total))
///     .send::<Object<DriveItem>>()
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// After a crash, in place of `create`:
/// ```
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use msgraph_core::UploadSession;
///
/// let session: UploadSession = serde_json::from_slice(&std::fs::read("holiday.upload")?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct UploadSession {
    url: Secret,
    expires: Option<DateTime>,
    /// What the service expects, unless the session comes from elsewhere and has to be asked.
    pub(super) expected: Option<Expected>,
}

impl UploadSession {
    /// Sends a request for a session: `createUploadSession` of a file or an attachment.
    ///
    /// # Errors
    /// Those of the request; and when the answer has no `uploadUrl`.
    pub async fn create<D: Decode>(request: Request<D>) -> Result<Self> {
        let answer = pipeline::exchange(request.into_parts(), "application/json").await?;
        let mut session: Self = serde_json::from_slice(answer.value())
            .map_err(|_| answer.undecodable("its body is not an upload session: it has no \"uploadUrl\""))?;
        session.expected = Some(Expected::read(answer.value()).unwrap_or(Expected::ALL));
        Ok(session)
    }

    /// Uploads a content; nothing is sent until [`Upload::send`].
    ///
    /// A session that another process has begun to fill is gone on with where it was, so that the content must be the same.
    pub fn upload<'a>(&'a self, client: &'a Client, source: UploadSource) -> Upload<'a> {
        Upload::new(self, client, source)
    }

    /// Makes the file of an upload that was created with `deferCommit`, once it is complete.
    ///
    /// # Errors
    /// Those of a request; [`Error::is_upload_session_gone`](crate::Error::is_upload_session_gone).
    pub async fn commit<D: Decode>(&self, client: &Client) -> Result<Response<D::Output>> {
        self.send(client, Method::POST, HeaderMap::new(), Bytes::new())
            .await?
            .decode::<D>()
    }

    /// Gives the session up, so that what was sent of the file is thrown away.
    ///
    /// # Errors
    /// Those of a request; [`Error::is_upload_session_gone`](crate::Error::is_upload_session_gone) when there was nothing to give up.
    pub async fn cancel(self, client: &Client) -> Result<()> {
        self.send(client, Method::DELETE, HeaderMap::new(), Bytes::new())
            .await?;
        Ok(())
    }

    /// When the service forgets the session, if it said so.
    #[must_use]
    pub fn expires(&self) -> Option<DateTime> {
        self.expires
    }

    /// Asks the service what it still expects.
    pub(super) async fn ask(&self, client: &Client) -> Result<Expected> {
        let answer = self.send(client, Method::GET, HeaderMap::new(), Bytes::new()).await?;
        Expected::read(answer.value()).ok_or_else(|| answer.undecodable("it does not say which ranges are expected"))
    }

    pub(super) async fn send(
        &self,
        client: &Client,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>> {
        anonymous::send(client, &UPLOAD, method, self.url.expose(), headers, body).await
    }
}

impl fmt::Debug for UploadSession {
    /// Writes everything but the address, which is as good as a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadSession")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl Serialize for UploadSession {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut session = serializer.serialize_map(None)?;
        session.serialize_entry("uploadUrl", self.url.expose())?;
        if let Some(expires) = &self.expires {
            session.serialize_entry("expirationDateTime", expires)?;
        }
        session.end()
    }
}

impl<'de> Deserialize<'de> for UploadSession {
    /// Reads what was serialised, and the `uploadSession` of the service.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::<String, Value>::deserialize(deserializer)?;
        let Some(Value::String(url)) = members.remove("uploadUrl") else {
            return Err(D::Error::missing_field("uploadUrl"));
        };
        let expires = members.get("expirationDateTime").and_then(Value::as_str);
        Ok(Self {
            url: url.into(),
            expires: expires.and_then(|text| text.parse().ok()),
            expected: None,
        })
    }
}

/// The ranges of a file that the service does not have yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The first of them: its first and, unless it reaches to the end of the file, its last byte.
    From(u64, Option<u64>),
    Nothing,
}

impl Expected {
    pub(super) const ALL: Self = Self::From(0, None);

    /// Reads `nextExpectedRanges`; none when there is no such list. Files have ranges like `26-` and `26-51`, attachments plain
    /// numbers.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let ranges = body.get("nextExpectedRanges")?.as_array()?;
        let Some(first) = ranges.first() else {
            return Some(Self::Nothing);
        };
        let first = first.as_str()?;
        let (start, end) = first.split_once('-').unwrap_or((first, ""));
        Some(Self::From(start.trim().parse().ok()?, end.trim().parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_expected_range_counts() {
        for (ranges, expected) in [
            (r#"["0-"]"#, Some(Expected::ALL)),
            (
                r#"["12345-55232","77829-99375"]"#,
                Some(Expected::From(12345, Some(55232))),
            ),
            (r#"["3145728"]"#, Some(Expected::From(3_145_728, None))),
            ("[]", Some(Expected::Nothing)),
            (r#"["x-"]"#, None),
            ("null", None),
        ] {
            let body = format!(r#"{{"nextExpectedRanges":{ranges}}}"#);
            assert_eq!(Expected::read(body.as_bytes()), expected, "{ranges}");
        }
    }

    #[test]
    fn session_is_kept_and_its_address_not_shown() -> Result<(), serde_json::Error> {
        let json = r#"{"uploadUrl":"https://up.example/hunter2","expirationDateTime":"2026-11-29T09:21:55.523Z"}"#;
        let session: UploadSession = serde_json::from_str(json)?;
        assert_eq!(serde_json::to_string(&session)?, json);
        let shown = format!("{session:?}");
        assert!(shown.contains("2026-11-29") && !shown.contains("hunter2"), "{shown}");
        assert!(serde_json::from_str::<UploadSession>("{}").is_err());
        Ok(())
    }
}
