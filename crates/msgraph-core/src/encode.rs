//! Percent-encoding of the parts of a URL ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986)).

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters: no value can end the place it stands in.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Also keeps `:`, which dates contain and which means nothing inside the parentheses of a function.
const ARGUMENT: &AsciiSet = &RESERVED.remove(b':');

/// Keeps what may stand in a query and ends neither an option nor, because forms read `+` as a space, a word.
const QUERY: &AsciiSet = &RESERVED
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'@')
    .remove(b'!');

/// Encodes one segment of a path.
pub(crate) fn segment(value: &str) -> impl Display + '_ {
    utf8_percent_encode(value, RESERVED)
}

/// Encodes an argument of a function that needs no quotes.
pub(crate) fn argument(value: &str) -> impl Display + '_ {
    utf8_percent_encode(value, ARGUMENT)
}

/// Encodes the name or the value of a query option.
pub(crate) fn query(value: &str) -> impl Display + '_ {
    utf8_percent_encode(value, QUERY)
}

/// Doubles the quotes of an OData string and encodes the rest.
pub(crate) fn quoted(value: &str) -> String {
    format!("'{}'", segment(&value.replace('\'', "''"))).replace("%27", "'")
}
