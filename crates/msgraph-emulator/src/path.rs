//! Graph's URL paths: segments, percent-encoding, keys in parentheses.

use percent_encoding::percent_decode_str;

use crate::error::GraphError;

/// One decoded segment of a path.
#[derive(Debug, PartialEq)]
pub(crate) struct Segment {
    /// The whole segment, decoded: the value when the segment is an id.
    pub(crate) text: String,
    /// The part before a parenthesised key.
    name_length: usize,
    /// The key in parentheses, if there is one.
    pub(crate) key: Option<Key>,
}

/// The property and value that single out one object of a collection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) property: String,
    pub(crate) value: String,
}

impl Key {
    pub(crate) fn id(value: impl Into<String>) -> Self {
        Self {
            property: "id".to_owned(),
            value: value.into(),
        }
    }
}

impl Segment {
    /// Reads one segment in its percent-encoded spelling.
    ///
    /// The decoding comes first: `%27` and `'` mean the same inside a key, and `%2F` never separates segments
    /// ([OData URL conventions §4.1](https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html)).
    pub(crate) fn parse(encoded: &str) -> Result<Self, GraphError> {
        let text = decode(encoded)
            .ok_or_else(|| GraphError::bad_request(format!("The segment '{encoded}' is not percent-encoded UTF-8.")))?;
        let (name_length, key) = match text.strip_suffix(')').and_then(|open| open.split_once('(')) {
            None => (text.len(), None),
            Some((name, arguments)) => {
                let key = parse_key(arguments).ok_or_else(|| {
                    GraphError::bad_request(format!(
                        "The key in the segment '{text}' is not of the form name='value' with quotes inside the value doubled."
                    ))
                })?;
                (name.len(), Some(key))
            }
        };
        Ok(Self { text, name_length, key })
    }

    /// Whether this is the resource `name`; Graph disregards case here.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.text[..self.name_length].eq_ignore_ascii_case(name)
    }

    /// Whether this is the resource `name` and nothing in parentheses follows.
    pub(crate) fn is_plain(&self, name: &str) -> bool {
        self.key.is_none() && self.is(name)
    }
}

fn decode(encoded: &str) -> Option<String> {
    let bytes = encoded.as_bytes();
    let sound = bytes.iter().enumerate().all(|(at, byte)| {
        *byte != b'%'
            || bytes
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    sound
        .then(|| percent_decode_str(encoded).decode_utf8().ok().map(String::from))
        .flatten()
}

fn parse_key(arguments: &str) -> Option<Key> {
    let (property, literal) = match arguments.split_once('=') {
        Some((name, literal)) if !name.contains('\'') => (name, literal),
        _ => ("id", arguments),
    };
    Some(Key {
        property: property.to_owned(),
        value: parse_string_literal(literal)?,
    })
}

/// Reads `'…'`, in which `''` stands for one quote.
pub(crate) fn parse_string_literal(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let parts: Vec<&str> = inner.split("''").collect();
    parts.iter().all(|part| !part.contains('\'')).then(|| parts.join("'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_before_keys_are_read() {
        let key = |property: &str, value: &str| {
            Some(Key {
                property: property.into(),
                value: value.into(),
            })
        };
        let cases = [
            ("applications", "applications", None),
            ("applications(appId='a')", "applications", key("appId", "a")),
            ("applications%28appId%3D%27a%27%29", "applications", key("appId", "a")),
            ("users('o%27%27hara')", "users", key("id", "o'hara")),
            ("users('a=b')", "users", key("id", "a=b")),
            ("sites(path='%2Fa%20b')", "sites", key("path", "/a b")),
        ];
        for (encoded, name, key) in cases {
            let segment = Segment::parse(encoded).unwrap();
            assert!(segment.is(name), "{encoded}");
            assert_eq!(segment.key, key, "{encoded}");
        }
    }

    #[test]
    fn malformed_segments_are_refused() {
        for encoded in ["a%2", "a%zz", "%ff", "users('o'hara')", "users(appId=a)", "users()"] {
            assert!(Segment::parse(encoded).is_err(), "{encoded}");
        }
    }
}
