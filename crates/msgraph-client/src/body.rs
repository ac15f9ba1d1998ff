//! Bodies and arguments that generated methods cannot spell in one expression.
//!
//! Names are spelled out: a client crate that is generated from one document gets a copy of the items it needs.

/// The address of the object that a relation is to point to.
///
/// Accepts what people have at hand: a whole address, an address below the version (`/education/users/13`), or
/// the id of a directory object.
pub(crate) fn address(path: &msgraph_core::Path, target: &str) -> String {
    let base = format!("{}/v1.0", path.client().cloud().endpoint());
    if target.contains("://") {
        target.to_owned()
    } else if target.starts_with('/') {
        base + target
    } else {
        let object = msgraph_core::Path::root(path.client(), "directoryObjects").key(target);
        base + object.as_str()
    }
}

/// The body that relates an object to the target.
pub(crate) fn reference(path: &msgraph_core::Path, target: &str) -> msgraph_core::odata::Value {
    serde_json::json!({ "@odata.id": address(path, target) })
}

/// A list as an argument of a function: JSON, because OData has no literal for it.
pub(crate) fn list(items: &[&str]) -> msgraph_core::Literal {
    msgraph_core::Literal::Raw(msgraph_core::odata::Value::from(items).to_string())
}

/// `{"value": …}`
pub(crate) struct Wrapped<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: serde::Serialize + ?Sized> serde::Serialize for Wrapped<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("value", self.0)?;
        map.end()
    }
}
