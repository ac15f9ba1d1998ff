//! Everything that is left out, each with its reason.

use std::collections::BTreeMap;

use super::cloud::{CloudModel, Clouds, Exclusion};
use super::csdl::Type;
use super::outcome::{Method, Reason, Unresolved};
use super::repairs::Repairs;
use super::select::Selection;
use crate::json::Json;

/// The document of what is left out.
pub(crate) fn document(
    selection: &Selection,
    exclusions: &[&Exclusion],
    repairs: &Repairs,
    clouds: &[CloudModel],
) -> Json {
    let untyped = repairs
        .untyped()
        .map(|(name, reason)| Json::object([("name", Json::from(name)), ("reason", Json::from(reason))]));
    let respelt = selection.respelt.iter().map(|((path, method), (meant, by))| {
        Json::object([
            ("row", Json::from(row(*method, path))),
            ("means", Json::from(row(*by, meant))),
        ])
    });
    let exclusions = exclusions.iter().map(|exclusion| {
        let row = row(exclusion.method, &exclusion.path);
        Json::object([("operation", Json::from(row)), ("clouds", exclusion.clouds.json())])
    });
    let (types, members) = elsewhere(clouds);
    Json::object([
        ("permissions", summary(&selection.unresolved)),
        ("documentation", rows(&selection.unknown)),
        ("respelled", Json::List(respelt.collect())),
        ("types", Json::List(untyped.collect())),
        ("exclusionsOfNothing", Json::List(exclusions.collect())),
        ("typesOfOtherCloudsOnly", types),
        ("membersOfOtherCloudsOnly", members),
    ])
}

fn row(method: Method, path: &str) -> String {
    format!("{} {path}", method.name())
}

/// How many rows are left out for each reason; the rows as well where they are not simply those of beta.
fn summary(unresolved: &[(Method, String, Unresolved)]) -> Json {
    let mut reasons: BTreeMap<Reason, Vec<&(Method, String, Unresolved)>> = BTreeMap::new();
    for row in unresolved {
        reasons.entry(row.2.reason).or_default().push(row);
    }
    Json::List(
        reasons
            .iter()
            .map(|(reason, group)| {
                let count = i64::try_from(group.len()).unwrap_or(i64::MAX);
                let json = Json::object([("reason", Json::from(reason.to_string())), ("count", Json::from(count))]);
                if reason.is_beta() {
                    json
                } else {
                    json.with("rows", rows_of(group.iter().copied()))
                }
            })
            .collect(),
    )
}

fn rows_of<'a>(rows: impl Iterator<Item = &'a (Method, String, Unresolved)>) -> Json {
    Json::List(rows.map(|(method, path, _)| Json::from(row(*method, path))).collect())
}

fn rows(unresolved: &[(Method, String, Unresolved)]) -> Json {
    let json = |(method, path, unresolved): &(Method, String, Unresolved)| {
        Json::object([
            ("operation", Json::from(row(*method, path))),
            ("reason", Json::from(unresolved.reason.to_string())),
        ])
    };
    Json::List(unresolved.iter().map(json).collect())
}

/// The types and members that only other clouds have.
fn elsewhere(clouds: &[CloudModel]) -> (Json, Json) {
    let Some((global, others)) = clouds.split_first() else {
        return (Json::list([""; 0]), Json::list([""; 0]));
    };
    let mut types: BTreeMap<String, Clouds> = BTreeMap::new();
    let mut members: BTreeMap<String, Clouds> = BTreeMap::new();
    for cloud in others {
        for ty in cloud.model.types.values() {
            let add = |found: &mut BTreeMap<String, Clouds>, name: String| {
                let known = found.entry(name).or_default();
                *known = known.union(cloud.clouds);
            };
            match (global.model.types.get(ty.name()), ty) {
                (None, _) => add(&mut types, ty.name().to_owned()),
                (Some(Type::Struct(known)), Type::Struct(ty)) => {
                    let is_missing = |name: &str| global.model.member(known, name).is_none_or(|(_, m)| m.name != name);
                    for member in ty.members.iter().filter(|member| is_missing(&member.name)) {
                        add(&mut members, format!("{}/{}", ty.name, member.name));
                    }
                }
                _ => {}
            }
        }
    }
    let json = |found: BTreeMap<String, Clouds>| {
        Json::List(
            found
                .into_iter()
                .map(|(name, clouds)| Json::object([("name", Json::from(name)), ("clouds", clouds.json())]))
                .collect(),
        )
    };
    (json(types), json(members))
}
