//! A service on a loopback socket that may misbehave: it sees every byte and writes whatever it wants.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use msgraph_core::{Client, Cloud, CustomCloud};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Counting;

/// A request whose body is still to be read, and the connection to answer on.
pub(crate) struct Exchange {
    /// How many requests came before.
    pub(crate) index: usize,
    pub(crate) method: String,
    pub(crate) target: String,
    headers: HashMap<String, String>,
    connection: BufReader<TcpStream>,
}

impl Exchange {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte that a `Range` header asks for.
    pub(crate) fn range_start(&self) -> Option<u64> {
        self.header("range")?
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    }

    /// The length of the body.
    pub(crate) fn length(&self) -> u64 {
        self.header("content-length")
            .map_or(0, |length| length.parse().unwrap())
    }

    /// Reads up to `length` bytes of the body; fewer at its end.
    pub(crate) async fn read(&mut self, buffer: &mut [u8]) -> usize {
        self.connection.read(buffer).await.unwrap_or(0)
    }

    /// Reads the body.
    pub(crate) async fn body(&mut self) -> Vec<u8> {
        let mut body = vec![0; usize::try_from(self.length()).unwrap()];
        self.connection.read_exact(&mut body).await.unwrap();
        body
    }

    /// Writes something, unless the other side has gone.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.connection.get_mut().write_all(bytes.as_ref()).await.is_ok()
    }

    /// Answers and ends the connection.
    pub(crate) async fn answer(&mut self, head: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        self.write(head).await;
        self.write(body).await;
        let _ = self.connection.get_mut().shutdown().await;
    }
}

/// What the service has seen, one line each.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

pub(crate) struct Raw {
    pub(crate) address: String,
    pub(crate) log: Log,
}

impl Raw {
    /// A service with one request per connection.
    pub(crate) async fn start<F: Future<Output = ()> + Send + 'static>(
        handle: impl Fn(Exchange) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let log = Log::default();
        let (handle, seen, count) = (Arc::new(handle), Arc::clone(&log), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (handle, seen, count) = (Arc::clone(&handle), Arc::clone(&seen), Arc::clone(&count));
                tokio::spawn(async move {
                    let Some(mut exchange) = read_head(connection).await else {
                        return;
                    };
                    exchange.index = count.fetch_add(1, Ordering::SeqCst);
                    assert!(exchange.header("transfer-encoding").is_none());
                    let range = exchange.header("range").or(exchange.header("content-range"));
                    let token = exchange.header("authorization").map_or("", |_| " with a token");
                    let line = format!(
                        "{} {} {}{token}",
                        exchange.method,
                        exchange.target,
                        range.unwrap_or("-")
                    );
                    seen.lock().unwrap().push(line);
                    handle(exchange).await;
                });
            }
        });
        Self { address, log }
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn client(&self) -> Client {
        Client::builder()
            .cloud(Cloud::Custom(CustomCloud::new(&self.address, &self.address).unwrap()))
            .credential(Counting::default())
            .build()
            .unwrap()
    }
}

async fn read_head(connection: TcpStream) -> Option<Exchange> {
    let mut connection = BufReader::new(connection);
    let mut line = String::new();
    connection.read_line(&mut line).await.ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None => break,
        };
    }
    Some(Exchange {
        index: 0,
        method,
        target,
        headers,
        connection,
    })
}

/// The bytes of a content that is too large to keep: each depends on its position.
pub(crate) fn fill(start: u64, buffer: &mut [u8]) {
    for (position, byte) in (start..).zip(buffer) {
        *byte = byte_at(position);
    }
}

pub(crate) fn byte_at(position: u64) -> u8 {
    // A prime, so that no part of the content is like another at a round distance.
    (position % 251) as u8
}
