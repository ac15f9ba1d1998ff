//! Documented rules of action parameters.

use msgraph_core::odata::{Check, DateTime, Mut, Object, Parameters, Prop, Props, Ref, Rule, Secret, Type, check};

use crate::Result;

#[derive(Default)]
struct AddCertificate {
    display_name: Prop<String>,
    end_date_time: Prop<DateTime>,
    password: Prop<Secret>,
    tags: Prop<Vec<String>>,
}

impl Props for AddCertificate {
    const TYPE: &'static Type = &Type {
        name: "test.addCertificate",
        names: &["displayName", "endDateTime", "password", "tags"],
        derived: &[],
    };

    fn get(&self, i: usize) -> Ref<'_> {
        match i {
            0 => Ref::String(&self.display_name),
            1 => Ref::DateTime(&self.end_date_time),
            2 => Ref::Secret(&self.password),
            3 => Ref::Strings(&self.tags),
            _ => Ref::None,
        }
    }

    fn get_mut(&mut self, i: usize) -> Mut<'_> {
        match i {
            0 => Mut::String(&mut self.display_name),
            1 => Mut::DateTime(&mut self.end_date_time),
            2 => Mut::Secret(&mut self.password),
            3 => Mut::Strings(&mut self.tags),
            _ => Mut::None,
        }
    }
}

impl Parameters for AddCertificate {
    const RULES: &'static [Rule] = &[
        Rule {
            property: "displayName",
            check: Check::StartsWith("CN="),
        },
        Rule {
            property: "displayName",
            check: Check::MaxLength(6),
        },
        Rule {
            property: "displayName",
            check: Check::NotEmpty,
        },
        Rule {
            property: "endDateTime",
            check: Check::FutureWithinYears(3),
        },
        Rule {
            property: "password",
            check: Check::StartsWith("p"),
        },
        Rule {
            property: "password",
            check: Check::MaxLength(4),
        },
        Rule {
            property: "tags",
            check: Check::NotEmpty,
        },
    ];
}

#[test]
fn a_broken_rule_says_which_property_what_is_wanted_and_what_was_given() -> Result {
    let now: DateTime = "2028-02-29T12:00:00Z".parse()?;
    for (json, complaint) in [
        ("{}", None),
        (
            r#"{"displayName":"CN=äöü","endDateTime":"2028-02-29T13:00:00.5+01:00","password":"pass","tags":["a"]}"#,
            None,
        ),
        (r#"{"endDateTime":"2031-02-28T12:00:00Z"}"#, None),
        (r#"{"endDateTime":null,"password":null}"#, None),
        (
            r#"{"displayName":"SAML 2027"}"#,
            Some(r#"displayName must begin with "CN=" (got "SAML 2027")"#),
        ),
        (
            r#"{"displayName":"CN=four"}"#,
            Some("displayName may have at most 6 characters (got 7)"),
        ),
        (r#"{"displayName":null}"#, Some("displayName must not be empty")),
        (
            r#"{"displayName":5}"#,
            Some(r#"displayName must be text that begins with "CN=" (got 5)"#),
        ),
        (
            r#"{"endDateTime":"2028-02-29T12:00:00Z"}"#,
            Some("endDateTime must be in the future (got 2028-02-29T12:00:00Z, and it is 2028-02-29T12:00:00Z)"),
        ),
        (
            r#"{"endDateTime":"2031-02-28T12:00:00.0000001Z"}"#,
            Some(
                "endDateTime may be at most 3 years from now, until 2031-02-28T12:00:00Z \
                 (got 2031-02-28T12:00:00.0000001Z)",
            ),
        ),
        (
            r#"{"endDateTime":"tomorrow"}"#,
            Some("endDateTime must be a date and time with an offset, such as 2027-03-01T09:30:00Z (got \"tomorrow\")"),
        ),
        (
            r#"{"password":"hunter2"}"#,
            Some(r#"password must begin with "p" (got <redacted>)"#),
        ),
        (
            r#"{"password":"phunter"}"#,
            Some("password may have at most 4 characters (got 7)"),
        ),
        (
            r#"{"password":["p"]}"#,
            Some(r#"password must be text that begins with "p" (got <redacted>)"#),
        ),
        (r#"{"tags":[]}"#, Some("tags must not be empty")),
    ] {
        let parameters: Object<AddCertificate> = serde_json::from_str(json)?;
        let violation = check(&parameters, now).err();
        assert_eq!(
            violation.as_ref().map(ToString::to_string).as_deref(),
            complaint,
            "{json}"
        );
        if let (Some(violation), Some(complaint)) = (violation, complaint) {
            assert!(complaint.starts_with(violation.property()));
        }
    }
    Ok(())
}
