//! Requests: values that can be inspected, copied and sent.

mod collection;
mod parts;

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use http::HeaderMap;

use crate::decode::Decode;
use crate::error::Result;
use crate::pipeline::Manner;
use crate::response::Response;
use crate::transport::RequestBody;
use crate::{Method, Operation, RetryPolicy, pipeline};

pub(crate) use parts::Parts;

/// A request to Microsoft Graph: a value until it is awaited.
///
/// What cannot be right about it is reported when it is awaited, before a token is asked for.
///
/// ```
/// # use msgraph_core::odata::{Object, Page, Props};
/// # async fn example<User: Props>(list: msgraph_core::Request<Page<Object<User>>>) -> msgraph_core::Result<()> {
/// let request = list.select(["id", "displayName"]).top(5);
/// println!("{} {}", request.method(), request.url());
/// let page = request.clone().await?;
/// let answer = request.header("Prefer", "odata.maxpagesize=2").send().await?;
/// println!("{:?}", answer.request_id());
/// # Ok(())
/// # }
/// ```
#[must_use = "a request does nothing until it is awaited"]
pub struct Request<D> {
    parts: Parts,
    decode: PhantomData<fn() -> D>,
}

impl<D> Request<D> {
    pub(crate) fn from_parts(parts: Parts) -> Self {
        Self {
            parts,
            decode: PhantomData,
        }
    }

    pub(crate) fn into_parts(self) -> Parts {
        self.parts
    }

    /// The operation, and with it what is known about it.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.parts.operation
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.parts.operation.method
    }

    /// The whole address, with its query. A quote in a query goes over the wire as `%27`, as the URL standard has it.
    #[must_use]
    pub fn url(&self) -> String {
        self.parts.url()
    }

    /// The headers that were set, before those that every request gets.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The body, if there is one.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        Some(&self.parts.body.as_ref()?.bytes)
    }

    /// Asks for these properties only (`$select`).
    pub fn select(self, properties: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.query("$select", list(properties))
    }

    /// Asks for related resources too (`$expand`), each with its own options in parentheses:
    /// `manager($select=id,displayName)`.
    pub fn expand(self, relationships: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.query("$expand", list(relationships))
    }

    /// Sets a header in place of an earlier value, for example `If-Match`.
    ///
    /// A header that cannot be sent is reported when the request is awaited; so is `Authorization`, which is the
    /// credential's.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.parts.set_header(name, value);
        self
    }

    /// Sets a query option in place of an earlier value; both name and value are encoded here.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parts.set_query(name, value.into());
        self
    }

    /// Allows each attempt this much time for the answer, its body included, in place of the client's timeout.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.parts.timeout = Some(timeout);
        self
    }

    /// Allows the call this much time with all its attempts and waits, in place of the client's limit.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.parts.total_timeout = Some(timeout);
        self
    }

    /// Sends the request again as this policy says, in place of the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.parts.retry = Some(policy);
        self
    }

    /// Vouches that doing the request twice does no more than doing it once, so that it is repeated after any failure that
    /// may pass: for a `POST` that only reads, such as a search, or a `PATCH` that only sets values.
    pub fn idempotent(mut self) -> Self {
        self.parts.is_idempotent = true;
        self
    }

    /// Waits up to this long for an object that was created moments ago.
    ///
    /// Microsoft Entra is eventually consistent: what has been written may not be readable yet. While the service says
    /// 404, or that a referenced object does not exist (`NoBackingApplicationObject` and the like), the request is sent
    /// again with growing pauses of up to 10 seconds. Neither answer means that anything was done.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # async fn example(read_new_user: msgraph_core::Request<msgraph_core::odata::Value>) -> msgraph_core::Result<()> {
    /// let user = read_new_user.await_consistency(Duration::from_secs(120)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn await_consistency(mut self, at_most: Duration) -> Self {
        self.parts.consistency = Some(at_most);
        self
    }

    /// Sends the request even if the client's cloud is not known to offer the operation.
    pub fn even_if_unlisted(mut self) -> Self {
        self.parts.even_if_unlisted = true;
        self
    }
}

impl<D: Decode> Request<D> {
    /// Sends the request and gives the whole answer. Awaiting the request itself gives the value alone.
    ///
    /// # Errors
    /// In this order, and nothing of what follows is done: the request cannot be right; the cloud lacks the operation;
    /// the service has asked for a longer pause than the request may wait; there is no token; there is no answer; the answer is not a success; the answer cannot be read.
    pub async fn send(self) -> Result<Response<D::Output>> {
        let answer = pipeline::exchange(self.parts, D::accept()).await?;
        answer.decode::<D>()
    }

    /// Sends the request with a body that is read piece by piece, in place of the one that it has, whose media type it gets.
    ///
    /// Such a body can be sent only once; for what may break off there is an [upload session](crate::UploadSession). It
    /// needs little memory whatever its size.
    ///
    /// ```
    /// # use msgraph_core::transport::RequestBody;
    /// # async fn example(
    /// #     set_content: impl Fn(msgraph_core::Content) -> msgraph_core::Request<()>,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// use msgraph_core::Content;
    ///
    /// let file = tokio::fs::File::open("holiday.mp4").await?;
    /// let length = file.metadata().await?.len();
    /// let request = set_content(Content::new("video/mp4", ""));
    /// request.send_body(RequestBody::from_reader(file, length)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`send`](Self::send); a body that cannot be read, or is not as long as announced, breaks the exchange off.
    pub async fn send_body(self, body: RequestBody) -> Result<Response<D::Output>> {
        let answer = pipeline::open(self.parts, D::accept(), Manner::Sending(Some(body))).await?;
        answer.whole().await?.decode::<D>()
    }
}

impl<D: Decode> IntoFuture for Request<D> {
    type Output = Result<D::Output>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.send().await.map(Response::into_value) })
    }
}

impl<D> Clone for Request<D> {
    fn clone(&self) -> Self {
        Self::from_parts(self.parts.clone())
    }
}

impl<D> fmt::Debug for Request<D> {
    /// Writes the method, the address and the headers, and the size of the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.fmt(f)
    }
}

fn list(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut list = String::new();
    for item in items {
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(item.as_ref());
    }
    list
}
