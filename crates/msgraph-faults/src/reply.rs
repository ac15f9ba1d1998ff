//! What the service answers, and how badly.

use std::time::Duration;

use http::StatusCode;

/// An answer, whole and well-formed unless told otherwise.
///
/// ```
/// use msgraph_faults::Reply;
///
/// let cut_short = Reply::new(200).body("{\"value\":[]}").cut_body(4).reset();
/// let throttled = Reply::new(429).header("Retry-After", "3");
/// ```
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    declared_length: Option<usize>,
    cut: Cut,
    pub(crate) end: End,
    pub(crate) piece: usize,
    pub(crate) pause: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Cut {
    Nowhere,
    BeforeHead,
    AfterHead,
    InBody(usize),
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Keep,
    Close,
    Reset,
}

impl Reply {
    /// An answer with this status and no body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            declared_length: None,
            cut: Cut::Nowhere,
            end: End::Keep,
            piece: usize::MAX,
            pause: Duration::ZERO,
        }
    }

    /// Nothing at all, and then the connection is reset.
    #[must_use]
    pub fn none() -> Self {
        Self {
            cut: Cut::BeforeHead,
            ..Self::new(200)
        }
        .reset()
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body; it is JSON unless a header says otherwise.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Lies about the length of the body.
    #[must_use]
    pub fn declared_length(mut self, length: usize) -> Self {
        self.declared_length = Some(length);
        self
    }

    /// Stops after the head; the connection is closed unless it is reset.
    #[must_use]
    pub fn cut_after_head(mut self) -> Self {
        self.cut = Cut::AfterHead;
        self.end = End::Close;
        self
    }

    /// Stops after so many bytes of the body; the connection is closed unless it is reset.
    #[must_use]
    pub fn cut_body(mut self, after: usize) -> Self {
        self.cut = Cut::InBody(after);
        self.end = End::Close;
        self
    }

    /// Closes the connection afterwards.
    #[must_use]
    pub fn close(mut self) -> Self {
        self.end = End::Close;
        self
    }

    /// Resets the connection afterwards (RST).
    #[must_use]
    pub fn reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// Pauses before every piece of so many bytes.
    #[must_use]
    pub fn drip(mut self, piece: usize, pause: Duration) -> Self {
        self.piece = piece.max(1);
        self.pause = pause;
        self
    }

    /// The bytes to send.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let reason = StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Unknown");
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.has_header("content-type") && !self.body.is_empty() {
            head.push_str("Content-Type: application/json\r\n");
        }
        if self.status != 204 && !self.has_header("transfer-encoding") {
            let length = self.declared_length.unwrap_or(self.body.len());
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        let end = match self.cut {
            Cut::Nowhere => usize::MAX,
            Cut::BeforeHead => 0,
            Cut::AfterHead => bytes.len(),
            Cut::InBody(after) => bytes.len() + after,
        };
        bytes.extend_from_slice(&self.body);
        bytes.truncate(end);
        bytes
    }

    fn has_header(&self, wanted: &str) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    }
}
