//! Secrets are remembered only as their SHA-256.

use sha2::{Digest as _, Sha256};

/// What is kept of a token or client secret: enough to recognise it, nothing to leak.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }
}
