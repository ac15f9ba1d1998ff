//! The order in which the last objects gave their keys, to guess the next object's keys.

use std::cell::RefCell;
use std::sync::Arc;

/// Keys in the order seen so far, each with the order inside its value.
///
/// The service writes siblings alike, so one comparison tells most keys; only a wrong guess costs a search. A guess
/// is always verified, so what is remembered never changes what is read.
#[derive(Default)]
pub(super) struct KeyOrder {
    keys: Vec<Key>,
    undeclared: usize,
}

struct Key {
    name: Name,
    nested: KeyOrder,
}

/// A key of an object.
#[derive(Clone)]
pub(super) enum Name {
    /// An index of the declared names.
    Declared(usize),
    /// Shared by siblings, so that they do not each allocate it.
    Undeclared(Arc<str>),
}

/// Undeclared keys may all differ (as in a map), so only so many are remembered per type.
const MAX_UNDECLARED: usize = 32;

impl KeyOrder {
    /// Recognises a key. `position` is where the next key is expected, and moves on.
    pub(super) fn recognise(&mut self, key: &str, names: &[&str], position: &mut usize) -> Name {
        if let Some(expected) = self.keys.get(*position)
            && expected.name.is(key, names)
        {
            *position += 1;
            return expected.name.clone();
        }
        self.search(key, names, position)
    }

    /// Finds a key that is not where it was expected, and remembers one that is new.
    #[cold]
    fn search(&mut self, key: &str, names: &[&str], position: &mut usize) -> Name {
        let declared = names.binary_search(&key).ok();
        let seen = self.keys.iter().position(|seen| match (&seen.name, declared) {
            (Name::Declared(i), Some(declared)) => *i == declared,
            (Name::Undeclared(name), None) => **name == *key,
            _ => false,
        });
        if let Some(seen) = seen {
            *position = seen + 1;
            return self.keys[seen].name.clone();
        }
        let name = declared.map_or_else(|| Name::Undeclared(Arc::from(key)), Name::Declared);
        if declared.is_none() {
            if self.undeclared == MAX_UNDECLARED {
                return name;
            }
            self.undeclared += 1;
        }
        let at = (*position).min(self.keys.len());
        self.keys.insert(
            at,
            Key {
                name: name.clone(),
                nested: Self::default(),
            },
        );
        *position = at + 1;
        name
    }

    /// The order inside the value of the declared key before `position`.
    pub(super) fn nested(&mut self, position: usize) -> &mut Self {
        // A declared key is always remembered, so there is one before the position that it moved on.
        &mut self.keys[position - 1].nested
    }
}

impl Name {
    fn is(&self, key: &str, names: &[&str]) -> bool {
        match self {
            // Another type's index may be beyond this type's names.
            Self::Declared(i) => names.get(*i).is_some_and(|name| *name == key),
            Self::Undeclared(name) => **name == *key,
        }
    }
}

thread_local! {
    static SIBLINGS: RefCell<Option<KeyOrder>> = const { RefCell::new(None) };
}

/// Runs a function within which all outermost objects that are read share what they learn.
///
/// By thread, because the elements of a page are read through `Deserialize`, which has no room for context. Nothing
/// is remembered after the function.
pub(super) fn among_siblings<R>(read: impl FnOnce() -> R) -> R {
    struct Restore(Option<KeyOrder>);
    impl Drop for Restore {
        fn drop(&mut self) {
            SIBLINGS.set(self.0.take());
        }
    }
    let _restore = Restore(SIBLINGS.replace(Some(KeyOrder::default())));
    read()
}

/// Runs a function with what siblings have learnt, or with nothing when there are none.
pub(super) fn with_siblings<R>(read: impl FnOnce(&mut KeyOrder) -> R) -> R {
    let shared = SIBLINGS.take();
    let is_shared = shared.is_some();
    let mut order = shared.unwrap_or_default();
    let result = read(&mut order);
    if is_shared {
        SIBLINGS.set(Some(order));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{KeyOrder, Name};

    const NAMES: &[&str] = &["a", "b", "c"];

    fn read(order: &mut KeyOrder, keys: &[&str]) -> Vec<String> {
        let mut position = 0;
        let mut seen = Vec::new();
        for key in keys {
            seen.push(match order.recognise(key, NAMES, &mut position) {
                Name::Declared(i) => NAMES[i].to_owned(),
                Name::Undeclared(name) => format!("?{name}"),
            });
        }
        seen
    }

    #[test]
    fn any_order_is_recognised_whatever_was_seen_before() {
        let mut order = KeyOrder::default();
        for keys in [
            &["c", "a", "x", "b"][..],
            &["a", "b", "c"],
            &["x", "y", "c"],
            &["b", "b", "a", "z"],
            &[],
        ] {
            let expected: Vec<_> = keys
                .iter()
                .map(|key| {
                    if NAMES.contains(key) {
                        (*key).to_owned()
                    } else {
                        format!("?{key}")
                    }
                })
                .collect();
            assert_eq!(read(&mut order, keys), expected);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut order = KeyOrder::default();
        for i in 0..1000 {
            read(&mut order, &["a", &format!("key{i}"), "b"]);
        }
        assert!(order.keys.len() <= NAMES.len() + super::MAX_UNDECLARED);
    }

    #[test]
    fn an_order_learnt_from_another_type_does_no_harm() {
        let mut order = KeyOrder::default();
        read(&mut order, &["a", "b", "c"]);
        let mut position = 0;
        assert!(matches!(order.recognise("b", &["b"], &mut position), Name::Declared(0)));
    }
}
