//! `Edm.Guid`.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::ParseError;
use super::text::{self, Text};

/// A 128-bit identifier (`Edm.Guid`).
///
/// Keeps the case of each letter and whether it was spelled with hyphens. Comparison and hashing are by value.
///
/// ```
/// use msgraph_core::odata::Guid;
///
/// let id: Guid = "62E90394-69F5-4237-9190-012177145e10".parse()?;
/// assert_eq!(id.to_string(), "62E90394-69F5-4237-9190-012177145e10");
/// assert_eq!(id, "62e90394-69f5-4237-9190-012177145e10".parse()?);
/// assert_eq!(id.as_bytes()[0], 0x62);
/// # Ok::<(), msgraph_core::odata::ParseError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Guid {
    bytes: [u8; 16],
    // Bit n: the nth hexadecimal digit is an upper-case letter.
    upper: u32,
    hyphens: bool,
}

impl Guid {
    pub(super) const FORM: &'static str = "a GUID such as 62e90394-69f5-4237-9190-012177145e10";

    /// The identifier of 16 bytes, in the order in which they are written.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self {
            bytes,
            upper: 0,
            hyphens: true,
        }
    }

    /// The 16 bytes, in the order in which they are written.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    fn text(self) -> Text {
        let mut text = Text::new();
        for (i, byte) in self.bytes.iter().enumerate() {
            if self.hyphens && is_group_start(i) {
                text.push(b'-');
            }
            for (nibble, value) in [byte >> 4, byte & 0xF].into_iter().enumerate() {
                let is_upper = self.upper >> (2 * i + nibble) & 1 == 1;
                let digits = if is_upper {
                    b"0123456789ABCDEF"
                } else {
                    b"0123456789abcdef"
                };
                text.push(digits[usize::from(value)]);
            }
        }
        text
    }
}

/// Whether a hyphen comes before the nth byte.
const fn is_group_start(byte: usize) -> bool {
    matches!(byte, 4 | 6 | 8 | 10)
}

fn parse(text: &[u8]) -> Option<Guid> {
    let hyphens = match text.len() {
        36 => true,
        32 => false,
        _ => return None,
    };
    let mut guid = Guid {
        bytes: [0; 16],
        upper: 0,
        hyphens,
    };
    let mut rest = text;
    for (i, byte) in guid.bytes.iter_mut().enumerate() {
        if hyphens && is_group_start(i) {
            rest = rest.strip_prefix(b"-")?;
        }
        let (digits, after) = rest.split_first_chunk::<2>()?;
        for (nibble, digit) in digits.iter().enumerate() {
            let (value, is_upper) = match digit {
                b'0'..=b'9' => (digit - b'0', false),
                b'a'..=b'f' => (digit - b'a' + 10, false),
                b'A'..=b'F' => (digit - b'A' + 10, true),
                _ => return None,
            };
            *byte = *byte << 4 | value;
            guid.upper |= u32::from(is_upper) << (2 * i + nibble);
        }
        rest = after;
    }
    Some(guid)
}

impl FromStr for Guid {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text.as_bytes()).ok_or(ParseError::new(Self::FORM))
    }
}

text::through_text!(Guid);

impl PartialEq for Guid {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Guid {}

impl Hash for Guid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl Ord for Guid {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl PartialOrd for Guid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Guid;

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "62e90394-69f5-4237-9190-012177145e1",
            "{62e90394-69f5-4237-9190-012177145e10}",
            "62e9039469f5-4237-9190-012177145e10-",
            "62e90394-69f5-4237-9190-012177145eg0",
            "62e90394 69f5-4237-9190-012177145e10",
        ] {
            assert!(text.parse::<Guid>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn case_and_hyphens_are_kept(
            text in "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}"
        ) {
            let guid: Guid = text.parse()?;
            prop_assert_eq!(guid.to_string(), text);
            prop_assert_eq!(guid, Guid::from_bytes(*guid.as_bytes()));
        }
    }
}
