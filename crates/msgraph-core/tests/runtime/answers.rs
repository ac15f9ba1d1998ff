//! Answers that are not what was asked for.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use msgraph_core::odata::{Page, Value};
use msgraph_core::{Client, Cloud, Count, CustomCloud, Error, Path, RetryPolicy, Scalar};
use serde_json::json;

use crate::support::{Counting, GET, Service, json};

async fn error(answer: impl Fn() -> axum::response::Response + Send + Sync + 'static) -> Error {
    let service = Service::start(move |_| answer()).await;
    service.things().key("1").request::<Value>(&GET).await.unwrap_err()
}

#[tokio::test]
async fn odata_error_is_typed_in_full() {
    let error = error(|| {
        let body = json!({"error": {
            "code": "Request_ResourceNotFound",
            "message": "Resource '1' does not exist.",
            "innerError": {"code": "exact", "request-id": "from-body", "client-request-id": "c", "date": "2026-11-22T09:00:00", "more": 1},
        }});
        let mut response = json(404, &body);
        response.headers_mut().insert("request-id", "from-header".parse().unwrap());
        response
    })
    .await;
    assert!(error.is_not_found() && !error.is_bad_request());
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(error.request_id(), Some("from-header"));
    assert_eq!(error.operation().unwrap().to_string(), "GET /things/{thing-id}");
    let odata = error.odata().unwrap();
    assert_eq!(odata.codes().collect::<Vec<_>>(), ["Request_ResourceNotFound", "exact"]);
    assert_eq!(odata.inner_error.as_ref().unwrap().extra["more"], 1);
    let id = error.client_request_id().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "GET /things/{{thing-id}} failed with 404 Not Found: Request_ResourceNotFound / exact: Resource '1' does not exist; \
             check the identifiers; an object created moments ago may not be readable yet \
             (request-id from-header, client-request-id {id})"
        )
    );
}

#[tokio::test]
async fn request_id_is_found_in_the_body_too() {
    let error = error(|| json(500, &json!({"error": {"innererror": {"request-id": "from-body"}}}))).await;
    assert!(error.is_server_error());
    assert_eq!(error.request_id(), Some("from-body"));
}

#[tokio::test]
async fn forbidden_names_the_permissions_that_would_do() {
    let error = error(|| {
        json(
            403,
            &json!({"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}),
        )
    })
    .await;
    assert!(error.is_forbidden());
    let text = error.to_string();
    assert!(text.contains("application Thing.Read.All or Thing.Manage and Thing.Audit; delegated (work or school account) Thing.Read.All"), "{text}");
    assert!(!text.contains("personal"), "{text}");
}

#[tokio::test]
async fn body_that_is_no_odata_error_is_kept_and_shown_in_part() {
    let page = format!("<html>\n  <h1>Bad gateway</h1>{}</html>", "é".repeat(1000));
    let whole = page.clone();
    let error = error(move || (StatusCode::BAD_GATEWAY, [("x-from", "proxy")], page.clone()).into_response()).await;
    assert_eq!(error.body().unwrap(), whole.as_bytes());
    assert_eq!(error.headers().unwrap()["x-from"], "proxy");
    assert_eq!(error.odata(), None);
    let text = error.to_string();
    assert!(
        text.contains("502 Bad Gateway: the answer is not an OData error but starts \"<html> <h1>Bad gateway"),
        "{text}"
    );
    assert!(text.chars().count() < 500, "{text}");
}

#[tokio::test]
async fn statuses_without_a_useful_body_are_told_apart() {
    type Is = fn(&Error) -> bool;
    let cases: [(u16, &str, Is); 8] = [
        (400, "", Error::is_bad_request),
        (401, "{}", Error::is_unauthorized),
        (403, "[]", Error::is_forbidden),
        (404, "", Error::is_not_found),
        (409, "{\"error\":", Error::is_conflict),
        (412, "", Error::is_precondition_failed),
        (429, "", Error::is_throttled),
        (503, "\u{0}\u{ff}", Error::is_server_error),
    ];
    for (status, body, is) in cases {
        let error = error(move || (StatusCode::from_u16(status).unwrap(), body).into_response()).await;
        for (other, _, is_other) in cases {
            assert_eq!(is_other(&error), other == status, "{status} {other}");
        }
        assert!(is(&error) && error.to_string().contains(&status.to_string()), "{error}");
        assert_eq!(error.odata(), None);
    }
}

#[tokio::test]
async fn time_to_wait_is_read_in_seconds_and_as_a_date() {
    let later = std::time::SystemTime::now() + Duration::from_secs(125);
    for (value, from, to) in [
        ("7".to_owned(), 7, 7),
        (httpdate::fmt_http_date(later), 110, 125),
        ("Wed, 21 Oct 2015 07:28:00 GMT".to_owned(), 0, 0),
    ] {
        let header = value.clone();
        let error =
            error(move || (StatusCode::TOO_MANY_REQUESTS, [("retry-after", header.clone())]).into_response()).await;
        let wait = error.retry_after().unwrap().as_secs();
        assert!((from..=to).contains(&wait), "{value}: {wait}");
    }
    let error = error(|| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "soon")]).into_response()).await;
    assert_eq!(error.retry_after(), None);
}

#[tokio::test]
async fn redirect_that_is_refused_names_the_host_alone() {
    let error = error(|| {
        let location = "https://files.example/file?tempauth=hunter2";
        (StatusCode::FOUND, [("location", location)]).into_response()
    })
    .await;
    assert!(error.is_redirect());
    assert_eq!(error.status(), Some(StatusCode::FOUND));
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("redirected with 302 Found to files.example, which was not followed: it leads to another scheme"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn success_that_cannot_be_read_says_why_but_not_what() {
    let service = Service::start(|seen| match seen.target.as_str() {
        "/v1.0/things/text" => "\"hunter2\"",
        "/v1.0/things/html" => "<html>hunter2",
        "/v1.0/things/wrong" => r#"{"value":"hunter2"}"#,
        "/v1.0/things/other" => r#"{"hunter2":1}"#,
        _ => "",
    })
    .await;
    let things = service.things();
    let errors = [
        (
            "shape",
            things.clone().segment("text").request::<Page<Value>>(&GET).await.err(),
        ),
        (
            "not JSON",
            things.clone().segment("html").request::<Page<Value>>(&GET).await.err(),
        ),
        (
            "no body",
            things.clone().segment("empty").request::<Page<Value>>(&GET).await.err(),
        ),
        (
            "shape",
            things.clone().segment("wrong").request::<Scalar<u8>>(&GET).await.err(),
        ),
        (
            "lacks the member \"value\"",
            things.clone().segment("other").request::<Scalar<u8>>(&GET).await.err(),
        ),
        (
            "not a number",
            things.segment("text").request::<Count>(&GET).await.err(),
        ),
    ];
    for (problem, error) in errors {
        let error = error.unwrap();
        let text = format!("{error} {error:?}");
        assert!(error.is_decode() && text.contains(problem), "{problem}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(error.status(), Some(StatusCode::OK));
        assert!(error.client_request_id().is_some());
    }
}

#[tokio::test]
async fn service_that_cannot_be_reached_is_a_connection_error() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let cloud = Cloud::Custom(CustomCloud::new(&closed, &closed).unwrap());
    let client = Client::builder()
        .cloud(cloud)
        .credential(Counting::default())
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let error = Path::root(&client, "things").request::<()>(&GET).await.unwrap_err();
    assert!(error.is_connection() && !error.is_timeout(), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    assert!(error.to_string().contains("refused"), "{error}");
}
