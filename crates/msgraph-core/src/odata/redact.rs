//! Which names hold secrets, and how a JSON value is printed and wiped without giving them away.

use std::fmt;

use zeroize::Zeroize;

use super::Value;

/// What is printed in place of a secret.
pub(super) const REDACTED: &str = "<redacted>";

// Reviewed against every text property of Graph v1.0, lower case. `uploadUrl` and the download links are here because
// whoever has such a link needs no token; `clientState` because it authenticates a change notification.
const SECRET_NAMES: &[&str] = &[
    "@content.downloadurl",
    "@microsoft.graph.downloadurl",
    "accesstoken",
    "accountkey",
    "activationlockbypasscode",
    "addomainpassword",
    "apikey",
    "apitoken",
    "assertion",
    "authorization",
    "challengetoken",
    "clientassertion",
    "clientsecret",
    "clientstate",
    "clienttoken",
    "connectionstring",
    "currentpassword",
    "devicecode",
    "downloadurl",
    "encryptionkey",
    "idtoken",
    "mackey",
    "newpassword",
    "oldpassword",
    "passcode",
    "passphrase",
    "password",
    "passwordbase64",
    "pin",
    "pkcs12value",
    "presharedkey",
    "privatekey",
    "recordingaccesstoken",
    "recoverykey",
    "refreshtoken",
    "sastoken",
    "secret",
    "secretkey",
    "secrettext",
    "servertoken",
    "sharedkey",
    "sharedsecret",
    "symmetrickey",
    "temporaryaccesspass",
    "token",
    "unlockpin",
    "uploadurl",
    "validationtokens",
];

/// Whether a property of this name, whatever its type, is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    // Shorter and longer names are by far the most; they cost no comparison.
    (3..=28).contains(&name.len()) && SECRET_NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Whether an undeclared property of this name is a secret.
///
/// `key` is the bytes of a certificate's private key in some types and an ordinary key in others; only a declared
/// type tells which.
fn is_secret_undeclared(name: &str) -> bool {
    is_secret(name) || name.eq_ignore_ascii_case("key")
}

/// An undeclared value as it may be printed: JSON text with secrets replaced.
pub(super) struct Shown<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unnamed = |value| Shown { name: "", value };
        match self.value {
            Value::Null => f.write_str("null"),
            _ if is_secret_undeclared(self.name) => f.write_str(REDACTED),
            Value::Bool(value) => value.fmt(f),
            Value::Number(value) => fmt::Display::fmt(value, f),
            Value::String(value) => value.fmt(f),
            Value::Array(items) => f.debug_list().entries(items.iter().map(unnamed)).finish(),
            Value::Object(members) => f
                .debug_map()
                .entries(members.iter().map(|(name, value)| (name, Shown { name, value })))
                .finish(),
        }
    }
}

/// Overwrites the text of secrets inside an undeclared value.
pub(super) fn wipe(name: &str, value: &mut Value) {
    let is_secret = is_secret_undeclared(name);
    wipe_inside(value, is_secret);
}

fn wipe_inside(value: &mut Value, is_secret: bool) {
    match value {
        Value::String(text) if is_secret => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(|item| wipe_inside(item, is_secret)),
        Value::Object(members) => {
            for (name, value) in members {
                wipe_inside(value, is_secret || is_secret_undeclared(name));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SECRET_NAMES, is_secret, wipe};

    #[test]
    fn names_are_lower_case_sorted_and_within_the_quick_check() {
        assert!(SECRET_NAMES.is_sorted());
        for name in SECRET_NAMES {
            assert!(is_secret(name), "{name}");
            assert_eq!(*name, name.to_ascii_lowercase());
        }
    }

    #[test]
    fn names_are_matched_whatever_their_case() {
        assert!(is_secret("secretText") && is_secret("Password") && is_secret("pkcs12Value"));
        assert!(!is_secret("passwordPolicies") && !is_secret("publicKey"));
    }

    #[test]
    fn wiping_empties_secret_text_at_any_depth_and_nothing_else() {
        let mut value = json!({"a": [{"password": "x", "b": "keep"}], "secretText": ["y"], "token": {"part": "z"}});
        wipe("settings", &mut value);
        assert_eq!(
            value,
            json!({"a": [{"password": "", "b": "keep"}], "secretText": [""], "token": {"part": ""}})
        );
    }
}
