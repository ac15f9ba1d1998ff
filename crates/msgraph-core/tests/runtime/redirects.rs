//! Redirects over the wire.

use std::sync::{Arc, OnceLock};

use msgraph_faults::Reply;

use crate::stage::{Body, Call, Stage, success, without_token};
use crate::support::{CREATE, TOKEN};

fn to(status: u16, location: &str) -> Reply {
    Reply::new(status).header("Location", location)
}

#[tokio::test(start_paused = true)]
async fn each_redirect_of_each_method_within_the_cloud() {
    for status in [301, 302, 303, 307, 308] {
        for call in Call::all() {
            let row = format!("{status} {call:?}");
            let stage = Stage::play([to(status, "/v1.0/elsewhere?a=b")]).await;
            let result = call.request(&stage.client()).send().await;
            let seen = stage.seen();
            if call.operation.method.as_str() == "POST" && status <= 302 {
                let error = result.unwrap_err();
                assert!(error.is_redirect() && error.may_have_been_applied(), "{row}: {error}");
                assert_eq!(seen.len(), 1, "{row}");
                continue;
            }
            assert_eq!(result.unwrap().attempts(), 2, "{row}");
            assert_eq!(seen[1].target, "/v1.0/elsewhere?a=b", "{row}");
            assert_eq!(seen[1].header("authorization"), Some("Bearer t0ken-hunter2-2"), "{row}");
            if status == 303 && !call.reads() {
                assert_eq!((seen[1].method.as_str(), seen[1].body.len()), ("GET", 0), "{row}");
                assert_eq!(seen[1].header("content-type"), None, "{row}");
            } else {
                let (first, second) = (without_token(&seen[0]), without_token(&seen[1]));
                assert_eq!((first.0, first.2, first.3), (second.0, second.2, second.3), "{row}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_credential_goes_to_another_host() {
    for status in [301, 302, 303, 307, 308] {
        let other = Stage::play([]).await;
        let location = format!("{}/file?tempauth=x", other.server.url());
        let stage = Stage::play([to(status, &location)]).await;
        let request = stage.get().header("Cookie", "c00kie").header("Range", "bytes=0-1");
        request.await.unwrap();
        assert_eq!(stage.seen()[0].header("cookie"), Some("c00kie"));
        let seen = &other.seen()[0];
        assert_eq!((seen.header("authorization"), seen.header("cookie")), (None, None));
        assert_eq!(
            (seen.target.as_str(), seen.header("range")),
            ("/file?tempauth=x", Some("bytes=0-1"))
        );
        assert!(!format!("{seen:?}").contains(TOKEN));
        assert_eq!(stage.credential.asked().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn other_host_cannot_send_the_token_anywhere() {
    let away = Arc::new(OnceLock::<String>::new());
    let location = Arc::clone(&away);
    let home = Stage::start(move |received| match received.target.as_str() {
        "/v1.0/chosen-by-others" => success(),
        _ => to(302, location.get().unwrap()),
    })
    .await;
    let back = format!("{}/v1.0/chosen-by-others", home.server.url());
    let other = Stage::start(move |_| to(302, &back)).await;
    away.set(other.server.url()).unwrap();
    home.get().await.unwrap();
    let tokens: Vec<bool> = home
        .seen()
        .iter()
        .map(|seen| seen.header("authorization").is_some())
        .collect();
    assert_eq!(tokens, [true, false]);
}

#[tokio::test(start_paused = true)]
async fn body_does_not_go_to_another_host() {
    let other = Stage::play([]).await;
    let location = other.server.url();
    for body in [Body::Json, Body::Binary] {
        let stage = Stage::play([to(307, &location)]).await;
        let call = Call {
            body,
            ..Call::of(&CREATE)
        };
        let error = call.request(&stage.client()).await.unwrap_err();
        assert!(error.is_redirect() && !error.may_have_been_applied(), "{error}");
        assert!(error.to_string().contains("must not leave the cloud"), "{error}");
    }
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn redirects_that_must_not_be_followed() {
    for (location, reason) in [
        (Some("https://files.example/"), "another scheme"),
        (Some("ftp://files.example/"), "another scheme"),
        (Some("http://user:hunter2@files.example/"), "user name"),
        (Some("http://["), "not an address"),
        (None, "does not say where"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let mut reply = Reply::new(status);
            if let Some(location) = location {
                reply = reply.header("Location", location);
            }
            let stage = Stage::play([reply]).await;
            let error = stage.get().await.unwrap_err();
            assert!(
                error.is_redirect() && error.to_string().contains(reason),
                "{status}: {error}"
            );
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert_eq!((error.status().unwrap().as_u16(), stage.seen().len()), (status, 1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn loop_ends_after_five_redirects() {
    let stage = Stage::start(|received| to(302, &received.target)).await;
    let error = stage.get().await.unwrap_err();
    assert!(error.is_redirect() && error.to_string().contains("sixth"), "{error}");
    assert_eq!((stage.seen().len(), error.attempts()), (6, 6));
    let stage = Stage::play((1..=5).map(|number| to(307, &format!("/hop/{number}")))).await;
    assert_eq!(stage.get().send().await.unwrap().attempts(), 6);
}

#[tokio::test(start_paused = true)]
async fn failure_after_a_redirect_is_repeated_where_it_happened() {
    let stage = Stage::play([to(302, "/elsewhere"), Reply::new(503), success()]).await;
    stage.get().await.unwrap();
    let targets: Vec<String> = stage.seen().into_iter().map(|received| received.target).collect();
    assert_eq!(targets, ["/v1.0/things/1", "/elsewhere", "/elsewhere"]);
}

#[tokio::test(start_paused = true)]
async fn failure_to_read_what_a_post_made_does_not_hide_that_it_was_made() {
    let stage = Stage::play([to(303, "/made"), Reply::new(404)]).await;
    let error = stage.post().await.unwrap_err();
    assert!(error.is_not_found() && error.may_have_been_applied(), "{error}");
}
