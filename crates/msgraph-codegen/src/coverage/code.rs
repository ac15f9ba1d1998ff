//! What the generated crates have, read from their Rust sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use syn::visit::{self, Visit};
use syn::{Expr, ExprStruct, ImplItemConst, Lit};

use super::Operation;
use crate::import::outcome::Method;

/// Everything in the code, by the names on the wire.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) operations: BTreeSet<Operation>,
    pub(crate) types: BTreeSet<String>,
    pub(crate) enums: BTreeSet<String>,
    /// Type and own member.
    pub(crate) members: BTreeSet<(String, String)>,
}

/// One type's table, as it is written.
#[derive(Debug)]
struct Table {
    names: Vec<String>,
    derived: Vec<String>,
}

impl Code {
    /// Reads the generated sources of a workspace.
    pub(crate) fn read(workspace: &Path) -> Result<Self> {
        let mut models = Models::default();
        visit_files(&workspace.join("crates/msgraph-models/src/generated"), &mut models)?;
        let mut client = Client::default();
        visit_files(&workspace.join("crates/msgraph-client/src/generated"), &mut client)?;
        ensure!(
            client.listed == client.operations.len(),
            "the catalogue of the client lists {} operations, its nodes have {}",
            client.listed,
            client.operations.len()
        );
        Ok(Self {
            operations: client.operations,
            members: models.own_members(),
            types: models.types.into_keys().collect(),
            enums: models.enums,
        })
    }
}

fn visit_files(folder: &Path, visitor: &mut impl for<'a> Visit<'a>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            visit_files(&path, visitor)?;
        } else {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let file = syn::parse_file(&text).with_context(|| format!("cannot parse {}", path.display()))?;
            visitor.visit_file(&file);
        }
    }
    Ok(())
}

/// Tables of types and enumerations; what is in a module of parameters is no type of Graph.
#[derive(Default)]
struct Models {
    types: BTreeMap<String, Table>,
    enums: BTreeSet<String>,
}

impl Models {
    fn own_members(&self) -> BTreeSet<(String, String)> {
        let mut inherited: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for table in self.types.values() {
            for derived in &table.derived {
                inherited
                    .entry(derived)
                    .or_default()
                    .extend(table.names.iter().map(String::as_str));
            }
        }
        let is_own = |ty: &str, name: &str| inherited.get(ty).is_none_or(|names| !names.contains(name));
        self.types
            .iter()
            .flat_map(|(ty, table)| table.names.iter().map(move |name| (ty, name)))
            .filter(|(ty, name)| is_own(ty, name))
            .map(|(ty, name)| (ty.clone(), name.clone()))
            .collect()
    }
}

impl<'a> Visit<'a> for Models {
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        if module.ident != "parameters" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_impl_item_const(&mut self, item: &'a ImplItemConst) {
        let Expr::Reference(reference) = &item.expr else {
            // The only constant with a plain text is the name of an enumeration.
            self.enums.extend(text(&item.expr));
            return;
        };
        if let Expr::Struct(table) = &*reference.expr
            && let Some(name) = field(table, "name").and_then(text)
        {
            let list = |name: &str| field(table, name).map(texts).unwrap_or_default();
            let table = Table {
                names: list("names"),
                derived: list("derived"),
            };
            self.types.insert(name, table);
        }
    }

    fn visit_item_fn(&mut self, _: &'a syn::ItemFn) {}

    fn visit_impl_item_fn(&mut self, _: &'a syn::ImplItemFn) {}
}

/// Operations, and how many of them the catalogue lists.
#[derive(Default)]
struct Client {
    operations: BTreeSet<Operation>,
    listed: usize,
}

impl<'a> Visit<'a> for Client {
    fn visit_impl_item_const(&mut self, item: &'a ImplItemConst) {
        let Expr::Struct(operation) = &item.expr else { return };
        let path = field(operation, "path").and_then(text);
        let method = field(operation, "method").and_then(|method| match method {
            Expr::Path(path) => path
                .path
                .segments
                .last()
                .map(|last| last.ident.to_string().to_uppercase()),
            _ => None,
        });
        if let (Some(path), Some(method)) = (path, method.and_then(|method| Method::from_name(&method))) {
            self.operations.insert((path, method));
        }
    }

    fn visit_item_static(&mut self, item: &'a syn::ItemStatic) {
        if item.ident == "OPERATIONS"
            && let Expr::Reference(list) = &*item.expr
            && let Expr::Array(list) = &*list.expr
        {
            self.listed += list.elems.len();
        }
    }

    fn visit_impl_item_fn(&mut self, _: &'a syn::ImplItemFn) {}
}

fn field<'a>(table: &'a ExprStruct, name: &str) -> Option<&'a Expr> {
    let is_named = |field: &&syn::FieldValue| matches!(&field.member, syn::Member::Named(ident) if ident == name);
    table.fields.iter().find(is_named).map(|field| &field.expr)
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn texts(expression: &Expr) -> Vec<String> {
    match expression {
        Expr::Reference(reference) => texts(&reference.expr),
        Expr::Array(array) => array.elems.iter().filter_map(text).collect(),
        _ => Vec::new(),
    }
}
