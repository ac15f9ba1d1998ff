use msgraph_core::odata::verify_table;

use crate::models::*;

#[test]
fn every_index_writes_what_it_reads() {
    for result in [
        verify_table::<EntityProps>(),
        verify_table::<UserProps>(),
        verify_table::<AdminProps>(),
        verify_table::<AuthenticationProps>(),
        verify_table::<EverythingProps>(),
    ] {
        assert_eq!(result, Ok(()));
    }
}

#[test]
fn a_table_out_of_order_is_found() {
    assert_eq!(
        verify_table::<WrongProps>(),
        Err(r#"test.wrong: names: "b" must come after "a""#.to_owned())
    );
}

#[test]
fn an_object_is_one_pointer_wide() {
    assert_eq!(size_of::<User>(), size_of::<usize>());
}
