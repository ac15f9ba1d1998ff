//! A private key, and which certificate it belongs to, told from the public part that it carries.

use der::oid::db::rfc5912;
use der::{Decode as _, Encode as _};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

/// A private key; wiped on drop.
pub(super) struct PrivateKey {
    /// The public part, where the key carries it.
    pub(super) public: Option<Vec<u8>>,
    /// PKCS#8 in DER, whatever the file has.
    pub(super) pkcs8: Zeroizing<Vec<u8>>,
}

impl PrivateKey {
    pub(super) fn new(info: &PrivateKeyInfoRef<'_>) -> der::Result<Self> {
        // As large as it will be, so that no copy is left behind.
        let mut pkcs8 = Zeroizing::new(Vec::with_capacity(usize::try_from(info.encoded_len()?)?));
        info.encode(&mut *pkcs8)?;
        Ok(Self {
            public: public_part(info),
            pkcs8,
        })
    }
}

/// The public part of a private key as a certificate's `subjectPublicKey` spells it, where the key carries it.
///
/// RSA keys always do (RFC 8017 §A.1.2), others may (RFC 5915 §3, RFC 5958 §2). To compute a missing one would take
/// the arithmetic of every curve.
fn public_part(info: &PrivateKeyInfoRef<'_>) -> Option<Vec<u8>> {
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        rfc5912::RSA_ENCRYPTION => RsaPrivateKeyRef::from_der(key).ok()?.public_key().to_der().ok(),
        rfc5912::ID_EC_PUBLIC_KEY => EcPrivateKey::from_der(key).ok()?.public_key.map(<[u8]>::to_vec),
        _ => info.public_key.map(|bits| bits.raw_bytes().to_vec()),
    }
}
