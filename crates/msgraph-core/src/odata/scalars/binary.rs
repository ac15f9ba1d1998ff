//! `Edm.Binary`.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::display::Base64Display;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{self, GeneralPurpose, GeneralPurposeConfig};

use super::{ParseError, text};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent);
const ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL_ENGINE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Bytes (`Edm.Binary`): base64 on the wire (RFC 4648, section 4).
///
/// Reads the URL-safe alphabet and text without padding too. Never prints its bytes, which are a private key in some
/// types; only their number.
///
/// ```
/// use msgraph_core::odata::Binary;
///
/// let thumbprint = Binary::from([0xfb, 0xff]);
/// assert_eq!(thumbprint.to_string(), "+/8=");
/// assert_eq!(thumbprint, "-_8".parse()?);
/// assert_eq!(format!("{thumbprint:?}"), "<2 bytes>");
/// # Ok::<(), msgraph_core::odata::ParseError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Binary(Vec<u8>);

impl Binary {
    pub(super) const FORM: &'static str = "base64 text";

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Whether this is written as the text.
    pub(in crate::odata) fn spells(&self, text: &str) -> bool {
        // Decoding was strict about everything but alphabet and padding.
        text.len() == self.0.len().div_ceil(3) * 4 && !text.bytes().any(|byte| matches!(byte, b'-' | b'_'))
    }
}

impl FromStr for Binary {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let engine = if text.bytes().any(|byte| matches!(byte, b'-' | b'_')) {
            URL_ENGINE
        } else {
            ENGINE
        };
        engine.decode(text).map(Self).map_err(|_| ParseError::new(Self::FORM))
    }
}

/// Standard base64.
impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Base64Display::new(&self.0, &general_purpose::STANDARD).fmt(f)
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

impl serde::Serialize for Binary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

text::from_text!(Binary);

impl Deref for Binary {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Binary {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Binary {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Binary {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Binary;

    #[test]
    fn both_alphabets_are_read_and_broken_text_is_refused() {
        for text in ["+/8=", "+/8", "-_8=", "-_8"] {
            assert_eq!(text.parse::<Binary>(), Ok(Binary::from([0xfb, 0xff])), "{text}");
        }
        for text in ["+_8=", "+/8==", "+/9=", "a", "a===", "ä", "YQ==\n"] {
            assert!(text.parse::<Binary>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_counts_as_spelled_exactly_when_it_is_written_back(text in "[A-Za-z+/_-]{0,9}={0,2}") {
            if let Ok(binary) = text.parse::<Binary>() {
                prop_assert_eq!(binary.spells(&text), binary.to_string() == text);
            }
        }
    }
}
