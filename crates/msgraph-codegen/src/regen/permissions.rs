//! The permissions of all operations, each different set once.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::ir::{Operation, Permissions, Scheme};

/// The different sets and the names of their statics.
#[derive(Debug, Default)]
pub(crate) struct Table(BTreeMap<Permissions, String>);

impl Table {
    pub(crate) fn of(operations: &[Operation]) -> Self {
        let mut sets: BTreeMap<Permissions, String> = BTreeMap::new();
        for operation in operations {
            sets.entry(operation.permissions.clone()).or_default();
        }
        // A name that depends on the content alone keeps a regenerated file's diff to what really changed.
        let mut taken = BTreeMap::new();
        for (permissions, name) in &mut sets {
            let hash = fingerprint(permissions);
            let clashes = taken.entry(hash).and_modify(|count| *count += 1).or_insert(0_u32);
            *name = match clashes {
                0 => format!("P_{hash:08X}"),
                count => format!("P_{hash:08X}_{count}"),
            };
        }
        Self(sets)
    }

    pub(crate) fn name(&self, permissions: &Permissions) -> Option<Ident> {
        self.0.get(permissions).map(|name| format_ident!("{name}"))
    }

    pub(crate) fn tokens(&self) -> TokenStream {
        let sets = self.0.iter().map(|(permissions, name)| {
            let name = format_ident!("{name}");
            let [work, personal, application] = [
                &permissions.delegated_work,
                &permissions.delegated_personal,
                &permissions.application,
            ]
            .map(scheme);
            quote! {
                pub(super) static #name: Permissions = Permissions {
                    delegated_work: #work,
                    delegated_personal: #personal,
                    application: #application,
                };
            }
        });
        quote! {
            use msgraph_core::{Permissions, Scheme};
            #(#sets)*
        }
    }
}

fn scheme(Scheme { least, higher }: &Scheme) -> TokenStream {
    match least.is_empty() && higher.is_empty() {
        true => quote! { Scheme::UNSUPPORTED },
        false => quote! { Scheme { least: &[#(#least),*], higher: &[#(#higher),*] } },
    }
}

/// FNV-1a, 32 bits: the standard library's hashers promise no stable result.
fn fingerprint(permissions: &Permissions) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut byte = |byte: u8| hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    for scheme in [
        &permissions.delegated_work,
        &permissions.delegated_personal,
        &permissions.application,
    ] {
        for list in [&scheme.least, &scheme.higher] {
            list.iter().flat_map(|name| name.bytes().chain([0])).for_each(&mut byte);
            byte(1);
        }
    }
    hash
}
