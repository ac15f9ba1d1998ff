//! Cloning and comparing objects property by property.

use super::slots::with_kinds;
use super::{AnyObject, Mut, Prop, Ref};

/// Copies everything from one object to an empty one of the same type.
pub(super) fn copy(from: &dyn AnyObject, to: &mut dyn AnyObject) {
    // No derived type redeclares a property, which the generator checks.
    debug_assert_eq!(from.declared_type().name, to.declared_type().name);
    for i in 0..from.declared_type().names.len() {
        copy_slot(from.get(i), to.get_mut(i));
    }
    if !from.extra().is_empty() {
        to.extra_mut().clone_from(from.extra());
    }
    to.spellings_mut().clone_from(from.spellings());
}

/// Whether two objects of the same type hold the same.
pub(super) fn equal(a: &dyn AnyObject, b: &dyn AnyObject) -> bool {
    (0..a.declared_type().names.len()).all(|i| slots_equal(a.get(i), b.get(i))) && a.extra() == b.extra()
}

macro_rules! define_copy_and_equal {
    (
        scalars { $($kind:ident: $type:ty = $doc:literal,)* }
        lists { $($list:ident: $element:ty = $list_doc:literal,)* }
    ) => {
        /// Copies a property to an absent one; `false` when they are not of the same kind.
        pub(super) fn copy_slot(from: Ref<'_>, to: Mut<'_>) -> bool {
            match (from, to) {
                $((Ref::$kind(from), Mut::$kind(to)) => to.clone_from(from),)*
                $((Ref::$list(from), Mut::$list(to)) => to.clone_from(from),)*
                (Ref::Object(from), Mut::Object(to)) => match from.object() {
                    Prop::Absent => {}
                    Prop::Null => to.reset(true),
                    Prop::Value(from) => copy(from, to.start()),
                },
                (Ref::Objects(from), Mut::Objects(to)) => match from.count() {
                    Prop::Absent => {}
                    Prop::Null => to.reset(true),
                    Prop::Value(_) => {
                        to.start();
                        (0..).map_while(|i| from.at(i)).for_each(|from| copy(from, to.push()));
                    }
                },
                (Ref::Enum(from), Mut::Enum(to)) => match from.text() {
                    Prop::Absent => {}
                    Prop::Null => to.reset(true),
                    Prop::Value(text) => drop(to.store(super::scalar::Token::Str(text))),
                },
                (Ref::Enums(from), Mut::Enums(to)) => match from.count() {
                    Prop::Absent => {}
                    Prop::Null => to.reset(true),
                    Prop::Value(_) => {
                        to.start();
                        (0..).map_while(|i| from.at(i)).for_each(|text| drop(to.push(super::scalar::Token::Str(text))));
                    }
                },
                _ => return false,
            }
            true
        }

        fn slots_equal(a: Ref<'_>, b: Ref<'_>) -> bool {
            match (a, b) {
                $((Ref::$kind(a), Ref::$kind(b)) => a == b,)*
                $((Ref::$list(a), Ref::$list(b)) => a == b,)*
                (Ref::Object(a), Ref::Object(b)) => match (a.object(), b.object()) {
                    (Prop::Value(a), Prop::Value(b)) => equal(a, b),
                    (a, b) => a.is_null() == b.is_null() && a.is_absent() == b.is_absent(),
                },
                (Ref::Objects(a), Ref::Objects(b)) => {
                    a.count() == b.count()
                        && (0..).map_while(|i| a.at(i).zip(b.at(i))).all(|(a, b)| equal(a, b))
                }
                (Ref::Enum(a), Ref::Enum(b)) => a.text() == b.text(),
                (Ref::Enums(a), Ref::Enums(b)) => {
                    a.count() == b.count() && (0..).map_while(|i| a.at(i).zip(b.at(i))).all(|(a, b)| a == b)
                }
                _ => false,
            }
        }
    };
}
with_kinds!(define_copy_and_equal);
