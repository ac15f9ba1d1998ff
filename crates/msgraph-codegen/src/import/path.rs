//! Paths as Microsoft's files write them, cut into tokens.

use super::outcome::{Reason, Unresolved};

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// `users`, `graph.group`, `$ref`
    Name(&'a str),
    /// `delta()`, `range(address='{address}')`, `applications(appId='{appId}')`
    Call(&'a str, Vec<Argument<'a>>),
    /// `{user-id}`; only its presence counts, except where it stands for the name of a property.
    Key(&'a str),
    /// `:/{item-path}:` behind a drive item
    ItemPath,
}

/// One argument in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument<'a> {
    /// `period='{period}'`, of which only the name counts
    Named(&'a str),
    /// `{id}`
    Positional,
}

/// Cuts a path into tokens.
pub(crate) fn tokens(path: &str) -> Result<Vec<Token<'_>>, Unresolved> {
    let malformed = |what: &str| Unresolved::new(Reason::Malformed, what);
    if path.contains('?') {
        return Err(malformed("it has a query"));
    }
    let path = path
        .strip_prefix('/')
        .ok_or_else(|| malformed("it does not begin with a slash"))?;
    let mut tokens = Vec::new();
    let mut segments = path.trim_end_matches('/').split('/');
    while let Some(segment) = segments.next() {
        let (segment, addressed) = segment
            .strip_suffix(':')
            .map_or((segment, false), |start| (start, true));
        tokens.push(token(segment).ok_or_else(|| malformed(segment))?);
        if addressed {
            let item = segments.next().ok_or_else(|| malformed("no path behind the colon"))?;
            match token(item.trim_end_matches(':')) {
                Some(Token::Key(_)) => tokens.push(Token::ItemPath),
                _ => return Err(malformed(item)),
            }
        }
    }
    Ok(tokens)
}

fn token(segment: &str) -> Option<Token<'_>> {
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.$".contains(&byte))
    };
    if let Some(key) = segment.strip_prefix('{') {
        return key.strip_suffix('}').filter(|key| is_name(key)).map(Token::Key);
    }
    let Some((name, arguments)) = segment.split_once('(') else {
        return is_name(segment).then_some(Token::Name(segment));
    };
    let arguments = arguments.strip_suffix(')').filter(|_| is_name(name))?;
    let arguments = arguments
        .split(',')
        .filter(|argument| !argument.is_empty())
        .map(argument)
        .collect::<Option<_>>()?;
    Some(Token::Call(name, arguments))
}

fn argument(text: &str) -> Option<Argument<'_>> {
    match text.split_once('=') {
        Some((name, _)) => Some(Argument::Named(name.trim())),
        None => text.starts_with('{').then_some(Argument::Positional),
    }
}
