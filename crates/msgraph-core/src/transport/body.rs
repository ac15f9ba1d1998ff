//! Bodies that arrive, or are sent, piece by piece.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::StreamExt;
use tokio::io::{AsyncRead, ReadBuf};

use super::TransportError;

type Pieces<E> = Pin<Box<dyn Stream<Item = Result<Bytes, E>> + Send>>;

/// The body of an answer: all of it at once, or a [`Stream`] of its pieces as they arrive.
pub struct ResponseBody {
    first: Bytes,
    pieces: Option<Pieces<TransportError>>,
}

impl ResponseBody {
    /// A body that arrives piece by piece.
    pub fn from_pieces(pieces: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self {
            first: Bytes::new(),
            pieces: Some(Box::pin(pieces)),
        }
    }

    /// A body that breaks off, for transports that read it themselves.
    #[must_use]
    pub fn broken(error: TransportError) -> Self {
        Self::from_pieces(futures_util::stream::iter([Err(error)]))
    }

    /// The whole body.
    ///
    /// # Errors
    /// When the connection breaks before the end of the body.
    pub async fn bytes(mut self) -> Result<Bytes, TransportError> {
        let Some(first) = self.next().await.transpose()? else {
            return Ok(Bytes::new());
        };
        let Some(second) = self.next().await.transpose()? else {
            // Most bodies come in one piece, which need not be copied.
            return Ok(first);
        };
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&second);
        while let Some(piece) = self.next().await {
            whole.extend_from_slice(&piece?);
        }
        Ok(whole.freeze())
    }

    /// Makes a piece the next one again.
    pub(crate) fn put_back(&mut self, piece: Bytes) {
        self.first = piece;
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for ResponseBody {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.first))));
        }
        match &mut self.pieces {
            None => Poll::Ready(None),
            Some(pieces) => pieces.as_mut().poll_next(cx),
        }
    }
}

impl<T: Into<Bytes>> From<T> for ResponseBody {
    fn from(bytes: T) -> Self {
        Self {
            first: bytes.into(),
            pieces: None,
        }
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pieces {
            None => write!(f, "ResponseBody({} bytes)", self.first.len()),
            Some(_) => f.write_str("ResponseBody(..)"),
        }
    }
}

/// The body of a request that is sent piece by piece, and whose length is known beforehand.
pub struct RequestBody {
    length: u64,
    pieces: Pieces<io::Error>,
}

/// How much of a reader is in memory at once.
const PIECE: usize = 64 * 1024;

impl RequestBody {
    /// What a stream gives, which must be `length` bytes.
    pub fn from_pieces(pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static, length: u64) -> Self {
        let counted = Counted {
            pieces: Box::pin(pieces),
            left: Some(length),
        };
        Self {
            length,
            pieces: Box::pin(counted),
        }
    }

    /// What a reader gives, for example a file; it must be `length` bytes.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static, length: u64) -> Self {
        let pieces = ReaderPieces {
            reader: Box::pin(reader),
            buffer: BytesMut::new(),
        };
        Self::from_pieces(pieces, length)
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The pieces, which end with an error when there are more or fewer bytes than were announced.
    pub fn into_pieces(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        self.pieces
    }

    pub(super) async fn bytes(mut self) -> Result<Bytes, TransportError> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.pieces.next().await {
            whole.extend_from_slice(&piece.map_err(TransportError::other)?);
        }
        Ok(whole.freeze())
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestBody({} bytes)", self.length)
    }
}

/// Makes sure of the length, because a server would take the rest for the next request.
struct Counted {
    pieces: Pieces<io::Error>,
    /// None after the end.
    left: Option<u64>,
}

impl Stream for Counted {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(left) = self.left else {
            return Poll::Ready(None);
        };
        let piece = ready!(self.pieces.as_mut().poll_next(cx));
        let problem = match &piece {
            Some(Ok(piece)) => match left.checked_sub(piece.len() as u64) {
                Some(left) => {
                    self.left = Some(left);
                    None
                }
                None => Some("the body is longer than was announced".to_owned()),
            },
            Some(Err(_)) => {
                self.left = None;
                None
            }
            None => {
                self.left = None;
                (left > 0).then(|| format!("the body ended {left} bytes before the length that was announced"))
            }
        };
        match problem {
            Some(problem) => {
                self.left = None;
                Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::InvalidInput, problem))))
            }
            None => Poll::Ready(piece),
        }
    }
}

struct ReaderPieces {
    reader: Pin<Box<dyn AsyncRead + Send>>,
    buffer: BytesMut,
}

impl Stream for ReaderPieces {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.buffer.resize(PIECE, 0);
        let mut piece = ReadBuf::new(&mut this.buffer);
        let read = ready!(this.reader.as_mut().poll_read(cx, &mut piece));
        let length = piece.filled().len();
        Poll::Ready(match read {
            Ok(()) if length == 0 => None,
            Ok(()) => Some(Ok(this.buffer.split_to(length).freeze())),
            Err(error) => Some(Err(error)),
        })
    }
}
