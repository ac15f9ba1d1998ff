//! Gathers concurrent calls into batches.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::run::{Replies, Step, run};
use super::wire::Inner;
use super::{AT_ONCE, MOST};
use crate::error::{Error, Kind, Result};
use crate::pipeline::{self, Exchange};
use crate::request::Parts;
use crate::response::Response;
use crate::transport::TransportError;

/// The largest body that goes into a batch with others, as it is there.
const LARGEST: usize = 1_000_000;

/// Calls that wait to go into a batch.
pub(crate) struct Gatherer {
    window: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Call>,
    in_flight: usize,
    /// When the first of the calls that wait has waited long enough.
    due: Option<Instant>,
    has_timer: bool,
}

struct Call {
    parts: Parts,
    accept: &'static str,
    reply: oneshot::Sender<Result<Response<Bytes>>>,
}

impl Gatherer {
    pub(crate) fn new(window: Duration) -> Self {
        Self {
            window,
            state: Mutex::default(),
        }
    }

    /// The answer to a request, which may be sent together with others.
    pub(crate) fn exchange(self: Arc<Self>, mut parts: Parts, accept: &'static str) -> Exchange {
        parts.client = parts.client.without_gatherer();
        // Contents are answered with redirects or bytes that a batch makes a third larger.
        let is_content = accept == "*/*";
        if is_content || Inner::new(0, &parts, accept).map_or(true, |inner| inner.size() > LARGEST) {
            return pipeline::exchange(parts, accept);
        }
        Box::pin(async move {
            let operation = parts.operation;
            let (reply, answer) = oneshot::channel();
            self.gather(Call { parts, accept, reply });
            answer.await.unwrap_or_else(|_| {
                let error = TransportError::other("the task that sent the batch has ended");
                Err(Error::new(Kind::Transport(error)).of(operation))
            })
        })
    }

    fn gather(self: &Arc<Self>, call: Call) {
        let mut state = self.state();
        state.waiting.push(call);
        state.due.get_or_insert(Instant::now() + self.window);
        if !std::mem::replace(&mut state.has_timer, true) {
            tokio::spawn(Arc::clone(self).keep_time());
        }
        self.send(&mut state);
    }

    /// Sends calls when their window is over, for as long as there are some.
    async fn keep_time(self: Arc<Self>) {
        loop {
            let due = {
                let mut state = self.state();
                self.send(&mut state);
                match state.due {
                    // What is overdue waits for a batch to come back, which sends it.
                    Some(due) if !is_over(Some(due)) => due,
                    _ => {
                        state.has_timer = false;
                        return;
                    }
                }
            };
            sleep_until(due).await;
        }
    }

    /// Sends the calls that wait, as far as batches may be in flight.
    fn send(self: &Arc<Self>, state: &mut State) {
        state.waiting.retain(|call| !call.reply.is_closed());
        state.due = state.due.filter(|_| !state.waiting.is_empty());
        while state.in_flight < AT_ONCE && (state.waiting.len() >= MOST || is_over(state.due)) {
            let rest = state.waiting.split_off(state.waiting.len().min(MOST));
            let calls = std::mem::replace(&mut state.waiting, rest);
            state.due = state.due.filter(|_| !state.waiting.is_empty());
            state.in_flight += 1;
            let this = Arc::clone(self);
            tokio::spawn(async move {
                let _done = Done(this);
                send(calls).await;
            });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gatherer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gatherer")
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

/// Makes room for the next batch, even if this one panics.
struct Done(Arc<Gatherer>);

impl Drop for Done {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        // Without a runtime, which is then shutting down, nothing can be sent any more.
        if tokio::runtime::Handle::try_current().is_ok() {
            self.0.send(&mut state);
        }
    }
}

fn is_over(due: Option<Instant>) -> bool {
    due.is_some_and(|due| due <= Instant::now())
}

async fn send(mut calls: Vec<Call>) {
    if calls.len() == 1
        && let Some(call) = calls.pop()
    {
        let answer = pipeline::exchange(call.parts, call.accept).await;
        let _ = call.reply.send(answer);
        return;
    }
    let Some(client) = calls.first().map(|call| call.parts.client.clone()) else {
        return;
    };
    let (steps, replies): (Vec<_>, Vec<_>) = calls
        .into_iter()
        .map(|call| (Step::new(call.parts, call.accept), Some(call.reply)))
        .unzip();
    run(&client, steps, &mut Callers(replies)).await;
}

struct Callers(Vec<Option<oneshot::Sender<Result<Response<Bytes>>>>>);

impl Replies for Callers {
    fn take(&mut self, index: usize, answer: Result<Response<Bytes>>) {
        if let Some(reply) = self.0[index].take() {
            // It is refused when the caller has dropped the call.
            let _ = reply.send(answer);
        }
    }

    fn is_wanted(&self, index: usize) -> bool {
        self.0[index].as_ref().is_some_and(|reply| !reply.is_closed())
    }
}
