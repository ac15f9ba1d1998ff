//! Writes the tables that the generated crates are tested by: every type, and every operation with the navigation
//! that leads to it.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::client::{Emitter, removal_option};
use super::ir::{Api, Body, Item, Kind, Operation, Scalar, ValueType};
use super::names::ident;
use super::rust_names::RustNames;
use super::template::Segment;
use super::tree::{Area, End, Node};

/// Emits the table of all types, by path below `tests/generated` of the crate of types.
pub(crate) fn models(api: &Api, names: &RustNames) -> BTreeMap<String, TokenStream> {
    let root = quote! { models };
    let types = api.structures.iter().map(|(full, structure)| {
        let path = match structure.kind {
            Kind::Parameters => names.path(&root, full),
            Kind::Entity | Kind::Complex => names.props(&root, full),
        };
        quote! { (#full, super::object::<#path>) }
    });
    let enumerations = api.enumerations.keys().map(|full| {
        let path = names.path(&root, full);
        quote! { (#full, super::verify_members::<#path>) }
    });
    let tokens = quote! {
        use msgraph_models as models;

        pub(crate) const TYPES: &[(&str, super::NewObject)] = &[#(#types),*];
        pub(crate) const ENUMERATIONS: &[(&str, super::Check)] = &[#(#enumerations),*];
    };
    BTreeMap::from([("mod.rs".to_owned(), tokens)])
}

/// Emits one table of calls for each area, by path below `tests/generated` of the crate of operations.
pub(crate) fn client(api: &Api, names: &RustNames, areas: &[Area<'_>]) -> BTreeMap<String, TokenStream> {
    let sampler = Sampler(Emitter { api, names });
    let mut files = BTreeMap::new();
    for area in areas {
        let method = ident(&area.root.method);
        let mut rows = Vec::new();
        sampler.node(&area.root, quote! { graph.#method() }, &[], &mut rows);
        let uses = |name: &str| rows.iter().any(|row: &TokenStream| row.to_string().contains(name));
        let models = uses("models ::").then(|| quote! { use msgraph_models as models; });
        let odata = uses("odata ::").then(|| quote! { use msgraph_core::odata; });
        let content = uses("Content ::").then(|| quote! { use msgraph_core::Content; });
        files.insert(
            format!("{}.rs", area.module),
            quote! {
                #content
                #odata
                #models
                use super::super::{Row, probe};
                pub(super) const ROWS: &[Row] = &[#(#rows),*];
            },
        );
    }
    let modules: Vec<_> = areas.iter().map(|area| ident(&area.module)).collect();
    files.insert(
        "mod.rs".to_owned(),
        quote! {
            #(mod #modules;)*
            pub(super) const AREAS: &[&[super::Row]] = &[#(#modules::ROWS),*];
        },
    );
    files
}

/// A sample for a placeholder: the argument, and how the address must spell it.
struct Sample {
    argument: TokenStream,
    spelled: String,
}

struct Sampler<'a>(Emitter<'a>);

impl Sampler<'_> {
    fn node(&self, node: &Node<'_>, call: TokenStream, values: &[String], rows: &mut Vec<TokenStream>) {
        for end in &node.ends {
            rows.push(self.end(end, &call, values));
        }
        for child in &node.children {
            let mut values = values.to_vec();
            let arguments = self.arguments(&child.segment, child.witness, &mut values);
            let method = ident(&child.method);
            self.node(child, quote! { #call.#method(#(#arguments),*) }, &values, rows);
        }
    }

    fn end(&self, end: &End<'_>, call: &TokenStream, values: &[String]) -> TokenStream {
        let mut values = values.to_vec();
        let suffix = end.suffix.as_ref();
        let mut arguments = suffix
            .map(|segment| self.arguments(segment, end.operation, &mut values))
            .unwrap_or_default();
        arguments.extend(self.body(end));
        let method = ident(&end.method);
        quote! { (&[#(#values),*], |graph| probe(&#call.#method(#(#arguments),*))) }
    }

    /// Sample arguments of one step; what the address must have for them is appended to `values`.
    fn arguments(&self, segment: &Segment, witness: &Operation, values: &mut Vec<String>) -> Vec<TokenStream> {
        let mut samples = Vec::new();
        match segment {
            Segment::Key { .. } | Segment::AlternateKey { .. } => samples.push(text(values.len())),
            Segment::ItemPath { .. } => {
                samples.push(Sample {
                    argument: quote! { "a b/c" },
                    spelled: "a%20b/c".to_owned(),
                });
            }
            Segment::Function { arguments, .. } => {
                for argument in arguments {
                    let placeholder = witness.placeholders.get(&argument.placeholder);
                    samples.extend(placeholder.map(|p| self.value(&p.value, values.len() + samples.len())));
                }
            }
            Segment::Name(_) | Segment::Cast(_) | Segment::Reference | Segment::Count | Segment::Value => {}
        }
        let (arguments, spelled): (Vec<_>, Vec<_>) = samples.into_iter().map(|s| (s.argument, s.spelled)).unzip();
        values.extend(spelled);
        arguments
    }

    fn value(&self, value: &ValueType, index: usize) -> Sample {
        let plain = |argument: TokenStream, spelled: &str| Sample {
            argument,
            spelled: spelled.to_owned(),
        };
        let parsed = |spelled: &str| Sample {
            argument: quote! { #spelled.parse().expect("a valid sample") },
            spelled: spelled.to_owned(),
        };
        if value.many {
            return plain(quote! { &["a"] }, "%5B%22a%22%5D");
        }
        match &value.item {
            Item::Enumeration(_) => {
                let open = self.0.names.value(self.0.api, &quote! { models }, value);
                plain(quote! { <#open>::from_wire("member") }, "member")
            }
            Item::Object(_) => text(index),
            Item::Scalar(scalar) => match scalar {
                Scalar::Bool => plain(quote! { true }, "true"),
                Scalar::Byte | Scalar::Int16 | Scalar::Int32 | Scalar::Int64 => plain(quote! { 7 }, "7"),
                Scalar::Single | Scalar::Double => plain(quote! { 7.5 }, "7.5"),
                Scalar::Guid => parsed("1f6b3a57-9d0c-4e0f-8d4b-0123456789ab"),
                Scalar::Date => parsed("2026-01-02"),
                Scalar::TimeOfDay => parsed("03:04:05"),
                Scalar::DateTime => parsed("2026-01-02T03:04:05Z"),
                _ => text(index),
            },
        }
    }

    fn body(&self, end: &End<'_>) -> Option<TokenStream> {
        let models = quote! { models };
        Some(match &end.operation.body {
            Body::None => return removal_option(end).map(|_| quote! { "id" }),
            Body::Reference => quote! { "id" },
            Body::Content => quote! { Content::new("text/plain", "x") },
            Body::Parameters(name) => {
                let path = self.0.names.path(&models, name);
                quote! { odata::Object::<#path>::default() }
            }
            Body::Wrapped(value) if value.many => quote! { &[] },
            Body::Wrapped(ValueType {
                item: Item::Scalar(Scalar::String),
                ..
            }) => quote! { "" },
            Body::Wrapped(value) | Body::Json(value) => {
                let value = self.0.names.value(self.0.api, &models, value);
                quote! { <#value>::default() }
            }
        })
    }
}

/// A different text for each place, so that exchanged arguments show; it has characters that must be encoded.
fn text(index: usize) -> Sample {
    let raw = format!("k{index} /");
    Sample {
        argument: quote! { #raw },
        spelled: format!("k{index}%20%2F"),
    }
}
