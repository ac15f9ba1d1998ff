//! Many requests in one ([JSON batching](https://learn.microsoft.com/graph/json-batching)).

mod auto;
mod builder;
mod run;
mod set;
mod wire;

pub(crate) use auto::Gatherer;
pub use builder::{Batch, BatchAnswers, Ticket};
pub use set::BatchSet;

use crate::{Client, CloudSet, Method, Operation, Permissions};

/// The most requests that the service takes in one batch.
const MOST: usize = 20;

/// The most batches that are in flight at once for one caller.
const AT_ONCE: usize = 4;

/// The most bytes of bodies in one batch; the service refuses more than 4 MB, and the rest of the batch takes its part.
const MOST_BYTES: usize = 3_000_000;

static BATCH: Operation = Operation {
    method: Method::Post,
    path: "/$batch",
    clouds: CloudSet::ALL,
    permissions: &Permissions::UNKNOWN,
    documentation: None,
};

impl Client {
    /// Sends several requests as one, and gives the answer to each: a tuple of requests gives a tuple, a `Vec` or an array of
    /// requests of one kind a `Vec`.
    ///
    /// Requests beyond 20 go into further batches, of which 4 are in flight at once. A request that the service throttles
    /// within a batch is sent again, alone, after the time that the service asks for. What cannot be right about a request,
    /// or is not offered by the cloud, is reported in its place, and it is not sent. For requests that depend on each other
    /// there is [`Batch`].
    ///
    /// ```
    /// # use msgraph_core::odata::{Object, Page, Props};
    /// # use msgraph_core::{Client, Request, Result};
    /// # async fn example<User: Props, Group: Props>(
    /// #     client: &Client,
    /// #     me: Request<Object<User>>,
    /// #     groups: Request<Page<Object<Group>>>,
    /// #     users: Vec<Request<Object<User>>>,
    /// # ) -> Result<()> {
    /// let (me, groups) = client.batch((me, groups)).await?;
    /// println!("{:?} is in {} groups", me?, groups?.value.len());
    ///
    /// for user in client.batch(users).await? {
    ///     println!("{:?}", user?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When not a single request has an answer of its own because the batch itself failed: there was no token, no
    /// connection, or the service refused it. Where some have an answer, the others have that error in their place.
    pub async fn batch<S: BatchSet>(&self, requests: S) -> crate::Result<S::Answers> {
        let mut batch = Batch::new(self);
        let tickets = requests.add(&mut batch);
        let mut answers = batch.send().await?;
        Ok(S::take(tickets, &mut answers))
    }
}
