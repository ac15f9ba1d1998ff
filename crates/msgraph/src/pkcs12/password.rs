//! Password-based protection: the MAC, the ciphers, and the ways to spell a password as octets.

use std::fmt;

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid as _;
use des::{TdesEde2, TdesEde3};
use hmac::digest::block_api::BlockSizeUser;
use hmac::digest::{Digest, FixedOutputReset};
use hmac::{EagerHash, Hmac, Mac as _};
use pkcs5::pbes2;
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use pkcs12::pbe_params::Pkcs12PbeParams;
use pkcs12::{DigestInfo, MacData};
use rc2::Rc2;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::error::Pkcs12Error;

/// Above these costs a hostile file could occupy the processor or the memory for long.
const MAX_ITERATIONS: u32 = 5_000_000;
const MAX_SCRYPT_BYTES: u64 = 256 << 20;
const MAX_SCRYPT_PARALLELISM: u16 = 16;

/// `id-PBMAC1` of RFC 8018 §7.1.
const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");

/// A password in the forms that key derivation takes.
pub(super) struct Password<'a> {
    /// PBES2 takes the UTF-8 octets (RFC 8018 §3).
    utf8: &'a [u8],
    /// The older schemes take big-endian UTF-16 with a terminator (RFC 7292 §B.1). For an empty password writers
    /// disagree on whether the terminator is there, hence more than one.
    utf16: Vec<Zeroizing<Vec<u8>>>,
    /// Whether a MAC has shown that this is the file's password.
    confirmed: bool,
}

impl<'a> Password<'a> {
    pub(super) fn new(password: &'a str) -> Self {
        let units = password.encode_utf16().chain([0]);
        // Room for everything at once, since a vector that grows leaves an unwiped copy behind.
        let mut terminated = Zeroizing::new(Vec::with_capacity(2 * units.clone().count()));
        terminated.extend(units.flat_map(u16::to_be_bytes));
        let mut utf16 = vec![terminated];
        if password.is_empty() {
            utf16.push(Zeroizing::default());
        }
        Self {
            utf8: password.as_bytes(),
            utf16,
            confirmed: false,
        }
    }

    /// Checks the MAC over `data`, and from then on keeps to the form of the password that fits it.
    pub(super) fn verify(&mut self, mac: &MacData, data: &[u8]) -> Result<(), Pkcs12Error> {
        let (_, verify) = mac_algorithm(&mac.mac)?;
        check_iterations(mac.iterations)?;
        self.utf16.retain(|password| verify(mac, password, data));
        self.confirmed = !self.utf16.is_empty();
        if self.confirmed {
            Ok(())
        } else {
            Err(Pkcs12Error::wrong_password())
        }
    }

    /// Decrypts what `scheme` protects.
    pub(super) fn decrypt(&self, scheme: &Scheme, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        match scheme {
            Scheme::Pbes1 { cipher, params } => self
                .utf16
                .iter()
                .find_map(|password| (cipher.decrypt)(params, password, ciphertext))
                .ok_or_else(Pkcs12Error::wrong_password),
            Scheme::Pbes2(params) => {
                let mut buffer = Zeroizing::new(ciphertext.to_vec());
                match params.decrypt_in_place(self.utf8, &mut buffer) {
                    Ok(plaintext) => {
                        let length = plaintext.len();
                        Ok(truncated(buffer, length))
                    }
                    Err(pkcs5::Error::DecryptFailed) => Err(Pkcs12Error::wrong_password()),
                    Err(problem) => Err(Pkcs12Error::corrupt(problem)),
                }
            }
        }
    }

    /// Says what it means that decrypted content does not decode: without a MAC, a wrong password decrypts to noise.
    pub(super) fn undecodable(&self, problem: der::Error) -> Pkcs12Error {
        if self.confirmed {
            Pkcs12Error::corrupt(problem)
        } else {
            Pkcs12Error::wrong_password()
        }
    }
}

/// From the MAC, the password and the data.
type Verify = fn(&MacData, &[u8], &[u8]) -> bool;

fn mac_algorithm(mac: &DigestInfo) -> Result<(&'static str, Verify), Pkcs12Error> {
    Ok(match mac.algorithm.oid {
        Sha1::OID => ("HMAC-SHA-1", mac_fits::<Sha1>),
        Sha224::OID => ("HMAC-SHA-224", mac_fits::<Sha224>),
        Sha256::OID => ("HMAC-SHA-256", mac_fits::<Sha256>),
        Sha384::OID => ("HMAC-SHA-384", mac_fits::<Sha384>),
        Sha512::OID => ("HMAC-SHA-512", mac_fits::<Sha512>),
        Sha512_224::OID => ("HMAC-SHA-512/224", mac_fits::<Sha512_224>),
        Sha512_256::OID => ("HMAC-SHA-512/256", mac_fits::<Sha512_256>),
        other => {
            return Err(Pkcs12Error::unsupported(format_args!("the MAC {}", name_of(other))));
        }
    })
}

/// The name of the MAC algorithm, such as `HMAC-SHA-256`.
pub(super) fn mac_name(mac: &MacData) -> Result<&'static str, Pkcs12Error> {
    mac_algorithm(&mac.mac).map(|(name, _)| name)
}

fn mac_fits<D>(mac: &MacData, password: &[u8], data: &[u8]) -> bool
where
    D: EagerHash + Digest + FixedOutputReset + BlockSizeUser,
{
    let salt = mac.mac_salt.as_bytes();
    let length = <D as Digest>::output_size();
    let key = Zeroizing::new(derive_key::<D>(
        password,
        salt,
        Pkcs12KeyType::Mac,
        mac.iterations,
        length,
    ));
    <Hmac<D> as KeyInit>::new_from_slice(&key)
        .is_ok_and(|hmac| hmac.chain_update(data).verify_slice(mac.mac.digest.as_bytes()).is_ok())
}

/// How a part of the file is encrypted.
pub(super) enum Scheme {
    /// The schemes of RFC 7292 §C, all with SHA-1.
    Pbes1 {
        cipher: &'static Pbes1,
        params: Pkcs12PbeParams,
    },
    /// The scheme of RFC 8018 §6.2.
    Pbes2(pbes2::Parameters),
}

pub(super) struct Pbes1 {
    oid: ObjectIdentifier,
    name: &'static str,
    decrypt: Decrypt,
}

/// From the parameters, the password and the ciphertext; `None` when the padding shows that the password is wrong.
type Decrypt = fn(&Pkcs12PbeParams, &[u8], &[u8]) -> Option<Zeroizing<Vec<u8>>>;

static PBES1: [Pbes1; 4] = [
    Pbes1 {
        oid: pkcs12::PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC,
        name: "3DES-SHA1",
        decrypt: decrypt_cbc::<TdesEde3, 24>,
    },
    Pbes1 {
        oid: pkcs12::PKCS_12_PBE_WITH_SHAAND2_KEY_TRIPLE_DES_CBC,
        name: "2-key 3DES-SHA1",
        decrypt: decrypt_cbc::<TdesEde2, 16>,
    },
    Pbes1 {
        oid: pkcs12::PKCS_12_PBE_WITH_SHAAND128_BIT_RC2_CBC,
        name: "RC2-128-SHA1",
        decrypt: decrypt_cbc::<Rc2, 16>,
    },
    Pbes1 {
        oid: pkcs12::PKCS_12_PBEWITH_SHAAND40_BIT_RC2_CBC,
        name: "RC2-40-SHA1",
        decrypt: decrypt_cbc::<Rc2, 5>,
    },
];

impl Scheme {
    pub(super) fn new(algorithm: &AlgorithmIdentifierOwned) -> Result<Self, Pkcs12Error> {
        let params = algorithm.parameters.as_ref();
        if algorithm.oid == pbes2::PBES2_OID {
            let params = params.ok_or(der::Tag::Sequence.value_error().into());
            let params = params
                .and_then(|params| params.decode_as())
                .map_err(|problem: der::Error| match problem.kind() {
                    der::ErrorKind::OidUnknown { oid } => {
                        Pkcs12Error::unsupported(format_args!("PBES2 with {}", name_of(oid)))
                    }
                    _ => Pkcs12Error::corrupt(problem),
                })?;
            check_cost(&params)?;
            return Ok(Self::Pbes2(params));
        }
        let cipher = PBES1.iter().find(|cipher| cipher.oid == algorithm.oid);
        let cipher = cipher
            .ok_or_else(|| Pkcs12Error::unsupported(format_args!("the encryption {}", name_of(algorithm.oid))))?;
        let params = params.ok_or(der::Tag::Sequence.value_error().into());
        let params: Pkcs12PbeParams = params
            .and_then(|params| params.decode_as())
            .map_err(|problem: der::Error| Pkcs12Error::corrupt(problem))?;
        check_iterations(params.iterations)?;
        Ok(Self::Pbes1 { cipher, params })
    }

    pub(super) fn is_aes(&self) -> bool {
        matches!(self, Self::Pbes2(_))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params = match self {
            Self::Pbes1 { cipher, .. } => return f.write_str(cipher.name),
            Self::Pbes2(params) => params,
        };
        let cipher = match params.encryption {
            pbes2::EncryptionScheme::Aes128Cbc { .. } => "AES-128-CBC",
            pbes2::EncryptionScheme::Aes192Cbc { .. } => "AES-192-CBC",
            pbes2::EncryptionScheme::Aes256Cbc { .. } => "AES-256-CBC",
            pbes2::EncryptionScheme::Aes128Gcm { .. } => "AES-128-GCM",
            pbes2::EncryptionScheme::Aes256Gcm { .. } => "AES-256-GCM",
            _ => "AES",
        };
        let derivation = match &params.kdf {
            pbes2::Kdf::Pbkdf2(pbkdf2) => match pbkdf2.prf {
                pbes2::Pbkdf2Prf::HmacWithSha1 => "HMAC-SHA-1",
                pbes2::Pbkdf2Prf::HmacWithSha224 => "HMAC-SHA-224",
                pbes2::Pbkdf2Prf::HmacWithSha256 => "HMAC-SHA-256",
                pbes2::Pbkdf2Prf::HmacWithSha384 => "HMAC-SHA-384",
                pbes2::Pbkdf2Prf::HmacWithSha512 => "HMAC-SHA-512",
                _ => "PBKDF2",
            },
            _ => "scrypt",
        };
        write!(f, "PBES2 {cipher}, {derivation}")
    }
}

fn decrypt_cbc<C: BlockCipherDecrypt + KeyInit, const KEY: usize>(
    params: &Pkcs12PbeParams,
    password: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let derive = |kind, length| {
        let salt = params.salt.as_bytes();
        Zeroizing::new(derive_key::<Sha1>(password, salt, kind, params.iterations, length))
    };
    let key = derive(Pkcs12KeyType::EncryptionKey, KEY);
    let iv = derive(Pkcs12KeyType::Iv, 8);
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let cipher = cbc::Decryptor::<C>::new_from_slices(&key, &iv).ok()?;
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    Some(truncated(buffer, length))
}

fn truncated(mut buffer: Zeroizing<Vec<u8>>, length: usize) -> Zeroizing<Vec<u8>> {
    buffer.truncate(length);
    buffer
}

fn check_iterations(iterations: i32) -> Result<(), Pkcs12Error> {
    match u32::try_from(iterations) {
        Ok(1..=MAX_ITERATIONS) => Ok(()),
        _ => Err(Pkcs12Error::unsupported(format_args!("{iterations} iterations"))),
    }
}

fn check_cost(params: &pbes2::Parameters) -> Result<(), Pkcs12Error> {
    match &params.kdf {
        pbes2::Kdf::Pbkdf2(pbkdf2) => check_iterations(i32::try_from(pbkdf2.iteration_count).unwrap_or(i32::MAX)),
        pbes2::Kdf::Scrypt(scrypt) => {
            let bytes = u64::from(scrypt.block_size)
                .saturating_mul(128)
                .saturating_mul(scrypt.cost_parameter);
            if bytes <= MAX_SCRYPT_BYTES && scrypt.parallelization <= MAX_SCRYPT_PARALLELISM {
                Ok(())
            } else {
                Err(Pkcs12Error::unsupported(format_args!(
                    "scrypt with {bytes} bytes of memory"
                )))
            }
        }
        _ => Ok(()),
    }
}

/// The name of an algorithm that has no implementation here, with its object identifier.
fn name_of(oid: ObjectIdentifier) -> String {
    let name = match oid {
        PBMAC1 => Some("PBMAC1"),
        pkcs12::PKCS_12_PBE_WITH_SHAAND128_BIT_RC4 => Some("RC4-128-SHA1"),
        pkcs12::PKCS_12_PBE_WITH_SHAAND40_BIT_RC4 => Some("RC4-40-SHA1"),
        other => der::oid::db::DB.by_oid(&other),
    };
    match name {
        Some(name) => format!("{name} ({oid})"),
        None => format!("the algorithm {oid}"),
    }
}
