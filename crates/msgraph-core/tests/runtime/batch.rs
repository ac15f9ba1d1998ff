//! Several requests sent as one.

use std::time::{Duration, Instant};

use msgraph_core::odata::{Page, Value};
use msgraph_core::{Batch, Client, Content, Path, Request};
use serde_json::json;

use crate::support::{CREATE, Counting, GET, Inner, LIST, Offline, PUT, Service, UPDATE, batch_service, batched, json};

fn get(client: &Client, id: impl std::fmt::Display) -> Request<Value> {
    Path::root(client, "things").key(id).request(&GET)
}

/// Answers with the address that was asked for.
fn echo(inner: &Inner) -> Value {
    json!({"status": 200, "headers": {"Content-Type": "application/json"}, "body": {"url": inner.url}})
}

/// The addresses in each of the batches that arrived.
fn batches(service: &Service) -> Vec<Vec<Inner>> {
    service.seen().iter().map(batched).collect()
}

#[tokio::test]
async fn every_kind_of_answer_finds_its_request() {
    let service = batch_service(|inner| match inner.url.as_str() {
        "/things?$top=2" => json!({"status": 200, "body": {"value": [1, 2], "@odata.nextLink": "x"}}),
        "/things/photo/$value" => {
            json!({"status": 200, "headers": {"Content-Type": "image/png"}, "body": "iVBORw=="})
        }
        "/things/absent" => {
            json!({"status": 404, "body": {"error": {"code": "Request_ResourceNotFound", "message": "no"}}})
        }
        "/things/secret" => json!({"status": 403, "body": {}}),
        "/things" => json!({"status": 201, "headers": {"Location": "/things/9"}, "body": inner.json["body"]}),
        _ => json!({"status": 204}),
    })
    .await;
    let client = service.client();
    let things = || Path::root(&client, "things");
    let list: Request<Page<i32>> = things().request(&LIST);
    let photo: Request<Content> = things().key("photo").segment("$value").request(&GET);
    let create: Request<Value> = things().request_json(&CREATE, &json!({"n": 1.5}));
    let update: Request<()> = things().key("1").request_json(&UPDATE, &json!({}));
    let requests = (
        list.top(2),
        photo,
        get(&client, "absent"),
        get(&client, "secret"),
        create,
        update,
    );
    let (list, photo, absent, secret, created, updated) = client.batch(requests).await.unwrap();

    assert_eq!(list.unwrap().value, [1, 2]);
    assert_eq!(photo.unwrap(), Content::new("image/png", &b"\x89PNG"[..]));
    let absent = absent.unwrap_err();
    assert!(absent.is_not_found(), "{absent}");
    assert_eq!(absent.odata().unwrap().code, "Request_ResourceNotFound");
    assert_eq!(absent.operation().unwrap().to_string(), "GET /things/{thing-id}");
    assert!(absent.client_request_id().is_some());
    assert!(secret.unwrap_err().to_string().contains("Thing.Read.All"));
    assert_eq!(created.unwrap(), json!({"n": 1.5}));
    updated.unwrap();
    assert_eq!(service.only().header("authorization"), Some("Bearer t0ken-hunter2"));
}

#[tokio::test]
async fn inner_requests_carry_what_they_would_alone() {
    let service = batch_service(echo).await;
    let client = service.client();
    let list: Request<Page<Value>> = Path::root(&client, "things").request(&LIST);
    let put: Request<()> = Path::root(&client, "things")
        .key("a b")
        .segment("$value")
        .request_content(&PUT, Content::new("image/png", &[0xff, 0xef, 0x01][..]));
    let update: Request<()> = Path::root(&client, "things")
        .key("1")
        .request_json(&UPDATE, &json!({"n": "v"}))
        .header("If-Match", "*");
    let _ = client
        .batch((list.filter("n eq 'é'").count(), put, update))
        .await
        .unwrap();
    let inner = batched(&service.only());
    let json: Vec<Value> = inner
        .into_iter()
        .map(|mut inner| {
            let headers = inner.json["headers"].as_object_mut().unwrap();
            assert_eq!(headers.remove("client-request-id").unwrap().as_str().unwrap().len(), 36);
            inner.json
        })
        .collect();
    assert_eq!(
        json,
        [
            json!({"id": "1", "method": "GET", "headers": {"consistencylevel": "eventual"},
                   "url": "/things?$filter=n%20eq%20%27%C3%A9%27&$count=true"}),
            json!({"id": "2", "method": "PUT", "url": "/things/a%20b/$value",
                   "headers": {"content-type": "image/png"}, "body": "/+8B"}),
            json!({"id": "3", "method": "PATCH", "url": "/things/1",
                   "headers": {"content-type": "application/json", "if-match": "*"}, "body": {"n": "v"}}),
        ]
    );
}

#[tokio::test]
async fn requests_beyond_twenty_go_into_further_batches() {
    for (requests, sizes) in [
        (0, &[][..]),
        (1, &[1]),
        (19, &[19]),
        (20, &[20]),
        (21, &[20, 1]),
        (45, &[20, 20, 5]),
    ] {
        let service = batch_service(echo).await;
        let client = service.client();
        let answers = client
            .batch((0..requests).map(|id| get(&client, id)).collect::<Vec<_>>())
            .await
            .unwrap();
        let urls: Vec<Value> = answers
            .into_iter()
            .map(|answer| answer.unwrap()["url"].clone())
            .collect();
        let expected: Vec<Value> = (0..requests).map(|id| json!(format!("/things/{id}"))).collect();
        assert_eq!(urls, expected);
        let mut seen: Vec<usize> = batches(&service).iter().map(Vec::len).collect();
        seen.sort_by(|a, b| b.cmp(a));
        assert_eq!(seen, sizes);
    }
}

#[tokio::test]
async fn batches_are_in_flight_together() {
    let service = batch_service(|inner| {
        std::thread::sleep(Duration::from_millis(5));
        echo(inner)
    })
    .await;
    let client = service.client();
    let batches = client.batch((0..200).map(|id| get(&client, id)).collect::<Vec<_>>());
    assert!(batches.await.unwrap().iter().all(Result::is_ok));
    assert_eq!(service.seen().len(), 10);
}

#[tokio::test]
async fn throttled_request_is_sent_again_alone_when_the_service_says() {
    let service = batch_service(|inner| match (inner.url.as_str(), inner.times) {
        ("/things/1", 1 | 2) => json!({"status": 429, "headers": {"Retry-After": "1"}}),
        ("/things/2", 1) => json!({"status": 503, "headers": {"Retry-After": "0"}}),
        _ => echo(inner),
    })
    .await;
    let client = service.client();
    let start = Instant::now();
    let answers = client.batch([0, 1, 2, 3].map(|id| get(&client, id))).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
    assert!(start.elapsed() >= Duration::from_secs(2));
    let ids: Vec<Vec<String>> = batches(&service)
        .into_iter()
        .map(|batch| batch.into_iter().map(|inner| inner.id).collect())
        .collect();
    assert_eq!(ids, [&["1", "2", "3", "4"][..], &["3"], &["2"], &["2"]]);
}

#[tokio::test]
async fn write_is_only_sent_again_when_the_service_has_done_nothing() {
    for (status, retry_after, sent) in [
        (429, false, 2),
        (503, true, 2),
        (503, false, 1),
        (504, true, 1),
        (500, true, 1),
    ] {
        let service = batch_service(move |inner| match (inner.times, retry_after) {
            (1, true) => json!({"status": status, "headers": {"Retry-After": "0"}}),
            (1, false) => json!({"status": status}),
            _ => json!({"status": 204}),
        })
        .await;
        let client = service.client();
        let create: Request<()> = Path::root(&client, "things").request_json(&CREATE, &json!({}));
        let (answer,) = client.batch((create,)).await.unwrap();
        assert_eq!(service.seen().len(), sent, "{status}");
        assert_eq!(answer.is_ok(), sent == 2, "{status}");
    }
}

#[tokio::test]
async fn request_that_stays_throttled_says_when_to_come_back() {
    let service = batch_service(|_| json!({"status": 429, "headers": {"Retry-After": "1000"}})).await;
    let client = service.client();
    let (answer,) = client.batch((get(&client, 1),)).await.unwrap();
    let error = answer.unwrap_err();
    assert!(error.is_throttled() && error.retry_after() == Some(Duration::from_secs(1000)));
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test]
async fn dependencies_are_kept_when_requests_are_sent_again() {
    let service = batch_service(|inner| match (inner.url.as_str(), inner.times) {
        ("/things/1", 1) => json!({"status": 429, "headers": {"Retry-After": "0"}}),
        _ => echo(inner),
    })
    .await;
    let client = service.client();
    let mut batch = Batch::new(&client);
    let tickets: Vec<_> = (0..3).map(|id| batch.add(get(&client, id))).collect();
    batch.depends_on(&tickets[1], &tickets[0]);
    batch.depends_on(&tickets[2], &tickets[1]);
    assert_eq!(batch.len(), 3);
    let mut answers = batch.send().await.unwrap();
    for (id, ticket) in tickets.into_iter().enumerate() {
        assert_eq!(answers.take(ticket).unwrap()["url"], format!("/things/{id}"));
    }
    let sent: Vec<Vec<(String, Vec<String>)>> = batches(&service)
        .into_iter()
        .map(|batch| batch.into_iter().map(|inner| (inner.id, inner.depends_on)).collect())
        .collect();
    let step = |id: &str, on: &[&str]| (id.to_owned(), on.iter().map(|&id| id.to_owned()).collect());
    assert_eq!(
        sent,
        [
            vec![step("1", &[]), step("2", &["1"]), step("3", &["2"])],
            // The first has succeeded, and an identifier that is not in the batch would be refused.
            vec![step("2", &[]), step("3", &["2"])],
        ]
    );
}

#[tokio::test]
async fn failure_fails_what_depends_on_it_and_nothing_else() {
    let service = batch_service(|inner| match inner.url.as_str() {
        "/things/0" => json!({"status": 400, "body": {"error": {"code": "x", "message": "no"}}}),
        _ => echo(inner),
    })
    .await;
    let client = service.client();
    let mut batch = Batch::new(&client);
    let failing = batch.add(get(&client, 0));
    let dependent = batch.add(get(&client, 1));
    let independent = batch.add(get(&client, 2));
    batch.depends_on(&dependent, &failing);
    let mut answers = batch.send().await.unwrap();
    assert!(answers.take(failing).unwrap_err().is_bad_request());
    assert!(answers.take(dependent).unwrap_err().is_failed_dependency());
    assert!(answers.take(independent).is_ok());
    // A batch is either in sequence or in parallel.
    let urls: Vec<Vec<String>> = batches(&service)
        .into_iter()
        .map(|batch| batch.into_iter().map(|inner| inner.url).collect())
        .collect();
    assert!(
        urls.contains(&vec!["/things/0".to_owned(), "/things/1".to_owned()]),
        "{urls:?}"
    );
}

#[tokio::test]
async fn chain_longer_than_a_batch_goes_into_one_after_the_other() {
    let service = batch_service(echo).await;
    let client = service.client();
    let mut batch = Batch::new(&client);
    let tickets: Vec<_> = (0..45).map(|id| batch.add(get(&client, id))).collect();
    for pair in tickets.windows(2) {
        batch.depends_on(&pair[1], &pair[0]);
    }
    let mut answers = batch.send().await.unwrap();
    assert!(tickets.into_iter().all(|ticket| answers.take(ticket).is_ok()));
    let batches = batches(&service);
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
    for batch in batches {
        for (index, inner) in batch.iter().enumerate() {
            assert_eq!(inner.depends_on.is_empty(), index == 0);
        }
    }
}

#[tokio::test]
async fn request_that_cannot_be_sent_is_reported_in_its_place() {
    let service = batch_service(echo).await;
    let client = service.client();
    let list = || Path::root(&client, "things").request::<Page<Value>>(&LIST);
    let (wrong, elsewhere, other_version, fine) = client
        .batch((
            get(&client, ".."),
            list().continue_from("https://evil.example/v1.0/things"),
            list().continue_from(format!("{}/beta/things", service.address)),
            get(&client, 1),
        ))
        .await
        .unwrap();
    assert!(wrong.unwrap_err().is_invalid_request());
    assert!(elsewhere.unwrap_err().is_untrusted_host());
    let error = other_version.unwrap_err();
    assert!(
        error.is_invalid_request() && error.to_string().contains("send this one alone"),
        "{error}"
    );
    assert!(fine.is_ok());
    assert_eq!(batched(&service.only()).len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_for_requests_that_the_cloud_lacks() {
    let (credential, transport) = (Counting::default(), Offline::default());
    let client = Client::builder()
        .cloud(msgraph_core::Cloud::Delos)
        .credential(credential.clone())
        .transport(transport.clone())
        .build()
        .unwrap();
    let (answer,) = client.batch((get(&client, 1),)).await.unwrap();
    assert!(answer.unwrap_err().is_unavailable_in_cloud());
    assert_eq!((credential.asked(), transport.asked()), (0, 0));
    let failed = client.batch((get(&client, 1).even_if_unlisted(),)).await.unwrap_err();
    assert!(
        failed.is_connection() && failed.to_string().contains("POST /$batch"),
        "{failed}"
    );
}

#[tokio::test]
async fn batch_that_fails_as_a_whole_leaves_the_others_their_answers() {
    let service = Service::start(|seen| {
        let inner = batched(seen);
        if inner.iter().any(|inner| inner.url == "/things/25") {
            return json(400, &json!({"error": {"code": "badBatch", "message": "no"}}));
        }
        let answers: Vec<Value> = inner
            .iter()
            .skip(1)
            .map(|inner| json!({"id": inner.id, "status": 204}))
            .collect();
        json(200, &json!({"responses": answers}))
    })
    .await;
    let client = service.client();
    let answers = client
        .batch((0..30).map(|id| get(&client, id)).collect::<Vec<_>>())
        .await
        .unwrap();
    let error = answers[0].as_ref().unwrap_err();
    assert!(
        error.is_decode() && error.to_string().contains("lacks the answer"),
        "{error}"
    );
    assert!(answers[1..20].iter().all(Result::is_ok));
    for answer in &answers[20..] {
        let error = answer.as_ref().unwrap_err();
        assert_eq!(error.odata().unwrap().code, "badBatch");
        assert_eq!(error.operation().unwrap().path, "/things/{thing-id}");
    }
    let whole = client.batch((get(&client, 25),)).await.unwrap_err();
    assert!(whole.is_bad_request(), "{whole}");
}

#[tokio::test]
async fn redirected_request_is_sent_alone() {
    let service = batch_service(|_| json!({"status": 302, "headers": {"Location": "https://files.example/x"}})).await;
    let client = service.client();
    let (answer,) = client.batch((get(&client, 7),)).await.unwrap();
    assert_eq!(answer.unwrap(), json!({"alone": "/v1.0/things/7"}));
}

#[tokio::test]
async fn mixed_up_batch_is_not_sent() {
    let service = batch_service(echo).await;
    let client = service.client();
    let mut other = Batch::new(&client);
    let strange = other.add(get(&client, 1));
    let mut backwards = Batch::new(&client);
    let (first, second) = (backwards.add(get(&client, 1)), backwards.add(get(&client, 2)));
    backwards.depends_on(&first, &second);
    let mut mixed = Batch::new(&client);
    let own = mixed.add(get(&client, 1));
    mixed.depends_on(&own, &strange);
    let mut foreign = Batch::new(&client);
    foreign.add(get(&service.client(), 1));
    for (batch, problem) in [
        (backwards, "in that order"),
        (mixed, "another batch"),
        (foreign, "another client"),
    ] {
        let error = batch.send().await.unwrap_err();
        assert!(
            error.is_invalid_request() && error.to_string().contains(problem),
            "{error}"
        );
    }
    assert!(service.seen().is_empty());
    let mut batch = Batch::new(&client);
    let ticket = batch.add(get(&client, 1));
    let mut answers = batch.send().await.unwrap();
    let error = answers.take(strange).unwrap_err();
    assert!(error.to_string().contains("another batch"), "{error}");
    assert!(answers.take(ticket).is_ok());
}
