//! Values inside OData expressions and function calls.

use std::fmt::{self, Display};

use crate::encode;
use crate::odata::{Date, DateTime, Decimal, Duration, Guid, TimeOfDay};

/// A value in an OData expression, for example an argument of a function.
///
/// [`Display`] writes it as an expression wants it, quotes doubled, so that a filter can be put together safely:
///
/// ```
/// use msgraph_core::Literal;
///
/// let name = Literal::from("O'Neil");
/// assert_eq!(format!("surname eq {name}"), "surname eq 'O''Neil'");
/// ```
///
/// See [OData URL conventions, primitive literals](https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A text; written between single quotes.
    String(String),
    /// Anything that is written without quotes: numbers, booleans, dates, identifiers.
    Raw(String),
}

impl Literal {
    /// A member of an enumeration, or several joined by commas; Graph wants it between quotes.
    pub fn enumeration(member: impl Display) -> Self {
        Self::String(member.to_string())
    }

    /// Writes the literal for use inside a path.
    pub(crate) fn encoded(&self) -> String {
        match self {
            Self::String(text) => encode::quoted(text),
            Self::Raw(text) => encode::argument(text).to_string(),
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::Raw(text) => f.write_str(text),
        }
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<&String> for Literal {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}

macro_rules! raw {
    ($($type:ty),+) => {$(
        impl From<$type> for Literal {
            fn from(value: $type) -> Self {
                Self::Raw(value.to_string())
            }
        }
    )+};
}

raw!(bool, u8, i16, i32, i64, u32, Date, DateTime, Decimal, Guid, TimeOfDay);

impl From<f64> for Literal {
    fn from(value: f64) -> Self {
        Self::Raw(match value {
            f64::INFINITY => "INF".to_owned(),
            f64::NEG_INFINITY => "-INF".to_owned(),
            finite => finite.to_string(),
        })
    }
}

impl From<Duration> for Literal {
    fn from(value: Duration) -> Self {
        Self::Raw(format!("duration'{value}'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_everything_else_is_not() {
        for (literal, expression, path) in [
            (Literal::from("o'neil"), "'o''neil'", "'o''neil'"),
            (Literal::from("a/b?#%"), "'a/b?#%'", "'a%2Fb%3F%23%25'"),
            (Literal::from("%27"), "'%27'", "'%2527'"),
            (Literal::from(""), "''", "''"),
            (Literal::from(7), "7", "7"),
            (Literal::from(-1_i64), "-1", "-1"),
            (Literal::from(true), "true", "true"),
            (Literal::from(1.5), "1.5", "1.5"),
            (Literal::from(f64::NEG_INFINITY), "-INF", "-INF"),
            (Literal::from(f64::NAN), "NaN", "NaN"),
            (Literal::enumeration("D7"), "'D7'", "'D7'"),
            (
                Literal::Raw("2020-01-01T10:00:00+02:00".into()),
                "2020-01-01T10:00:00+02:00",
                "2020-01-01T10:00:00%2B02:00",
            ),
        ] {
            assert_eq!(literal.to_string(), expression);
            assert_eq!(literal.encoded(), path);
        }
    }
}
