//! Facts about an X.509 certificate (RFC 5280).

use std::error::Error;
use std::fmt;

use der::Decode as _;
use der::asn1::ObjectIdentifier;
use der::oid::db::{DB, rfc5912, rfc8410};
use msgraph_core::odata::DateTime;
use pkcs1::RsaPublicKeyRef;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Time;

/// An X.509 certificate and what Entra shows of one: thumbprint, subject, validity.
///
/// It is public data; [`Pkcs12`](crate::Pkcs12) holds the private key beside it. The `key` of a
/// `selfSignedCertificate` or `keyCredential` is such a certificate too, which is how to learn its thumbprint where
/// the service does not return it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use msgraph::Certificate;
///
/// # let key = include_bytes!("../../../tests/fixtures/pkcs12/der-certificate.pfx");
/// let certificate = Certificate::from_der(key)?;
/// println!("{} until {}", certificate.thumbprint(), certificate.not_after());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
    not_before: DateTime,
    not_after: DateTime,
}

/// Where a point in time lies in a certificate's validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// Before it begins.
    NotYetValid,
    /// Within it; both ends belong to it (RFC 5280 §4.1.2.5).
    Valid,
    /// After its end.
    Expired,
}

impl Certificate {
    /// Decodes a certificate from DER.
    ///
    /// # Errors
    /// When the bytes are not exactly one certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = x509_cert::Certificate::from_der(der).map_err(CertificateError)?;
        let validity = parsed.tbs_certificate().validity();
        Ok(Self {
            not_before: date_time(validity.not_before)?,
            not_after: date_time(validity.not_after)?,
            der: der.to_vec(),
            parsed,
        })
    }

    /// The certificate as DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The SHA-1 thumbprint in upper-case hexadecimal digits, the form that Entra shows and takes.
    pub fn thumbprint(&self) -> String {
        hex(&Sha1::digest(&self.der))
    }

    /// The SHA-256 thumbprint in upper-case hexadecimal digits.
    pub fn thumbprint_sha256(&self) -> String {
        hex(&Sha256::digest(&self.der))
    }

    /// The subject in the notation of RFC 4514, most specific part first: `CN=Connector,O=Contoso`.
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// The issuer in the notation of RFC 4514; equal to the subject when the certificate is self-signed.
    pub fn issuer(&self) -> String {
        self.parsed.tbs_certificate().issuer().to_string()
    }

    /// The serial number in upper-case hexadecimal digits, two for each byte.
    pub fn serial_number(&self) -> String {
        hex(self.parsed.tbs_certificate().serial_number().as_bytes())
    }

    /// When the validity begins; a whole second in UTC.
    pub fn not_before(&self) -> DateTime {
        self.not_before
    }

    /// The last second of the validity, in UTC.
    pub fn not_after(&self) -> DateTime {
        self.not_after
    }

    /// Where `time` lies in the validity.
    pub fn validity_at(&self, time: DateTime) -> Validity {
        if time < self.not_before() {
            Validity::NotYetValid
        } else if time > self.not_after() {
            Validity::Expired
        } else {
            Validity::Valid
        }
    }

    /// Whether the certificate is valid now, not yet, or no more.
    pub fn validity(&self) -> Validity {
        self.validity_at(DateTime::now())
    }

    /// The algorithm and the size or curve of the public key: `RSA 2048`, `EC P-256`, `Ed25519`.
    pub fn key_algorithm(&self) -> String {
        let key = self.public_key();
        let parameters = key.algorithm.parameters.as_ref();
        match key.algorithm.oid {
            rfc5912::RSA_ENCRYPTION => match modulus_bits(key) {
                Some(bits) => format!("RSA {bits}"),
                None => "RSA".to_owned(),
            },
            rfc5912::ID_EC_PUBLIC_KEY => match parameters.and_then(|curve| curve.decode_as().ok()) {
                Some(rfc5912::SECP_256_R_1) => "EC P-256".to_owned(),
                Some(rfc5912::SECP_384_R_1) => "EC P-384".to_owned(),
                Some(rfc5912::SECP_521_R_1) => "EC P-521".to_owned(),
                Some(curve) => format!("EC {}", name_of(curve)),
                None => "EC".to_owned(),
            },
            rfc8410::ID_ED_25519 => "Ed25519".to_owned(),
            rfc8410::ID_ED_448 => "Ed448".to_owned(),
            other => name_of(other),
        }
    }

    /// Whether this certificate's public key has the bits `key`.
    pub(crate) fn has_public_key(&self, key: &[u8]) -> bool {
        self.public_key().subject_public_key.raw_bytes() == key
    }

    fn public_key(&self) -> &SubjectPublicKeyInfoOwned {
        self.parsed.tbs_certificate().subject_public_key_info()
    }

    /// Whether `issuer` is named as the issuer of this certificate. The signature is not checked.
    pub(crate) fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate().issuer() == issuer.parsed.tbs_certificate().subject()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("thumbprint", &self.thumbprint())
            .field("subject", &self.subject())
            .field("issuer", &self.issuer())
            .field("not_before", &self.not_before())
            .field("not_after", &self.not_after())
            .finish_non_exhaustive()
    }
}

/// One line: subject, key, thumbprint and validity, with a remark when it is not valid now.
impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}), thumbprint {}, valid from {} to {}",
            self.subject(),
            self.key_algorithm(),
            self.thumbprint(),
            self.not_before(),
            self.not_after()
        )?;
        match self.validity() {
            Validity::Valid => Ok(()),
            Validity::NotYetValid => f.write_str(" (not valid yet)"),
            Validity::Expired => f.write_str(" (expired)"),
        }
    }
}

/// The bytes are not an X.509 certificate in DER.
#[derive(Debug)]
pub struct CertificateError(der::Error);

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an X.509 certificate in DER: {}", self.0)
    }
}

impl Error for CertificateError {}

fn date_time(time: Time) -> Result<DateTime, CertificateError> {
    let outside = |_| CertificateError(der::ErrorKind::DateTime.into());
    let seconds = i64::try_from(time.to_unix_duration().as_secs());
    DateTime::from_unix_seconds(seconds.unwrap_or(i64::MAX)).map_err(outside)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn modulus_bits(key: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    let key = RsaPublicKeyRef::from_der(key.subject_public_key.raw_bytes()).ok()?;
    let modulus = key.modulus.as_bytes();
    Some(8 * modulus.len() - modulus.first()?.leading_zeros() as usize)
}

fn name_of(oid: ObjectIdentifier) -> String {
    DB.by_oid(&oid).map_or_else(|| oid.to_string(), str::to_owned)
}
