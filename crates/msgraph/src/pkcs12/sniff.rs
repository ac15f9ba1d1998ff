//! What bytes that are not PKCS#12 look like, so that the error can say what to do.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _, Header, Reader as _, SliceReader, Tag};
use zeroize::Zeroizing;

use super::error::{Pkcs12Error, Pkcs12ErrorKind};

/// `id-signedData` of RFC 5652 §5.1, the content of a `.p7b` file.
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// Says why `bytes`, which did not decode as PKCS#12, did not.
pub(super) fn diagnose(bytes: &[u8], problem: &der::Error) -> Pkcs12Error {
    let not = |what: &str| Pkcs12Error::new(Pkcs12ErrorKind::NotPkcs12, format!("not a PKCS#12 file: {what}"));
    if is_pem(bytes) {
        return not("it is PEM text; convert it with \
             `openssl pkcs12 -export -in cert.pem -inkey key.pem -out cert.pfx`");
    }
    if let Some(decoded) = decode_base64(bytes) {
        return match begins_as_pfx(&decoded) {
            true => not("it is the base64 text of one; decode it first, or pass the decoded bytes"),
            false => not("it is base64 text"),
        };
    }
    if begins_as_pfx(bytes) {
        return Pkcs12Error::corrupt(damage(bytes, problem));
    }
    if x509_cert::Certificate::from_der(bytes).is_ok() {
        return not("it is a certificate without its private key (DER); combine both with \
             `openssl pkcs12 -export -in cert.der -inkey key.pem -out cert.pfx`");
    }
    if content_type(bytes) == Some(SIGNED_DATA) {
        return not("it is a PKCS#7 bundle, which holds certificates but never a private key");
    }
    not("its bytes do not begin as one does (a DER sequence with version 3)")
}

fn is_pem(bytes: &[u8]) -> bool {
    // Not only at the start: openssl prints attributes or a textual dump above the first BEGIN line.
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

fn decode_base64(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text: Zeroizing<Vec<u8>> = Zeroizing::new(
        bytes
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect(),
    );
    // Short words are base64 too; a key and a certificate are never that short.
    (text.len() > 200).then(|| BASE64_STANDARD.decode(&*text).ok().map(Zeroizing::new))?
}

/// Whether the bytes begin with a sequence whose first element is the INTEGER 3 (RFC 7292 §4).
fn begins_as_pfx(bytes: &[u8]) -> bool {
    let Some(bytes) = bytes.strip_prefix(&[0x30]) else {
        return false;
    };
    let length_octets = match bytes.first() {
        Some(length @ 0x81..=0x84) => 1 + usize::from(length - 0x80),
        _ => 1,
    };
    bytes
        .get(length_octets..)
        .is_some_and(|content| content.starts_with(&[2, 1, 3]))
}

/// Compares the length that the outermost sequence states with the bytes that are there.
fn damage(bytes: &[u8], problem: &der::Error) -> String {
    let stated = SliceReader::new(bytes).and_then(|mut reader| {
        let header = Header::decode(&mut reader)?;
        header.encoded_len()? + header.length()
    });
    let there = bytes.len();
    match stated.map(|length| u32::from(length) as usize) {
        Ok(stated) if stated > there => {
            format!("it is cut short, {there} of {stated} bytes are there")
        }
        Ok(stated) if stated < there => format!("{} bytes follow after its end", there - stated),
        _ => problem.to_string(),
    }
}

/// The type of a CMS `ContentInfo` (RFC 5652 §3).
fn content_type(bytes: &[u8]) -> Option<ObjectIdentifier> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let header = Header::decode(&mut reader).ok()?;
    (header.tag() == Tag::Sequence).then(|| reader.decode().ok())?
}
