//! Actions and their documented rules.

use msgraph_core::odata::{Check, Mut, Object, Parameters, Prop, Props, Ref, Rule, Type};
use msgraph_core::{Client, CloudSet, Method, Operation, Path, Request};

use crate::support::{Counting, Offline, PERMISSIONS, Service};

static SIGN: Operation = Operation {
    method: Method::Post,
    path: "/things/{thing-id}/sign",
    clouds: CloudSet::GLOBAL,
    permissions: &PERMISSIONS,
    documentation: None,
};

#[derive(Default)]
struct Sign {
    display_name: Prop<String>,
}

impl Props for Sign {
    const TYPE: &'static Type = &Type {
        name: "test.sign",
        names: &["displayName"],
        derived: &[],
    };

    fn get(&self, i: usize) -> Ref<'_> {
        if i == 0 {
            Ref::String(&self.display_name)
        } else {
            Ref::None
        }
    }

    fn get_mut(&mut self, i: usize) -> Mut<'_> {
        if i == 0 {
            Mut::String(&mut self.display_name)
        } else {
            Mut::None
        }
    }
}

impl Parameters for Sign {
    const RULES: &'static [Rule] = &[Rule {
        property: "displayName",
        check: Check::StartsWith("CN="),
    }];
}

fn sign(client: &Client, name: &str) -> Request<()> {
    let parameters = Object::build(|sign: &mut Sign| sign.display_name = name.into());
    Path::root(client, "things")
        .key("1")
        .segment("sign")
        .action(&SIGN, parameters)
}

#[tokio::test]
async fn parameters_that_keep_the_rules_are_sent() {
    let service = Service::start(|_| "").await;
    sign(&service.client(), "CN=SAML").await.unwrap();
    let seen = service.only();
    assert_eq!(
        (seen.target.as_str(), &seen.body[..]),
        ("/v1.0/things/1/sign", &br#"{"displayName":"CN=SAML"}"#[..])
    );
}

#[tokio::test]
async fn broken_rule_is_reported_before_a_token_is_asked_for() {
    let (credential, transport) = (Counting::default(), Offline::default());
    let client = Client::builder()
        .credential(credential.clone())
        .transport(transport.clone())
        .build()
        .unwrap();
    let error = sign(&client, "SAML").await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(
        error.to_string().contains("displayName must begin with \"CN=\""),
        "{error}"
    );
    assert_eq!((credential.asked(), transport.asked()), (0, 0));
}
