//! The actions `addPassword` and `removePassword`.
//!
//! <https://learn.microsoft.com/graph/api/application-addpassword>

use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Kind, find_mut, types::PASSWORD_CREDENTIAL};
use crate::{
    clock,
    digest::Digest,
    emulator::Service,
    error::GraphError,
    path::Key,
    reply::Reply,
    router::Call,
    store::{document, text},
};

/// Characters of a generated secret.
const SECRET_LENGTH: usize = 40;
/// Characters of a secret that stay readable.
const HINT_LENGTH: usize = 3;
/// What a secret lasts when the client does not say.
const DEFAULT_YEARS: i32 = 2;

pub(super) fn add(service: &Service, call: &Call, kind: Kind, key: &Key) -> Result<Reply, GraphError> {
    let parameters = call.parameters("addPassword", &["passwordCredential"])?;
    let wanted = match parameters.get("passwordCredential") {
        None | Some(Value::Null) => document(json!({})),
        Some(Value::Object(wanted)) => wanted.clone(),
        Some(_) => return Err(GraphError::directory("passwordCredential takes an object.")),
    };
    PASSWORD_CREDENTIAL.check(&wanted)?;
    let now = service.clock.now();
    let instant = |name: &str| text(&wanted, name).and_then(clock::parse_timestamp);
    let start = instant("startDateTime").unwrap_or(now);
    let end = instant("endDateTime").unwrap_or_else(|| clock::years_after(start, DEFAULT_YEARS));
    if end <= start {
        return Err(
            GraphError::directory("The endDateTime of a password must lie after its startDateTime.")
                .with_detail("PasswordCredentialInvalidEndDate", "passwordCredential"),
        );
    }

    let secret = Alphanumeric.sample_string(&mut rand::rng(), SECRET_LENGTH);
    let id = Uuid::new_v4().to_string();
    let mut credential = json!({
        "customKeyIdentifier": null,
        "displayName": wanted.get("displayName"),
        "endDateTime": clock::timestamp(end),
        "hint": &secret[..HINT_LENGTH],
        "keyId": id,
        "secretText": null,
        "startDateTime": clock::timestamp(start),
    });
    let mut store = service.store();
    let object = find_mut(kind.collection_mut(&mut store), key)?;
    if let Some(credentials) = object["passwordCredentials"].as_array_mut() {
        credentials.push(credential.clone());
    }
    store.secrets.insert(id, Digest::of(&secret));
    // Only this answer ever carries the secret.
    credential["secretText"] = secret.into();
    credential["@odata.context"] = format!("{}/v1.0/$metadata#microsoft.graph.passwordCredential", call.base).into();
    Ok(Reply::Ok(credential))
}

pub(super) fn remove(service: &Service, call: &Call, kind: Kind, key: &Key) -> Result<Reply, GraphError> {
    let parameters = call.parameters("removePassword", &["keyId"])?;
    let id = text(&parameters, "keyId")
        .ok_or_else(|| GraphError::directory("removePassword needs the keyId of the password to remove."))?;
    let mut store = service.store();
    let object = find_mut(kind.collection_mut(&mut store), key)?;
    let credentials = object["passwordCredentials"]
        .as_array_mut()
        .ok_or_else(|| no_password(id))?;
    let position = credentials
        .iter()
        .position(|credential| {
            credential["keyId"]
                .as_str()
                .is_some_and(|known| known.eq_ignore_ascii_case(id))
        })
        .ok_or_else(|| no_password(id))?;
    credentials.remove(position);
    Ok(Reply::NoContent)
}

fn no_password(id: &str) -> GraphError {
    GraphError::directory(format!("No password credential found with keyId '{id}'."))
        .with_detail("InvalidKeyId", "keyId")
}
