//! Reading objects: one visitor for every model, generic over the format only.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::key_order::{KeyOrder, Name, with_siblings};
use super::scalar::{Stored, Token};
use super::slots::{List, ObjectListSlot, ScalarListSlot};
use super::write::AsJson;
use super::{AnyObject, Decimal, Mut, Object, Prop, Props, Value};

impl<'de, P: Props> Deserialize<'de> for Object<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = Self::default();
        let any: &mut dyn AnyObject = &mut object;
        any.read(deserializer)?;
        Ok(object)
    }
}

impl dyn AnyObject + '_ {
    /// Sets the properties that a JSON object has; all others stay as they are.
    ///
    /// # Errors
    ///
    /// What is read is not a JSON object.
    pub fn read<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        with_siblings(|order| deserializer.deserialize_map(Root { object: self, order }))
    }
}

/// Stores a JSON value in a property, and returns what the property has no room for.
pub(super) fn store_value(slot: Mut<'_>, value: &Value) -> Stored {
    let mut order = KeyOrder::default();
    let reader = Reader {
        target: Target::Slot(slot),
        order: &mut order,
    };
    reader
        .deserialize(value)
        .unwrap_or_else(|_| Stored::Refused(value.clone()))
}

/// The outermost object, which must be one.
struct Root<'a> {
    object: &'a mut dyn AnyObject,
    order: &'a mut KeyOrder,
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} as a JSON object", self.object.declared_type().name)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        read_object(self.object, self.order, map)
    }
}

fn read_object<'de, A: MapAccess<'de>>(
    object: &mut dyn AnyObject,
    order: &mut KeyOrder,
    mut map: A,
) -> Result<(), A::Error> {
    let names = object.declared_type().names;
    let mut position = 0;
    let (mut any_respelled, mut any_refused) = (false, false);
    while let Some(name) = map.next_key_seed(KeySeed {
        order,
        names,
        position: &mut position,
    })? {
        let i = match name {
            Name::Declared(i) => i,
            Name::Undeclared(name) => {
                let value = map.next_value()?;
                object.extra_mut().append(name, value);
                continue;
            }
        };
        let target = Target::Slot(object.get_mut(i));
        match map.next_value_seed(Reader {
            target,
            order: order.nested(position),
        })? {
            Stored::Exactly if any_respelled => object.spellings_mut().forget(i),
            Stored::Exactly => {}
            Stored::Respelled(spelling) => {
                any_respelled = true;
                object.spellings_mut().set(i, spelling);
            }
            Stored::Refused(value) => {
                any_refused = true;
                object.extra_mut().append(Arc::from(names[i]), value);
            }
        }
    }
    object.extra_mut().settle();
    if any_refused {
        forget_replaced(object);
    }
    Ok(())
}

/// A key may be given twice: drops a refused value when a later one was stored.
fn forget_replaced(object: &mut dyn AnyObject) {
    let declared = object.declared_type();
    let mut extra = std::mem::take(object.extra_mut());
    extra.retain(|name| declared.index(name).is_none_or(|i| object.get(i).is_absent()));
    *object.extra_mut() = extra;
}

/// Recognises a key without copying it.
struct KeySeed<'a> {
    order: &'a mut KeyOrder,
    names: &'static [&'static str],
    position: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a property")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Name, E> {
        Ok(self.order.recognise(key, self.names, self.position))
    }
}

/// Where a value goes.
enum Target<'a> {
    Slot(Mut<'a>),
    /// The end of a list.
    Element(&'a mut dyn ScalarListSlot),
    /// The end of a list of objects.
    ObjectElement(&'a mut dyn ObjectListSlot),
}

impl Target<'_> {
    fn store(self, token: Token<'_>) -> Stored {
        match self {
            Self::Slot(slot) => slot.store(token),
            Self::Element(list) => list.push(token),
            Self::ObjectElement(_) => Stored::Refused(token.into_value()),
        }
    }
}

/// Reads any JSON value into a target. What the target has no room for is a result, not an error.
struct Reader<'t, 'o> {
    target: Target<'t>,
    order: &'o mut KeyOrder,
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Stored;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Stored, D::Error> {
        match self.target {
            // The digits of a decimal must not pass through a float.
            Target::Slot(Mut::Decimal(prop)) => read_decimal(prop, deserializer),
            target => deserializer.deserialize_any(Self {
                target,
                order: self.order,
            }),
        }
    }
}

fn read_decimal<'de, D: Deserializer<'de>>(prop: &mut Prop<Decimal>, deserializer: D) -> Result<Stored, D::Error> {
    let json = Box::<RawValue>::deserialize(deserializer)?;
    if let Ok(decimal) = Decimal::from_json(json.get().to_owned()) {
        *prop = Prop::Value(decimal);
        return Ok(Stored::Exactly);
    }
    let value: Value = serde_json::from_str(json.get()).map_err(D::Error::custom)?;
    Ok(Mut::Decimal(prop).store(value.into()))
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Stored;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Stored, E> {
        Ok(self.target.store(Token::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Stored, E> {
        Ok(self.target.store(Token::I64(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Stored, E> {
        Ok(self
            .target
            .store(i64::try_from(value).map_or(Token::U64(value), Token::I64)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Stored, E> {
        Ok(self.target.store(Token::F64(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Stored, E> {
        // Most properties are text; for them this is all.
        if let Target::Slot(Mut::String(prop)) = self.target {
            *prop = Prop::Value(value.to_owned());
            return Ok(Stored::Exactly);
        }
        Ok(self.target.store(Token::Str(value)))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Stored, E> {
        Ok(self.target.store(Token::String(value)))
    }

    fn visit_unit<E: Error>(self) -> Result<Stored, E> {
        Ok(self.target.store(Token::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Stored, A::Error> {
        let target = match self.target {
            Target::Slot(slot) => match slot.into_list() {
                Ok(List::Scalars(list)) => return read_list(list, seq),
                Ok(List::Objects(list)) => return read_objects(list, self.order, seq),
                Err(slot) => Target::Slot(slot),
            },
            target => target,
        };
        let value = Value::deserialize(SeqAccessDeserializer::new(seq))?;
        Ok(target.store(Token::Json(value)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Stored, A::Error> {
        match self.target {
            Target::Slot(Mut::Object(slot)) => read_object(slot.start(), self.order, map)?,
            Target::ObjectElement(list) => read_object(list.push(), self.order, map)?,
            target => {
                // Not always an object: with `arbitrary_precision`, serde_json also presents a number as a map.
                let value = Value::deserialize(MapAccessDeserializer::new(map))?;
                return Ok(target.store(value.into()));
            }
        }
        Ok(Stored::Exactly)
    }
}

fn read_list<'de, A: SeqAccess<'de>>(list: &mut dyn ScalarListSlot, mut seq: A) -> Result<Stored, A::Error> {
    list.start();
    // The elements as they were read, from the first one on whose spelling the list does not keep.
    let mut spellings: Option<Vec<Value>> = None;
    while let Some(stored) = seq.next_element_seed(Reader {
        target: Target::Element(list),
        order: &mut KeyOrder::default(),
    })? {
        match stored {
            Stored::Exactly => {
                if let Some(spellings) = &mut spellings {
                    spellings.extend(list.values().pop());
                }
            }
            Stored::Respelled(spelling) => spellings
                .get_or_insert_with(|| {
                    let mut before = list.values();
                    before.pop();
                    before
                })
                .push(spelling),
            Stored::Refused(value) => {
                let before = spellings.unwrap_or_else(|| list.values());
                list.clear();
                return refuse_list(before, value, seq);
            }
        }
    }
    Ok(spellings.map_or(Stored::Exactly, |spellings| Stored::Respelled(spellings.into())))
}

fn read_objects<'de, A: SeqAccess<'de>>(
    list: &mut dyn ObjectListSlot,
    order: &mut KeyOrder,
    mut seq: A,
) -> Result<Stored, A::Error> {
    list.start();
    while let Some(stored) = seq.next_element_seed(Reader {
        target: Target::ObjectElement(list),
        order,
    })? {
        if let Stored::Refused(value) = stored {
            let objects = (0..).map_while(|i| list.at(i));
            let before = objects.map(|object| AsJson(object).to_value()).collect();
            list.reset(false);
            return refuse_list(before, value, seq);
        }
    }
    Ok(Stored::Exactly)
}

/// Reads the rest of a list of which one element is not of the declared type.
fn refuse_list<'de, A: SeqAccess<'de>>(mut list: Vec<Value>, refused: Value, mut seq: A) -> Result<Stored, A::Error> {
    list.push(refused);
    while let Some(value) = seq.next_element()? {
        list.push(value);
    }
    Ok(Stored::Refused(list.into()))
}
