//! The three states of a property.

use std::ops::Deref;

use super::{EnumDef, Flags, Object, Open, Props, Secret};

/// A property of an entity or complex type: absent, explicitly null, or a value.
///
/// The difference matters when an object is sent: an absent property is left alone by the service, a null one is
/// cleared.
///
/// ```
/// use msgraph_core::odata::Prop;
///
/// let mut title: Prop<String> = "Engineer".into();
/// assert_eq!(title.as_deref(), Some("Engineer"));
///
/// title = Prop::Null;
/// assert!(title.is_null() && title.get().is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Prop<T> {
    /// Not sent by the service, not sent to it.
    #[default]
    Absent,
    /// An explicit `null`.
    Null,
    /// A value.
    Value(T),
}

impl<T> Prop<T> {
    /// Whether the property was not sent, or is not to be sent.
    #[inline]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the property is an explicit `null`.
    #[inline]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the property has a value.
    #[inline]
    pub const fn is_value(&self) -> bool {
        matches!(self, Self::Value(_))
    }

    /// The value, if there is one.
    #[inline]
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value to change in place, if there is one.
    #[inline]
    pub const fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value as what it dereferences to: `&str` of a `String`, `&[T]` of a `Vec<T>`, `&P` of an `Object<P>`.
    #[inline]
    pub fn as_deref(&self) -> Option<&T::Target>
    where
        T: Deref,
    {
        self.get().map(Deref::deref)
    }

    /// A property that borrows the value of this one.
    #[inline]
    pub const fn as_ref(&self) -> Prop<&T> {
        match self {
            Self::Absent => Prop::Absent,
            Self::Null => Prop::Null,
            Self::Value(value) => Prop::Value(value),
        }
    }

    /// Takes the property out and leaves it absent.
    #[inline]
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// The value, if there is one; absent and null become `None`.
    #[inline]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, or `T`'s default when absent or null.
    #[inline]
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.into_option().unwrap_or_default()
    }

    /// Applies a function to the value; absent and null stay what they are.
    #[inline]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Prop<U> {
        match self {
            Self::Absent => Prop::Absent,
            Self::Null => Prop::Null,
            Self::Value(value) => Prop::Value(f(value)),
        }
    }
}

impl<T> From<T> for Prop<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` is absent; write [`Prop::Null`] for an explicit null.
impl<T> From<Option<T>> for Prop<T> {
    #[inline]
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl From<&str> for Prop<String> {
    #[inline]
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl From<&str> for Prop<Secret> {
    #[inline]
    fn from(value: &str) -> Self {
        Self::Value(value.into())
    }
}

impl From<String> for Prop<Secret> {
    #[inline]
    fn from(value: String) -> Self {
        Self::Value(value.into())
    }
}

impl<P: Props> From<P> for Prop<Object<P>> {
    #[inline]
    fn from(value: P) -> Self {
        Self::Value(Object::from(value))
    }
}

impl<E: EnumDef> From<E> for Prop<Open<E>> {
    #[inline]
    fn from(value: E) -> Self {
        Self::Value(Open::from(value))
    }
}

impl<E: EnumDef> From<E> for Prop<Flags<E>> {
    #[inline]
    fn from(value: E) -> Self {
        Self::Value(Flags::from(value))
    }
}

#[cfg(test)]
mod tests {
    use super::Prop;

    #[test]
    fn none_is_absent_and_null_is_explicit() {
        assert_eq!(Prop::<i32>::from(None), Prop::Absent);
        assert_eq!(Prop::<i32>::from(Some(1)), Prop::Value(1));
        assert_ne!(Prop::<i32>::Null, Prop::Absent);
    }

    #[test]
    fn taking_leaves_absent() {
        let mut prop = Prop::from(5);
        assert_eq!(prop.take().into_option(), Some(5));
        assert!(prop.is_absent());
    }

    #[test]
    fn map_keeps_null_and_absent() {
        assert_eq!(Prop::<i32>::Null.map(|n| n + 1), Prop::Null);
        assert_eq!(Prop::<i32>::Absent.map(|n| n + 1), Prop::Absent);
        assert_eq!(Prop::from(1).map(|n| n + 1), Prop::from(2));
    }

    #[test]
    fn unwrap_or_default_covers_null_and_absent() {
        assert_eq!(Prop::<String>::Null.unwrap_or_default(), "");
        assert_eq!(Prop::<String>::from("x").unwrap_or_default(), "x");
    }
}
