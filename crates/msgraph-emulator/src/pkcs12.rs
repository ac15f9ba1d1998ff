//! Opens PKCS#12 files ([RFC 7292](https://www.rfc-editor.org/rfc/rfc7292)).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use p12_keystore::{Pkcs12Archive, PrivateKeyBag, error::Error as Pkcs12Error};
use rsa::{RsaPrivateKey, pkcs8::DecodePrivateKey as _};

use crate::{certificate::PublicCertificate, error::GraphError};

/// Reads standard base64 with padding, the only spelling that the service takes.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Opens a base64 PKCS#12 file and returns the certificate that belongs to its private key.
///
/// # Errors
///
/// Not base64, not PKCS#12, a wrong password, an unknown cipher, no private key, or no certificate for it.
pub(crate) fn open(base64: &str, password: &str) -> Result<PublicCertificate, GraphError> {
    let file = decode_base64(base64)
        .ok_or_else(|| GraphError::bad_request("The PKCS#12 value is not base64 (RFC 4648, with padding)."))?;
    if password.chars().any(|character| character > '\u{FFFF}') {
        // The library spells passwords as UCS-2, without surrogates.
        return Err(GraphError::bad_request(
            "This emulator cannot use a password with characters beyond U+FFFF.",
        ));
    }
    let archive = Pkcs12Archive::from_pkcs12(&file, password).map_err(|error| refusal(&error))?;
    let key = archive.keys.first().ok_or_else(|| {
        GraphError::bad_request("The PKCS#12 file has no private key; export it together with the key.")
    })?;
    let certificates = archive
        .certs
        .iter()
        .map(|bag| {
            Ok((
                bag.local_key_id.as_deref(),
                PublicCertificate::from_der(bag.cert.as_der())?,
            ))
        })
        .collect::<Result<Vec<_>, GraphError>>()?;
    certificates
        .into_iter()
        .find(|(local_key_id, certificate)| belong_together(key, *local_key_id, certificate))
        .map(|(_, certificate)| certificate)
        .ok_or_else(|| GraphError::bad_request("The PKCS#12 file has no certificate for its private key."))
}

/// The public keys decide; a key other than RSA is matched by the file's own label.
fn belong_together(key: &PrivateKeyBag, local_key_id: Option<&[u8]>, certificate: &PublicCertificate) -> bool {
    match RsaPrivateKey::from_pkcs8_der(key.key.as_der()) {
        Ok(private) => certificate.has_public_key(private.as_ref()),
        Err(_) => key.local_key_id.as_ref().map(AsRef::as_ref) == local_key_id,
    }
}

fn refusal(error: &Pkcs12Error) -> GraphError {
    GraphError::bad_request(match error {
        // A file without a MAC shows a wrong password only as padding that makes no sense.
        Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError | Pkcs12Error::Pkcs5Error(_) => "The PKCS#12 file cannot be opened with this password.".to_owned(),
        Pkcs12Error::UnsupportedEncryptionScheme | Pkcs12Error::UnsupportedMacAlgorithm => {
            "The PKCS#12 file is protected with a cipher that is not supported; use AES-256 with SHA-256 or 3DES with SHA-1.".to_owned()
        }
        other => format!("The value is not a readable PKCS#12 file: {other}."),
    })
}
