//! Writing objects: properties and extras merged in the order of their names.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::scalar::{Scalar, write_list};
use super::slots::with_kinds;
use super::{AnyObject, Object, Prop, Props, Ref, Value};

impl<P: Props> Serialize for Object<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        AsJson(self).serialize(serializer)
    }
}

impl Serialize for dyn AnyObject + '_ {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        AsJson(self).serialize(serializer)
    }
}

/// Any object, to be written.
pub(super) struct AsJson<'a>(pub(super) &'a dyn AnyObject);

impl AsJson<'_> {
    pub(super) fn to_value(&self) -> Value {
        // Keys are text and no value fails to be written, so there is no error.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut extra = self.0.extra().iter().peekable();
        let spellings = self.0.spellings();
        for (i, name) in self.0.declared_type().names.iter().enumerate() {
            let slot = self.0.get(i);
            if slot.is_absent() {
                continue;
            }
            while let Some((undeclared, value)) = extra.next_if(|(undeclared, _)| undeclared < name) {
                map.serialize_entry(undeclared, value)?;
            }
            // A declared value is not shadowed.
            extra.next_if(|(undeclared, _)| undeclared == name);
            match spellings.get(i).filter(|spelling| slot.is_spelled(spelling)) {
                Some(spelling) => map.serialize_entry(name, spelling)?,
                None => map.serialize_entry(name, &Slot(slot))?,
            }
        }
        for (undeclared, value) in extra {
            map.serialize_entry(undeclared, value)?;
        }
        map.end()
    }
}

/// The property at an index as a JSON value; absent and null are null.
pub(super) fn slot_value(object: &dyn AnyObject, i: usize) -> Value {
    let slot = object.get(i);
    match object.spellings().get(i).filter(|spelling| slot.is_spelled(spelling)) {
        Some(spelling) => spelling.clone(),
        None => serde_json::to_value(Slot(slot)).unwrap_or_default(),
    }
}

struct Slot<'a>(Ref<'a>);

macro_rules! define_serialize {
    (
        scalars { $($kind:ident: $type:ty = $doc:literal,)* }
        lists { $($list:ident: $element:ty = $list_doc:literal,)* }
    ) => {
        impl Serialize for Slot<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.0 {
                    $(Ref::$kind(Prop::Value(value)) => value.write(serializer),)*
                    $(Ref::$list(Prop::Value(list)) => write_list(list, serializer),)*
                    Ref::Object(slot) => match slot.object() {
                        Prop::Value(object) => AsJson(object).serialize(serializer),
                        Prop::Absent | Prop::Null => serializer.serialize_unit(),
                    },
                    Ref::Objects(slot) => match slot.count() {
                        Prop::Value(len) => {
                            let mut seq = serializer.serialize_seq(Some(len))?;
                            for object in (0..).map_while(|i| slot.at(i)) {
                                seq.serialize_element(&AsJson(object))?;
                            }
                            seq.end()
                        }
                        Prop::Absent | Prop::Null => serializer.serialize_unit(),
                    },
                    Ref::Enum(slot) => match slot.text() {
                        Prop::Value(text) => serializer.serialize_str(text),
                        Prop::Absent | Prop::Null => serializer.serialize_unit(),
                    },
                    Ref::Enums(slot) => match slot.count() {
                        Prop::Value(_) => serializer.collect_seq((0..).map_while(|i| slot.at(i))),
                        Prop::Absent | Prop::Null => serializer.serialize_unit(),
                    },
                    _ => serializer.serialize_unit(),
                }
            }
        }
    };
}
with_kinds!(define_serialize);
