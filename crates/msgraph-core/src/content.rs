//! Contents that are not JSON: files, photos, messages.

use std::fmt;

use bytes::Bytes;

/// Bytes with a media type, for example a profile photo.
///
/// ```
/// use msgraph_core::Content;
///
/// let photo = Content::new("image/jpeg", vec![0xff, 0xd8, 0xff]);
/// assert_eq!(photo.media_type(), "image/jpeg");
/// assert_eq!(photo.bytes().len(), 3);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    media_type: String,
    bytes: Bytes,
}

impl Content {
    /// These bytes. `media_type` is a type of [IANA's registry](https://www.iana.org/assignments/media-types), with
    /// parameters where it has some: `text/html; charset=utf-8`.
    pub fn new(media_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self {
            media_type: media_type.into(),
            bytes: bytes.into(),
        }
    }

    /// The media type; `application/octet-stream` when the service named none.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The media type and the bytes.
    #[must_use]
    pub fn into_parts(self) -> (String, Bytes) {
        (self.media_type, self.bytes)
    }
}

impl fmt::Debug for Content {
    /// Writes the size in place of the bytes, which may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({}, {} bytes)", self.media_type, self.bytes.len())
    }
}
