//! How many requests go to each workload of the service at once.
//!
//! Until a workload throttles, there is no limit. Then the number of requests at once is halved, and it grows by one
//! whenever as many requests as go at once have been answered well (additive increase, multiplicative decrease). A limit
//! that has grown past what the workload last refused is lifted. While the workload has asked to wait, nothing is sent to it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use crate::Operation;

/// More requests than any process has at once.
const UNLIMITED: usize = Semaphore::MAX_PERMITS;

/// Collections that several services share: what belongs to a user may be mail, files or a directory entry.
const SHARED: [&str; 3] = ["groups", "me", "users"];

/// The limits of all workloads of a client.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    lanes: Mutex<HashMap<Workload, Arc<Lane>>>,
}

/// The part of the service whose limits a request counts towards, as far as its path tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Workload(&'static str, &'static str);

/// The service has asked not to be sent anything for so long, which is longer than the caller waits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paused(pub(crate) Duration);

impl Workload {
    pub(crate) fn of(operation: &'static Operation) -> Self {
        let mut names = operation
            .path
            .split('/')
            .filter(|part| !part.is_empty() && !part.starts_with('{'));
        let first = names.next().unwrap_or_default();
        // A key in parentheses belongs to the collection: "users(userPrincipalName='…')".
        let first = first.split('(').next().unwrap_or_default();
        match SHARED.contains(&first) {
            true => Self(first, names.next().unwrap_or_default()),
            false => Self(first, ""),
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(first, "") => f.write_str(first),
            Self(first, second) => write!(f, "{first}/{second}"),
        }
    }
}

impl Throttle {
    /// Waits for the turn of a request, in the order of arrival.
    ///
    /// Dropping the future gives the turn up, dropping the permit gives it to the next.
    ///
    /// # Errors
    /// At once when the service has asked for a pause that ends after `latest`.
    pub(crate) async fn enter(&self, workload: Workload, latest: Option<Instant>) -> Result<Permit, Paused> {
        let lane = Arc::clone(locked(&self.lanes).entry(workload).or_default());
        lane.check_pause(latest)?;
        let Ok(slot) = Arc::clone(&lane.slots).acquire_owned().await else {
            unreachable!("the semaphore of a lane is never closed");
        };
        let mut permit = Permit::new(lane, slot);
        while let Some(pause) = permit.lane.check_pause(latest)? {
            sleep_until(pause).await;
        }
        permit.epoch = permit.lane.state().epoch;
        Ok(permit)
    }
}

/// The requests to one workload.
#[derive(Debug)]
struct Lane {
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// How many requests may go at once.
    limit: usize,
    /// How many slots there are; more than the limit as long as some of them are taken.
    slots: usize,
    taken: usize,
    /// What the workload last refused.
    refused: usize,
    /// Requests that were answered well since the limit grew.
    answered: usize,
    /// How often the limit was cut. A request that was sent before the last cut says nothing about the limit since.
    epoch: u64,
    pause: Option<Instant>,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(UNLIMITED)),
            state: Mutex::new(State {
                limit: UNLIMITED,
                slots: UNLIMITED,
                taken: 0,
                refused: 0,
                answered: 0,
                epoch: 0,
                pause: None,
            }),
        }
    }
}

impl Lane {
    /// When the pause ends, if there is one.
    fn check_pause(&self, latest: Option<Instant>) -> Result<Option<Instant>, Paused> {
        let mut state = self.state();
        let now = Instant::now();
        match state.pause {
            Some(pause) if pause <= now => {
                state.pause = None;
                Ok(None)
            }
            Some(pause) if latest.is_some_and(|latest| latest < pause) => Err(Paused(pause - now)),
            pause => Ok(pause),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn set_limit(&self, state: &mut State, limit: usize) {
        state.limit = limit;
        if limit > state.slots {
            self.slots.add_permits(limit - state.slots);
            state.slots = limit;
        } else {
            state.slots -= self.slots.forget_permits(state.slots - limit);
        }
    }
}

/// The turn of one request.
#[derive(Debug)]
pub(crate) struct Permit {
    lane: Arc<Lane>,
    slot: Option<OwnedSemaphorePermit>,
    epoch: u64,
}

impl Permit {
    fn new(lane: Arc<Lane>, slot: OwnedSemaphorePermit) -> Self {
        lane.state().taken += 1;
        Self {
            lane,
            slot: Some(slot),
            epoch: 0,
        }
    }

    /// The workload carried the request out.
    pub(crate) fn answered(self) {
        let state = &mut *self.lane.state();
        if state.limit == UNLIMITED || self.epoch != state.epoch {
            return;
        }
        state.answered += 1;
        if state.answered >= state.limit {
            state.answered = 0;
            let grown = state.limit + 1;
            let limit = if grown > state.refused { UNLIMITED } else { grown };
            self.lane.set_limit(state, limit);
        }
    }

    /// The workload refused the request because there were too many; gives how many may go at once now.
    pub(crate) fn refused(self, retry_after: Option<Duration>) -> usize {
        let state = &mut *self.lane.state();
        let pause = retry_after.and_then(|wait| Instant::now().checked_add(wait));
        state.pause = state.pause.max(pause);
        if self.epoch == state.epoch {
            state.epoch += 1;
            state.answered = 0;
            state.refused = state.taken.min(state.limit);
            let limit = (state.refused / 2).max(1);
            self.lane.set_limit(state, limit);
        }
        state.limit
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.lane.state();
        state.taken -= 1;
        if state.slots > state.limit {
            state.slots -= 1;
            if let Some(slot) = self.slot.take() {
                slot.forget();
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;
    use crate::{CloudSet, Method, Permissions};

    const LANE: Workload = Workload("things", "");
    const SECOND: Duration = Duration::from_secs(1);

    async fn take(throttle: &Throttle, count: usize) -> Vec<Permit> {
        let mut permits = Vec::new();
        for _ in 0..count {
            permits.push(throttle.enter(LANE, None).await.unwrap());
        }
        permits
    }

    /// How many requests can go at once.
    async fn room(throttle: &Throttle, most: usize) -> usize {
        let mut permits = Vec::new();
        while permits.len() < most {
            match timeout(Duration::ZERO, throttle.enter(LANE, None)).await {
                Ok(permit) => permits.push(permit.unwrap()),
                Err(_) => break,
            }
        }
        permits.len()
    }

    #[test]
    fn workload_is_told_by_the_path() {
        for (path, workload) in [
            (
                "/servicePrincipals/{servicePrincipal-id}/addKey",
                ("servicePrincipals", ""),
            ),
            ("/users", ("users", "")),
            ("/users/{user-id}", ("users", "")),
            (
                "/users(userPrincipalName='{userPrincipalName}')/messages",
                ("users", "messages"),
            ),
            (
                "/users/{user-id}/messages/{message-id}/attachments",
                ("users", "messages"),
            ),
            ("/me/drive/root", ("me", "drive")),
            ("/$batch", ("$batch", "")),
            ("/", ("", "")),
        ] {
            let operation: &'static Operation = Box::leak(Box::new(Operation {
                method: Method::Get,
                path,
                clouds: CloudSet::ALL,
                permissions: &Permissions::UNKNOWN,
                documentation: None,
            }));
            assert_eq!(Workload::of(operation), Workload(workload.0, workload.1), "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_burst_halves_the_limit_once_and_good_answers_lift_it() {
        let throttle = Throttle::default();
        for permit in take(&throttle, 10).await {
            assert_eq!(permit.refused(None), 5);
        }
        let mut limits = Vec::new();
        while limits.len() < 100 {
            let limit = room(&throttle, 50).await;
            if limits.last() != Some(&limit) {
                limits.push(limit);
            }
            if limit == 50 {
                break;
            }
            take(&throttle, 1).await.pop().unwrap().answered();
        }
        assert_eq!(limits, [5, 6, 7, 8, 9, 10, 50]);
    }

    #[tokio::test(start_paused = true)]
    async fn limit_never_falls_below_one() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            take(&throttle, 1).await.pop().unwrap().refused(None);
            assert_eq!(room(&throttle, 5).await, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn taken_slots_beyond_the_limit_vanish_when_they_are_given_back() {
        let throttle = Throttle::default();
        let mut permits = take(&throttle, 8).await;
        permits.pop().unwrap().refused(None);
        assert_eq!(room(&throttle, 8).await, 0);
        permits.truncate(4);
        assert_eq!(room(&throttle, 8).await, 0);
        permits.truncate(1);
        assert_eq!(room(&throttle, 8).await, 3);
        drop(permits);
        assert_eq!(room(&throttle, 8).await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_passes_during_a_pause() {
        let throttle = Throttle::default();
        let start = Instant::now();
        let mut permits = take(&throttle, 2).await;
        permits.pop().unwrap().refused(Some(SECOND * 3));
        // The longer of two pauses counts.
        permits.pop().unwrap().refused(Some(SECOND * 2));
        assert_eq!(
            throttle.enter(LANE, Some(start + SECOND * 2)).await.unwrap_err(),
            Paused(SECOND * 3)
        );
        drop(throttle.enter(LANE, Some(start + SECOND * 3)).await.unwrap());
        assert!(start.elapsed() >= SECOND * 3);
        let other = Workload("others", "");
        assert!(throttle.enter(other, Some(Instant::now())).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn pause_that_is_announced_while_waiting_is_kept_too() {
        let throttle = Throttle::default();
        let start = Instant::now();
        let mut permits = take(&throttle, 2).await;
        permits.pop().unwrap().refused(Some(SECOND));
        let late = permits.pop().unwrap();
        let wait = throttle.enter(LANE, None);
        tokio::pin!(wait);
        assert!(timeout(SECOND / 2, &mut wait).await.is_err());
        late.refused(Some(SECOND * 5));
        wait.await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn turns_are_given_in_the_order_of_arrival_and_not_to_those_who_left() {
        let throttle = Arc::new(Throttle::default());
        take(&throttle, 1).await.pop().unwrap().refused(None);
        let first = throttle.enter(LANE, None).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let waiting: Vec<_> = (0..5)
            .map(|number| {
                let (throttle, order) = (Arc::clone(&throttle), Arc::clone(&order));
                tokio::spawn(async move {
                    let permit = throttle.enter(LANE, None).await.unwrap();
                    locked(&order).push(number);
                    advance(SECOND).await;
                    drop(permit);
                })
            })
            .collect();
        tokio::task::yield_now().await;
        waiting[1].abort();
        waiting[3].abort();
        tokio::task::yield_now().await;
        drop(first);
        for task in waiting {
            let _ = task.await;
        }
        assert_eq!(*locked(&order), [0, 2, 4]);
        assert_eq!(room(&throttle, 5).await, 1);
    }
}
