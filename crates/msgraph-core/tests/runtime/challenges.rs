//! Demands for another token.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use msgraph_core::RetryPolicy;
use msgraph_core::credential::FixedTokenCredential;
use msgraph_faults::Reply;

use crate::stage::{Call, Stage, without_token};

const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"x":"~~?>"}}"#;

fn challenge(encoded: &str) -> Reply {
    Reply::new(401).header(
        "WWW-Authenticate",
        format!(
            "Bearer realm=\"\", authorization_uri=\"https://login.example/\", error=\"insufficient_claims\", claims=\"{encoded}\""
        ),
    )
}

#[tokio::test(start_paused = true)]
async fn claims_get_one_new_token_and_one_repetition() {
    for call in Call::all() {
        for encoded in [STANDARD.encode(CLAIMS), URL_SAFE_NO_PAD.encode(CLAIMS)] {
            let stage = Stage::play([challenge(&encoded)]).await;
            let request = call.request(&stage.client()).retry(RetryPolicy::off());
            let response = request.send().await.unwrap();
            assert_eq!(response.attempts(), 2, "{call:?}");
            assert_eq!(stage.credential.asked(), [None, Some(CLAIMS.to_owned())], "{call:?}");
            let seen = stage.seen();
            assert_eq!(without_token(&seen[0]), without_token(&seen[1]), "{call:?}");
            assert_eq!(seen[1].header("authorization"), Some("Bearer t0ken-hunter2-2"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn second_challenge_is_final() {
    let stage = Stage::start(|_| challenge(&STANDARD.encode(CLAIMS))).await;
    let error = stage.post().await.unwrap_err();
    assert!(error.is_unauthorized() && !error.may_have_been_applied(), "{error}");
    assert_eq!(
        (error.attempts(), stage.seen().len(), stage.credential.asked().len()),
        (2, 2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn refusal_without_claims_is_final() {
    for header in [
        "",
        "Bearer error=\"invalid_token\"",
        "Bearer claims=\"%7B%7D\"",
        "Basic realm=\"x\"",
    ] {
        let stage = Stage::start(move |_| Reply::new(401).header("WWW-Authenticate", header)).await;
        let error = stage.get().await.unwrap_err();
        assert!(error.is_unauthorized(), "{error}");
        assert_eq!((stage.seen().len(), stage.credential.asked().len()), (1, 1), "{header}");
    }
}

#[tokio::test(start_paused = true)]
async fn claims_are_kept_for_the_attempts_that_follow() {
    let stage = Stage::play([challenge(&STANDARD.encode(CLAIMS)), Reply::new(503), Reply::new(503)]).await;
    stage.get().await.unwrap();
    let claims = Some(CLAIMS.to_owned());
    assert_eq!(stage.credential.asked(), [None, claims.clone(), claims.clone(), claims]);
}

#[tokio::test(start_paused = true)]
async fn credential_that_cannot_meet_the_claims_says_so() {
    let stage = Stage::play([challenge(&STANDARD.encode(CLAIMS))]).await;
    let client = stage
        .builder()
        .credential(FixedTokenCredential::new("x"))
        .build()
        .unwrap();
    let error = Call::GET.request(&client).await.unwrap_err();
    assert!(error.is_authentication(), "{error}");
    assert!(
        error
            .to_string()
            .contains("could not be sent again, because there is no token"),
        "{error}"
    );
    assert_eq!((error.attempts(), stage.seen().len()), (1, 1));
}
