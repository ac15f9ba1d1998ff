//! The closed list of what a property can be, and access to it without knowing the model.

use super::enums::EnumText;
use super::scalar::{self, Read, Scalar, Stored, Token};
use super::{
    AnyObject, Binary, Date, DateTime, Decimal, Duration, Guid, Object, Prop, Props, Secret, TimeOfDay, Value,
};

/// Calls a macro with all kinds of properties that hold plain values: `scalars { Kind: type = "doc", … } lists { … }`.
///
/// The one list from which [`Ref`], [`Mut`] and everything that goes through them is made.
macro_rules! with_kinds {
    ($callback:ident) => {
        $callback! {
            scalars {
                Bool: bool = "`Edm.Boolean`",
                Byte: u8 = "`Edm.Byte`",
                Int16: i16 = "`Edm.Int16`",
                Int32: i32 = "`Edm.Int32`",
                Int64: i64 = "`Edm.Int64`",
                Single: f32 = "`Edm.Single`",
                Double: f64 = "`Edm.Double`",
                Decimal: Decimal = "`Edm.Decimal`",
                String: String = "`Edm.String`",
                Secret: Secret = "`Edm.String` that holds a secret",
                Guid: Guid = "`Edm.Guid`",
                Binary: Binary = "`Edm.Binary`",
                Date: Date = "`Edm.Date`",
                TimeOfDay: TimeOfDay = "`Edm.TimeOfDay`",
                Duration: Duration = "`Edm.Duration`",
                DateTime: DateTime = "`Edm.DateTimeOffset`",
                Untyped: Value = "`Edm.Untyped`",
            }
            lists {
                Strings: String = "A collection of `Edm.String`",
                Secrets: Secret = "A collection of `Edm.String` that holds secrets",
                Guids: Guid = "A collection of `Edm.Guid`",
                Int32s: i32 = "A collection of `Edm.Int32`",
                Int64s: i64 = "A collection of `Edm.Int64`",
                Bools: bool = "A collection of `Edm.Boolean`",
                Doubles: f64 = "A collection of `Edm.Double`",
                Dates: Date = "A collection of `Edm.Date`",
                DateTimes: DateTime = "A collection of `Edm.DateTimeOffset`",
                Binaries: Binary = "A collection of `Edm.Binary`",
                Untypeds: Value = "A collection of `Edm.Untyped`",
            }
        }
    };
}
pub(super) use with_kinds;

macro_rules! define_ref_and_mut {
    (
        scalars { $($kind:ident: $type:ty = $doc:literal,)* }
        lists { $($list:ident: $element:ty = $list_doc:literal,)* }
    ) => {
        /// A property of a model, whichever it is.
        #[derive(Clone, Copy)]
        pub enum Ref<'a> {
            /// No such property.
            None,
            $(#[doc = concat!($doc, ".")] $kind(&'a Prop<$type>),)*
            $(#[doc = concat!($list_doc, ".")] $list(&'a Prop<Vec<$element>>),)*
            /// An entity or complex type.
            Object(&'a dyn ObjectSlot),
            /// A collection of an entity or complex type.
            Objects(&'a dyn ObjectListSlot),
            /// An enumeration.
            Enum(&'a dyn EnumSlot),
            /// A collection of an enumeration.
            Enums(&'a dyn EnumListSlot),
        }

        /// A property of a model, whichever it is, to change.
        pub enum Mut<'a> {
            /// No such property.
            None,
            $(#[doc = concat!($doc, ".")] $kind(&'a mut Prop<$type>),)*
            $(#[doc = concat!($list_doc, ".")] $list(&'a mut Prop<Vec<$element>>),)*
            /// An entity or complex type.
            Object(&'a mut dyn ObjectSlot),
            /// A collection of an entity or complex type.
            Objects(&'a mut dyn ObjectListSlot),
            /// An enumeration.
            Enum(&'a mut dyn EnumSlot),
            /// A collection of an enumeration.
            Enums(&'a mut dyn EnumListSlot),
        }

        impl Ref<'_> {
            /// The state, without the value.
            pub(super) fn state(self) -> Prop<()> {
                match self {
                    Self::None => Prop::Absent,
                    $(Self::$kind(prop) => prop.as_ref().map(drop),)*
                    $(Self::$list(prop) => prop.as_ref().map(drop),)*
                    Self::Object(slot) => slot.object().map(drop),
                    Self::Objects(slot) => slot.count().map(drop),
                    Self::Enum(slot) => slot.text().map(drop),
                    Self::Enums(slot) => slot.count().map(drop),
                }
            }

            /// Whether a spelling that was read earlier still stands for the value.
            pub(super) fn is_spelled(self, spelling: &Value) -> bool {
                match self {
                    $(Self::$kind(Prop::Value(value)) => value.is_spelled(spelling),)*
                    $(Self::$list(Prop::Value(list)) => scalar::is_list_spelled(list, spelling),)*
                    _ => false,
                }
            }
        }

        impl<'a> Mut<'a> {
            /// Makes the property null or absent; `false` when there is no such property.
            fn reset(self, is_null: bool) -> bool {
                match self {
                    Self::None => return false,
                    $(Self::$kind(prop) => *prop = if is_null { Prop::Null } else { Prop::Absent },)*
                    $(Self::$list(prop) => *prop = if is_null { Prop::Null } else { Prop::Absent },)*
                    Self::Object(slot) => slot.reset(is_null),
                    Self::Objects(slot) => slot.reset(is_null),
                    Self::Enum(slot) => slot.reset(is_null),
                    Self::Enums(slot) => slot.reset(is_null),
                }
                true
            }

            /// Offers a single JSON value; what is refused leaves the property absent.
            pub(super) fn store(self, token: Token<'_>) -> Stored {
                match self {
                    $(Self::$kind(prop) => scalar::store(prop, token),)*
                    Self::Enum(slot) => slot.store(token),
                    other => {
                        let is_null = matches!(token, Token::Null);
                        other.reset(is_null);
                        if is_null { Stored::Exactly } else { Stored::Refused(token.into_value()) }
                    }
                }
            }

            /// The property as a list to fill; the property itself when it is none.
            pub(super) fn into_list(self) -> Result<List<'a>, Self> {
                match self {
                    $(Self::$list(prop) => Ok(List::Scalars(prop)),)*
                    Self::Enums(slot) => Ok(List::Scalars(slot)),
                    Self::Objects(slot) => Ok(List::Objects(slot)),
                    other => Err(other),
                }
            }
        }
    };
}
with_kinds!(define_ref_and_mut);

impl Ref<'_> {
    pub(super) fn is_absent(self) -> bool {
        self.state().is_absent()
    }

    pub(super) fn is_null(self) -> bool {
        self.state().is_null()
    }
}

impl Mut<'_> {
    pub(super) fn set_null(self) -> bool {
        self.reset(true)
    }
}

/// A list property to fill.
pub(super) enum List<'a> {
    Scalars(&'a mut dyn ScalarListSlot),
    Objects(&'a mut dyn ObjectListSlot),
}

/// Keeps the slot traits to this module: their implementations are the ones below.
pub trait Sealed: Send + Sync {}
impl<T: Send + Sync> Sealed for Prop<T> {}

/// A property that holds an object of some type.
pub trait ObjectSlot: Sealed {
    /// The object.
    fn object(&self) -> Prop<&dyn AnyObject>;
    /// Makes the value an empty object, and returns it to be filled.
    fn start(&mut self) -> &mut dyn AnyObject;
    /// Makes the property null or absent.
    fn reset(&mut self, is_null: bool);
}

impl<P: Props> ObjectSlot for Prop<Object<P>> {
    fn object(&self) -> Prop<&dyn AnyObject> {
        match self {
            Self::Absent => Prop::Absent,
            Self::Null => Prop::Null,
            Self::Value(object) => Prop::Value(object),
        }
    }

    fn start(&mut self) -> &mut dyn AnyObject {
        *self = Self::Absent;
        value_or_default::<Object<P>>(self)
    }

    fn reset(&mut self, is_null: bool) {
        *self = if is_null { Self::Null } else { Self::Absent };
    }
}

/// A property that holds a list of objects of some type.
pub trait ObjectListSlot: Sealed {
    /// The number of objects.
    fn count(&self) -> Prop<usize>;
    /// The object at an index; `None` beyond the last.
    fn at(&self, index: usize) -> Option<&dyn AnyObject>;
    /// Makes the value an empty list.
    fn start(&mut self);
    /// Adds an empty object, and returns it to be filled.
    fn push(&mut self) -> &mut dyn AnyObject;
    /// Makes the property null or absent.
    fn reset(&mut self, is_null: bool);
}

impl<P: Props> ObjectListSlot for Prop<Vec<Object<P>>> {
    fn count(&self) -> Prop<usize> {
        self.as_ref().map(Vec::len)
    }

    fn at(&self, index: usize) -> Option<&dyn AnyObject> {
        self.get()?.get(index).map(|object| object as &dyn AnyObject)
    }

    fn start(&mut self) {
        *self = Self::Value(Vec::new());
    }

    fn push(&mut self) -> &mut dyn AnyObject {
        let list = value_or_default(self);
        list.push(Object::default());
        let last = list.len() - 1;
        &mut list[last]
    }

    fn reset(&mut self, is_null: bool) {
        *self = if is_null { Self::Null } else { Self::Absent };
    }
}

/// A property that holds a list of plain values.
pub trait ScalarListSlot: Sealed {
    /// Makes the value an empty list.
    fn start(&mut self);
    /// Offers a value for the end of the list; what is refused is not added.
    fn push(&mut self, token: Token<'_>) -> Stored;
    /// The list as JSON values.
    fn values(&self) -> Vec<Value>;
    /// Makes the property absent.
    fn clear(&mut self);
}

impl<T: Scalar> ScalarListSlot for Prop<Vec<T>> {
    fn start(&mut self) {
        *self = Self::Value(Vec::new());
    }

    fn push(&mut self, token: Token<'_>) -> Stored {
        let (value, stored) = match T::read(token) {
            Read::Exactly(value) => (value, Stored::Exactly),
            Read::Respelled(value, spelling) => (value, Stored::Respelled(spelling)),
            Read::Refused(value) => return Stored::Refused(value),
        };
        value_or_default(self).push(value);
        stored
    }

    fn values(&self) -> Vec<Value> {
        self.get().into_iter().flatten().map(Scalar::to_value).collect()
    }

    fn clear(&mut self) {
        *self = Self::Absent;
    }
}

/// A property that holds a member of some enumeration.
pub trait EnumSlot: Sealed {
    /// The wire name.
    fn text(&self) -> Prop<&str>;
    /// Offers a value; what is refused leaves the property absent.
    fn store(&mut self, token: Token<'_>) -> Stored;
    /// Makes the property null or absent.
    fn reset(&mut self, is_null: bool);
}

impl<T: EnumText> EnumSlot for Prop<T> {
    fn text(&self) -> Prop<&str> {
        self.as_ref().map(EnumText::text)
    }

    fn store(&mut self, token: Token<'_>) -> Stored {
        scalar::store(self, token)
    }

    fn reset(&mut self, is_null: bool) {
        *self = if is_null { Self::Null } else { Self::Absent };
    }
}

/// A property that holds a list of members of some enumeration.
pub trait EnumListSlot: ScalarListSlot {
    /// The number of members.
    fn count(&self) -> Prop<usize>;
    /// The wire name at an index; `None` beyond the last.
    fn at(&self, index: usize) -> Option<&str>;
    /// Makes the property null or absent.
    fn reset(&mut self, is_null: bool);
}

impl<T: EnumText> EnumListSlot for Prop<Vec<T>> {
    fn count(&self) -> Prop<usize> {
        self.as_ref().map(Vec::len)
    }

    fn at(&self, index: usize) -> Option<&str> {
        self.get()?.get(index).map(EnumText::text)
    }

    fn reset(&mut self, is_null: bool) {
        *self = if is_null { Self::Null } else { Self::Absent };
    }
}

fn value_or_default<T: Default>(prop: &mut Prop<T>) -> &mut T {
    if !prop.is_value() {
        *prop = Prop::Value(T::default());
    }
    match prop {
        Prop::Value(value) => value,
        Prop::Absent | Prop::Null => unreachable!("a value was stored"),
    }
}
