//! Requests that are sent again, and those that must not be.

use std::time::Duration;

use futures_util::future::join_all;
use msgraph_core::RetryPolicy;
use msgraph_faults::Reply;
use tokio::time::{Instant, timeout};

use crate::stage::{Call, Stage, success, without_token};

const SECOND: Duration = Duration::from_secs(1);

/// The waits between attempts, in seconds.
fn waits(stage: &Stage) -> Vec<f64> {
    let times = stage.times();
    times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
}

#[tokio::test(start_paused = true)]
async fn each_status_for_each_method_and_body() {
    // Status, whether it has Retry-After, whether an idempotent and any other request is repeated, whether it may have
    // been applied.
    let rows = [
        (400, false, false, false, false),
        (401, false, false, false, false),
        (403, false, false, false, false),
        (404, false, false, false, false),
        (405, false, false, false, false),
        (406, false, false, false, false),
        (408, false, true, false, true),
        (408, true, true, false, true),
        (409, false, false, false, false),
        (410, false, false, false, false),
        (411, false, false, false, false),
        (412, false, false, false, false),
        (413, false, false, false, false),
        (415, false, false, false, false),
        (416, false, false, false, false),
        (422, false, false, false, false),
        (423, true, false, false, false),
        (429, false, true, true, false),
        (429, true, true, true, false),
        (500, false, true, false, true),
        (500, true, true, false, true),
        (501, false, false, false, false),
        (502, false, true, false, true),
        (502, true, true, false, true),
        (503, false, true, false, true),
        (503, true, true, true, false),
        (504, false, true, false, true),
        (504, true, true, false, true),
        (507, true, false, false, true),
        (509, true, false, false, true),
    ];
    for (status, has_retry_after, idempotent, other, applied) in rows {
        for call in Call::all() {
            let row = format!("{status} {has_retry_after} {call:?}");
            let mut reply = Reply::new(status).body(r#"{"error":{"code":"x","message":"y"}}"#);
            if has_retry_after {
                reply = reply.header("Retry-After", "1");
            }
            let stage = Stage::play([reply]).await;
            let result = call.request(&stage.client()).send().await;
            let seen = stage.seen();
            let is_repeated = if call.is_idempotent { idempotent } else { other };
            assert_eq!(seen.len(), if is_repeated { 2 } else { 1 }, "{row}");
            match result {
                Ok(response) => {
                    assert!(is_repeated, "{row}");
                    assert_eq!(response.attempts(), 2, "{row}");
                    assert_eq!(without_token(&seen[0]), without_token(&seen[1]), "{row}");
                }
                Err(error) => {
                    assert!(!is_repeated, "{row}: {error}");
                    assert_eq!(error.status().unwrap().as_u16(), status, "{row}");
                    assert_eq!(error.attempts(), 1, "{row}");
                    assert_eq!(error.may_have_been_applied(), applied && !call.reads(), "{row}");
                    assert_eq!(error.client_request_id(), seen[0].header("client-request-id"), "{row}");
                    assert_eq!(
                        error.to_string().contains("may have carried it out"),
                        applied && !call.reads()
                    );
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn time_of_the_service_is_kept_exactly() {
    let date = ("Date", "Sun, 22 Nov 2026 09:00:00 GMT");
    for (retry_after, from, to) in [
        ("0", 0.0, 0.0),
        ("3", 3.0, 3.0),
        ("299", 299.0, 299.0),
        ("Sun, 22 Nov 2026 09:00:07 GMT", 7.0, 7.0),
        ("Sun, 22 Nov 2026 09:02:00 GMT", 120.0, 120.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0, 0.0),
        // As if it were not there: a random part of the first wait.
        ("soon", 0.0, 1.0),
        ("-3", 0.0, 1.0),
    ] {
        for status in [429, 503] {
            let reply = Reply::new(status)
                .header("Retry-After", retry_after)
                .header(date.0, date.1);
            let stage = Stage::play([reply]).await;
            stage.get().await.unwrap();
            let wait = waits(&stage)[0];
            assert!((from..=to + 0.002).contains(&wait), "{status} {retry_after}: {wait}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn unreadable_time_does_not_show_that_nothing_was_done() {
    for (retry_after, attempts) in [("0", 2), ("soon", 1)] {
        let stage = Stage::play([Reply::new(503).header("Retry-After", retry_after)]).await;
        let _ = stage.post().await;
        assert_eq!(stage.seen().len(), attempts, "{retry_after}");
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_end_at_their_limit() {
    for (policy, attempts) in [
        (RetryPolicy::default(), 5),
        (RetryPolicy::default().attempts(2), 2),
        (RetryPolicy::default().attempts(0), 1),
        (RetryPolicy::off(), 1),
        // The waits are 3 seconds each; the fourth would end after the tenth second.
        (RetryPolicy::default().within(SECOND * 10), 4),
    ] {
        let stage = Stage::start(|_| Reply::new(429).header("Retry-After", "3")).await;
        let error = stage.get().retry(policy.clone()).await.unwrap_err();
        assert!(error.is_throttled(), "{error}");
        assert_eq!(
            (stage.seen().len(), error.attempts()),
            (attempts, attempts as u32),
            "{policy:?}"
        );
        assert_eq!(error.retry_after(), Some(SECOND * 3));
        assert!(error.to_string().contains("wait 3 seconds"), "{error}");
        assert_eq!(error.to_string().contains("attempts"), attempts > 1, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn policy_of_the_request_goes_before_that_of_the_client() {
    let stage = Stage::start(|_| Reply::new(500)).await;
    let client = stage
        .builder()
        .retry(RetryPolicy::default().attempts(3))
        .build()
        .unwrap();
    Call::GET.request(&client).await.unwrap_err();
    assert_eq!(stage.seen().len(), 3);
    Call::GET.request(&client).retry(RetryPolicy::off()).await.unwrap_err();
    assert_eq!(stage.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn backoff_grows_at_random() {
    let stage = Stage::start(|_| Reply::new(500)).await;
    for _ in 0..10 {
        stage.get().await.unwrap_err();
    }
    let waits = waits(&stage);
    for (number, longest) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 8.0)] {
        let same: Vec<f64> = waits.iter().copied().skip(number).step_by(5).collect();
        assert_eq!(same.len(), 10);
        assert!(same.iter().all(|wait| *wait <= longest + 0.002), "{same:?}");
        // Ten random numbers are neither all in the lower half nor all the same.
        assert!(
            same.iter().any(|wait| (wait - same[0]).abs() > longest / 100.0),
            "{same:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn longer_pause_than_allowed_is_reported_at_once() {
    let stage = Stage::start(|_| Reply::new(429).header("Retry-After", "301")).await;
    let start = Instant::now();
    let error = stage.post().await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 0);
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(SECOND * 301)));
    assert!(!error.may_have_been_applied());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_during_a_pause() {
    let stage = Stage::play([Reply::new(429).header("Retry-After", "30")]).await;
    let client = stage.client();
    let calls = (0..20).map(|_| Call::GET.request(&client).into_future());
    let first = Call::GET.request(&client);
    let results = join_all(std::iter::once(first.into_future()).chain(calls)).await;
    assert!(results.iter().all(Result::is_ok));
    let times = stage.times();
    let start = times[0];
    let early = times.iter().filter(|time| **time < start + SECOND).count();
    // Those that were on the wire before the refusal arrived, and nobody else until the pause is over.
    let in_time = times.iter().filter(|time| **time >= start + SECOND * 30).count();
    assert_eq!(early + in_time, times.len(), "{times:?}");
    assert!(in_time >= 1);
}

#[tokio::test(start_paused = true)]
async fn request_that_may_not_wait_for_the_pause_is_not_sent() {
    let stage = Stage::play([Reply::new(429).header("Retry-After", "30")]).await;
    let client = stage.client();
    Call::GET.request(&client).retry(RetryPolicy::off()).await.unwrap_err();
    let error = Call::GET.request(&client).retry(RetryPolicy::off()).await.unwrap_err();
    assert!(error.is_throttled() && !error.may_have_been_applied(), "{error}");
    assert_eq!((error.attempts(), stage.seen().len()), (0, 1));
    assert_eq!(error.retry_after().unwrap().as_secs_f64().ceil() as u64, 30);
    assert!(
        error.to_string().contains("asked for a pause; wait 30 seconds"),
        "{error}"
    );
    let error = Call::GET.request(&client).total_timeout(SECOND * 5).await.unwrap_err();
    assert_eq!((error.is_throttled(), stage.seen().len()), (true, 1));
}

#[tokio::test(start_paused = true)]
async fn dropped_call_gives_its_turn_to_the_next() {
    let silence = Reply::new(200).drip(1, SECOND * 3600);
    let stage = Stage::play([Reply::new(429), success(), silence]).await;
    let client = stage.client();
    Call::GET.request(&client).await.unwrap();
    // The limit is one now, as long as no answer has lifted it.
    let stuck = timeout(SECOND, Call::GET.request(&client).into_future()).await;
    assert!(stuck.is_err());
    timeout(SECOND, Call::GET.request(&client).into_future())
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn attempts_share_the_identifier_and_each_gets_a_token() {
    let stage = Stage::play([Reply::new(503), Reply::new(504)]).await;
    let response = stage.get().send().await.unwrap();
    let seen = stage.seen();
    for received in &seen {
        assert_eq!(received.header("client-request-id"), Some(response.client_request_id()));
    }
    let tokens: Vec<_> = seen
        .iter()
        .map(|received| received.header("authorization").unwrap())
        .collect();
    assert_eq!(
        tokens,
        [
            "Bearer t0ken-hunter2-1",
            "Bearer t0ken-hunter2-2",
            "Bearer t0ken-hunter2-3"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn request_that_the_caller_vouches_for_is_repeated() {
    let stage = Stage::play([Reply::new(502)]).await;
    stage.post().idempotent().await.unwrap();
    assert_eq!(stage.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn unknown_outcome_of_an_earlier_attempt_is_remembered() {
    let stage = Stage::play([Reply::none(), Reply::new(404)]).await;
    let delete = Call::of(&crate::support::DELETE).request(&stage.client());
    let error = delete.await.unwrap_err();
    assert!(error.is_not_found() && error.may_have_been_applied(), "{error}");
    assert_eq!(error.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn call_ends_with_its_total_time() {
    let stage = Stage::start(|_| Reply::new(200).drip(1, SECOND * 3600)).await;
    for (attempt, total, longest) in [(100, 5, 5), (20, 50, 50), (20, 1000, 115)] {
        let before = stage.seen().len();
        let start = Instant::now();
        let request = stage.get().timeout(SECOND * attempt).total_timeout(SECOND * total);
        let error = request.await.unwrap_err();
        assert!(error.is_timeout(), "{error}");
        // The clock moves on a little while a connection is closed.
        let elapsed = start.elapsed().as_secs();
        assert!((longest.min(100)..=longest + 5).contains(&elapsed), "{elapsed}");
        assert_eq!(error.attempts() as usize, stage.seen().len() - before, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn object_that_is_too_new_is_waited_for_if_asked() {
    let missing = [
        Reply::new(404),
        Reply::new(400).body(r#"{"error":{"code":"NoBackingApplicationObject","message":"x"}}"#),
    ];
    for (reply, is_post) in missing.iter().flat_map(|reply| [(reply, false), (reply, true)]) {
        for (at_most, succeeds) in [(None, false), (Some(SECOND), false), (Some(SECOND * 300), true)] {
            let stage = Stage::play(std::iter::repeat_n(reply.clone(), 20)).await;
            let mut request = if is_post { stage.post() } else { stage.get() }.retry(RetryPolicy::off());
            if let Some(at_most) = at_most {
                request = request.await_consistency(at_most);
            }
            let start = Instant::now();
            let result = request.await;
            assert_eq!(result.is_ok(), succeeds, "{at_most:?} {result:?}");
            match at_most {
                None => assert_eq!(stage.seen().len(), 1),
                Some(at_most) => {
                    assert!(stage.seen().len() > 1);
                    assert!(start.elapsed() <= at_most + SECOND / 100, "{:?}", start.elapsed());
                }
            }
        }
    }
}
