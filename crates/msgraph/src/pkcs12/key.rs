//! Which certificate a private key belongs to, told from the public part that the key carries.

use der::oid::db::rfc5912;
use der::{Decode as _, Encode as _};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;

/// The public part of a private key as a certificate's `subjectPublicKey` spells it, where the key carries it.
///
/// RSA keys always do (RFC 8017 §A.1.2), others may (RFC 5915 §3, RFC 5958 §2). To compute a missing one would take
/// the arithmetic of every curve.
pub(super) fn public_part(info: &PrivateKeyInfoRef<'_>) -> Option<Vec<u8>> {
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        rfc5912::RSA_ENCRYPTION => RsaPrivateKeyRef::from_der(key).ok()?.public_key().to_der().ok(),
        rfc5912::ID_EC_PUBLIC_KEY => EcPrivateKey::from_der(key).ok()?.public_key.map(<[u8]>::to_vec),
        _ => info.public_key.map(|bits| bits.raw_bytes().to_vec()),
    }
}
