//! Collections that the service sends page by page.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::decode::Decode;
use crate::error::{Error, Kind, Result};
use crate::odata::Page;
use crate::pipeline::{self, Exchange};
use crate::request::Parts;
use crate::response::Response;
use crate::transport::TransportError;

/// The pages of a collection: a [`Stream`] that follows the next links.
///
/// Every page is asked for with the headers of the first request. An empty page does not end the collection, the lack of
/// a next link does; an error ends it too. A link that leads away from the cloud or back to an earlier page is an error.
///
/// At most one page is held, or two with [`prefetch`](Self::prefetch), and eight bytes for each page that was read.
///
/// ```
/// # use msgraph_core::odata::{Object, Page, Props};
/// # async fn example<User: Props>(list: msgraph_core::Request<Page<Object<User>>>) -> msgraph_core::Result<()> {
/// let mut pages = list.top(100).pages();
/// while let Some(page) = pages.next().await {
///     println!("{} more", page?.value.len());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    template: Parts,
    state: State,
    /// The addresses asked for, as hashes: a link can be thousands of characters long.
    seen: HashSet<u64>,
    next_link: Option<String>,
    prefetch: bool,
    page: PhantomData<fn() -> T>,
}

enum State {
    Next(Box<Parts>),
    Waiting(Exchange),
    Failed(Error),
    Done,
}

impl<T: DeserializeOwned + Send + 'static> Pages<T> {
    pub(crate) fn new(first: Parts) -> Self {
        Self {
            seen: HashSet::from([hash(&first.url())]),
            template: first.clone(),
            state: State::Next(Box::new(first)),
            next_link: None,
            prefetch: false,
            page: PhantomData,
        }
    }

    /// Asks for the next page while the last one is being used.
    ///
    /// The request runs as a task of the Tokio runtime, and ends when this stream is dropped. Outside of a runtime, pages
    /// are asked for when they are wanted.
    pub fn prefetch(mut self) -> Self {
        self.prefetch = true;
        self
    }

    /// The address of the page after the last one that was given, for
    /// [`continue_from`](crate::Request::continue_from); `None` before the first page and after the last.
    #[must_use]
    pub fn next_link(&self) -> Option<&str> {
        self.next_link.as_deref()
    }

    /// The next page; none after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<Page<T>>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// What follows a page.
    fn after(&mut self, page: &Response<Page<T>>) -> State {
        self.next_link = page.value().next_link().map(str::to_owned);
        let Some(link) = &self.next_link else {
            return State::Done;
        };
        if !self.seen.insert(hash(link)) {
            return State::Failed(page.undecodable("its next link leads back to a page that was read before"));
        }
        let next = self.template.clone().with_link(link.clone());
        if self.prefetch {
            State::Waiting(ahead(pipeline::exchange(next, Page::<T>::accept())))
        } else {
            State::Next(Box::new(next))
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut waiting = match std::mem::replace(&mut self.state, State::Done) {
            State::Next(parts) => pipeline::exchange(*parts, Page::<T>::accept()),
            State::Waiting(waiting) => waiting,
            State::Failed(error) => return Poll::Ready(Some(Err(error))),
            State::Done => return Poll::Ready(None),
        };
        let Poll::Ready(answer) = waiting.as_mut().poll(cx) else {
            self.state = State::Waiting(waiting);
            return Poll::Pending;
        };
        let page = answer.and_then(|answer| {
            let answer = answer.decode::<Page<T>>()?;
            self.state = self.after(&answer);
            Ok(answer.into_value())
        });
        Poll::Ready(Some(page))
    }
}

/// The items of a collection: a [`Stream`] through all its [`Pages`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T> {
    pages: Pages<T>,
    items: vec::IntoIter<T>,
}

impl<T: DeserializeOwned + Send + 'static> Items<T> {
    pub(crate) fn new(pages: Pages<T>) -> Self {
        Self {
            pages,
            items: Vec::new().into_iter(),
        }
    }

    /// Asks for the next page while the items of the last one are being used; see [`Pages::prefetch`].
    pub fn prefetch(mut self) -> Self {
        self.pages = self.pages.prefetch();
        self
    }

    /// The next item; none after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

/// No item is ever pinned.
impl<T> Unpin for Items<T> {}

impl<T: DeserializeOwned + Send + 'static> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                Some(Ok(page)) => self.items = page.value.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &format_args!("{}", self.template.operation))
            .field("asked_for", &self.seen.len())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

/// Lets an exchange go on without being polled.
fn ahead(exchange: Exchange) -> Exchange {
    let Ok(runtime) = Handle::try_current() else {
        return exchange;
    };
    let mut task = JoinSet::new();
    task.spawn_on(exchange, &runtime);
    Box::pin(async move {
        match task.join_next().await {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(Error::new(Kind::Transport(TransportError::other(error)))),
            },
            None => unreachable!("the set has one task, which is awaited once"),
        }
    })
}

fn hash(address: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    hasher.finish()
}
