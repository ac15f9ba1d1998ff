//! Documented rules, which no published document states.

use super::super::ir::{Api, Item, Kind, Rule, Scalar, Structure};
use crate::import::{ParameterRules, Rules};

/// Marks what is secret, and what the documentation demands of parameters.
pub(crate) fn apply(rules: &Rules, api: &mut Api) {
    for (owner, property) in rules.secret_texts() {
        let property = api
            .structures
            .get_mut(owner)
            .and_then(|structure| structure.own.get_mut(property));
        if let Some(property) = property
            && property.value.item == Item::Scalar(Scalar::String)
        {
            property.value.item = Item::Scalar(Scalar::Secret);
        }
    }
    for rule in &rules.parameters {
        if let Some(structure) = api
            .structures
            .get_mut(&rule.action)
            .filter(|s| s.kind == Kind::Parameters)
        {
            demand(rule, structure);
        }
    }
}

fn demand(rule: &ParameterRules, structure: &mut Structure) {
    structure.required = rule
        .required
        .iter()
        .filter(|name| structure.own.contains_key(*name))
        .cloned()
        .collect();
    for (name, value) in &rule.values {
        let Some(property) = structure.own.get_mut(name) else {
            continue;
        };
        let number = |number: i64| usize::try_from(number).ok();
        property.rules = [
            value.starts_with.clone().map(Rule::StartsWith),
            value.min_length.filter(|least| *least == 1).map(|_| Rule::NotEmpty),
            value.max_length.and_then(number).map(Rule::MaxLength),
            value
                .future_years
                .and_then(|years| u8::try_from(years).ok())
                .map(Rule::FutureWithinYears),
        ]
        .into_iter()
        .flatten()
        .collect();
    }
}
