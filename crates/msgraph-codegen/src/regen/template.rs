//! Path templates in their parts.

use std::collections::{BTreeMap, BTreeSet};

use super::ir::Placeholder;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Segment {
    /// `messages`
    Name(String),
    /// `{message-id}`
    Key { placeholder: String },
    /// `(appId='{appId}')` behind a name
    AlternateKey { key: String, placeholder: String },
    /// `graph.user`
    Cast(String),
    /// `range(address='{address}')`
    Function { name: String, arguments: Vec<Argument> },
    /// `:/{item-path}:`
    ItemPath { placeholder: String },
    /// `$ref`
    Reference,
    /// `$count`
    Count,
    /// `$value`
    Value,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) placeholder: String,
}

/// The names that some path uses without parentheses, by the path before them.
///
/// `applications(appId='{appId}')` has an alternate key because `applications` is a resource too, while
/// `range(address='{address}')` is a function because nothing is at `range`. The spelling alone does not tell.
#[derive(Debug, Default)]
pub(crate) struct Resources(BTreeSet<String>);

impl Resources {
    pub(crate) fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut resources = BTreeSet::new();
        for path in paths {
            let mut prefix = String::new();
            for part in parts(path) {
                prefix.push('/');
                prefix.push_str(if part.starts_with('{') { "{}" } else { part });
                if !part.contains(['(', '{', ':']) {
                    resources.insert(prefix.clone());
                }
            }
        }
        Self(resources)
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

/// Splits a template, or says what in it has no meaning.
pub(crate) fn parse(
    path: &str,
    placeholders: &BTreeMap<String, Placeholder>,
    resources: &Resources,
) -> Result<Vec<Segment>, String> {
    if !path.starts_with('/') {
        return Err("does not start with a slash".to_owned());
    }
    let mut segments = Vec::new();
    let mut prefix = String::new();
    let mut in_item_path = false;
    for part in parts(path) {
        prefix.push('/');
        prefix.push_str(if part.starts_with('{') { "{}" } else { part });
        let (part, colon) = part.strip_suffix(':').map_or((part, false), |part| (part, true));
        if in_item_path {
            let placeholder = placeholder(part)?.to_owned();
            segments.push(Segment::ItemPath { placeholder });
            in_item_path = false;
            continue;
        }
        in_item_path = colon;
        match part {
            "" => return Err("has an empty segment".to_owned()),
            "$ref" => segments.push(Segment::Reference),
            "$count" => segments.push(Segment::Count),
            "$value" => segments.push(Segment::Value),
            key if key.starts_with('{') => {
                segments.push(Segment::Key {
                    placeholder: placeholder(key)?.to_owned(),
                });
            }
            call if call.contains('(') => {
                let (name, arguments) = call_parts(call)?;
                let plain = prefix.rsplit_once('/').map_or("", |(before, _)| before);
                let is_key = |argument: &Argument| placeholders.get(&argument.placeholder).is_some_and(|p| p.is_key);
                match arguments.as_slice() {
                    [one] if is_key(one) || resources.0.contains(&format!("{plain}/{name}")) => {
                        segments.push(Segment::Name(name.to_owned()));
                        let Argument { name: key, placeholder } = one.clone();
                        segments.push(Segment::AlternateKey { key, placeholder });
                    }
                    _ => segments.push(Segment::Function {
                        name: name.to_owned(),
                        arguments,
                    }),
                }
            }
            cast if cast.contains('.') => segments.push(Segment::Cast(cast.to_owned())),
            name if name.contains([')', '}', '$']) => return Err(format!("has the segment `{name}`")),
            name => segments.push(Segment::Name(name.to_owned())),
        }
    }
    if in_item_path {
        return Err("ends in a colon".to_owned());
    }
    Ok(segments)
}

fn placeholder(part: &str) -> Result<&str, String> {
    part.strip_prefix('{')
        .and_then(|part| part.strip_suffix('}'))
        .filter(|name| !name.is_empty() && !name.contains(['{', '}']))
        .ok_or_else(|| format!("has `{part}` where a placeholder like `{{id}}` belongs"))
}

fn call_parts(call: &str) -> Result<(&str, Vec<Argument>), String> {
    let malformed = || format!("has the segment `{call}`; a call looks like `name(a='{{a}}',b={{b}})`");
    let (name, rest) = call.split_once('(').ok_or_else(malformed)?;
    let inner = rest.strip_suffix(')').ok_or_else(malformed)?;
    if name.is_empty() {
        return Err(malformed());
    }
    let mut arguments = Vec::new();
    for pair in inner.split(',').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(malformed)?;
        // Microsoft marks string arguments that may be null by an "@" alias; the placeholder is the same.
        let placeholder = placeholder(value.trim_matches('\''))?.trim_start_matches('@');
        arguments.push(Argument {
            name: name.to_owned(),
            placeholder: placeholder.to_owned(),
        });
    }
    Ok((name, arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let all = [path, "/applications", "/users/{user-id}/messages"];
        let segments = parse(path, &BTreeMap::new(), &Resources::of(all));
        let got = match segments {
            Ok(segments) => segments.iter().map(describe).collect::<Vec<_>>().join(" "),
            Err(reason) => reason,
        };
        assert_eq!(got, expected, "{path}");
    }

    fn describe(segment: &Segment) -> String {
        match segment {
            Segment::Name(name) => name.clone(),
            Segment::Key { placeholder } => format!("<{placeholder}>"),
            Segment::AlternateKey { key, placeholder } => format!("<{key}={placeholder}>"),
            Segment::Cast(name) => format!("as:{name}"),
            Segment::Function { name, arguments } => {
                let names: Vec<_> = arguments.iter().map(|a| a.name.as_str()).collect();
                format!("{name}({})", names.join(","))
            }
            Segment::ItemPath { .. } => "<path>".to_owned(),
            Segment::Reference => "ref".to_owned(),
            Segment::Count => "count".to_owned(),
            Segment::Value => "value".to_owned(),
        }
    }

    #[test]
    fn every_kind_of_segment_is_told_apart() {
        check(
            "/users/{user-id}/messages/{message-id}",
            "users <user-id> messages <message-id>",
        );
        check(
            "/applications(appId='{appId}')/owners/$ref",
            "applications <appId=appId> owners ref",
        );
        check(
            "/users/{user-id}/drive/root:/{item-path}:/content",
            "users <user-id> drive root <path> content",
        );
        check(
            "/drives/{drive-id}/items/{item-id}:/{item-path}",
            "drives <drive-id> items <item-id> <path>",
        );
        check(
            "/groups/{group-id}/members/graph.user/$count",
            "groups <group-id> members as:graph.user count",
        );
        check("/a/range(address='{address}')/clear", "a range(address) clear");
        check("/a/cell(row={row},column={column})", "a cell(row,column)");
        check("/a/delta()", "a delta()");
        check("/photo/$value", "photo value");
    }

    #[test]
    fn malformed_templates_say_what_is_wrong() {
        check("users", "does not start with a slash");
        check("/users//a", "has an empty segment");
        check(
            "/teams/(team-id)",
            "has the segment `(team-id)`; a call looks like `name(a='{a}',b={b})`",
        );
        check(
            "/a/f(x)",
            "has the segment `f(x)`; a call looks like `name(a='{a}',b={b})`",
        );
        check("/a/{", "has `{` where a placeholder like `{id}` belongs");
        check("/a/root:", "ends in a colon");
    }
}
