//! Writes the crate of types.
//!
//! A type is a plain struct, its defaults, a table of names and two functions from index to field; everything a
//! type can do is done once, by the runtime's wrapper. Function bodies and trait impls are what such a crate costs
//! to compile, so there are no others.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::docs;
use super::ir::{Api, Enumeration, FullName, Kind, Property, Rule, Structure};
use super::names::{Exceptions, Scope, ident, pascal, snake};
use super::operations::bound_type;
use super::problem::{Problem, Problems};
use super::rust_names::{RustNames, slot};

/// A namespace with more types than this is split by initial letter, so that no file is slow to open.
const SPLIT: usize = 500;

/// The items of one file.
#[derive(Default)]
struct File {
    aliases: TokenStream,
    props: TokenStream,
    parameters: TokenStream,
}

/// Emits the files of the crate, by path below its `src/generated`.
pub(crate) fn emit(
    api: &Api,
    names: &RustNames,
    exceptions: &Exceptions,
    one_crate: bool,
    problems: &mut Problems,
) -> BTreeMap<String, TokenStream> {
    let root = if one_crate {
        quote! { crate::models }
    } else {
        quote! { crate }
    };
    let emitter = Emitter {
        api,
        names,
        exceptions,
        root,
        derived: api.derived(),
    };
    let mut namespaces: BTreeMap<Option<&str>, BTreeMap<char, File>> = BTreeMap::new();
    let all = api.structures.keys().chain(api.enumerations.keys());
    let all: BTreeSet<&str> = all.map(String::as_str).collect();
    for full in all {
        let Some(name) = names.get(full) else { continue };
        let letter = name.name.chars().next().unwrap_or('_').to_ascii_lowercase();
        let file = namespaces
            .entry(name.module.as_deref())
            .or_default()
            .entry(letter)
            .or_default();
        if let Some(structure) = api.structures.get(full) {
            emitter.structure(full, structure, file, problems);
        } else if let Some(enumeration) = api.enumerations.get(full) {
            file.aliases.extend(emitter.enumeration(full, enumeration, problems));
        }
    }
    let mut files = BTreeMap::new();
    let graph = namespaces
        .contains_key(&None)
        .then(|| (quote! { mod graph; }, quote! { pub use graph::*; }));
    let (graph, graph_types) = graph.unzip();
    for (module, letters) in namespaces {
        let members = api.structures.keys().chain(api.enumerations.keys());
        let count = members
            .filter(|full| names.get(full).is_some_and(|n| n.module.as_deref() == module))
            .count();
        write_namespace(module.unwrap_or("graph"), letters, count > SPLIT, &mut files);
    }
    let modules = names.modules();
    let module_docs = modules
        .iter()
        .map(|module| docs::comment(&[format!("Types of the namespace `{module}`.")]));
    let module_names = modules.iter().map(|module| ident(module));
    files.insert(
        "mod.rs".to_owned(),
        quote! {
            #graph
            #(#module_docs pub mod #module_names;)*
            #graph_types
        },
    );
    files
}

fn write_namespace(
    module: &str,
    letters: BTreeMap<char, File>,
    split: bool,
    files: &mut BTreeMap<String, TokenStream>,
) {
    if !split {
        let mut whole = File::default();
        for file in letters.into_values() {
            whole.aliases.extend(file.aliases);
            whole.props.extend(file.props);
            whole.parameters.extend(file.parameters);
        }
        files.insert(format!("{module}.rs"), whole.into_tokens(&quote! { pub }));
        return;
    }
    let with = |of: fn(&File) -> &TokenStream| {
        letters
            .iter()
            .filter(|(_, file)| !of(file).is_empty())
            .map(|(letter, _)| letter_module(*letter))
            .collect()
    };
    let all: Vec<Ident> = letters.keys().map(|letter| letter_module(*letter)).collect();
    let aliases: Vec<Ident> = with(|file| &file.aliases);
    let props: Vec<Ident> = with(|file| &file.props);
    let parameters: Vec<Ident> = with(|file| &file.parameters);
    let props_module = reexports("props", PROPS_DOC, &props);
    let parameters_module = reexports("parameters", PARAMETERS_DOC, &parameters);
    files.insert(
        format!("{module}/mod.rs"),
        quote! {
            #(mod #all;)*
            #(pub use #aliases::*;)*
            #props_module
            #parameters_module
        },
    );
    for (letter, file) in letters {
        files.insert(
            format!("{module}/{}.rs", letter_module(letter)),
            file.into_tokens(&quote! { pub(super) }),
        );
    }
}

fn letter_module(letter: char) -> Ident {
    ident(&format!("{letter}_"))
}

const PROPS_DOC: &str = " The properties behind the types.";
const PARAMETERS_DOC: &str = " The parameters of actions.";

fn reexports(name: &str, doc: &str, letters: &[Ident]) -> TokenStream {
    if letters.is_empty() {
        return TokenStream::new();
    }
    let name = ident(name);
    quote! {
        #[doc = #doc]
        pub mod #name { #(pub use super::#letters::#name::*;)* }
    }
}

impl File {
    /// The file, whose inner modules have the given visibility: in a split namespace only the whole is public.
    fn into_tokens(self, visibility: &TokenStream) -> TokenStream {
        let module = |name: &str, doc: &str, content: TokenStream| {
            let name = ident(name);
            (!content.is_empty()).then(|| {
                quote! {
                    #[doc = #doc]
                    #visibility mod #name { use msgraph_core::odata; #content }
                }
            })
        };
        let aliases = self.aliases;
        let import = (!aliases.is_empty()).then(|| quote! { use msgraph_core::odata; });
        let props = module("props", PROPS_DOC, self.props);
        let parameters = module("parameters", PARAMETERS_DOC, self.parameters);
        quote! { #import #aliases #props #parameters }
    }
}

struct Emitter<'a> {
    api: &'a Api,
    names: &'a RustNames,
    exceptions: &'a Exceptions,
    /// Where the modules of the namespaces are.
    root: TokenStream,
    derived: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// One field with everything that is said about it.
struct Field<'a> {
    wire: &'a str,
    name: Ident,
    value: TokenStream,
    slot: Ident,
    property: &'a Property,
    /// The place among the required parameters.
    required: Option<usize>,
}

impl Emitter<'_> {
    fn structure(&self, full: &str, structure: &Structure, file: &mut File, problems: &mut Problems) {
        let Some(name) = self.names.get(full).map(|name| ident(&name.name)) else {
            return;
        };
        let fields = self.fields(full, structure, problems);
        let table = self.table(full, &name, &fields);
        if structure.kind == Kind::Parameters {
            let parts = FullName::of_parameters(full);
            let (action, is_collection) = parts.action.unwrap_or_default();
            let doc = docs::comment(&docs::parameters(&bound_type(full), action, is_collection));
            let calls = constructor(&name, &fields);
            let rules = rules(&name, &fields);
            file.parameters.extend(quote! { #doc #[must_use] #table #calls #rules });
            return;
        }
        let doc = docs::comment(&docs::structure(self.api, full, structure));
        file.aliases
            .extend(quote! { #doc pub type #name = odata::Object<props::#name>; });
        let doc = format!(" Properties of [`{name}`](super::{name}).");
        let ancestors = self
            .api
            .ancestors(full)
            .into_iter()
            .map(|base| self.names.props(&self.root, base));
        file.props
            .extend(quote! { #[doc = #doc] #table #(impl odata::IsA<#ancestors> for #name {})* });
    }

    fn fields<'a>(&'a self, full: &'a str, structure: &Structure, problems: &mut Problems) -> Vec<Field<'a>> {
        let mut scope = Scope::default();
        let mut fields = Vec::new();
        for (wire, property) in self.api.properties(full) {
            let place = format!("{full}/{wire}");
            let name = self.exceptions.name(&place, || snake(wire));
            problems.keep(scope.take(&name, &structure.document, &place));
            let Some(slot) = slot(&property.value) else {
                let reason = format!(
                    "is a list of {}, which the runtime has no slot for",
                    property.value.item
                );
                problems.0.push(Problem::new(&structure.document, place, reason));
                continue;
            };
            let value = self.names.value(self.api, &self.root, &property.value);
            let required = structure.required.iter().position(|required| required == wire);
            fields.push(Field {
                wire,
                name: ident(&name),
                value,
                slot,
                property,
                required,
            });
        }
        fields
    }

    /// The struct, its defaults and its table.
    fn table(&self, full: &str, name: &Ident, fields: &[Field<'_>]) -> TokenStream {
        let docs = fields
            .iter()
            .map(|field| docs::comment(&docs::field(field.wire, field.property, field.required.is_some())));
        let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
        let values = fields.iter().map(|field| &field.value);
        let wires = fields.iter().map(|field| field.wire);
        let derived = self.derived.get(full).into_iter().flatten();
        let arms = |of: TokenStream, borrow: TokenStream| {
            let arms = fields.iter().enumerate().map(|(index, Field { name, slot, .. })| {
                let index = Literal::usize_unsuffixed(index);
                quote! { #index => odata::#of::#slot(#borrow self.#name), }
            });
            let arms: TokenStream = arms.collect();
            match fields.is_empty() {
                true => (quote! { _ }, quote! { odata::#of::None }),
                false => (quote! { i }, quote! { match i { #arms _ => odata::#of::None } }),
            }
        };
        let (get_index, get) = arms(quote! { Ref }, quote! { & });
        let (get_mut_index, get_mut) = arms(quote! { Mut }, quote! { &mut });
        quote! {
            #[non_exhaustive]
            pub struct #name { #(#docs pub #names: odata::Prop<#values>,)* }
            impl Default for #name {
                #[inline]
                fn default() -> Self { Self { #(#names: odata::Prop::Absent,)* } }
            }
            impl odata::Props for #name {
                const TYPE: &'static odata::Type = &odata::Type {
                    name: #full,
                    names: &[#(#wires),*],
                    derived: &[#(#derived),*],
                };
                #[inline]
                fn get(&self, #get_index: usize) -> odata::Ref<'_> { #get }
                #[inline]
                fn get_mut(&mut self, #get_mut_index: usize) -> odata::Mut<'_> { #get_mut }
            }
        }
    }

    fn enumeration(&self, full: &str, enumeration: &Enumeration, problems: &mut Problems) -> TokenStream {
        let Some(name) = self.names.get(full).map(|name| ident(&name.name)) else {
            return TokenStream::new();
        };
        let mut scope = Scope::default();
        let mut members = Vec::new();
        for wire in &enumeration.members {
            let place = format!("{full}/{wire}");
            let member = self.exceptions.name(&place, || pascal(wire));
            problems.keep(scope.take(&member, &enumeration.document, &place));
            members.push((wire, ident(&member)));
        }
        let doc = docs::comment(&docs::enumeration(full, enumeration));
        let variants = members.iter().map(|(wire, member)| {
            let doc = format!(" `{wire}`");
            quote! { #[doc = #doc] #member, }
        });
        let rows = members.iter().map(|(wire, member)| quote! { (#wire, Self::#member) });
        quote! {
            #doc
            #[non_exhaustive]
            pub enum #name { #(#variants)* }
            impl odata::EnumDef for #name {
                const NAME: &'static str = #full;
                const MEMBERS: &'static [(&'static str, Self)] = &[#(#rows),*];
            }
        }
    }
}

/// `new` with the required parameters, and one chained setter for each of the others.
fn constructor(name: &Ident, fields: &[Field<'_>]) -> TokenStream {
    let (mut required, optional): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.required.is_some());
    required.sort_by_key(|field| field.required);
    let setters = optional.iter().map(|Field { name, value, wire, .. }| {
        let doc = format!(" Sets `{wire}`.");
        quote! {
            #[doc = #doc]
            #[inline]
            pub fn #name(mut self, value: impl Into<odata::Prop<#value>>) -> Self {
                self.#name = value.into();
                self
            }
        }
    });
    let arguments = required
        .iter()
        .map(|Field { name, value, .. }| quote! { #name: impl Into<#value> });
    let given = required
        .iter()
        .map(|Field { name, .. }| quote! { #name: odata::Prop::Value(#name.into()), });
    let rest = (!optional.is_empty()).then(|| quote! { ..<Self as Default>::default() });
    let body = match required.is_empty() {
        true => quote! { <Self as Default>::default() },
        false => quote! { Self { #(#given)* #rest } },
    };
    let doc = match required.is_empty() {
        true => " No parameter is required.",
        false => " Takes the required parameters.",
    };
    let many = (required.len() > 7).then(|| {
        let reason = "these are the parameters that the action requires";
        quote! { #[expect(clippy::too_many_arguments, reason = #reason)] }
    });
    quote! {
        impl #name {
            #[doc = #doc]
            #many
            #[inline]
            pub fn new(#(#arguments),*) -> Self { #body }
            #(#setters)*
        }
    }
}

fn rules(name: &Ident, fields: &[Field<'_>]) -> TokenStream {
    let rules = fields
        .iter()
        .flat_map(|field| field.property.rules.iter().map(|rule| (field.wire, rule)));
    let rules: Vec<_> = rules
        .map(|(wire, rule)| {
            let check = match rule {
                Rule::StartsWith(prefix) => quote! { StartsWith(#prefix) },
                Rule::MaxLength(most) => {
                    let most = Literal::usize_unsuffixed(*most);
                    quote! { MaxLength(#most) }
                }
                Rule::NotEmpty => quote! { NotEmpty },
                Rule::FutureWithinYears(years) => {
                    let years = Literal::u8_unsuffixed(*years);
                    quote! { FutureWithinYears(#years) }
                }
            };
            quote! { odata::Rule { property: #wire, check: odata::Check::#check } }
        })
        .collect();
    let table = (!rules.is_empty()).then(|| {
        quote! { const RULES: &'static [odata::Rule] = &[#(#rules),*]; }
    });
    quote! { impl odata::Parameters for #name { #table } }
}
