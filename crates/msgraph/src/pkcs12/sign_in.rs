//! The key of a PKCS#12 file as a credential.

use msgraph_core::credential::{ClientCertificate, ClientCertificateError};

use super::container::Container;
use super::{Pkcs12, leaf, position_of_key};

/// The file's key and certificate, by which an application signs in.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use msgraph::Pkcs12;
/// use msgraph::credential::{ClientCertificate, ClientCertificateCredential};
///
/// # let path = "../../tests/fixtures/pkcs12/aes256.pfx";
/// # let password = "marked-aes256";
/// let certificate = ClientCertificate::try_from(&Pkcs12::from_path(path, password)?)?;
/// let credential = ClientCertificateCredential::new("contoso.onmicrosoft.com", "11111111-2222-…", certificate);
/// # Ok(())
/// # }
/// ```
impl TryFrom<&Pkcs12> for ClientCertificate {
    type Error = ClientCertificateError;

    /// Opens the file once more, because its key is not kept.
    ///
    /// # Errors
    /// When the key is of a kind that signs no assertions.
    fn try_from(pfx: &Pkcs12) -> Result<Self, ClientCertificateError> {
        let unreadable = |error: super::Pkcs12Error| ClientCertificateError::new(error.to_string());
        let container = Container::open(&pfx.bytes, pfx.password.expose()).map_err(unreadable)?;
        let own = leaf(&container).map_err(unreadable)?;
        let key = container
            .keys
            .into_iter()
            .find(|key| position_of_key(key, &container.certificates) == Some(own))
            .ok_or_else(|| ClientCertificateError::new("the PKCS#12 file has no private key"))?;
        // What is not of the chain comes last, and nobody asked for it.
        let certificates = pfx.contents.certificates();
        let links = certificates
            .windows(2)
            .take_while(|pair| pair[0].names_as_issuer(&pair[1]))
            .count();
        let chain = certificates[..=links]
            .iter()
            .map(|certificate| certificate.der().to_vec());
        Self::from_der(key.content.pkcs8, chain)
    }
}
