//! `keyCredentials` and `passwordCredentials` written as whole lists.
//!
//! A written list replaces the stored one. An entry whose `keyId` is stored already is kept, and must then be spelled as
//! it is stored; any other entry is new.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Kind,
    types::{KEY_CREDENTIAL, PASSWORD_CREDENTIAL},
};
use crate::{
    certificate::PublicCertificate,
    clock,
    digest::Digest,
    error::GraphError,
    pkcs12::{self, decode_base64},
    schema::EntityType,
    store::{Document, Store, list, text},
};

/// Writes a request body over a directory object, credentials included.
pub(super) fn write(
    store: &mut Store,
    kind: Kind,
    object: &mut Document,
    body: &Document,
    now: OffsetDateTime,
) -> Result<(), GraphError> {
    let mut plain = body.clone();
    let keys = plain.remove("keyCredentials");
    let passwords = plain.remove("passwordCredentials");
    kind.set().entity.merge(object, &plain);
    let written_passwords = entries(passwords.as_ref());
    if passwords.is_some() {
        let list = replace(
            object,
            "passwordCredentials",
            &PASSWORD_CREDENTIAL,
            written_passwords,
            |entry| new_password(entry, now),
        )?;
        object.insert("passwordCredentials".to_owned(), list);
    }
    if let Some(keys) = &keys {
        let list = replace(
            object,
            "keyCredentials",
            &KEY_CREDENTIAL,
            entries(Some(keys)),
            |entry| new_key(entry, written_passwords),
        )?;
        object.insert("keyCredentials".to_owned(), list);
    }
    for password in written_passwords {
        if let (Some(id), Some(secret)) = (password["keyId"].as_str(), password["secretText"].as_str()) {
            store.secrets.insert(id.to_owned(), Digest::of(secret));
        }
    }
    Ok(())
}

fn entries(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The list that results when `written` replaces the property's stored list.
fn replace(
    object: &Document,
    property: &'static str,
    entry_type: &EntityType,
    written: &[Value],
    new: impl Fn(Document) -> Result<Document, GraphError>,
) -> Result<Value, GraphError> {
    let stored = list(object, property);
    let mut result = Vec::with_capacity(written.len());
    for entry in written.iter().filter_map(Value::as_object) {
        entry_type.check(entry)?;
        let id = text(entry, "keyId");
        let kept = stored
            .iter()
            .find(|stored| id.is_some_and(|id| same_guid(&stored["keyId"], id)));
        result.push(match kept {
            Some(kept) => {
                check_spelling(kept, entry, property)?;
                kept.clone()
            }
            None => {
                let mut blank = entry_type.blank();
                blank.extend(entry.clone());
                blank.retain(|name, _| !name.starts_with('@'));
                Value::Object(new(blank)?)
            }
        });
    }
    Ok(Value::Array(result))
}

fn same_guid(stored: &Value, written: &str) -> bool {
    stored
        .as_str()
        .is_some_and(|stored| stored.eq_ignore_ascii_case(written))
}

/// A kept credential may leave out its secret part, but nothing else may differ, not even in spelling.
fn check_spelling(kept: &Value, written: &Document, property: &'static str) -> Result<(), GraphError> {
    let differs = written
        .iter()
        .filter(|(name, _)| !name.starts_with('@'))
        .any(|(name, value)| match name.as_str() {
            "keyId" => false,
            "key" | "secretText" => !value.is_null() && *value != kept[name],
            _ => *value != kept[name],
        });
    if differs {
        let id = kept["keyId"].as_str().unwrap_or_default();
        return Err(GraphError::directory(format!(
            "Update to existing credential with KeyId '{id}' is not allowed."
        ))
        .with_detail("KeyNotUpdatable", property));
    }
    Ok(())
}

fn new_password(mut entry: Document, now: OffsetDateTime) -> Result<Document, GraphError> {
    if text(&entry, "secretText").is_none_or(str::is_empty) {
        return Err(
            GraphError::directory("A new passwordCredential in a list needs a secretText.")
                .with_detail("InvalidValue", "passwordCredentials"),
        );
    }
    entry.insert("secretText".to_owned(), Value::Null);
    entry.insert("hint".to_owned(), Value::Null);
    default(&mut entry, "keyId", || Uuid::new_v4().to_string());
    default(&mut entry, "startDateTime", || clock::timestamp(now));
    default(&mut entry, "endDateTime", || {
        clock::timestamp(clock::years_after(now, 2))
    });
    Ok(entry)
}

fn new_key(mut entry: Document, passwords: &[Value]) -> Result<Document, GraphError> {
    let refuse = |code, message: String| Err(GraphError::directory(message).with_detail(code, "keyCredentials"));
    let certificate = match (text(&entry, "type"), text(&entry, "usage"), text(&entry, "key")) {
        (_, _, None) => {
            return refuse(
                "KeyCredentialsInvalidKey",
                "A new keyCredential needs a key, in base64.".to_owned(),
            );
        }
        (Some("AsymmetricX509Cert"), Some("Verify"), Some(key)) => {
            PublicCertificate::from_der(&decode_base64(key).unwrap_or_default())?
        }
        (Some("X509CertAndPassword"), Some("Sign"), Some(key)) => {
            let id = text(&entry, "keyId").unwrap_or_default();
            let password = passwords.iter().find(|password| same_guid(&password["keyId"], id));
            let Some(secret) = password.and_then(|password| password["secretText"].as_str()) else {
                return refuse(
                    "KeyCredentialsInvalidPassword",
                    "A new Sign key needs a passwordCredential with the same keyId and the PKCS#12 password in the same request.".to_owned(),
                );
            };
            pkcs12::open(key, secret)?
        }
        (kind, usage, _) => {
            return refuse(
                "KeyCredentialsInvalidType",
                format!(
                    "type and usage must be AsymmetricX509Cert and Verify or X509CertAndPassword and Sign, not {kind:?} and {usage:?}."
                ),
            );
        }
    };
    let end = text(&entry, "endDateTime").and_then(clock::parse_timestamp);
    if end.is_some_and(|end| end > certificate.not_after) {
        return refuse(
            "KeyCredentialsInvalidEndDate",
            format!(
                "The endDateTime lies after the end of the certificate, {}.",
                clock::timestamp(certificate.not_after)
            ),
        );
    }
    default(&mut entry, "keyId", || Uuid::new_v4().to_string());
    default(&mut entry, "customKeyIdentifier", || {
        STANDARD.encode(certificate.sha1())
    });
    default(&mut entry, "startDateTime", || clock::timestamp(certificate.not_before));
    default(&mut entry, "endDateTime", || clock::timestamp(certificate.not_after));
    if text(&entry, "usage") == Some("Sign") {
        entry.insert("key".to_owned(), Value::Null);
    }
    Ok(entry)
}

fn default(entry: &mut Document, property: &str, value: impl FnOnce() -> String) {
    if entry.get(property).is_none_or(Value::is_null) {
        entry.insert(property.to_owned(), value().into());
    }
}
