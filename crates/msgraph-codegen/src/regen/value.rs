//! From OpenAPI's spellings of a value to its type.

use std::collections::BTreeMap;

use openapiv3::{
    IntegerFormat, NumberFormat, ReferenceOr, Schema, SchemaKind, StringFormat, Type, VariantOrUnknownOrEmpty as Format,
};

use super::document::{Read, component};
use super::ir::{Item, Scalar, ValueType};

/// Components outside this namespace are parts of the protocol, such as references, not types of Graph.
pub(crate) const NAMESPACE: &str = "microsoft.graph.";

type Schemas = BTreeMap<String, Read<ReferenceOr<Schema>>>;

/// Whether a component is an enumeration. An enumeration without members is told by `x-ms-enum`.
pub(crate) fn is_enumeration(schema: &Schema) -> bool {
    match &schema.schema_kind {
        SchemaKind::Type(Type::String(string)) => {
            !string.enumeration.is_empty() || schema.schema_data.extensions.contains_key("x-ms-enum")
        }
        _ => false,
    }
}

/// The parts of an `allOf`, with or without a `type` beside it.
pub(crate) fn all_of(schema: &Schema) -> Option<&[ReferenceOr<Schema>]> {
    match &schema.schema_kind {
        SchemaKind::AllOf { all_of } => Some(all_of),
        SchemaKind::Any(any) if !any.all_of.is_empty() => Some(&any.all_of),
        _ => None,
    }
}

/// The items of a component that only wraps a list, as Microsoft's documents have for every listed type.
pub(crate) fn collection_items(schema: &Schema) -> Option<&ReferenceOr<Box<Schema>>> {
    let is_wrapper = |schema: &Schema| {
        schema
            .schema_data
            .title
            .as_deref()
            .is_some_and(|title| title.starts_with("Collection of"))
    };
    let own = match all_of(schema) {
        Some(parts) => parts.iter().filter_map(ReferenceOr::as_item).next_back()?,
        None => schema,
    };
    if !is_wrapper(schema) && !is_wrapper(own) {
        return None;
    }
    let SchemaKind::Type(Type::Object(object)) = &own.schema_kind else {
        return None;
    };
    match &object.properties.get("value")?.as_item()?.schema_kind {
        SchemaKind::Type(Type::Array(array)) => array.items.as_ref(),
        _ => None,
    }
}

/// The type of a property, an argument or a result, or what is wrong with it.
pub(crate) fn value_type(schemas: &Schemas, schema: &ReferenceOr<Schema>) -> Result<ValueType, String> {
    let schema = match schema {
        ReferenceOr::Reference { reference } => {
            return named(schemas, component(reference)).map(|item| ValueType { item, many: false });
        }
        ReferenceOr::Item(schema) => schema,
    };
    let scalar = match &schema.schema_kind {
        SchemaKind::Type(Type::Array(array)) => {
            let Some(items) = &array.items else {
                return Ok(ValueType {
                    item: Item::Scalar(Scalar::Untyped),
                    many: true,
                });
            };
            let inner = value_type(schemas, &items.clone().unbox())?;
            if inner.many {
                return Err("is a list of lists, which Graph does not have".to_owned());
            }
            return Ok(ValueType { many: true, ..inner });
        }
        SchemaKind::Type(Type::String(string)) => string_scalar(&string.format)?,
        SchemaKind::Type(Type::Integer(integer)) => integer_scalar(&integer.format)?,
        SchemaKind::Type(Type::Number(number)) => number_scalar(&number.format)?,
        SchemaKind::Type(Type::Boolean(_)) => Scalar::Bool,
        SchemaKind::Type(Type::Object(object)) if object.properties.is_empty() => Scalar::Untyped,
        SchemaKind::Type(Type::Object(_)) => {
            return Err("is an object without a name; make it a component and refer to it".to_owned());
        }
        SchemaKind::AnyOf { any_of: options } | SchemaKind::OneOf { one_of: options } => {
            return alternatives(schemas, options);
        }
        SchemaKind::AllOf { all_of } => match all_of.as_slice() {
            [one] => return value_type(schemas, one),
            _ => return Err("combines several schemas, which only a component may do".to_owned()),
        },
        SchemaKind::Any(_) => Scalar::Untyped,
        SchemaKind::Not { .. } => return Err("uses `not`, which names no type".to_owned()),
    };
    Ok(ValueType {
        item: Item::Scalar(scalar),
        many: false,
    })
}

fn named(schemas: &Schemas, name: &str) -> Result<Item, String> {
    match schemas.get(name).map(|read| &read.item) {
        None => Err(format!("refers to `{name}`, which no document defines")),
        Some(ReferenceOr::Reference { .. }) => Err(format!("refers to `{name}`, which is itself a reference")),
        Some(ReferenceOr::Item(schema)) if is_enumeration(schema) => Ok(Item::Enumeration(name.to_owned())),
        Some(ReferenceOr::Item(_)) if !name.starts_with(NAMESPACE) => Ok(Item::Scalar(Scalar::Untyped)),
        Some(ReferenceOr::Item(schema)) if collection_items(schema).is_some() => Err(format!(
            "refers to `{name}`, the wrapper of a list, where a type belongs"
        )),
        Some(ReferenceOr::Item(_)) => Ok(Item::Object(name.to_owned())),
    }
}

/// Microsoft spells "nullable reference" as a choice between the reference and a nullable object without
/// properties, and a floating-point number as a choice between a number, a string and the names of infinity.
fn alternatives(schemas: &Schemas, options: &[ReferenceOr<Schema>]) -> Result<ValueType, String> {
    let is_filler = |option: &&ReferenceOr<Schema>| match option {
        ReferenceOr::Reference { reference } => component(reference) == "ReferenceNumeric",
        ReferenceOr::Item(schema) => match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => object.properties.is_empty(),
            _ => false,
        },
    };
    let kept: Vec<_> = options.iter().filter(|option| !is_filler(option)).collect();
    if let [one] = kept.as_slice() {
        return value_type(schemas, one);
    }
    let is_number = |option: &&&ReferenceOr<Schema>| {
        let ReferenceOr::Item(schema) = option else {
            return false;
        };
        matches!(schema.schema_kind, SchemaKind::Type(Type::Number(_) | Type::Integer(_)))
    };
    match kept.iter().find(is_number) {
        Some(number) => value_type(schemas, number),
        None if kept.is_empty() => Ok(ValueType {
            item: Item::Scalar(Scalar::Untyped),
            many: false,
        }),
        None => Err(format!("is a choice between {} types; Graph declares one", kept.len())),
    }
}

fn string_scalar(format: &Format<StringFormat>) -> Result<Scalar, String> {
    Ok(match format {
        Format::Empty => Scalar::String,
        Format::Item(StringFormat::Date) => Scalar::Date,
        Format::Item(StringFormat::DateTime) => Scalar::DateTime,
        Format::Item(StringFormat::Password) => Scalar::Secret,
        Format::Item(StringFormat::Byte) => Scalar::Binary,
        Format::Item(StringFormat::Binary) => Scalar::Stream,
        Format::Unknown(name) => match name.as_str() {
            "uuid" => Scalar::Guid,
            "base64" | "base64url" => Scalar::Binary,
            "time" => Scalar::TimeOfDay,
            "duration" => Scalar::Duration,
            "decimal" => Scalar::Decimal,
            other => return Err(format!("is a string of the unknown format `{other}`")),
        },
    })
}

fn integer_scalar(format: &Format<IntegerFormat>) -> Result<Scalar, String> {
    match format {
        Format::Empty | Format::Item(IntegerFormat::Int32) => Ok(Scalar::Int32),
        Format::Item(IntegerFormat::Int64) => Ok(Scalar::Int64),
        Format::Unknown(name) => small_or_decimal(name),
    }
}

fn number_scalar(format: &Format<NumberFormat>) -> Result<Scalar, String> {
    match format {
        Format::Empty | Format::Item(NumberFormat::Double) => Ok(Scalar::Double),
        Format::Item(NumberFormat::Float) => Ok(Scalar::Single),
        Format::Unknown(name) => small_or_decimal(name),
    }
}

fn small_or_decimal(format: &str) -> Result<Scalar, String> {
    Ok(match format {
        "uint8" => Scalar::Byte,
        "int8" | "int16" => Scalar::Int16,
        "int32" => Scalar::Int32,
        "int64" => Scalar::Int64,
        "decimal" => Scalar::Decimal,
        other => return Err(format!("is a number of the unknown format `{other}`")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        let component = |text: &str| Read {
            document: String::new(),
            item: serde_json::from_str(text).unwrap(),
        };
        let schemas = BTreeMap::from([
            ("microsoft.graph.o".to_owned(), component(r#"{"type": "object"}"#)),
            (
                "microsoft.graph.e".to_owned(),
                component(r#"{"type": "string", "enum": ["a"]}"#),
            ),
        ]);
        let got = match value_type(&schemas, &serde_json::from_str(json).unwrap()) {
            Ok(ValueType { item, many }) => format!("{item:?}{}", if many { "[]" } else { "" }),
            Err(reason) => reason,
        };
        assert_eq!(got, expected, "{json}");
    }

    #[test]
    fn scalars_of_both_spellings() {
        check(r#"{"type": "string", "nullable": true}"#, "Scalar(String)");
        check(r#"{"type": "string", "format": "base64"}"#, "Scalar(Binary)");
        check(r#"{"type": "string", "format": "base64url"}"#, "Scalar(Binary)");
        check(r#"{"type": "string", "format": "binary"}"#, "Scalar(Stream)");
        check(r#"{"type": "string", "format": "password"}"#, "Scalar(Secret)");
        check(
            r#"{"type": "string", "format": "uuid", "pattern": "^[0-9a-f-]{36}$"}"#,
            "Scalar(Guid)",
        );
        check(
            r#"{"type": "string", "format": "date-time", "pattern": "^[0-9]{4,}-"}"#,
            "Scalar(DateTime)",
        );
        check(r#"{"type": "integer", "format": "uint8"}"#, "Scalar(Byte)");
        check(
            r#"{"type": "number", "format": "int32", "minimum": -2147483648, "maximum": 2147483647}"#,
            "Scalar(Int32)",
        );
        check(r#"{"type": "number", "format": "int64"}"#, "Scalar(Int64)");
        check("{}", "Scalar(Untyped)");
    }

    #[test]
    fn a_number_with_its_infinities_is_a_number() {
        let json = r##"{"anyOf": [{"type": "number", "format": "double", "nullable": true}, {"type": "string", "nullable": true},
            {"$ref": "#/components/schemas/ReferenceNumeric"}]}"##;
        check(json, "Scalar(Double)");
        check(
            r#"{"oneOf": [{"type": "number", "format": "float"}, {"type": "string"}, {"enum": ["-INF", "INF", "NaN"]}]}"#,
            "Scalar(Single)",
        );
    }

    #[test]
    fn references_are_objects_or_enumerations() {
        check(
            r##"{"$ref": "x.json#/components/schemas/microsoft.graph.o"}"##,
            "Object(\"microsoft.graph.o\")",
        );
        check(
            r##"{"anyOf": [{"$ref": "#/components/schemas/microsoft.graph.e"}, {"type": "object", "nullable": true}]}"##,
            "Enumeration(\"microsoft.graph.e\")",
        );
        check(
            r##"{"type": "array", "items": {"$ref": "#/microsoft.graph.o"}}"##,
            "Object(\"microsoft.graph.o\")[]",
        );
        check(
            r##"{"$ref": "#/components/schemas/g.x"}"##,
            "refers to `g.x`, which no document defines",
        );
    }

    #[test]
    fn what_names_no_type_says_so() {
        check(
            r#"{"type": "object", "properties": {"a": {"type": "string"}}}"#,
            "is an object without a name; make it a component and refer to it",
        );
        check(
            r#"{"type": "string", "format": "octet"}"#,
            "is a string of the unknown format `octet`",
        );
        check(
            r##"{"anyOf": [{"$ref": "#/microsoft.graph.o"}, {"$ref": "#/microsoft.graph.e"}]}"##,
            "is a choice between 2 types; Graph declares one",
        );
    }
}
