//! What a method on a path turns out to be.

use std::fmt;

use super::csdl::{Nature, Operation, TypeRef};
use super::template::Template;

/// A documented operation, typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resolved<'m> {
    pub(crate) method: Method,
    pub(crate) template: Template,
    pub(crate) kind: Kind,
    pub(crate) request: Payload<'m>,
    pub(crate) response: Payload<'m>,
    /// The same for every path that leads to the same member of the same type.
    pub(crate) semantic: String,
    /// How the object that is created, replaced or deleted belongs to its owner.
    pub(crate) nature: Option<Nature>,
    /// Paths to the same member of other derived types, when the path leaves open which of them is meant.
    pub(crate) others: Vec<String>,
    /// Whether a whole collection would be changed or deleted, which is possible for collections of values only.
    pub(crate) whole: bool,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    Get,
    Create,
    Update,
    Replace,
    Delete,
    Count,
    Action,
    Function,
    ListReferences,
    AddReference,
    SetReference,
    RemoveReference,
    GetContent,
    SetContent,
}

/// What goes over the wire one way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload<'m> {
    Nothing,
    Value(TypeRef),
    /// A list that is not wrapped in an object.
    List(TypeRef),
    Parameters(&'m Operation),
    Reference,
    References,
    Count,
    Content,
}

/// Why a path means nothing in a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unresolved {
    pub(crate) reason: Reason,
    /// The part that could not be followed.
    pub(crate) detail: String,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    Malformed,
    NoSuchRoot,
    NoSuchMember,
    NoSuchMemberOnCollection,
    NoSuchArguments,
    ItemOfValues,
    WholeCollection,
    WrongMethod,
}

impl Unresolved {
    pub(crate) fn new(reason: Reason, detail: &str) -> Self {
        Self {
            reason,
            detail: detail.to_owned(),
        }
    }
}

impl Reason {
    /// Whether a row with this reason is simply one of beta.
    pub(crate) fn is_beta(self) -> bool {
        matches!(self, Self::NoSuchRoot | Self::NoSuchMember)
    }

    /// Whether v1.0 has what a row with this reason is about, though not what it wants done there.
    pub(crate) fn is_about_v1(self) -> bool {
        matches!(self, Self::ItemOfValues | Self::WholeCollection | Self::WrongMethod)
    }
}

impl Method {
    pub(crate) const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the path is malformed",
            Self::NoSuchRoot => "no such root in v1.0",
            Self::NoSuchMember => "no such member in v1.0",
            Self::NoSuchMemberOnCollection => "a collection in v1.0 has no such operation or key",
            Self::NoSuchArguments => "no overload in v1.0 takes these arguments",
            Self::ItemOfValues => "an item of a collection of values has no address",
            Self::WholeCollection => "a collection cannot be changed or deleted as a whole",
            Self::WrongMethod => "the method does not apply",
        })
    }
}

impl Resolved<'_> {
    /// The operation, unless it needs a `$ref` behind it to make sense.
    pub(crate) fn complete(self) -> Result<Self, Unresolved> {
        match self.whole {
            true => Err(Unresolved::new(Reason::WholeCollection, self.method.name())),
            false => Ok(self),
        }
    }
}
