//! Users who sign in: device code, browser, refresh token, on behalf of.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use msgraph_core::Cloud;
use msgraph_core::credential::{
    ClientAuthentication, ClientSecretCredential, DeviceCodeCredential, InteractiveBrowserCredential,
    OnBehalfOfCredential, RefreshTokenCredential,
};
use msgraph_core::transport::{HttpTransport, Transport};
use msgraph_emulator::Emulator;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{self, Elsewhere, ask, ask_over, cloud_at, cloud_of, field, opens, scripted, token_requests};

const TIMEOUT: Duration = Duration::from_secs(30);

async fn send(request: http::Request<Bytes>) -> (http::response::Parts, Bytes) {
    let (head, body) = HttpTransport::new().send(request, TIMEOUT).await.unwrap().into_parts();
    (head, body.bytes().await.unwrap())
}

async fn post(url: &str, form: &str) -> (http::response::Parts, Bytes) {
    let post = http::Request::post(url).header("content-type", "application/x-www-form-urlencoded");
    send(post.body(Bytes::from(form.to_owned())).unwrap()).await
}

async fn get(url: &str) -> (http::response::Parts, Bytes) {
    send(http::Request::get(url).body(Bytes::new()).unwrap()).await
}

/// Signs the emulator's user in to `app-1`, without the library.
async fn sign_in(emulator: &Emulator) -> Value {
    let base = format!("{}/contoso.example/oauth2/v2.0", emulator.url());
    let form = "client_id=app-1&scope=x/.default%20offline_access%20openid";
    let begun: Value = serde_json::from_slice(&post(&format!("{base}/devicecode"), form).await.1).unwrap();
    assert!(emulator.approve_device(begun["user_code"].as_str().unwrap()));
    let code = begun["device_code"].as_str().unwrap();
    let form = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=app-1&device_code={code}&client_secret=secret"
    );
    serde_json::from_slice(&post(&format!("{base}/token"), &form).await.1).unwrap()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned()
}

#[tokio::test(start_paused = true)]
async fn device_polls_until_the_user_has_entered_the_code() {
    let (transport, emulator) = Elsewhere::start();
    let cloud = cloud_of(&emulator.0);
    let transport = Arc::new(transport);
    let (user, runtime) = (Arc::clone(&emulator), Arc::clone(&transport));
    let credential = DeviceCodeCredential::new("contoso.example", "app-1", move |prompt| {
        assert!(prompt.message.contains(&prompt.user_code) && prompt.message.contains(&prompt.verification_uri));
        assert_eq!(prompt.expires_in, Duration::from_secs(900));
        let (user, code) = (Arc::clone(&user), prompt.user_code.clone());
        runtime.spawn(async move {
            while token_requests(&user.0).len() < 3 {
                tokio::task::yield_now().await;
            }
            assert!(user.0.approve_device(&code));
        });
    });
    let token = ask_over(&transport, &credential, &cloud).await.unwrap();
    assert!(!token.token.expose().is_empty());
    let polls = token_requests(&emulator.0);
    assert!(polls.len() > 3);
    // None came too early.
    assert!(polls.iter().all(|poll| poll.status == 400 || poll.status == 200));
    assert_eq!(polls.iter().filter(|poll| poll.status == 200).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn device_stops_when_the_user_declines() {
    let (transport, emulator) = Elsewhere::start();
    let user = Arc::clone(&emulator);
    let credential = DeviceCodeCredential::new("contoso.example", "app-1", move |prompt| {
        assert!(user.0.decline_device(&prompt.user_code));
    });
    let error = ask_over(&transport, &credential, &cloud_of(&emulator.0))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("authorization_declined"), "{error}");
    assert_eq!(token_requests(&emulator.0).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn device_gives_up_when_the_code_has_expired() {
    let (transport, emulator) = Elsewhere::start();
    let credential = DeviceCodeCredential::new("contoso.example", "app-1", |_| {});
    let begun = Instant::now();
    let error = ask_over(&transport, &credential, &cloud_of(&emulator.0))
        .await
        .unwrap_err();
    assert!(error.message().contains("not entered in time"), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 900);
    // The service may think so first.
    let user = Arc::clone(&emulator);
    let credential = DeviceCodeCredential::new("contoso.example", "app-1", move |_| {
        user.0.advance_clock(Duration::from_secs(901));
    });
    let error = ask_over(&transport, &credential, &cloud_of(&emulator.0))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("expired_token"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn device_slows_down_when_it_is_told_to_and_survives_a_broken_connection() {
    let transport = Elsewhere::plain();
    let begun =
        json!({"device_code": "d", "user_code": "U", "verification_uri": "v", "expires_in": 900, "interval": 5});
    let answers = vec![
        support::json(200, &begun),
        support::json(400, &json!({"error": "authorization_pending"})),
        support::json(400, &json!({"error": "slow_down"})),
        support::json(400, &json!({"error": "authorization_pending"})),
        String::new(),
        support::json(200, &json!({"access_token": "t", "expires_in": 3600})),
    ];
    let (sender, receiver) = std::sync::mpsc::channel();
    transport.spawn(async move { sender.send(scripted(answers).await).unwrap() });
    let (address, seen) = receiver.recv().unwrap();
    let credential = DeviceCodeCredential::new("contoso.example", "app-1", |prompt| {
        assert!(prompt.message.contains("code U"), "{}", prompt.message);
    });
    let start = Instant::now();
    ask_over(&transport, &credential, &cloud_at(&address)).await.unwrap();
    // Two polls at 5, two at 10, the last after a break at 20 seconds.
    assert_eq!(start.elapsed().as_secs(), 5 + 5 + 10 + 10 + 20);
    assert_eq!(seen.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn user_is_asked_again_only_when_the_refresh_token_is_worthless() {
    let emulator = Arc::new(
        Emulator::builder()
            .token_lifetime(Duration::ZERO)
            .start()
            .await
            .unwrap(),
    );
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let credential = InteractiveBrowserCredential::new("contoso.example", "app-1", move |url| {
        count.fetch_add(1, Ordering::SeqCst);
        browse(url)
    });
    let cloud = cloud_of(&emulator);
    for times in [1, 1, 1] {
        ask(&credential, &cloud).await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), times);
    }
    let grants: Vec<_> = token_requests(&emulator)
        .iter()
        .map(|request| field(request, "grant_type").to_owned())
        .collect();
    assert_eq!(grants, ["authorization_code", "refresh_token", "refresh_token"]);
    emulator.revoke_sessions();
    ask(&credential, &cloud).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

/// A browser whose user is signed in already: it opens the page and follows it back.
fn browse(url: &str) -> io::Result<()> {
    let url = url.to_owned();
    tokio::spawn(async move {
        let (head, body) = get(&url).await;
        assert_eq!(head.status, 302, "{body:?}");
        let back = head.headers["location"].to_str().unwrap();
        // Somebody else on this machine who found the port, and the browser's own curiosity.
        let root = back.split('?').next().unwrap();
        assert_eq!(get(&format!("{root}?code=stolen&state=guessed")).await.0.status, 404);
        assert_eq!(get(&format!("{root}/favicon.ico")).await.0.status, 404);
        let (head, page) = get(back).await;
        assert_eq!(head.status, 200);
        assert!(String::from_utf8_lossy(&page).contains("You are signed in"), "{page:?}");
    });
    Ok(())
}

#[tokio::test]
async fn browser_signs_in_with_state_nonce_and_pkce() {
    let emulator = Emulator::start().await.unwrap();
    let opened = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&opened);
    let credential = InteractiveBrowserCredential::new("contoso.example", "app-1", move |url| {
        log.lock().unwrap().push_str(url);
        browse(url)
    })
    .with_login_hint("adele@contoso.example");
    let token = ask(&credential, &cloud_of(&emulator)).await.unwrap();
    assert!(opens(&token, &emulator).await);
    let opened = opened.lock().unwrap().clone();
    for part in [
        "state=",
        "nonce=",
        "code_challenge=",
        "code_challenge_method=S256",
        "login_hint=adele%40contoso.example",
        "redirect_uri=http%3A%2F%2Flocalhost%3A",
    ] {
        assert!(opened.contains(part), "{part}: {opened}");
    }
}

#[tokio::test]
async fn refusal_in_the_browser_is_the_callers_error() {
    let emulator = Emulator::start().await.unwrap();
    let credential = InteractiveBrowserCredential::new("contoso.example", "app-1", |url| {
        let url = url.to_owned();
        tokio::spawn(async move {
            assert_eq!(get(&url).await.0.status, 200);
            let (head, _) = post(&url, "choice=cancel").await;
            let (_, page) = get(head.headers["location"].to_str().unwrap()).await;
            assert!(String::from_utf8_lossy(&page).contains("You are not signed in"));
        });
        Ok(())
    })
    .with_prompt("select_account");
    let error = ask(&credential, &cloud_of(&emulator)).await.unwrap_err();
    assert_eq!((error.code(), error.aadsts()), (Some("access_denied"), Some(65_004)));
    assert!(error.advice().unwrap().contains("refused"));
}

#[tokio::test]
async fn browser_that_cannot_be_opened_or_is_left_alone_is_an_error() {
    let emulator = Emulator::start().await.unwrap();
    let closed = InteractiveBrowserCredential::new("t", "app-1", |_| Err(io::Error::other("no display")));
    let left = InteractiveBrowserCredential::new("t", "app-1", |_| Ok(())).with_patience(Duration::ZERO);
    for (credential, reason) in [(closed, "cannot be opened"), (left, "in time")] {
        let error = ask(&credential, &cloud_of(&emulator)).await.unwrap_err();
        assert!(error.message().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn id_token_of_another_sign_in_is_refused() {
    use base64::Engine as _;
    let payload = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(r#"{"nonce":"of another"}"#);
    for identity in [json!(format!("x.{payload}.x")), json!("garbage"), json!(null)] {
        let body = json!({"access_token": "t", "expires_in": 3600, "id_token": identity});
        let (address, _) = scripted(vec![support::json(200, &body)]).await;
        let credential = InteractiveBrowserCredential::new("t", "app-1", |url| {
            let url = url::Url::parse(url).unwrap();
            let value = |wanted: &str| {
                url.query_pairs()
                    .find(|(name, _)| name == wanted)
                    .unwrap()
                    .1
                    .into_owned()
            };
            let back = format!("{}?code=c&state={}", value("redirect_uri"), value("state"));
            tokio::spawn(async move { get(&back).await });
            Ok(())
        });
        let error = ask(&credential, &cloud_at(&address)).await.unwrap_err();
        assert!(error.message().contains("nonce"), "{error}");
    }
}

#[tokio::test]
async fn refresh_token_of_an_earlier_sign_in_gives_tokens() {
    let emulator = Emulator::builder()
        .token_lifetime(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let refresh = text(&sign_in(&emulator).await, "refresh_token");
    let credential = RefreshTokenCredential::new("contoso.example", "app-1", ClientAuthentication::public(), refresh);
    let cloud = cloud_of(&emulator);
    ask(&credential, &cloud).await.unwrap();
    ask(&credential, &cloud).await.unwrap();
    emulator.revoke_sessions();
    let error = ask(&credential, &cloud).await.unwrap_err();
    assert_eq!(error.aadsts(), Some(50_173));
    assert!(error.needs_interaction() && error.advice().unwrap().contains("sign in again"));
}

#[tokio::test]
async fn service_acts_on_behalf_of_its_caller() {
    let emulator = Emulator::builder().client("app-1", "secret").start().await.unwrap();
    let cloud = cloud_of(&emulator);
    let of = |assertion: String, authentication: ClientAuthentication| {
        OnBehalfOfCredential::new("contoso.example", "app-1", authentication, assertion)
    };
    let caller = text(&sign_in(&emulator).await, "access_token");
    let token = ask(&of(caller.clone(), ClientAuthentication::secret("secret")), &cloud)
        .await
        .unwrap();
    assert!(opens(&token, &emulator).await);

    let application = ask(&ClientSecretCredential::new("t", "app-1", "secret"), &cloud)
        .await
        .unwrap();
    for (assertion, authentication, number) in [
        (caller.clone(), ClientAuthentication::public(), 7_000_218),
        (caller.clone(), ClientAuthentication::secret("wrong"), 7_000_215),
        ("made up".to_owned(), ClientAuthentication::secret("secret"), 50_013),
        (
            application.token.expose().to_owned(),
            ClientAuthentication::secret("secret"),
            240_002,
        ),
    ] {
        let error = ask(&of(assertion, authentication), &cloud).await.unwrap_err();
        assert_eq!(error.aadsts(), Some(number), "{error}");
    }
    emulator.advance_clock(Duration::from_secs(3600));
    let error = ask(&of(caller, ClientAuthentication::secret("secret")), &cloud)
        .await
        .unwrap_err();
    assert_eq!(error.aadsts(), Some(500_133));
}

#[tokio::test]
async fn refresh_token_stays_with_its_authority() {
    let emulator = Emulator::start().await.unwrap();
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let credential = InteractiveBrowserCredential::new("contoso.example", "app-1", move |url| {
        count.fetch_add(1, Ordering::SeqCst);
        browse(url)
    });
    ask(&credential, &cloud_of(&emulator)).await.unwrap();
    let other = Emulator::start().await.unwrap();
    let cloud: Cloud = cloud_of(&other);
    ask(&credential, &cloud).await.unwrap();
    assert_eq!(opened.load(Ordering::SeqCst), 2);
    assert!(
        token_requests(&other)
            .iter()
            .all(|request| field(request, "grant_type") == "authorization_code")
    );
}
