//! Certificates with their keys, by which applications sign in.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::digest;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{SignatureAlgorithm, SignatureScheme};
use serde_json::json;
use zeroize::{Zeroize as _, Zeroizing};

use super::AuthenticationError;
use crate::odata::Secret;

/// How long an assertion is good for; [as short as Microsoft asks](https://learn.microsoft.com/entra/identity-platform/certificate-credentials#claims-payload).
const ASSERTION_LIFETIME: Duration = Duration::from_secs(600);

/// The algorithms of an assertion with what JOSE calls them
/// ([RFC 7518, section 3](https://www.rfc-editor.org/rfc/rfc7518#section-3)), and the bytes of half an ECDSA signature.
const ALGORITHMS: [(SignatureScheme, &str, usize); 3] = [
    (SignatureScheme::RSA_PSS_SHA256, "PS256", 0),
    (SignatureScheme::ECDSA_NISTP256_SHA256, "ES256", 32),
    (SignatureScheme::ECDSA_NISTP384_SHA384, "ES384", 48),
];

/// A certificate with its private key, by which an application signs in.
///
/// RSA keys of 2048 to 4096 bits sign with PS256, which
/// [Microsoft Entra asks for](https://learn.microsoft.com/entra/identity-platform/certificate-credentials); EC keys on
/// P-256 and P-384 sign with ES256 and ES384.
///
/// # Troubleshooting
/// Microsoft Entra accepts RSA only: it answers an assertion of an EC key with AADSTS5002738. EC keys are for authorities
/// that take them.
///
/// The key cannot be printed or taken out again. The text and bytes that it was read from are wiped; the arithmetic of
/// the cryptographic library keeps the key in memory until this value is dropped, and does not wipe it then.
///
/// ```
/// use msgraph_core::credential::{ClientCertificate, ClientCertificateCredential};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let certificate = ClientCertificate::from_pem(std::fs::read("app.pem")?)?;
/// println!("{}", certificate.thumbprint());
/// let credential = ClientCertificateCredential::new("contoso.onmicrosoft.com", "11111111-2222-…", certificate);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientCertificate {
    chain: Arc<[CertificateDer<'static>]>,
    key: Arc<dyn SigningKey>,
    scheme: SignatureScheme,
    algorithm: &'static str,
    half: usize,
}

impl ClientCertificate {
    /// Reads a private key and its certificate, in any order, from PEM text
    /// ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468)); further certificates are the chain.
    ///
    /// The key may be PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`). The text is wiped.
    ///
    /// # Errors
    /// When a part is missing, damaged, encrypted or of an unsupported kind, or the key is not the certificate's.
    pub fn from_pem(pem: impl Into<Vec<u8>>) -> Result<Self, ClientCertificateError> {
        let pem = Zeroizing::new(pem.into());
        let damaged = |error| ClientCertificateError::new(format!("the PEM text is damaged: {error}"));
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(damaged)?;
        if pem.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED) {
            return Err(ClientCertificateError::new(
                "the private key is encrypted: decrypt it (openssl pkey -in key.pem), or use a PKCS#12 file",
            ));
        }
        let key = PrivateKeyDer::pem_slice_iter(&pem).next().ok_or_else(|| {
            ClientCertificateError::new("the PEM text has no private key: add its \"-----BEGIN PRIVATE KEY-----\" part")
        })?;
        let mut key = key.map_err(damaged)?;
        let certificate = Self::new(certificates, &key);
        key.zeroize();
        certificate
    }

    /// Takes a private key as PKCS#8 in DER ([RFC 5208](https://www.rfc-editor.org/rfc/rfc5208)) and the certificates
    /// in DER, of which the key's own comes first.
    ///
    /// # Errors
    /// When the key is damaged or of an unsupported kind, or is not that of the first certificate.
    pub fn from_der(
        key: Zeroizing<Vec<u8>>,
        certificates: impl IntoIterator<Item = Vec<u8>>,
    ) -> Result<Self, ClientCertificateError> {
        let certificates = certificates.into_iter().map(CertificateDer::from).collect();
        Self::new(certificates, &PrivatePkcs8KeyDer::from(&**key).into())
    }

    /// The SHA-256 thumbprint of the certificate in upper-case hexadecimal digits.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.chain[0]);
        hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// `chain` may begin with another certificate than the key's, as PEM files do that put the root first.
    fn new(mut chain: Vec<CertificateDer<'static>>, key: &PrivateKeyDer<'_>) -> Result<Self, ClientCertificateError> {
        let signer = any_supported_type(key).map_err(|_| {
            ClientCertificateError::new(
                "the private key is damaged or not supported: use RSA of 2048 to 4096 bits, or EC on P-256 or P-384",
            )
        })?;
        if chain.is_empty() {
            return Err(ClientCertificateError::new(
                "there is no certificate: add its \"-----BEGIN CERTIFICATE-----\" part",
            ));
        }
        let belongs = |certificate: &CertificateDer<'static>| {
            CertifiedKey::new(vec![certificate.clone()], Arc::clone(&signer))
                .keys_match()
                .is_ok()
        };
        let own = chain
            .iter()
            .position(belongs)
            .ok_or_else(|| ClientCertificateError::new("the private key belongs to none of the certificates"))?;
        let own = chain.remove(own);
        chain.insert(0, own);
        let supported = ALGORITHMS
            .iter()
            .find(|(scheme, ..)| signer.choose_scheme(&[*scheme]).is_some());
        let &(scheme, algorithm, half) = supported
            .filter(|_| signer.algorithm() != SignatureAlgorithm::ED25519)
            .ok_or_else(|| {
                ClientCertificateError::new("the private key is of a kind that signs no assertions: use RSA")
            })?;
        Ok(Self {
            chain: chain.into(),
            key: signer,
            scheme,
            algorithm,
            half,
        })
    }

    /// A JSON Web Token by which `client_id` proves to the token endpoint `audience` that it has the key
    /// ([RFC 7523, section 3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
    pub(crate) fn assertion(
        &self,
        audience: &str,
        client_id: &str,
        sends_chain: bool,
    ) -> Result<Secret, AuthenticationError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let thumbprint = digest::digest(&digest::SHA256, &self.chain[0]);
        let mut header = json!({
            "alg": self.algorithm,
            "typ": "JWT",
            "x5t#S256": BASE64_URL_SAFE_NO_PAD.encode(thumbprint),
        });
        if sends_chain {
            header["x5c"] = self.chain.iter().map(|der| BASE64_STANDARD.encode(der)).collect();
        }
        let claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": uuid::Uuid::new_v4().to_string(),
            "iat": now.as_secs(),
            "nbf": now.as_secs(),
            "exp": (now + ASSERTION_LIFETIME).as_secs(),
        });
        let encode = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(header), encode(claims));
        let failed = || AuthenticationError::new("the certificate's key could not sign");
        let signer = self.key.choose_scheme(&[self.scheme]).ok_or_else(failed)?;
        let mut signature = signer
            .sign(text.as_bytes())
            .map_err(|error| failed().with_source(error))?;
        if self.half > 0 {
            signature = fixed(&signature, self.half).ok_or_else(failed)?;
        }
        Ok(Secret::from(format!(
            "{text}.{}",
            BASE64_URL_SAFE_NO_PAD.encode(signature)
        )))
    }
}

const ENCRYPTED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";

/// An ECDSA signature as JOSE spells it, two numbers of fixed width (RFC 7518, section 3.4), from the DER of TLS.
fn fixed(der: &[u8], half: usize) -> Option<Vec<u8>> {
    // Up to P-384 every length fits in one byte.
    let [0x30, _, rest @ ..] = der else { return None };
    let mut rest = rest;
    let mut signature = Vec::with_capacity(2 * half);
    for _ in 0..2 {
        let [0x02, length, after @ ..] = rest else { return None };
        let (number, after) = after.split_at_checked(usize::from(*length))?;
        let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
        signature.resize(signature.len() + half.checked_sub(number.len())?, 0);
        signature.extend_from_slice(number);
        rest = after;
    }
    Some(signature)
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("thumbprint", &self.thumbprint())
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Why a certificate cannot be used to sign in. The message says what to do and holds no part of the key.
#[derive(Clone, Debug)]
pub struct ClientCertificateError {
    problem: String,
}

impl ClientCertificateError {
    /// A reason in words, for other sources of certificates. Put no secret into it.
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
        }
    }
}

impl fmt::Display for ClientCertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for ClientCertificateError {}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn signature_has_two_halves_of_fixed_width() {
        let der = [0x30, 0x08, 0x02, 0x02, 0x00, 0x80, 0x02, 0x02, 0x01, 0x02];
        assert_eq!(fixed(&der, 4).unwrap(), [0, 0, 0, 0x80, 0, 0, 1, 2]);
        for damaged in [&der[..0], &der[..5], &der[..9], &[0x31; 10]] {
            assert_eq!(fixed(damaged, 4), None);
        }
        assert_eq!(fixed(&der, 1), None);
    }
}
