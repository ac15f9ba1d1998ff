//! Large files, sent in slices.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use msgraph_core::odata::Value;
use msgraph_core::{Client, Error, Path, Request, UploadSession, UploadSource};
use serde_json::json;

use crate::raw::{Raw, fill};
use crate::support::{CREATE, Seen, Service, json};

const UNIT: usize = 320 * 1024;

fn content(length: usize) -> Vec<u8> {
    let mut content = vec![0; length];
    fill(0, &mut content);
    content
}

/// A place that takes slices in order, and misbehaves as `fault` says.
#[derive(Clone, Default)]
struct Place {
    received: Arc<Mutex<Vec<u8>>>,
}

/// What is wrong with the answer to a slice; by the number of the request.
#[derive(Clone, Copy)]
enum Fault {
    /// Answers with a status and does not keep the slice.
    Refuse(u16),
    /// Keeps the slice but answers with a status.
    Keep(u16),
    /// Keeps only so many bytes of the slice.
    Cut(usize),
}

impl Place {
    fn new(kept: usize) -> Self {
        let place = Self::default();
        place.received.lock().unwrap().extend(content(kept));
        place
    }

    fn answer(&self, seen: &Seen, total: usize, fault: Option<Fault>) -> Response {
        let mut received = self.received.lock().unwrap();
        if seen.method == "GET" {
            return match received.len() == total {
                true => (StatusCode::NOT_FOUND, "").into_response(),
                false => expects(&format!("{}-", received.len())),
            };
        }
        let range = seen.header("content-range").unwrap();
        let (start, end) = range
            .strip_prefix("bytes ")
            .unwrap()
            .split_once('/')
            .unwrap()
            .0
            .split_once('-')
            .unwrap();
        let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
        assert_eq!(seen.body.len(), end + 1 - start);
        assert!(range.ends_with(&format!("/{total}")));
        assert!(end + 1 == total || seen.body.len().is_multiple_of(UNIT), "{range}");
        if start != received.len() {
            return json(416, &json!({"error": {"code": "invalidRange", "message": "no"}}));
        }
        match fault {
            Some(Fault::Refuse(status)) => return at_once(status),
            Some(Fault::Cut(bytes)) => received.extend(&seen.body[..bytes]),
            Some(Fault::Keep(status)) => {
                received.extend(&seen.body);
                return at_once(status);
            }
            None => received.extend(&seen.body),
        }
        match received.len() == total {
            true => json(201, &json!({"id": "1", "size": total})),
            false => expects(&format!("{}-", received.len())),
        }
    }
}

/// A failure that may be followed by another attempt at once.
fn at_once(status: u16) -> Response {
    (StatusCode::from_u16(status).unwrap(), [("retry-after", "0")]).into_response()
}

fn expects(range: &str) -> Response {
    json(
        202,
        &json!({"expirationDateTime": "2099-01-01T00:00:00Z", "nextExpectedRanges": [range]}),
    )
}

/// A service with a place for a file of `total` bytes, of which it has `kept`.
async fn service(total: usize, kept: usize, faults: &[(usize, Fault)]) -> (Service, Place) {
    let place = Place::new(kept);
    let faults: BTreeMap<usize, Fault> = faults.iter().copied().collect();
    let slices = Mutex::new(0);
    let service = Service::start({
        let place = place.clone();
        move |seen: &Seen| {
            if seen.target == "/v1.0/things" {
                let url = format!("http://{}/up/hunter2", seen.header("host").unwrap());
                return json(200, &json!({"uploadUrl": url, "nextExpectedRanges": ["0-"]}));
            }
            assert_eq!(
                (seen.target.as_str(), seen.header("authorization")),
                ("/up/hunter2", None)
            );
            let mut slices = slices.lock().unwrap();
            *slices += usize::from(seen.method == "PUT");
            let fault = faults.get(&slices).filter(|_| seen.method == "PUT");
            place.answer(seen, total, fault.copied())
        }
    })
    .await;
    (service, place)
}

fn create(client: &Client) -> Request<Value> {
    Path::root(client, "things").request_json(&CREATE, &json!({}))
}

async fn upload(service: &Service, source: UploadSource) -> Result<Value, Error> {
    let client = service.client();
    let session = UploadSession::create(create(&client)).await?;
    let answer = session
        .upload(&client, source)
        .slice_size(UNIT as u64)
        .send::<Value>()
        .await?;
    Ok(answer.into_value())
}

fn ranges(service: &Service) -> Vec<String> {
    let range = |seen: &Seen| match seen.header("content-range") {
        Some(range) => range.trim_start_matches("bytes ").to_owned(),
        None => seen.method.clone(),
    };
    service.seen().iter().map(range).collect()
}

#[tokio::test]
async fn content_arrives_in_slices_from_any_source() {
    let total = 2 * UNIT + 100;
    let sources = [
        UploadSource::bytes(content(total)),
        UploadSource::reader(std::io::Cursor::new(content(total)), total as u64),
        UploadSource::stream(std::io::Cursor::new(content(total)), total as u64),
    ];
    for source in sources {
        let (service, place) = service(total, 0, &[]).await;
        assert_eq!(
            upload(&service, source).await.unwrap(),
            json!({"id": "1", "size": total})
        );
        assert_eq!(*place.received.lock().unwrap(), content(total));
        assert_eq!(
            ranges(&service),
            [
                "POST",
                "0-327679/655460",
                "327680-655359/655460",
                "655360-655459/655460"
            ]
        );
    }
}

#[tokio::test]
async fn progress_is_what_the_service_has() {
    let total = 2 * UNIT + 100;
    let (service, _) = service(total, 0, &[(2, Fault::Refuse(503))]).await;
    let client = service.client();
    let session = UploadSession::create(create(&client)).await.unwrap();
    let mut reports = Vec::new();
    let upload = session
        .upload(&client, UploadSource::bytes(content(total)))
        .slice_size(UNIT as u64);
    upload
        .progress(|progress| reports.push((progress.sent, progress.total)))
        .send::<Value>()
        .await
        .unwrap();
    assert_eq!(
        reports,
        [0, UNIT, 2 * UNIT, total].map(|sent| (sent as u64, total as u64))
    );
}

#[tokio::test]
async fn what_fails_is_asked_for_and_sent_again() {
    let total = 3 * UNIT;
    for fault in [
        Fault::Refuse(500),
        Fault::Refuse(429),
        Fault::Keep(504),
        Fault::Keep(416),
        Fault::Refuse(416),
        Fault::Cut(UNIT / 2),
    ] {
        for is_stream in [false, true] {
            let (service, place) = service(total, 0, &[(2, fault)]).await;
            let source = match is_stream {
                false => UploadSource::bytes(content(total)),
                true => UploadSource::stream(std::io::Cursor::new(content(total)), total as u64),
            };
            upload(&service, source).await.unwrap();
            assert!(*place.received.lock().unwrap() == content(total));
        }
    }
}

#[tokio::test]
async fn saved_session_goes_on_after_a_crash() {
    let total = 3 * UNIT;
    let (service, place) = service(total, UNIT + 5, &[]).await;
    let client = service.client();
    let saved = format!(r#"{{"uploadUrl":"{}/up/hunter2"}}"#, service.address);
    let session: UploadSession = serde_json::from_str(&saved).unwrap();
    let mut first = None;
    session
        .upload(&client, UploadSource::bytes(content(total)))
        .progress(|progress| _ = first.get_or_insert(progress.sent))
        .send::<Value>()
        .await
        .unwrap();
    assert_eq!(first, Some(UNIT as u64 + 5));
    assert!(*place.received.lock().unwrap() == content(total));
    assert_eq!(ranges(&service)[0], "GET");
}

#[tokio::test]
async fn gap_is_filled_as_the_service_asks() {
    let asked = Mutex::new(vec!["655360-", "10-19", "0-"]);
    let service = Service::start(move |seen: &Seen| match seen.method.as_str() {
        "GET" => expects("0-"),
        _ => match asked.lock().unwrap().pop() {
            Some("0-") => expects("10-19"),
            Some("10-19") => expects("655360-"),
            _ => json(200, &json!({"id": "1"})),
        },
    })
    .await;
    let client = service.client();
    let saved = format!(r#"{{"uploadUrl":"{}/up/hunter2"}}"#, service.address);
    let session: UploadSession = serde_json::from_str(&saved).unwrap();
    let upload = session
        .upload(&client, UploadSource::bytes(content(3 * UNIT)))
        .slice_size(UNIT as u64);
    upload.send::<Value>().await.unwrap();
    assert_eq!(
        ranges(&service),
        ["GET", "0-327679/983040", "10-19/983040", "655360-983039/983040"]
    );
}

#[tokio::test]
async fn expired_session_says_what_to_do() {
    let service = Service::start(|seen: &Seen| match seen.target.as_str() {
        "/v1.0/things" => {
            let url = format!("http://{}/up/hunter2", seen.header("host").unwrap());
            json(200, &json!({"uploadUrl": url}))
        }
        _ => json(404, &json!({"error": {"code": "itemNotFound", "message": "no"}})),
    })
    .await;
    let error = upload(&service, UploadSource::bytes(content(2 * UNIT)))
        .await
        .unwrap_err();
    assert!(error.is_upload_session_gone() && !error.is_upload_unknown());
    let text = error.to_string();
    assert!(
        text.contains("create another one") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test]
async fn lost_answer_to_the_last_slice_is_reported_as_unknown() {
    let (service, place) = service(2 * UNIT, 0, &[(2, Fault::Keep(502))]).await;
    let error = upload(&service, UploadSource::bytes(content(2 * UNIT)))
        .await
        .unwrap_err();
    assert!(error.is_upload_unknown(), "{error}");
    assert_eq!(place.received.lock().unwrap().len(), 2 * UNIT);
}

#[tokio::test]
async fn service_that_takes_nothing_is_given_up() {
    let service = Service::start(|seen: &Seen| match seen.target.as_str() {
        "/v1.0/things" => {
            let url = format!("http://{}/up", seen.header("host").unwrap());
            json(200, &json!({"uploadUrl": url}))
        }
        _ => ([("retry-after", "0")], expects("0-")).into_response(),
    })
    .await;
    let error = upload(&service, UploadSource::bytes(content(2 * UNIT)))
        .await
        .unwrap_err();
    assert!(
        error.is_decode() && error.to_string().contains("expects again"),
        "{error}"
    );
    assert_eq!(
        ranges(&service).iter().filter(|range| range.starts_with("0-")).count(),
        5
    );
}

#[tokio::test]
async fn impossible_upload_is_refused_before_anything_is_sent() {
    let (service, _) = service(10, 0, &[]).await;
    let client = service.client();
    let session = UploadSession::create(create(&client)).await.unwrap();
    let upload = |length: usize| session.upload(&client, UploadSource::bytes(content(length)));
    for (upload, named) in [
        (upload(0), "empty"),
        (upload(10).slice_size(0), "0 bytes"),
        (upload(10).slice_size(320_000), "327680"),
        (upload(10).slice_size(200 * UNIT as u64), "60 MiB"),
    ] {
        let error = upload.send::<Value>().await.unwrap_err();
        assert!(
            error.is_invalid_request() && error.to_string().contains(named),
            "{error}"
        );
    }
    assert_eq!(service.seen().len(), 1);
    let short = UploadSource::stream(std::io::Cursor::new(content(9)), 10);
    let error = session.upload(&client, short).send::<Value>().await.unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[tokio::test]
async fn attachment_answers_with_numbers_and_nothing_at_the_end() {
    let service = Service::start(|seen: &Seen| match seen.header("content-range") {
        None => {
            let url = format!("http://{}/up", seen.header("host").unwrap());
            json(201, &json!({"uploadUrl": url, "nextExpectedRanges": ["0-"]}))
        }
        Some(range) if range.starts_with("bytes 0-") => json(200, &json!({"nextExpectedRanges": ["327680"]})),
        Some(_) => (StatusCode::CREATED, [("location", "https://outlook.example/a")]).into_response(),
    })
    .await;
    let client = service.client();
    let session = UploadSession::create(create(&client)).await.unwrap();
    let upload = session
        .upload(&client, UploadSource::bytes(content(UNIT + 1)))
        .slice_size(UNIT as u64);
    let answer = upload.send::<()>().await.unwrap();
    assert_eq!(answer.headers()["location"], "https://outlook.example/a");
}

#[tokio::test]
async fn session_can_be_committed_or_given_up() {
    let service = Service::start(|seen: &Seen| match seen.method.as_str() {
        "PUT" => json(202, &json!({"nextExpectedRanges": []})),
        "POST" => json(201, &json!({"id": "1"})),
        _ => StatusCode::NO_CONTENT.into_response(),
    })
    .await;
    let client = service.client();
    let saved = format!(
        r#"{{"uploadUrl":"{}/up","nextExpectedRanges":["0-"]}}"#,
        service.address
    );
    let session: UploadSession = serde_json::from_str(&saved).unwrap();
    assert_eq!(session.commit::<Value>(&client).await.unwrap().value()["id"], "1");
    session.cancel(&client).await.unwrap();
    assert_eq!(ranges(&service), ["POST", "DELETE"]);
    assert!(service.seen().iter().all(|seen| seen.header("authorization").is_none()));
    let strange = r#"{"uploadUrl":"http://up.example/hunter2"}"#;
    let session: UploadSession = serde_json::from_str(strange).unwrap();
    let error = session.cancel(&client).await.unwrap_err();
    assert!(
        error.is_invalid_request() && !error.to_string().contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn connection_that_breaks_mid_slice_loses_nothing() {
    let received = Arc::new(Mutex::new(Vec::new()));
    let total = 3 * UNIT;
    let service = Raw::start({
        let received = Arc::clone(&received);
        move |mut exchange| {
            let received = Arc::clone(&received);
            async move {
                if exchange.method == "GET" {
                    let next = format!(r#"{{"nextExpectedRanges":["{}-"]}}"#, received.lock().unwrap().len());
                    return exchange.answer("200 OK", next).await;
                }
                // Every third request is cut off in the middle of its slice, of which nothing is kept.
                if exchange.index % 3 == 0 {
                    exchange.read(&mut [0; 1000]).await;
                    return;
                }
                let slice = exchange.body().await;
                received.lock().unwrap().extend(slice);
                let length = received.lock().unwrap().len();
                match length == total {
                    true => exchange.answer("201 Created", r#"{"id":"1"}"#).await,
                    false => {
                        let next = format!(r#"{{"nextExpectedRanges":["{length}-"]}}"#);
                        exchange.answer("202 Accepted", next).await;
                    }
                }
            }
        }
    })
    .await;
    let client = service.client();
    let saved = format!(r#"{{"uploadUrl":"{}/up"}}"#, service.address);
    let session: UploadSession = serde_json::from_str(&saved).unwrap();
    let upload = session
        .upload(&client, UploadSource::bytes(content(total)))
        .slice_size(UNIT as u64);
    assert_eq!(upload.send::<Value>().await.unwrap().value()["id"], "1");
    assert!(*received.lock().unwrap() == content(total));
    assert!(service.log().iter().all(|line| !line.contains("token")));
}
