//! Bodies of requests.

use std::io::{self, Write};

use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;
use zeroize::{Zeroize, Zeroizing};

use crate::content::Content;
use crate::error::Invalid;

/// A body and its media type. The bytes are wiped when the last copy of the request is gone.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: HeaderValue,
}

impl Body {
    /// `value` as JSON.
    pub(crate) fn json(value: &(impl Serialize + ?Sized)) -> Result<Self, Invalid> {
        let mut buffer = WipedBuffer::default();
        serde_json::to_writer(&mut buffer, value)
            .map_err(|error| Invalid::new(format!("its body cannot be written as JSON: {error}")))?;
        Ok(Self {
            bytes: buffer.into_bytes(),
            media_type: HeaderValue::from_static("application/json"),
        })
    }

    /// `content` as it is.
    pub(crate) fn content(content: Content) -> Result<Self, Invalid> {
        let (media_type, bytes) = content.into_parts();
        match HeaderValue::from_str(&media_type) {
            Ok(media_type) => Ok(Self { bytes, media_type }),
            Err(_) => Err(Invalid::new(format!(
                "{media_type:?} is not a media type: write it like \"image/png\""
            ))),
        }
    }
}

/// A buffer that leaves no copy behind when it grows, as a plain `Vec` would.
#[derive(Default)]
pub(crate) struct WipedBuffer(Zeroizing<Vec<u8>>);

impl WipedBuffer {
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self.0)
    }
}

impl Write for WipedBuffer {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let needed = self.0.len() + data.len();
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two().max(256)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Overwrites the body of an answer that has been read, unless somebody else still holds it.
pub(crate) fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body[..].zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffer_holds_what_was_written_in_any_pieces() {
        let text = "0123456789".repeat(1000);
        for size in [1, 7, 256, 10_000] {
            let mut buffer = WipedBuffer::default();
            for piece in text.as_bytes().chunks(size) {
                buffer.write_all(piece).unwrap();
            }
            assert_eq!(buffer.into_bytes(), text);
        }
    }

    #[test]
    fn media_type_that_is_no_header_is_refused() {
        assert!(Body::content(Content::new("image/png", "x")).is_ok());
        assert!(Body::content(Content::new("image/png\r\nX-Evil: 1", "x")).is_err());
    }
}
