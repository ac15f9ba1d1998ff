//! Compressed bodies of requests.

use std::io::Read as _;

use flate2::read::GzDecoder;
use msgraph_core::odata::Value;
use msgraph_core::{Client, Content, Path, Request};
use msgraph_faults::{Received, Reply};
use serde_json::json;

use crate::stage::Stage;
use crate::support::{CREATE, PUT};

fn post(client: &Client, length: usize) -> Request<Value> {
    Path::root(client, "things").request_json(&CREATE, &json!({"text": "a".repeat(length)}))
}

fn plain(received: &Received) -> String {
    let mut text = String::new();
    match received.header("content-encoding") {
        Some("gzip") => GzDecoder::new(&received.body[..]).read_to_string(&mut text).unwrap(),
        None => (&received.body[..]).read_to_string(&mut text).unwrap(),
        Some(other) => panic!("{other}"),
    };
    text
}

#[tokio::test(start_paused = true)]
async fn bodies_are_compressed_from_the_size_that_was_set() {
    for (least, length, is_compressed) in [
        (None, 10_000, false),
        (Some(1000), 10_000, true),
        (Some(1000), 10, false),
        (Some(0), 0, false),
    ] {
        let stage = Stage::play([]).await;
        let mut builder = stage.builder();
        if let Some(least) = least {
            builder = builder.compress_requests_from(least);
        }
        let request = post(&builder.build().unwrap(), length);
        let body = String::from_utf8(request.body().unwrap().to_vec()).unwrap();
        request.await.unwrap();
        let seen = &stage.seen()[0];
        assert_eq!(
            seen.header("content-encoding").is_some(),
            is_compressed,
            "{least:?} {length}"
        );
        assert_eq!(plain(seen), body);
        assert_eq!(
            seen.header("content-length"),
            Some(seen.body.len().to_string().as_str())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn parts_and_encoded_bodies_stay_as_they_are() {
    let stage = Stage::play([]).await;
    let client = stage.builder().compress_requests_from(1).build().unwrap();
    for (name, value) in [("Content-Range", "bytes 0-9999/10000"), ("Content-Encoding", "br")] {
        let content = Content::new("text/plain", "a".repeat(10_000));
        let request: Request<Value> = Path::root(&client, "things").request_content(&PUT, content);
        request.header(name, value).await.unwrap();
        assert_eq!(stage.seen().pop().unwrap().body.len(), 10_000, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn refused_compression_is_undone_once() {
    for (replies, attempts) in [(vec![Reply::new(415)], 2), (vec![Reply::new(415), Reply::new(415)], 2)] {
        let is_success = replies.len() == 1;
        let stage = Stage::play(replies).await;
        let client = stage.builder().compress_requests_from(1).build().unwrap();
        let result = post(&client, 10_000).await;
        assert_eq!(result.is_ok(), is_success);
        let seen = stage.seen();
        assert_eq!(seen.len(), attempts);
        assert_eq!(seen[1].header("content-encoding"), None);
        assert_eq!(plain(&seen[0]), plain(&seen[1]));
    }
}
