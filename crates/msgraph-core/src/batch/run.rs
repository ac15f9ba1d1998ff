//! Sends requests in batches until each has its answer.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, sleep_until};

use super::wire::{Envelope, Inner, Part, read};
use super::{AT_ONCE, BATCH, MOST, MOST_BYTES};
use crate::body::Body;
use crate::error::{Answer, Course, Error, Kind, Result};
use crate::patience::Patience;
use crate::pipeline;
use crate::request::Parts;
use crate::response::Response;
use crate::{Client, Method};

/// A request that is to be sent in a batch.
pub(super) struct Step {
    parts: Parts,
    accept: &'static str,
    /// The earlier steps that must succeed first.
    depends_on: Vec<usize>,
}

impl Step {
    pub(super) fn new(mut parts: Parts, accept: &'static str) -> Self {
        // What is sent alone after all must not come back into a batch.
        parts.client = parts.client.without_gatherer();
        Self {
            parts,
            accept,
            depends_on: Vec::new(),
        }
    }

    pub(super) fn depends_on(&mut self, earlier: usize) {
        if !self.depends_on.contains(&earlier) {
            self.depends_on.push(earlier);
        }
    }
}

/// What became of the batches themselves.
pub(super) struct Outcome {
    /// Whether at least one request has an answer of its own, or a reason not to be sent.
    pub(super) is_answered: bool,
    /// The first failure of a batch as a whole.
    pub(super) failure: Option<Error>,
}

/// Where answers go.
pub(super) trait Replies: Send {
    /// Takes the answer to a step.
    fn take(&mut self, index: usize, answer: Result<Response<Bytes>>);

    /// Whether somebody still waits for the answer, so that the step may be sent.
    fn is_wanted(&self, index: usize) -> bool;
}

/// Sends the steps and hands out their answers as they come.
pub(super) async fn run(client: &Client, steps: Vec<Step>, replies: &mut dyn Replies) -> Outcome {
    let mut run = Run::new(client, steps, replies);
    let mut events: FuturesUnordered<Pin<Box<dyn Future<Output = Event> + Send>>> = FuturesUnordered::new();
    let mut in_flight = 0;
    let mut alarm = None;
    loop {
        run.give_up_unwanted();
        run.give_up_dependents();
        while in_flight < AT_ONCE {
            let group = run.next_group();
            if group.is_empty() {
                break;
            }
            events.push(run.post(group));
            in_flight += 1;
        }
        if let Some(due) = run.next_due()
            && alarm.is_none_or(|alarm| due < alarm)
        {
            alarm = Some(due);
            events.push(Box::pin(async move {
                sleep_until(due).await;
                Event::Due
            }));
        }
        match events.next().await {
            Some(Event::Answered(group, answer)) => {
                in_flight -= 1;
                run.settle(&group, answer);
            }
            Some(Event::Alone(index, answer)) => run.finish(index, answer),
            Some(Event::Due) => alarm = None,
            None => return run.outcome,
        }
        while let Some(index) = run.alone.pop() {
            let exchange = pipeline::exchange(run.tasks[index].step.parts.clone(), run.tasks[index].step.accept);
            events.push(Box::pin(async move { Event::Alone(index, exchange.await) }));
        }
    }
}

enum Event {
    Answered(Vec<usize>, Result<Response<Bytes>>),
    Alone(usize, Result<Response<Bytes>>),
    Due,
}

struct Run<'a> {
    client: &'a Client,
    tasks: Vec<Task>,
    /// Steps whose answer is a redirect, which a request alone can follow.
    alone: Vec<usize>,
    replies: &'a mut dyn Replies,
    outcome: Outcome,
}

struct Task {
    step: Step,
    inner: Option<Inner>,
    stand: Stand,
    patience: Patience,
    /// The number of the first step that this one is linked with by dependencies, directly or not.
    component: usize,
    is_linked: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Stand {
    Waiting(Instant),
    Sent,
    Succeeded,
    Failed,
}

impl<'a> Run<'a> {
    fn new(client: &'a Client, steps: Vec<Step>, replies: &'a mut dyn Replies) -> Self {
        let mut run = Self {
            client,
            tasks: Vec::with_capacity(steps.len()),
            alone: Vec::new(),
            replies,
            outcome: Outcome {
                is_answered: false,
                failure: None,
            },
        };
        let components = components(&steps);
        for (index, step) in steps.into_iter().enumerate() {
            let component = components[index];
            let is_linked = components.iter().filter(|other| **other == component).nth(1).is_some();
            let (inner, problem) = match Inner::new(index, &step.parts, step.accept) {
                Ok(inner) => (Some(inner), None),
                Err(error) => (None, Some(error.of(step.parts.operation))),
            };
            run.tasks.push(Task {
                step,
                inner,
                stand: Stand::Waiting(Instant::now()),
                patience: Patience::new(),
                component,
                is_linked,
            });
            if let Some(error) = problem {
                run.outcome.is_answered = true;
                run.finish(index, Err(error));
            }
        }
        run
    }

    /// The steps of the next batch; none when all are sent or must wait.
    ///
    /// Steps that are linked have a batch of their own, because the service wants a batch to be either all parallel or all
    /// in sequence.
    fn next_group(&self) -> Vec<usize> {
        let now = Instant::now();
        let mut group: Vec<usize> = Vec::new();
        let mut bytes = 0;
        for (index, task) in self.tasks.iter().enumerate() {
            let is_due = matches!(task.stand, Stand::Waiting(due) if due <= now);
            let (true, Some(inner)) = (is_due, &task.inner) else {
                continue;
            };
            let is_met = |earlier: &usize| self.tasks[*earlier].stand == Stand::Succeeded || group.contains(earlier);
            let fits = group.first().is_none_or(|first| {
                let first = &self.tasks[*first];
                let is_alike = match first.is_linked {
                    true => first.component == task.component,
                    false => !task.is_linked,
                };
                is_alike && bytes + inner.size() <= MOST_BYTES
            });
            if fits && task.step.depends_on.iter().all(is_met) {
                group.push(index);
                bytes += inner.size();
            }
            if group.len() == MOST {
                break;
            }
        }
        group
    }

    /// When the next step that was asked to wait may be sent, unless it waits for another step too.
    fn next_due(&self) -> Option<Instant> {
        let now = Instant::now();
        let due = self.tasks.iter().filter_map(|task| match task.stand {
            Stand::Waiting(due) if due > now => Some(due),
            _ => None,
        });
        due.min()
    }

    fn post(&mut self, group: Vec<usize>) -> Pin<Box<dyn Future<Output = Event> + Send>> {
        let mut entries = Vec::with_capacity(group.len());
        let mut timeout = Duration::ZERO;
        for &index in &group {
            self.tasks[index].stand = Stand::Sent;
            let step = &self.tasks[index].step;
            timeout = timeout.max(step.parts.timeout.unwrap_or(self.client.timeout()));
        }
        for &index in &group {
            let depends_on = self.tasks[index].step.depends_on.iter();
            let in_group = depends_on.filter(|earlier| group.contains(earlier));
            let ids = in_group.filter_map(|earlier| Some(self.tasks[*earlier].inner.as_ref()?.id.as_str()));
            entries.extend(self.tasks[index].inner.as_ref().map(|inner| (inner, ids.collect())));
        }
        let body = Body::json(&Envelope(entries));
        let mut parts = Parts::new(self.client.clone(), &BATCH, BATCH.path.to_owned(), None).with_body(body);
        parts.timeout = Some(timeout);
        let exchange = pipeline::exchange(parts, "application/json");
        Box::pin(async move { Event::Answered(group, exchange.await) })
    }

    fn settle(&mut self, group: &[usize], answer: Result<Response<Bytes>>) {
        let parts = answer.and_then(|answer| {
            let parts = read(answer.value()).map_err(|problem| answer.undecodable(problem));
            parts.map(|parts| (answer, parts))
        });
        let (answer, mut parts) = match parts {
            Ok(parts) => parts,
            Err(error) => {
                for &index in group {
                    self.finish(index, Err(self.named(index, error.copy())));
                }
                self.outcome.failure.get_or_insert(error);
                return;
            }
        };
        for &index in group {
            let part = self.tasks[index]
                .inner
                .as_ref()
                .and_then(|inner| parts.remove(&inner.id));
            match part {
                Some(part) => self.settle_one(index, part),
                None => {
                    let error = answer.undecodable("it lacks the answer to this request of the batch");
                    self.finish(index, Err(self.named(index, error)));
                }
            }
        }
        self.outcome.is_answered = true;
        crate::body::wipe(answer.into_value());
    }

    fn settle_one(&mut self, index: usize, part: Part) {
        let task = &self.tasks[index];
        let operation = task.step.parts.operation;
        let method = operation.method;
        if part.status.is_success() {
            let id = task.inner.as_ref().map(|inner| inner.client_request_id.clone());
            let response = Response::new(part.status, part.headers, part.body).to(operation, id.unwrap_or_default(), 1);
            return self.finish(index, Ok(response));
        }
        let is_held_up = |earlier: &usize| matches!(self.tasks[*earlier].stand, Stand::Waiting(_));
        if part.status.as_u16() == 424 && task.step.depends_on.iter().any(is_held_up) {
            self.tasks[index].stand = Stand::Waiting(Instant::now());
            return;
        }
        if part.status.is_redirection() && method == Method::Get {
            return self.alone.push(index);
        }
        let answer = Answer::new(part.status, part.headers, part.body);
        let error = self.named(index, Error::new(Kind::Answer(Box::new(answer))));
        let wait = match may_repeat(method, &error) {
            true => self.tasks[index].patience.wait_after(&error),
            false => None,
        };
        match wait {
            Some(wait) => self.tasks[index].stand = Stand::Waiting(Instant::now() + wait),
            None => self.finish(index, Err(error)),
        }
    }

    /// Forgets the steps whose answer nobody waits for any more.
    fn give_up_unwanted(&mut self) {
        for (index, task) in self.tasks.iter_mut().enumerate() {
            if matches!(task.stand, Stand::Waiting(_)) && !self.replies.is_wanted(index) {
                task.stand = Stand::Failed;
            }
        }
    }

    /// Fails the steps that wait for one that has failed.
    fn give_up_dependents(&mut self) {
        for index in 0..self.tasks.len() {
            let task = &self.tasks[index];
            let has_failed = |earlier: &usize| self.tasks[*earlier].stand == Stand::Failed;
            if matches!(task.stand, Stand::Waiting(_)) && task.step.depends_on.iter().any(has_failed) {
                let error = self.named(index, Error::new(Kind::Course(Course::FailedDependency)));
                self.finish(index, Err(error));
            }
        }
    }

    fn finish(&mut self, index: usize, answer: Result<Response<Bytes>>) {
        self.tasks[index].stand = match answer {
            Ok(_) => Stand::Succeeded,
            Err(_) => Stand::Failed,
        };
        self.replies.take(index, answer);
    }

    /// The error as the step's own.
    fn named(&self, index: usize, error: Error) -> Error {
        let task = &self.tasks[index];
        let error = error.of(task.step.parts.operation);
        match &task.inner {
            Some(inner) => error.with_client_request_id(&inner.client_request_id),
            None => error,
        }
    }
}

/// Whether the service has surely done nothing, or repeating does no harm.
fn may_repeat(method: Method, error: &Error) -> bool {
    let is_idempotent = matches!(method, Method::Get | Method::Put | Method::Delete);
    match error.status().map(|status| status.as_u16()) {
        Some(429) => true,
        Some(503) => is_idempotent || error.retry_after().is_some(),
        Some(502 | 504) => is_idempotent,
        _ => false,
    }
}

/// For each step, the first of those that it is linked with.
fn components(steps: &[Step]) -> Vec<usize> {
    let mut components: Vec<usize> = (0..steps.len()).collect();
    for (index, step) in steps.iter().enumerate() {
        for &earlier in &step.depends_on {
            let (one, other) = (components[index], components[earlier]);
            let (first, second) = (one.min(other), one.max(other));
            for component in &mut components {
                if *component == second {
                    *component = first;
                }
            }
        }
    }
    components
}
