//! Reads YAML, of which JSON is a part.

use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, budget, options};

/// The value that a text stands for, or why it stands for none.
///
/// Microsoft's largest document has millions of nodes, so their number is not limited; how deep they go is.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    // The JSON parser is faster, and its messages are about JSON.
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    let options = options! {
        budget: budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        // Only `true` and `false` are: `on`, `off`, `yes` and `no` are names of members.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_that_older_yaml_reads_as_something_else_stay_text() {
        let text = "off: on\n'200': [no, 'true', true, INF, -INF, NaN, '12', 12, ~, 0x]\n2XX: { }\n";
        let expected = json!({
            "off": "on",
            "200": ["no", "true", true, "INF", "-INF", "NaN", "12", 12, null, "0x"],
            "2XX": {},
        });
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn json_and_yaml_of_the_same_document_are_the_same() {
        let yaml = "paths:\n  '/a(b=''{b}'')':\n    get: { }\n";
        assert_eq!(parse(yaml), parse(r#"{"paths": {"/a(b='{b}')": {"get": {}}}}"#));
    }

    #[test]
    fn a_broken_text_says_where() {
        assert!(parse("a:\n  b: [\n").unwrap_err().contains("line"));
        assert!(parse("{\"a\": ").unwrap_err().contains("line 1"));
        assert!(parse("a: 1\na: 2\n").unwrap_err().contains("duplicate"));
    }
}
