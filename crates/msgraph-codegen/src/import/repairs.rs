//! Named repairs of Microsoft's metadata. Each says why it is needed, and the import fails when it no longer is.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use super::cloud::{CloudModel, Clouds};
use super::csdl::{Model, Type, TypeRef};
use super::resolve::{Leniency, NamedProperty};

/// The repairs file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Repairs {
    stream_functions: Vec<StreamFunctions>,
    stream_types: Vec<StreamTypes>,
    untyped: Vec<Untyped>,
    rename_type: Vec<Rename>,
    rename_member: Vec<Rename>,
    /// Paths that are written wrongly, and what they mean.
    pub(crate) paths: Vec<Respelling>,
    literal_keys: Vec<Keys>,
    alternate_keys: Vec<Keys>,
    named_properties: Vec<NamedProperties>,
    stream_commands: Vec<StreamCommands>,
}

/// Functions declared to return `declared` that return bytes according to the annotated schema.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamFunctions {
    reason: String,
    declared: String,
}

/// Entities with a content of their own that the schema does not mark so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamTypes {
    reason: String,
    types: Vec<String>,
}

/// A type that stands in for any JSON value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Untyped {
    reason: String,
    #[serde(rename = "type")]
    ty: String,
}

/// A misspelt name in the schema of one cloud.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    reason: String,
    cloud: String,
    /// The type that has the misspelt member.
    #[serde(rename = "type")]
    ty: Option<String>,
    from: String,
    to: String,
}

/// A path of the permissions file and the paths it stands for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Respelling {
    pub(crate) reason: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
}

/// Keys of a type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    reason: String,
    #[serde(rename = "type")]
    ty: String,
    keys: Vec<String>,
}

/// A type whose paths go on with a parameter for the name of a property.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedProperties {
    reason: String,
    #[serde(rename = "type")]
    ty: String,
    parameter: String,
    properties: String,
}

/// A stream that a list of commands changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamCommands {
    reason: String,
    #[serde(rename = "type")]
    ty: String,
    content: String,
    commands: String,
}

impl Repairs {
    /// Reads the repairs file.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let repairs: Self = toml::from_str(text)?;
        let reasons = [
            repairs
                .stream_functions
                .iter()
                .map(|repair| &repair.reason)
                .collect::<Vec<_>>(),
            repairs.stream_types.iter().map(|repair| &repair.reason).collect(),
            repairs.untyped.iter().map(|repair| &repair.reason).collect(),
            repairs
                .rename_type
                .iter()
                .chain(&repairs.rename_member)
                .map(|repair| &repair.reason)
                .collect(),
            repairs.paths.iter().map(|repair| &repair.reason).collect(),
            repairs
                .literal_keys
                .iter()
                .chain(&repairs.alternate_keys)
                .map(|repair| &repair.reason)
                .collect(),
            repairs.named_properties.iter().map(|repair| &repair.reason).collect(),
            repairs.stream_commands.iter().map(|repair| &repair.reason).collect(),
        ];
        ensure!(
            reasons.concat().iter().all(|reason| !reason.trim().is_empty()),
            "every repair needs a reason"
        );
        Ok(repairs)
    }

    /// Mends the schemas of all clouds. `clouds[0]` is the one that everything is generated from.
    pub(crate) fn mend(&self, clouds: &mut [CloudModel], annotated: &Model) -> Result<()> {
        for rename in &self.rename_type {
            for model in models_of(clouds, &rename.cloud)? {
                rename_type(model, &rename.from, &rename.to)?;
            }
        }
        for rename in &self.rename_member {
            let ty = rename.ty.as_deref().context("rename_member needs a type")?;
            for model in models_of(clouds, &rename.cloud)? {
                rename_member(model, ty, &rename.from, &rename.to)?;
            }
        }
        for (at, cloud) in clouds.iter_mut().enumerate() {
            // Other clouds may lack what is mended; the one that everything is generated from may not.
            let is_first = at == 0;
            for repair in &self.stream_functions {
                let applied = return_streams(&mut cloud.model, annotated, &repair.declared);
                ensure!(applied || !is_first, no_longer("stream_functions", &repair.declared));
            }
            for repair in &self.untyped {
                let applied = make_untyped(&mut cloud.model, &repair.ty);
                ensure!(applied || !is_first, no_longer("untyped", &repair.ty));
            }
            for name in self.stream_types.iter().flat_map(|repair| &repair.types) {
                let applied = mark_stream(&mut cloud.model, name);
                ensure!(applied || !is_first, no_longer("stream_types", name));
            }
        }
        Ok(())
    }

    /// What paths may say beyond the schema.
    pub(crate) fn leniency(&self, model: &Model) -> Result<Leniency> {
        let by_type = |keys: &[Keys]| -> BTreeMap<String, Vec<String>> {
            keys.iter().map(|keys| (keys.ty.clone(), keys.keys.clone())).collect()
        };
        for keys in &self.alternate_keys {
            let ty = model
                .structure(&keys.ty)
                .with_context(|| no_longer("alternate_keys", &keys.ty))?;
            for key in &keys.keys {
                ensure!(!ty.alternate_keys.contains(key), no_longer("alternate_keys", key));
            }
        }
        let mut named_properties = BTreeMap::new();
        for repair in &self.named_properties {
            let ty = model
                .structure(&repair.ty)
                .with_context(|| no_longer("named_properties", &repair.ty))?;
            let fits = ty.members.iter().any(|member| member.ty.name == repair.properties);
            ensure!(fits, no_longer("named_properties", &repair.ty));
            let named = NamedProperty {
                parameter: repair.parameter.clone(),
                ty: TypeRef::single(&repair.properties),
            };
            named_properties.insert(repair.ty.clone(), named);
        }
        let mut stream_commands = BTreeMap::new();
        for repair in &self.stream_commands {
            let ty = model.structure(&repair.ty);
            let stream = ty.and_then(|ty| ty.members.iter().find(|member| member.name == repair.content));
            let fits = stream.is_some_and(|stream| stream.ty.name == "Edm.Stream");
            let has_commands = model.structure(&repair.commands).is_some();
            ensure!(fits && has_commands, no_longer("stream_commands", &repair.ty));
            let stream = (repair.ty.clone(), repair.content.clone());
            stream_commands.insert(stream, TypeRef::single(&repair.commands));
        }
        Ok(Leniency {
            literal_keys: by_type(&self.literal_keys),
            alternate_keys: by_type(&self.alternate_keys),
            named_properties,
            stream_commands,
        })
    }

    /// The types that are none because they stand for any JSON value, each with the reason.
    pub(crate) fn untyped(&self) -> impl Iterator<Item = (&str, &str)> {
        self.untyped
            .iter()
            .map(|repair| (repair.ty.as_str(), repair.reason.as_str()))
    }

    /// Fails when a repair of paths was of no use to any operation.
    pub(crate) fn check_paths(&self, templates: &BTreeSet<String>, is_written: impl Fn(&str) -> bool) -> Result<()> {
        for repair in &self.paths {
            ensure!(is_written(&repair.from), no_longer("paths", &repair.from));
        }
        for key in self.literal_keys.iter().flat_map(|keys| &keys.keys) {
            let used = templates.iter().any(|path| path.split('/').any(|part| part == key));
            ensure!(used, no_longer("literal_keys", key));
        }
        for key in self.alternate_keys.iter().flat_map(|keys| &keys.keys) {
            let step = format!("({key}='");
            ensure!(
                templates.iter().any(|path| path.contains(&step)),
                no_longer("alternate_keys", key)
            );
        }
        Ok(())
    }
}

fn no_longer(repair: &str, what: &str) -> String {
    format!("the repair {repair} of {what} in specs/repairs.toml no longer applies; remove it")
}

/// The schemas that describe a cloud.
fn models_of<'c>(clouds: &'c mut [CloudModel], name: &str) -> Result<Vec<&'c mut Model>> {
    let wanted = Clouds::named(&[name])?;
    let has = |cloud: &CloudModel| cloud.clouds.union(wanted) == cloud.clouds;
    let found: Vec<_> = clouds
        .iter_mut()
        .filter(|cloud| has(cloud))
        .map(|cloud| &mut cloud.model)
        .collect();
    ensure!(!found.is_empty(), "no schema describes the cloud {name}");
    Ok(found)
}

fn rename_type(model: &mut Model, from: &str, to: &str) -> Result<()> {
    let Some(Type::Struct(mut ty)) = model.types.remove(from) else {
        bail!(no_longer("rename_type", from))
    };
    ensure!(!model.types.contains_key(to), no_longer("rename_type", from));
    ty.name = to.to_owned();
    model.types.insert(to.to_owned(), Type::Struct(ty));
    for used in uses(model).filter(|used| used.name == from) {
        used.name = to.to_owned();
    }
    for ty in model.types.values_mut() {
        if let Type::Struct(ty) = ty
            && ty.base.as_deref() == Some(from)
        {
            ty.base = Some(to.to_owned());
        }
    }
    Ok(())
}

fn rename_member(model: &mut Model, ty: &str, from: &str, to: &str) -> Result<()> {
    let Some(Type::Struct(owner)) = model.types.get_mut(ty) else {
        bail!(no_longer("rename_member", ty))
    };
    ensure!(
        owner.members.iter().all(|member| member.name != to),
        no_longer("rename_member", from)
    );
    let member = owner.members.iter_mut().find(|member| member.name == from);
    member.with_context(|| no_longer("rename_member", from))?.name = to.to_owned();
    Ok(())
}

fn return_streams(model: &mut Model, annotated: &Model, declared: &str) -> bool {
    let mut applied = false;
    for operation in &mut model.operations {
        let Some(returns) = operation.returns.as_mut().filter(|returns| returns.name == declared) else {
            continue;
        };
        let twin = annotated.operations.iter().find(|twin| {
            twin.name == operation.name
                && twin.binding.name == operation.binding.name
                && twin
                    .parameters
                    .iter()
                    .map(|p| &p.name)
                    .eq(operation.parameters.iter().map(|p| &p.name))
        });
        let is_stream = |ty: &TypeRef| ty.name == "Edm.Stream";
        if twin.and_then(|twin| twin.returns.as_ref()).is_some_and(is_stream) {
            returns.name = "Edm.Stream".to_owned();
            applied = true;
        }
    }
    applied
}

fn make_untyped(model: &mut Model, name: &str) -> bool {
    let applied = model.types.remove(name).is_some();
    for used in uses(model).filter(|used| used.name == name) {
        used.name = "Edm.Untyped".to_owned();
    }
    applied
}

fn mark_stream(model: &mut Model, name: &str) -> bool {
    match model.types.get_mut(name) {
        Some(Type::Struct(ty)) if !ty.stream => {
            ty.stream = true;
            true
        }
        _ => false,
    }
}

/// Every place where a type is used.
fn uses(model: &mut Model) -> impl Iterator<Item = &mut TypeRef> {
    let members = model.types.values_mut().flat_map(|ty| match ty {
        Type::Struct(ty) => ty.members.as_mut_slice(),
        Type::Enum(_) => &mut [],
    });
    let operations = model.operations.iter_mut().flat_map(|operation| {
        let parameters = operation.parameters.iter_mut().map(|parameter| &mut parameter.ty);
        parameters.chain(operation.returns.as_mut())
    });
    members.map(|member| &mut member.ty).chain(operations)
}
