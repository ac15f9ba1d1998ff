//! From path items to operations.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use openapiv3::{
    MediaType, Parameter, ParameterSchemaOrContent, PathItem, ReferenceOr, RequestBody, Response, Schema, SchemaKind,
    StatusCode, Type,
};
use serde_json::Value;

use super::document::{Documents, Read, component};
use super::facts;
use super::ir::{
    Api, Body, FullName, Item, Kind, Method, Operation, OperationKind, Outcome, Placeholder, Scalar, ValueType,
};
use super::problem::{Problem, Problems};
use super::types::inline_parameters;
use super::value::{collection_items, value_type};

const JSON: &str = "application/json";

/// Adds all operations of the documents. The types must be there already.
pub(crate) fn lower(documents: &Documents, api: &mut Api) -> Problems {
    let mut problems = Problems::default();
    for (path, read) in &documents.paths {
        let item = &read.item;
        let methods = [
            (Method::Delete, &item.delete),
            (Method::Get, &item.get),
            (Method::Patch, &item.patch),
            (Method::Post, &item.post),
            (Method::Put, &item.put),
        ];
        for (method, operation) in methods {
            let Some(operation) = operation else { continue };
            let reader = Reader {
                documents,
                document: &read.document,
                path,
                method,
                item,
                operation,
            };
            if let Some(operation) = reader.operation(api, &mut problems) {
                api.operations.push(operation);
            }
        }
    }
    problems
}

/// One operation with what surrounds it.
struct Reader<'a> {
    documents: &'a Documents,
    document: &'a str,
    path: &'a str,
    method: Method,
    item: &'a PathItem,
    operation: &'a openapiv3::Operation,
}

impl Reader<'_> {
    fn operation(&self, api: &mut Api, problems: &mut Problems) -> Option<Operation> {
        let (placeholders, id_option) = problems.keep(self.placeholders().map_err(|reason| self.problem(reason)))?;
        let kind = problems.keep(self.kind().map_err(|reason| self.problem(reason)))?;
        let body = self.body(api, kind, problems)?;
        let facts = || {
            let extensions = &self.operation.extensions;
            let documentation = self
                .operation
                .external_docs
                .as_ref()
                .map(|docs| facts::slug(&docs.url))
                .transpose()?;
            Ok((
                self.result()?,
                facts::clouds(extensions)?,
                facts::permissions(extensions)?,
                documentation,
            ))
        };
        let facts = facts().map_err(|reason: String| self.problem(reason));
        let (result, clouds, permissions, documentation) = problems.keep(facts)?;
        Some(Operation {
            document: self.document.to_owned(),
            method: self.method,
            path: self.path.to_owned(),
            kind,
            placeholders,
            id_option,
            body,
            result,
            clouds,
            permissions,
            documentation,
        })
    }

    fn problem(&self, reason: String) -> Problem {
        Problem::new(self.document, format!("{} {}", self.method.as_str(), self.path), reason)
    }

    fn kind(&self) -> Result<OperationKind, String> {
        match self
            .operation
            .extensions
            .get("x-ms-docs-operation-type")
            .and_then(Value::as_str)
        {
            None | Some("operation") => Ok(OperationKind::Operation),
            Some("action") => Ok(OperationKind::Action),
            Some("function") => Ok(OperationKind::Function),
            Some(other) => Err(format!("has the unknown x-ms-docs-operation-type {other:?}")),
        }
    }

    fn placeholders(&self) -> Result<(BTreeMap<String, Placeholder>, Option<String>), String> {
        let mut placeholders = BTreeMap::new();
        let mut id_option = None;
        for parameter in self.item.parameters.iter().chain(&self.operation.parameters) {
            // Microsoft's shared parameters are the query options that every request has.
            let ReferenceOr::Item(parameter) = parameter else {
                continue;
            };
            let data = parameter.parameter_data_ref();
            if !matches!(parameter, Parameter::Path { .. }) {
                if matches!(data.name.as_str(), "$id" | "@id") {
                    id_option = Some(data.name.clone());
                }
                continue;
            }
            let ParameterSchemaOrContent::Schema(schema) = &data.format else {
                // A collection is passed as JSON text.
                let item = Item::Scalar(Scalar::String);
                let value = ValueType { item, many: true };
                placeholders.insert(data.name.clone(), Placeholder { value, is_key: false });
                continue;
            };
            let value = value_type(&self.documents.schemas, schema)
                .map_err(|reason| format!("its parameter `{}` {reason}", data.name))?;
            let is_key = data.extensions.contains_key("x-ms-docs-key-type");
            placeholders.insert(data.name.clone(), Placeholder { value, is_key });
        }
        Ok((placeholders, id_option))
    }

    fn body(&self, api: &mut Api, kind: OperationKind, problems: &mut Problems) -> Option<Body> {
        let Some(body) = &self.operation.request_body else {
            return Some(Body::None);
        };
        let found = resolve(&self.documents.request_bodies, body).map_err(|reason| self.problem(reason));
        let body: &RequestBody = problems.keep(found)?;
        let Some(media) = body.content.get(JSON) else {
            return Some(Body::Content);
        };
        let Some(schema) = &media.schema else {
            return Some(Body::Json(ValueType {
                item: Item::Scalar(Scalar::Untyped),
                many: false,
            }));
        };
        if let Some(inline) = schema.as_item().filter(|_| kind == OperationKind::Action)
            && matches!(&inline.schema_kind, SchemaKind::Type(Type::Object(object)) if !object.properties.is_empty())
        {
            let names = self.parameters_names(api);
            let structure = inline_parameters(self.documents, self.document, names.first()?, inline, problems)?;
            let is_free = |name: &&String| api.structures.get(*name).is_none_or(|other| *other == structure);
            let Some(name) = names.iter().find(is_free) else {
                let reason = format!(
                    "has parameters unlike those of the other action `{}`",
                    names.join("`, `")
                );
                problems.0.push(self.problem(reason));
                return None;
            };
            api.structures.insert(name.clone(), structure);
            return Some(Body::Parameters(name.clone()));
        }
        if let Some(value) = wrapped(schema) {
            let value = self.value(&value.clone().unbox());
            let value = value.map_err(|reason| self.problem(format!("its request body {reason}")));
            return problems.keep(value).map(Body::Wrapped);
        }
        if let ReferenceOr::Reference { reference } = schema
            && matches!(component(reference), "ReferenceCreate" | "ReferenceUpdate")
        {
            return Some(Body::Reference);
        }
        let value = self.value(schema);
        let value = value.map_err(|reason| self.problem(format!("its request body {reason}")));
        Some(match problems.keep(value)? {
            ValueType {
                item: Item::Object(name),
                many: false,
            } if api.structures.get(&name).is_some_and(|s| s.kind == Kind::Parameters) => Body::Parameters(name),
            ValueType {
                item: Item::Scalar(Scalar::Stream),
                ..
            } => Body::Content,
            value => Body::Json(value),
        })
    }

    /// What the parameters of an action can be called when the document gives them no name: after the type whose key
    /// comes last, and after the path.
    fn parameters_names(&self, api: &Api) -> Vec<String> {
        let (before, action) = self.path.rsplit_once('/').unwrap_or(("", self.path));
        let action = action.rsplit_once('.').map_or(action, |(_, name)| name);
        let by_path = before
            .split(|c: char| !c.is_ascii_alphanumeric())
            .collect::<Vec<_>>()
            .join("_");
        let by_type = self.bound_key(before).map(|name| format!("microsoft.graph.{name}"));
        let by_type = by_type.filter(|name| api.structures.contains_key(name));
        let by_path = format!("microsoft.graph.{}", by_path.trim_matches('_'));
        by_type
            .into_iter()
            .chain([by_path])
            .map(|name| format!("{name}.{action}"))
            .collect()
    }

    /// The type whose key `path` ends in: as the placeholder is described, or else as it is called.
    fn bound_key<'a>(&'a self, path: &'a str) -> Option<&'a str> {
        let path = path.strip_suffix(')').map_or(path, |path| path.trim_end_matches('\''));
        let (_, placeholder) = path.strip_suffix('}')?.rsplit_once('{')?;
        let mut parameters = self.item.parameters.iter().chain(&self.operation.parameters);
        let described = parameters.find_map(|parameter| {
            let data = parameter.as_item()?.parameter_data_ref();
            let key_type = data.extensions.get("x-ms-docs-key-type")?.as_str()?;
            (data.name == placeholder).then_some(key_type)
        });
        described.or_else(|| placeholder.strip_suffix("-id"))
    }

    fn result(&self) -> Result<Outcome, String> {
        let mut outcome = Outcome::Nothing;
        for (status, response) in &self.operation.responses.responses {
            if !matches!(status, StatusCode::Code(200..=299) | StatusCode::Range(2)) {
                continue;
            }
            let response: &Response = resolve(&self.documents.responses, response)?;
            if response.content.is_empty() {
                continue;
            }
            outcome = self
                .content(&response.content)
                .map_err(|reason| format!("its response {reason}"))?;
        }
        Ok(outcome)
    }

    fn content(&self, content: &IndexMap<String, MediaType>) -> Result<Outcome, String> {
        let Some(media) = content.get(JSON) else {
            let is_count = self.path.ends_with("/$count") && content.contains_key("text/plain");
            return Ok(if is_count { Outcome::Count } else { Outcome::Content });
        };
        let Some(schema) = &media.schema else {
            return Ok(Outcome::Untyped);
        };
        let resolved = match schema {
            ReferenceOr::Item(schema) => Some(schema),
            ReferenceOr::Reference { reference } => self
                .documents
                .schemas
                .get(component(reference))
                .and_then(|read| read.item.as_item()),
        };
        if let Some(items) = resolved.and_then(collection_items) {
            return self.value(&items.clone().unbox()).map(Outcome::Collection);
        }
        if let Some(value) = wrapped(schema) {
            let value = self.value(&value.clone().unbox())?;
            return Ok(match value.many {
                true => Outcome::Collection(ValueType { many: false, ..value }),
                false => Outcome::One(value),
            });
        }
        Ok(match self.value(schema)? {
            ValueType { many: true, .. } => return Err("is a bare list; Graph wraps lists in `value`".to_owned()),
            ValueType {
                item: Item::Scalar(Scalar::Stream),
                ..
            } => Outcome::Content,
            ValueType {
                item: Item::Scalar(Scalar::Untyped),
                ..
            } => Outcome::Untyped,
            value => Outcome::One(value),
        })
    }

    fn value(&self, schema: &ReferenceOr<Schema>) -> Result<ValueType, String> {
        value_type(&self.documents.schemas, schema)
    }
}

/// What is inside `{"value": …}`.
fn wrapped(schema: &ReferenceOr<Schema>) -> Option<&ReferenceOr<Box<Schema>>> {
    match &schema.as_item()?.schema_kind {
        SchemaKind::Type(Type::Object(object)) => object.properties.get("value"),
        _ => None,
    }
}

fn resolve<'a, T>(
    components: &'a BTreeMap<String, Read<ReferenceOr<T>>>,
    item: &'a ReferenceOr<T>,
) -> Result<&'a T, String> {
    let reference = match item {
        ReferenceOr::Item(item) => return Ok(item),
        ReferenceOr::Reference { reference } => component(reference),
    };
    components
        .get(reference)
        .and_then(|read| read.item.as_item())
        .ok_or_else(|| format!("refers to `{reference}`, which no document defines"))
}

/// The binding type in an action's parameters, for its documentation.
pub(crate) fn bound_type(parameters: &str) -> String {
    let name = FullName::of_parameters(parameters);
    format!("{}.{}", name.namespace, name.name)
}
