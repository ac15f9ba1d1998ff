//! The committed list of what is left out.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use super::read as read_json;
use crate::json::Json;

/// Things left out for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) what: &'static str,
    pub(crate) reason: String,
    pub(crate) count: usize,
    /// What exactly, unless the reason says it all.
    pub(crate) rows: Vec<String>,
}

impl Skipped {
    pub(crate) fn json(&self) -> Json {
        let json = Json::object([
            ("what", Json::from(self.what)),
            ("reason", Json::from(self.reason.as_str())),
            ("count", Json::from(i64::try_from(self.count).unwrap_or(i64::MAX))),
        ]);
        if self.rows.is_empty() {
            json
        } else {
            json.with("rows", Json::list(self.rows.clone()))
        }
    }
}

/// `skipped.json`; what is only respelled is not left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    permissions: Vec<Rows>,
    documentation: Vec<Documented>,
    types: Vec<Type>,
    types_of_other_clouds_only: Vec<Named>,
    members_of_other_clouds_only: Vec<Named>,
}

#[derive(Deserialize)]
struct Rows {
    reason: String,
    count: usize,
    #[serde(default)]
    rows: Vec<String>,
}

#[derive(Deserialize)]
struct Documented {
    operation: String,
    reason: String,
}

#[derive(Deserialize)]
struct Type {
    name: String,
    reason: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

pub(crate) fn read(path: &Path) -> Result<Vec<Skipped>> {
    let document: Document = read_json(path)?;
    let mut skipped = Vec::new();
    skipped.extend(document.permissions.into_iter().map(|rows| Skipped {
        what: "rows of the permissions file",
        reason: rows.reason,
        count: rows.count,
        rows: rows.rows,
    }));
    skipped.extend(document.documentation.into_iter().map(|row| Skipped {
        what: "operations",
        reason: row.reason,
        count: 1,
        rows: vec![row.operation],
    }));
    skipped.extend(document.types.into_iter().map(|ty| Skipped {
        what: "types",
        reason: ty.reason,
        count: 1,
        rows: vec![ty.name],
    }));
    let elsewhere = |what, named: Vec<Named>| Skipped {
        what,
        reason: "the global cloud does not have them".to_owned(),
        count: named.len(),
        rows: named.into_iter().map(|named| named.name).collect(),
    };
    skipped.push(elsewhere("types", document.types_of_other_clouds_only));
    skipped.push(elsewhere("members", document.members_of_other_clouds_only));
    skipped.retain(|skipped| skipped.count > 0);
    Ok(skipped)
}
