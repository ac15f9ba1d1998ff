//! X.509 certificates: reading uploaded ones and issuing self-signed ones.

use std::{str::FromStr as _, time::SystemTime};

use rsa::{RsaPrivateKey, RsaPublicKey, pkcs1v15::SigningKey, signature::Keypair as _};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use time::OffsetDateTime;
use x509_cert::{
    Certificate, TbsCertificate,
    builder::{self, Builder as _, CertificateBuilder, profile::BuilderProfile},
    der::{Decode as _, Encode as _},
    ext::{
        Extension, ToExtension as _,
        pkix::{KeyUsage, KeyUsages, SubjectKeyIdentifier},
    },
    name::Name,
    serial_number::SerialNumber,
    spki::{EncodePublicKey as _, SubjectPublicKeyInfo, SubjectPublicKeyInfoRef},
    time::{Time, Validity},
};

use crate::error::GraphError;

/// Bits of a generated RSA key.
const KEY_BITS: usize = 2048;

/// The public half: what Graph shows of a certificate.
pub(crate) struct PublicCertificate {
    pub(crate) der: Vec<u8>,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) not_after: OffsetDateTime,
    /// SubjectPublicKeyInfo in DER.
    public_key: Vec<u8>,
}

impl PublicCertificate {
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, GraphError> {
        let unreadable = |_| GraphError::bad_request("The certificate is not a DER-encoded X.509 certificate.");
        let certificate = Certificate::from_der(der).map_err(unreadable)?;
        let body = certificate.tbs_certificate();
        Ok(Self {
            der: der.to_vec(),
            not_before: OffsetDateTime::from(body.validity().not_before.to_system_time()),
            not_after: OffsetDateTime::from(body.validity().not_after.to_system_time()),
            public_key: body.subject_public_key_info().to_der().map_err(unreadable)?,
        })
    }

    /// SHA-1 of the DER: `customKeyIdentifier`, and in hexadecimal the thumbprint.
    pub(crate) fn sha1(&self) -> [u8; 20] {
        Sha1::digest(&self.der).into()
    }

    /// Upper-case hexadecimal SHA-1 of the DER.
    pub(crate) fn thumbprint(&self) -> String {
        self.sha1().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    pub(crate) fn has_public_key(&self, key: &RsaPublicKey) -> bool {
        key.to_public_key_der()
            .is_ok_and(|der| der.as_bytes() == self.public_key)
    }
}

/// Issues a self-signed certificate over a newly generated RSA key, which is forgotten at once.
///
/// `subject` is a distinguished name ([RFC 4514](https://www.rfc-editor.org/rfc/rfc4514)). X.509 keeps whole seconds, so
/// fractions of the two instants are cut off.
///
/// # Errors
///
/// The subject is not a distinguished name, or an instant lies outside what X.509 can express.
pub(crate) fn issue_self_signed(
    subject: &str,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
) -> Result<PublicCertificate, GraphError> {
    let name = Name::from_str(subject)
        .ok()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| GraphError::directory(format!("'{subject}' is not a distinguished name (RFC 4514).")))?;
    let der = sign(&new_key(), name, not_before, not_after)
        .map_err(|error| GraphError::directory(format!("No certificate can be issued for '{subject}': {error}.")))?;
    PublicCertificate::from_der(&der)
}

pub(crate) fn new_key() -> RsaPrivateKey {
    RsaPrivateKey::new(&mut rand::rng(), KEY_BITS).expect("2048 bits are a size for which RSA keys exist")
}

/// A self-signed certificate in DER.
pub(crate) fn sign(
    key: &RsaPrivateKey,
    subject: Name,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
) -> builder::Result<Vec<u8>> {
    let signer = SigningKey::<Sha256>::new(key.clone());
    let public_key = SubjectPublicKeyInfo::from_key(&signer.verifying_key())?;
    let validity = Validity::new(
        Time::try_from(SystemTime::from(not_before))?,
        Time::try_from(SystemTime::from(not_after))?,
    );
    let serial = SerialNumber::generate(&mut rand::rng());
    let certificate = CertificateBuilder::new(SelfSigned { subject }, serial, validity, public_key)?.build(&signer)?;
    Ok(certificate.to_der()?)
}

/// An end-entity certificate that vouches for itself.
struct SelfSigned {
    subject: Name,
}

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        public_key: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        body: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let usage = KeyUsage(KeyUsages::DigitalSignature.into()).to_extension(body.subject(), &[])?;
        let identifier = SubjectKeyIdentifier::try_from(public_key)?.to_extension(body.subject(), &[])?;
        Ok(vec![usage, identifier])
    }
}
