//! Compression of the bodies of requests.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_RANGE};

use crate::body::WipedBuffer;

/// Whether a body must stay as it is: it is encoded already, or its place in a larger one is counted in plain bytes.
pub(crate) fn is_forbidden(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_ENCODING) || headers.contains_key(CONTENT_RANGE)
}

/// The body compressed with gzip ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952)); none when that does not make it
/// smaller. What it returns is wiped when it is gone, as the body itself is.
pub(crate) fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(WipedBuffer::default(), Compression::fast());
    encoder.write_all(body).ok()?;
    let compressed = encoder.finish().ok()?.into_bytes();
    (compressed.len() < body.len()).then_some(compressed)
}
