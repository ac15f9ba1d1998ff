//! Requests to addresses that are their own authority: whoever knows them may use them, and they must get no token.

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::cloud::is_loopback;
use crate::error::{Answer, Error, Kind, Result};
use crate::response::Response;
use crate::transport::TransportError;
use crate::{Client, Operation};

/// Sends a request without a token and gives its answer, if it is a success.
pub(crate) async fn send(
    client: &Client,
    operation: &'static Operation,
    method: Method,
    address: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response<Bytes>> {
    let failed = |kind| Error::new(kind).of(operation);
    let url = check(address).map_err(|error| error.of(operation))?;
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() =
        http::Uri::try_from(url.as_str()).map_err(|_| Error::invalid("its address cannot be sent").of(operation))?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(USER_AGENT, client.user_agent().clone());
    let exchange = async {
        let answer = client.transport().send(request, client.timeout()).await?;
        let (head, body) = answer.into_parts();
        Ok((head, body.bytes().await?))
    };
    let (head, body) = exchange
        .await
        .map_err(|error: TransportError| failed(Kind::Transport(error)))?;
    if head.status.is_success() {
        return Ok(Response::new(head.status, head.headers, body).to(operation, String::new(), 1));
    }
    Err(failed(Kind::Answer(Box::new(Answer::new(
        head.status,
        head.headers,
        body,
    )))))
}

/// Whether what failed may succeed if it is tried again.
pub(crate) fn may_pass(error: &Error) -> bool {
    error.is_transport()
        || error.is_throttled()
        || error.is_server_error()
        || error.status() == Some(StatusCode::REQUEST_TIMEOUT)
}

/// The address, if nobody on the way can read it: it is as good as a password. An error does not repeat it.
fn check(address: &str) -> Result<Url> {
    let url = Url::parse(address).map_err(|error| Error::invalid(format!("its address is not a URL ({error})")))?;
    let is_private = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    if !is_private {
        return Err(Error::invalid(format!(
            "its address uses {}, which would show it to the network; the service gives https addresses",
            url.scheme()
        )));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_https_and_loopback_addresses_are_used_and_none_is_repeated() {
        for (address, accepted) in [
            ("https://sn3302.up.example/up/hunter2", true),
            ("http://127.0.0.1:8080/up/hunter2", true),
            ("http://up.example/hunter2", false),
            ("ftp://up.example/hunter2", false),
            ("up/hunter2", false),
        ] {
            match check(address) {
                Ok(_) => assert!(accepted, "{address}"),
                Err(error) => assert!(
                    !accepted && !error.to_string().contains("hunter2"),
                    "{address}: {error}"
                ),
            }
        }
    }
}
