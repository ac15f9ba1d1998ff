//! How one scalar meets JSON: a token on the way in, a serialiser on the way out.

use std::fmt;

use serde::Serializer;
use serde::ser::SerializeSeq;

use super::{Prop, Value};

/// One JSON value on its way into a property.
pub enum Token<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits.
    I64(i64),
    /// An integer above `i64::MAX`.
    U64(u64),
    /// Any other number.
    F64(f64),
    /// Text that the reader still owns.
    Str(&'a str),
    /// Text to keep.
    String(String),
    /// An array or object.
    Json(Value),
}

impl Token<'_> {
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::I64(value) => value.into(),
            Self::U64(value) => value.into(),
            Self::F64(value) => value.into(),
            Self::Str(value) => value.into(),
            Self::String(value) => value.into(),
            Self::Json(value) => value,
        }
    }
}

impl From<Value> for Token<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(ref number) => {
                if let Some(value) = number.as_i64() {
                    Self::I64(value)
                } else if let Some(value) = number.as_u64() {
                    Self::U64(value)
                } else {
                    // A number that is no `f64` exists only with serde_json's `arbitrary_precision`.
                    number.as_f64().map_or(Self::Json(value), Self::F64)
                }
            }
            Value::String(value) => Self::String(value),
            Value::Array(_) | Value::Object(_) => Self::Json(value),
        }
    }
}

/// What became of a token.
pub(super) enum Read<T> {
    /// The value is written as it was read.
    Exactly(T),
    /// The value is understood, but is written differently from what was read.
    Respelled(T, Value),
    /// Not of this type.
    Refused(Value),
}

/// What became of a token that was offered to a property.
pub enum Stored {
    /// Stored, and written as it was read.
    Exactly,
    /// Stored, but written differently from this, which was read.
    Respelled(Value),
    /// Not of the property's type.
    Refused(Value),
}

/// A value that is one JSON value; implemented for what a property or a list element can be.
pub(super) trait Scalar: Clone + PartialEq + fmt::Debug + Send + Sync + Sized + 'static {
    /// Reads a token.
    fn read(token: Token<'_>) -> Read<Self>;

    /// Writes the value.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Whether a spelling that was read earlier still stands for this value.
    fn is_spelled(&self, spelling: &Value) -> bool {
        match Self::read(spelling.clone().into()) {
            Read::Exactly(value) | Read::Respelled(value, _) => value == *self,
            Read::Refused(_) => false,
        }
    }

    /// The value as JSON.
    fn to_value(&self) -> Value {
        // The writers below fail for no value.
        self.write(serde_json::value::Serializer).unwrap_or_default()
    }
}

/// Offers a token to a property; what is refused leaves the property absent.
pub(super) fn store<T: Scalar>(slot: &mut Prop<T>, token: Token<'_>) -> Stored {
    let (prop, stored) = match token {
        Token::Null => (Prop::Null, Stored::Exactly),
        token => match T::read(token) {
            Read::Exactly(value) => (Prop::Value(value), Stored::Exactly),
            Read::Respelled(value, spelling) => (Prop::Value(value), Stored::Respelled(spelling)),
            Read::Refused(value) => (Prop::Absent, Stored::Refused(value)),
        },
    };
    *slot = prop;
    stored
}

/// Writes a list.
pub(super) fn write_list<T: Scalar, S: Serializer>(list: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    struct Element<'a, T>(&'a T);
    impl<T: Scalar> serde::Serialize for Element<'_, T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.write(serializer)
        }
    }
    let mut seq = serializer.serialize_seq(Some(list.len()))?;
    for value in list {
        seq.serialize_element(&Element(value))?;
    }
    seq.end()
}

/// Whether a spelling of a list that was read earlier still stands for it.
pub(super) fn is_list_spelled<T: Scalar>(list: &[T], spelling: &Value) -> bool {
    spelling.as_array().is_some_and(|spellings| {
        list.len() == spellings.len()
            && list
                .iter()
                .zip(spellings)
                .all(|(value, spelling)| value.is_spelled(spelling))
    })
}

impl Scalar for bool {
    fn read(token: Token<'_>) -> Read<Self> {
        match token {
            Token::Bool(value) => Read::Exactly(value),
            other => Read::Refused(other.into_value()),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*self)
    }
}

/// The integers. A whole number that is spelled as a fraction (`5.0`) is accepted.
macro_rules! integer {
    ($($type:ty: $serialize:ident;)*) => {$(
        impl Scalar for $type {
            fn read(token: Token<'_>) -> Read<Self> {
                let value = match token {
                    Token::I64(value) => Self::try_from(value).ok().map(Read::Exactly),
                    Token::F64(value) => {
                        let whole = value as Self;
                        (whole as f64 == value).then(|| Read::Respelled(whole, value.into()))
                    }
                    _ => None,
                };
                value.unwrap_or_else(|| Read::Refused(token.into_value()))
            }

            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$serialize(*self)
            }
        }
    )*};
}

integer! {
    u8: serialize_u8;
    i16: serialize_i16;
    i32: serialize_i32;
}

/// `Edm.Int64`: a number, or text when the service speaks the `IEEE754Compatible` format
/// (OData JSON Format 4.01, section 3.2).
impl Scalar for i64 {
    fn read(token: Token<'_>) -> Read<Self> {
        // 2^53: from here on a fraction no longer tells one whole number from the next.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if let Token::I64(value) = token {
            return Read::Exactly(value);
        }
        let value = match &token {
            Token::F64(value) if value.abs() < EXACT && value.fract() == 0.0 => Some(*value as Self),
            token => token.as_str().and_then(|text| text.parse().ok()),
        };
        let spelling = token.into_value();
        match value {
            Some(value) => Read::Respelled(value, spelling),
            None => Read::Refused(spelling),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(*self)
    }
}

/// The value that is spelled as text because JSON has no number for it.
fn special(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => None,
    }
}

fn spelling_of_special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "INF" } else { "-INF" })
    } else {
        None
    }
}

/// `Edm.Double`: a number, or `"INF"`, `"-INF"`, `"NaN"`.
impl Scalar for f64 {
    fn read(token: Token<'_>) -> Read<Self> {
        match token {
            Token::F64(value) => Read::Exactly(value),
            Token::I64(value) if value as Self as i128 == value.into() => Read::Respelled(value as Self, value.into()),
            Token::U64(value) if value as Self as u128 == value.into() => Read::Respelled(value as Self, value.into()),
            token => match token.as_str().and_then(special) {
                Some(value) => Read::Exactly(value),
                None => Read::Refused(token.into_value()),
            },
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match spelling_of_special(*self) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.serialize_f64(*self),
        }
    }
}

/// `Edm.Single`: rounded to the nearest `f32`; further digits are kept as its spelling.
impl Scalar for f32 {
    fn read(token: Token<'_>) -> Read<Self> {
        let (value, spelling) = match f64::read(token) {
            Read::Exactly(value) => (value, None),
            Read::Respelled(value, spelling) => (value, Some(spelling)),
            Read::Refused(value) => return Read::Refused(value),
        };
        let single = value as Self;
        if single.is_infinite() && value.is_finite() {
            return Read::Refused(spelling.unwrap_or_else(|| value.into()));
        }
        let is_exact = !value.is_finite() || single.to_string().parse() == Ok(value);
        match spelling {
            Some(spelling) => Read::Respelled(single, spelling),
            None if is_exact => Read::Exactly(single),
            None => Read::Respelled(single, value.into()),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match spelling_of_special(f64::from(*self)) {
            Some(text) => serializer.serialize_str(text),
            // Through its own digits, because `serde_json::Value` would widen it to digits that nobody wrote.
            None => serializer.serialize_f64(self.to_string().parse().unwrap_or_else(|_| (*self).into())),
        }
    }
}

impl Scalar for String {
    fn read(token: Token<'_>) -> Read<Self> {
        match token {
            Token::Str(text) => Read::Exactly(text.to_owned()),
            Token::String(text) => Read::Exactly(text),
            other => Read::Refused(other.into_value()),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// `Edm.Untyped`: anything.
impl Scalar for Value {
    fn read(token: Token<'_>) -> Read<Self> {
        Read::Exactly(token.into_value())
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(self, serializer)
    }
}

/// Scalars whose JSON is their text: read by `FromStr`, which accepts nothing that `Display` would spell differently.
macro_rules! text_scalar {
    ($($type:ty),*) => {$(
        impl Scalar for $type {
            fn read(token: Token<'_>) -> Read<Self> {
                match token.as_str().and_then(|text| text.parse().ok()) {
                    Some(value) => Read::Exactly(value),
                    None => Read::Refused(token.into_value()),
                }
            }

            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(self, serializer)
            }
        }
    )*};
}

text_scalar!(
    super::Date,
    super::DateTime,
    super::Duration,
    super::Guid,
    super::TimeOfDay
);

impl Scalar for super::Decimal {
    fn read(token: Token<'_>) -> Read<Self> {
        let value = token.into_value();
        match Self::from_json(value.to_string()) {
            Ok(value) => Read::Exactly(value),
            Err(_) => Read::Refused(value),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(self, serializer)
    }
}

impl Scalar for super::Secret {
    fn read(token: Token<'_>) -> Read<Self> {
        String::read(token).map(Self::from)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl Scalar for super::Binary {
    fn read(token: Token<'_>) -> Read<Self> {
        match token
            .as_str()
            .and_then(|text| text.parse().ok().map(|value: Self| (value.spells(text), value)))
        {
            Some((true, value)) => Read::Exactly(value),
            Some((false, value)) => Read::Respelled(value, token.into_value()),
            None => Read::Refused(token.into_value()),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(self, serializer)
    }
}

impl<T> Read<T> {
    pub(super) fn map<U>(self, f: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Self::Exactly(value) => Read::Exactly(f(value)),
            Self::Respelled(value, spelling) => Read::Respelled(f(value), spelling),
            Self::Refused(value) => Read::Refused(value),
        }
    }
}
