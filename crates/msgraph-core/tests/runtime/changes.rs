//! Changes of a collection, from one delta request to the next.

use axum::response::{IntoResponse, Response};
use msgraph_core::odata::{Page, Value};
use msgraph_core::{Change, Changes, DeltaToken, Error, RemovalReason, Request};
use serde_json::json;

use crate::support::{Counting, DELTA, LIST, Seen, Service, json};

fn delta(service: &Service) -> Request<Page<Value>> {
    service.things().segment("delta()").request(&DELTA)
}

fn link(seen: &Seen, query: &str) -> String {
    format!("http://{}/v1.0/things/delta()?{query}", seen.header("host").unwrap())
}

/// Two pages of everything, then what has changed since; other tokens are answered by `lost`.
async fn service(lost: fn(&Seen) -> Response) -> Service {
    Service::start(
        move |seen: &Seen| match seen.target.split_once('?').map(|(_, query)| query) {
            None => json(
                200,
                &json!({"value": [{"id": "1"}, {"id": "2"}], "@odata.nextLink": link(seen, "page=2")}),
            ),
            Some("page=2") => json(
                200,
                &json!({"value": [{"id": "3"}], "@odata.deltaLink": link(seen, "token=a")}),
            ),
            Some("token=a") => json(
                200,
                &json!({
                    "value": [{"id": "1", "@removed": {"reason": "changed"}}, {"id": "2", "name": "new"}],
                    "@odata.deltaLink": link(seen, "token=b")
                }),
            ),
            Some("again") => json(
                200,
                &json!({"value": [{"id": "9"}], "@odata.deltaLink": link(seen, "token=a")}),
            ),
            _ => lost(seen),
        },
    )
    .await
}

fn gone(code: &str) -> Response {
    json(410, &json!({"error": {"code": code, "message": "gone"}}))
}

/// Identifiers, with a minus for what is gone and an exclamation mark and a code for a restart.
async fn read(changes: &mut Changes<Value>) -> (Vec<String>, Option<Error>) {
    let mut read = Vec::new();
    while let Some(change) = changes.next().await {
        read.push(match change {
            Ok(Change::Changed(item)) => item["id"].as_str().unwrap().to_owned(),
            Ok(Change::Removed(removal)) => format!("-{}", removal.id),
            Ok(Change::Restarted(restart)) => format!("!{}", restart.code),
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert!(changes.next().await.is_none());
                return (read, Some(error));
            }
        });
    }
    (read, None)
}

#[tokio::test]
async fn second_round_reports_what_has_changed_since_the_first() {
    let service = service(|_| gone("")).await;
    let request = delta(&service).header("Prefer", "odata.maxpagesize=2");
    let mut first = request.clone().changes();
    assert_eq!(first.token(), None);
    assert_eq!(read(&mut first).await.0, ["1", "2", "3"]);

    let kept = serde_json::to_string(first.token().unwrap()).unwrap();
    let token: DeltaToken = serde_json::from_str(&kept).unwrap();
    assert_eq!(DeltaToken::new(token.as_str()), token);
    let mut second = request.changes_since(&token);
    let Some(Ok(Change::Removed(removal))) = second.next().await else {
        panic!("no removal")
    };
    assert_eq!((removal.id.as_str(), removal.reason), ("1", RemovalReason::Changed));
    assert_eq!(read(&mut second).await.0, ["2"]);
    assert!(second.token().unwrap().as_str().ends_with("token=b"));
    for seen in service.seen() {
        assert_eq!(seen.header("prefer"), Some("odata.maxpagesize=2"), "{}", seen.target);
    }
}

#[tokio::test]
async fn lost_token_starts_again_and_says_so() {
    type Answer = fn(&Seen) -> Response;
    let answers: [(Answer, &str, &[&str]); 4] = [
        (|_| gone("resyncRequired"), "!resyncRequired", &["1", "2", "3"]),
        (
            |seen| {
                (
                    [("location", link(seen, "again"))],
                    gone("resyncChangesApplyDifferences"),
                )
                    .into_response()
            },
            "!resyncChangesApplyDifferences",
            &["9"],
        ),
        (
            |_| {
                json(
                    400,
                    &json!({"error": {"code": "SyncStateNotFound", "message": "expired"}}),
                )
            },
            "!SyncStateNotFound",
            &["1", "2", "3"],
        ),
        (|_| axum::http::StatusCode::GONE.into_response(), "!", &["1", "2", "3"]),
    ];
    for (lost, event, items) in answers {
        let service = service(lost).await;
        let mut old = DeltaToken::new(format!("{}/v1.0/things/delta()?token=old", service.address));
        for _ in 0..2 {
            let mut changes = delta(&service).changes_since(&old);
            let (changes_read, error) = read(&mut changes).await;
            assert!(error.is_none(), "{error:?}");
            assert_eq!(changes_read[0], event);
            assert_eq!(changes_read[1..], *items, "{event}");
            assert!(changes.token().unwrap().as_str().ends_with("token=a"));
            old = DeltaToken::new(format!("{}/v1.0/things/delta()?token=older", service.address));
        }
    }
}

#[tokio::test]
async fn restart_that_is_refused_again_is_an_error() {
    let service = Service::start(|_| gone("resyncRequired")).await;
    let (events, error) = read(&mut delta(&service).changes()).await;
    assert_eq!(events, ["!resyncRequired"]);
    assert_eq!(error.unwrap().status().unwrap(), 410);
    assert_eq!(service.seen().len(), 2);
}

#[tokio::test]
async fn other_errors_end_the_round_without_a_token() {
    let service = service(|_| json(400, &json!({"error": {"code": "badRequest", "message": "no"}}))).await;
    let token = DeltaToken::new(format!("{}/v1.0/things/delta()?token=x", service.address));
    let mut changes = delta(&service).changes_since(&token);
    let (events, error) = read(&mut changes).await;
    assert!(events.is_empty() && error.unwrap().is_bad_request() && changes.token().is_none());
}

#[tokio::test]
async fn neither_token_nor_restart_may_lead_to_another_host() {
    let elsewhere = |_: &Seen| ([("location", "https://evil.example/delta")], gone("resyncRequired")).into_response();
    let service = service(elsewhere).await;
    let credential = Counting::default();
    let things = msgraph_core::Path::root(&service.client_with(credential.clone()), "things");
    let request: Request<Page<Value>> = things.segment("delta()").request(&DELTA);
    for (token, asked) in [
        ("https://evil.example/delta?token=1".to_owned(), 0),
        (format!("{}/v1.0/things/delta()?token=old", service.address), 1),
    ] {
        let (_, error) = read(&mut request.clone().changes_since(&DeltaToken::new(token))).await;
        assert!(error.unwrap().is_untrusted_host());
        assert_eq!((credential.asked(), service.seen().len()), (asked, asked));
    }
}

#[tokio::test]
async fn round_without_a_token_at_its_end_is_an_error() {
    let service = Service::start(|_| json(200, &json!({"value": [{"id": "1"}]}))).await;
    let (items, error) = read(&mut delta(&service).changes()).await;
    assert_eq!(items, ["1"]);
    assert!(error.unwrap().to_string().contains("no delta link"));
}

#[tokio::test]
async fn request_that_is_no_delta_request_is_refused() {
    let service = Service::start(|_| "").await;
    let list: Request<Page<Value>> = service.things().request(&LIST);
    let (_, error) = read(&mut list.changes()).await;
    assert!(error.unwrap().is_invalid_request());
    assert!(service.seen().is_empty());
}
