//! Operations as OpenAPI documents, one for each first path segment.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use super::cloud::Clouds;
use super::csdl::{TypeRef, short};
use super::outcome::{Kind, Payload, Resolved};
use super::permissions::{self, Permissions};
use super::rules::{Rules, Secrecy};
use super::schemas::{From, namespace, parameters_component, reference, used};
use super::template::PathParameter;
use crate::json::Json;

/// An operation with everything known about it.
#[derive(Debug)]
pub(crate) struct Fact<'m> {
    pub(crate) operation: Resolved<'m>,
    pub(crate) clouds: Clouds,
    pub(crate) permissions: Permissions,
    /// Which other operation the permissions are taken from, if any.
    pub(crate) permissions_from: Option<&'static str>,
    pub(crate) documentation: Option<String>,
}

/// The documents of all areas: file name without ending, and document. `facts` are in the order of path and method.
pub(crate) fn documents(facts: &[Fact], rules: &Rules) -> Result<Vec<(String, Json)>> {
    let ids = operation_ids(facts)?;
    let mut areas: BTreeMap<&str, Vec<(&str, Json)>> = BTreeMap::new();
    for (fact, id) in facts.iter().zip(ids) {
        let template = &fact.operation.template;
        let paths = areas.entry(template.area()).or_default();
        if paths.last().is_none_or(|(path, _)| *path != template.text) {
            let parameters: Vec<Json> = template.parameters.iter().map(path_parameter).collect();
            let item = Json::object((!parameters.is_empty()).then_some(("parameters", Json::List(parameters))));
            paths.push((&template.text, item));
        }
        if let Some((_, item)) = paths.last_mut()
            && let Json::Object(entries) = item
        {
            let method = fact.operation.method.name().to_ascii_lowercase();
            entries.push((method, operation(fact, &id, rules)));
        }
    }
    Ok(areas
        .into_iter()
        .map(|(area, paths)| (area.to_owned(), document(area, Json::object(paths))))
        .collect())
}

fn document(area: &str, paths: Json) -> Json {
    Json::object([
        ("openapi", Json::from("3.0.3")),
        (
            "info",
            Json::object([
                ("title", Json::from(format!("Operations of /{area}"))),
                ("version", "v1.0".into()),
            ]),
        ),
        (
            "servers",
            Json::List(vec![Json::object([(
                "url",
                Json::from("https://graph.microsoft.com/v1.0"),
            )])]),
        ),
        ("paths", paths),
    ])
}

fn path_parameter(parameter: &PathParameter) -> Json {
    let json = Json::object([
        ("name", Json::from(parameter.name.as_str())),
        ("in", "path".into()),
        ("required", true.into()),
        (
            "schema",
            used(
                &TypeRef {
                    nullable: false,
                    ..parameter.ty.clone()
                },
                From::Area,
                Secrecy::Public,
            ),
        ),
    ]);
    match &parameter.key_of {
        Some(ty) => json.with("x-ms-docs-key-type", ty.as_str()),
        None => json,
    }
}

fn operation(fact: &Fact, id: &str, rules: &Rules) -> Json {
    let Fact { operation, .. } = fact;
    let mut json = Json::object([("operationId", Json::from(id))]);
    if let Some(slug) = &fact.documentation {
        let url = format!("https://learn.microsoft.com/graph/api/{slug}");
        json = json.with("externalDocs", Json::object([("url", Json::from(url))]));
    }
    if operation.kind == Kind::RemoveReference && !operation.template.ends_with_key_before_reference() {
        json = json.with("parameters", Json::List(vec![id_parameter()]));
    }
    if let Some(content) = content(&operation.request) {
        let body = Json::object([("required", Json::from(true)), ("content", content)]);
        json = json.with("requestBody", body);
    }
    let response = uploaded(operation, rules).unwrap_or_else(|| operation.response.clone());
    let error = Json::from("../schemas/odata.json#/components/responses/error");
    let responses = [success(&response), ("default", Json::object([("$ref", error)]))];
    json = json.with("responses", Json::object(responses));
    if is_collection(&response) {
        let page = [
            ("nextLinkName", Json::from("@odata.nextLink")),
            ("itemName", Json::from("value")),
        ];
        json = json.with("x-ms-pageable", Json::object(page));
    }
    let kind = match operation.kind {
        Kind::Action => "action",
        Kind::Function => "function",
        _ => "operation",
    };
    json = json
        .with("x-ms-docs-operation-type", kind)
        .with("x-graph-clouds", fact.clouds.json());
    if !fact.permissions.is_empty() {
        json = json.with("x-graph-permissions", permissions::json(&fact.permissions));
    }
    match fact.permissions_from {
        Some(source) => json.with("x-graph-permissions-from", source),
        None => json,
    }
}

/// The object that answers an upload, where the documentation says so.
fn uploaded<'m>(operation: &Resolved<'m>, rules: &Rules) -> Option<Payload<'m>> {
    if operation.kind != Kind::SetContent {
        return None;
    }
    let is_meant =
        |content: &str, owner: &str| operation.semantic == format!("{}|{owner}|{content}", operation.method.name());
    let rule = rules.upload.iter().find(|rule| is_meant(&rule.content, &rule.ty))?;
    Some(Payload::Value(TypeRef::single(&rule.returns)))
}

/// The reference to remove from a collection whose item the path does not name.
fn id_parameter() -> Json {
    Json::object([
        ("name", Json::from("$id")),
        ("in", "query".into()),
        ("required", true.into()),
        ("schema", Json::object([("type", Json::from("string"))])),
    ])
}

fn success(payload: &Payload) -> (&'static str, Json) {
    match content(payload) {
        Some(content) => (
            "2XX",
            Json::object([("description", Json::from(description(payload))), ("content", content)]),
        ),
        None => ("204", Json::object([("description", Json::from("no content"))])),
    }
}

fn description(payload: &Payload) -> String {
    match payload {
        Payload::Value(ty) if ty.collection => format!("collection of {}", short(&ty.name)),
        Payload::List(ty) => format!("list of {}", short(&ty.name)),
        Payload::Value(ty) => short(&ty.name).to_owned(),
        Payload::References => "references".to_owned(),
        Payload::Reference => "reference".to_owned(),
        Payload::Count => "count".to_owned(),
        _ => "content".to_owned(),
    }
}

/// Whether the response is a page of a collection.
fn is_collection(payload: &Payload) -> bool {
    match payload {
        Payload::Value(ty) => ty.collection,
        Payload::References => true,
        _ => false,
    }
}

fn content(payload: &Payload) -> Option<Json> {
    let reference_schema = || reference("odata", "ReferenceCreate", From::Area);
    let (media, schema) = match payload {
        Payload::Nothing => return None,
        Payload::Value(ty) => ("application/json", value_schema(ty)),
        Payload::List(ty) => ("application/json", array(used(ty, From::Area, Secrecy::Public))),
        Payload::Parameters(action) => {
            let schema = reference(
                namespace(&action.binding.name),
                &parameters_component(action),
                From::Area,
            );
            ("application/json", schema)
        }
        Payload::Reference => ("application/json", reference_schema()),
        Payload::References => ("application/json", wrapped(array(reference_schema()))),
        Payload::Count => (
            "text/plain",
            used(&TypeRef::single("Edm.Int32"), From::Area, Secrecy::Public),
        ),
        Payload::Content => (
            "application/octet-stream",
            used(&TypeRef::single("Edm.Stream"), From::Area, Secrecy::Public),
        ),
    };
    Some(Json::object([(media, Json::object([("schema", schema)]))]))
}

/// A value as a whole body: objects stand alone, everything else stands under `value`.
fn value_schema(ty: &TypeRef) -> Json {
    let schema = used(
        &TypeRef {
            nullable: false,
            ..ty.clone()
        },
        From::Area,
        Secrecy::Public,
    );
    if ty.collection || ty.name.starts_with("Edm.") {
        wrapped(schema)
    } else {
        schema
    }
}

fn wrapped(schema: Json) -> Json {
    Json::object([
        ("type", Json::from("object")),
        ("properties", Json::object([("value", schema)])),
    ])
}

fn array(items: Json) -> Json {
    Json::object([("type", Json::from("array")), ("items", items)])
}

/// A readable name for each operation, unlike all others.
fn operation_ids(facts: &[Fact]) -> Result<Vec<String>> {
    let short: Vec<String> = facts.iter().map(|fact| operation_id(fact, false)).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for id in &short {
        *times.entry(id).or_default() += 1;
    }
    let ids: Vec<String> = facts
        .iter()
        .zip(&short)
        .map(|(fact, id)| {
            if times[id.as_str()] == 1 {
                id.clone()
            } else {
                operation_id(fact, true)
            }
        })
        .collect();
    let mut seen = BTreeSet::new();
    for id in &ids {
        ensure!(seen.insert(id), "two operations would be named {id}");
    }
    Ok(ids)
}

/// `users.messages.list`; the long form also names the parameters.
fn operation_id(fact: &Fact, long: bool) -> String {
    let operation = &fact.operation;
    let verb = match operation.kind {
        Kind::Action | Kind::Function => "",
        Kind::List => ".list",
        Kind::Get => ".get",
        Kind::Create => ".create",
        Kind::Update => ".update",
        Kind::Replace => ".replace",
        Kind::Delete => ".delete",
        Kind::Count => "",
        Kind::ListReferences => ".list",
        Kind::AddReference => ".add",
        Kind::SetReference => ".set",
        Kind::RemoveReference => ".remove",
        Kind::GetContent => ".get",
        Kind::SetContent => ".set",
    };
    let words = operation.template.words(long);
    format!("{words}{verb}")
}
