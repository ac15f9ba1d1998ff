//! Derived types behind a declared base, and back.

use msgraph_core::odata::Prop;
use serde_json::json;

use crate::Result;
use crate::models::*;

const BASIC: &str =
    r##"{"authentication":{"@odata.type":"#test.basic","new":1,"password":"p","username":"u"},"displayName":"d"}"##;

#[test]
fn a_derived_value_is_kept_in_its_base_and_typed_on_downcast() -> Result {
    let connector: Connector = serde_json::from_str(BASIC)?;
    let authentication = connector.authentication.get().ok_or("authentication")?;
    assert_eq!(authentication.odata_type(), Some("test.basic"));

    let basic: Basic = authentication.downcast().ok_or("basic")?;
    assert_eq!(basic.username.as_deref(), Some("u"));
    assert_eq!(basic.password.get().map(|p| p.expose()), Some("p"));
    assert_eq!(basic.extra().get("username"), None);
    assert!(authentication.downcast::<Pkcs12>().is_none());

    assert_eq!(serde_json::to_string(&connector)?, BASIC);
    assert_eq!(serde_json::to_string(&basic)?, serde_json::to_string(authentication)?);
    Ok(())
}

#[test]
fn upcast_names_the_type_and_downcast_restores_it() -> Result {
    let pkcs12 = Pkcs12::build(|pkcs12| {
        pkcs12.password = "p".into();
        pkcs12.pkcs12_value = "v".into();
    });
    let connector = Connector::build(|connector| {
        connector.authentication = pkcs12.clone().upcast().into();
    });
    assert_eq!(
        serde_json::to_string(&connector)?,
        r##"{"authentication":{"@odata.type":"#test.pkcs12","password":"p","pkcs12Value":"v"}}"##
    );
    let back: Pkcs12 = connector
        .authentication
        .get()
        .and_then(|base| base.downcast())
        .ok_or("pkcs12")?;
    assert_eq!(back.password, pkcs12.password);
    assert_eq!(back.extra().get("@odata.type"), Some(&json!("#test.pkcs12")));
    Ok(())
}

#[test]
fn an_object_of_a_subtype_is_also_of_each_type_between() -> Result {
    let json = r##"{"@odata.type":"#test.admin","id":"1","jobTitle":"t","quota":"5"}"##;
    let object: DirectoryObject = serde_json::from_str(json)?;
    let user: User = object.downcast().ok_or("an admin is a user")?;
    let admin: Admin = user.downcast().ok_or("an admin")?;
    assert_eq!((user.job_title.as_deref(), admin.quota.get()), (Some("t"), Some(&5)));
    assert!(object.downcast::<Device>().is_none());
    for text in [
        serde_json::to_string(&object)?,
        serde_json::to_string(&user)?,
        serde_json::to_string(&admin)?,
    ] {
        assert_eq!(text, json);
    }
    assert_eq!(serde_json::to_string(&admin.upcast::<DirectoryObjectProps>())?, json);
    Ok(())
}

#[test]
fn without_a_type_name_an_object_is_what_was_declared() -> Result {
    let object: DirectoryObject = serde_json::from_str(r#"{"id":"1"}"#)?;
    assert_eq!(object.odata_type(), None);
    assert!(object.downcast::<User>().is_none());
    assert_eq!(serde_json::to_string(&object)?, r#"{"id":"1"}"#);
    Ok(())
}

#[test]
fn a_type_name_may_be_an_address() -> Result {
    let json = r#"{"@odata.type":"https://graph.microsoft.com/v1.0/$metadata#test.user","id":"1"}"#;
    let object: DirectoryObject = serde_json::from_str(json)?;
    assert!(object.downcast::<User>().is_some());
    Ok(())
}

#[test]
fn an_unknown_derived_type_survives_with_everything_in_it() -> Result {
    let json = r##"{"@odata.type":"#test.later","id":"1","nested":{"big":18446744073709551615,"list":[{"a":null}]}}"##;
    let object: DirectoryObject = serde_json::from_str(json)?;
    assert!(object.downcast::<User>().is_none());
    assert_eq!(serde_json::to_string(&object)?, json);
    Ok(())
}

#[test]
fn a_wrong_value_of_a_derived_type_survives_both_ways() -> Result {
    let json = r##"{"@odata.type":"#test.user","accountEnabled":"yes","identities":[null]}"##;
    let object: DirectoryObject = serde_json::from_str(json)?;
    let user: User = object.downcast().ok_or("a user")?;
    assert!(user.account_enabled.is_absent() && user.identities.is_absent());
    assert_eq!(serde_json::to_string(&user)?, json);
    assert_eq!(serde_json::to_string(&user.upcast::<DirectoryObjectProps>())?, json);
    Ok(())
}

#[test]
fn null_and_absent_survive_an_upcast() -> Result {
    let user = User::build(|user| {
        user.deleted = Prop::Null;
        user.job_title = Prop::Null;
    });
    assert_eq!(
        serde_json::to_string(&user.upcast::<DirectoryObjectProps>())?,
        r##"{"@odata.type":"#test.user","deletedDateTime":null,"jobTitle":null}"##
    );
    Ok(())
}
