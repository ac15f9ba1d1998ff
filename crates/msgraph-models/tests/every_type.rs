//! What must hold for every generated type, checked for every generated type.

#[rustfmt::skip]
mod generated;

use std::mem::discriminant;

use msgraph_core::odata::{EnumDef, Open};

/// Every member is found by its own spelling, and by no other member's.
fn verify_members<E: EnumDef>() -> Result<(), String> {
    for (wire, member) in E::MEMBERS {
        let found = Open::<E>::from_wire(wire).known();
        if found.map(discriminant) != Some(discriminant(member)) {
            return Err(format!("{}: {wire:?} does not lead to its own member", E::NAME));
        }
    }
    Ok(())
}

#[track_caller]
fn check(table: &[(&str, generated::Check)]) {
    assert!(!table.is_empty());
    let failures: Vec<String> = table.iter().filter_map(|(_, verify)| verify().err()).collect();
    assert!(
        failures.is_empty(),
        "{} of {} fail: {failures:#?}",
        failures.len(),
        table.len()
    );
}

#[test]
fn names_are_sorted_and_every_index_reads_what_it_writes() {
    check(generated::TYPES);
}

#[test]
fn every_member_of_an_enumeration_is_found_by_its_spelling() {
    check(generated::ENUMERATIONS);
}
