//! What an object holds beyond its declared properties.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Value, redact};

/// What the service sent, or is to be sent, beyond the declared properties of a type: properties that the type does
/// not declare, annotations such as `members@odata.count`, expanded navigation properties, and values of declared
/// properties that are not of the declared type.
///
/// A map from name to JSON value, ordered by name. A name that the type declares is written only while that
/// property is [absent](super::Prop::Absent): a declared value is never shadowed.
///
/// Values that go by the name of a secret (`password`, `clientSecret`, …) are not printed and are wiped on drop.
///
/// ```
/// use msgraph_core::odata::Extra;
///
/// let mut extra = Extra::default();
/// extra.insert("extension_abc_badge", "A-17");
/// extra.insert("@odata.type", "#microsoft.graph.user");
///
/// assert_eq!(extra.get("extension_abc_badge").and_then(|v| v.as_str()), Some("A-17"));
/// let names: Vec<&str> = extra.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["@odata.type", "extension_abc_badge"]);
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Extra {
    // Sorted by name, each name once; `append` breaks this until `settle`.
    entries: Vec<(Arc<str>, Value)>,
}

impl Extra {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.find(name).ok().map(|i| &self.entries[i].1)
    }

    /// The value of a name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.find(name).ok().map(|i| &mut self.entries[i].1)
    }

    /// Sets the value of a name and returns the one it had.
    pub fn insert(&mut self, name: impl AsRef<str>, value: impl Into<Value>) -> Option<Value> {
        self.insert_shared(Arc::from(name.as_ref()), value.into())
    }

    /// Removes a name and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.find(name).ok().map(|i| self.entries.remove(i).1)
    }

    /// Names and values, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }

    /// The number of names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn insert_shared(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        match self.find(&name) {
            Ok(i) => Some(std::mem::replace(&mut self.entries[i].1, value)),
            Err(i) => {
                self.entries.insert(i, (name, value));
                None
            }
        }
    }

    /// Adds without ordering, so that reading a large object stays linear; [`settle`](Self::settle) must follow.
    pub(super) fn append(&mut self, name: Arc<str>, value: Value) {
        self.entries.push((name, value));
    }

    /// Orders appended entries; of a name that was given more than once the last value stays.
    pub(super) fn settle(&mut self) {
        if self.entries.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return;
        }
        self.entries.reverse();
        self.entries.sort_by(|a, b| a.0.cmp(&b.0));
        self.entries.dedup_by(|later, first| later.0 == first.0);
    }

    /// Keeps the entries whose name passes.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.entries.retain(|(name, _)| keep(name));
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(other, _)| (**other).cmp(name))
    }
}

impl Drop for Extra {
    fn drop(&mut self) {
        for (name, value) in &mut self.entries {
            redact::wipe(name, value);
        }
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(name, value)| (name, redact::Shown { name, value }));
        shown.collect::<BTreeMap<_, _>>().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::Extra;

    #[test]
    fn settling_orders_names_and_keeps_the_last_of_equal_ones() {
        let mut extra = Extra::default();
        for (name, value) in [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)] {
            extra.append(Arc::from(name), json!(value));
        }
        extra.settle();
        let all: Vec<_> = extra.iter().map(|(name, value)| (name, value.as_i64())).collect();
        assert_eq!(all, [("a", Some(4)), ("b", Some(3)), ("c", Some(5))]);
    }

    #[test]
    fn insert_replaces_and_remove_returns() {
        let mut extra = Extra::default();
        assert_eq!(extra.insert("a", 1), None);
        assert_eq!(extra.insert("a", 2), Some(json!(1)));
        assert_eq!(extra.remove("a"), Some(json!(2)));
        assert!(extra.is_empty());
    }

    #[test]
    fn debug_hides_secrets_at_any_depth() {
        let mut extra = Extra::default();
        extra.insert(
            "settings",
            json!({"inner": [{"clientSecret": "s3cret", "name": "visible"}]}),
        );
        let shown = format!("{extra:?}");
        assert!(shown.contains("visible") && shown.contains("<redacted>"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
