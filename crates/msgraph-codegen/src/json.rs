//! A JSON document with its keys in the order they were given, printed for people: an object or array that fits on the
//! line is folded onto it.

use std::fmt::Write as _;

/// The width a folded line may reach.
const WIDTH: usize = 120;

/// The keys whose object always has one entry a line, so that a change to one entry changes one line.
const UNFOLDED: [&str; 3] = ["paths", "properties", "schemas"];

/// A JSON value whose objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object of `entries`, in that order.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Json)>) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// An array of `items`.
    pub fn list<T: Into<Json>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// Adds `key` to the end of an object; any other value is left alone.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        if let Self::Object(entries) = &mut self {
            entries.push((key.to_owned(), value.into()));
        }
        self
    }

    /// The document as text, ending in a line break.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = String::new();
        self.unfold(&mut out, 0, 0, false);
        out.push('\n');
        out
    }

    /// Writes the value at `indent`; `used` columns are taken in front of it and `tall` forbids one line.
    fn unfold(&self, out: &mut String, indent: usize, used: usize, tall: bool) {
        let start = out.len();
        if !tall && self.fold(out, start + WIDTH.saturating_sub(used + 1)) {
            return;
        }
        out.truncate(start);
        match self {
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    next_line(out, at, indent + 2);
                    item.unfold(out, indent + 2, indent + 2, false);
                }
                last_line(out, indent, ']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    next_line(out, at, indent + 2);
                    let line = out.len();
                    quote(out, key);
                    out.push_str(": ");
                    let used = indent + 2 + out.len() - line;
                    value.unfold(
                        out,
                        indent + 2,
                        used,
                        UNFOLDED.contains(&key.as_str()) && !value.is_empty(),
                    );
                }
                last_line(out, indent, '}');
            }
            scalar => {
                scalar.fold(out, usize::MAX);
            }
        }
    }

    /// Writes the value on one line, giving up as soon as the text is longer than `limit` bytes.
    fn fold(&self, out: &mut String, limit: usize) -> bool {
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Text(value) => quote(out, value),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    if !item.fold(out, limit) {
                        return false;
                    }
                }
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    if UNFOLDED.contains(&key.as_str()) && !value.is_empty() {
                        return false;
                    }
                    out.push_str(if at == 0 { "" } else { ", " });
                    quote(out, key);
                    out.push_str(": ");
                    if !value.fold(out, limit) {
                        return false;
                    }
                }
                out.push('}');
            }
        }
        out.len() <= limit
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Object(entries) => entries.is_empty(),
            _ => false,
        }
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

fn next_line(out: &mut String, at: usize, indent: usize) {
    out.push_str(if at == 0 { "\n" } else { ",\n" });
    out.extend(std::iter::repeat_n(' ', indent));
}

fn last_line(out: &mut String, indent: usize, close: char) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(close);
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_folded_and_properties_never_are() {
        let long: Vec<String> = (0..30).map(|n| format!("value{n}")).collect();
        let document = Json::object([
            ("short", Json::list(["a", "b"])),
            ("none", Json::object::<&str>([])),
            (
                "properties",
                Json::object([("one", Json::object([("type", Json::from("string"))]))]),
            ),
            ("long", Json::list(long.iter().map(String::as_str).take(11))),
        ]);
        let printed = document.print();
        assert!(
            printed.starts_with("{\n  \"short\": [\"a\", \"b\"],\n  \"none\": {},\n"),
            "{printed}"
        );
        assert!(
            printed.contains("  \"properties\": {\n    \"one\": {\"type\": \"string\"}\n  },\n"),
            "{printed}"
        );
        assert!(printed.lines().all(|line| line.len() <= WIDTH), "{printed}");
    }

    #[test]
    fn a_line_may_be_full_with_its_comma_and_no_longer() {
        let printed = |length: usize| {
            let inner = Json::object([("k", Json::from("x".repeat(length)))]);
            Json::object([("a", inner), ("b", Json::from(true))]).print()
        };
        // `  "a": {"k": "…"},` takes 17 columns beside the text.
        let full = printed(WIDTH - 17);
        assert_eq!(full.lines().map(str::len).max(), Some(WIDTH), "{full}");
        let unfolded = printed(WIDTH - 16);
        assert!(unfolded.starts_with("{\n  \"a\": {\n    \"k\""), "{unfolded}");
    }

    #[test]
    fn any_text_is_read_back_as_it_was() -> Result<(), serde_json::Error> {
        let text = "quote \" backslash \\ line\nbreak é \u{1}";
        let read: String = serde_json::from_str(&Json::from(text).print())?;
        assert_eq!(read, text);
        Ok(())
    }
}
