//! A service that plays a script, under a clock that takes no time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use msgraph_core::credential::{AccessToken, Credential, Obtaining, TokenRequest};
use msgraph_core::odata::Value;
use msgraph_core::transport::HttpTransport;
use msgraph_core::{Client, ClientBuilder, Cloud, Content, CustomCloud, Method, Operation, Path, Request};
use msgraph_faults::{FaultServer, Received, Reply, Still};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{CREATE, DELETE, GET, PUT, TOKEN, UPDATE};

/// A service and all that reached it.
pub(crate) struct Stage {
    pub(crate) server: FaultServer,
    pub(crate) credential: Numbered,
    seen: Arc<Mutex<Vec<(Instant, Received)>>>,
}

impl Stage {
    /// A service that gives these answers in turn, and then a small object for ever.
    pub(crate) async fn play(script: impl IntoIterator<Item = Reply>) -> Self {
        let mut script: VecDeque<Reply> = script.into_iter().collect();
        Self::start(move |_| script.pop_front().unwrap_or_else(success)).await
    }

    pub(crate) async fn start(mut answer: impl FnMut(&Received) -> Reply + Send + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let server = FaultServer::start(move |received| {
            record.lock().unwrap().push((Instant::now(), received.clone()));
            answer(received)
        });
        Self {
            server: server.await.unwrap().with_paused_clock(),
            credential: Numbered::default(),
            seen,
        }
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        let url = self.server.url();
        Client::builder()
            .cloud(Cloud::Custom(CustomCloud::new(&url, &url).unwrap()))
            .credential(self.credential.clone())
            .transport(Still(HttpTransport::new()))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn get(&self) -> Request<Value> {
        Call::GET.request(&self.client())
    }

    pub(crate) fn post(&self) -> Request<Value> {
        Call {
            body: Body::Json,
            ..Call::of(&CREATE)
        }
        .request(&self.client())
    }

    /// The requests that arrived so far.
    pub(crate) fn seen(&self) -> Vec<Received> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|(_, received)| received.clone())
            .collect()
    }

    /// When the requests arrived.
    pub(crate) fn times(&self) -> Vec<Instant> {
        self.seen.lock().unwrap().iter().map(|(time, _)| *time).collect()
    }
}

pub(crate) fn success() -> Reply {
    Reply::new(200).body(r#"{"id":"1"}"#)
}

/// Gives the tokens `t0ken-hunter2-1`, `-2`, … and remembers the claims that it was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbered(Arc<Mutex<Vec<Option<String>>>>);

impl Numbered {
    pub(crate) fn asked(&self) -> Vec<Option<String>> {
        self.0.lock().unwrap().clone()
    }
}

impl Credential for Numbered {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        let mut asked = self.0.lock().unwrap();
        asked.push(request.claims.map(str::to_owned));
        let token = AccessToken::new(
            format!("{TOKEN}-{}", asked.len()),
            SystemTime::now() + Duration::from_secs(3600),
        );
        Box::pin(std::future::ready(Ok(token)))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    None,
    Json,
    Binary,
    Empty,
}

/// A kind of request.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    pub(crate) body: Body,
    pub(crate) version: Option<&'static str>,
    pub(crate) is_idempotent: bool,
}

impl Call {
    pub(crate) const GET: Self = Self {
        is_idempotent: true,
        ..Self::of(&GET)
    };

    pub(crate) const fn of(operation: &'static Operation) -> Self {
        Self {
            operation,
            body: Body::None,
            version: None,
            is_idempotent: false,
        }
    }

    /// Every method with every kind of body that it can have.
    pub(crate) fn all() -> Vec<Self> {
        let mut calls = vec![Self::GET];
        for (operation, version, is_idempotent) in [
            (&CREATE, None, false),
            (&UPDATE, None, false),
            (&UPDATE, Some("W/\"7\""), true),
            (&PUT, None, true),
            (&DELETE, None, true),
        ] {
            for body in [Body::None, Body::Json, Body::Binary, Body::Empty] {
                calls.push(Self {
                    operation,
                    body,
                    version,
                    is_idempotent,
                });
            }
        }
        calls
    }

    pub(crate) fn reads(&self) -> bool {
        self.operation.method == Method::Get
    }

    pub(crate) fn request(&self, client: &Client) -> Request<Value> {
        let path = Path::root(client, "things").key("1");
        let request = match self.body {
            Body::None => path.request(self.operation),
            Body::Json => path.request_json(self.operation, &json!({"displayName": "ä"})),
            Body::Binary => path.request_content(self.operation, Content::new("image/png", vec![0x89, b'P', 0, 0xff])),
            Body::Empty => path.request_content(self.operation, Content::new("text/plain", "")),
        };
        match self.version {
            Some(version) => request.header("If-Match", version),
            None => request,
        }
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {:?}", self.operation.method, self.body, self.version)
    }
}

/// What all attempts of a call must have in common.
pub(crate) fn without_token(received: &Received) -> (String, String, HeaderMap, Vec<u8>) {
    let mut headers = received.headers.clone();
    headers.remove("authorization");
    (
        received.method.clone(),
        received.target.clone(),
        headers,
        received.body.to_vec(),
    )
}
