//! What a PKCS#12 file says about its protection.

use std::fmt;

use super::password::Scheme;

/// How a PKCS#12 file is protected, for those who must know what a service accepts.
///
/// OpenSSL 3 and current Windows write AES-256 by default. Some services take only 3DES and then claim that the
/// password is wrong: the policy keys of Azure AD B2C do.
///
/// Its text form is like `PBES2 AES-256-CBC, HMAC-SHA-256; MAC HMAC-SHA-256` or
/// `key 3DES-SHA1, certificates RC2-40-SHA1; MAC HMAC-SHA-1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pkcs12Encryption {
    pub(super) key: Option<Algorithm>,
    pub(super) certificates: Option<Algorithm>,
    pub(super) mac: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    name: String,
    is_aes: bool,
}

impl Pkcs12Encryption {
    /// How the private key is encrypted, such as `PBES2 AES-256-CBC, HMAC-SHA-256` or `3DES-SHA1`; `None` when it is
    /// not encrypted or there is none.
    pub fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|algorithm| algorithm.name.as_str())
    }

    /// How the certificates are encrypted, likewise.
    pub fn certificates(&self) -> Option<&str> {
        self.certificates.as_ref().map(|algorithm| algorithm.name.as_str())
    }

    /// The algorithm that proves the file unaltered, such as `HMAC-SHA-256`; `None` when nothing does.
    pub fn mac(&self) -> Option<&str> {
        self.mac
    }

    /// Whether AES protects any part.
    pub fn uses_aes(&self) -> bool {
        self.key
            .iter()
            .chain(&self.certificates)
            .any(|algorithm| algorithm.is_aes)
    }
}

impl From<&Scheme> for Algorithm {
    fn from(scheme: &Scheme) -> Self {
        Self {
            name: scheme.to_string(),
            is_aes: scheme.is_aes(),
        }
    }
}

impl fmt::Display for Pkcs12Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |algorithm: Option<&str>| algorithm.unwrap_or("not encrypted").to_owned();
        if self.key == self.certificates {
            f.write_str(&name(self.key()))?;
        } else {
            write!(
                f,
                "key {}, certificates {}",
                name(self.key()),
                name(self.certificates())
            )?;
        }
        match self.mac {
            Some(mac) => write!(f, "; MAC {mac}"),
            None => f.write_str("; no MAC"),
        }
    }
}
