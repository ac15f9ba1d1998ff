//! A batch that is put together request by request.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use uuid::Uuid;

use super::run::{Replies, Step, run};
use crate::Client;
use crate::decode::Decode;
use crate::error::{Course, Error, Kind, Result};
use crate::request::Request;
use crate::response::Response;

/// Requests to be sent together, some perhaps only after others.
///
/// See [`Client::batch`] for what happens to them. Requests that depend on each other go into one batch where there is room,
/// or else into one batch after the other.
///
/// ```
/// # use msgraph_core::odata::{Object, Props};
/// # use msgraph_core::{Batch, Client, Request, Result};
/// # async fn example<Group: Props>(
/// #     client: &Client,
/// #     rename: Request<()>,
/// #     read: Request<Object<Group>>,
/// # ) -> Result<()> {
/// let mut batch = Batch::new(client);
/// let renamed = batch.add(rename);
/// let group = batch.add(read);
/// batch.depends_on(&group, &renamed);
///
/// let mut answers = batch.send().await?;
/// answers.take(renamed)?;
/// println!("{:?}", answers.take(group)?);
/// # Ok(())
/// # }
/// ```
#[must_use = "a batch does nothing until it is sent"]
pub struct Batch {
    client: Client,
    id: Uuid,
    steps: Vec<Step>,
    invalid: Option<Error>,
}

impl Batch {
    /// A batch without requests.
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone().without_gatherer(),
            id: Uuid::new_v4(),
            steps: Vec::new(),
            invalid: None,
        }
    }

    /// Adds a request; the ticket is for its answer. It must be one of the batch's own client.
    pub fn add<D: Decode>(&mut self, request: Request<D>) -> Ticket<D> {
        let parts = request.into_parts();
        if !parts.client.is_same(&self.client) {
            self.refuse("a request of another client was added to it, whose credential would not be used");
        }
        self.steps.push(Step::new(parts, D::accept()));
        Ticket {
            batch: self.id,
            index: self.steps.len() - 1,
            decode: PhantomData,
        }
    }

    /// Sends `later` only when `earlier`, which was added before it, has succeeded.
    ///
    /// When `earlier` fails, `later` fails with [`Error::is_failed_dependency`] and has no effect.
    pub fn depends_on<D, E>(&mut self, later: &Ticket<D>, earlier: &Ticket<E>) {
        if later.batch != self.id || earlier.batch != self.id {
            self.refuse("depends_on was called with a ticket of another batch");
        } else if earlier.index >= later.index {
            self.refuse("a request can only depend on one that was added before it: add them in that order");
        } else {
            self.steps[later.index].depends_on(earlier.index);
        }
    }

    /// The number of requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is no request.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Sends the requests.
    ///
    /// # Errors
    /// Those of [`Client::batch`]; and when a request belongs to another client or tickets were mixed up, in which case
    /// nothing is sent.
    pub async fn send(self) -> Result<BatchAnswers> {
        if let Some(error) = self.invalid {
            return Err(error);
        }
        let mut answers = Answers(self.steps.iter().map(|_| None).collect());
        let outcome = run(&self.client, self.steps, &mut answers).await;
        match outcome.failure {
            Some(error) if !outcome.is_answered => Err(error),
            _ => Ok(BatchAnswers {
                batch: self.id,
                answers: answers.0,
            }),
        }
    }

    fn refuse(&mut self, problem: &str) {
        self.invalid
            .get_or_insert_with(|| Error::invalid(problem).of(&super::BATCH));
    }
}

struct Answers(Vec<Option<Result<Response<Bytes>>>>);

impl Replies for Answers {
    fn take(&mut self, index: usize, answer: Result<Response<Bytes>>) {
        self.0[index] = Some(answer);
    }

    /// Dropping the future of the batch drops everything.
    fn is_wanted(&self, _index: usize) -> bool {
        true
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("requests", &self.len())
            .finish_non_exhaustive()
    }
}

/// Stands for the answer to a request of a [`Batch`].
pub struct Ticket<D> {
    batch: Uuid,
    index: usize,
    decode: PhantomData<fn() -> D>,
}

impl<D> fmt::Debug for Ticket<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({})", self.index)
    }
}

/// The answers to the requests of a [`Batch`].
pub struct BatchAnswers {
    batch: Uuid,
    answers: Vec<Option<Result<Response<Bytes>>>>,
}

impl BatchAnswers {
    /// The value that a request gave.
    ///
    /// # Errors
    /// Those that the request would have had alone; [`Error::is_failed_dependency`] when another one had to succeed first;
    /// and when the ticket is of another batch.
    pub fn take<D: Decode>(&mut self, ticket: Ticket<D>) -> Result<D::Output> {
        self.take_response(ticket).map(Response::into_value)
    }

    /// The whole answer to a request, with its status and headers.
    ///
    /// # Errors
    /// Those of [`take`](Self::take).
    pub fn take_response<D: Decode>(&mut self, ticket: Ticket<D>) -> Result<Response<D::Output>> {
        let answer = (ticket.batch == self.batch).then(|| self.answers[ticket.index].take());
        match answer.flatten() {
            Some(answer) => answer?.decode::<D>(),
            None => Err(Error::new(Kind::Course(Course::OtherBatch))),
        }
    }
}

impl fmt::Debug for BatchAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BatchAnswers({})", self.answers.len())
    }
}
