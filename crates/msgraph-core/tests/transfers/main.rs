//! Files that are larger than the memory they may take, with connections that break.
//!
//! A process of its own, because memory is measured for the whole process; the service is part of it. The full sizes are for
//! `cargo test -p msgraph-core --test transfers -- --ignored --nocapture`.

#[path = "../runtime/raw.rs"]
#[expect(dead_code, reason = "bodies are not read as a whole here")]
mod raw;
#[path = "../runtime/support.rs"]
#[expect(dead_code, reason = "only its credential is needed here")]
mod support;

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use msgraph_core::odata::Value;
use msgraph_core::{Content, Path, Request, UploadSession, UploadSource};
use tokio::io::{AsyncRead, ReadBuf};

use raw::{Exchange, Raw, byte_at, fill};
use support::GET;

const MIB: u64 = 1024 * 1024;

/// The most memory that the process may ever have occupied.
const MEMORY: u64 = 64 * MIB;

/// Every byte depends on its position, with a period that is prime.
const PERIOD: u64 = 251;

/// Only one transfer at a time, so that each can be blamed for its memory.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn large_download_with_resets_takes_little_memory() {
    alone(download(256 * MIB, 10));
}

#[test]
fn large_upload_with_resets_takes_little_memory() {
    alone(upload(128 * MIB, 10));
}

#[test]
#[ignore = "takes half a minute"]
fn five_gigabytes_down_with_resets_take_little_memory() {
    alone(download(5 * 1024 * MIB, 40));
}

#[test]
#[ignore = "takes half a minute"]
fn one_gigabyte_up_with_resets_takes_little_memory() {
    alone(upload(1024 * MIB, 40));
}

fn alone(transfer: impl Future<Output = ()>) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(transfer);
}

/// Reads a content of `length` bytes over connections of which `resets` break.
async fn download(length: u64, resets: u64) {
    let pattern = Arc::new(pattern());
    let service = Raw::start({
        let pattern = Arc::clone(&pattern);
        move |exchange| send(exchange, length, length / (resets + 1) + 1, Arc::clone(&pattern))
    })
    .await;
    let begin = Instant::now();
    let content: Request<Content> = Path::root(&service.client(), "things").key("1").request(&GET);
    let mut download = content.download().await.unwrap();
    let mut position = 0;
    while let Some(piece) = download.next().await {
        for part in piece.unwrap().chunks(pattern.len() / 2) {
            let start = usize::try_from(position % PERIOD).unwrap();
            assert!(*part == pattern[start..start + part.len()], "at {position}");
            position += part.len() as u64;
        }
    }
    assert_eq!(position, length);
    assert_eq!(service.log().len() as u64, resets + 1);
    report("download", length, resets, begin.elapsed());
}

async fn send(mut exchange: Exchange, length: u64, until_reset: u64, pattern: Arc<Vec<u8>>) {
    let start = exchange.range_start().unwrap_or(0);
    let head = match start {
        0 => format!("200 OK\r\nContent-Length: {length}"),
        _ => format!(
            "206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {start}-{}/{length}",
            length - start,
            length - 1
        ),
    };
    exchange.write(format!("HTTP/1.1 {head}\r\nETag: \"v\"\r\n\r\n")).await;
    let mut position = start;
    let end = length.min(start + until_reset);
    while position < end {
        let offset = usize::try_from(position % PERIOD).unwrap();
        let piece = (pattern.len() / 2).min(usize::try_from(end - position).unwrap());
        if !exchange.write(&pattern[offset..offset + piece]).await {
            return;
        }
        position += piece as u64;
    }
}

/// Sends a content of `length` bytes in slices, of which `resets` are broken off.
async fn upload(length: u64, resets: u64) {
    let pattern = Arc::new(pattern());
    let (received, broken) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
    let service = Raw::start({
        let (received, broken) = (Arc::clone(&received), Arc::clone(&broken));
        let pattern = Arc::clone(&pattern);
        let between = length / (resets + 1);
        move |exchange| {
            let (received, broken, pattern) = (Arc::clone(&received), Arc::clone(&broken), Arc::clone(&pattern));
            async move {
                let is_due = received.load(Ordering::SeqCst) >= (broken.load(Ordering::SeqCst) as u64 + 1) * between;
                if exchange.method == "PUT" && is_due {
                    broken.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                receive(exchange, length, &received, &pattern).await;
            }
        }
    })
    .await;
    let begin = Instant::now();
    let client = service.client();
    let saved = format!(r#"{{"uploadUrl":"{}/up"}}"#, service.address);
    let session: UploadSession = serde_json::from_str(&saved).unwrap();
    let source = UploadSource::stream(Generated { position: 0, length }, length);
    let answer = session.upload(&client, source).send::<Value>().await.unwrap();
    assert_eq!(answer.value()["id"], "1");
    assert_eq!(received.load(Ordering::SeqCst), length);
    assert_eq!(broken.load(Ordering::SeqCst) as u64, resets);
    report("upload", length, resets, begin.elapsed());
}

async fn receive(mut exchange: Exchange, total: u64, received: &AtomicU64, pattern: &[u8]) {
    if exchange.method == "PUT" {
        let range = exchange.header("content-range").unwrap().trim_start_matches("bytes ");
        let mut position: u64 = range.split_once('-').unwrap().0.parse().unwrap();
        assert_eq!(position, received.load(Ordering::SeqCst));
        let end = position + exchange.length();
        let mut buffer = vec![0; pattern.len() / 2];
        while position < end {
            let most = buffer.len().min(usize::try_from(end - position).unwrap());
            let length = exchange.read(&mut buffer[..most]).await;
            let start = usize::try_from(position % PERIOD).unwrap();
            assert!(
                length > 0 && buffer[..length] == pattern[start..start + length],
                "at {position}"
            );
            position += length as u64;
        }
        received.store(end, Ordering::SeqCst);
    }
    let position = received.load(Ordering::SeqCst);
    if position == total {
        exchange.answer("201 Created", r#"{"id":"1"}"#).await;
    } else {
        let next = format!(r#"{{"nextExpectedRanges":["{position}-"]}}"#);
        exchange.answer("202 Accepted", next).await;
    }
}

/// A content that exists only while it is read.
struct Generated {
    position: u64,
    length: u64,
}

impl AsyncRead for Generated {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let left = usize::try_from(self.length - self.position).unwrap_or(usize::MAX);
        let length = buffer.remaining().min(left).min(64 * 1024);
        fill(self.position, buffer.initialize_unfilled_to(length));
        buffer.advance(length);
        self.position += length as u64;
        Poll::Ready(Ok(()))
    }
}

/// Two parts of 64 KiB, so that one of them can start at any point of the period.
fn pattern() -> Vec<u8> {
    (0..128 * 1024).map(byte_at).collect()
}

fn report(what: &str, length: u64, resets: u64, time: Duration) {
    let Some(memory) = peak_memory() else {
        return;
    };
    println!(
        "{what}: {} MiB, {resets} resets, {:.1} s, at most {} MiB of memory",
        length / MIB,
        time.as_secs_f64(),
        memory / MIB
    );
    assert!(memory < MEMORY, "{memory} bytes");
}

/// The memory that this process has occupied at most, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .trim_end_matches(" kB")
        .parse::<u64>()
        .ok()
        .map(|kibibytes| kibibytes * 1024)
}
