//! A service whose answers the tests decide, and credentials that count.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use msgraph_core::credential::{AccessToken, AuthenticationError, Credential, Obtaining, TokenRequest};
use msgraph_core::transport::{Sending, Transport, TransportError};
use msgraph_core::{Client, Cloud, CloudSet, CustomCloud, Method, Operation, Path, Permissions, Scheme};

/// Appears in every token of these tests and must appear nowhere else.
pub(crate) const TOKEN: &str = "t0ken-hunter2";

pub(crate) static PERMISSIONS: Permissions = Permissions {
    delegated_work: Scheme {
        least: &["Thing.Read.All"],
        higher: &["Thing.ReadWrite.All"],
    },
    delegated_personal: Scheme::UNSUPPORTED,
    application: Scheme {
        least: &["Thing.Read.All", "Thing.Manage and Thing.Audit"],
        higher: &[],
    },
};

pub(crate) static GET: Operation = operation(Method::Get, "/things/{thing-id}");
pub(crate) static LIST: Operation = operation(Method::Get, "/things");
pub(crate) static COUNT: Operation = operation(Method::Get, "/things/$count");
pub(crate) static CREATE: Operation = operation(Method::Post, "/things");
pub(crate) static UPDATE: Operation = operation(Method::Patch, "/things/{thing-id}");
pub(crate) static PUT: Operation = operation(Method::Put, "/things/{thing-id}/$value");
pub(crate) static DELETE: Operation = operation(Method::Delete, "/things/{thing-id}");

const fn operation(method: Method, path: &'static str) -> Operation {
    Operation {
        method,
        path,
        clouds: CloudSet::GLOBAL.union(CloudSet::CHINA),
        permissions: &PERMISSIONS,
        documentation: None,
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query as they were on the wire.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

type Answer = dyn Fn(&Seen) -> Response + Send + Sync;

/// A service on a loopback socket; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Service {
    /// A service that answers as `answer` says.
    pub(crate) async fn start<R: IntoResponse>(answer: impl Fn(&Seen) -> R + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
        };
        let answer: Arc<Answer> = Arc::new(move |seen| answer(seen).into_response());
        let app = axum::Router::new()
            .fallback(handle)
            .with_state((Arc::clone(&service.seen), answer));
        tokio::spawn(axum::serve(listener, app).into_future());
        service
    }

    /// The requests that arrived so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request that arrived.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen.into_iter().next().unwrap()
    }

    pub(crate) fn cloud(&self) -> Cloud {
        Cloud::Custom(CustomCloud::new(&self.address, &self.address).unwrap())
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(Counting::default())
    }

    pub(crate) fn client_with(&self, credential: impl Credential) -> Client {
        Client::builder()
            .cloud(self.cloud())
            .credential(credential)
            .build()
            .unwrap()
    }

    /// The address of things on this service.
    pub(crate) fn things(&self) -> Path {
        Path::root(&self.client(), "things")
    }
}

type Shared = (Arc<Mutex<Vec<Seen>>>, Arc<Answer>);

async fn handle(State((seen, answer)): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let request = Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    };
    seen.lock().unwrap().push(request.clone());
    if let Some(pause) = request.header("x-pause") {
        tokio::time::sleep(Duration::from_millis(pause.parse().unwrap())).await;
    }
    answer(&request)
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Response {
    let headers = [("content-type", "application/json")];
    (StatusCode::from_u16(status).unwrap(), headers, body.to_string()).into_response()
}

/// Gives [`TOKEN`] and counts how often.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counting {
    asked: Arc<AtomicUsize>,
    fails: bool,
}

impl Counting {
    pub(crate) fn failing() -> Self {
        Self {
            fails: true,
            ..Self::default()
        }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Credential for Counting {
    fn token<'a>(&'a self, _request: TokenRequest<'a>) -> Obtaining<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let token = if self.fails {
            Err(AuthenticationError::new("the card reader is empty"))
        } else {
            Ok(AccessToken::new(TOKEN, SystemTime::now() + Duration::from_secs(3600)))
        };
        Box::pin(std::future::ready(token))
    }
}

/// Sends nothing and counts how often it was asked to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offline {
    asked: Arc<AtomicUsize>,
}

impl Offline {
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Transport for Offline {
    fn send(&self, _request: http::Request<Bytes>, _timeout: Duration) -> Sending<'_> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(Err(TransportError::connection(
            "the cable is unplugged",
        ))))
    }
}
