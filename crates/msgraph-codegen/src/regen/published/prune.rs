//! Takes away what has no meaning or no name, and what needs that.

use std::collections::BTreeMap;

use super::super::ir::{Api, Body, Item, Operation, Outcome, ValueType};
use super::super::template::Resources;
use super::super::{Problem, Problems, tree};

/// Emits `api`, taking away what cannot be emitted until the rest can be. Returns what was taken away as well.
///
/// # Errors
///
/// A problem that is about nothing that could be taken away.
pub(crate) fn until_whole<T>(
    api: &mut Api,
    emit: impl Fn(&Api) -> (T, Problems),
) -> Result<(T, Vec<Problem>), Problems> {
    let mut taken = Vec::new();
    loop {
        let dangling = dangling(api);
        let found = if dangling.is_empty() {
            let (result, found) = emit(api);
            if found.0.is_empty() {
                return Ok((result, taken));
            }
            found.0
        } else {
            dangling
        };
        let took = take_away(api, &found);
        if took.is_empty() {
            return Err(Problems(found));
        }
        taken.extend(took);
    }
}

/// Takes away what the problems are about. Returns what was there, each operation by itself.
pub(crate) fn take_away(api: &mut Api, problems: &[Problem]) -> Vec<Problem> {
    let mut taken = Vec::new();
    for problem in problems {
        if problem.place.starts_with('/') {
            let resources = Resources::of(api.operations.iter().map(|operation| operation.path.as_str()));
            let is_there = |operation: &Operation| {
                operation.path == problem.place || tree::is_below(operation, &resources, &problem.place)
            };
            let reason = format!("`{}` {}", problem.place, problem.reason);
            for operation in api.operations.iter().filter(|operation| is_there(operation)) {
                taken.push(Problem::new(&operation.document, tree::place(operation), &reason));
            }
            api.operations.retain(|operation| !is_there(operation));
        } else if take(api, &problem.place) {
            taken.push(problem.clone());
        }
    }
    taken
}

fn take(api: &mut Api, place: &str) -> bool {
    if api.structures.remove(place).is_some() || api.enumerations.remove(place).is_some() {
        return true;
    }
    if place.contains(" /") {
        let before = api.operations.len();
        api.operations.retain(|operation| tree::place(operation) != place);
        return api.operations.len() < before;
    }
    let Some((owner, member)) = place.split_once('/') else {
        return false;
    };
    if let Some(enumeration) = api.enumerations.get_mut(owner) {
        let before = enumeration.members.len();
        enumeration.members.retain(|name| name != member);
        return enumeration.members.len() < before;
    }
    // The member may be inherited.
    let owners = std::iter::once(owner).chain(api.ancestors(owner));
    let owners: Vec<String> = owners.map(str::to_owned).collect();
    owners.iter().any(|owner| {
        api.structures.get_mut(owner).is_some_and(|structure| {
            structure.required.retain(|name| name != member);
            structure.own.remove(member).is_some()
        })
    })
}

/// What refers to a type that is not there.
fn dangling(api: &Api) -> Vec<Problem> {
    let missing = |value: &ValueType| match &value.item {
        Item::Object(name) => (!api.structures.contains_key(name)).then(|| name.clone()),
        Item::Enumeration(name) => (!api.enumerations.contains_key(name)).then(|| name.clone()),
        Item::Scalar(_) => None,
    };
    let reason = |name: String| format!("needs `{name}`, which was left out");
    let mut problems = Vec::new();
    for (full, structure) in &api.structures {
        let base = structure
            .base
            .as_ref()
            .filter(|base| !api.structures.contains_key(*base));
        problems.extend(base.map(|base| Problem::new(&structure.document, full, reason(base.clone()))));
        for (wire, property) in &structure.own {
            let place = || format!("{full}/{wire}");
            problems
                .extend(missing(&property.value).map(|name| Problem::new(&structure.document, place(), reason(name))));
        }
    }
    for operation in &api.operations {
        let name = used(operation).find_map(missing).or_else(|| match &operation.body {
            Body::Parameters(name) => (!api.structures.contains_key(name)).then(|| name.clone()),
            _ => None,
        });
        problems.extend(name.map(|name| Problem::new(&operation.document, tree::place(operation), reason(name))));
    }
    problems
}

fn used(operation: &Operation) -> impl Iterator<Item = &ValueType> {
    let body = match &operation.body {
        Body::Json(value) | Body::Wrapped(value) => Some(value),
        Body::None | Body::Parameters(_) | Body::Content | Body::Reference => None,
    };
    let result = match &operation.result {
        Outcome::One(value) | Outcome::Collection(value) => Some(value),
        Outcome::Nothing | Outcome::Content | Outcome::Count | Outcome::Untyped => None,
    };
    let placeholders: &BTreeMap<_, _> = &operation.placeholders;
    placeholders
        .values()
        .map(|placeholder| &placeholder.value)
        .chain(body)
        .chain(result)
}
