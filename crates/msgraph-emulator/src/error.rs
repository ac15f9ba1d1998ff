//! Refusals, in the shape in which Graph words them.

use axum::http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{clock, exchange::Ids};

/// A refused Graph request.
#[derive(Debug)]
pub(crate) struct GraphError {
    pub(crate) status: StatusCode,
    code: &'static str,
    message: String,
    detail: Option<Detail>,
    /// A header that belongs to the refusal: `WWW-Authenticate` of a 401, `Allow` of a 405.
    pub(crate) header: Option<(&'static str, String)>,
}

/// Which property was at fault, with the code that automation goes by.
#[derive(Debug)]
struct Detail {
    code: &'static str,
    target: &'static str,
}

impl GraphError {
    /// The request itself is wrong: path, query, headers, JSON.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// The directory refuses the content.
    pub(crate) fn directory(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    pub(crate) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    pub(crate) fn unauthenticated(message: &str, challenge: String) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message);
        error.header = Some(("www-authenticate", challenge));
        error
    }

    pub(crate) fn unknown_segment(segment: &str) -> Self {
        Self::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    pub(crate) fn no_directory_object(key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    pub(crate) fn not_found(type_name: &str, key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ResourceNotFound",
            format!("There is no {type_name} with the id '{key}'."),
        )
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Request_MultipleObjectsWithSameKeyValue", message)
    }

    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        let mut error = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        );
        error.header = Some(("allow", allowed.to_owned()));
        error
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            detail: None,
            header: None,
        }
    }

    pub(crate) fn with_detail(mut self, code: &'static str, target: &'static str) -> Self {
        self.detail = Some(Detail { code, target });
        self
    }

    pub(crate) fn body(&self, ids: &Ids, now: OffsetDateTime) -> Value {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "innerError": {
                // Graph writes this instant without fraction or zone.
                "date": clock::timestamp(now)[..19],
                "request-id": ids.request,
                "client-request-id": ids.client,
            },
        });
        if let Some(Detail { code, target }) = &self.detail {
            error["details"] = json!([{ "code": code, "message": self.message, "target": target }]);
        }
        json!({ "error": error })
    }
}
