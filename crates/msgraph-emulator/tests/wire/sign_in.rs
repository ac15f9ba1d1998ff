//! People who sign in: the authorization endpoint, device codes, refresh tokens.

use std::time::Duration;

use serde_json::{Value, json};

use crate::local::{Answer, Local, http_client, string};

// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://localhost:5000";

/// A client whose HTTP follows no redirect.
async fn local() -> Local {
    let mut local = Local::start().await;
    local.http = http_client()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    local
}

async fn authorize(local: &Local, change: (&str, &str)) -> Answer {
    let query = [
        ("client_id", "app"),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "x/.default openid offline_access"),
        ("state", "a b"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query: Vec<_> = query
        .into_iter()
        .map(|(name, value)| (name, if name == change.0 { change.1 } else { value }))
        .chain((change.0 == "prompt").then_some(change))
        .collect();
    let url = format!("{}/contoso/oauth2/v2.0/authorize", local.emulator.authority());
    Answer::to(local.http.get(url).query(&query)).await
}

async fn code(local: &Local) -> String {
    let answer = authorize(local, ("", "")).await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = answer.header("location").to_owned();
    let rest = location.strip_prefix(&format!("{REDIRECT}?code=")).unwrap();
    let (code, state) = rest.split_once('&').unwrap();
    assert_eq!(state, "state=a+b");
    code.to_owned()
}

async fn redeem(local: &Local, code: &str, change: (&str, &str)) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let form = form.map(|(name, value)| (name, if name == change.0 { change.1 } else { value }));
    Answer::to(local.token_request().form(&form)).await
}

#[tokio::test]
async fn code_is_good_once_for_its_client_its_address_and_its_verifier() {
    let local = local().await;
    for (name, value, number) in [
        ("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", 501_481),
        ("code_verifier", "short", 501_481),
        ("code_verifier", "", 501_481),
        ("client_id", "other", 700_009),
        ("redirect_uri", "http://localhost:5001", 500_112),
        ("code", "made-up", 54_005),
    ] {
        let body = redeem(&local, &code(&local).await, (name, value)).await.expect(400);
        assert_eq!(
            (&body["error"], &body["error_codes"]),
            (&json!("invalid_grant"), &json!([number])),
            "{name}"
        );
    }
    let code = code(&local).await;
    let tokens = redeem(&local, &code, ("", "")).await.expect(200);
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());
    let again = redeem(&local, &code, ("", "")).await.expect(400);
    assert_eq!(again["error_codes"], json!([54_005]));
}

#[tokio::test]
async fn code_expires() {
    let local = local().await;
    let code = code(&local).await;
    local.emulator.advance_clock(Duration::from_secs(600));
    let body = redeem(&local, &code, ("", "")).await.expect(400);
    assert_eq!(body["error_codes"], json!([70_008]));
}

#[tokio::test]
async fn wrong_request_is_shown_and_not_redirected() {
    let local = local().await;
    for (name, value, number) in [
        ("redirect_uri", "https://evil.example", 50_011),
        ("redirect_uri", "http://localhost.evil.example:1", 50_011),
        ("response_type", "token", 70_005),
        ("code_challenge_method", "plain", 501_491),
        ("client_id", "", 900_144),
    ] {
        let answer = authorize(&local, (name, value)).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{name}");
        assert!(answer.text.contains(&format!("AADSTS{number}")), "{}", answer.text);
    }
}

#[tokio::test]
async fn page_escapes_what_it_shows() {
    let local = local().await;
    let answer = authorize(&local, ("prompt", "\"><script>")).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text.contains("<script>"), "{}", answer.text);
}

async fn begin_device(local: &Local) -> Value {
    let url = format!("{}/contoso/oauth2/v2.0/devicecode", local.emulator.authority());
    let form = [("client_id", "app"), ("scope", "x/.default")];
    Answer::to(local.http.post(url).form(&form)).await.expect(200)
}

async fn poll(local: &Local, device_code: &str, client: &str) -> Answer {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client),
        ("device_code", device_code),
    ];
    Answer::to(local.token_request().form(&form)).await
}

#[tokio::test]
async fn device_is_told_how_the_user_gets_on() {
    let local = local().await;
    let begun = begin_device(&local).await;
    let code = string(&begun["device_code"]);
    let wait = |seconds| local.emulator.advance_clock(Duration::from_secs(seconds));
    let error = async |client: &str| poll(&local, code, client).await.expect(400)["error"].clone();
    assert_eq!(error("app").await, "authorization_pending");
    assert_eq!(error("app").await, "slow_down");
    wait(5);
    // Five seconds were enough before.
    assert_eq!(error("app").await, "slow_down");
    wait(15);
    assert_eq!(error("app").await, "authorization_pending");
    assert_eq!(error("other").await, "bad_verification_code");
    assert!(!local.emulator.approve_device("wrong"));
    assert!(local.emulator.approve_device(string(&begun["user_code"])));
    assert!(!local.emulator.decline_device(string(&begun["user_code"])));
    poll(&local, code, "app").await.expect(200);
    assert_eq!(error("app").await, "bad_verification_code");
}

#[tokio::test]
async fn device_code_is_entered_on_the_page() {
    let local = local().await;
    for (choice, error) in [("accept", None), ("cancel", Some("authorization_declined"))] {
        let begun = begin_device(&local).await;
        let page = string(&begun["verification_uri"]);
        assert!(Answer::to(local.http.get(page)).await.text.contains("user_code"));
        let form = [("user_code", string(&begun["user_code"])), ("choice", choice)];
        assert_eq!(Answer::to(local.http.post(page).form(&form)).await.status, 200);
        assert_eq!(Answer::to(local.http.post(page).form(&form)).await.status, 400);
        let answer = poll(&local, string(&begun["device_code"]), "app").await;
        assert_eq!(answer.body["error"].as_str(), error);
    }
}

#[tokio::test]
async fn device_code_expires() {
    let local = local().await;
    let begun = begin_device(&local).await;
    local.emulator.advance_clock(Duration::from_secs(900));
    let body = poll(&local, string(&begun["device_code"]), "app").await.expect(400);
    assert_eq!(body["error"], "expired_token");
}

#[tokio::test]
async fn refresh_token_is_for_its_client_and_ends() {
    let local = local().await;
    let tokens = redeem(&local, &code(&local).await, ("", "")).await.expect(200);
    let refresh = async |client: &str, token: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", token),
        ];
        Answer::to(local.token_request().form(&form)).await
    };
    let token = string(&tokens["refresh_token"]);
    let renewed = refresh("app", token).await.expect(200);
    assert_ne!(renewed["refresh_token"], tokens["refresh_token"]);
    assert_eq!(
        refresh("other", token).await.expect(400)["error_codes"],
        json!([70_000])
    );
    assert_eq!(
        refresh("app", "made-up").await.expect(400)["error_codes"],
        json!([50_173])
    );
    local.emulator.advance_clock(Duration::from_secs(90 * 24 * 3600));
    assert_eq!(refresh("app", token).await.expect(400)["error_codes"], json!([700_082]));
}

#[tokio::test]
async fn log_has_no_codes_and_tokens() {
    let local = local().await;
    let code = code(&local).await;
    let tokens = redeem(&local, &code, ("", "")).await.expect(200);
    let log = format!("{:?}", local.emulator.requests());
    for secret in [code.as_str(), VERIFIER, string(&tokens["refresh_token"])] {
        assert!(!log.contains(secret), "{secret}");
    }
}
