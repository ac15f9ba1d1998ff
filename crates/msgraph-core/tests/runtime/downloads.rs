//! Contents that are read piece by piece.

use std::time::Duration;

use futures_util::TryStreamExt;
use msgraph_core::transport::RequestBody;
use msgraph_core::{Content, Download, Error, Path, Request};
use tokio::io::AsyncReadExt;

use crate::raw::{Exchange, Raw, byte_at, fill};
use crate::support::{GET, PUT, Service};

fn content(service: &Raw) -> Request<Content> {
    Path::root(&service.client(), "things").key("1").request(&GET)
}

/// Sends a content of `length` bytes from `start` on, and breaks off at `end`.
async fn send(exchange: &mut Exchange, start: u64, end: u64, length: u64, etag: &str) {
    let head = match start {
        0 => format!("200 OK\r\nContent-Length: {length}"),
        _ => format!(
            "206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {start}-{}/{length}",
            length - start,
            length - 1
        ),
    };
    exchange
        .write(format!(
            "HTTP/1.1 {head}\r\nETag: \"{etag}\"\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n"
        ))
        .await;
    send_bytes(exchange, start, end).await;
}

async fn send_bytes(exchange: &mut Exchange, mut start: u64, end: u64) {
    let mut buffer = vec![0; 64 * 1024];
    while start < end {
        let length = (end - start).min(buffer.len() as u64);
        let piece = &mut buffer[..usize::try_from(length).unwrap()];
        fill(start, piece);
        if !exchange.write(piece).await {
            return;
        }
        start += length;
    }
}

/// Reads to the end and checks every byte.
async fn check(mut download: Download) -> Result<u64, Error> {
    let mut position = download.position();
    while let Some(piece) = download.try_next().await? {
        for byte in piece {
            assert_eq!(byte, byte_at(position), "at {position}");
            position += 1;
        }
        assert_eq!(download.position(), position);
    }
    Ok(position)
}

const LENGTH: u64 = 1_000_000;

#[tokio::test]
async fn content_that_breaks_off_goes_on_where_it_was() {
    let service = Raw::start(|mut exchange| async move {
        let start = exchange.range_start().unwrap_or(0);
        let end = (start + 300_000).min(LENGTH);
        send(&mut exchange, start, end, LENGTH, "v1").await;
    })
    .await;
    let download = content(&service).download().await.unwrap();
    assert_eq!((download.length(), download.media_type()), (Some(LENGTH), "video/mp4"));
    assert_eq!(download.etag(), Some("\"v1\""));
    assert_eq!(check(download).await.unwrap(), LENGTH);
    let log = service.log();
    assert!(log.len() >= 4, "{log:?}");
    assert!(log.iter().all(|line| line.ends_with("with a token")));
    assert!(log[1].starts_with("GET /v1.0/things/1 bytes="));
}

#[tokio::test]
async fn content_is_read_like_a_file() {
    let service = Raw::start(|mut exchange| async move { send(&mut exchange, 0, LENGTH, LENGTH, "v1").await }).await;
    let mut download = content(&service).download().await.unwrap();
    let mut start = [0; 10];
    download.read_exact(&mut start).await.unwrap();
    assert_eq!((start, download.position()), ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10));
    assert_eq!(check(download).await.unwrap(), LENGTH);
}

#[tokio::test]
async fn service_without_ranges_sends_all_again_and_the_start_is_skipped() {
    let service = Raw::start(|mut exchange| async move {
        let end = if exchange.index == 0 { 500_000 } else { LENGTH };
        send(&mut exchange, 0, end, LENGTH, "v1").await;
    })
    .await;
    let download = content(&service).download().await.unwrap();
    assert_eq!(check(download).await.unwrap(), LENGTH);
    assert_eq!(service.log().len(), 2);
}

#[tokio::test]
async fn changed_content_is_an_error_and_no_mixture() {
    for (etag, length) in [("v2", LENGTH), ("v1", LENGTH + 1)] {
        let service = Raw::start(move |mut exchange| async move {
            match exchange.range_start() {
                None => send(&mut exchange, 0, 1000, LENGTH, "v1").await,
                Some(start) => send(&mut exchange, start, length, length, etag).await,
            }
        })
        .await;
        let error = check(content(&service).download().await.unwrap()).await.unwrap_err();
        assert!(error.is_content_changed(), "{error}");
    }
    let service = Raw::start(|mut exchange| async move {
        match exchange.index {
            0 => send(&mut exchange, 0, 1000, LENGTH, "v1").await,
            _ => exchange.answer("416 Range Not Satisfiable", "").await,
        }
    })
    .await;
    let error = check(content(&service).download().await.unwrap()).await.unwrap_err();
    assert!(error.is_content_changed(), "{error}");
}

#[tokio::test]
async fn wrong_range_is_an_error() {
    let service = Raw::start(|mut exchange| async move {
        match exchange.range_start() {
            None => send(&mut exchange, 0, 1000, LENGTH, "v1").await,
            Some(start) => send(&mut exchange, start + 1, LENGTH, LENGTH, "v1").await,
        }
    })
    .await;
    let error = check(content(&service).download().await.unwrap()).await.unwrap_err();
    assert!(
        error.is_decode() && error.to_string().contains("another range"),
        "{error}"
    );
}

#[tokio::test]
async fn silence_is_as_good_as_a_broken_connection() {
    let service = Raw::start(|mut exchange| async move {
        match exchange.range_start() {
            None => {
                send(&mut exchange, 0, 1000, LENGTH, "v1").await;
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            Some(start) => send(&mut exchange, start, LENGTH, LENGTH, "v1").await,
        }
    })
    .await;
    let download = content(&service)
        .timeout(Duration::from_millis(200))
        .download()
        .await
        .unwrap();
    assert_eq!(check(download).await.unwrap(), LENGTH);
}

#[tokio::test]
async fn time_allowed_is_not_for_the_whole_content() {
    let service = Raw::start(|mut exchange| async move {
        exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n").await;
        for position in 0..10 {
            send_bytes(&mut exchange, position, position + 1).await;
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    })
    .await;
    let download = content(&service)
        .timeout(Duration::from_millis(400))
        .download()
        .await
        .unwrap();
    assert_eq!(check(download).await.unwrap(), 10);
    assert_eq!(service.log().len(), 1);
}

#[tokio::test]
async fn content_of_unknown_length_ends_when_the_service_says() {
    let service = Raw::start(|mut exchange| async move {
        exchange
            .write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\0\x01\x02\r\n0\r\n\r\n")
            .await;
    })
    .await;
    let download = content(&service).download().await.unwrap();
    assert_eq!(download.length(), None);
    assert_eq!(check(download).await.unwrap(), 3);
}

#[tokio::test]
async fn another_process_can_go_on() {
    let service = Raw::start(|mut exchange| async move {
        let start = exchange.range_start().unwrap_or(0);
        send(&mut exchange, start, LENGTH, LENGTH, "v1").await;
    })
    .await;
    let rest = content(&service).download_from(999_000, "\"v1\"").await.unwrap();
    assert_eq!((rest.length(), rest.position()), (Some(LENGTH), 999_000));
    assert_eq!(check(rest).await.unwrap(), LENGTH);
    let error = content(&service).download_from(999_000, "\"v0\"").await.unwrap_err();
    assert!(error.is_content_changed(), "{error}");
    let error = content(&service)
        .header("Range", "bytes=0-1")
        .download()
        .await
        .unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
}

#[tokio::test]
async fn failure_at_the_start_is_that_of_the_request() {
    let service = Service::start(|_| (axum::http::StatusCode::NOT_FOUND, "no")).await;
    let content: Request<Content> = service.things().key("1").request(&GET);
    assert!(content.download().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn body_of_a_request_is_sent_piece_by_piece() {
    let service = Service::start(|seen| seen.body.clone()).await;
    let put = || -> Request<Content> {
        let content = Content::new("video/mp4", "replaced");
        service.things().key("1").request_content(&PUT, content)
    };
    let mut expected = vec![0; 300_000];
    fill(0, &mut expected);
    let body = RequestBody::from_reader(std::io::Cursor::new(expected.clone()), 300_000);
    let answer = put().send_body(body).await.unwrap();
    assert_eq!(answer.value().bytes()[..], expected);
    let seen = service.only();
    assert_eq!(seen.header("content-length"), Some("300000"));
    assert_eq!(seen.header("content-type"), Some("video/mp4"));
    assert_eq!(seen.header("transfer-encoding"), None);
    for (announced, problem) in [(300_001, "ended 1 bytes before"), (299_999, "longer than")] {
        let body = RequestBody::from_reader(std::io::Cursor::new(expected.clone()), announced);
        let error = put().send_body(body).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert_eq!(service.seen().len(), 1);
}
