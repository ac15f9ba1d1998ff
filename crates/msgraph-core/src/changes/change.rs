//! One change.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::odata::Value;

/// What [`Changes`](crate::Changes) reports.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change<T> {
    /// An item is new or has changed. A changed item may have only its key and what has changed.
    Changed(T),
    /// An item is no longer there.
    Removed(Removal<T>),
    /// The service has lost track: what was reported before is void, and everything is reported again.
    Restarted(Restart),
}

/// An item that is no longer there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Removal<T> {
    /// The identifier of the item; empty when the service gave none.
    pub id: String,
    /// Why the item is no longer there.
    pub reason: RemovalReason,
    /// What else the service said about the item, most often nothing but its identifier.
    pub item: T,
}

/// Why an item is no longer there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RemovalReason {
    /// It was deleted but can be restored, or does not meet the conditions of the request any more.
    Changed,
    /// It was deleted for good. Items of OneDrive and SharePoint, which have the facet `deleted`, give no other reason.
    Deleted,
    /// Something that this library does not know.
    Other(String),
}

/// Why everything is reported again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restart {
    /// The code of the service, for example `resyncRequired`; empty when it gave none.
    ///
    /// OneDrive distinguishes `resyncChangesApplyDifferences`, for which local items that are not reported again must go, from
    /// `resyncChangesUploadDifferences`, for which they must be kept and uploaded.
    pub code: String,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let item = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
        Ok(match removal(text.get()) {
            None => Self::Changed(item),
            Some((id, reason)) => Self::Removed(Removal { id, reason, item }),
        })
    }
}

/// The identifier and the reason when the item is no longer there. Few are, so that most are not read twice.
fn removal(text: &str) -> Option<(String, RemovalReason)> {
    if !text.contains("\"@removed\"") && !text.contains("\"deleted\"") {
        return None;
    }
    let item: Value = serde_json::from_str(text).ok()?;
    let reason = match (item.get("@removed"), item.get("deleted")) {
        (Some(removed), _) => match removed.get("reason").and_then(Value::as_str) {
            Some("changed") => RemovalReason::Changed,
            Some("deleted") => RemovalReason::Deleted,
            other => RemovalReason::Other(other.unwrap_or_default().to_owned()),
        },
        (None, Some(Value::Object(_))) => RemovalReason::Deleted,
        _ => return None,
    };
    let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
    Some((id.to_owned(), reason))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn removal_is_known_by_the_item_itself() {
        for (item, expected) in [
            (json!({"id": "1"}), None),
            (
                json!({"id": "1", "@removed": {"reason": "changed"}}),
                Some(RemovalReason::Changed),
            ),
            (
                json!({"id": "1", "@removed": {"reason": "deleted"}}),
                Some(RemovalReason::Deleted),
            ),
            (
                json!({"id": "1", "@removed": {"reason": "moved"}}),
                Some(RemovalReason::Other("moved".to_owned())),
            ),
            (
                json!({"id": "1", "@removed": {}}),
                Some(RemovalReason::Other(String::new())),
            ),
            (
                json!({"id": "1", "deleted": {"state": "deleted"}}),
                Some(RemovalReason::Deleted),
            ),
            (json!({"id": "1", "deleted": true}), None),
            (
                json!({"id": "1", "members@delta": [{"id": "2", "@removed": {"reason": "deleted"}}]}),
                None,
            ),
            (json!({"id": "1", "text": "\"@removed\""}), None),
        ] {
            let change: Change<Value> = serde_json::from_str(&item.to_string()).unwrap();
            match (&change, expected) {
                (Change::Changed(kept), None) => assert_eq!(*kept, item),
                (Change::Removed(removal), Some(reason)) => {
                    assert_eq!(
                        (removal.id.as_str(), &removal.reason, &removal.item),
                        ("1", &reason, &item)
                    );
                }
                (change, expected) => panic!("{item}: {change:?}, not {expected:?}"),
            }
        }
    }
}
