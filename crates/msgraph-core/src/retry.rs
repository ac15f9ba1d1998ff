//! When a request is sent again: decisions without a clock, a connection or chance of their own.

mod retry_after;

use std::time::Duration;

use http::StatusCode;

pub(crate) use retry_after::retry_after;

/// How often, and for how long, a request is sent again after a failure that may pass.
///
/// Such failures are a refused connection, an exchange that breaks off, and the statuses 408, 429, 500, 502, 503 and 504.
/// A request is repeated only where a repetition cannot do its work twice: `GET`, `PUT` and `DELETE` always, `PATCH` when
/// `If-Match` names a version, anything that is called [`idempotent`](crate::Request::idempotent), and every other request
/// only when the service has surely done nothing: after 429, after 503 with `Retry-After`, and after a connection that
/// did not come about.
///
/// The wait is what `Retry-After` says, neither more nor less, or else a random part of a time that doubles with every
/// attempt. Both limits hold: there is no further attempt when the attempts are used up, nor when the wait would end
/// after the time is; then the failure is reported at once.
///
/// ```
/// use std::time::Duration;
///
/// use msgraph_core::RetryPolicy;
/// # fn example(builder: msgraph_core::ClientBuilder, request: msgraph_core::Request<()>) {
///
/// let patient = RetryPolicy::default().attempts(20).within(Duration::from_secs(3600));
/// let client = builder.retry(patient);
/// let once = request.retry(RetryPolicy::off());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    within: Duration,
    first_wait: Duration,
    longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// At most 5 attempts within 5 minutes, with waits of at most 1, 2, 4 and 8 seconds where the service names none.
    fn default() -> Self {
        Self {
            attempts: 5,
            within: Duration::from_secs(300),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// One attempt and no wait.
    ///
    /// While the service has asked the client to wait, requests then fail without being sent; see
    /// [`Error::is_throttled`](crate::Error::is_throttled).
    pub fn off() -> Self {
        Self::default().attempts(1).within(Duration::ZERO)
    }

    /// At most so many attempts, the first included; zero means one.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// No wait that ends later than this after the call began.
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Where the service names no time, waits for a random time of at most `first`, doubled with every attempt but never
    /// more than `longest`.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first_wait = first;
        self.longest_wait = longest;
        self
    }

    /// When waits end that are too long.
    pub(crate) fn limit(&self) -> Duration {
        self.within
    }

    /// How long to wait before the next attempt; none when there must not be one.
    pub(crate) fn wait(&self, outcome: Outcome, progress: &Progress) -> Option<Duration> {
        let is_harmless = progress.is_idempotent || !outcome.may_have_been_applied();
        if progress.attempts >= self.attempts || !outcome.is_transient() || !is_harmless {
            return None;
        }
        let wait = outcome
            .retry_after()
            .unwrap_or_else(|| self.backoff_after(progress.attempts, progress.chance));
        progress.allows(wait, self.within).then_some(wait)
    }

    /// Full jitter: any part of the time is as likely as any other, so that clients which failed together return apart.
    pub(crate) fn backoff_after(&self, attempts: u32, chance: f64) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let longest = self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait);
        longest.mul_f64(chance)
    }
}

/// How far a call has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Attempts that count for the policy, at least one.
    pub(crate) attempts: u32,
    /// Time since the call began.
    pub(crate) elapsed: Duration,
    /// Time that the caller leaves, where there is a limit.
    pub(crate) left: Option<Duration>,
    /// Whether doing the request twice is as good as doing it once.
    pub(crate) is_idempotent: bool,
    /// A random number from 0 to 1.
    pub(crate) chance: f64,
}

impl Progress {
    /// Whether a wait ends in time.
    pub(crate) fn allows(&self, wait: Duration, within: Duration) -> bool {
        self.elapsed.saturating_add(wait) <= within && self.left.is_none_or(|left| wait < left)
    }
}

/// What became of an attempt, as far as a repetition depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The request did not reach the service.
    Unsent,
    /// The request was on its way, and there is no answer or only a part of it.
    Broken,
    /// The service answered.
    Answered {
        status: StatusCode,
        retry_after: Option<Duration>,
    },
}

impl Outcome {
    /// Whether the service may have carried the request out.
    pub(crate) fn may_have_been_applied(self) -> bool {
        match self {
            Self::Unsent => false,
            Self::Broken => true,
            Self::Answered { status, retry_after } => match status {
                StatusCode::SERVICE_UNAVAILABLE => retry_after.is_none(),
                StatusCode::NOT_IMPLEMENTED => false,
                // Historically the answer to a POST that has been carried out.
                StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => true,
                StatusCode::REQUEST_TIMEOUT => true,
                status => status.is_success() || status.is_server_error(),
            },
        }
    }

    /// Whether the same request may fare better later.
    fn is_transient(self) -> bool {
        match self {
            Self::Unsent | Self::Broken => true,
            Self::Answered { status, .. } => matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504),
        }
    }

    fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Answered { retry_after, .. } => retry_after,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn answered(status: u16, retry_after: Option<u64>) -> Outcome {
        Outcome::Answered {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn after(attempts: u32) -> Progress {
        Progress {
            attempts,
            elapsed: Duration::ZERO,
            left: None,
            is_idempotent: true,
            chance: 1.0,
        }
    }

    #[test]
    fn request_that_is_not_idempotent_is_repeated_only_when_nothing_was_done() {
        for (outcome, idempotent, other) in [
            (Outcome::Unsent, true, true),
            (Outcome::Broken, true, false),
            (answered(408, None), true, false),
            (answered(408, Some(1)), true, false),
            (answered(429, None), true, true),
            (answered(429, Some(1)), true, true),
            (answered(500, Some(1)), true, false),
            (answered(502, None), true, false),
            (answered(503, None), true, false),
            (answered(503, Some(1)), true, true),
            (answered(504, Some(1)), true, false),
            (answered(400, Some(1)), false, false),
            (answered(401, None), false, false),
            (answered(404, None), false, false),
            (answered(409, None), false, false),
            (answered(501, None), false, false),
            (answered(507, Some(1)), false, false),
        ] {
            for (is_idempotent, expected) in [(true, idempotent), (false, other)] {
                let progress = Progress {
                    is_idempotent,
                    ..after(1)
                };
                let wait = RetryPolicy::default().wait(outcome, &progress);
                assert_eq!(wait.is_some(), expected, "{outcome:?} {is_idempotent}");
            }
        }
    }

    #[test]
    fn time_of_the_service_is_kept_exactly_whatever_the_chance() {
        for seconds in [0, 1, 120, 300] {
            for chance in [0.0, 0.5, 1.0] {
                let progress = Progress { chance, ..after(3) };
                let wait = RetryPolicy::default().wait(answered(429, Some(seconds)), &progress);
                assert_eq!(wait, Some(Duration::from_secs(seconds)));
            }
        }
    }

    #[test]
    fn backoff_doubles_up_to_its_longest_and_is_jittered_in_full() {
        let policy = RetryPolicy::default().attempts(u32::MAX).within(Duration::MAX);
        for (attempts, longest) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (40, 30), (u32::MAX - 1, 30)] {
            for (chance, share) in [(0.0, 0.0), (0.25, 0.25), (1.0, 1.0)] {
                let progress = Progress {
                    chance,
                    ..after(attempts)
                };
                let wait = policy.wait(Outcome::Broken, &progress);
                assert_eq!(wait, Some((SECOND * longest).mul_f64(share)), "{attempts}");
            }
        }
    }

    #[test]
    fn each_limit_ends_the_attempts_by_itself() {
        let policy = RetryPolicy::default().attempts(3).within(SECOND * 60);
        for (attempts, elapsed, left, retry_after, goes_on) in [
            (2, 0, None, 60, true),
            (3, 0, None, 0, false),
            (1, 0, None, 61, false),
            (1, 50, None, 10, true),
            (1, 50, None, 11, false),
            (1, 0, Some(5), 4, true),
            (1, 0, Some(5), 5, false),
            (1, 0, None, u64::MAX, false),
        ] {
            let progress = Progress {
                elapsed: SECOND * elapsed,
                left: left.map(Duration::from_secs),
                ..after(attempts)
            };
            let wait = policy.wait(answered(429, Some(retry_after)), &progress);
            assert_eq!(wait.is_some(), goes_on, "{attempts} {elapsed} {left:?} {retry_after}");
        }
    }

    #[test]
    fn attempts_can_be_turned_off() {
        for policy in [
            RetryPolicy::off(),
            RetryPolicy::default().attempts(0),
            RetryPolicy::default().attempts(1),
        ] {
            assert_eq!(policy.wait(answered(429, Some(0)), &after(1)), None);
        }
    }
}
