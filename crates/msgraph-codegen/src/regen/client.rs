//! Writes the crate of operations: one type per address, one method per step and per operation.
//!
//! Every operation's facts are a constant of the type that offers it. A constant takes part in a program only where
//! it is used, so that an operation nobody calls is not linked.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs;
use super::ir::{Api, Body, Item, Method, Operation, Outcome, Scalar, ValueType};
use super::names::{constant, ident};
use super::permissions::Table;
use super::rust_names::RustNames;
use super::template::{Argument, Segment};
use super::tree::{Area, End, Node};

/// Emits the files of the crate, by path below its `src/generated`.
pub(crate) fn emit(
    api: &Api,
    names: &RustNames,
    areas: &[Area<'_>],
    permissions: &Table,
    one_crate: bool,
) -> BTreeMap<String, TokenStream> {
    let types = if one_crate {
        quote! { use crate::models; }
    } else {
        quote! { use msgraph_models as models; }
    };
    let mut files = BTreeMap::new();
    for area in areas {
        let mut file = AreaFile {
            emitter: Emitter { api, names },
            permissions,
            imports: BTreeSet::new(),
        };
        let items = file.node(&area.root);
        let imports = file.imports.iter().map(|name| ident(name));
        let needed = items.clone().into_iter().any(|tree| mentions(&tree, "models"));
        let models = needed.then_some(&types);
        files.insert(
            format!("{}.rs", area.module),
            quote! {
                use msgraph_core::{#(#imports),*};
                #models
                use super::permissions;
                #items
            },
        );
    }
    files.insert("permissions.rs".to_owned(), permissions.tokens());
    files.insert("mod.rs".to_owned(), entrances(areas));
    files
}

/// The methods of `GraphClient` and the list of all operations.
fn entrances(areas: &[Area<'_>]) -> TokenStream {
    let modules: Vec<_> = areas.iter().map(|area| ident(&area.module)).collect();
    let docs = areas
        .iter()
        .map(|area| docs::comment(&[format!("Everything below `{}`.", area.root.template)]));
    let methods = areas.iter().map(|area| {
        let (module, method, name) = (
            ident(&area.module),
            ident(&area.root.method),
            ident(&area.root.type_name),
        );
        let doc = format!(" `{}`", area.root.template);
        let segment = area.root.template.trim_start_matches('/');
        quote! {
            #[doc = #doc]
            #[inline]
            pub fn #method(&self) -> #module::#name {
                #module::#name(msgraph_core::Path::root(self.client(), #segment))
            }
        }
    });
    quote! {
        #[doc = " Every operation with its facts."]
        pub mod catalogue;
        mod permissions;
        #(#docs pub mod #modules;)*
        impl crate::GraphClient { #(#methods)* }
    }
}

/// What one area needs.
struct AreaFile<'a> {
    emitter: Emitter<'a>,
    permissions: &'a Table,
    imports: BTreeSet<&'static str>,
}

/// How types and arguments are spelled, in the client and in its tests alike.
#[derive(Clone, Copy)]
pub(crate) struct Emitter<'a> {
    pub(crate) api: &'a Api,
    pub(crate) names: &'a RustNames,
}

impl AreaFile<'_> {
    fn node(&mut self, node: &Node<'_>) -> TokenStream {
        self.imports.insert("Path");
        let name = ident(&node.type_name);
        let doc = format!(" `{}`", node.template);
        let constants: Vec<_> = node.ends.iter().map(|end| self.constant(end)).collect();
        let steps: Vec<_> = node.children.iter().map(|child| self.step(child)).collect();
        let ends: Vec<_> = node.ends.iter().map(|end| self.end(end)).collect();
        let children: Vec<_> = node.children.iter().map(|child| self.node(child)).collect();
        quote! {
            #[doc = #doc]
            pub struct #name(pub(crate) Path);
            impl #name { #(#constants)* #(#steps)* #(#ends)* }
            #(#children)*
        }
    }

    fn constant(&mut self, end: &End<'_>) -> TokenStream {
        self.imports.extend(["CloudSet", "Method", "Operation"]);
        let Operation {
            path,
            clouds,
            documentation,
            permissions,
            method,
            ..
        } = end.operation;
        let name = ident(&constant(&end.method));
        let method = match method {
            Method::Delete => quote! { Delete },
            Method::Get => quote! { Get },
            Method::Patch => quote! { Patch },
            Method::Post => quote! { Post },
            Method::Put => quote! { Put },
        };
        let permissions = self.permissions.name(permissions);
        let documentation = match documentation {
            Some(slug) => quote! { Some(#slug) },
            None => quote! { None },
        };
        let bits = proc_macro2::Literal::u16_unsuffixed(clouds.0);
        quote! {
            pub(crate) const #name: Operation = Operation {
                method: Method::#method,
                path: #path,
                clouds: CloudSet::from_bits(#bits),
                permissions: &permissions::#permissions,
                documentation: #documentation,
            };
        }
    }

    /// A method that leads to a child.
    fn step(&mut self, child: &Node<'_>) -> TokenStream {
        let (method, name) = (ident(&child.method), ident(&child.type_name));
        let doc = format!(" `{}`", child.template);
        let (arguments, append) = match &child.segment {
            Segment::Key { placeholder } => {
                let argument = key_argument(placeholder);
                (quote! { #argument: impl std::fmt::Display }, quote! { .key(#argument) })
            }
            Segment::AlternateKey { key, placeholder } => {
                let argument = key_argument(placeholder);
                (
                    quote! { #argument: impl std::fmt::Display },
                    quote! { .alternate_key(#key, #argument) },
                )
            }
            Segment::ItemPath { .. } => (quote! { path: impl AsRef<str> }, quote! { .item_path(path) }),
            segment => self.append(segment, child.witness),
        };
        quote! {
            #[doc = #doc]
            #[inline]
            pub fn #method(&self, #arguments) -> #name { #name(self.0 #append) }
        }
    }

    /// The arguments of a segment and the call that appends it.
    fn append(&mut self, segment: &Segment, witness: &Operation) -> (TokenStream, TokenStream) {
        let text = match segment {
            Segment::Name(name) | Segment::Cast(name) => name.as_str(),
            Segment::Reference => "$ref",
            Segment::Count => "$count",
            Segment::Value => "$value",
            Segment::Function { name, arguments } => {
                let (parameters, values) = self.function_arguments(arguments, witness);
                return (
                    quote! { #(#parameters),* },
                    quote! { .function(#name, &[#(#values),*]) },
                );
            }
            // Keys and paths of items always have a node of their own, which `step` writes.
            Segment::Key { .. } | Segment::AlternateKey { .. } | Segment::ItemPath { .. } => {
                return Default::default();
            }
        };
        (TokenStream::new(), quote! { .segment(#text) })
    }

    fn function_arguments(
        &mut self,
        arguments: &[Argument],
        witness: &Operation,
    ) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let mut parameters = Vec::new();
        let mut values = Vec::new();
        for argument in arguments {
            let name = ident(&super::names::snake(&argument.name));
            let wire = &argument.name;
            let Some(placeholder) = witness.placeholders.get(&argument.placeholder) else {
                continue;
            };
            self.imports.insert("Literal");
            let (parameter, value) = self.emitter.literal(&name, &placeholder.value);
            parameters.push(quote! { #name: #parameter });
            values.push(quote! { (#wire, Some(#value)) });
        }
        (parameters, values)
    }

    /// A method that returns a request.
    fn end(&mut self, end: &End<'_>) -> TokenStream {
        self.imports.insert("Request");
        let operation = end.operation;
        let (method, fact) = (ident(&end.method), ident(&constant(&end.method)));
        let doc = docs::comment(&docs::operation(operation));
        let (mut arguments, append) = match &end.suffix {
            Some(segment) => self.append(segment, operation),
            None => Default::default(),
        };
        let result = self.emitter.result(operation);
        let mut argument = |tokens: TokenStream| {
            arguments = if arguments.is_empty() {
                tokens
            } else {
                quote! { #arguments, #tokens }
            };
        };
        let mut before = None;
        let call = match &operation.body {
            Body::Reference => {
                argument(quote! { target: impl AsRef<str> });
                before = Some(quote! { let body = crate::body::reference(&self.0, target.as_ref()); });
                quote! { .request_json(&Self::#fact, &body) }
            }
            Body::None => match removal_option(end) {
                Some(option) => {
                    argument(quote! { target: impl AsRef<str> });
                    before = Some(quote! { let target = crate::body::address(&self.0, target.as_ref()); });
                    quote! { .request(&Self::#fact).query(#option, target) }
                }
                None => quote! { .request(&Self::#fact) },
            },
            Body::Content => {
                self.imports.insert("Content");
                argument(quote! { content: impl Into<Content> });
                quote! { .request_content(&Self::#fact, content.into()) }
            }
            Body::Parameters(name) => {
                self.imports.insert("odata");
                let path = self.emitter.names.path(&quote! { models }, name);
                argument(quote! { parameters: impl Into<odata::Object<#path>> });
                quote! { .action(&Self::#fact, parameters.into()) }
            }
            Body::Wrapped(value) => {
                let (parameter, value) = self.emitter.wrapped(value);
                argument(quote! { value: #parameter });
                quote! { .request_json(&Self::#fact, &crate::body::Wrapped(#value)) }
            }
            Body::Json(value) => {
                let body = self.emitter.value(value);
                argument(quote! { body: impl std::borrow::Borrow<#body> });
                quote! { .request_json(&Self::#fact, body.borrow()) }
            }
        };
        let tokens = quote! {
            #doc
            #[inline]
            pub fn #method(&self, #arguments) -> Request<#result> { #before self.0 #append #call }
        };
        for name in ["odata", "Content", "Count", "Scalar"] {
            if tokens.clone().into_iter().any(|tree| mentions(&tree, name)) {
                self.imports.insert(name);
            }
        }
        tokens
    }
}

/// The query option that names what is removed, when a `$ref` is removed from a list.
pub(crate) fn removal_option<'a>(end: &End<'a>) -> Option<&'a str> {
    let option = end.operation.id_option.as_deref()?;
    (end.operation.method == Method::Delete && end.suffix == Some(Segment::Reference)).then_some(option)
}

/// `{user-id}` is passed as `user_id`.
fn key_argument(placeholder: &str) -> proc_macro2::Ident {
    ident(&super::names::snake(placeholder))
}

impl Emitter<'_> {
    fn value(&self, value: &ValueType) -> TokenStream {
        self.names.value(self.api, &quote! { models }, value)
    }

    /// The type of the argument that becomes the `value` of a body, and a reference to what it holds.
    fn wrapped(&self, value: &ValueType) -> (TokenStream, TokenStream) {
        let item = self.value(&ValueType {
            many: false,
            ..value.clone()
        });
        match &value.item {
            _ if value.many => (quote! { &[#item] }, quote! { value }),
            Item::Scalar(Scalar::String) => (quote! { &str }, quote! { value }),
            _ => (quote! { impl std::borrow::Borrow<#item> }, quote! { value.borrow() }),
        }
    }

    /// The type of a function's argument and the expression that makes a literal of it.
    fn literal(&self, name: &proc_macro2::Ident, value: &ValueType) -> (TokenStream, TokenStream) {
        if value.many {
            return (quote! { &[&str] }, quote! { crate::body::list(#name) });
        }
        match &value.item {
            Item::Scalar(Scalar::String | Scalar::Untyped | Scalar::Secret) | Item::Object(_) => {
                (quote! { &str }, quote! { Literal::from(#name) })
            }
            Item::Scalar(_) => (self.value(value), quote! { Literal::from(#name) }),
            Item::Enumeration(_) => {
                let open = self.value(value);
                (
                    quote! { impl Into<#open> },
                    quote! { Literal::enumeration(Into::<#open>::into(#name)) },
                )
            }
        }
    }

    /// What a request is decoded to.
    fn result(&self, operation: &Operation) -> TokenStream {
        let result = match &operation.result {
            Outcome::Nothing => quote! { () },
            Outcome::Content => quote! { Content },
            Outcome::Count => quote! { Count },
            Outcome::Untyped => quote! { odata::Value },
            Outcome::Collection(value) => {
                let value = self.value(value);
                quote! { odata::Page<#value> }
            }
            Outcome::One(value) if matches!(value.item, Item::Object(_)) => self.value(value),
            Outcome::One(value) => {
                let value = self.value(value);
                quote! { Scalar<#value> }
            }
        };
        // A change is answered by the changed object or by nothing, which the metadata does not tell apart.
        match (operation.method, &operation.result) {
            (Method::Patch | Method::Put, Outcome::One(_)) => quote! { Option<#result> },
            _ => result,
        }
    }
}

/// Whether an identifier occurs anywhere in a tree of tokens.
fn mentions(tree: &proc_macro2::TokenTree, name: &str) -> bool {
    match tree {
        proc_macro2::TokenTree::Ident(ident) => *ident == format_ident!("{name}"),
        proc_macro2::TokenTree::Group(group) => group.stream().into_iter().any(|tree| mentions(&tree, name)),
        _ => false,
    }
}
