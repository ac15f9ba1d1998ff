//! Assertions: JSON Web Tokens by which a client proves who it is without a secret (RFC 7523).

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use x509_cert::{
    Certificate,
    der::{Decode as _, oid::db::rfc5912},
};

use super::refusal::Refusal;

/// How far the clocks of a client and the service may lie apart, either way.
const SKEW: Duration = Duration::minutes(5);

/// A certificate that is on an application.
pub(crate) struct ClientCertificate {
    der: Vec<u8>,
    key: VerifyingKey,
}

/// A trust in tokens of another issuer.
pub(crate) struct Federation {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
    pub(crate) key: VerifyingKey,
}

pub(crate) struct VerifyingKey {
    key: DecodingKey,
    algorithms: Vec<Algorithm>,
}

impl VerifyingKey {
    /// The public key of a certificate in DER. `None` for a certificate that is damaged or has a key of another kind.
    pub(crate) fn of_certificate(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?;
        let info = certificate.tbs_certificate().subject_public_key_info();
        let bits = info.subject_public_key.raw_bytes();
        let curve = || info.algorithm.parameters.as_ref()?.decode_as().ok();
        Some(match info.algorithm.oid {
            rfc5912::RSA_ENCRYPTION => Self {
                key: DecodingKey::from_rsa_der(bits),
                algorithms: vec![Algorithm::PS256, Algorithm::RS256],
            },
            rfc5912::ID_EC_PUBLIC_KEY => Self {
                key: DecodingKey::from_ec_der(bits),
                algorithms: match curve()? {
                    rfc5912::SECP_256_R_1 => vec![Algorithm::ES256],
                    rfc5912::SECP_384_R_1 => vec![Algorithm::ES384],
                    _ => return None,
                },
            },
            _ => return None,
        })
    }

    /// The claims of `token`, if the key has signed it with an algorithm that fits it.
    fn verify(&self, token: &str) -> Option<BTreeMap<String, Value>> {
        let algorithm = jsonwebtoken::decode_header(token).ok()?.alg;
        if !self.algorithms.contains(&algorithm) {
            return None;
        }
        let mut validation = Validation::new(algorithm);
        // The claims are checked against the emulator's own clock.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Some(jsonwebtoken::decode(token, &self.key, &validation).ok()?.claims)
    }
}

impl ClientCertificate {
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        Some(Self {
            der: der.to_vec(),
            key: VerifyingKey::of_certificate(der)?,
        })
    }

    fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.der))
    }

    fn is_valid(&self, now: OffsetDateTime) -> bool {
        Certificate::from_der(&self.der).is_ok_and(|certificate| {
            let validity = certificate.tbs_certificate().validity();
            let [begin, end] =
                [validity.not_before, validity.not_after].map(|time| OffsetDateTime::from(time.to_system_time()));
            (begin..=end).contains(&now)
        })
    }
}

/// Checks the assertion of a client that has `certificates`; `audience` is the token endpoint.
pub(crate) fn check_certificate(
    certificates: &[ClientCertificate],
    assertion: &str,
    client: &str,
    audience: &str,
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| malformed())?;
    let Some(thumbprint) = &header.x5t_s256 else {
        return Err(Refusal::client(
            5_002_730,
            "The header of the assertion must name its certificate in 'x5t#S256'.",
        ));
    };
    let unknown = || {
        let message = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '{thumbprint}']"
        );
        Refusal::client(700_027, message)
    };
    let certificate = certificates
        .iter()
        .find(|known| known.thumbprint() == *thumbprint)
        .ok_or_else(unknown)?;
    if !certificate.is_valid(now) {
        return Err(Refusal::client(
            700_027,
            "The certificate used to sign the client assertion is expired.",
        ));
    }
    if let Some(chain) = &header.x5c {
        // RFC 7515 §4.1.6: base64, not base64url, of the DER.
        use base64::engine::general_purpose::STANDARD;
        let decoded: Result<Vec<_>, _> = chain.iter().map(|one| STANDARD.decode(one)).collect();
        let is_chain = decoded.is_ok_and(|chain| {
            chain.first() == Some(&certificate.der) && chain.iter().all(|der| Certificate::from_der(der).is_ok())
        });
        if !is_chain {
            return Err(Refusal::client(
                5_002_730,
                "'x5c' is not a chain that begins with the certificate.",
            ));
        }
    }
    let claims = certificate.key.verify(assertion).ok_or_else(|| {
        Refusal::client(
            700_027,
            "Client assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value.]",
        )
    })?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("iss") != client || text("sub") != client {
        return Err(Refusal::client(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    if text("jti").is_empty() {
        return Err(Refusal::client(
            50_027,
            "JWT token is invalid or malformed: it has no 'jti'.",
        ));
    }
    check_audience(&claims, audience)?;
    check_time(&claims, now)
}

/// Checks the assertion of a client that trusts `federations`.
pub(crate) fn check_federation(
    federations: &[Federation],
    assertion: &str,
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    jsonwebtoken::decode_header(assertion).map_err(|_| malformed())?;
    let claims = jsonwebtoken::dangerous::insecure_decode_claims::<BTreeMap<String, Value>>(assertion)
        .map_err(|_| malformed())?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let no_match = |number, what: &str, value: &str| {
        Refusal::client(
            number,
            format!("No matching federated identity record found for presented assertion {what} '{value}'."),
        )
    };
    let of_issuer: Vec<_> = federations.iter().filter(|one| one.issuer == text("iss")).collect();
    if of_issuer.is_empty() {
        return Err(no_match(700_211, "issuer", text("iss")));
    }
    let Some(federation) = of_issuer.into_iter().find(|one| one.subject == text("sub")) else {
        return Err(no_match(700_213, "subject", text("sub")));
    };
    if check_audience(&claims, &federation.audience).is_err() {
        return Err(no_match(700_212, "audience", text("aud")));
    }
    if federation.key.verify(assertion).is_none() {
        return Err(Refusal::client(
            5_002_727,
            "Invalid JWT token. Token signature validation failed.",
        ));
    }
    check_time(&claims, now)
}

fn check_audience(claims: &BTreeMap<String, Value>, expected: &str) -> Result<(), Refusal> {
    match claims.get("aud") {
        Some(Value::String(audience)) if audience == expected => Ok(()),
        Some(Value::Array(audiences)) if audiences.iter().any(|one| one == expected) => Ok(()),
        other => Err(Refusal::client(
            50_027,
            format!(
                "JWT token is invalid or malformed: its audience is {}, not {expected}.",
                other.map_or_else(|| "missing".to_owned(), ToString::to_string)
            ),
        )),
    }
}

fn check_time(claims: &BTreeMap<String, Value>, now: OffsetDateTime) -> Result<(), Refusal> {
    let instant = |name: &str| OffsetDateTime::from_unix_timestamp(claims.get(name)?.as_i64()?).ok();
    let outside = || {
        Refusal::client(
            700_024,
            "Client assertion is not within its valid time range. Current time and the assertion's do not agree.",
        )
    };
    let end = instant("exp").ok_or_else(outside)?;
    let begin = instant("nbf").or_else(|| instant("iat"));
    let has_begun = begin.is_none_or(|begin| begin <= now + SKEW);
    (has_begun && now - SKEW < end).then_some(()).ok_or_else(outside)
}

fn malformed() -> Refusal {
    Refusal::client(50_027, "JWT token is invalid or malformed.")
}
