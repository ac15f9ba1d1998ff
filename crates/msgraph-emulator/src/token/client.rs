//! Who asks for a token: a client with a secret, a certificate, a federated token, or without any of them.

use axum::http::{HeaderMap, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use super::{assertion, form::Form, refusal::Refusal};
use crate::{
    clock,
    digest::Digest,
    emulator::Service,
    store::{Store, list, text},
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client whose proof, if it gave one, was right.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) is_confidential: bool,
}

impl Client {
    /// Reads who the client is and checks its proof.
    pub(crate) fn of(
        service: &Service,
        tenant: &str,
        headers: &HeaderMap,
        form: &Form,
        now: OffsetDateTime,
    ) -> Result<Self, Refusal> {
        let (id, secret) = id_and_secret(headers, form)?;
        let authority = &service.authority;
        let added = added_secrets(&service.store(), &id, now);
        let is_known = authority.knows(&id) || !added.is_empty();
        if !is_known && authority.has_clients() {
            let message = format!("Application with identifier '{id}' was not found in the directory.");
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "unauthorized_client",
                700_016,
                message,
            ));
        }
        let is_confidential = match (form.get("client_assertion"), secret) {
            (Some(assertion), _) => {
                if form.require("client_assertion_type")? != ASSERTION_TYPE {
                    let message = "The request body must contain 'client_assertion_type' with the value for JWT.";
                    return Err(Refusal::client(7_000_218, message));
                }
                let audience = format!("{}/{tenant}/oauth2/v2.0/token", service.url);
                match (authority.certificates.get(&id), authority.federations.get(&id)) {
                    (None, Some(federations)) => assertion::check_federation(federations, assertion, now)?,
                    (certificates, _) => {
                        let certificates = certificates.map(Vec::as_slice).unwrap_or_default();
                        assertion::check_certificate(certificates, assertion, &id, &audience, now)?;
                    }
                }
                true
            }
            (None, Some(secret)) => {
                check_secret(authority.clients.get(&id), &added, &id, &secret)?;
                true
            }
            (None, None) => false,
        };
        if !is_confidential && authority.is_confidential(&id) {
            return Err(needs_proof());
        }
        Ok(Self { id, is_confidential })
    }

    /// The client, if it has proved who it is.
    pub(crate) fn confidential(self) -> Result<Self, Refusal> {
        self.is_confidential.then_some(self).ok_or_else(needs_proof)
    }
}

fn needs_proof() -> Refusal {
    Refusal::client(
        7_000_218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    )
}

/// Client id and secret, from the form or from HTTP Basic ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
fn id_and_secret(headers: &HeaderMap, form: &Form) -> Result<(String, Option<String>), Refusal> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(read_basic);
    if let Some((client, secret)) = basic {
        return Ok((client, Some(secret).filter(|secret| !secret.is_empty())));
    }
    let client = form.require("client_id")?;
    Ok((client.to_owned(), form.get("client_secret").map(str::to_owned)))
}

/// Both halves are form-encoded before they are joined.
fn read_basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    let joined = scheme
        .eq_ignore_ascii_case("Basic")
        .then(|| STANDARD.decode(encoded.trim()).ok())
        .flatten()?;
    let joined = String::from_utf8(joined).ok()?;
    let (client, secret) = joined.split_once(':')?;
    let decode = |half: &str| {
        percent_decode_str(&half.replace('+', " "))
            .decode_utf8()
            .ok()
            .map(String::from)
    };
    Some((decode(client)?, decode(secret)?))
}

fn check_secret(registered: Option<&Digest>, added: &[AddedSecret], client: &str, secret: &str) -> Result<(), Refusal> {
    let given = Digest::of(secret);
    let anything_goes = registered.is_none() && added.is_empty();
    let matching = added.iter().find(|added| added.digest == given);
    match matching {
        _ if anything_goes || registered == Some(&given) => Ok(()),
        Some(added) if added.expired => Err(Refusal::client(
            7_000_222,
            format!("The provided client secret keys for app '{client}' are expired."),
        )),
        Some(_) => Ok(()),
        None => Err(Refusal::client(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
            ),
        )),
    }
}

/// A secret made by `addPassword` on the client's application or service principal.
struct AddedSecret {
    digest: Digest,
    expired: bool,
}

fn added_secrets(store: &Store, client: &str, now: OffsetDateTime) -> Vec<AddedSecret> {
    let objects = store
        .applications
        .iter()
        .chain(store.service_principals.iter())
        .map(|(_, object)| object);
    objects
        .filter(|object| text(object, "appId").is_some_and(|id| id.eq_ignore_ascii_case(client)))
        .flat_map(|object| list(object, "passwordCredentials"))
        .filter_map(|credential| {
            let digest = store.secrets.get(credential["keyId"].as_str()?)?;
            let end = credential["endDateTime"].as_str().and_then(clock::parse_timestamp);
            Some(AddedSecret {
                digest: *digest,
                expired: end.is_some_and(|end| end <= now),
            })
        })
        .collect()
}
