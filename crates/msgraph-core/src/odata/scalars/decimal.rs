//! `Edm.Decimal`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::ParseError;

/// A decimal number of any precision (`Edm.Decimal`), kept as its text.
///
/// The service may send it as a JSON number or, in the `IEEE754Compatible` format, as text; it is written as it was
/// read. Equality is by text: `1.0` and `1.00` differ.
///
/// Read from JSON text, it is exact; read from an already parsed [`Value`](crate::odata::Value), it is as exact as
/// that is.
///
/// ```
/// use msgraph_core::odata::Decimal;
///
/// let charge: Decimal = serde_json::from_str("0.10000000000000000000000001")?;
/// assert_eq!(charge.as_str(), "0.10000000000000000000000001");
/// assert_eq!(serde_json::to_string(&charge)?, "0.10000000000000000000000001");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Decimal {
    /// A JSON number, or one in quotes.
    json: Box<RawValue>,
}

impl Decimal {
    pub(super) const FORM: &'static str = "a decimal number such as 12.50";

    /// The number's text.
    pub fn as_str(&self) -> &str {
        self.json.get().trim_matches('"')
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        // Every JSON number is also a number to `f64::from_str`; too large ones are infinite.
        self.as_str().parse().unwrap_or(f64::NAN)
    }

    pub(in crate::odata) fn from_json(json: String) -> Result<Self, ParseError> {
        let error = ParseError::new(Self::FORM);
        let number = json
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(&json);
        if !is_number(number.as_bytes()) {
            return Err(error);
        }
        RawValue::from_string(json).map(|json| Self { json }).map_err(|_| error)
    }
}

/// The number of JSON (RFC 8259, section 6).
fn is_number(text: &[u8]) -> bool {
    fn digits(text: &[u8]) -> Option<&[u8]> {
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then(|| &text[count..])
    }
    fn rest_of_number(text: &[u8]) -> Option<&[u8]> {
        let text = text.strip_prefix(b"-").unwrap_or(text);
        let mut rest = match text.strip_prefix(b"0") {
            Some(rest) => rest,
            None => digits(text)?,
        };
        if let Some(fraction) = rest.strip_prefix(b".") {
            rest = digits(fraction)?;
        }
        if let [b'e' | b'E', exponent @ ..] = rest {
            let sign = matches!(exponent, [b'+' | b'-', ..]);
            rest = digits(&exponent[usize::from(sign)..])?;
        }
        Some(rest)
    }
    rest_of_number(text).is_some_and(<[u8]>::is_empty)
}

impl FromStr for Decimal {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.starts_with('"') {
            Err(ParseError::new(Self::FORM))
        } else {
            Self::from_json(text.to_owned())
        }
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self {
            json: RawValue::from_string(value.to_string()).expect("an integer's digits are JSON"),
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Self::from_json(json.get().to_owned()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn the_text_is_exact_beyond_any_float() -> Result<(), serde_json::Error> {
        for json in [
            "123456789012345678901234567890.10",
            "-0",
            "1e999",
            "\"12.50\"",
            "0.0E-7",
        ] {
            let value: Decimal = serde_json::from_str(json)?;
            assert_eq!(serde_json::to_string(&value)?, json);
        }
        Ok(())
    }

    #[test]
    fn only_numbers_are_decimals() {
        for text in [
            "", "-", "01", "1.", ".5", "1e", "1e+", "INF", "1 ", " 1", "\"1\"", "1\u{0}", "true",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert_eq!("12.50".parse::<Decimal>().map(|d| d.to_f64()), Ok(12.5));
        assert_eq!(Decimal::from(-7).as_str(), "-7");
    }
}
