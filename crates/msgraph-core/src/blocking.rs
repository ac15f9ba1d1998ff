//! Requests without async code, for scripts.
//!
//! ```
//! # use msgraph_core::odata::{Object, Page, Props};
//! # use msgraph_core::{Request, Result};
//! # fn example<User: Props>(user: Request<Object<User>>, users: Request<Page<Object<User>>>) -> Result<()> {
//! use msgraph_core::blocking::{Call, Iterate};
//!
//! println!("{:?}", user.call()?);
//! for user in users.items().iterate() {
//!     println!("{:?}", user?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! One runtime serves the whole process; it works while a call waits, on the thread that waits. Programs with much to do at once
//! are better off with async code.

use std::pin::pin;
use std::sync::OnceLock;

use futures_core::Stream;
use futures_util::StreamExt;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, Result};

/// Waits for what would otherwise be awaited: a request, a batch, an upload, a download.
pub trait Call<T>: IntoFuture<Output = Result<T>> + Sized {
    /// Sends it and waits for the answer.
    ///
    /// # Errors
    /// Those of awaiting it; and [`Error::is_invalid_request`] within async code, where waiting would stop everything
    /// else: await it there.
    fn call(self) -> Result<T> {
        runtime()?.block_on(self.into_future())
    }
}

impl<T, F: IntoFuture<Output = Result<T>>> Call<T> for F {}

/// Turns a stream into an iterator: items, pages, changes, the pieces of a download.
pub trait Iterate: Stream + Unpin + Sized {
    /// The items of the stream, each waited for when it is wanted.
    ///
    /// # Panics
    /// The iterator panics when it is used within async code: use the stream itself there.
    fn iterate(self) -> Iter<Self> {
        Iter(self)
    }
}

impl<S: Stream + Unpin> Iterate for S {}

/// The iterator that [`Iterate::iterate`] gives.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is used"]
pub struct Iter<S>(S);

impl<S> Iter<S> {
    /// The stream, for example for the [token](crate::Changes::token) at its end.
    pub fn get_ref(&self) -> &S {
        &self.0
    }
}

impl<S: Stream + Unpin> Iterator for Iter<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        match runtime() {
            Ok(runtime) => runtime.block_on(pin!(self.0.next())),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The one runtime. Connections belong to it and outlive a call.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    if Handle::try_current().is_ok() {
        return Err(Error::invalid(
            "this is async code, which must not wait for a blocking call: await the request instead of calling it",
        ));
    }
    let runtime = RUNTIME.get_or_init(|| Builder::new_current_thread().enable_all().build());
    runtime
        .as_ref()
        .map_err(|error| Error::invalid(format!("there is no runtime for blocking calls: {error}")))
}
