//! Which of the operations of one name a path means.

use super::csdl::{Operation, Parameter};
use super::outcome::{Reason, Unresolved};
use super::path::{Argument, Token};

/// The overload that takes what the path spells, and the parameters it spells.
pub(crate) fn choose<'m>(
    overloads: &[&'m Operation],
    token: &Token,
) -> Result<(&'m Operation, Vec<&'m Parameter>), Unresolved> {
    let given: Vec<&str> = match token {
        Token::Call(_, arguments) => arguments
            .iter()
            .map(|argument| match argument {
                Argument::Named(name) => *name,
                Argument::Positional => "",
            })
            .collect(),
        _ => Vec::new(),
    };
    let is_given = |parameter: &Parameter| given.iter().any(|name| name.eq_ignore_ascii_case(&parameter.name));
    let spelled = |operation: &&'m Operation| operation.parameters.iter().filter(|p| is_given(p)).count();
    let all = |operation: &'m Operation| (operation, operation.parameters.iter().collect());
    let takes_all = |operation: &&&'m Operation| spelled(operation) == given.len();
    let fewest = |operation: &&&'m Operation| operation.parameters.len();
    let Some(&best) = overloads.iter().filter(takes_all).min_by_key(fewest) else {
        return Err(Unresolved::new(Reason::NoSuchArguments, &given.join(",")));
    };
    let rest_is_optional = best
        .parameters
        .iter()
        .all(|parameter| parameter.optional || is_given(parameter));
    if !given.is_empty() && rest_is_optional {
        return Ok((
            best,
            best.parameters.iter().filter(|parameter| is_given(parameter)).collect(),
        ));
    }
    Ok(all(best))
}

/// Whether a qualifier in a path, full or shortened, means this namespace.
pub(crate) fn is_namespace(namespace: &str, qualifier: &str) -> bool {
    let without_root = namespace.strip_prefix("microsoft.").unwrap_or(namespace);
    let short = without_root.strip_prefix("graph.").unwrap_or(without_root);
    [namespace, without_root, short]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(qualifier))
}
