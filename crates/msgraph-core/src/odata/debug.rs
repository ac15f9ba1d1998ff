//! Printing objects for people, without secrets.

use std::fmt;

use super::redact::{REDACTED, Shown, is_secret};
use super::slots::with_kinds;
use super::{AnyObject, Object, Prop, Props, Ref};

/// The full type name, the properties that are set, and the extras; secrets as `<redacted>`.
impl<P: Props> fmt::Debug for Object<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ShownObject(self).fmt(f)
    }
}

struct ShownObject<'a>(&'a dyn AnyObject);

impl fmt::Debug for ShownObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let declared = self.0.declared_type();
        let mut shown = f.debug_struct(declared.name);
        for (i, name) in declared.names.iter().enumerate() {
            let slot = self.0.get(i);
            if slot.is_absent() {
                continue;
            }
            if is_secret(name) && !slot.is_null() {
                shown.field(name, &Bare(REDACTED));
            } else {
                shown.field(name, &ShownSlot(slot));
            }
        }
        for (name, value) in self.0.extra().iter() {
            shown.field(name, &Shown { name, value });
        }
        shown.finish()
    }
}

/// Text without quotes.
struct Bare<'a>(&'a str);

impl fmt::Debug for Bare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

struct ShownSlot<'a>(Ref<'a>);

macro_rules! define_debug {
    (
        scalars { $($kind:ident: $type:ty = $doc:literal,)* }
        lists { $($list:ident: $element:ty = $list_doc:literal,)* }
    ) => {
        impl fmt::Debug for ShownSlot<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let untyped = |value| Shown { name: "", value };
                if let Ref::Untyped(Prop::Value(value)) = self.0 {
                    return untyped(value).fmt(f);
                }
                if let Ref::Untypeds(Prop::Value(list)) = self.0 {
                    return f.debug_list().entries(list.iter().map(untyped)).finish();
                }
                match self.0 {
                    $(Ref::$kind(Prop::Value(value)) => value.fmt(f),)*
                    $(Ref::$list(Prop::Value(list)) => list.fmt(f),)*
                    Ref::Object(slot) => match slot.object() {
                        Prop::Value(object) => ShownObject(object).fmt(f),
                        Prop::Absent | Prop::Null => f.write_str("null"),
                    },
                    Ref::Objects(slot) if slot.count().is_value() => {
                        f.debug_list().entries((0..).map_while(|i| slot.at(i)).map(ShownObject)).finish()
                    }
                    Ref::Enum(slot) => f.write_str(slot.text().into_option().unwrap_or("null")),
                    Ref::Enums(slot) if slot.count().is_value() => f
                        .debug_list()
                        .entries((0..).map_while(|i| slot.at(i)).map(Bare))
                        .finish(),
                    _ => f.write_str("null"),
                }
            }
        }
    };
}
with_kinds!(define_debug);
