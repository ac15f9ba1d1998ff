//! From component schemas to structures and enumerations.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use openapiv3::{ReferenceOr, Schema, SchemaKind, Type};
use serde_json::Value;

use super::document::{Documents, Read, component};
use super::facts;
use super::ir::{Api, Clouds, Enumeration, Item, Kind, Property, Rule, Structure, ValueType};
use super::problem::{Problem, Problems};
use super::value::{NAMESPACE, all_of, collection_items, is_enumeration, value_type};

type Properties = IndexMap<String, ReferenceOr<Box<Schema>>>;

/// Adds all types of the documents.
pub(crate) fn lower(documents: &Documents, api: &mut Api) -> Problems {
    let mut problems = Problems::default();
    for (name, read) in &documents.schemas {
        let ReferenceOr::Item(schema) = &read.item else {
            continue;
        };
        if !name.starts_with(NAMESPACE) || collection_items(schema).is_some() {
            continue;
        }
        if is_enumeration(schema) {
            if let Some(enumeration) = problems.keep(enumeration(&read.document, name, schema)) {
                api.enumerations.insert(name.clone(), enumeration);
            }
        } else if let Some(structure) = structure(documents, read, name, schema, &mut problems) {
            api.structures.insert(name.clone(), structure);
        }
    }
    check_bases(api, &mut problems);
    entities_by_ancestor(api);
    problems
}

fn enumeration(document: &str, name: &str, schema: &Schema) -> Result<Enumeration, Problem> {
    let SchemaKind::Type(Type::String(string)) = &schema.schema_kind else {
        return Err(Problem::new(document, name, "is no string enumeration"));
    };
    let extensions = &schema.schema_data.extensions;
    let flags = extensions.get("x-ms-enum-flags").and_then(|flags| flags.get("isFlags"));
    let clouds = facts::clouds(extensions).map_err(|reason| Problem::new(document, name, reason))?;
    Ok(Enumeration {
        document: document.to_owned(),
        members: string.enumeration.iter().flatten().cloned().collect(),
        is_flags: flags.and_then(Value::as_bool).unwrap_or_default(),
        clouds,
    })
}

fn structure(
    documents: &Documents,
    read: &Read<ReferenceOr<Schema>>,
    name: &str,
    schema: &Schema,
    problems: &mut Problems,
) -> Option<Structure> {
    let problem = |reason: &str| Problem::new(&read.document, name, reason);
    let (base, own) = problems.keep(base_and_own(schema).map_err(problem))?;
    let SchemaKind::Type(Type::Object(object)) = &own.schema_kind else {
        problems
            .0
            .push(problem("is neither an object nor an enumeration of strings"));
        return None;
    };
    let extensions = &schema.schema_data.extensions;
    let is = |key: &str| {
        let of = |schema: &Schema| schema.schema_data.extensions.get(key).and_then(Value::as_bool);
        of(schema).or_else(|| of(own)).unwrap_or_default()
    };
    let kind = match extensions.get("x-graph-kind").and_then(Value::as_str) {
        Some("entity") => Kind::Entity,
        Some("parameters") => Kind::Parameters,
        Some("complex") | None => Kind::Complex,
        Some(other) => {
            problems
                .0
                .push(problem(&format!("has the unknown x-graph-kind {other:?}")));
            return None;
        }
    };
    let clouds = problems.keep(facts::clouds(extensions).map_err(|reason| problem(&reason)))?;
    let open = object.additional_properties.as_ref();
    let mut structure = Structure {
        document: read.document.clone(),
        kind,
        base: base.map(str::to_owned),
        is_abstract: is("x-graph-abstract"),
        is_open: is("additionalProperties") || open == Some(&openapiv3::AdditionalProperties::Any(true)),
        required: object.required.clone(),
        own: BTreeMap::new(),
        relations: BTreeSet::new(),
        clouds,
    };
    fields(documents, name, &object.properties, &mut structure, problems);
    Some(structure)
}

/// Reads properties into `structure`.
fn fields(
    documents: &Documents,
    name: &str,
    properties: &Properties,
    structure: &mut Structure,
    problems: &mut Problems,
) {
    let document = structure.document.clone();
    for (wire, schema) in properties {
        if wire.contains('@') {
            continue;
        }
        let item = schema.as_item().map(|item| &**item);
        if item.is_some_and(|item| item.schema_data.extensions.contains_key("x-ms-navigationProperty")) {
            structure.relations.insert(wire.clone());
            continue;
        }
        let value = value_type(&documents.schemas, &schema.clone().unbox());
        let property = value.and_then(|value| property(value, item));
        let place = format!("{name}/{wire}");
        let property = property.map_err(|reason| Problem::new(&document, place, reason));
        if let Some(property) = problems.keep(property) {
            structure.own.insert(wire.clone(), property);
        }
    }
    for wire in structure.required.iter().filter(|wire| !properties.contains_key(*wire)) {
        let reason = "is required but not declared";
        problems
            .0
            .push(Problem::new(&document, format!("{name}/{wire}"), reason));
    }
}

/// The parameters of an action that a document spells out at the operation.
pub(crate) fn inline_parameters(
    documents: &Documents,
    document: &str,
    name: &str,
    schema: &Schema,
    problems: &mut Problems,
) -> Option<Structure> {
    let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind else {
        return None;
    };
    let mut structure = Structure {
        document: document.to_owned(),
        kind: Kind::Parameters,
        base: None,
        is_abstract: false,
        is_open: false,
        required: object.required.clone(),
        own: BTreeMap::new(),
        relations: BTreeSet::new(),
        clouds: Clouds::ALL,
    };
    fields(documents, name, &object.properties, &mut structure, problems);
    Some(structure)
}

fn base_and_own(schema: &Schema) -> Result<(Option<&str>, &Schema), &'static str> {
    let Some(parts) = all_of(schema) else {
        return Ok((None, schema));
    };
    match parts {
        [ReferenceOr::Reference { reference }, ReferenceOr::Item(own)] => Ok((Some(component(reference)), own)),
        [ReferenceOr::Item(own)] => Ok((None, own)),
        _ => Err("has an allOf that is not a base type followed by the type's own properties"),
    }
}

fn property(value: ValueType, schema: Option<&Schema>) -> Result<Property, String> {
    let mut property = Property {
        value,
        read_only: false,
        clouds: Clouds::ALL,
        rules: Vec::new(),
    };
    let Some(schema) = schema else { return Ok(property) };
    property.read_only = schema.schema_data.read_only;
    property.clouds = facts::clouds(&schema.schema_data.extensions)?;
    property.rules = rules(schema, &property)?;
    Ok(property)
}

fn rules(schema: &Schema, property: &Property) -> Result<Vec<Rule>, String> {
    let mut rules = Vec::new();
    let is_text = matches!(
        property.value.item,
        Item::Scalar(super::ir::Scalar::String | super::ir::Scalar::Secret)
    );
    if let SchemaKind::Type(Type::String(string)) = &schema.schema_kind
        && is_text
    {
        if let Some(pattern) = &string.pattern {
            let prefix = pattern.strip_prefix('^').filter(|prefix| is_literal(prefix));
            let prefix = prefix.ok_or_else(|| {
                format!("has the pattern {pattern:?}; only a literal prefix like \"^CN=\" can be checked")
            })?;
            rules.push(Rule::StartsWith(prefix.to_owned()));
        }
        match string.min_length {
            None | Some(0) => {}
            Some(1) => rules.push(Rule::NotEmpty),
            Some(least) => return Err(format!("has the minLength {least}; only 1 can be checked")),
        }
        rules.extend(string.max_length.map(Rule::MaxLength));
    }
    if let Some(future) = schema.schema_data.extensions.get("x-graph-future") {
        let years = future
            .get("years")
            .and_then(Value::as_u64)
            .and_then(|years| u8::try_from(years).ok());
        let years = years.ok_or("has an x-graph-future without a number of years below 256")?;
        rules.push(Rule::FutureWithinYears(years));
    }
    Ok(rules)
}

fn is_literal(pattern: &str) -> bool {
    !pattern.is_empty() && !pattern.contains(|c: char| r"\^$.|?*+()[]{}".contains(c))
}

fn check_bases(api: &Api, problems: &mut Problems) {
    for (name, structure) in &api.structures {
        let Some(base) = structure.base.as_deref() else {
            continue;
        };
        let reason = if !api.structures.contains_key(base) {
            format!("derives from `{base}`, which no document defines")
        } else if base == name || api.ancestors(base).contains(&name.as_str()) {
            "derives from itself".to_owned()
        } else {
            continue;
        };
        problems.0.push(Problem::new(&structure.document, name, reason));
    }
}

/// Microsoft's documents do not say which types are entities; those that derive from `entity` are.
fn entities_by_ancestor(api: &mut Api) {
    const ENTITY: &str = "microsoft.graph.entity";
    let is_entity = |name: &&String| name.as_str() == ENTITY || api.ancestors(name).contains(&ENTITY);
    let entities: Vec<String> = api.structures.keys().filter(is_entity).cloned().collect();
    for name in entities {
        if let Some(structure) = api.structures.get_mut(&name) {
            structure.kind = Kind::Entity;
        }
    }
}
