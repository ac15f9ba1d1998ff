//! What has changed in a collection, followed from one delta request to the next.

mod change;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Course, Error, Invalid, Kind, Result};
use crate::odata::Page;
use crate::pages::Pages;
use crate::request::Parts;

pub use change::{Change, Removal, RemovalReason, Restart};

/// The changes of a collection: a [`Stream`] that ends with a [token](Self::token) to ask for later ones.
///
/// Without a token the service sends every item, so that the first round fills a copy and the later ones keep it up to
/// date. Headers of the request, such as `Prefer: odata.maxpagesize=100`, are sent for every page.
///
/// When the service no longer knows the token, the stream starts again by itself, from where the service says or from the
/// beginning, and [`Change::Restarted`] tells so. See
/// [delta query](https://learn.microsoft.com/graph/delta-query-overview#synchronization-reset).
///
/// ```
/// use msgraph_core::odata::{Object, Page, Props};
/// use msgraph_core::{Change, DeltaToken, Request};
///
/// async fn synchronise<User: Props>(
///     delta: Request<Page<Object<User>>>,
///     saved: Option<&DeltaToken>,
/// ) -> msgraph_core::Result<Option<DeltaToken>> {
///     let mut changes = match saved {
///         Some(token) => delta.changes_since(token),
///         None => delta.changes(),
///     };
///     while let Some(change) = changes.next().await {
///         match change? {
///             Change::Changed(user) => println!("new or changed: {user:?}"),
///             Change::Removed(removal) => println!("gone: {:?}", removal.id),
///             Change::Restarted(_) => println!("forget everything, it is sent again"),
///             _ => {}
///         }
///     }
///     Ok(changes.token().cloned())
/// }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct Changes<T> {
    /// The request without a token.
    first: Parts,
    pages: Pages<Change<T>>,
    changes: vec::IntoIter<Change<T>>,
    token: Option<DeltaToken>,
    /// Whether the stream has just started again, so that being told to once more would never end.
    restarted: bool,
    failed: Option<Error>,
}

impl<T: DeserializeOwned + Send + 'static> Changes<T> {
    pub(crate) fn new(mut first: Parts, token: Option<&DeltaToken>) -> Self {
        if !is_delta(first.operation.path) {
            first.invalid.get_or_insert_with(|| {
                Invalid::new("it does not report changes: call .changes() on a request that .delta() gives")
            });
        }
        let start = match token {
            Some(token) => first.clone().with_link(token.0.clone()),
            None => first.clone(),
        };
        Self {
            first,
            pages: Pages::new(start),
            changes: Vec::new().into_iter(),
            token: None,
            restarted: false,
            failed: None,
        }
    }

    /// The next change; none after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<Change<T>>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The token for the changes from now on, once the stream has ended without an error. Keep it when everything
    /// before has been dealt with.
    #[must_use]
    pub fn token(&self) -> Option<&DeltaToken> {
        self.token.as_ref()
    }

    fn take(&mut self, page: Page<Change<T>>) {
        self.restarted = false;
        self.token = page.delta_link().map(|link| DeltaToken(link.to_owned()));
        if page.next_link().is_none() && self.token.is_none() {
            self.failed = Some(Error::new(Kind::Course(Course::NoDeltaLink)).of(self.first.operation));
        }
        self.changes = page.value.into_iter();
    }

    /// Starts again when the service says so.
    fn restart(&mut self, error: Error) -> Result<Restart> {
        if self.restarted || !asks_for_restart(&error) {
            return Err(error);
        }
        self.restarted = true;
        let location = error.headers().and_then(|headers| headers.get(header::LOCATION));
        let start = match location.map(|location| location.to_str()) {
            Some(Ok(link)) => self.first.clone().with_link(link.to_owned()),
            _ => self.first.clone(),
        };
        self.pages = Pages::new(start);
        Ok(Restart {
            code: error.odata().map(|error| error.code.clone()).unwrap_or_default(),
        })
    }
}

/// No item is ever pinned.
impl<T> Unpin for Changes<T> {}

impl<T: DeserializeOwned + Send + 'static> Stream for Changes<T> {
    type Item = Result<Change<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(change) = self.changes.next() {
                return Poll::Ready(Some(Ok(change)));
            }
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Some(Err(error)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                Some(Ok(page)) => self.take(page),
                Some(Err(error)) => return Poll::Ready(Some(self.restart(error).map(Change::Restarted))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Changes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("pages", &self.pages)
            .field("ended", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// Where a round of [`Changes`] ended; kept as one text, for example in a file or a database.
///
/// It contains the address to ask next, with the query options of the first round. It is good for as long as the service
/// keeps it, which is days to months depending on the resource.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DeltaToken(String);

impl DeltaToken {
    /// The token that [`as_str`](Self::as_str) gave.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to keep.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeltaToken {
    /// Writes the size alone; the options inside may name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeltaToken({} characters)", self.0.len())
    }
}

impl Serialize for DeltaToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DeltaToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// Whether the operation is the function `delta`, whatever its arguments and namespace.
fn is_delta(path: &str) -> bool {
    let function = path.rsplit('/').next().unwrap_or_default();
    let name = function.split('(').next().unwrap_or_default();
    name == "delta" || name.ends_with(".delta")
}

/// The directory says 400 where the others say 410.
fn asks_for_restart(error: &Error) -> bool {
    let code = |wanted| move |code: &str| code.eq_ignore_ascii_case(wanted);
    error.status() == Some(StatusCode::GONE)
        || error.is_bad_request()
            && error
                .odata()
                .is_some_and(|error| error.codes().any(code("syncStateNotFound")))
}

#[cfg(test)]
mod tests {
    use super::is_delta;

    #[test]
    fn delta_is_known_by_the_last_segment() {
        for (path, expected) in [
            ("/users/delta()", true),
            ("/me/calendarView/delta", true),
            ("/drives/{drive-id}/root/delta(token='{token}')", true),
            ("/users/microsoft.graph.delta()", true),
            ("/users", false),
            ("/deltas/{delta-id}", false),
            ("/users/delta()/{user-id}", false),
        ] {
            assert_eq!(is_delta(path), expected, "{path}");
        }
    }
}
