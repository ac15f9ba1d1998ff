//! Credentials that the environment decides, against imitations of what they talk to.

mod default;
mod managed_identity;
#[cfg(unix)]
mod programs;

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};

use super::variables::Variables;
use super::{AccessToken, AuthenticationError, Credential, TokenRequest};
use crate::transport::HttpTransport;
use crate::{Cloud, CustomCloud};

type Answer = dyn Fn(&Request) -> Response + Send + Sync;
type Shared = (Arc<Mutex<Vec<String>>>, Arc<Answer>);

/// A service on a loopback socket and the addresses that it was asked for.
struct Service {
    address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Service {
    async fn start(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
        };
        let answer: Arc<Answer> = Arc::new(answer);
        let app = axum::Router::new()
            .fallback(handle)
            .with_state((Arc::clone(&service.seen), answer));
        tokio::spawn(axum::serve(listener, app).into_future());
        service
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn handle(State((seen, answer)): State<Shared>, request: Request) -> Response {
    seen.lock().unwrap().push(request.uri().to_string());
    answer(&request)
}

fn json(status: u16, body: &serde_json::Value) -> Response {
    (axum::http::StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Variables::read(|wanted| {
        pairs
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into())
    })
}

async fn ask(credential: &impl Credential, cloud: &Cloud) -> Result<AccessToken, AuthenticationError> {
    let transport = HttpTransport::new();
    let scopes = [cloud.scope()];
    credential.token(TokenRequest::new(cloud, &transport, &scopes)).await
}

fn cloud_at(address: &str) -> Cloud {
    Cloud::Custom(CustomCloud::new(address, address).unwrap())
}
