//! Answers that are not a success.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use url::Url;

use super::ODataError;
use crate::retry::retry_after;

/// How much of a body that is not OData an error shows, in characters.
const SHOWN: usize = 200;

/// What relative redirects are resolved against; no host has this name (RFC 2606).
const SAME_HOST: &str = "https://same-host.invalid/";

/// An answer that is not a success, kept whole.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) odata: Option<ODataError>,
    /// Counted from the answer, because it is read when the answer arrives.
    pub(crate) retry_after: Option<Duration>,
    /// Why a redirect was not followed.
    pub(crate) refusal: Option<&'static str>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            odata: ODataError::parse(&body),
            retry_after: retry_after(&headers),
            refusal: None,
            status,
            headers,
            body,
        }
    }

    /// The host that a redirect leads to. The rest of the address may hold a token and is not for printing.
    pub(crate) fn redirect_host(&self) -> Option<String> {
        if !self.status.is_redirection() {
            return None;
        }
        let location = self.headers.get(header::LOCATION)?.to_str().ok()?;
        let target = Url::parse(SAME_HOST).ok()?.join(location).ok()?;
        Some(match target.host_str()? {
            host if SAME_HOST.contains(host) => "another address of the same host".to_owned(),
            host => host.to_owned(),
        })
    }

    /// What the service said, short enough for a message.
    pub(crate) fn summary(&self) -> String {
        if let Some(odata) = &self.odata {
            return in_one_line(&odata.to_string()).trim_end_matches('.').to_owned();
        }
        let text = in_one_line(&String::from_utf8_lossy(&self.body));
        match text.char_indices().nth(SHOWN) {
            _ if text.is_empty() => "the answer has no body".to_owned(),
            None => format!("the answer is not an OData error but {text:?}"),
            Some((end, _)) => format!("the answer is not an OData error but starts {:?}", &text[..end]),
        }
    }
}

fn in_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, location: &'static str) -> Answer {
        let headers = HeaderMap::from_iter([(header::LOCATION, location.parse().unwrap())]);
        Answer::new(StatusCode::from_u16(status).unwrap(), headers, Bytes::new())
    }

    #[test]
    fn redirect_is_known_by_its_host_alone() {
        for (status, location, host) in [
            (302, "https://files.example/x?tempauth=hunter2", Some("files.example")),
            (307, "//files.example/x", Some("files.example")),
            (308, "/elsewhere?x", Some("another address of the same host")),
            (302, "https://[", None),
            (200, "https://files.example/x", None),
        ] {
            assert_eq!(
                answer(status, location).redirect_host().as_deref(),
                host,
                "{status} {location}"
            );
        }
    }

    #[test]
    fn message_of_several_lines_becomes_one() {
        let body = Bytes::from_static(br#"{"error":{"code":"x","message":"first\r\n  second."}}"#);
        let answer = Answer::new(StatusCode::BAD_REQUEST, HeaderMap::new(), body);
        assert_eq!(answer.summary(), "x: first second");
    }
}
