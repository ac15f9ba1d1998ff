//! Why a PKCS#12 file was refused.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a PKCS#12 file could not be opened or is of no use as a client certificate.
///
/// The message says what to do about it and names the file when it was read from a path. It never holds the
/// file's bytes or its password.
#[derive(Debug)]
pub struct Pkcs12Error {
    kind: Pkcs12ErrorKind,
    message: String,
    path: Option<PathBuf>,
}

/// What kind of failure a [`Pkcs12Error`] is, for programs that react to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pkcs12ErrorKind {
    /// The file could not be read: it is missing, or access is denied.
    Unreadable,
    /// There is not a single byte.
    Empty,
    /// The bytes are something else: PEM text, a certificate alone, base64 text, or unknown.
    NotPkcs12,
    /// The bytes begin as PKCS#12 does, but are cut short or damaged.
    Corrupt,
    /// The password does not open the file.
    WrongPassword,
    /// The file is protected by an algorithm that is not supported; the message names it.
    Unsupported,
    /// There is no private key.
    NoPrivateKey,
    /// There is no certificate.
    NoCertificate,
    /// There are private keys and certificates, but none belong together.
    KeyMismatch,
    /// The certificate's validity is over; the message says since when.
    Expired,
}

impl Pkcs12Error {
    /// What kind of failure this is.
    pub fn kind(&self) -> Pkcs12ErrorKind {
        self.kind
    }

    /// The file concerned, when it was read from a path.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(super) fn new(kind: Pkcs12ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            path: None,
        }
    }

    pub(super) fn unreadable(error: &io::Error) -> Self {
        let message = format!("the PKCS#12 file cannot be read: {error}");
        Self::new(Pkcs12ErrorKind::Unreadable, message)
    }

    pub(super) fn corrupt(problem: impl fmt::Display) -> Self {
        Self::new(
            Pkcs12ErrorKind::Corrupt,
            format!("the PKCS#12 file is damaged: {problem}; export or copy it again"),
        )
    }

    pub(super) fn unsupported(what: impl fmt::Display) -> Self {
        Self::new(
            Pkcs12ErrorKind::Unsupported,
            format!("the PKCS#12 file uses {what}, which is not supported; export it again with AES-256 or 3DES-SHA1"),
        )
    }

    pub(super) fn wrong_password() -> Self {
        Self::new(
            Pkcs12ErrorKind::WrongPassword,
            "the password is wrong for this PKCS#12 file (or the file was altered after it was protected)",
        )
    }

    pub(super) fn at(self, path: &Path) -> Self {
        Self {
            path: Some(path.to_owned()),
            ..self
        }
    }
}

impl fmt::Display for Pkcs12Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        f.write_str(&self.message)
    }
}

impl Error for Pkcs12Error {}
