//! A server that records what reaches it, for tests that look at the wire.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// An HTTP server on loopback that answers every request alike and remembers each.
#[derive(Debug)]
pub struct Recorder {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    body: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    /// Starts a server that gives `status` and the JSON `body` to whatever it is asked.
    ///
    /// # Panics
    ///
    /// When no port can be opened on loopback, or `status` is not an HTTP status.
    pub async fn answering(status: u16, body: serde_json::Value) -> Self {
        let seen = Arc::default();
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("an HTTP status"),
            body: body.to_string(),
            seen: Arc::clone(&seen),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port on loopback");
        let url = format!("http://{}", listener.local_addr().expect("the address that was bound"));
        let app = axum::Router::new().fallback(record).with_state(answer);
        let server = tokio::spawn(async move { axum::serve(listener, app).await.expect("the recorder serves") });
        Self { url, seen, server }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Each request so far as text: request line, headers in alphabetical order, an empty line, the body.
    ///
    /// # Panics
    ///
    /// When a request's handler panicked.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().expect("no handler panicked").clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn record(State(answer): State<Answer>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let mut text = format!("{} {}\n", head.method, head.uri);
    let mut headers: Vec<_> = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    headers.sort_by_key(|(name, _)| *name);
    for (name, value) in headers {
        writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes())).expect("a String takes all text");
    }
    let body = to_bytes(body, usize::MAX)
        .await
        .expect("the client sends its whole body");
    write!(text, "\n{}", String::from_utf8_lossy(&body)).expect("a String takes all text");
    answer.seen.lock().expect("no handler panicked").push(text);
    (answer.status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
}
