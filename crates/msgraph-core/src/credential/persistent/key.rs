//! Where the key of a cache is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::file::{private, read_exact, unspecified};

type Key = Zeroizing<[u8; 32]>;

pub(super) enum KeySource {
    File(PathBuf),
    #[cfg(feature = "keyring")]
    Keyring(String),
}

impl KeySource {
    /// The key, made when there is none. Only while the cache is locked.
    pub(super) fn get(&self) -> io::Result<Key> {
        match self {
            Self::File(path) => {
                if let Some(key) = read_exact(path)? {
                    return Ok(key);
                }
                // Absent or cut short: what was encrypted with it is lost either way.
                let _ = fs::remove_file(path);
                let key = random()?;
                let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
                file.write_all(&*key)?;
                file.sync_all()?;
                Ok(key)
            }
            #[cfg(feature = "keyring")]
            Self::Keyring(service) => in_keyring(service),
        }
    }
}

fn random() -> io::Result<Key> {
    let mut key = Key::default();
    SystemRandom::new().fill(&mut *key).map_err(unspecified)?;
    Ok(key)
}

/// The name of the key in the keyring, beside the service.
#[cfg(feature = "keyring")]
const ENTRY: &str = "msgraph token cache";

#[cfg(feature = "keyring")]
fn in_keyring(service: &str) -> io::Result<Key> {
    use keyring::v1::{Entry, Error};

    let entry = Entry::new(service, ENTRY).map_err(io::Error::other)?;
    match entry.get_secret().map(Zeroizing::new) {
        Ok(kept) => {
            if let Ok(key) = <[u8; 32]>::try_from(kept.as_slice()) {
                return Ok(Zeroizing::new(key));
            }
        }
        Err(Error::NoEntry) => {}
        Err(error) => return Err(io::Error::other(error)),
    }
    let key = random()?;
    entry.set_secret(&*key).map_err(io::Error::other)?;
    Ok(key)
}
