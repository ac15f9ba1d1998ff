//! One page of a collection.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::key_order::among_siblings;
use super::{Extra, Value};

/// One page of a collection: its items, and where the next page is.
///
/// ```
/// use msgraph_core::odata::Page;
///
/// let page: Page<String> = serde_json::from_str(
///     r#"{"@odata.count":3,"@odata.nextLink":"https://graph.microsoft.com/v1.0/next","value":["a","b"]}"#,
/// )?;
/// assert_eq!(page.value, ["a", "b"]);
/// assert_eq!(page.count(), Some(3));
/// assert_eq!(page.next_link(), Some("https://graph.microsoft.com/v1.0/next"));
/// assert_eq!(page.delta_link(), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items of this page.
    pub value: Vec<T>,
    extra: Extra,
}

impl<T> Page<T> {
    /// The address of the next page; `None` on the last.
    pub fn next_link(&self) -> Option<&str> {
        self.text("@odata.nextLink")
    }

    /// The address to ask later for what has changed since; on the last page of a delta query.
    pub fn delta_link(&self) -> Option<&str> {
        self.text("@odata.deltaLink")
    }

    /// The number of items on all pages, when it was asked for.
    pub fn count(&self) -> Option<u64> {
        let count = self.extra.get("@odata.count")?;
        count.as_u64().or_else(|| count.as_str()?.parse().ok())
    }

    /// The address of the metadata that describes the page.
    pub fn context(&self) -> Option<&str> {
        self.text("@odata.context")
    }

    /// Everything that came beside the items.
    pub fn extra(&self) -> &Extra {
        &self.extra
    }

    /// What goes beside the items, to change.
    pub fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.extra.get(name).and_then(Value::as_str)
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T> From<Vec<T>> for Page<T> {
    fn from(value: Vec<T>) -> Self {
        Self {
            value,
            extra: Extra::default(),
        }
    }
}

impl<T: Serialize> Serialize for Page<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut extra = self.extra.iter().filter(|(name, _)| *name != "value").peekable();
        while let Some((name, value)) = extra.next_if(|(name, _)| *name < "value") {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("value", &self.value)?;
        for (name, value) in extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PageVisitor(PhantomData))
    }
}

struct PageVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PageVisitor<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a collection: a JSON object with the array `value`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<T>, A::Error> {
        let mut items = None;
        let mut extra = Extra::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == "value" {
                items = Some(among_siblings(|| map.next_value())?);
            } else {
                extra.append(name.into(), map.next_value()?);
            }
        }
        extra.settle();
        let value = items.ok_or_else(|| A::Error::missing_field("value"))?;
        Ok(Page { value, extra })
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn everything_beside_the_items_is_kept() -> Result<(), serde_json::Error> {
        let json = r#"{"@odata.context":"c","@odata.deltaLink":"d","new":{"a":[null]},"value":[1,2],"zone":1}"#;
        let page: Page<i32> = serde_json::from_str(json)?;
        assert_eq!((page.context(), page.delta_link()), (Some("c"), Some("d")));
        assert_eq!(serde_json::to_string(&page)?, json);
        Ok(())
    }

    #[test]
    fn a_count_may_be_text() -> Result<(), serde_json::Error> {
        let page: Page<i32> = serde_json::from_str(r#"{"@odata.count":"9007199254740993","value":[]}"#)?;
        assert_eq!(page.count(), Some(9_007_199_254_740_993));
        Ok(())
    }

    #[test]
    fn a_collection_without_items_is_an_error_that_names_them() {
        let error = serde_json::from_str::<Page<i32>>("{}").map_err(|e| e.to_string());
        assert!(error.is_err_and(|e| e.contains("`value`")));
    }

    #[test]
    fn of_a_repeated_key_the_last_one_counts() -> Result<(), serde_json::Error> {
        let page: Page<i32> = serde_json::from_str(r#"{"value":[1],"a":1,"value":[2],"a":2}"#)?;
        assert_eq!(page.value, [2]);
        assert_eq!(page.extra().get("a").and_then(serde_json::Value::as_i64), Some(2));
        Ok(())
    }
}
