//! How much the metadata has, so that coverage can be told without it.

use std::collections::BTreeSet;

use super::csdl::{Model, Type};
use super::select::Selection;
use crate::json::Json;

/// What a schema declares, before any repair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    types: usize,
    enums: usize,
    members: usize,
}

impl Declared {
    pub(crate) fn by(model: &Model) -> Self {
        let mut declared = Self::default();
        for ty in model.types.values() {
            match ty {
                Type::Struct(ty) => {
                    declared.types += 1;
                    declared.members += ty.members.len();
                }
                Type::Enum(_) => declared.enums += 1,
            }
        }
        declared
    }
}

/// The document of the counts. Operations are those that v1.0 has the place for, whether they can be called there or not.
pub(crate) fn document(declared: &Declared, selection: &Selection) -> Json {
    let rows = selection.unresolved.iter().chain(&selection.unknown);
    let left_out: BTreeSet<_> = rows
        .filter(|(_, _, unresolved)| unresolved.reason.is_about_v1())
        .map(|(method, path, _)| (path, *method))
        .collect();
    let counts = [
        ("operations", selection.len() + left_out.len()),
        ("types", declared.types),
        ("enums", declared.enums),
        ("members", declared.members),
    ];
    Json::object(counts.map(|(what, count)| (what, Json::from(i64::try_from(count).unwrap_or(i64::MAX)))))
}
