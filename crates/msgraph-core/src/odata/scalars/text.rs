//! What the scalars with a text form share: reading fixed-width digits, and the serde implementations.

/// Reads digits, and nothing but digits, as a number.
pub(super) fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0_u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Reads `.` and one to nine digits as nanoseconds and the number of digits; nothing at all as no digits.
pub(super) fn fraction(text: &[u8]) -> Option<(u32, u8)> {
    let Some((point, fraction)) = text.split_first() else {
        return Some((0, 0));
    };
    let count = u8::try_from(fraction.len())
        .ok()
        .filter(|count| (1..=9).contains(count))?;
    if *point != b'.' {
        return None;
    }
    Some((digits(fraction)? * 10_u32.pow(9 - u32::from(count)), count))
}

/// The number of digits that a new value's fraction needs, to the 100 nanoseconds that the service keeps.
pub(super) fn needed_digits(nanoseconds: u32) -> u8 {
    (0..7)
        .find(|count| nanoseconds.is_multiple_of(10_u32.pow(9 - u32::from(*count))))
        .unwrap_or(7)
}

/// A short text in the making; `fmt` would take several times as long, and a page has thousands of dates.
pub(super) struct Text {
    bytes: [u8; 40],
    len: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 40], len: 0 }
    }

    /// Adds an ASCII character.
    pub(super) const fn push(&mut self, character: u8) {
        self.bytes[self.len] = character;
        self.len += 1;
    }

    /// Adds a number with so many digits, the lowest ones.
    pub(super) fn push_number(&mut self, mut number: u32, digits: u8) {
        let end = self.len + usize::from(digits);
        for digit in self.bytes[self.len..end].iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.len = end;
    }

    /// Adds `.` and so many digits; nothing when that is zero.
    pub(super) fn push_fraction(&mut self, nanoseconds: u32, digits: u8) {
        if digits > 0 {
            self.push(b'.');
            self.push_number(nanoseconds / 10_u32.pow(9 - u32::from(digits)), digits);
        }
    }

    pub(super) fn as_str(&self) -> &str {
        // ASCII is UTF-8.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

/// Display, Debug, Serialize and Deserialize of a type with `text() -> Text` and `FromStr`.
macro_rules! through_text {
    ($type:ty) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.text().as_str())
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.text().as_str())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text().as_str())
            }
        }

        crate::odata::scalars::text::from_text!($type);
    };
}

/// Deserialize through `FromStr`.
macro_rules! from_text {
    ($type:ty) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(<$type>::FORM)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

pub(super) use {from_text, through_text};

#[cfg(test)]
mod tests {
    use super::{fraction, needed_digits};

    #[test]
    fn fractions_keep_their_number_of_digits() {
        assert_eq!(fraction(b""), Some((0, 0)));
        assert_eq!(fraction(b".5"), Some((500_000_000, 1)));
        assert_eq!(fraction(b".1234567"), Some((123_456_700, 7)));
        for bad in [&b"."[..], b".1234567890", b"5", b".-1", b".1a"] {
            assert_eq!(fraction(bad), None);
        }
    }

    #[test]
    fn new_values_have_as_few_digits_as_needed_and_at_most_seven() {
        for (nanoseconds, digits) in [(0, 0), (500_000_000, 1), (120_000_000, 2), (100, 7), (1, 7)] {
            assert_eq!(needed_digits(nanoseconds), digits, "{nanoseconds}");
        }
    }
}
