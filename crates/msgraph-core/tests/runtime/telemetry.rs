//! What can be watched, and what must never be seen.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use http::StatusCode;
use msgraph_core::credential::ClientSecretCredential;
use msgraph_core::odata::{Page, Value};
use msgraph_core::{Client, Content, Path, Request};
use msgraph_faults::Reply;
use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::stage::{Call, Stage, success};
use crate::support::{CREATE, LIST, PUT, TOKEN};

thread_local! {
    /// What has been printed on this thread, at every level and by every library, since somebody began to listen.
    static PRINTED: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct Printed;

impl Printed {
    /// Starts to listen. There is one subscriber for all threads, because what one thread is not interested in would not be
    /// told to another.
    fn listen() {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            tracing_log::LogTracer::init().unwrap();
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_span_events(FmtSpan::FULL)
                .with_writer(|| Self)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        PRINTED.set(Some(Vec::new()));
    }

    /// Stops to listen.
    fn take() -> String {
        String::from_utf8(PRINTED.take().unwrap()).unwrap()
    }
}

impl io::Write for Printed {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        PRINTED.with_borrow_mut(|printed| printed.as_mut().map(|printed| printed.extend_from_slice(text)));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn span_of_each_attempt_has_the_attributes_of_the_convention() {
    Printed::listen();
    let stage = Stage::play([Reply::new(503), Reply::none(), success().header("request-id", "r1")]).await;
    let id = stage.get().send().await.unwrap().client_request_id().to_owned();
    let text = Printed::take();
    let closed: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("msgraph.request{"))
        .filter(|line| line.contains(": close"))
        .collect();
    assert_eq!(closed.len(), 3, "{text}");
    let port = stage.server.url().rsplit(':').next().unwrap().to_owned();
    for line in &closed {
        for attribute in [
            "otel.name=GET /things/{thing-id}",
            "otel.kind=\"client\"",
            "http.request.method=\"GET\"",
            "url.template=\"/things/{thing-id}\"",
            "server.address=\"127.0.0.1\"",
            &format!("server.port={port}"),
            &format!("msgraph.client_request_id=\"{id}\""),
        ] {
            assert!(line.contains(attribute), "{attribute}: {line}");
        }
        assert!(!line.contains("/things/1"), "{line}");
    }
    for (line, present, absent) in [
        (
            closed[0],
            vec![
                "http.response.status_code=503",
                "error.type=\"503\"",
                "otel.status_code=\"ERROR\"",
            ],
            vec!["resend_count"],
        ),
        (
            closed[1],
            vec!["http.request.resend_count=1", "error.type=\"broken\""],
            vec!["http.response.status_code"],
        ),
        (
            closed[2],
            vec![
                "http.request.resend_count=2",
                "http.response.status_code=200",
                "msgraph.request_id=\"r1\"",
            ],
            vec!["error.type"],
        ),
    ] {
        assert!(
            present.iter().all(|attribute| line.contains(attribute)),
            "{present:?}: {line}"
        );
        assert!(
            !absent.iter().any(|attribute| line.contains(attribute)),
            "{absent:?}: {line}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn observer_is_told_about_each_attempt() {
    let other = Stage::play([success()]).await;
    let away = format!("{}/file", other.server.url());
    let stage = Stage::play([
        Reply::new(429).header("Retry-After", "2"),
        Reply::new(200).drip(1000, Duration::from_secs(200)),
        Reply::new(307).header("Location", away),
    ])
    .await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&told);
    let client = stage.builder().observe(move |attempt| {
        record.lock().unwrap().push((
            attempt.number,
            attempt.status.as_ref().map(StatusCode::as_u16),
            attempt.error_type.map(str::to_owned),
            (attempt.sent, attempt.received),
            attempt.elapsed.as_secs(),
        ));
    });
    let response = Call::GET.request(&client.build().unwrap()).send().await.unwrap();
    assert_eq!(response.attempts(), 4);
    assert_eq!(
        *told.lock().unwrap(),
        [
            (1, Some(429), Some("429".to_owned()), (0, 0), 0),
            (2, None, Some("timeout".to_owned()), (0, 0), 100),
            (3, Some(307), None, (0, 0), 0),
            (4, Some(200), None, (0, 10), 0),
        ]
    );
}

const MARKS: [&str; 8] = [
    TOKEN,
    "marked-client-secret",
    "marked-body",
    "marked-answer",
    "marked-query",
    "marked-header",
    "marked-location",
    "marked-content",
];

/// Answers that lead through every part of the pipeline.
fn script(elsewhere: &str) -> Vec<Reply> {
    let secret = r#"{"secretText":"marked-answer"}"#;
    let claims = "Bearer claims=\"eyJtYXJrZWQiOiJtYXJrZWQtYW5zd2VyIn0=\"";
    vec![
        Reply::new(200).body(secret),
        Reply::new(401).header("WWW-Authenticate", claims),
        Reply::new(401).header("WWW-Authenticate", claims),
        Reply::new(429)
            .header("Retry-After", "1")
            .body(r#"{"error":{"code":"x"}}"#),
        Reply::new(503),
        Reply::none(),
        Reply::new(200).body(secret).cut_body(20).reset(),
        Reply::new(307).header("Location", format!("{elsewhere}/x?tempauth=marked-location")),
        Reply::new(302).header("Location", "https://files.example/x?tempauth=marked-location"),
        Reply::new(200).body(r#"{"value":"marked-answer"}"#),
        Reply::new(200).body("marked-answer"),
        Reply::new(415),
        Reply::new(403).body(r#"{"error":{"code":"Forbidden"}}"#),
        Reply::new(404).body(r#"{"error":{"code":"NotFound"}}"#),
        Reply::new(500),
        Reply::new(200).drip(1, Duration::from_secs(3600)),
    ]
}

/// One call of each kind, with a secret wherever one can be.
fn requests(client: &Client) -> Vec<Request<Page<Value>>> {
    let path = || Path::root(client, "things");
    let content = Content::new("application/x-pkcs12", "marked-content".repeat(100));
    let body = json!({"password": "marked-body", "filler": "a".repeat(1000)});
    let list: Request<Page<Value>> = path().request(&LIST);
    let requests = [
        list.filter("name eq 'marked-query'").search("marked-query"),
        path().request_json(&CREATE, &body),
        path().request_content(&PUT, content),
    ];
    requests.map(|request| request.header("X-Key", "marked-header")).into()
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_printed_shows_a_secret() {
    Printed::listen();
    let elsewhere = Stage::play([]).await;
    let script = script(&elsewhere.server.url());
    let mut outcomes = Vec::new();
    // Each answer first, so that every kind of request meets each.
    for start in 0..script.len() {
        let mut turn = script[start..]
            .iter()
            .chain(&script[..start])
            .cloned()
            .collect::<Vec<_>>()
            .into_iter();
        let stage = Stage::start(move |received| {
            if received.target.ends_with("/token") {
                let token = format!(r#"{{"access_token":"{TOKEN}","expires_in":3600}}"#);
                return Reply::new(200).body(token);
            }
            turn.next().unwrap_or_else(success)
        })
        .await;
        let credential = ClientSecretCredential::new("tenant", "client", "marked-client-secret");
        let client = stage
            .builder()
            .credential(credential)
            .compress_requests_from(500)
            .build()
            .unwrap();
        for request in requests(&client) {
            match request.send().await {
                Ok(response) => outcomes.push(format!("{response:?}")),
                Err(error) => {
                    let source = std::error::Error::source(&error);
                    outcomes.push(format!("{error} {error:?} {source:?} {:?}", error.advice()));
                }
            }
        }
        let seen = format!("{:?}", stage.seen());
        assert!(
            seen.contains("marked-query") && seen.contains("marked-header"),
            "nothing was sent: {seen}"
        );
    }
    assert_eq!(outcomes.len(), script.len() * 3);
    let printed = Printed::take();
    // Everything was listened to, the libraries below included.
    for source in [
        "msgraph.request{",
        "TRACE",
        "reqwest",
        "sending the request again",
        "throttles",
    ] {
        assert!(printed.contains(source), "{source} is not in {printed}");
    }
    let all = printed + &outcomes.join("\n");
    for mark in MARKS {
        let at = all
            .find(mark)
            .map(|at| all[at.saturating_sub(300)..].chars().take(600).collect::<String>());
        assert_eq!(at, None, "{mark}");
    }
}
