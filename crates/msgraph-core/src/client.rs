//! The client: a cloud, a credential and a transport.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use url::Url;

use crate::attempt::{Attempt, Observer};
use crate::batch::Gatherer;
use crate::credential::Credential;
use crate::error::{Error, Result};
use crate::operation::Explanation;
use crate::pipeline::Throttle;
use crate::request::Request;
use crate::transport::{HttpTransport, Transport};
use crate::{Cloud, RetryPolicy, cloud};

/// The name and version of this library in the headers of requests.
pub(crate) const PRODUCT: &str = concat!("msgraph-rust/", env!("CARGO_PKG_VERSION"));

/// How long an answer may take, unless the client or the request says otherwise.
const TIMEOUT: Duration = Duration::from_secs(100);

/// How long a call waits for others to go into a batch with.
const GATHER_WITHIN: Duration = Duration::from_millis(2);

/// A client of Microsoft Graph; cheap to clone, clones share everything.
///
/// ```
/// use msgraph_core::credential::ClientSecretCredential;
/// use msgraph_core::{Client, Cloud};
///
/// # fn example(tenant: &str, client_id: &str, secret: String) -> msgraph_core::Result<()> {
/// let client = Client::builder()
///     .cloud(Cloud::UsGovL4)
///     .credential(ClientSecretCredential::new(tenant, client_id, secret))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>, Option<Arc<Gatherer>>);

struct Inner {
    cloud: Cloud,
    /// The endpoint of the cloud; kept because every request is compared with it.
    endpoint: Url,
    base: String,
    credential: Box<dyn Credential>,
    transport: Box<dyn Transport>,
    user_agent: HeaderValue,
    timeout: Duration,
    total_timeout: Option<Duration>,
    retry: RetryPolicy,
    compress_from: Option<usize>,
    observer: Option<Observer>,
    throttle: Throttle,
}

impl Client {
    /// Starts a client of [`Cloud::Global`]; a credential must be given.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            cloud: Cloud::default(),
            credential: None,
            transport: None,
            user_agent: None,
            timeout: TIMEOUT,
            total_timeout: None,
            retry: RetryPolicy::default(),
            compress_from: None,
            observer: None,
        }
    }

    /// The cloud of the client.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.0.cloud
    }

    /// What is known about the operation of a request and whether the client's cloud offers it, as text to print.
    #[must_use]
    pub fn explain<D>(&self, request: &Request<D>) -> Explanation<'_> {
        request.operation().explain().for_cloud(self.cloud())
    }

    /// A handle of the same client whose concurrent calls are gathered into batches, without the callers noticing; see
    /// [`auto_batch_within`](Self::auto_batch_within). Calls wait at most 2 milliseconds for others.
    #[must_use]
    pub fn auto_batch(&self) -> Self {
        self.auto_batch_within(GATHER_WITHIN)
    }

    /// A handle of the same client that gathers the calls of all its clones into batches of up to 20.
    ///
    /// A call waits for others until there are 20, or for `window`; a call that stays alone is then sent as it is. At most 4
    /// batches are in flight at once, and calls that come meanwhile form the next ones. Bodies of more than 1 MB, contents of
    /// files and addresses below another version are sent by themselves at once. Calls that come at the same time are carried
    /// out in no particular order, as without batches.
    ///
    /// Batches are sent by tasks of the Tokio runtime, so that a call which is dropped takes no other along.
    ///
    /// ```
    /// # use msgraph_core::odata::{Object, Props};
    /// # async fn example(
    /// #     client: &msgraph_core::Client,
    /// #     user: impl Fn(&msgraph_core::Client, u32) -> msgraph_core::Request<msgraph_core::odata::Value>,
    /// # ) {
    /// let gathered = client.auto_batch();
    /// // One hundred calls, five batches.
    /// let calls: Vec<_> = (0..100).map(|id| tokio::spawn(user(&gathered, id).into_future())).collect();
    /// # }
    /// ```
    #[must_use]
    pub fn auto_batch_within(&self, window: Duration) -> Self {
        Self(Arc::clone(&self.0), Some(Arc::new(Gatherer::new(window))))
    }

    pub(crate) fn gatherer(&self) -> Option<&Arc<Gatherer>> {
        self.1.as_ref()
    }

    /// The same client, each of whose calls is a request of its own.
    pub(crate) fn without_gatherer(self) -> Self {
        Self(self.0, None)
    }

    /// Whether both are handles of one client.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether the address is on the cloud's own host, so that a token may be sent there.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        cloud::is_at(url, &self.0.endpoint)
    }

    /// The address that paths are appended to.
    pub(crate) fn base(&self) -> &str {
        &self.0.base
    }

    pub(crate) fn credential(&self) -> &dyn Credential {
        &*self.0.credential
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    pub(crate) fn user_agent(&self) -> &HeaderValue {
        &self.0.user_agent
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.0.timeout
    }

    pub(crate) fn total_timeout(&self) -> Option<Duration> {
        self.0.total_timeout
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.0.retry
    }

    pub(crate) fn compress_from(&self) -> Option<usize> {
        self.0.compress_from
    }

    pub(crate) fn observer(&self) -> Option<&Observer> {
        self.0.observer.as_ref()
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("cloud", &self.0.cloud)
            .field("credential", &self.0.credential)
            .field("transport", &self.0.transport)
            .field("timeout", &self.0.timeout)
            .field("retry", &self.0.retry)
            .finish_non_exhaustive()
    }
}

/// Puts a [`Client`] together.
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    cloud: Cloud,
    credential: Option<Box<dyn Credential>>,
    transport: Option<Box<dyn Transport>>,
    user_agent: Option<String>,
    timeout: Duration,
    total_timeout: Option<Duration>,
    retry: RetryPolicy,
    compress_from: Option<usize>,
    observer: Option<Observer>,
}

impl ClientBuilder {
    /// The cloud to talk to; [`Cloud::Global`] if not called.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// Where tokens come from.
    pub fn credential(mut self, credential: impl Credential) -> Self {
        self.credential = Some(Box::new(credential));
        self
    }

    /// How requests are sent; [`HttpTransport`] if not called.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// The product that the `User-Agent` header names before this library, for example `contoso-sync/2.1`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// How long each attempt may take to get an answer, its body included; 100 seconds if not called.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a call may take with all its attempts and waits; as long as [`retry`](Self::retry) allows if not called.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// When requests are sent again; [`RetryPolicy::default`] if not called.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Compresses the bodies of requests from this size on, in bytes, with gzip; none if not called, because not every
    /// workload documents that it takes them.
    ///
    /// A body that does not get smaller, is encoded already or is part of a larger one (`Content-Range`) goes as it is. A
    /// workload that answers 415 gets the plain body.
    pub fn compress_requests_from(mut self, bytes: usize) -> Self {
        self.compress_from = Some(bytes);
        self
    }

    /// Tells `observer` about every request over the wire, for metrics. It is called between the answer and whatever
    /// follows from it, and should be quick.
    ///
    /// ```
    /// # fn example(builder: msgraph_core::ClientBuilder) {
    /// builder.observe(|attempt| println!("{} {:?} {:?}", attempt.operation, attempt.status, attempt.elapsed));
    /// # }
    /// ```
    pub fn observe(mut self, observer: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer::new(observer));
        self
    }

    /// The client.
    ///
    /// # Errors
    /// When there is no credential, or the product cannot stand in a header.
    pub fn build(self) -> Result<Client> {
        let Self {
            cloud,
            credential,
            transport,
            user_agent,
            timeout,
            total_timeout,
            retry,
            compress_from,
            observer,
        } = self;
        let credential = credential.ok_or_else(|| {
            Error::configuration("it has no credential: call .credential(), for example with a ClientSecretCredential")
        })?;
        let user_agent = match user_agent {
            None => HeaderValue::from_static(PRODUCT),
            Some(product) => HeaderValue::try_from(format!("{product} {PRODUCT}")).map_err(|_| {
                Error::configuration(format!(
                    "{product:?} cannot stand in a header: write it like \"contoso-sync/2.1\""
                ))
            })?,
        };
        let endpoint = Url::parse(cloud.endpoint())
            .map_err(|error| Error::configuration(format!("the endpoint of its cloud is not a URL ({error})")))?;
        let inner = Inner {
            endpoint,
            base: format!("{}/v1.0", cloud.endpoint()),
            cloud,
            credential,
            transport: transport.unwrap_or_else(|| Box::new(HttpTransport::new())),
            user_agent,
            timeout,
            total_timeout,
            retry,
            compress_from,
            observer,
            throttle: Throttle::default(),
        };
        Ok(Client(Arc::new(inner), None))
    }
}
