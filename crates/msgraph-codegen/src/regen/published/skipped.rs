//! The list of what is not in the crate.

use super::super::{Problem, Summary};
use crate::json::Json;

pub(crate) fn document(name: &str, operations: usize, summary: &Summary, skipped: &[Problem]) -> String {
    let number = |count: usize| Json::from(i64::try_from(count).unwrap_or(i64::MAX));
    let row = |problem: &Problem| {
        Json::object([
            ("what", Json::from(problem.place.as_str())),
            ("reason", Json::from(problem.reason.as_str())),
        ])
    };
    let counts = Json::object([
        ("document", number(operations)),
        ("generated", number(summary.operations)),
    ]);
    Json::object([
        ("document", Json::from(name)),
        ("operations", counts),
        ("skipped", Json::List(skipped.iter().map(row).collect())),
    ])
    .print()
}
