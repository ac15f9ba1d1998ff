//! Printing never gives a secret away.

use msgraph_core::odata::{Page, Prop, Secret};

use crate::Result;
use crate::models::*;

#[test]
fn debug_names_the_type_and_the_properties_that_are_set() -> Result {
    let user: User = serde_json::from_str(
        r#"{"accountEnabled":true,"createdDateTime":"2027-03-01T09:30:00Z","id":"1","jobTitle":null,"new":{"a":1},
            "businessPhones":["2"],"identities":[{"issuer":"i"}],"state":"paused"}"#,
    )?;
    assert_eq!(
        format!("{user:?}"),
        concat!(
            r#"test.user { accountEnabled: true, businessPhones: ["2"], createdDateTime: 2027-03-01T09:30:00Z, id: "1", "#,
            r#"identities: [test.identity { issuer: "i" }], jobTitle: null, state: paused, new: {"a": 1} }"#
        )
    );
    Ok(())
}

#[test]
fn typed_secrets_are_redacted_at_any_depth() -> Result {
    let json = r#"{"aObjects":[{"object":{"secret":"hunter2"}}],"aSecrets":["hunter2"],"secret":"hunter2"}"#;
    let page: Page<Everything> = serde_json::from_str(&format!(r#"{{"value":[{json}]}}"#))?;
    for shown in [
        format!("{page:?}"),
        format!("{page:#?}"),
        format!("{:?}", page.value[0].hidden),
    ] {
        assert!(shown.contains("<redacted>") && !shown.contains("hunter2"), "{shown}");
    }
    Ok(())
}

#[test]
fn secrets_of_undeclared_and_unknown_data_are_redacted_by_name() -> Result {
    let connector: Connector = serde_json::from_str(
        r##"{"authentication":{"@odata.type":"#test.later","Password":"hunter2","inner":[{"key":"hunter2"}]},
            "clientSecret":"hunter2","extra":{"deep":{"refreshToken":["hunter2"]}},"secretText":"hunter2"}"##,
    )?;
    let shown = format!("{connector:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(shown.matches("<redacted>").count(), 5, "{shown}");
    Ok(())
}

#[test]
fn a_secret_moved_to_the_base_type_stays_redacted() {
    let basic = Basic::build(|basic| {
        basic.password = "hunter2".into();
        basic.username = "u".into();
    });
    let shown = format!("{:?}", basic.upcast::<AuthenticationProps>());
    assert!(
        shown.contains("password: <redacted>") && shown.contains(r#"username: "u""#),
        "{shown}"
    );
}

#[test]
fn a_secret_of_the_wrong_type_is_redacted_too() -> Result {
    let profile: PasswordProfile = serde_json::from_str(r#"{"password":{"value":"hunter2"}}"#)?;
    assert_eq!(format!("{profile:?}"), "test.passwordProfile { password: <redacted> }");
    Ok(())
}

#[test]
fn a_private_key_in_bytes_shows_only_its_size() -> Result {
    let certificate: Certificate = serde_json::from_str(r#"{"key":"aHVudGVyMg=="}"#)?;
    assert_eq!(format!("{certificate:?}"), "test.certificate { key: <7 bytes> }");
    Ok(())
}

#[test]
fn null_is_no_secret() {
    let profile = PasswordProfile::build(|profile| profile.password = Prop::Null);
    assert_eq!(format!("{profile:?}"), "test.passwordProfile { password: null }");
    assert_eq!(
        format!("{:?}", Prop::from(Secret::from("hunter2"))),
        "Value(<redacted>)"
    );
}
