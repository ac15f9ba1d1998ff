//! Types and action parameters as OpenAPI schemas.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use super::cloud::{Availability, Clouds};
use super::csdl::{EnumType, Member, Model, Nature, Operation, StructType, Type, TypeRef, short};
use super::rules::{ParameterRules, Rules, Secrecy, ValueRule};
use crate::json::Json;

/// From where a schema is referred to.
#[derive(Clone, Copy)]
pub(crate) enum From<'a> {
    /// The document of this namespace.
    Namespace(&'a str),
    /// A document of operations.
    Area,
}

/// The documents of all namespaces: file name without ending, and document.
pub(crate) fn documents(
    model: &Model,
    actions: &[&Operation],
    rules: &Rules,
    availability: &Availability,
) -> Result<Vec<(String, Json)>> {
    let mut schemas: BTreeMap<&str, BTreeMap<String, Json>> = BTreeMap::new();
    for ty in model.types.values() {
        let clouds = availability.of_type(ty.name());
        let json = match ty {
            Type::Struct(ty) => struct_schema(ty, clouds, rules, availability),
            Type::Enum(ty) => with_clouds(enum_schema(ty), clouds),
        };
        schemas
            .entry(namespace(ty.name()))
            .or_default()
            .insert(ty.name().to_owned(), json);
    }
    for action in actions {
        let component = parameters_component(action);
        let json = parameters_schema(action, &component, rules)?;
        let known = schemas
            .entry(namespace(&action.binding.name))
            .or_default()
            .insert(component.clone(), json);
        ensure!(known.is_none(), "two schemas are named {component}");
    }
    Ok(schemas
        .into_iter()
        .map(|(namespace, schemas)| (namespace.to_owned(), document(namespace, Json::object(schemas))))
        .collect())
}

/// The name of the schema of an action's parameters.
pub(crate) fn parameters_component(action: &Operation) -> String {
    let collection = if action.binding.collection { "-collection" } else { "" };
    format!("{}{collection}.{}", action.binding.name, action.name)
}

/// A reference to the schema of this full name, which is declared in `namespace`.
pub(crate) fn reference(namespace: &str, name: &str, from: From) -> Json {
    let file = match from {
        From::Namespace(here) if here == namespace => String::new(),
        From::Namespace(_) => format!("{namespace}.json"),
        From::Area => format!("../schemas/{namespace}.json"),
    };
    Json::object([("$ref", Json::from(format!("{file}#/components/schemas/{name}")))])
}

/// The schema of a used type.
pub(crate) fn used(ty: &TypeRef, from: From, secrecy: Secrecy) -> Json {
    if ty.collection {
        let items = used(
            &TypeRef {
                nullable: false,
                ..ty.item()
            },
            from,
            secrecy,
        );
        return Json::object([("type", Json::from("array")), ("items", items)]);
    }
    let Some(primitive) = ty.name.strip_prefix("Edm.") else {
        let reference = reference(namespace(&ty.name), &ty.name, from);
        let or_null = Json::object([("type", Json::from("object")), ("nullable", Json::from(true))]);
        return match ty.nullable {
            true => Json::object([("anyOf", Json::List(vec![reference, or_null]))]),
            false => reference,
        };
    };
    let (kind, format) = match primitive {
        "Boolean" => ("boolean", ""),
        "Byte" => ("integer", "uint8"),
        "Int16" => ("integer", "int16"),
        "Int32" => ("integer", "int32"),
        "Int64" => ("integer", "int64"),
        "Single" => ("number", "float"),
        "Double" => ("number", "double"),
        "Decimal" => ("number", "decimal"),
        "Guid" => ("string", "uuid"),
        "Binary" => ("string", "base64"),
        "DateTimeOffset" => ("string", "date-time"),
        "Date" => ("string", "date"),
        "TimeOfDay" => ("string", "time"),
        "Duration" => ("string", "duration"),
        "Stream" => ("string", "binary"),
        "Untyped" => return Json::object::<&str>([]),
        _ => ("string", ""),
    };
    let format = if secrecy == Secrecy::Text { "password" } else { format };
    let mut json = Json::object([("type", Json::from(kind))]);
    if !format.is_empty() {
        json = json.with("format", format);
    }
    if ty.nullable {
        json = json.with("nullable", true);
    }
    if secrecy == Secrecy::Bytes {
        json.with("x-graph-secret", true)
    } else {
        json
    }
}

/// The namespace of a full name.
pub(crate) fn namespace(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(namespace, _)| namespace)
}

fn struct_schema(ty: &StructType, clouds: Clouds, rules: &Rules, availability: &Availability) -> Json {
    let from = From::Namespace(namespace(&ty.name));
    let properties = ty.members.iter().map(|member| {
        let there = availability.of_member(&ty.name, &member.name);
        let narrower = (there != clouds).then_some(there);
        (
            member.name.clone(),
            member_schema(member, from, rules.secrecy(&ty.name, &member.name), narrower),
        )
    });
    let mut object = Json::object([("title", Json::from(short(&ty.name))), ("type", Json::from("object"))]);
    if !ty.members.is_empty() {
        object = object.with("properties", Json::object(properties));
    }
    if ty.open {
        object = object.with("additionalProperties", true);
    }
    let mut json = match &ty.base {
        Some(base) => {
            let base = reference(namespace(base), base, from);
            Json::object([("allOf", Json::List(vec![base, object]))])
        }
        None => object,
    };
    json = json.with("x-graph-kind", if ty.entity { "entity" } else { "complex" });
    if ty.is_abstract {
        json = json.with("x-graph-abstract", true);
    }
    if ty.stream {
        json = json.with("x-graph-has-stream", true);
    }
    with_clouds(json, clouds)
}

fn member_schema(member: &Member, from: From, secrecy: Secrecy, clouds: Option<Clouds>) -> Json {
    let is_relation = member.nature != Nature::Property;
    let mut json = used(&member.ty, from, secrecy);
    let is_plain_reference = matches!(&json, Json::Object(entries) if entries.iter().any(|(key, _)| key == "$ref"));
    if is_plain_reference && (is_relation || member.read_only || clouds.is_some()) {
        // Beside `$ref` nothing else counts.
        json = Json::object([("allOf", Json::List(vec![json]))]);
    }
    if is_relation {
        json = json.with("x-ms-navigationProperty", true);
    }
    if member.read_only {
        json = json.with("readOnly", true);
    }
    match clouds {
        Some(clouds) => json.with("x-graph-clouds", clouds.json()),
        None => json,
    }
}

fn enum_schema(ty: &EnumType) -> Json {
    let name = short(&ty.name);
    let mut json = Json::object([("title", Json::from(name)), ("type", Json::from("string"))]);
    if !ty.members.is_empty() {
        json = json.with("enum", Json::list(ty.members.clone()));
    }
    let described = Json::object([("name", Json::from(name)), ("modelAsString", Json::from(true))]);
    json = json.with("x-ms-enum", described);
    if ty.flags {
        json.with("x-ms-enum-flags", Json::object([("isFlags", Json::from(true))]))
    } else {
        json
    }
}

fn parameters_schema(action: &Operation, component: &str, rules: &Rules) -> Result<Json> {
    let rule = rules.of_action(component);
    let from = From::Namespace(namespace(&action.binding.name));
    let mut required = Vec::new();
    let mut properties = Vec::new();
    for parameter in &action.parameters {
        let demanded = rule.is_some_and(|rule| rule.required.contains(&parameter.name));
        if demanded || (!parameter.ty.nullable && !parameter.optional) {
            required.push(parameter.name.clone());
        }
        let ty = TypeRef {
            nullable: parameter.ty.nullable && !demanded,
            ..parameter.ty.clone()
        };
        let json = used(&ty, from, rules.secrecy(component, &parameter.name));
        let value = rule.and_then(|rule: &ParameterRules| rule.values.get(&parameter.name));
        properties.push((
            parameter.name.clone(),
            value.map_or(json.clone(), |value| with_rule(json, value)),
        ));
    }
    let mut json = Json::object([
        ("title", Json::from(action.name.as_str())),
        ("type", Json::from("object")),
        ("properties", Json::object(properties)),
    ]);
    if !required.is_empty() {
        json = json.with("required", Json::list(required));
    }
    Ok(json.with("x-graph-kind", "parameters"))
}

fn with_rule(mut json: Json, rule: &ValueRule) -> Json {
    if let Some(start) = &rule.starts_with {
        json = json.with("pattern", format!("^{start}"));
    }
    if let Some(length) = rule.min_length {
        json = json.with("minLength", length);
    }
    if let Some(length) = rule.max_length {
        json = json.with("maxLength", length);
    }
    match rule.future_years {
        Some(years) => json.with("x-graph-future", Json::object([("years", Json::from(years))])),
        None => json,
    }
}

fn with_clouds(json: Json, clouds: Clouds) -> Json {
    if clouds.is_everywhere() {
        json
    } else {
        json.with("x-graph-clouds", clouds.json())
    }
}

fn document(namespace: &str, schemas: Json) -> Json {
    Json::object([
        ("openapi", Json::from("3.0.3")),
        (
            "info",
            Json::object([
                ("title", Json::from(format!("Types of {namespace}"))),
                ("version", "v1.0".into()),
            ]),
        ),
        ("paths", Json::object::<&str>([])),
        ("components", Json::object([("schemas", schemas)])),
    ])
}

/// What every OData service answers and accepts: errors and references.
pub(crate) fn odata_document() -> Json {
    let text = || Json::object([("type", Json::from("string"))]);
    let nullable = || text().with("nullable", true);
    let object = |properties: Vec<(&str, Json)>| {
        Json::object([("type", Json::from("object")), ("properties", Json::object(properties))])
    };
    let local = |name: &str| Json::object([("$ref", Json::from(format!("#/components/schemas/{name}")))]);
    let list_of = |name: &str| Json::object([("type", Json::from("array")), ("items", local(name))]);
    let error = |more: Vec<(&str, Json)>| {
        let mut properties = vec![("code", text()), ("message", text()), ("target", nullable())];
        properties.extend(more);
        object(properties)
            .with("required", Json::list(["code", "message"]))
            .with("additionalProperties", true)
    };
    let inner = object(vec![
        ("date", nullable()),
        ("request-id", nullable()),
        ("client-request-id", nullable()),
        ("code", nullable()),
    ]);
    let schemas = Json::object([
        (
            "Error",
            object(vec![("error", local("MainError"))]).with("required", Json::list(["error"])),
        ),
        (
            "MainError",
            error(vec![
                ("details", list_of("ErrorDetails")),
                ("innerError", local("InnerError")),
            ]),
        ),
        ("ErrorDetails", error(Vec::new())),
        ("InnerError", inner.with("additionalProperties", true)),
        (
            "ReferenceCreate",
            object(vec![("@odata.id", text())]).with("required", Json::list(["@odata.id"])),
        ),
    ]);
    let content = Json::object([("application/json", Json::object([("schema", local("Error"))]))]);
    let response = Json::object([("description", Json::from("error")), ("content", content)]);
    Json::object([
        ("openapi", Json::from("3.0.3")),
        (
            "info",
            Json::object([("title", Json::from("OData")), ("version", "v1.0".into())]),
        ),
        ("paths", Json::object::<&str>([])),
        (
            "components",
            Json::object([("schemas", schemas), ("responses", Json::object([("error", response)]))]),
        ),
    ])
}
