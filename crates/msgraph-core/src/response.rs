//! Answers with a success status.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::body::wipe;
use crate::error::{Error, Kind, Result, Undecodable};
use crate::transport::ResponseBody;
use crate::{Decode, Method, Operation};

/// A successful answer: its value, and the status and headers that came with it.
#[derive(Clone)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    value: T,
    operation: Option<&'static Operation>,
    client_request_id: String,
    attempts: u32,
}

impl<T> Response<T> {
    /// The status, 200 to 299.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers, for example `ETag` or `Location`.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The service's identifier of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.headers.get("request-id")?.to_str().ok()
    }

    /// The identifier that the client gave the request.
    #[must_use]
    pub fn client_request_id(&self) -> &str {
        &self.client_request_id
    }

    /// How often the request was sent, redirects included.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    pub(crate) fn value_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The value alone.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The error of an answer that is not what the operation promises; `problem` continues "was answered with 200 OK, but".
    #[must_use]
    pub fn undecodable(&self, problem: impl Into<String>) -> Error {
        let error = Error::new(Kind::Decode(Box::new(Undecodable {
            status: self.status,
            headers: self.headers.clone(),
            problem: problem.into(),
        })));
        match self.operation {
            // A request that only reads has nothing to apply.
            Some(operation) => error
                .of(operation)
                .with_client_request_id(&self.client_request_id)
                .with_history(self.attempts, operation.method != Method::Get),
            None => error,
        }
    }
}

impl Response<ResponseBody> {
    /// An answer whose body is still to be read.
    pub(crate) fn begun(status: StatusCode, headers: HeaderMap, body: ResponseBody) -> Self {
        Self {
            status,
            headers,
            value: body,
            operation: None,
            client_request_id: String::new(),
            attempts: 1,
        }
    }

    /// Reads the body.
    pub(crate) async fn whole(self) -> Result<Response<Bytes>> {
        let failed = |error| {
            let error = Error::new(Kind::Transport(error)).with_client_request_id(&self.client_request_id);
            match self.operation {
                Some(operation) => error.of(operation),
                None => error,
            }
        };
        let value = self.value.bytes().await.map_err(failed)?;
        Ok(Response {
            status: self.status,
            headers: self.headers,
            value,
            operation: self.operation,
            client_request_id: self.client_request_id,
            attempts: self.attempts,
        })
    }
}

impl<T> Response<T> {
    /// The same answer, known to be one to this operation and request after so many attempts.
    pub(crate) fn to(mut self, operation: &'static Operation, client_request_id: String, attempts: u32) -> Self {
        self.operation = Some(operation);
        self.client_request_id = client_request_id;
        self.attempts = attempts;
        self
    }
}

impl Response<Bytes> {
    /// An answer as it came; for tests of a [`Decode`](crate::Decode).
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            headers,
            value: body,
            operation: None,
            client_request_id: String::new(),
            attempts: 1,
        }
    }

    /// Reads the answer and wipes what it was read from.
    pub(crate) fn decode<D: Decode>(self) -> Result<Response<D::Output>> {
        let value = D::decode(&self)?;
        wipe(self.value);
        Ok(Response {
            status: self.status,
            headers: self.headers,
            value,
            operation: self.operation,
            client_request_id: self.client_request_id,
            attempts: self.attempts,
        })
    }
}

impl<T> fmt::Debug for Response<T> {
    /// Writes the status alone; headers and value may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
