//! The error of everything that can fail here.

mod answer;
mod course;
mod display;
mod odata;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::credential::AuthenticationError;
use crate::transport::TransportError;
use crate::{Cloud, Operation};

pub(crate) use answer::Answer;
pub(crate) use course::Course;
pub use odata::{InnerError, ODataError, ODataErrorDetail};

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in one opaque type that can grow without breaking anyone.
///
/// [`Display`](std::fmt::Display) is one sentence that says what happened and what to do; it never contains a token or a
/// secret. The predicates tell the causes apart, and the accessors give what the service said.
///
/// ```
/// # async fn example(request: msgraph_core::Request<()>) -> msgraph_core::Result<()> {
/// match request.await {
///     Err(error) if error.is_not_found() => println!("already gone"),
///     Err(error) if error.is_throttled() => println!("again in {:?}", error.retry_after()),
///     other => other?,
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Troubleshooting
/// Quote [`request_id`](Self::request_id), [`client_request_id`](Self::client_request_id) and the time when you ask
/// Microsoft about a failed request. [`advice`](Self::advice) names what usually helps; the
/// [error responses of Graph](https://learn.microsoft.com/graph/errors) explain the codes of
/// [`odata`](Self::odata).
pub struct Error(Box<Inner>);

pub(crate) struct Inner {
    kind: Kind,
    operation: Option<&'static Operation>,
    client_request_id: Option<String>,
    attempts: u32,
    may_have_been_applied: bool,
}

#[derive(Clone)]
pub(crate) enum Kind {
    /// The client could not be built.
    Configuration(String),
    /// The request cannot be sent as it is.
    Invalid(Invalid),
    /// The cloud lacks the operation.
    Unavailable(Cloud),
    /// A link leads away from the cloud.
    Untrusted { host: String, cloud: Cloud },
    /// The service has asked for a pause, and the request may not wait for its end.
    Paused(Duration),
    /// There is no token.
    Authentication(AuthenticationError),
    /// There is no answer.
    Transport(TransportError),
    /// The answer is not a success.
    Answer(Box<Answer>),
    /// The answer is a success that cannot be read.
    Decode(Box<Undecodable>),
    /// An exchange of several requests came to nothing.
    Course(Course),
}

/// A successful answer that is not what the operation promises.
#[derive(Clone)]
pub(crate) struct Undecodable {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) problem: String,
}

/// A request that must not be sent; kept by a request until it is awaited.
#[derive(Clone, Debug)]
pub(crate) struct Invalid {
    message: String,
}

impl Invalid {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// Which causes apply.
impl Error {
    /// Whether the request was refused before anything was sent, because it cannot be right: an empty key, a broken
    /// rule of an action, an impossible header.
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.0.kind, Kind::Invalid(_))
    }

    /// Whether the operation was refused before anything was sent, because the client's cloud does not offer it.
    ///
    /// # Troubleshooting
    /// The list of clouds comes from Microsoft's metadata. Where it lags behind the service,
    /// [`Request::even_if_unlisted`](crate::Request::even_if_unlisted) sends the request nevertheless.
    #[must_use]
    pub fn is_unavailable_in_cloud(&self) -> bool {
        matches!(self.0.kind, Kind::Unavailable(_))
    }

    /// Whether a link of the service led away from the client's cloud and was therefore not followed.
    #[must_use]
    pub fn is_untrusted_host(&self) -> bool {
        matches!(self.0.kind, Kind::Untrusted { .. })
    }

    /// Whether the credential gave no token, so that the request was not sent; see
    /// [`authentication`](Self::authentication). A token that the service refuses is [`is_unauthorized`](Self::is_unauthorized).
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.authentication().is_some()
    }

    /// Whether no connection to the service came about. The service has not seen the request, so that even a request
    /// that writes may be sent again.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        self.transport().is_some_and(TransportError::is_connection)
    }

    /// Whether the time allowed for an answer ran out. The service may have carried the request out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.transport().is_some_and(TransportError::is_timeout)
    }

    /// Whether the service said 401: the token is missing, expired or meant for somebody else.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.answered(StatusCode::UNAUTHORIZED)
    }

    /// Whether the service said 403: the caller lacks a permission, a role or a licence.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.answered(StatusCode::FORBIDDEN)
    }

    /// Whether the service said 404.
    ///
    /// # Troubleshooting
    /// Microsoft Entra is eventually consistent: an object may be unknown for minutes after its creation.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.answered(StatusCode::NOT_FOUND)
    }

    /// Whether the service said 400: it understood the request and finds it wrong.
    #[must_use]
    pub fn is_bad_request(&self) -> bool {
        self.answered(StatusCode::BAD_REQUEST)
    }

    /// Whether the service said 409: the request contradicts the state of the resource.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.answered(StatusCode::CONFLICT)
    }

    /// Whether the service said 412: the resource has changed since its `ETag` was read.
    #[must_use]
    pub fn is_precondition_failed(&self) -> bool {
        self.answered(StatusCode::PRECONDITION_FAILED)
    }

    /// Whether there were too many requests: the service said 429, or it has asked for a pause that the request could not
    /// wait for, so that it was not sent. [`retry_after`](Self::retry_after) says how long to wait.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.answered(StatusCode::TOO_MANY_REQUESTS) || matches!(self.0.kind, Kind::Paused(_))
    }

    /// Whether the service said that it failed itself: any status from 500 on.
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.answer().is_some_and(|answer| answer.status.is_server_error())
    }

    /// Whether the service redirected to another address, which was not followed.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        self.answer()
            .is_some_and(|answer| answer.refusal.is_some() || answer.redirect_host().is_some())
    }

    /// Whether the service may have carried the request out in spite of the error.
    ///
    /// False when it surely has not: nothing was sent, the service refused the request, or the request only reads. After a
    /// `POST` for which it is true, look whether the work is done before you send it again.
    ///
    /// ```
    /// # async fn example(create: msgraph_core::Request<msgraph_core::odata::Value>) -> msgraph_core::Result<()> {
    /// match create.await {
    ///     Err(error) if error.may_have_been_applied() => println!("look for it first: {error}"),
    ///     Err(error) => println!("nothing was created: {error}"),
    ///     Ok(_) => println!("created"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.0.may_have_been_applied
    }

    /// Whether the service reported success with an answer that the operation does not have. The request was carried out.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode(_))
    }

    /// Whether the request had no effect because another one of its batch, which had to succeed first, did not.
    #[must_use]
    pub fn is_failed_dependency(&self) -> bool {
        matches!(self.0.kind, Kind::Course(Course::FailedDependency)) || self.answered(StatusCode::FAILED_DEPENDENCY)
    }

    /// Whether a download that broke off could not go on, because the content has changed since it began.
    #[must_use]
    pub fn is_content_changed(&self) -> bool {
        matches!(self.0.kind, Kind::Course(Course::ContentChanged))
    }

    /// Whether the session of an upload is unknown to the service: it has expired, was cancelled, or is complete.
    #[must_use]
    pub fn is_upload_session_gone(&self) -> bool {
        let is_upload = self.0.operation.is_some_and(crate::upload::is_upload);
        is_upload && (self.answered(StatusCode::NOT_FOUND) || self.answered(StatusCode::GONE))
    }

    /// Whether an upload may be complete although its last answer was lost. Look for the file before uploading it again.
    #[must_use]
    pub fn is_upload_unknown(&self) -> bool {
        matches!(self.0.kind, Kind::Course(Course::UploadUnknown))
    }

    /// Whether a long-running operation was accepted and failed later; [`odata`](Self::odata) is the error that it reported.
    #[must_use]
    pub fn is_operation_failed(&self) -> bool {
        matches!(self.0.kind, Kind::Course(Course::OperationFailed(_)))
    }

    /// Whether the client could not be built from its settings.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(self.0.kind, Kind::Configuration(_))
    }
}

/// What is known about the failure.
impl Error {
    /// The error that the service described, if it described one in the way of OData.
    #[must_use]
    pub fn odata(&self) -> Option<&ODataError> {
        match &self.0.kind {
            Kind::Course(Course::OperationFailed(state)) => state.error(),
            _ => self.answer()?.odata.as_ref(),
        }
    }

    /// What the credential said when it gave no token.
    #[must_use]
    pub fn authentication(&self) -> Option<&AuthenticationError> {
        match &self.0.kind {
            Kind::Authentication(error) => Some(error),
            _ => None,
        }
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.kind {
            Kind::Answer(answer) => Some(answer.status),
            Kind::Decode(answer) => Some(answer.status),
            _ => None,
        }
    }

    /// The headers of the answer, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        match &self.0.kind {
            Kind::Answer(answer) => Some(&answer.headers),
            Kind::Decode(answer) => Some(&answer.headers),
            _ => None,
        }
    }

    /// The whole body of an answer that was not a success, whatever it is: JSON, HTML or nothing.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        Some(&self.answer()?.body)
    }

    /// The service's identifier of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let inner = || self.odata()?.inner_error.as_ref()?.request_id.as_deref();
        self.headers()
            .and_then(|headers| headers.get("request-id")?.to_str().ok())
            .or_else(inner)
    }

    /// The identifier that this client gave the request; present as soon as there was an attempt to send it.
    #[must_use]
    pub fn client_request_id(&self) -> Option<&str> {
        self.0.client_request_id.as_deref()
    }

    /// How long the service asks to wait before the next attempt, counted from its answer.
    ///
    /// Understands seconds and dates ([RFC 9110, Retry-After](https://www.rfc-editor.org/rfc/rfc9110#field.retry-after)),
    /// which are compared with the clock of the service; a date in the past is zero.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.0.kind {
            Kind::Paused(wait) => Some(*wait),
            _ => self.answer()?.retry_after,
        }
    }

    /// How often the request was sent, redirects included; zero when it was not.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The operation that failed.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }
}

impl Error {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            client_request_id: None,
            attempts: 0,
            may_have_been_applied: false,
        }))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration(message.into()))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid(Invalid::new(message)))
    }

    pub(crate) fn of(mut self, operation: &'static Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_client_request_id(mut self, id: &str) -> Self {
        self.0.client_request_id = Some(id.to_owned());
        self
    }

    pub(crate) fn with_history(mut self, attempts: u32, may_have_been_applied: bool) -> Self {
        self.0.attempts = attempts;
        self.0.may_have_been_applied = may_have_been_applied;
        self
    }

    /// The same error for another request that failed with it.
    pub(crate) fn copy(&self) -> Self {
        let Inner {
            kind,
            operation,
            client_request_id,
            attempts,
            may_have_been_applied,
        } = &*self.0;
        Self(Box::new(Inner {
            kind: kind.clone(),
            operation: *operation,
            client_request_id: client_request_id.clone(),
            attempts: *attempts,
            may_have_been_applied: *may_have_been_applied,
        }))
    }

    fn answer(&self) -> Option<&Answer> {
        match &self.0.kind {
            Kind::Answer(answer) => Some(answer),
            _ => None,
        }
    }

    fn answered(&self, status: StatusCode) -> bool {
        self.answer().is_some_and(|answer| answer.status == status)
    }

    /// Whether there is no answer, for whatever reason.
    pub(crate) fn is_transport(&self) -> bool {
        self.transport().is_some()
    }

    fn transport(&self) -> Option<&TransportError> {
        match &self.0.kind {
            Kind::Transport(error) => Some(error),
            _ => None,
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Authentication(error) => std::error::Error::source(error),
            Kind::Transport(error) => std::error::Error::source(error),
            Kind::Course(course) => course.source(),
            _ => None,
        }
    }
}
