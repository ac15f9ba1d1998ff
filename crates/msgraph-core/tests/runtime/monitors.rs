//! Operations that take longer than a request.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use msgraph_core::odata::Value;
use msgraph_core::{Monitor, Path, Request};
use serde_json::json;

use crate::support::{CREATE, Seen, Service, json};

fn create(service: &Service) -> Request<Value> {
    Path::root(&service.client(), "things").request_json(&CREATE, &json!({}))
}

fn accepted(name: &'static str, link: String) -> Response {
    (StatusCode::ACCEPTED, [(name, link), ("retry-after", "0".to_owned())]).into_response()
}

fn at_once(answer: Response) -> Response {
    ([("retry-after", "0")], answer).into_response()
}

/// Accepts an operation, and answers the questions for it with `states` one after the other.
async fn service(link: fn(&Seen) -> Response, states: Vec<Response>) -> Service {
    let states = Mutex::new(states.into_iter());
    Service::start(move |seen: &Seen| match (seen.method.as_str(), seen.target.as_str()) {
        ("POST", _) => link(seen),
        (_, "/v1.0/things/9") => json(200, &json!({"id": "9"})),
        _ => states.lock().unwrap().next().unwrap(),
    })
    .await
}

fn targets(service: &Service) -> Vec<String> {
    service.seen().into_iter().map(|seen| seen.target).collect()
}

#[tokio::test]
async fn operation_is_followed_to_its_result() {
    let links: [fn(&Seen) -> Response; 4] = [
        |seen| {
            accepted(
                "location",
                format!("http://{}/v1.0/operations/1", seen.header("host").unwrap()),
            )
        },
        |_| accepted("location", "/operations/1".to_owned()),
        |_| accepted("location", "/v1.0/operations/1".to_owned()),
        |seen| {
            let operation = format!("http://{}/v1.0/operations/1", seen.header("host").unwrap());
            (
                [("location", "/v1.0/things/9")],
                accepted("operation-location", operation),
            )
                .into_response()
        },
    ];
    for link in links {
        let states = vec![
            at_once(json(202, &json!({"status": "inProgress", "percentageComplete": 20}))),
            at_once(json(200, &json!({"status": "running"}))),
            json(
                200,
                &json!({"status": "succeeded", "targetResourceLocation": "/things/9"}),
            ),
        ];
        let service = service(link, states).await;
        let mut monitor = create(&service).begin().await.unwrap();
        assert!(!monitor.state().is_finished());
        assert_eq!(monitor.poll().await.unwrap().percent_complete(), Some(20.0));
        assert_eq!(monitor.result::<Value>().await.unwrap(), json!({"id": "9"}));
        let monitored = ["/v1.0/operations/1"; 3];
        assert_eq!(
            targets(&service),
            [&["/v1.0/things"], &monitored[..], &["/v1.0/things/9"]].concat()
        );
        assert!(service.seen().iter().all(|seen| seen.header("authorization").is_some()));
    }
}

#[tokio::test]
async fn monitor_elsewhere_gets_no_token() {
    let elsewhere = Service::start(|_| json(200, &json!({"status": "completed", "resourceId": "42"}))).await;
    let link = Mutex::new(format!("{}/monitor/hunter2", elsewhere.address));
    let service = Service::start(move |_: &Seen| accepted("location", link.lock().unwrap().clone())).await;
    let mut monitor = create(&service).begin().await.unwrap();
    assert_eq!(monitor.wait().await.unwrap().resource_id(), Some("42"));
    assert_eq!(elsewhere.only().header("authorization"), None);
    assert!(!format!("{monitor:?}").contains("hunter2"));
    let error = monitor.result::<Value>().await.unwrap_err();
    assert!(
        error.to_string().contains("does not say where the result is"),
        "{error}"
    );

    let mut later = Monitor::new(&service.client(), monitor.url().clone());
    assert!(later.wait().await.is_ok());
    let mut open = Monitor::new(&service.client(), "http://monitor.example/hunter2");
    let error = open.poll().await.unwrap_err();
    assert!(
        error.is_invalid_request() && !error.to_string().contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn end_may_be_a_redirect_to_the_result() {
    let states = vec![(StatusCode::SEE_OTHER, [("location", "/v1.0/things/9")]).into_response()];
    let service = service(|_| accepted("location", "/operations/1".to_owned()), states).await;
    let mut monitor = create(&service).begin().await.unwrap();
    assert_eq!(monitor.result::<Value>().await.unwrap(), json!({"id": "9"}));
}

#[tokio::test]
async fn failure_of_the_operation_is_typed() {
    let failed = json(
        200,
        &json!({"status": "failed", "error": {"code": "nameAlreadyExists", "message": "there is one"}}),
    );
    let service = service(|_| accepted("location", "/operations/1".to_owned()), vec![failed]).await;
    let error = create(&service).begin().await.unwrap().wait().await.unwrap_err();
    assert!(error.is_operation_failed(), "{error}");
    assert_eq!(error.odata().unwrap().code, "nameAlreadyExists");
    assert!(error.to_string().contains("there is one"), "{error}");
}

#[tokio::test]
async fn operation_that_is_done_at_once_has_its_result() {
    let service = service(|_| json(201, &json!({"id": "7", "status": "running"})), Vec::new()).await;
    let mut monitor = create(&service).begin().await.unwrap();
    assert!(monitor.wait().await.is_ok());
    assert_eq!(monitor.result::<Value>().await.unwrap()["id"], "7");
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test]
async fn operation_without_a_monitor_is_an_error() {
    let service = service(|_| StatusCode::ACCEPTED.into_response(), Vec::new()).await;
    let error = create(&service).begin().await.unwrap_err();
    assert!(error.to_string().contains("does not say where to ask"), "{error}");
}

#[tokio::test]
async fn service_decides_how_often_it_is_asked_and_may_fail_in_between() {
    let busy = json(202, &json!({"status": "running"}));
    let states = vec![
        ([("retry-after", "1")], busy).into_response(),
        at_once(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        json(200, &json!({"status": "succeeded"})),
    ];
    let service = service(|_| accepted("location", "/operations/1".to_owned()), states).await;
    let mut monitor = create(&service).begin().await.unwrap();
    let begin = Instant::now();
    assert!(monitor.wait().await.is_ok());
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(service.seen().len(), 4);
}
