//! The list of all operations.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::ir::Method;
use super::names::{constant, ident};
use super::tree::{Area, Node};

/// Emits `catalogue.rs`: a reference to every operation's constant, in the order of path and method.
pub(crate) fn emit(areas: &[Area<'_>]) -> TokenStream {
    let mut rows: BTreeMap<(&str, Method), TokenStream> = BTreeMap::new();
    for area in areas {
        collect(&area.module, &area.root, &mut rows);
    }
    let rows = rows.into_values();
    quote! {
        use msgraph_core::Operation;
        /// Every operation, in the order of path and method.
        pub static OPERATIONS: &[&Operation] = &[#(#rows),*];
    }
}

fn collect<'a>(module: &str, node: &Node<'a>, rows: &mut BTreeMap<(&'a str, Method), TokenStream>) {
    let name = ident(&node.type_name);
    let module_name = ident(module);
    for end in &node.ends {
        let constant = ident(&constant(&end.method));
        let row = quote! { &super::#module_name::#name::#constant };
        rows.insert((&end.operation.path, end.operation.method), row);
    }
    for child in &node.children {
        collect(module, child, rows);
    }
}
