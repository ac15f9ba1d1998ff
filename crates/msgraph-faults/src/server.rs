//! The server: HTTP/1.1 by hand, because a real one would not break the rules.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use http::HeaderMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::reply::{End, Reply};

/// How far a pause moves the clock at once.
const STEP: Duration = Duration::from_secs(1);

/// How often everybody else gets a turn before the clock moves on: enough for a client to give up and close its connection.
const TURNS: usize = 16;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method.
    pub method: String,
    /// Path and query as they were on the wire.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Received {
    /// The text of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

type Answer = dyn FnMut(&Received) -> Reply + Send;

/// A service on a loopback socket that does what it is told; it ends with the runtime.
#[derive(Clone)]
pub struct FaultServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<Box<Answer>>,
    connections_to_reset: AtomicUsize,
    refusal: Mutex<Option<Duration>>,
    is_clock_paused: AtomicBool,
}

impl FaultServer {
    /// A service that answers as `answer` says.
    ///
    /// # Errors
    /// When there is no free port on the loopback interface.
    pub async fn start(answer: impl FnMut(&Received) -> Reply + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let server = Self {
            address: listener.local_addr()?,
            shared: Arc::new(Shared {
                answer: Mutex::new(Box::new(answer)),
                connections_to_reset: AtomicUsize::new(0),
                refusal: Mutex::new(None),
                is_clock_paused: AtomicBool::new(false),
            }),
        };
        tokio::spawn({
            let server = server.clone();
            // Nobody can be told that the port has been taken by somebody else meanwhile.
            async move { drop(server.accept(listener).await) }
        });
        Ok(server)
    }

    /// The root address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Resets the next so many connections before a byte of a request is read.
    pub fn reset_connections(&self, count: usize) {
        self.shared.connections_to_reset.store(count, Ordering::SeqCst);
    }

    /// Resets the next connection and refuses all others for this long.
    pub fn refuse_connections(&self, time: Duration) {
        *locked(&self.shared.refusal) = Some(time);
    }

    /// Lets pauses move the clock themselves, for tests with a paused one.
    #[must_use]
    pub fn with_paused_clock(self) -> Self {
        self.shared.is_clock_paused.store(true, Ordering::SeqCst);
        self
    }
}

impl FaultServer {
    async fn accept(self, mut listener: TcpListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            let refusal = locked(&self.shared.refusal).take();
            if let Some(time) = refusal {
                stream.set_zero_linger()?;
                drop((stream, listener));
                tokio::time::sleep(time).await;
                listener = TcpListener::bind(self.address).await?;
                continue;
            }
            let must_reset =
                self.shared
                    .connections_to_reset
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1));
            if must_reset.is_ok() {
                stream.set_zero_linger()?;
                continue;
            }
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move {
                // A client that leaves is no concern of the service.
                let _ = serve(stream, &shared).await;
            });
        }
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = BytesMut::new();
    while let Some(received) = read(&mut stream, &mut buffer).await? {
        let reply = {
            let mut answer = locked(&shared.answer);
            answer(&received)
        };
        let bytes = reply.bytes();
        for piece in bytes.chunks(reply.piece) {
            pause(reply.pause, &stream, shared).await?;
            stream.write_all(piece).await?;
        }
        match reply.end {
            End::Keep => {}
            End::Close => return stream.shutdown().await,
            End::Reset => return stream.set_zero_linger(),
        }
    }
    Ok(())
}

/// Pauses until the time is over or the client has left.
async fn pause(time: Duration, stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    if time.is_zero() {
        return Ok(());
    }
    if !shared.is_clock_paused.load(Ordering::SeqCst) {
        tokio::time::sleep(time).await;
        return Ok(());
    }
    let end = Instant::now() + time;
    while Instant::now() < end {
        tokio::time::advance(STEP.min(end - Instant::now())).await;
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        match stream.try_read(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            _ => return Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
    Ok(())
}

/// The next request; none when the client has closed the connection.
async fn read(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<Option<Received>> {
    loop {
        if let Some((mut received, head, body)) = parse(buffer)?
            && buffer.len() >= head + body
        {
            buffer.advance(head);
            received.body = buffer.split_to(body).freeze();
            return Ok(Some(received));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// A request without its body, and the lengths of its head and body; none while the head is incomplete.
fn parse(buffer: &[u8]) -> io::Result<Option<(Received, usize, usize)>> {
    let invalid = |problem: &str| io::Error::new(io::ErrorKind::InvalidData, problem);
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let status = request.parse(buffer).map_err(|error| invalid(&error.to_string()))?;
    let httparse::Status::Complete(head) = status else {
        return Ok(None);
    };
    let mut received = Received {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    for header in request.headers.iter() {
        let name = http::HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| invalid("name of a header"))?;
        let value = http::HeaderValue::from_bytes(header.value).map_err(|_| invalid("value of a header"))?;
        received.headers.append(name, value);
    }
    let body = match received.header("content-length") {
        Some(length) => length.parse().map_err(|_| invalid("length of the body"))?,
        None => 0,
    };
    Ok(Some((received, head, body)))
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
