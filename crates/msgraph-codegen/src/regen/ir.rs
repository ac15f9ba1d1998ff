//! What the emitters work from: the types and operations of Graph, free of OpenAPI's spellings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything that is generated.
#[derive(Debug, Default)]
pub(crate) struct Api {
    /// Entity and complex types and action parameters, by full name.
    pub(crate) structures: BTreeMap<String, Structure>,
    /// Enumerations by full name.
    pub(crate) enumerations: BTreeMap<String, Enumeration>,
    /// In the order of path and method.
    pub(crate) operations: Vec<Operation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Entity,
    Complex,
    Parameters,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Structure {
    pub(crate) document: String,
    pub(crate) kind: Kind,
    pub(crate) base: Option<String>,
    pub(crate) is_abstract: bool,
    pub(crate) is_open: bool,
    /// The parameters that an action cannot be called without, in the order of the document.
    pub(crate) required: Vec<String>,
    /// Without the inherited ones, by wire name.
    pub(crate) own: BTreeMap<String, Property>,
    /// Navigation properties of its own; they are no fields but decoded on demand.
    pub(crate) relations: BTreeSet<String>,
    pub(crate) clouds: Clouds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Property {
    pub(crate) value: ValueType,
    pub(crate) read_only: bool,
    pub(crate) clouds: Clouds,
    pub(crate) rules: Vec<Rule>,
}

/// A documented limit of an action parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    StartsWith(String),
    MaxLength(usize),
    NotEmpty,
    FutureWithinYears(u8),
}

/// The type of a property, an argument or a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueType {
    pub(crate) item: Item,
    pub(crate) many: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Scalar(Scalar),
    /// The full name of an entity or complex type.
    Object(String),
    /// The full name of an enumeration.
    Enumeration(String),
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => write!(f, "{scalar:?}"),
            Self::Object(name) | Self::Enumeration(name) => f.write_str(name),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    Byte,
    Int16,
    Int32,
    Int64,
    Single,
    Double,
    Decimal,
    String,
    Secret,
    Guid,
    Binary,
    Date,
    TimeOfDay,
    Duration,
    DateTime,
    Stream,
    Untyped,
}

#[derive(Debug)]
pub(crate) struct Enumeration {
    pub(crate) document: String,
    pub(crate) members: Vec<String>,
    pub(crate) is_flags: bool,
    pub(crate) clouds: Clouds,
}

/// A set of national clouds, one bit each in the order of [`CLOUDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clouds(pub(crate) u16);

/// The clouds as the documents spell them, in the order of the runtime's bits.
pub(crate) const CLOUDS: [&str; 9] = [
    "Global", "USGovL4", "USGovL5", "China", "Bleu", "Delos", "GovSG", "USNat", "USSec",
];

impl Clouds {
    pub(crate) const ALL: Self = Self((1 << CLOUDS.len()) - 1);

    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        let has = move |(bit, name): (usize, _)| (self.0 & (1_u16 << bit) != 0).then_some(name);
        CLOUDS.into_iter().enumerate().filter_map(has)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Delete,
    Get,
    Patch,
    Post,
    Put,
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationKind {
    Operation,
    Action,
    Function,
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) document: String,
    pub(crate) method: Method,
    /// The template as it is documented.
    pub(crate) path: String,
    pub(crate) kind: OperationKind,
    /// The types of the template's placeholders, by their names.
    pub(crate) placeholders: BTreeMap<String, Placeholder>,
    /// The query option that names the object of a `$ref` removal: `$id` in OData, `@id` in Microsoft's documents.
    pub(crate) id_option: Option<String>,
    pub(crate) body: Body,
    pub(crate) result: Outcome,
    pub(crate) clouds: Clouds,
    pub(crate) permissions: Permissions,
    /// The last part of the documentation's address.
    pub(crate) documentation: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Placeholder {
    pub(crate) value: ValueType,
    /// Set when it is a key of the preceding segment's items.
    pub(crate) is_key: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Json(ValueType),
    /// `{"value": …}`
    Wrapped(ValueType),
    /// The full name of an action's parameters.
    Parameters(String),
    Content,
    /// `{"@odata.id": …}`
    Reference,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Nothing,
    One(ValueType),
    Collection(ValueType),
    Content,
    Count,
    Untyped,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Permissions {
    pub(crate) delegated_work: Scheme,
    pub(crate) delegated_personal: Scheme,
    pub(crate) application: Scheme,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scheme {
    pub(crate) least: Vec<String>,
    pub(crate) higher: Vec<String>,
}

impl Api {
    /// The ancestors of a type, nearest first. An unknown or circular base ends the list.
    pub(crate) fn ancestors<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        let mut ancestors = Vec::new();
        let mut at = name;
        while let Some(base) = self.structures.get(at).and_then(|s| s.base.as_deref()) {
            if base == name || ancestors.contains(&base) {
                break;
            }
            ancestors.push(base);
            at = base;
        }
        ancestors
    }

    /// The properties of a type with the inherited ones, by wire name.
    pub(crate) fn properties<'a>(&'a self, name: &'a str) -> BTreeMap<&'a str, &'a Property> {
        let mut all = BTreeMap::new();
        for name in std::iter::once(name).chain(self.ancestors(name)) {
            for (wire, property) in self.structures.get(name).into_iter().flat_map(|s| &s.own) {
                all.entry(wire.as_str()).or_insert(property);
            }
        }
        all
    }

    /// Every type with all types that derive from it, directly or not, sorted.
    pub(crate) fn derived(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut derived: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for name in self.structures.keys() {
            for ancestor in self.ancestors(name) {
                derived.entry(ancestor).or_default().insert(name);
            }
        }
        derived
    }
}

/// A full name in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FullName<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// For action parameters: `(action, whether it is bound to a collection)`.
    pub(crate) action: Option<(&'a str, bool)>,
}

impl<'a> FullName<'a> {
    /// `microsoft.graph.security.alert`
    pub(crate) fn of_type(full: &'a str) -> Self {
        let (namespace, name) = full.rsplit_once('.').unwrap_or(("", full));
        Self {
            namespace,
            name,
            action: None,
        }
    }

    /// `microsoft.graph.user.sendMail`, `microsoft.graph.user-collection.validate`
    pub(crate) fn of_parameters(full: &'a str) -> Self {
        let (bound, action) = full.rsplit_once('.').unwrap_or(("", full));
        let stripped = bound.strip_suffix("-collection");
        let bound_type = Self::of_type(stripped.unwrap_or(bound));
        Self {
            action: Some((action, stripped.is_some())),
            ..bound_type
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parameters_have_three_parts() {
        let name = FullName::of_parameters("microsoft.graph.security.alert-collection.close");
        assert_eq!(
            (name.namespace, name.name, name.action),
            ("microsoft.graph.security", "alert", Some(("close", true)))
        );
    }

    #[test]
    fn clouds_are_named_in_the_order_of_their_bits() {
        assert_eq!(Clouds(0b1001).names().collect::<Vec<_>>(), ["Global", "China"]);
        assert_eq!(Clouds::ALL.names().count(), 9);
    }
}
