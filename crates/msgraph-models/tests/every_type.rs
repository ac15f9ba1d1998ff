//! What must hold for every generated type, checked for every generated type.

#[rustfmt::skip]
mod generated;

use std::mem::discriminant;

use msgraph_core::odata::{AnyObject, EnumDef, Object, Open, Props, Ref, verify_table};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

/// Makes an object of one type, without any property set.
type NewObject = fn() -> Box<dyn AnyObject>;

/// Checks one enumeration.
type Check = fn() -> Result<(), String>;

fn object<P: Props>() -> Box<dyn AnyObject> {
    Box::new(Object::<P>::new())
}

/// Every member is found by its own spelling, and by no other member's.
fn verify_members<E: EnumDef>() -> Result<(), String> {
    for (wire, member) in E::MEMBERS {
        let found = Open::<E>::from_wire(wire).known();
        if found.map(discriminant) != Some(discriminant(member)) {
            return Err(format!("{}: {wire:?} does not lead to its own member", E::NAME));
        }
    }
    Ok(())
}

#[track_caller]
fn assert_none_fails<T>(table: &[(&str, T)], verify: impl Fn(&T) -> Result<(), String>) {
    assert!(!table.is_empty());
    let failures: Vec<String> = table.iter().filter_map(|(_, row)| verify(row).err()).collect();
    assert!(
        failures.is_empty(),
        "{} of {} fail: {failures:#?}",
        failures.len(),
        table.len()
    );
}

#[test]
fn names_are_sorted_and_every_index_reads_what_it_writes() {
    assert_none_fails(generated::TYPES, |new| verify_table(*new));
}

#[test]
fn every_member_of_an_enumeration_is_found_by_its_spelling() {
    assert_none_fails(generated::ENUMERATIONS, |verify| verify());
}

/// Random instances: every property absent, null, of its type, or of a type that it should not have.
#[test]
fn random_instances_survive_parsing_and_writing_byte_for_byte() {
    for seed in 0..16 {
        assert_none_fails(generated::TYPES, |new| survives(*new, &mut StdRng::seed_from_u64(seed)));
    }
}

fn survives(new: NewObject, random: &mut StdRng) -> Result<(), String> {
    let sent = instance(&*new(), random).to_string();
    let mut written = sent.clone();
    for _ in 0..2 {
        let mut object = new();
        let parsed = object.read(&mut serde_json::Deserializer::from_str(&written));
        parsed.map_err(|error| format!("{}: {error} in {written}", object.declared_type().name))?;
        written = serde_json::to_string(&*object).map_err(|error| error.to_string())?;
    }
    if written == sent {
        Ok(())
    } else {
        Err(format!("{sent}\nbecame\n{written}"))
    }
}

fn instance(object: &dyn AnyObject, random: &mut StdRng) -> Value {
    let mut members = Map::new();
    for (i, name) in object.declared_type().names.iter().enumerate() {
        let value = match random.random_range(0..10) {
            0..3 => continue,
            3 => Value::Null,
            4 => unexpected(random),
            _ => value(object.get(i), random),
        };
        members.insert((*name).to_owned(), value);
    }
    members.insert("futureProperty".to_owned(), unexpected(random));
    members.insert("members@odata.count".to_owned(), json!(random.random::<u64>()));
    Value::Object(members)
}

/// A value of the kind that a property has, in one of the spellings of the service.
fn value(kind: Ref<'_>, random: &mut StdRng) -> Value {
    let (year, second) = (random.random_range(1..=9999), random.random_range(0..60));
    let list = |element: fn(&mut StdRng) -> Value, random: &mut StdRng| -> Value {
        (0..random.random_range(0..4)).map(|_| element(random)).collect()
    };
    match kind {
        Ref::None => Value::Null,
        Ref::Bool(_) => json!(random.random::<bool>()),
        Ref::Byte(_) => json!(random.random::<u8>()),
        Ref::Int16(_) => json!(random.random::<i16>()),
        Ref::Int32(_) => json!(random.random::<i32>()),
        Ref::Int64(_) => json!(random.random::<i64>()),
        Ref::Single(_) => json!(f64::from(random.random::<i16>()) / 4.0),
        Ref::Double(_) => json!(random.random::<f64>() - 0.5),
        Ref::Decimal(_) => json!(random.random::<i32>()),
        Ref::String(_) | Ref::Secret(_) | Ref::Enum(_) => text(random),
        Ref::Guid(_) => guid(random),
        Ref::Binary(_) => json!("AAECAw=="),
        Ref::Date(_) => json!(format!("{year:04}-02-28")),
        Ref::TimeOfDay(_) => json!(format!("23:59:{second:02}.0000000")),
        Ref::Duration(_) => json!(format!("P{year}DT{second}S")),
        Ref::DateTime(_) => json!(format!("{year:04}-12-31T23:59:{second:02}.1234500Z")),
        Ref::Untyped(_) => unexpected(random),
        Ref::Strings(_) | Ref::Secrets(_) | Ref::Enums(_) => list(text, random),
        Ref::Guids(_) => list(guid, random),
        Ref::Int32s(_) | Ref::Int64s(_) => list(|random| json!(random.random::<i32>()), random),
        Ref::Bools(_) => json!([true, false]),
        Ref::Doubles(_) => list(|random| json!(random.random::<f64>()), random),
        Ref::Dates(_) => json!(["0001-01-01"]),
        Ref::DateTimes(_) => json!(["2026-11-22T09:34:22+02:00"]),
        Ref::Binaries(_) => json!(["", "AA=="]),
        Ref::Untypeds(_) => list(unexpected, random),
        Ref::Object(_) => nested(random),
        Ref::Objects(_) => list(nested, random),
    }
}

fn text(random: &mut StdRng) -> Value {
    let texts = ["", "Adele", "naïve ✓ \u{1F511}", "a\"b\\c\u{7}", "true", "2026-11-22"];
    json!(texts[random.random_range(0..texts.len())])
}

fn guid(random: &mut StdRng) -> Value {
    let digits = format!("{:032x}", random.random::<u128>());
    let spelled = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-");
    json!(if random.random() {
        spelled.to_uppercase()
    } else {
        spelled
    })
}

fn nested(random: &mut StdRng) -> Value {
    json!({ "@odata.type": "#microsoft.graph.notYetInvented", "id": text(random), "novelty": [{ "a": null }, 1.5] })
}

fn unexpected(random: &mut StdRng) -> Value {
    let values = [
        json!(null),
        json!({ "a": [1, { "b": null }] }),
        json!([]),
        json!("text"),
        json!(-7),
        json!(0.5),
        json!(true),
    ];
    values[random.random_range(0..values.len())].clone()
}
