//! PKCS#12 (.pfx, .p12) client certificates (RFC 7292).

mod container;
mod encryption;
mod error;
mod key;
mod password;
mod sign_in;
mod sniff;
mod upload;

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use msgraph_core::odata::{DateTime, Secret};
use zeroize::Zeroizing;

use self::container::{Bagged, Container};
pub use self::encryption::Pkcs12Encryption;
pub use self::error::{Pkcs12Error, Pkcs12ErrorKind};
use self::key::PrivateKey;
use crate::certificate::{Certificate, Validity};

/// A PKCS#12 file with its password, opened and found fit to be uploaded as a client certificate.
///
/// Opening checks that the password is right, that there are a private key and the certificate that belongs to it, and
/// that this certificate has not expired. One that is not valid yet is welcome, since the next certificate is staged
/// ahead; [`validity`](Self::validity) and the text form say so. Where no password protects the file, the empty one
/// stands for that.
///
/// The file's bytes are kept as they were, for that is what is uploaded. They and the password are wiped from memory on
/// drop and shown nowhere: the text forms have only facts of the certificate.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use msgraph::Pkcs12;
///
/// # let path = "../../tests/fixtures/pkcs12/aes256.pfx";
/// # let password = "marked-aes256";
/// let pfx = Pkcs12::from_path(path, password)?;
/// println!("{pfx}");
/// println!("{} ends {}", pfx.thumbprint(), pfx.not_after());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pkcs12 {
    bytes: Zeroizing<Vec<u8>>,
    password: Secret,
    contents: Pkcs12Contents,
}

impl Pkcs12 {
    /// Opens a file that is already in memory.
    ///
    /// # Errors
    /// A [`Pkcs12Error`] of the kind that fits: empty, not PKCS#12, damaged, wrong password, unsupported algorithm, no
    /// private key, no certificate, no certificate for the key, or expired.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>, password: impl Into<Secret>) -> Result<Self, Pkcs12Error> {
        let bytes = Zeroizing::new(bytes.into());
        let password = password.into();
        let contents = Self::inspect(&bytes, password.clone())?;
        if !contents.has_private_key() {
            return Err(Pkcs12Error::new(
                Pkcs12ErrorKind::NoPrivateKey,
                "the PKCS#12 file has no private key; export it again together with the key",
            ));
        }
        let certificate = contents.certificate();
        if certificate.validity() == Validity::Expired {
            let (subject, end) = (certificate.subject(), certificate.not_after());
            return Err(Pkcs12Error::new(
                Pkcs12ErrorKind::Expired,
                format!("the certificate {subject} expired on {end}; renew it"),
            ));
        }
        Ok(Self {
            bytes,
            password,
            contents,
        })
    }

    /// Reads and opens a file.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), with the path in front; and when the file cannot be read.
    pub fn from_path(path: impl AsRef<Path>, password: impl Into<Secret>) -> Result<Self, Pkcs12Error> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| Pkcs12Error::unreadable(&error).at(path))?;
        Self::from_bytes(bytes, password).map_err(|error| error.at(path))
    }

    /// Looks into a file without asking that it be of use: the certificate may have expired, the key may be missing.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), except that a file is fine without its private key or expired.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use msgraph::{Pkcs12, Validity};
    /// # let bytes = include_bytes!("../../../tests/fixtures/pkcs12/expired.pfx");
    /// let contents = Pkcs12::inspect(bytes, "marked-expired")?;
    /// assert_eq!(contents.certificate().validity(), Validity::Expired);
    /// # Ok(())
    /// # }
    /// ```
    pub fn inspect(bytes: &[u8], password: impl Into<Secret>) -> Result<Pkcs12Contents, Pkcs12Error> {
        Pkcs12Contents::new(Container::open(bytes, password.into().expose())?)
    }

    /// The certificate that belongs to the private key.
    pub fn certificate(&self) -> &Certificate {
        self.contents.certificate()
    }

    /// What else there is: the chain and how the file is encrypted.
    pub fn contents(&self) -> &Pkcs12Contents {
        &self.contents
    }

    /// The certificate's SHA-1 thumbprint in upper-case hexadecimal digits; see [`Certificate::thumbprint`].
    pub fn thumbprint(&self) -> String {
        self.certificate().thumbprint()
    }

    /// The certificate's subject; see [`Certificate::subject`].
    pub fn subject(&self) -> String {
        self.certificate().subject()
    }

    /// When the certificate's validity begins, in UTC.
    pub fn not_before(&self) -> DateTime {
        self.certificate().not_before()
    }

    /// The last second of the certificate's validity, in UTC.
    pub fn not_after(&self) -> DateTime {
        self.certificate().not_after()
    }

    /// Whether the certificate is valid now or not yet (or expired, when time passed since it was opened).
    pub fn validity(&self) -> Validity {
        self.certificate().validity()
    }

    /// The password as it was given; empty where there is none.
    pub fn password(&self) -> &Secret {
        &self.password
    }

    /// The file's exact bytes as standard base64 with padding (RFC 4648 §4), the form in which it is uploaded.
    pub fn to_base64(&self) -> Secret {
        BASE64_STANDARD.encode(&*self.bytes).into()
    }
}

impl fmt::Debug for Pkcs12 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkcs12")
            .field("contents", &self.contents)
            .finish_non_exhaustive()
    }
}

/// One line about the certificate; see [`Certificate`].
impl fmt::Display for Pkcs12 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.certificate().fmt(f)
    }
}

/// What a PKCS#12 file holds, without its private key. Nothing here is secret.
#[derive(Clone, Debug)]
pub struct Pkcs12Contents {
    /// Never empty; the one that matters is first.
    certificates: Vec<Certificate>,
    has_private_key: bool,
    encryption: Pkcs12Encryption,
}

impl Pkcs12Contents {
    /// The certificate that belongs to the private key. Without a key: the first that issued none of the others.
    pub fn certificate(&self) -> &Certificate {
        &self.certificates[0]
    }

    /// All certificates: [`certificate`](Self::certificate), then its chain of issuers, then those that are not of it.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether the file has the private key of [`certificate`](Self::certificate).
    pub fn has_private_key(&self) -> bool {
        self.has_private_key
    }

    /// How the file is protected.
    pub fn encryption(&self) -> &Pkcs12Encryption {
        &self.encryption
    }

    fn new(container: Container) -> Result<Self, Pkcs12Error> {
        let leaf = leaf(&container)?;
        let certificates = container.certificates.into_iter();
        Ok(Self {
            certificates: in_chain_order(certificates.map(|bag| bag.content).collect(), leaf),
            has_private_key: !container.keys.is_empty(),
            encryption: container.encryption,
        })
    }
}

/// Finds the certificate that matters: that of the first key that has one, or the first that issued no other.
fn leaf(container: &Container) -> Result<usize, Pkcs12Error> {
    let Container { keys, certificates, .. } = container;
    if certificates.is_empty() {
        return Err(Pkcs12Error::new(
            Pkcs12ErrorKind::NoCertificate,
            "the PKCS#12 file has no certificate; export it again together with the certificate",
        ));
    }
    if keys.is_empty() {
        let issued_none = |one| !certificates.iter().any(|other| issued(one, other));
        return Ok(certificates.iter().position(issued_none).unwrap_or(0));
    }
    let mut leaves = keys.iter().filter_map(|key| position_of_key(key, certificates));
    leaves.next().ok_or_else(|| {
        Pkcs12Error::new(
            Pkcs12ErrorKind::KeyMismatch,
            "the private key in the PKCS#12 file belongs to none of its certificates; \
             export the key with its own certificate",
        )
    })
}

/// Finds the certificate of a private key: by its public key, else by local key id, else the only one there is.
fn position_of_key(key: &Bagged<PrivateKey>, certificates: &[Bagged<Certificate>]) -> Option<usize> {
    if let Some(public) = &key.content.public {
        return certificates
            .iter()
            .position(|certificate| certificate.content.has_public_key(public));
    }
    let same_id = |certificate: &Bagged<_>| certificate.local_key_id == key.local_key_id;
    let by_id = key
        .local_key_id
        .as_ref()
        .and_then(|_| certificates.iter().position(same_id));
    by_id.or((certificates.len() == 1).then_some(0))
}

fn issued(issuer: &Bagged<Certificate>, other: &Bagged<Certificate>) -> bool {
    issuer.content != other.content && other.content.names_as_issuer(&issuer.content)
}

fn in_chain_order(mut rest: Vec<Certificate>, leaf: usize) -> Vec<Certificate> {
    let mut chain = vec![rest.remove(leaf)];
    while let Some(issuer) = rest.iter().position(|one| chain[chain.len() - 1].names_as_issuer(one)) {
        chain.push(rest.remove(issuer));
    }
    chain.append(&mut rest);
    chain
}
