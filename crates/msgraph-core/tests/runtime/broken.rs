//! Connections that break and answers that are not what they say.

use std::time::Duration;

use msgraph_core::{Error, RetryPolicy};
use msgraph_faults::Reply;

use crate::stage::{Call, Stage, success};

const BODY: &str = r#"{"id":"1","displayName":"ä"}"#;

type Is = fn(&Error) -> bool;

fn is_broken(error: &Error) -> bool {
    error.status().is_none() && !error.is_connection() && !error.is_timeout()
}

#[tokio::test(start_paused = true)]
async fn each_break_for_each_method_and_body() {
    let whole = || Reply::new(200).body(BODY);
    let slow = Duration::from_secs(30);
    let rows: [(&str, Reply, Is); 13] = [
        ("reset without an answer", Reply::none(), is_broken),
        ("close without an answer", Reply::none().close(), is_broken),
        ("close after the head", whole().cut_after_head(), is_broken),
        ("reset after the head", whole().cut_after_head().reset(), is_broken),
        ("close in the body", whole().cut_body(9), is_broken),
        ("reset in the body", whole().cut_body(9).reset(), is_broken),
        ("length too long", whole().declared_length(1000).close(), is_broken),
        ("drip in the head", whole().drip(8, slow), Error::is_timeout),
        ("silence", whole().drip(10_000, slow * 10), Error::is_timeout),
        (
            "chunk cut short",
            Reply::new(200)
                .header("Transfer-Encoding", "chunked")
                .body("ff\r\n{\"id\":")
                .close(),
            is_broken,
        ),
        (
            "chunk without a length",
            Reply::new(200)
                .header("Transfer-Encoding", "chunked")
                .body("zz\r\n{}")
                .close(),
            is_broken,
        ),
        (
            "compression that is none",
            Reply::new(200).header("Content-Encoding", "gzip").body(BODY),
            is_broken,
        ),
        ("not HTTP", Reply::new(200).header("a b", "\u{1}").close(), is_broken),
    ];
    for (name, reply, is) in rows {
        for call in Call::all() {
            let row = format!("{name} {call:?}");
            let stage = Stage::play([reply.clone()]).await;
            let result = call
                .request(&stage.client())
                .timeout(Duration::from_secs(100))
                .send()
                .await;
            let seen = stage.seen().len();
            if call.is_idempotent {
                assert_eq!(result.unwrap().attempts(), 2, "{row}");
                assert_eq!(seen, 2, "{row}");
            } else {
                let error = result.unwrap_err();
                assert!(is(&error) && error.may_have_been_applied(), "{row}: {error}");
                assert_eq!((seen, error.attempts()), (1, 1), "{row}");
                assert!(error.client_request_id().is_some(), "{row}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_reset_before_the_request_is_repeated_only_where_that_is_safe() {
    for call in Call::all() {
        let stage = Stage::play([]).await;
        stage.server.reset_connections(1);
        let result = call.request(&stage.client()).send().await;
        if call.is_idempotent {
            assert_eq!(result.unwrap().attempts(), 2, "{call:?}");
            assert_eq!(stage.seen().len(), 1, "{call:?}");
        } else {
            // The client cannot see how far its request got.
            let error = result.unwrap_err();
            assert!(is_broken(&error) && error.may_have_been_applied(), "{call:?}: {error}");
            assert_eq!(stage.seen().len(), 0, "{call:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn refused_connection_is_tried_again_for_every_method() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let stage = Stage::play([]).await;
    let cloud = msgraph_core::CustomCloud::new(&closed, &closed).unwrap();
    let client = stage
        .builder()
        .cloud(msgraph_core::Cloud::Custom(cloud))
        .build()
        .unwrap();
    for call in Call::all() {
        let error = call.request(&client).await.unwrap_err();
        assert!(
            error.is_connection() && !error.may_have_been_applied(),
            "{call:?}: {error}"
        );
        assert_eq!(error.attempts(), 5, "{call:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn success_that_cannot_be_read_is_not_asked_for_again() {
    for (name, reply) in [
        ("truncated JSON", Reply::new(200).body(&BODY[..9])),
        ("length too short", Reply::new(200).body(BODY).declared_length(9)),
        ("malformed JSON", Reply::new(200).body("{\"id\":1,}")),
        ("two values", Reply::new(200).body("{}{}")),
        (
            "HTML",
            Reply::new(200).header("Content-Type", "text/html").body("<html>"),
        ),
        ("bytes", Reply::new(200).body(vec![0xff, 0, 0xfe])),
    ] {
        for call in Call::all() {
            let stage = Stage::play([reply.clone()]).await;
            let error = call.request(&stage.client()).await.unwrap_err();
            assert!(error.is_decode(), "{name} {call:?}: {error}");
            assert_eq!(error.may_have_been_applied(), !call.reads(), "{name} {call:?}");
            assert_eq!((stage.seen().len(), error.attempts()), (1, 1), "{name} {call:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn failure_whose_body_breaks_off_is_known_by_its_head() {
    for status in [400, 403, 429, 500, 503] {
        let reply = Reply::new(status)
            .header("Retry-After", "7")
            .header("request-id", "r1")
            .body(r#"{"error":{"code":"x"}}"#);
        for reply in [
            reply.clone().cut_after_head().reset(),
            reply.clone().cut_body(5),
            reply.clone().declared_length(1000).close(),
        ] {
            let stage = Stage::play([reply]).await;
            let error = stage.post().retry(RetryPolicy::off()).await.unwrap_err();
            assert_eq!(error.status().unwrap().as_u16(), status, "{error}");
            assert_eq!(error.request_id(), Some("r1"));
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
            assert_eq!(error.may_have_been_applied(), status == 500);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn slow_answer_that_comes_in_time_is_waited_for() {
    let stage = Stage::play([success().drip(40, Duration::from_secs(10))]).await;
    assert_eq!(stage.get().send().await.unwrap().attempts(), 1);
}
