//! Text that must not be seen.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A password, key or token: cannot be printed, and is wiped from memory on drop.
///
/// Serialising writes the text, because that is what it is for. A clone is wiped on its own drop.
///
/// ```
/// use msgraph_core::odata::Secret;
///
/// let password = Secret::from("correct horse");
/// assert_eq!(format!("{password:?}"), "<redacted>");
/// assert_eq!(password.expose(), "correct horse");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::odata::redact::REDACTED)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Secret;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of a secret")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
                Ok(text.into())
            }
            fn visit_string<E: Error>(self, text: String) -> Result<Secret, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_string(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_written_but_not_printed() -> Result<(), serde_json::Error> {
        let secret: Secret = serde_json::from_str(r#""a\nb""#)?;
        assert_eq!(secret.expose(), "a\nb");
        assert_eq!(serde_json::to_string(&secret)?, r#""a\nb""#);
        assert_eq!(format!("{secret:?} {:?}", secret.clone()), "<redacted> <redacted>");
        Ok(())
    }

    #[test]
    fn an_error_does_not_repeat_what_was_read() {
        let error = serde_json::from_str::<Secret>("12345").map_err(|e| e.to_string());
        assert!(error.is_err_and(|e| e.contains("the text of a secret")));
    }
}
