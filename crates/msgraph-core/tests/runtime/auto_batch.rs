//! Concurrent calls that are gathered into batches.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use msgraph_core::odata::{Page, Value};
use msgraph_core::{Client, Content, Path, Request};
use serde_json::json;

use crate::support::{GET, Inner, LIST, Service, batch_service, batched};

fn get(client: &Client, id: impl std::fmt::Display) -> Request<Value> {
    Path::root(client, "things").key(id).request(&GET)
}

fn echo(inner: &Inner) -> Value {
    json!({"status": 200, "body": {"url": inner.url}})
}

fn sizes(service: &Service) -> Vec<usize> {
    let mut sizes: Vec<usize> = service.seen().iter().map(|seen| batched(seen).len()).collect();
    sizes.sort_unstable();
    sizes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_many_tasks_share_batches() {
    let service = batch_service(echo).await;
    let client = service.client().auto_batch_within(Duration::from_millis(50));
    let tasks = (0..45).map(|id| {
        let call = get(&client, id);
        tokio::spawn(async move { (id, call.await) })
    });
    for done in join_all(tasks).await {
        let (id, answer) = done.unwrap();
        assert_eq!(answer.unwrap()["url"], format!("/things/{id}"));
    }
    assert_eq!(sizes(&service), [5, 20, 20]);
}

#[tokio::test]
async fn lone_call_is_sent_as_it_is_after_the_window() {
    let service = batch_service(echo).await;
    let client = service.client().auto_batch();
    for id in 0..3 {
        let start = Instant::now();
        let answer = get(&client, id).await.unwrap();
        assert_eq!(answer, json!({"alone": format!("/v1.0/things/{id}")}));
        assert!(start.elapsed() < Duration::from_millis(500));
    }
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn window_bounds_the_wait() {
    let service = batch_service(echo).await;
    let client = service.client().auto_batch_within(Duration::from_millis(300));
    let start = Instant::now();
    let calls = join_all((0..20).map(|id| get(&client, id).into_future())).await;
    assert!(calls.iter().all(Result::is_ok));
    assert!(
        start.elapsed() < Duration::from_millis(300),
        "a full batch does not wait"
    );
    let start = Instant::now();
    join_all((0..3).map(|id| get(&client, id).into_future())).await;
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(sizes(&service), [3, 20]);
}

#[tokio::test]
async fn errors_are_those_of_the_call() {
    let service = batch_service(|inner| match inner.url.as_str() {
        "/things/1" => json!({"status": 404, "body": {"error": {"code": "gone", "message": "no"}}}),
        "/things/2" if inner.times == 1 => json!({"status": 429, "headers": {"Retry-After": "0"}}),
        _ => echo(inner),
    })
    .await;
    let client = service.client().auto_batch();
    let wrong = get(&client, "..").into_future();
    let calls = (0..3).map(|id| get(&client, id).into_future());
    let answers = join_all(calls.chain([wrong])).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(answers[1].as_ref().unwrap_err().is_not_found());
    assert!(answers[3].as_ref().unwrap_err().is_invalid_request());
    assert_eq!(sizes(&service), [1, 3]);
}

#[tokio::test]
async fn pages_and_contents_are_read_as_without_batches() {
    let service = batch_service(|inner| match inner.url.as_str() {
        "/things" => json!({"status": 200, "body": {"value": [1]}}),
        _ => echo(inner),
    })
    .await;
    let client = service.client().auto_batch();
    let list: Request<Page<i32>> = Path::root(&client, "things").request(&LIST);
    let content: Request<Content> = Path::root(&client, "things").key("1").request(&GET);
    let (items, other, content) = tokio::join!(list.all(), get(&client, 1).into_future(), content.into_future());
    assert_eq!(items.unwrap(), [1]);
    assert!(other.is_ok());
    assert!(content.unwrap().bytes().starts_with(b"{\"alone\""));
    assert_eq!(service.seen().len(), 2);
}

#[tokio::test]
async fn dropped_call_is_not_sent_and_takes_no_other_along() {
    let service = batch_service(echo).await;
    let client = service.client().auto_batch_within(Duration::from_millis(50));
    let dropped = tokio::spawn(get(&client, 1).into_future());
    let kept = [2, 3].map(|id| tokio::spawn(get(&client, id).into_future()));
    tokio::time::sleep(Duration::from_millis(10)).await;
    dropped.abort();
    for answer in join_all(kept).await {
        assert!(answer.unwrap().is_ok());
    }
    let urls: Vec<String> = batched(&service.only()).into_iter().map(|inner| inner.url).collect();
    assert_eq!(urls, ["/things/2", "/things/3"]);
}

#[tokio::test]
async fn dropped_call_is_not_sent_again() {
    let service = batch_service(|inner| match (inner.url.as_str(), inner.times) {
        ("/things/1", 1) => json!({"status": 429, "headers": {"Retry-After": "1"}}),
        _ => echo(inner),
    })
    .await;
    let client = service.client().auto_batch();
    let throttled = tokio::spawn(get(&client, 1).into_future());
    assert!(get(&client, 2).await.is_ok());
    throttled.abort();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(sizes(&service), [2]);
}
