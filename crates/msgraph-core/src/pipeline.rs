//! The way of a request to its answer, the same for all.
//!
//! A call is a loop around one attempt: wait for the turn of the workload, get a token, send, look at the outcome. What an
//! outcome leads to is decided by functions without side effects ([`challenge`], [`redirect`], [`consistency`],
//! [`RetryPolicy`]); the loop alone waits and sends.

mod challenge;
mod compression;
mod consistency;
mod hop;
mod prepare;
mod redirect;
mod telemetry;
mod throttle;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;

use crate::RetryPolicy;
use crate::error::{Answer, Error, Invalid, Kind, Result};
use crate::request::Parts;
use crate::response::Response;
use crate::retry::{Outcome, Progress, retry_after};
use crate::transport::{RequestBody, ResponseBody, TransportError};
use hop::Hop;
use prepare::{bearer, in_time};
use redirect::{Redirect, redirect};
use telemetry::{Seen, Watch};
use throttle::{Paused, Permit, Workload};

pub(crate) use prepare::{CLIENT_REQUEST_ID, admit, complete};
pub(crate) use throttle::Throttle;

/// Longer than any download takes, whose pieces have time limits of their own.
const UNBOUNDED: Duration = Duration::from_secs(7 * 24 * 3600);

/// The future of an answer.
pub(crate) type Exchange = Pin<Box<dyn Future<Output = Result<Response<Bytes>>> + Send>>;

/// Sends a request and gives its answer if it is a success.
///
/// Not generic, so that a program contains it once.
pub(crate) fn exchange(parts: Parts, accept: &'static str) -> Exchange {
    if let Some(gatherer) = parts.client.gatherer() {
        return Arc::clone(gatherer).exchange(parts, accept);
    }
    Box::pin(async move { open(parts, accept, Manner::Whole).await?.whole().await })
}

/// How the bodies of an exchange are moved.
pub(crate) enum Manner {
    /// Both as a whole, within the time allowed.
    Whole,
    /// The answer's piece by piece; the time allowed is for its beginning.
    Receiving,
    /// The request's piece by piece, in place of the one that it has; the time allowed is for the whole. Gone once sent,
    /// so that nothing is sent again.
    Sending(Option<RequestBody>),
}

/// Sends a request and gives its answer, if it is a success, with the body still to be read.
pub(crate) async fn open(parts: Parts, accept: &'static str, manner: Manner) -> Result<Response<ResponseBody>> {
    let operation = parts.operation;
    let hop = admit(&parts).map_err(|error| error.of(operation))?;
    Call::new(parts, hop, accept, &manner).run(manner).await
}

/// A request on its way, through all its attempts.
struct Call {
    parts: Parts,
    /// Whether the body can be sent only once.
    is_once: bool,
    policy: RetryPolicy,
    workload: Workload,
    client_request_id: String,
    hop: Hop,
    /// The body before it was compressed, until that has been refused.
    plain: Option<Bytes>,
    /// The claims that the service has demanded.
    claims: Option<String>,
    began: Instant,
    deadline: Option<Instant>,
    /// Requests that were sent, whatever the reason.
    sent: u32,
    /// Attempts that count for the policy, the present one included.
    attempts: u32,
    /// Attempts that found no object.
    missed: u32,
    redirects: u32,
    /// Whether some attempt may have been carried out.
    may_have_been_applied: bool,
}

/// What the service answered, or why it did not.
type Answered = Result<(http::response::Parts, Received), TransportError>;

/// A body that has been read, or one that has only begun.
enum Received {
    Whole(Bytes),
    Begun(ResponseBody),
}

impl Received {
    /// What has been read.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Begun(_) => &[],
        }
    }
}

/// What follows from an attempt.
enum Next {
    /// The call ends with it.
    End,
    /// Another request is sent at once, or as soon as the workload's pause is over.
    Now,
    /// The same request is sent again later.
    After(Duration),
    /// The call ends at a redirect that is not followed, for this reason.
    Refused(&'static str),
}

impl Call {
    fn new(parts: Parts, mut hop: Hop, accept: &'static str, manner: &Manner) -> Self {
        let client = &parts.client;
        let (headers, client_request_id) = complete(&parts, accept);
        hop.headers = headers;
        let plain = hop.body.clone();
        let is_compressed = client.compress_from().is_some_and(|least| hop.compress(least));
        let began = Instant::now();
        let total = parts.total_timeout.or(client.total_timeout());
        Self {
            policy: parts.retry.as_ref().unwrap_or(client.retry()).clone(),
            workload: Workload::of(parts.operation),
            client_request_id,
            hop,
            plain: is_compressed.then_some(plain),
            claims: None,
            began,
            deadline: total.and_then(|total| began.checked_add(total)),
            sent: 0,
            attempts: 1,
            missed: 0,
            redirects: 0,
            may_have_been_applied: false,
            is_once: matches!(manner, Manner::Sending(_)),
            parts,
        }
    }

    async fn run(&mut self, mut manner: Manner) -> Result<Response<ResponseBody>> {
        let mut failure = None;
        loop {
            let permit = match self.turn().await {
                Ok(permit) => permit,
                // What the service said last is worth more than that there is no time for another attempt.
                Err(kind) => return Err(failure.unwrap_or_else(|| self.error(kind))),
            };
            let token = match self.token().await {
                Ok(token) => token,
                Err(kind) => return Err(self.error(kind)),
            };
            let answered = self.send(token, &mut manner).await?;
            let outcome = outcome(&answered);
            // A request that only reads has nothing to apply.
            self.may_have_been_applied |= !self.hop.is_safe() && outcome.may_have_been_applied();
            let next = self.next(&answered, outcome, permit);
            failure = match next {
                Next::End => return self.end(answered, None),
                Next::Refused(reason) => return self.end(answered, Some(reason)),
                Next::Now if is_throttled(outcome) => self.end(answered, None).err(),
                Next::Now => None,
                Next::After(wait) => {
                    sleep(wait).await;
                    self.end(answered, None).err()
                }
            };
        }
    }

    /// Waits until the workload may be sent something.
    async fn turn(&self) -> Result<Permit, Kind> {
        let patience = self.began.checked_add(self.policy.limit());
        let latest = [patience, self.deadline].into_iter().flatten().min();
        let throttle = self.parts.client.throttle();
        let permit = throttle.enter(self.workload, latest);
        in_time(
            self.deadline,
            "the end of other requests to a throttled workload",
            permit,
        )
        .await?
        .map_err(|Paused(wait)| Kind::Paused(wait))
    }

    /// The token for the next request; none where it must not go.
    async fn token(&self) -> Result<Option<HeaderValue>, Kind> {
        if !self.hop.is_trusted {
            return Ok(None);
        }
        bearer(&self.parts, self.claims.as_deref(), self.deadline)
            .await
            .map(Some)
    }

    /// Sends the request once.
    async fn send(&mut self, token: Option<HeaderValue>, manner: &mut Manner) -> Result<Answered> {
        let mut request = http::Request::builder()
            .method(self.hop.method.clone())
            .uri(self.hop.url.as_str())
            .body(self.hop.body.clone())
            .map_err(|error| {
                self.error(Kind::Invalid(Invalid::new(format!(
                    "its address cannot be sent ({error})"
                ))))
            })?;
        request.headers_mut().clone_from(&self.hop.headers);
        request.headers_mut().extend(token.map(|token| (AUTHORIZATION, token)));

        self.sent += 1;
        let client = &self.parts.client;
        let timeout = self.parts.timeout.unwrap_or(client.timeout());
        let timeout = self.left().map_or(timeout, |left| left.min(timeout));
        let watch = Watch::start(self.parts.operation, &self.hop, &self.client_request_id, self.sent);
        let sending = async {
            let transport = client.transport();
            let answer = match manner {
                Manner::Sending(body) => match body.take() {
                    Some(body) => transport.send_pieces(request.map(|_| body), timeout).await?,
                    None => return Err(TransportError::other("the body was sent already")),
                },
                Manner::Receiving => within(timeout, transport.send(request, UNBOUNDED)).await?,
                Manner::Whole => transport.send(request, timeout).await?,
            };
            let (head, body) = answer.into_parts();
            let body = if matches!(manner, Manner::Receiving) && head.status.is_success() {
                Ok(Received::Begun(body))
            } else {
                within(timeout, body.bytes()).await.map(Received::Whole)
            };
            Ok((head, body))
        };
        let sent: Result<(http::response::Parts, Result<Received, TransportError>), TransportError> =
            sending.instrument(watch.span()).await;

        let (head, error) = match &sent {
            Ok((head, Ok(body))) => (Some((head, body.bytes().len())), None),
            Ok((head, Err(error))) => (Some((head, 0)), Some(error)),
            Err(error) => (None, Some(error)),
        };
        let request_id = head.and_then(|(head, _)| head.headers.get("request-id")?.to_str().ok());
        let seen = Seen {
            status: head.map(|(head, _)| head.status),
            request_id,
            received: head.map(|(_, length)| length).unwrap_or_default(),
            error,
        };
        watch.finish(&seen, client.observer());
        Ok(sent.and_then(|(head, body)| match body {
            Ok(body) => Ok((head, body)),
            // A failure is known by its head; half a success is none.
            Err(_) if !head.status.is_success() => Ok((head, Received::Whole(Bytes::new()))),
            Err(error) => Err(error),
        }))
    }

    /// Decides what follows, and prepares the next request if there is one.
    fn next(&mut self, answered: &Answered, outcome: Outcome, permit: Permit) -> Next {
        if let Outcome::Answered { status, retry_after } = outcome {
            if is_throttled(outcome) {
                let at_once = permit.refused(retry_after);
                tracing::debug!(workload = %self.workload, at_once, ?retry_after, "the workload throttles");
            } else if !status.is_server_error() {
                permit.answered();
            }
        }
        if self.is_once {
            return Next::End;
        }
        if let Ok((head, body)) = answered {
            if head.status.is_success() {
                return Next::End;
            }
            if let Some(next) = self.other_request(head) {
                return next;
            }
            if let Some(wait) = self.until_consistent(head.status, body.bytes()) {
                return self.again(wait, "the object may be too new");
            }
        }
        let progress = Progress {
            attempts: self.attempts,
            elapsed: self.began.elapsed(),
            left: self.left(),
            is_idempotent: self.parts.is_idempotent || self.hop.is_idempotent(),
            chance: fastrand::f64(),
        };
        match self.policy.wait(outcome, &progress) {
            None => Next::End,
            Some(wait) => {
                self.attempts += 1;
                // The turn of the workload waits for the end of the pause.
                match outcome {
                    Outcome::Answered {
                        retry_after: Some(_), ..
                    } if is_throttled(outcome) => Next::Now,
                    _ => self.again(wait, "the failure may pass"),
                }
            }
        }
    }

    /// Prepares another request where the answer calls for one: with the claims that it demands, with a plain body, or
    /// to another address.
    fn other_request(&mut self, head: &http::response::Parts) -> Option<Next> {
        match head.status {
            StatusCode::UNAUTHORIZED if self.claims.is_none() && self.hop.is_trusted => {
                self.claims = Some(challenge::demanded_claims(&head.headers)?);
                tracing::debug!("the service demands a token with further claims");
                Some(Next::Now)
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                self.hop.restore(&self.plain.take()?);
                tracing::debug!("the service takes no compressed bodies");
                Some(Next::Now)
            }
            status => {
                let cloud = self.parts.client.cloud();
                match redirect(&self.hop, status, &head.headers, self.redirects, cloud) {
                    Redirect::None => None,
                    Redirect::Refused(reason) => Some(Next::Refused(reason)),
                    Redirect::To(hop) => {
                        self.redirects += 1;
                        self.plain = self.plain.take().filter(|_| !hop.body.is_empty());
                        self.hop = *hop;
                        Some(Next::Now)
                    }
                }
            }
        }
    }

    /// How long to wait for an object that the service does not know yet.
    fn until_consistent(&mut self, status: StatusCode, body: &[u8]) -> Option<Duration> {
        let left = self.parts.consistency?.checked_sub(self.began.elapsed())?;
        if left.is_zero() || !consistency::is_missing(status, body) {
            return None;
        }
        self.missed += 1;
        let wait = consistency::wait(self.missed, fastrand::f64()).min(left);
        self.left().is_none_or(|left| wait < left).then_some(wait)
    }

    fn again(&self, wait: Duration, reason: &'static str) -> Next {
        tracing::debug!(?wait, reason, "sending the request again");
        Next::After(wait)
    }

    /// The time until the call must end.
    fn left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    fn end(&self, answered: Answered, refusal: Option<&'static str>) -> Result<Response<ResponseBody>> {
        match answered {
            Ok((head, body)) if head.status.is_success() => {
                let id = self.client_request_id.clone();
                let body = match body {
                    Received::Whole(bytes) => ResponseBody::from(bytes),
                    Received::Begun(body) => body,
                };
                Ok(Response::begun(head.status, head.headers, body).to(self.parts.operation, id, self.sent))
            }
            Ok((head, body)) => {
                let body = Bytes::copy_from_slice(body.bytes());
                let mut answer = Answer::new(head.status, head.headers, body);
                answer.refusal = refusal;
                Err(self.error(Kind::Answer(Box::new(answer))))
            }
            Err(error) => Err(self.error(Kind::Transport(error))),
        }
    }

    fn error(&self, kind: Kind) -> Error {
        Error::new(kind)
            .of(self.parts.operation)
            .with_client_request_id(&self.client_request_id)
            .with_history(self.sent, self.may_have_been_applied)
    }
}

/// The outcome of `future`, if it comes in time.
async fn within<T>(
    timeout: Duration,
    future: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    match tokio::time::timeout(timeout, future).await {
        Ok(outcome) => outcome,
        Err(late) => Err(TransportError::timeout(late)),
    }
}

fn outcome(answered: &Answered) -> Outcome {
    match answered {
        Ok((head, _)) => Outcome::Answered {
            status: head.status,
            retry_after: retry_after(&head.headers),
        },
        Err(error) if error.is_connection() => Outcome::Unsent,
        Err(_) => Outcome::Broken,
    }
}

/// Whether the service has too much to do: 429, or a 503 that says when to come back.
fn is_throttled(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Answered { status, retry_after } => {
            status == StatusCode::TOO_MANY_REQUESTS
                || (status == StatusCode::SERVICE_UNAVAILABLE && retry_after.is_some())
        }
        _ => false,
    }
}
