//! Operations that take longer than a request
//! ([long-running actions](https://learn.microsoft.com/graph/long-running-actions-overview)).

mod state;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method as HttpMethod, StatusCode, header};
use tokio::time::sleep;
use url::Url;

use crate::decode::Decode;
use crate::error::{Course, Error, Kind, Result};
use crate::odata::Secret;
use crate::patience::Patience;
use crate::request::{Parts, Request};
use crate::response::Response;
use crate::retry::retry_after;
use crate::{Client, CloudSet, Method, Operation, Permissions, anonymous, pipeline};

pub use state::OperationState;

/// Where to ask for the progress, when `Location` says where the result will be.
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

/// The time between two questions where the service names none: at first, doubled each time, and at most.
const POLL: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// What is known about questions for the progress, for errors.
static MONITOR: Operation = Operation {
    method: Method::Get,
    path: "/{monitorUrl}",
    clouds: CloudSet::ALL,
    permissions: &Permissions::UNKNOWN,
    documentation: None,
};

impl<D> Request<D> {
    /// Begins an operation that takes longer than a request, and gives the [`Monitor`] to wait with.
    ///
    /// # Errors
    /// Those of the request; and when the service accepts it without saying where to ask for the progress.
    pub async fn begin(self) -> Result<Monitor> {
        Monitor::begin(self.into_parts()).await
    }
}

/// A long-running operation: copying a folder, creating a team, exporting a report.
///
/// The service is asked for the progress as often as it wants to be (`Retry-After`), or else after 1, 2, 4 … and at most 30
/// seconds. The address to ask gets the client's token only if it is of the client's cloud; addresses elsewhere are their own
/// authority. To limit the whole time, put a timeout around [`wait`](Self::wait); the operation goes on nevertheless.
///
/// ```
/// # use msgraph_core::odata::{Object, Props};
/// # async fn example<DriveItem: Props>(copy: msgraph_core::Request<Object<DriveItem>>) -> msgraph_core::Result<()> {
/// let mut copying = copy.begin().await?;
/// let state = copying.wait().await?;
/// println!("the copy is {:?}", state.resource_id());
/// # Ok(())
/// # }
/// ```
pub struct Monitor {
    client: Client,
    url: Secret,
    state: OperationState,
    /// What the last answer asks to wait.
    retry_after: Option<Duration>,
    asked: u32,
}

impl Monitor {
    /// The operation that another process has begun, by the [`url`](Self::url) of its monitor.
    pub fn new(client: &Client, url: impl Into<Secret>) -> Self {
        Self {
            client: client.clone().without_gatherer(),
            url: url.into(),
            state: OperationState::default(),
            retry_after: None,
            asked: 0,
        }
    }

    async fn begin(parts: Parts) -> Result<Self> {
        let (client, operation) = (parts.client.clone(), parts.operation);
        let begun = parts.url();
        let answer = pipeline::exchange(parts, "application/json").await?;
        let mut monitor = Self::new(&client, "");
        monitor.retry_after = retry_after(answer.headers());
        if answer.status() == StatusCode::ACCEPTED {
            let names = [OPERATION_LOCATION, header::LOCATION];
            let link = names.iter().find_map(|name| answer.headers().get(name)?.to_str().ok());
            let url = link.and_then(|link| resolve(&client, &begun, link));
            let no_monitor = || Error::new(Kind::Course(Course::NoMonitor)).of(operation);
            monitor.url = url.ok_or_else(no_monitor)?.into();
        } else {
            // It did not take long after all.
            monitor.state = OperationState::finished(answer.value());
        }
        Ok(monitor)
    }

    /// The address of the monitor, to go on with in another process. It may be its own authority: keep it like a password.
    #[must_use]
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// What the service said last.
    #[must_use]
    pub fn state(&self) -> &OperationState {
        &self.state
    }

    /// Asks the service once, without waiting before.
    ///
    /// # Errors
    /// Those of a request. An operation that has failed is no error here.
    pub async fn poll(&mut self) -> Result<&OperationState> {
        if !self.state.is_finished() {
            let answer = self.ask().await;
            self.asked += 1;
            self.settle(answer)?;
        }
        Ok(&self.state)
    }

    /// Waits for the end of the operation.
    ///
    /// # Errors
    /// [`Error::is_operation_failed`]; and those of a request, after which it may be called again. Failures that may pass are
    /// ridden out for up to 5 attempts in a row.
    pub async fn wait(&mut self) -> Result<&OperationState> {
        let mut patience = Patience::new();
        while !self.state.is_finished() {
            sleep(self.pause()).await;
            match self.poll().await {
                Ok(_) => patience = Patience::new(),
                Err(error) if anonymous::may_pass(&error) => match patience.wait_after(&error) {
                    Some(wait) => sleep(wait).await,
                    None => return Err(error),
                },
                Err(error) => return Err(error),
            }
        }
        match self.state.is_failed() {
            true => Err(self.failed(Course::OperationFailed(Box::new(self.state.clone())))),
            false => Ok(&self.state),
        }
    }

    /// Waits for the end of the operation and gives its result, which `D` reads: for example `Object<DriveItem>`.
    ///
    /// # Errors
    /// Those of [`wait`](Self::wait); those of the request for the result; and when the service does not say where the
    /// result is, as for copies of files, of which the [state](OperationState) has the identifier.
    pub async fn result<D: Decode>(&mut self) -> Result<D::Output> {
        self.wait().await?;
        if let Some(body) = self.state.result() {
            let answer = Response::new(StatusCode::OK, HeaderMap::new(), Bytes::copy_from_slice(body));
            return Ok(answer.to(&MONITOR, String::new(), 1).decode::<D>()?.into_value());
        }
        let location = self.state.resource_location();
        let url = location.and_then(|location| resolve(&self.client, self.url.expose(), location));
        let url = url.ok_or_else(|| self.failed(Course::NoResult))?;
        let answer = pipeline::exchange(self.parts(url), D::accept()).await?;
        Ok(answer.decode::<D>()?.into_value())
    }

    async fn ask(&self) -> Result<Response<Bytes>> {
        let url = self.url.expose();
        if Url::parse(url).is_ok_and(|url| self.client.cloud().owns(&url)) {
            pipeline::exchange(self.parts(url.to_owned()), "application/json").await
        } else {
            anonymous::send(
                &self.client,
                &MONITOR,
                HttpMethod::GET,
                url,
                HeaderMap::new(),
                Bytes::new(),
            )
            .await
        }
    }

    fn settle(&mut self, answer: Result<Response<Bytes>>) -> Result<()> {
        match answer {
            Ok(answer) => {
                self.retry_after = retry_after(answer.headers());
                self.state = OperationState::read(answer.status(), answer.headers(), answer.value());
                Ok(())
            }
            // The end of some operations is a redirect to their result.
            Err(error) if error.is_redirect() => {
                let location = error
                    .headers()
                    .and_then(|headers| headers.get(header::LOCATION)?.to_str().ok());
                self.state = OperationState::at(location.unwrap_or_default());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn pause(&self) -> Duration {
        let [first, longest] = POLL;
        self.retry_after
            .unwrap_or_else(|| (first * 2_u32.saturating_pow(self.asked.min(10))).min(longest))
    }

    fn parts(&self, url: String) -> Parts {
        Parts::new(self.client.clone(), &MONITOR, String::new(), None).with_link(url)
    }

    fn failed(&self, course: Course) -> Error {
        Error::new(Kind::Course(course)).of(&MONITOR)
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("status", &self.state.status())
            .finish_non_exhaustive()
    }
}

/// The whole address of a link. Some workloads leave out the host, and with it the version.
fn resolve(client: &Client, base: &str, link: &str) -> Option<String> {
    let is_below_version = |path: &str| path.starts_with("/v1.0/") || path.starts_with("/beta/");
    if link.starts_with('/') && !link.starts_with("//") && !is_below_version(link) {
        return Some(format!("{}{link}", client.base()));
    }
    Some(Url::parse(base).ok()?.join(link).ok()?.into())
}
