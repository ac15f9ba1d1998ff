//! Client certificates to try things out with.

use std::{error::Error, str::FromStr as _};

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rsa::pkcs8::EncodePrivateKey as _;
use time::{Duration, OffsetDateTime};
use x509_cert::name::Name;

use crate::certificate;

/// A PKCS#12 file made on the spot: a new RSA key with a self-signed certificate that is valid for a year.
///
/// `subject` is a distinguished name ([RFC 4514](https://www.rfc-editor.org/rfc/rfc4514)), such as `CN=contoso.com`. Takes
/// a moment, for the key is really new.
///
/// # Errors
///
/// The subject is not a distinguished name, or the password has characters beyond U+FFFF.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let pfx = msgraph_emulator::sample_pkcs12("CN=connector.contoso.com", "a password")?;
/// assert!(!pfx.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn sample_pkcs12(subject: &str, password: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let key = certificate::new_key();
    let now = OffsetDateTime::now_utc();
    let der = certificate::sign(&key, Name::from_str(subject)?, now, now + Duration::days(365))?;
    let key = PrivateKey::from_der(key.to_pkcs8_der()?.as_bytes())?;
    let chain = PrivateKeyChain::new("1", key, [Certificate::from_der(&der)?]);
    let mut file = KeyStore::new();
    file.add_entry(subject, KeyStoreEntry::PrivateKeyChain(chain));
    Ok(file.writer(password).write()?)
}
