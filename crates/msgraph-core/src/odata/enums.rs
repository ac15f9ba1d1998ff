//! Enumerations that may grow: a member that this release does not know keeps its name.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::mem::discriminant;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scalar::{Read, Scalar, Token};

/// A generated enumeration: fieldless variants and the wire name of each.
pub trait EnumDef: Sized + Send + Sync + 'static {
    /// Full name, such as `microsoft.graph.riskLevel`.
    const NAME: &'static str;
    /// Wire name and variant of every member.
    const MEMBERS: &'static [(&'static str, Self)];
}

/// The wire name of a member.
fn name_of<E: EnumDef>(member: &E) -> &'static str {
    E::MEMBERS
        .iter()
        .find(|(_, other)| discriminant(other) == discriminant(member))
        .map_or("", |(name, _)| name)
}

fn member_of<E: EnumDef>(name: &str) -> Option<&'static (&'static str, E)> {
    E::MEMBERS.iter().find(|(other, _)| *other == name)
}

/// A member of an enumeration, or one that this release does not know.
///
/// ```
/// use msgraph_core::odata::{EnumDef, Open};
///
/// pub enum State { Enabled, Disabled }
/// impl EnumDef for State {
///     const NAME: &'static str = "microsoft.graph.state";
///     const MEMBERS: &'static [(&'static str, Self)] = &[("enabled", Self::Enabled), ("disabled", Self::Disabled)];
/// }
///
/// let state: Open<State> = serde_json::from_str(r#""enabled""#)?;
/// assert!(matches!(state.known(), Some(State::Enabled)));
/// assert!(state == State::Enabled);
///
/// let newer: Open<State> = serde_json::from_str(r#""paused""#)?;
/// assert!(newer.known().is_none());
/// assert_eq!(newer.as_str(), "paused");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Open<E: 'static>(Repr<E>);

enum Repr<E: 'static> {
    Known(&'static (&'static str, E)),
    Other(Box<str>),
}

impl<E: EnumDef> Open<E> {
    /// The value that goes by a name on the wire, known or not.
    pub fn from_wire(name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        Self(member_of(name).map_or_else(|| Repr::Other(name.into()), Repr::Known))
    }

    /// The member, unless this release does not know it.
    pub fn known(&self) -> Option<&'static E> {
        match &self.0 {
            Repr::Known((_, member)) => Some(member),
            Repr::Other(_) => None,
        }
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Known((name, _)) => name,
            Repr::Other(name) => name,
        }
    }
}

impl<E: EnumDef> From<E> for Open<E> {
    fn from(member: E) -> Self {
        Self::from_wire(name_of(&member))
    }
}

impl<E: EnumDef> Clone for Open<E> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Repr::Known(member) => Repr::Known(member),
            Repr::Other(name) => Repr::Other(name.clone()),
        })
    }
}

/// Members of a flags enumeration: names joined by commas, kept as the service spelled them.
///
/// ```
/// # use msgraph_core::odata::EnumDef;
/// # pub enum Method { Password, Sms, Fido2 }
/// # impl EnumDef for Method {
/// #     const NAME: &'static str = "microsoft.graph.method";
/// #     const MEMBERS: &'static [(&'static str, Self)] =
/// #         &[("password", Self::Password), ("sms", Self::Sms), ("fido2", Self::Fido2)];
/// # }
/// use msgraph_core::odata::Flags;
///
/// let methods: Flags<Method> = serde_json::from_str(r#""password,sms,later""#)?;
/// assert!(methods.contains(Method::Sms) && !methods.contains(Method::Fido2));
/// assert_eq!(methods.iter().count(), 3);
///
/// let methods = Flags::from_iter([Method::Fido2, Method::Password]);
/// assert_eq!(methods.as_str(), "fido2,password");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Flags<E> {
    text: Box<str>,
    members: PhantomData<fn() -> E>,
}

impl<E: EnumDef> Flags<E> {
    /// The value of a text on the wire: names joined by commas, known or not.
    pub fn from_wire(text: impl AsRef<str>) -> Self {
        Self {
            text: text.as_ref().into(),
            members: PhantomData,
        }
    }

    /// Whether a member is named.
    pub fn contains(&self, member: E) -> bool {
        let name = name_of(&member);
        self.names().any(|other| other == name)
    }

    /// The members in the order of the text, those that this release does not know included.
    pub fn iter(&self) -> impl Iterator<Item = Open<E>> {
        self.names().map(Open::from_wire)
    }

    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.text.split(',').map(str::trim).filter(|name| !name.is_empty())
    }
}

impl<E: EnumDef> From<E> for Flags<E> {
    fn from(member: E) -> Self {
        Self::from_wire(name_of(&member))
    }
}

impl<E: EnumDef> FromIterator<E> for Flags<E> {
    fn from_iter<I: IntoIterator<Item = E>>(members: I) -> Self {
        let names: Vec<_> = members.into_iter().map(|member| name_of(&member)).collect();
        Self::from_wire(names.join(","))
    }
}

impl<E: EnumDef> Clone for Flags<E> {
    fn clone(&self) -> Self {
        Self::from_wire(&self.text)
    }
}

/// What [`Open`] and [`Flags`] have in common: they are text on the wire.
pub(super) trait EnumText: Scalar {
    fn text(&self) -> &str;
}

/// Everything that goes by the text alone.
macro_rules! by_text {
    ($type:ident) => {
        impl<E: EnumDef> EnumText for $type<E> {
            fn text(&self) -> &str {
                self.as_str()
            }
        }

        impl<E: EnumDef> Scalar for $type<E> {
            fn read(token: Token<'_>) -> Read<Self> {
                match token.as_str() {
                    Some(text) => Read::Exactly(Self::from_wire(text)),
                    None => Read::Refused(token.into_value()),
                }
            }

            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<E: EnumDef> std::str::FromStr for $type<E> {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from_wire(text))
            }
        }

        impl<E: EnumDef> PartialEq for $type<E> {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl<E: EnumDef> PartialEq<E> for $type<E> {
            fn eq(&self, member: &E) -> bool {
                self.as_str() == name_of(member)
            }
        }

        impl<E: EnumDef> Eq for $type<E> {}

        impl<E: EnumDef> Hash for $type<E> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl<E: EnumDef> fmt::Debug for $type<E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<E: EnumDef> fmt::Display for $type<E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl<E: EnumDef> Serialize for $type<E> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de, E: EnumDef> Deserialize<'de> for $type<E> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                Ok(Self::from_wire(text))
            }
        }
    };
}

by_text!(Open);
by_text!(Flags);

#[cfg(test)]
mod tests {
    use super::{EnumDef, Flags, Open};

    enum Method {
        Password,
        Sms,
    }

    impl EnumDef for Method {
        const NAME: &'static str = "test.method";
        const MEMBERS: &'static [(&'static str, Self)] = &[("password", Self::Password), ("sms", Self::Sms)];
    }

    #[test]
    fn a_variant_and_its_wire_name_are_the_same_value() {
        assert_eq!(Open::from(Method::Sms), Open::from_wire("sms"));
        assert!(Open::from_wire("password") == Method::Password);
        assert!(Open::from_wire("Password") != Method::Password);
    }

    #[test]
    fn flags_keep_their_spelling_and_skip_spaces() {
        let flags: Flags<Method> = Flags::from_wire("sms, later ,password");
        assert_eq!(flags.to_string(), "sms, later ,password");
        assert!(flags.contains(Method::Password));
        let unknown: Vec<_> = flags
            .iter()
            .filter(|flag| flag.known().is_none())
            .map(|flag| flag.to_string())
            .collect();
        assert_eq!(unknown, ["later"]);
    }

    #[test]
    fn no_flag_is_an_empty_text() {
        assert_eq!(Flags::<Method>::from_iter([]).as_str(), "");
        assert_eq!(Flags::<Method>::from_wire("").iter().count(), 0);
    }
}
