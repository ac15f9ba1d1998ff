//! How long to wait before something is tried again.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// Attempts in a row that fail before the failure is reported.
const ATTEMPTS: u32 = 5;

/// No wait ends later than this after the first attempt.
const WITHIN: Duration = Duration::from_secs(300);

/// The longest wait before the second attempt, where the service names none; doubled for each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What is left of the attempts at something.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    since: Instant,
    failed: u32,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
            failed: 0,
        }
    }

    /// Counts a failure; gives the time to wait, which is what the service asks for or else a random part of a time that
    /// doubles (full jitter), and nothing when it is better to give up.
    pub(crate) fn wait_after(&mut self, failure: &Error) -> Option<Duration> {
        self.failed += 1;
        let wait = failure.retry_after().unwrap_or_else(|| {
            let longest = FIRST_WAIT * (1 << (self.failed - 1).min(4));
            longest.mul_f64(fastrand::f64())
        });
        let is_worth_it = self.failed < ATTEMPTS && self.since.elapsed() + wait <= WITHIN;
        is_worth_it.then_some(wait)
    }
}
