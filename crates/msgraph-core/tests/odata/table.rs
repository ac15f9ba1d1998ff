use msgraph_core::odata::{Object, verify_table};

use crate::models::*;

#[test]
fn every_index_writes_what_it_reads() {
    for result in [
        verify_table(|| Box::new(Object::<EntityProps>::new())),
        verify_table(|| Box::new(Object::<UserProps>::new())),
        verify_table(|| Box::new(Object::<AdminProps>::new())),
        verify_table(|| Box::new(Object::<AuthenticationProps>::new())),
        verify_table(|| Box::new(Object::<EverythingProps>::new())),
    ] {
        assert_eq!(result, Ok(()));
    }
}

#[test]
fn a_table_out_of_order_is_found() {
    assert_eq!(
        verify_table(|| Box::new(Object::<WrongProps>::new())),
        Err(r#"test.wrong: names: "b" must come after "a""#.to_owned())
    );
}

#[test]
fn an_object_is_one_pointer_wide() {
    assert_eq!(size_of::<User>(), size_of::<usize>());
}
