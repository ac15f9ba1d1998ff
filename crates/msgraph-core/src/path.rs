//! Addresses below the version, put together segment by segment.

use std::fmt::{self, Display, Write as _};

use serde::Serialize;

use crate::body::Body;
use crate::content::Content;
use crate::decode::Decode;
use crate::error::Invalid;
use crate::odata::{self, DateTime, Object, Parameters};
use crate::request::{Parts, Request};
use crate::{Client, Literal, Operation, encode};

/// The address of a resource: what generated navigation is made of.
///
/// Values are encoded so that none can leave its segment. A value that no segment can carry (an empty key, `.`, `..`)
/// is remembered and reported by the request, before anything is sent.
///
/// ```
/// # fn example(client: &msgraph_core::Client) {
/// use msgraph_core::Path;
///
/// let path = Path::root(client, "users").key("a/b").segment("manager");
/// assert_eq!(path.as_str(), "/users/a%2Fb/manager");
/// # }
/// ```
#[derive(Clone)]
pub struct Path {
    client: Client,
    path: String,
    /// Whether the path ends in an item's path, whose closing colon is still to be written.
    in_item: bool,
    invalid: Option<Invalid>,
}

impl Path {
    /// The address `/{segment}`.
    #[must_use]
    pub fn root(client: &Client, segment: &'static str) -> Self {
        Self {
            client: client.clone(),
            path: format!("/{segment}"),
            in_item: false,
            invalid: None,
        }
    }

    /// Appends a segment of the metadata, as it is.
    #[must_use]
    pub fn segment(&self, segment: &'static str) -> Self {
        let mut path = self.below();
        path.path.push('/');
        path.path.push_str(segment);
        path
    }

    /// Appends a key; refused when it is empty, `.` or `..`, which would address something else.
    #[must_use]
    pub fn key(&self, key: impl Display) -> Self {
        self.push_key(&key.to_string())
    }

    /// Appends an alternate key: `(name='key')`; refused when it is empty.
    #[must_use]
    pub fn alternate_key(&self, name: &'static str, key: impl Display) -> Self {
        self.push_alternate_key(name, &key.to_string())
    }

    /// Appends the path of a file or folder: `:/{path}`, closed by a colon when a segment follows.
    ///
    /// Slashes separate folders. Refused when a part is empty, `.` or `..`.
    #[must_use]
    pub fn item_path(&self, path: impl AsRef<str>) -> Self {
        let item = path.as_ref();
        let mut path = self.below();
        path.path.push(':');
        for part in item.split('/') {
            if matches!(part, "" | "." | "..") {
                path.refuse(format!(
                    "the item path {item:?} has the part {part:?}: write it relative to the folder, \
                     without empty parts, \".\" or \"..\", like \"Reports/2026.docx\""
                ));
            }
            let _ = write!(path.path, "/{}", encode::segment(part));
        }
        path.in_item = true;
        path
    }

    /// Appends a function call: `/name(a='x',b=2)`. Arguments that are `None` are left out.
    #[must_use]
    pub fn function(&self, name: &'static str, arguments: &[(&'static str, Option<Literal>)]) -> Self {
        let mut path = self.segment(name);
        let given: Vec<String> = arguments
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?.encoded())))
            .collect();
        let _ = write!(path.path, "({})", given.join(","));
        path
    }

    /// The encoded address below the version, for example `/users/42/manager`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// The client that requests to this address use.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A request without a body.
    pub fn request<D: Decode>(&self, operation: &'static Operation) -> Request<D> {
        Request::from_parts(self.parts(operation))
    }

    /// A request whose body is `body` as JSON.
    pub fn request_json<D: Decode>(
        &self,
        operation: &'static Operation,
        body: &(impl Serialize + ?Sized),
    ) -> Request<D> {
        let body = Body::json(body);
        Request::from_parts(self.parts(operation).with_body(body))
    }

    /// A request whose body is a content with a media type of its own.
    pub fn request_content<D: Decode>(&self, operation: &'static Operation, content: Content) -> Request<D> {
        Request::from_parts(self.parts(operation).with_body(Body::content(content)))
    }

    /// A call of an action; refused when the parameters break a documented rule.
    pub fn action<D: Decode, P: Parameters>(&self, operation: &'static Operation, parameters: Object<P>) -> Request<D> {
        let body = match odata::check(&parameters, DateTime::now()) {
            Ok(()) => Body::json(&parameters),
            Err(violation) => Err(Invalid::new(violation.to_string())),
        };
        Request::from_parts(self.parts(operation).with_body(body))
    }

    fn push_key(&self, key: &str) -> Self {
        let mut path = self.below();
        if matches!(key, "" | "." | "..") {
            path.refuse(format!(
                "a key of {} is {key:?}, which would address another resource: give the identifier of one resource",
                self.path
            ));
        }
        let _ = write!(path.path, "/{}", encode::segment(key));
        path
    }

    fn push_alternate_key(&self, name: &str, key: &str) -> Self {
        let mut path = self.clone();
        if key.is_empty() {
            path.refuse(format!(
                "the key {name:?} of {} is empty: give the identifier of one resource",
                self.path
            ));
        }
        let _ = write!(path.path, "({name}={})", encode::quoted(key));
        path
    }

    /// A copy to which a segment can be appended.
    fn below(&self) -> Self {
        let mut path = self.clone();
        if std::mem::take(&mut path.in_item) {
            path.path.push(':');
        }
        path
    }

    /// Remembers the first problem, which is the cause of any that follow.
    fn refuse(&mut self, message: String) {
        self.invalid.get_or_insert_with(|| Invalid::new(message));
    }

    fn parts(&self, operation: &'static Operation) -> Parts {
        Parts::new(self.client.clone(), operation, self.path.clone(), self.invalid.clone())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Path");
        debug.field("path", &self.path);
        if let Some(invalid) = &self.invalid {
            debug.field("invalid", invalid);
        }
        debug.finish_non_exhaustive()
    }
}
