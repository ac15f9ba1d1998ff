//! The action `addTokenSigningCertificate`: a new certificate with which a service principal signs SAML tokens.
//!
//! <https://learn.microsoft.com/graph/api/serviceprincipal-addtokensigningcertificate>

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Kind, find, find_mut};
use crate::{
    certificate, clock,
    emulator::Service,
    error::GraphError,
    path::Key,
    reply::Reply,
    router::Call,
    store::{Document, text},
};

/// Years that a certificate lasts, both by default and at most.
const YEARS: i32 = 3;
/// Characters of a displayName at most.
const MAX_NAME: usize = 90;

pub(super) fn add_certificate(service: &Service, call: &Call, kind: Kind, key: &Key) -> Result<Reply, GraphError> {
    let parameters = call.parameters("addTokenSigningCertificate", &["displayName", "endDateTime"])?;
    find(kind.collection(&service.store()), key)?;
    let start = service.clock.now();
    let subject = subject(&parameters)?;
    let end = end(&parameters, start)?;
    // Generating the key takes a moment: the store stays free meanwhile.
    let certificate = certificate::issue_self_signed(subject, start, end)?;

    let sign_key_id = Uuid::new_v4().to_string();
    let shared = json!({
        "customKeyIdentifier": STANDARD.encode(certificate.sha1()),
        "displayName": subject,
        "endDateTime": clock::timestamp(end),
        "startDateTime": clock::timestamp(start),
    });
    let with = |others: Value| merged(&shared, others);
    let public_key = STANDARD.encode(&certificate.der);
    let sign = with(json!({ "key": null, "keyId": sign_key_id, "type": "X509CertAndPassword", "usage": "Sign" }));
    let verify = with(json!({
        "key": public_key, "keyId": Uuid::new_v4().to_string(), "type": "AsymmetricX509Cert", "usage": "Verify",
    }));
    let password = with(json!({ "hint": null, "keyId": sign_key_id, "secretText": null }));

    let mut store = service.store();
    let principal = find_mut(kind.collection_mut(&mut store), key)?;
    for (property, entries) in [
        ("keyCredentials", vec![sign, verify]),
        ("passwordCredentials", vec![password]),
    ] {
        if let Some(list) = principal[property].as_array_mut() {
            list.extend(entries);
        }
    }
    Ok(Reply::Ok(with(json!({
        "@odata.context": format!("{}/v1.0/$metadata#microsoft.graph.selfSignedCertificate", call.base),
        "key": public_key,
        "keyId": sign_key_id,
        "thumbprint": certificate.thumbprint(),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }))))
}

fn subject(parameters: &Document) -> Result<&str, GraphError> {
    let refuse = |message: String| GraphError::directory(message).with_detail("InvalidValue", "displayName");
    let name = match parameters.get("displayName") {
        Some(Value::String(name)) => name,
        Some(Value::Null) | None => return Err(refuse("The parameter 'displayName' is required.".to_owned())),
        Some(_) => return Err(refuse("The parameter 'displayName' takes a string.".to_owned())),
    };
    if !name.starts_with("CN=") {
        return Err(refuse(format!(
            "The displayName must start with CN=; '{name}' does not."
        )));
    }
    if name.chars().count() > MAX_NAME {
        return Err(refuse(format!("The displayName has more than {MAX_NAME} characters.")));
    }
    Ok(name)
}

fn end(parameters: &Document, start: OffsetDateTime) -> Result<OffsetDateTime, GraphError> {
    let latest = clock::years_after(start, YEARS);
    let refuse = |message: String| Err(GraphError::directory(message).with_detail("InvalidValue", "endDateTime"));
    match parameters.get("endDateTime") {
        None | Some(Value::Null) => Ok(latest),
        Some(_) => match text(parameters, "endDateTime").and_then(clock::parse_timestamp) {
            None => {
                refuse("The endDateTime must be a date and time with an offset, like 2014-01-01T00:00:00Z.".to_owned())
            }
            Some(end) if end <= start => refuse("The endDateTime lies in the past.".to_owned()),
            Some(end) if end > latest => refuse(format!(
                "The endDateTime lies more than {YEARS} years ahead; the latest possible is {}.",
                clock::timestamp(latest)
            )),
            Some(end) => Ok(end),
        },
    }
}

fn merged(shared: &Value, others: Value) -> Value {
    let (Value::Object(mut fields), Value::Object(others)) = (shared.clone(), others) else {
        unreachable!("both are literal objects");
    };
    fields.extend(others);
    Value::Object(fields)
}
