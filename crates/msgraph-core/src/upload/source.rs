//! What is uploaded.

use std::fmt;
use std::io::{self, SeekFrom};
use std::path::Path;

use bytes::{Buf, Bytes, BytesMut};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt};

/// What an upload reads from: bytes, a file, or anything that can be read and whose length is known.
///
/// At most one slice of it is in memory.
///
/// ```
/// # async fn example(socket: tokio::net::TcpStream) -> std::io::Result<()> {
/// use msgraph_core::UploadSource;
///
/// let file = UploadSource::file("holiday.mp4").await?;
/// let bytes = UploadSource::bytes("some text");
/// let stream = UploadSource::stream(socket, 10_000_000);
/// assert_eq!(stream.length(), 10_000_000);
/// # Ok(())
/// # }
/// ```
pub struct UploadSource {
    length: u64,
    kind: Kind,
}

enum Kind {
    Bytes(Bytes),
    Seekable(Box<dyn Seekable>),
    Stream(Stream),
}

trait Seekable: AsyncRead + AsyncSeek + Unpin + Send {}

impl<T: AsyncRead + AsyncSeek + Unpin + Send> Seekable for T {}

/// A reader that cannot go back further than the last slice.
struct Stream {
    reader: Box<dyn AsyncRead + Unpin + Send>,
    /// The last slice, and where it starts.
    last: Bytes,
    start: u64,
}

impl UploadSource {
    /// These bytes.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            length: bytes.len() as u64,
            kind: Kind::Bytes(bytes),
        }
    }

    /// The file at a path, as long as it is now.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = File::open(path).await?;
        let length = file.metadata().await?.len();
        Ok(Self::reader(file, length))
    }

    /// `length` bytes of something that can be read from any position.
    pub fn reader(reader: impl AsyncRead + AsyncSeek + Unpin + Send + 'static, length: u64) -> Self {
        Self {
            length,
            kind: Kind::Seekable(Box::new(reader)),
        }
    }

    /// `length` bytes of something that can be read only once.
    ///
    /// The service rarely asks for more than the last slice again; when it does, the upload fails. An upload that another
    /// process has begun is gone on with by reading up to where it was.
    pub fn stream(reader: impl AsyncRead + Unpin + Send + 'static, length: u64) -> Self {
        Self {
            length,
            kind: Kind::Stream(Stream {
                reader: Box::new(reader),
                last: Bytes::new(),
                start: 0,
            }),
        }
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The `length` bytes at a position.
    pub(super) async fn read(&mut self, position: u64, length: usize) -> io::Result<Bytes> {
        match &mut self.kind {
            Kind::Bytes(bytes) => {
                let start = usize::try_from(position).ok();
                let slice = start.and_then(|start| bytes.get(start..start.checked_add(length)?));
                slice.map(|slice| bytes.slice_ref(slice)).ok_or_else(too_short)
            }
            Kind::Seekable(reader) => {
                reader.seek(SeekFrom::Start(position)).await?;
                read(reader, BytesMut::new(), length).await
            }
            Kind::Stream(stream) => stream.read(position, length).await,
        }
    }
}

impl Stream {
    async fn read(&mut self, position: u64, length: usize) -> io::Result<Bytes> {
        let Some(mut ahead) = position.checked_sub(self.start) else {
            let problem = "the service asks for bytes that were read earlier, and a stream cannot go back";
            return Err(io::Error::new(io::ErrorKind::Unsupported, problem));
        };
        let kept = usize::try_from(ahead).unwrap_or(usize::MAX).min(self.last.len());
        self.last.advance(kept);
        ahead -= kept as u64;
        let skipped = tokio::io::copy(&mut (&mut self.reader).take(ahead), &mut tokio::io::sink()).await?;
        if skipped < ahead {
            return Err(too_short());
        }
        let slice = read(&mut self.reader, BytesMut::from(self.last.as_ref()), length).await?;
        (self.last, self.start) = (slice.clone(), position);
        Ok(slice.slice(..length))
    }
}

impl fmt::Debug for UploadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadSource({} bytes)", self.length)
    }
}

/// Reads until there are `length` bytes.
async fn read(reader: &mut (impl AsyncRead + Unpin), mut buffer: BytesMut, length: usize) -> io::Result<Bytes> {
    buffer.reserve(length.saturating_sub(buffer.len()));
    while buffer.len() < length {
        let missing = (length - buffer.len()) as u64;
        if (&mut *reader).take(missing).read_buf(&mut buffer).await? == 0 {
            return Err(too_short());
        }
    }
    Ok(buffer.freeze())
}

fn too_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter than was announced")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn sources() -> [UploadSource; 3] {
        let bytes = (0..100).collect::<Vec<u8>>();
        [
            UploadSource::bytes(bytes.clone()),
            UploadSource::reader(Cursor::new(bytes.clone()), 100),
            UploadSource::stream(Cursor::new(bytes), 100),
        ]
    }

    #[tokio::test]
    async fn slices_are_read_forward_and_again() -> io::Result<()> {
        for mut source in sources() {
            for (position, length) in [
                (0, 10),
                (10, 10),
                (10, 10),
                (15, 20),
                (16, 19),
                (50, 1),
                (90, 10),
                (99, 1),
            ] {
                let expected: Vec<u8> = (position..position + length).collect();
                assert_eq!(
                    source.read(position.into(), length.into()).await?,
                    expected,
                    "{source:?} {position}"
                );
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn what_is_not_there_is_an_error() {
        for mut source in sources() {
            assert!(source.read(95, 10).await.is_err(), "{source:?}");
            assert!(source.read(1000, 1).await.is_err(), "{source:?}");
        }
        let [_, _, mut stream] = sources();
        assert!(stream.read(50, 10).await.is_ok());
        let error = stream.read(49, 1).await.unwrap_err();
        assert!(error.to_string().contains("cannot go back"), "{error}");
    }
}
