//! The loopback address to which the login page sends the browser back.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::form_urlencoded;

use crate::credential::AuthenticationError;
use crate::odata::Secret;

/// How long one connection may take: browsers open some beforehand and never use them.
const CONNECTION: Duration = Duration::from_secs(30);

pub(super) struct Redirect {
    listener: TcpListener,
    uri: String,
    state: Secret,
}

type Outcome = Result<Secret, AuthenticationError>;

impl Redirect {
    /// Listens for a redirect that carries `state`.
    pub(super) async fn listen(state: Secret) -> Result<Self, AuthenticationError> {
        let failed = |error| {
            AuthenticationError::new("no loopback port can be opened for the browser to return to").with_source(error)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self {
            listener,
            // By this name, Microsoft Entra lets the port be any.
            uri: format!("http://localhost:{port}"),
            state,
        })
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// Waits for the redirect and gives its authorization code. Whatever else arrives is answered and passed over.
    pub(super) async fn code(self) -> Outcome {
        let (sender, mut outcomes) = mpsc::channel(1);
        loop {
            let stream = tokio::select! {
                Some(outcome) = outcomes.recv() => return outcome,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
            };
            let (sender, state) = (sender.clone(), self.state.clone());
            let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let query = request.uri().query().unwrap_or_default();
                let (answer, outcome) = match outcome_of(request.method(), request.uri().path(), query, &state) {
                    None => (page(StatusCode::NOT_FOUND, "Nothing here."), None),
                    Some(Ok(code)) => (
                        page(StatusCode::OK, "You are signed in. You may close this window."),
                        Some(Ok(code)),
                    ),
                    Some(Err(error)) => (
                        page(StatusCode::OK, "You are not signed in. The program says why."),
                        Some(Err(error)),
                    ),
                };
                let sender = sender.clone();
                async move {
                    if let Some(outcome) = outcome {
                        // Full means that the browser came twice: the first time counts.
                        let _ = sender.try_send(outcome);
                    }
                    Ok::<_, Infallible>(answer)
                }
            });
            // On its own, so that the page still reaches the browser when the code is already in use.
            tokio::spawn(async move {
                let mut http = hyper::server::conn::http1::Builder::new();
                let connection = http.keep_alive(false).serve_connection(TokioIo::new(stream), service);
                let _ = tokio::time::timeout(CONNECTION, connection).await;
            });
        }
    }
}

/// What a request says about the sign-in; nothing, unless it carries the state, which only the login page knows.
fn outcome_of(method: &http::Method, path: &str, query: &str, state: &Secret) -> Option<Outcome> {
    if method != http::Method::GET || path != "/" {
        return None;
    }
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    if value("state")? != state.expose() {
        return None;
    }
    match (value("code"), value("error")) {
        (Some(code), None) => Some(Ok(code.into())),
        (_, Some(error)) => {
            let description = value("error_description").unwrap_or_default();
            Some(Err(AuthenticationError::from_redirect(&error, &description)))
        }
        (None, None) => None,
    }
}

fn page(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let html = format!("<!doctype html><meta charset=utf-8><title>Microsoft Graph</title><p>{text}</p>");
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        http::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    // The address of this page holds the code.
    headers.insert(header::REFERRER_POLICY, http::HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn only_a_redirect_with_the_state_counts() {
        let state = Secret::from("right");
        let outcome = |method, path, query| outcome_of(&method, path, query, &state);
        for (method, path, query) in [
            (Method::GET, "/", ""),
            (Method::GET, "/", "code=c"),
            (Method::GET, "/", "code=c&state=wrong"),
            (Method::GET, "/", "error=access_denied&state="),
            (Method::GET, "/", "state=right"),
            (Method::GET, "/favicon.ico", "code=c&state=right"),
            (Method::POST, "/", "code=c&state=right"),
        ] {
            assert!(outcome(method, path, query).is_none(), "{path}?{query}");
        }
        let code = outcome(Method::GET, "/", "code=a%2Bb&state=right").unwrap().unwrap();
        assert_eq!(code.expose(), "a+b");
        let query = "error=access_denied&error_description=AADSTS65004%3A+User+declined.&state=right";
        let error = outcome(Method::GET, "/", query).unwrap().unwrap_err();
        assert_eq!((error.aadsts(), error.code()), (Some(65_004), Some("access_denied")));
    }
}
