//! Reading the container: PFX, authenticated safe, bags (RFC 7292 §4).
//!
//! The innermost structures come from the `pkcs12` and `cms` crates. Their outer ones copy parts undecoded, which loses
//! the constructed strings and indefinite lengths of BER, in which Firefox and others write their files.

use cms::encrypted_data::EncryptedData;
use der::asn1::{AnyRef, ObjectIdentifier, OctetString};
use der::oid::db::rfc2985::PKCS_9_AT_LOCAL_KEY_ID;
use der::oid::db::rfc5911;
use der::{Decode, DecodeValue, FixedTag, Header, Reader, Tag, TagMode, TagNumber};
use pkcs8::PrivateKeyInfoRef;
use pkcs12::cms;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use pkcs12::{CertBag, MacData};
use x509_cert::attr::Attributes;
use zeroize::Zeroizing;

use super::encryption::Pkcs12Encryption;
use super::error::{Pkcs12Error, Pkcs12ErrorKind};
use super::key::PrivateKey;
use super::password::{Password, Scheme, mac_name};
use super::sniff;
use crate::certificate::Certificate;

/// What a file holds.
#[derive(Default)]
pub(super) struct Container {
    pub(super) keys: Vec<Bagged<PrivateKey>>,
    pub(super) certificates: Vec<Bagged<Certificate>>,
    pub(super) encryption: Pkcs12Encryption,
}

/// The content of a bag with the bag's local key id.
pub(super) struct Bagged<T> {
    pub(super) content: T,
    pub(super) local_key_id: Option<Vec<u8>>,
}

impl Container {
    /// Decodes and decrypts a file.
    pub(super) fn open(bytes: &[u8], password: &str) -> Result<Self, Pkcs12Error> {
        if bytes.is_empty() {
            return Err(Pkcs12Error::new(Pkcs12ErrorKind::Empty, "the PKCS#12 file is empty"));
        }
        let pfx = Pfx::from_ber(bytes).map_err(|problem| sniff::diagnose(bytes, &problem))?;
        let Safe::Data(authenticated) = pfx.authenticated_safe else {
            return Err(Pkcs12Error::unsupported(
                "a signature instead of a password (public-key integrity mode)",
            ));
        };
        // A file without encryption has its key in here.
        let authenticated = Zeroizing::new(authenticated.into_bytes().into_vec());
        let mut container = Self::default();
        let mut password = Password::new(password);
        if let Some(mac) = &pfx.mac {
            container.encryption.mac = Some(mac_name(mac)?);
            password.verify(mac, &authenticated)?;
        }
        let safes = Vec::<Safe>::from_ber(&authenticated).map_err(Pkcs12Error::corrupt)?;
        for safe in safes {
            container.read_safe(safe, &password)?;
        }
        Ok(container)
    }

    fn read_safe(&mut self, safe: Safe, password: &Password<'_>) -> Result<(), Pkcs12Error> {
        let (content, scheme) = match safe {
            Safe::Data(content) => (Zeroizing::new(content.into_bytes().into_vec()), None),
            Safe::Encrypted(encrypted) => {
                let info = encrypted.enc_content_info;
                let scheme = Scheme::new(&info.content_enc_alg)?;
                let ciphertext = info.encrypted_content.as_ref().map_or(&[][..], OctetString::as_bytes);
                (password.decrypt(&scheme, ciphertext)?, Some(scheme))
            }
            Safe::Other(oid) => {
                return Err(Pkcs12Error::unsupported(format_args!(
                    "content of type {oid} (public-key privacy mode)"
                )));
            }
        };
        let bags = Vec::<Bag<'_>>::from_ber(&content);
        for bag in bags.map_err(|problem| password.undecodable(problem))? {
            self.read_bag(bag, scheme.as_ref(), password)?;
        }
        Ok(())
    }

    fn read_bag(&mut self, bag: Bag<'_>, scheme: Option<&Scheme>, password: &Password<'_>) -> Result<(), Pkcs12Error> {
        let local_key_id = bag.local_key_id;
        match bag.value {
            BagValue::Key(key) => {
                self.encryption.key = scheme.map(Into::into);
                let content = PrivateKey::new(&key).map_err(Pkcs12Error::corrupt)?;
                self.keys.push(Bagged { content, local_key_id });
            }
            BagValue::ShroudedKey(shrouded) => {
                let scheme = Scheme::new(&shrouded.encryption_algorithm)?;
                let key = password.decrypt(&scheme, shrouded.encrypted_data.as_bytes())?;
                let key = PrivateKeyInfoRef::from_ber(&key);
                let key = key.map_err(|problem| password.undecodable(problem))?;
                let content = PrivateKey::new(&key).map_err(Pkcs12Error::corrupt)?;
                self.encryption.key = Some((&scheme).into());
                self.keys.push(Bagged { content, local_key_id });
            }
            BagValue::Certificate(bag) if bag.cert_id == pkcs12::PKCS_12_X509_CERT_OID => {
                let content = Certificate::from_der(bag.cert_value.as_bytes()).map_err(Pkcs12Error::corrupt)?;
                self.encryption.certificates = scheme.map(Into::into);
                self.certificates.push(Bagged { content, local_key_id });
            }
            BagValue::Certificate(bag) => {
                let oid = bag.cert_id;
                return Err(Pkcs12Error::unsupported(format_args!("a certificate of type {oid}")));
            }
            BagValue::NestedSafe => {
                return Err(Pkcs12Error::unsupported("safe contents within safe contents"));
            }
            BagValue::Other => {}
        }
        Ok(())
    }
}

/// `PFX` of RFC 7292 §4.
struct Pfx {
    authenticated_safe: Safe,
    mac: Option<MacData>,
}

impl<'a> DecodeValue<'a> for Pfx {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _header: Header) -> der::Result<Self> {
        pkcs12::pfx::Version::decode(reader)?;
        Ok(Self {
            authenticated_safe: reader.decode()?,
            mac: reader.decode()?,
        })
    }
}

impl FixedTag for Pfx {
    const TAG: Tag = Tag::Sequence;
}

/// `ContentInfo` of RFC 5652 §3, with the contents that RFC 7292 §4.1 allows.
enum Safe {
    Data(OctetString),
    Encrypted(EncryptedData),
    Other(ObjectIdentifier),
}

impl<'a> DecodeValue<'a> for Safe {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _header: Header) -> der::Result<Self> {
        match reader.decode()? {
            rfc5911::ID_DATA => content(reader).map(Self::Data),
            rfc5911::ID_ENCRYPTED_DATA => content(reader).map(Self::Encrypted),
            other => {
                reader.drain(reader.remaining_len())?;
                Ok(Self::Other(other))
            }
        }
    }
}

impl FixedTag for Safe {
    const TAG: Tag = Tag::Sequence;
}

/// `SafeBag` of RFC 7292 §4.2. It borrows, so that no copy of a key is left behind.
struct Bag<'a> {
    value: BagValue<'a>,
    local_key_id: Option<Vec<u8>>,
}

enum BagValue<'a> {
    Key(PrivateKeyInfoRef<'a>),
    ShroudedKey(EncryptedPrivateKeyInfo),
    Certificate(CertBag),
    NestedSafe,
    /// A revocation list or another kind of secret.
    Other,
}

impl<'a> DecodeValue<'a> for Bag<'a> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _header: Header) -> der::Result<Self> {
        let value = match reader.decode()? {
            pkcs12::PKCS_12_KEY_BAG_OID => BagValue::Key(content(reader)?),
            pkcs12::PKCS_12_PKCS8_KEY_BAG_OID => BagValue::ShroudedKey(content(reader)?),
            pkcs12::PKCS_12_CERT_BAG_OID => BagValue::Certificate(content(reader)?),
            other => {
                AnyRef::decode(reader)?;
                match other {
                    pkcs12::PKCS_12_SAFE_CONTENTS_BAG_OID => BagValue::NestedSafe,
                    _ => BagValue::Other,
                }
            }
        };
        let attributes: Option<Attributes> = reader.decode()?;
        let local_key_id = attributes
            .iter()
            .flat_map(|attributes| attributes.iter())
            .find(|attribute| attribute.oid == PKCS_9_AT_LOCAL_KEY_ID)
            .and_then(|attribute| attribute.values.get(0)?.decode_as::<OctetString>().ok());
        Ok(Self {
            value,
            local_key_id: local_key_id.map(|id| id.into_bytes().into_vec()),
        })
    }
}

impl FixedTag for Bag<'_> {
    const TAG: Tag = Tag::Sequence;
}

/// Reads the `[0] EXPLICIT` content of a `ContentInfo` or `SafeBag`.
fn content<'a, T, R>(reader: &mut R) -> der::Result<T>
where
    T: DecodeValue<'a, Error = der::Error> + FixedTag + 'a,
    R: Reader<'a>,
{
    const NUMBER: TagNumber = TagNumber(0);
    let content = reader.context_specific(NUMBER, TagMode::Explicit)?;
    content.ok_or_else(|| {
        Tag::ContextSpecific {
            number: NUMBER,
            constructed: true,
        }
        .value_error()
        .into()
    })
}
