//! Which Rust name, in which module, every type of the documents gets.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::ir::{Api, FullName, Item, Kind, Scalar, ValueType};
use super::names::{Exceptions, Scope, ident, pascal, snake};
use super::problem::{Problem, Problems};

/// The namespace whose types are at the root of the crate.
const ROOT: &str = "microsoft.graph";

/// Names that generated code uses unqualified; a type of the same name would shadow them.
const RESERVED: [&str; 9] = [
    "Box", "Default", "From", "Into", "None", "Option", "Some", "String", "Vec",
];

/// The Rust names of all types.
#[derive(Debug, Default)]
pub(crate) struct RustNames(BTreeMap<String, RustName>);

#[derive(Clone, Debug)]
pub(crate) struct RustName {
    /// The module of the namespace; none for the root.
    pub(crate) module: Option<String>,
    pub(crate) name: String,
    is_parameters: bool,
}

impl RustNames {
    pub(crate) fn choose(api: &Api, exceptions: &Exceptions) -> (Self, Problems) {
        let mut problems = Problems::default();
        let mut names = Self::default();
        let mut scopes: BTreeMap<(Option<String>, bool), Scope> = BTreeMap::new();
        let structures = api
            .structures
            .iter()
            .map(|(full, s)| (full, &s.document, s.kind == Kind::Parameters));
        let enumerations = api.enumerations.iter().map(|(full, e)| (full, &e.document, false));
        for (full, document, is_parameters) in structures.chain(enumerations) {
            let parts = if is_parameters {
                FullName::of_parameters(full)
            } else {
                FullName::of_type(full)
            };
            let name = exceptions.name(full, || match parts.action {
                None => pascal(parts.name),
                Some((action, false)) => pascal(parts.name) + &pascal(action),
                Some((action, true)) => pascal(parts.name) + "Collection" + &pascal(action),
            });
            let module = module(parts.namespace);
            let scope = scopes.entry((module.clone(), is_parameters)).or_default();
            problems.keep(scope.take(&name, document, full));
            if RESERVED.contains(&name.as_str()) {
                let reason = format!(
                    "would be called `{name}`, a name that generated code needs; add a row to specs/names.toml"
                );
                problems.0.push(Problem::new(document, full, reason));
            }
            names.0.insert(
                full.clone(),
                RustName {
                    module,
                    name,
                    is_parameters,
                },
            );
        }
        (names, problems)
    }

    /// The name of a type. Types that the documents do not define were reported when they were read.
    pub(crate) fn get(&self, full: &str) -> Option<&RustName> {
        self.0.get(full)
    }

    /// The modules of all namespaces but the root.
    pub(crate) fn modules(&self) -> Vec<&str> {
        let mut modules: Vec<_> = self.0.values().filter_map(|name| name.module.as_deref()).collect();
        modules.sort_unstable();
        modules.dedup();
        modules
    }

    /// The everyday name: the alias of a structure, or an enumeration.
    pub(crate) fn path(&self, root: &TokenStream, full: &str) -> TokenStream {
        self.path_in(root, full, None)
    }

    /// The bare struct behind the alias.
    pub(crate) fn props(&self, root: &TokenStream, full: &str) -> TokenStream {
        self.path_in(root, full, Some("props"))
    }

    fn path_in(&self, root: &TokenStream, full: &str, part: Option<&str>) -> TokenStream {
        let Some(name) = self.get(full) else {
            return TokenStream::new();
        };
        let part = if name.is_parameters { Some("parameters") } else { part };
        let modules = name.module.as_deref().into_iter().chain(part).map(ident);
        let name = ident(&name.name);
        quote! { #root #(::#modules)* ::#name }
    }

    /// The type of a value as it is inside `Prop`.
    pub(crate) fn value(&self, api: &Api, root: &TokenStream, value: &ValueType) -> TokenStream {
        let item = match &value.item {
            Item::Scalar(scalar) => scalar_type(*scalar),
            Item::Object(full) => self.path(root, full),
            Item::Enumeration(full) => {
                let path = self.path(root, full);
                match api.enumerations.get(full).is_some_and(|e| e.is_flags) {
                    true => quote! { odata::Flags<#path> },
                    false => quote! { odata::Open<#path> },
                }
            }
        };
        if value.many {
            quote! { Vec<#item> }
        } else {
            item
        }
    }
}

/// `microsoft.graph.callRecords` as `call_records`.
fn module(namespace: &str) -> Option<String> {
    let rest = namespace.strip_prefix(ROOT)?.strip_prefix('.')?;
    Some(rest.split('.').map(snake).collect::<Vec<_>>().join("_"))
}

fn scalar_type(scalar: Scalar) -> TokenStream {
    match scalar {
        Scalar::Bool => quote! { bool },
        Scalar::Byte => quote! { u8 },
        Scalar::Int16 => quote! { i16 },
        Scalar::Int32 => quote! { i32 },
        Scalar::Int64 => quote! { i64 },
        Scalar::Single => quote! { f32 },
        Scalar::Double => quote! { f64 },
        Scalar::String => quote! { String },
        Scalar::Decimal => quote! { odata::Decimal },
        Scalar::Secret => quote! { odata::Secret },
        Scalar::Guid => quote! { odata::Guid },
        Scalar::Binary | Scalar::Stream => quote! { odata::Binary },
        Scalar::Date => quote! { odata::Date },
        Scalar::TimeOfDay => quote! { odata::TimeOfDay },
        Scalar::Duration => quote! { odata::Duration },
        Scalar::DateTime => quote! { odata::DateTime },
        Scalar::Untyped => quote! { odata::Value },
    }
}

/// The variant of `Ref` and `Mut` that holds such a value; none when the runtime has no such list.
pub(crate) fn slot(value: &ValueType) -> Option<Ident> {
    let name = match (&value.item, value.many) {
        (Item::Object(_), false) => "Object",
        (Item::Object(_), true) => "Objects",
        (Item::Enumeration(_), false) => "Enum",
        (Item::Enumeration(_), true) => "Enums",
        (Item::Scalar(scalar), false) => match scalar {
            Scalar::Bool => "Bool",
            Scalar::Byte => "Byte",
            Scalar::Int16 => "Int16",
            Scalar::Int32 => "Int32",
            Scalar::Int64 => "Int64",
            Scalar::Single => "Single",
            Scalar::Double => "Double",
            Scalar::Decimal => "Decimal",
            Scalar::String => "String",
            Scalar::Secret => "Secret",
            Scalar::Guid => "Guid",
            Scalar::Binary | Scalar::Stream => "Binary",
            Scalar::Date => "Date",
            Scalar::TimeOfDay => "TimeOfDay",
            Scalar::Duration => "Duration",
            Scalar::DateTime => "DateTime",
            Scalar::Untyped => "Untyped",
        },
        (Item::Scalar(scalar), true) => match scalar {
            Scalar::Bool => "Bools",
            Scalar::Int32 => "Int32s",
            Scalar::Int64 => "Int64s",
            Scalar::Double => "Doubles",
            Scalar::String => "Strings",
            Scalar::Secret => "Secrets",
            Scalar::Guid => "Guids",
            Scalar::Binary | Scalar::Stream => "Binaries",
            Scalar::Date => "Dates",
            Scalar::DateTime => "DateTimes",
            Scalar::Untyped => "Untypeds",
            _ => return None,
        },
    };
    Some(ident(name))
}
