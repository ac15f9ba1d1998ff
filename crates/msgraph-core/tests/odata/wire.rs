//! How values travel: section by section what the service sends, and what is sent back.

use msgraph_core::odata::{Binary, Extra, Object, Page, Prop, Value};
use serde_json::json;

use crate::models::*;
use crate::{Result, round_trip};

#[test]
fn a_patch_tells_value_null_and_absent_apart() -> Result {
    let patch = User::build(|user| {
        user.account_enabled = true.into();
        user.job_title = Prop::Null;
    });
    assert_eq!(
        serde_json::to_string(&patch)?,
        r#"{"accountEnabled":true,"jobTitle":null}"#
    );
    let read: User = serde_json::from_str(&serde_json::to_string(&patch)?)?;
    assert!(read.job_title.is_null() && read.id.is_absent());
    Ok(())
}

#[test]
fn a_value_of_the_wrong_type_is_kept_beside_and_written_back() -> Result {
    for (json, name) in [
        (r#"{"accountEnabled":"yes"}"#, "accountEnabled"),
        (r#"{"accountEnabled":{"a":[1]}}"#, "accountEnabled"),
        (r#"{"passwordProfile":"hidden"}"#, "passwordProfile"),
        (r#"{"passwordProfile":[{"a":1}]}"#, "passwordProfile"),
        (r#"{"identities":{"issuer":"x"}}"#, "identities"),
        (r#"{"businessPhones":"1"}"#, "businessPhones"),
        (r#"{"state":3}"#, "state"),
        (r#"{"createdDateTime":"yesterday"}"#, "createdDateTime"),
        (r#"{"jobTitle":18446744073709551615}"#, "jobTitle"),
    ] {
        let user: User = serde_json::from_str(json)?;
        assert!(user.extra().get(name).is_some(), "{json}");
        assert_eq!(serde_json::to_string(&user)?, json);
    }
    Ok(())
}

#[test]
fn one_wrong_value_does_not_fail_the_page() -> Result {
    let json = r#"{"value":[{"accountEnabled":"yes","id":"1"},{"accountEnabled":true,"id":"2"}]}"#;
    let page: Page<User> = serde_json::from_str(json)?;
    assert!(page.value[0].account_enabled.is_absent());
    assert_eq!(page.value[1].account_enabled.get(), Some(&true));
    assert_eq!(serde_json::to_string(&page)?, json);
    Ok(())
}

#[test]
fn a_wrong_or_null_element_moves_the_whole_list_beside() -> Result {
    for json in [
        r#"{"businessPhones":["1",2,"3"]}"#,
        r#"{"businessPhones":[null]}"#,
        r#"{"businessPhones":["1",["2"],{"3":4}]}"#,
        r#"{"identities":[{"issuer":"a"},null,{"issuer":"b"}]}"#,
        r#"{"identities":[{"issuer":"a","new":[1]},"x"]}"#,
    ] {
        let user: User = serde_json::from_str(json)?;
        assert!(
            user.business_phones.is_absent() && user.identities.is_absent(),
            "{json}"
        );
        assert_eq!(serde_json::to_string(&user)?, json);
    }
    for json in [
        r#"{"aDoubles":[1,2.5,"x"]}"#,
        r#"{"aInt64s":["1",2,null]}"#,
        r#"{"aEnums":["enabled",1]}"#,
        r#"{"aObjects":[{"double":1,"int64":"2"},7]}"#,
        r#"{"aGuids":["62E90394-69f5-4237-9190-012177145e10",true]}"#,
    ] {
        assert_eq!(round_trip::<EverythingProps>(json)?, json);
    }
    Ok(())
}

#[test]
fn the_declared_value_is_never_shadowed_by_an_extra() -> Result {
    let mut user = User::build(|user| user.job_title = "declared".into());
    user.extra_mut().insert("jobTitle", "shadow");
    assert_eq!(serde_json::to_string(&user)?, r#"{"jobTitle":"declared"}"#);
    user.job_title = Prop::Absent;
    assert_eq!(serde_json::to_string(&user)?, r#"{"jobTitle":"shadow"}"#);
    Ok(())
}

#[test]
fn of_a_repeated_key_the_last_one_counts() -> Result {
    for (json, written) in [
        (r#"{"id":"1","id":"2"}"#, r#"{"id":"2"}"#),
        (r#"{"id":"1","id":2}"#, r#"{"id":2}"#),
        (r#"{"id":1,"id":"2"}"#, r#"{"id":"2"}"#),
        (r#"{"id":1,"id":null}"#, r#"{"id":null}"#),
        (r#"{"new":1,"id":"1","new":2}"#, r#"{"id":"1","new":2}"#),
        (r#"{"identities":[{}],"identities":[]}"#, r#"{"identities":[]}"#),
        (
            r#"{"passwordProfile":{"password":"a"},"passwordProfile":{}}"#,
            r#"{"passwordProfile":{}}"#,
        ),
    ] {
        assert_eq!(round_trip::<UserProps>(json)?, written, "{json}");
    }
    assert_eq!(
        round_trip::<EverythingProps>(r#"{"int64":"5","int64":5}"#)?,
        r#"{"int64":5}"#
    );
    assert_eq!(
        round_trip::<EverythingProps>(r#"{"int64":5,"int64":"5"}"#)?,
        r#"{"int64":"5"}"#
    );
    Ok(())
}

#[test]
fn annotations_and_open_properties_are_kept() -> Result {
    let json = concat!(
        r##"{"@odata.context":"c","@odata.type":"#test.user","extension_a_b":{"x":[1,null,18446744073709551615]},"##,
        r#""id":"1","messages@odata.count":3}"#
    );
    assert_eq!(round_trip::<UserProps>(json)?, json);
    let user: User = serde_json::from_str(json)?;
    assert_eq!(user.extra().get("messages@odata.count"), Some(&json!(3)));
    Ok(())
}

#[test]
fn a_type_without_properties_is_a_map() -> Result {
    let json = r#"{"a":1,"b":{"c":null},"z":[]}"#;
    let map: Authentication = serde_json::from_str(json)?;
    assert_eq!(
        map.extra().iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["a", "b", "z"]
    );
    assert_eq!(serde_json::to_string(&map)?, json);
    Ok(())
}

#[test]
fn an_unknown_enum_member_and_the_spelling_of_flags_are_kept() -> Result {
    let json = r#"{"enum":"paused","flags":"password, sms,later"}"#;
    let all: Everything = serde_json::from_str(json)?;
    assert!(
        all.state
            .get()
            .is_some_and(|state| state.known().is_none() && state.as_str() == "paused")
    );
    let flags = all.flags.get().ok_or("flags")?;
    assert!(flags.contains(Method::Sms) && !flags.contains(Method::Fido2));
    assert_eq!(serde_json::to_string(&all)?, json);
    Ok(())
}

#[test]
fn dates_keep_fraction_offset_and_year_one() -> Result {
    for text in [
        "2027-03-01T09:30:00.1234567Z",
        "2027-03-01T09:30:00.10Z",
        "2027-03-01T09:30:00+02:00",
        "0001-01-01T00:00:00Z",
    ] {
        let json = format!(r#"{{"dateTime":"{text}"}}"#);
        let all: Everything = serde_json::from_str(&json)?;
        assert!(all.date_time.is_value());
        assert_eq!(serde_json::to_string(&all)?, json);
    }
    Ok(())
}

#[test]
fn an_int64_may_be_text_and_stays_text() -> Result {
    let json = r#"{"aInt64s":[1,"9007199254740993"],"int64":"9007199254740993"}"#;
    let mut all: Everything = serde_json::from_str(json)?;
    assert_eq!(all.int64.get(), Some(&9_007_199_254_740_993));
    assert_eq!(all.int64s.as_deref(), Some(&[1, 9_007_199_254_740_993][..]));
    assert_eq!(serde_json::to_string(&all)?, json);
    assert_eq!(serde_json::to_string(&all.clone())?, json);

    all.int64 = 7.into();
    all.int64s = Prop::Absent;
    assert_eq!(serde_json::to_string(&all)?, r#"{"int64":7}"#);
    Ok(())
}

#[test]
fn numbers_keep_the_spelling_that_their_type_does_not() -> Result {
    for json in [
        r#"{"double":-1}"#,
        r#"{"double":-1.0}"#,
        r#"{"double":-0.0}"#,
        r#"{"double":1e300}"#,
        r#"{"double":9007199254740993}"#,
        r#"{"aDoubles":[1,2.5,"INF",3]}"#,
        r#"{"byte":5.0,"int16":-5.0,"int32":5.0,"int64":5.0}"#,
        r#"{"single":0.1}"#,
        r#"{"single":0.30000001192092896}"#,
        r#"{"single":1e39}"#,
        r#"{"single":7}"#,
        r#"{"byte":256,"int16":40000,"int32":2147483648,"int64":9223372036854775808}"#,
        r#"{"int32":"5"}"#,
    ] {
        let written: Value = serde_json::from_str(&round_trip::<EverythingProps>(json)?)?;
        assert_eq!(written, serde_json::from_str::<Value>(json)?, "{json}");
    }
    Ok(())
}

#[test]
fn numbers_that_json_lacks_are_text() -> Result {
    let json = r#"{"aDoubles":["INF","-INF","NaN",0.5],"double":"-INF","single":"NaN"}"#;
    let all: Everything = serde_json::from_str(json)?;
    assert_eq!(all.double.get(), Some(&f64::NEG_INFINITY));
    assert!(all.single.get().is_some_and(|single| single.is_nan()));
    assert_eq!(serde_json::to_string(&all)?, json);
    Ok(())
}

#[test]
fn a_decimal_keeps_its_exact_text() -> Result {
    for json in [
        r#"{"decimal":123456789012345678901234567890.1230}"#,
        r#"{"decimal":1E+2}"#,
        r#"{"decimal":"79228162514264337593543950335.10"}"#,
    ] {
        let all: Everything = serde_json::from_str(json)?;
        assert!(all.decimal.is_value());
        assert_eq!(serde_json::to_string(&all.clone())?, json);
    }
    for json in [
        r#"{"decimal":null}"#,
        r#"{"decimal":"much"}"#,
        r#"{"decimal":{"a":[1]}}"#,
    ] {
        assert_eq!(round_trip::<EverythingProps>(json)?, json);
    }
    Ok(())
}

#[test]
fn identifiers_and_bytes_keep_their_spelling() -> Result {
    let json = concat!(
        r#"{"aBinaries":["-_8","+/8="],"aGuids":["62E90394-69f5-4237-9190-012177145e10"],"#,
        r#""binary":"-_8=","guid":"62e9039469F542379190012177145e10"}"#
    );
    let all: Everything = serde_json::from_str(json)?;
    assert_eq!(all.binary, Prop::from(Binary::from([0xfb, 0xff])));
    assert_eq!(all.guid.get(), all.guids.get().and_then(|list| list.first()));
    assert_eq!(serde_json::to_string(&all)?, json);
    Ok(())
}

#[test]
fn a_keyword_is_a_property_like_any_other() -> Result {
    let certificate: Certificate = serde_json::from_str(r#"{"type":"AsymmetricX509Cert"}"#)?;
    assert_eq!(certificate.r#type.as_deref(), Some("AsymmetricX509Cert"));
    Ok(())
}

#[test]
fn expanded_properties_are_read_on_demand() -> Result {
    let json = concat!(
        r##"{"manager":{"@odata.type":"#test.user","id":"boss","jobTitle":"CEO"},"##,
        r#""messages":[{"id":"1"},{"id":"2"}],"messages@odata.count":2,"nothing":null}"#
    );
    let user: User = serde_json::from_str(json)?;
    let manager: DirectoryObject = user.expanded("manager")?.ok_or("manager")?;
    let manager: User = manager.downcast().ok_or("a user")?;
    assert_eq!(manager.job_title.as_deref(), Some("CEO"));
    assert_eq!(
        user.expanded::<Vec<Entity>>("messages")?.map(|list| list.len()),
        Some(2)
    );
    assert_eq!(user.expanded::<Entity>("nothing")?, None);
    assert_eq!(user.expanded::<Entity>("missing")?, None);
    let error = user.expanded::<Entity>("messages").map_err(|e| e.to_string());
    assert!(error.is_err_and(|e| e.contains("a test.entity as a JSON object")));
    assert_eq!(serde_json::to_string(&user)?, json);
    Ok(())
}

#[test]
fn what_is_not_an_object_is_an_error_that_names_the_type() {
    for json in ["null", "[]", "1", r#""x""#, "true"] {
        let error = serde_json::from_str::<User>(json).map_err(|e| e.to_string());
        assert!(
            error.is_err_and(|e| e.contains("a test.user as a JSON object")),
            "{json}"
        );
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for json in [
        deep(r#"{"object":"#, "}"),
        deep(r#"{"aObjects":[{"object":"#, "}]}"),
        format!(r#"{{"new":{}}}"#, deep("[", "]")),
        format!(r#"{{"string":{}}}"#, deep("[", "]")),
    ] {
        assert!(serde_json::from_str::<Everything>(&json).is_err());
    }
}

#[test]
fn siblings_with_other_keys_in_another_order_are_read_alike() -> Result {
    let users = [
        r#"{"id":"1","jobTitle":"a","new":1}"#,
        r#"{"jobTitle":"b","id":"2"}"#,
        r#"{"accountEnabled":true,"id":"3","identities":[{"issuer":"x"},{"signInType":"y","issuer":"z"}],"other":{}}"#,
        r#"{}"#,
        r#"{"id":"4","new":2,"zzz":null}"#,
    ];
    let page: Page<User> = serde_json::from_str(&format!(r#"{{"value":[{}]}}"#, users.join(",")))?;
    for (user, json) in page.value.iter().zip(users) {
        assert_eq!(*user, serde_json::from_str(json)?, "{json}");
    }
    assert_eq!(page.value.len(), users.len());
    Ok(())
}

#[test]
fn escaped_keys_are_recognised() -> Result {
    let user: User = serde_json::from_str(r#"{"\u0069d":"1","\u006eew":2}"#)?;
    assert_eq!(user.id.as_deref(), Some("1"));
    assert_eq!(user.extra().get("new"), Some(&json!(2)));
    Ok(())
}

#[test]
fn an_object_reads_the_same_from_memory_as_from_text() -> Result {
    let json = r#"{"aObjects":[{"int64":"1"}],"dateTime":"2027-03-01T09:30:00.10Z","decimal":1.5,"new":{"a":1}}"#;
    let from_text: Everything = serde_json::from_str(json)?;
    let from_memory: Everything = serde_json::from_value(serde_json::from_str(json)?)?;
    assert_eq!(from_text, from_memory);
    assert_eq!(serde_json::to_string(&from_memory)?, json);
    assert_eq!(serde_json::to_value(&from_text)?, serde_json::from_str::<Value>(json)?);
    Ok(())
}

#[test]
fn a_clone_is_equal_and_independent() -> Result {
    let json = r#"{"accountEnabled":true,"businessPhones":["1"],"identities":[{"issuer":"a"}],"new":1}"#;
    let user: User = serde_json::from_str(json)?;
    let mut clone = user.clone();
    assert_eq!(clone, user);
    clone.business_phones = vec!["2".to_owned()].into();
    assert_ne!(clone, user);
    clone = user.clone();
    *clone.extra_mut() = Extra::default();
    assert_ne!(clone, user);
    clone = user.clone();
    if let Some(identity) = clone.identities.get_mut().and_then(|list| list.first_mut()) {
        identity.issuer = Prop::Null;
    }
    assert_ne!(clone, user);
    assert_eq!(serde_json::to_string(&user)?, json);
    Ok(())
}

#[test]
fn a_list_of_objects_and_an_object_are_set_from_values() -> Result {
    let user = User::build(|user| {
        user.identities = vec![Object::from(IdentityProps {
            issuer: "a".into(),
            ..Default::default()
        })]
        .into();
        user.password_profile = PasswordProfileProps {
            force: true.into(),
            ..Default::default()
        }
        .into();
        user.state = State::Disabled.into();
    });
    assert_eq!(
        serde_json::to_string(&user)?,
        r#"{"identities":[{"issuer":"a"}],"passwordProfile":{"forceChange":true},"state":"disabled"}"#
    );
    Ok(())
}
