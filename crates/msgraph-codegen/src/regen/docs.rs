//! Documentation of generated items, put together from facts.

use proc_macro2::TokenStream;
use quote::quote;

use super::ir::{Api, CLOUDS, Clouds, Enumeration, Kind, Operation, Property, Rule, Scheme, Structure};

/// Lines as `///` comments.
pub(crate) fn comment(lines: &[String]) -> TokenStream {
    lines
        .iter()
        .map(|line| {
            let line = if line.is_empty() {
                String::new()
            } else {
                format!(" {line}")
            };
            quote! { #[doc = #line] }
        })
        .collect()
}

/// A type: what it is, what it derives from, where it exists, what can be expanded.
pub(crate) fn structure(api: &Api, full: &str, structure: &Structure) -> Vec<String> {
    let article = match (structure.is_abstract, structure.kind) {
        (true, Kind::Entity) => "an abstract entity type",
        (true, _) => "an abstract complex type",
        (false, Kind::Entity) => "an entity type",
        (false, _) => "a complex type",
    };
    let base = structure
        .base
        .as_ref()
        .map(|base| format!(", derived from `{base}`"))
        .unwrap_or_default();
    let mut lines = vec![format!("`{full}`: {article}{base}.")];
    if structure.is_open {
        lines.push("Open: it may carry members that no schema declares; they are in `extra`.".to_owned());
    }
    lines.extend(offered(structure.clouds));
    let mut relations: Vec<_> = structure.relations.iter().collect();
    for ancestor in api.ancestors(full) {
        relations.extend(api.structures.get(ancestor).into_iter().flat_map(|s| &s.relations));
    }
    if !relations.is_empty() {
        let names: Vec<_> = relations.iter().map(|name| format!("`{name}`")).collect();
        lines.push(format!("Relations, present when expanded: {}.", names.join(", ")));
    }
    paragraphs(lines)
}

/// The parameters of an action.
pub(crate) fn parameters(bound: &str, action: &str, is_collection: bool) -> Vec<String> {
    let of = if is_collection { "a collection of " } else { "" };
    vec![format!("Parameters of the action `{action}` of {of}`{bound}`.")]
}

/// A field: its name on the wire, and what limits it.
pub(crate) fn field(wire: &str, property: &Property, required: bool) -> Vec<String> {
    let mut line = format!("`{wire}`");
    if required {
        line.push_str(", required");
    }
    if property.read_only {
        line.push_str(", read-only");
    }
    for rule in &property.rules {
        line.push_str(&match rule {
            Rule::StartsWith(prefix) => format!(", starts with `{prefix}`"),
            Rule::MaxLength(most) => format!(", at most {most} characters"),
            Rule::NotEmpty => ", not empty".to_owned(),
            Rule::FutureWithinYears(years) => format!(", in the future, at most {years} years ahead"),
        });
    }
    line.push('.');
    let mut lines = vec![line];
    lines.extend(offered(property.clouds));
    vec![lines.join(" ")]
}

/// An enumeration.
pub(crate) fn enumeration(full: &str, enumeration: &Enumeration) -> Vec<String> {
    let kind = if enumeration.is_flags {
        "an enumeration of flags"
    } else {
        "an enumeration"
    };
    let mut lines = vec![format!("`{full}`: {kind}.")];
    lines.extend(offered(enumeration.clouds));
    paragraphs(lines)
}

/// An operation: its template, where it exists, who may call it, where it is documented.
pub(crate) fn operation(operation: &Operation) -> Vec<String> {
    let mut lines = vec![format!("`{} {}`", operation.method.as_str(), operation.path)];
    let mut facts: Vec<String> = offered(operation.clouds).into_iter().collect();
    let permissions = &operation.permissions;
    let schemes = [
        ("application", &permissions.application),
        ("work account", &permissions.delegated_work),
        ("personal account", &permissions.delegated_personal),
    ];
    let mut least: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, scheme) in schemes {
        let Some(permission) = self::least(scheme) else {
            continue;
        };
        match least.iter_mut().find(|(other, _)| *other == permission) {
            Some((_, names)) => names.push(name),
            None => least.push((permission, vec![name])),
        }
    }
    if !least.is_empty() {
        let least = least
            .iter()
            .map(|(permission, names)| format!("{permission} ({})", names.join(", ")));
        facts.push(format!("Least privilege: {}.", least.collect::<Vec<_>>().join("; ")));
    }
    if !facts.is_empty() {
        lines.push(facts.join(" "));
    }
    if let Some(slug) = &operation.documentation {
        lines.push(format!("[Documentation](https://learn.microsoft.com/graph/api/{slug})"));
    }
    paragraphs(lines)
}

fn least(scheme: &Scheme) -> Option<String> {
    let names = if scheme.least.is_empty() {
        &scheme.higher
    } else {
        &scheme.least
    };
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

/// Where something exists, when that is not everywhere.
fn offered(clouds: Clouds) -> Option<String> {
    let missing = CLOUDS.len() - clouds.names().count();
    match missing {
        0 => None,
        1..=3 => {
            let names: Vec<_> = Clouds(Clouds::ALL.0 & !clouds.0).names().collect();
            Some(format!("In all clouds but {}.", names.join(", ")))
        }
        _ => Some(format!("Clouds: {}.", clouds.names().collect::<Vec<_>>().join(", "))),
    }
}

fn paragraphs(lines: Vec<String>) -> Vec<String> {
    let mut spaced = Vec::with_capacity(lines.len() * 2);
    for line in lines {
        if !spaced.is_empty() {
            spaced.push(String::new());
        }
        spaced.push(line);
    }
    spaced
}
