//! The encrypted file and its lock.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use fs4::FileExt;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::key::KeySource;

/// The first bytes of a cache. They are authenticated with the rest: a file of another version is a foreign one.
const MAGIC: &[u8] = b"msgraph token cache 1\n";

pub(super) struct CacheFile {
    path: PathBuf,
    key: KeySource,
}

/// Why the bytes of a file are not a cache of this key.
struct Unreadable;

impl CacheFile {
    pub(super) fn new(path: PathBuf, key: KeySource) -> Self {
        Self { path, key }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in the file; the default where there is none or it is set aside.
    pub(super) fn read<T: DeserializeOwned + Default>(&self) -> io::Result<T> {
        if !self.path.exists() {
            return Ok(T::default());
        }
        // Alone, because an unreadable file is moved away.
        let _lock = self.lock()?;
        self.read_locked()
    }

    /// Changes what is in the file while no other process can.
    pub(super) fn update<T>(&self, change: impl FnOnce(&mut T)) -> io::Result<()>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let _lock = self.lock()?;
        let mut contents = self.read_locked()?;
        change(&mut contents);
        let text = Zeroizing::new(serde_json::to_vec(&contents)?);
        self.replace(&self.seal(text)?)
    }

    fn read_locked<T: DeserializeOwned + Default>(&self) -> io::Result<T> {
        let sealed = match fs::read(&self.path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
            Err(error) => return Err(error),
        };
        match self.open(sealed)? {
            Ok(contents) => Ok(contents),
            Err(Unreadable) => {
                fs::rename(&self.path, beside(&self.path, ".unreadable"))?;
                Ok(T::default())
            }
        }
    }

    fn open<T: DeserializeOwned>(&self, sealed: Vec<u8>) -> io::Result<Result<T, Unreadable>> {
        let Some((nonce, ciphertext)) = sealed
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_first_chunk::<NONCE_LEN>())
        else {
            return Ok(Err(Unreadable));
        };
        let key = self.cipher()?;
        let mut text = Zeroizing::new(ciphertext.to_vec());
        let opened = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(MAGIC), &mut text);
        Ok(opened
            .ok()
            .and_then(|text| serde_json::from_slice(text).ok())
            .ok_or(Unreadable))
    }

    fn seal(&self, mut text: Zeroizing<Vec<u8>>) -> io::Result<Vec<u8>> {
        // At random: a cache would have to be written four thousand million times before two are likely the same.
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(unspecified)?;
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(MAGIC), &mut text)
            .map_err(unspecified)?;
        Ok([MAGIC, &nonce, &text, tag.as_ref()].concat())
    }

    fn cipher(&self) -> io::Result<LessSafeKey> {
        let key = self.key.get()?;
        let key = ring::aead::UnboundKey::new(&CHACHA20_POLY1305, &*key).map_err(unspecified)?;
        Ok(LessSafeKey::new(key))
    }

    /// Waits until no other process works on the file; until the result is dropped, none does.
    fn lock(&self) -> io::Result<File> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        // A file of its own: the cache itself is replaced while the lock is held.
        let lock =
            private(OpenOptions::new().write(true).create(true).truncate(false)).open(beside(&self.path, ".lock"))?;
        FileExt::lock(&lock)?;
        Ok(lock)
    }

    /// Puts the new file in the place of the old one, so that a crash leaves one of them whole.
    fn replace(&self, sealed: &[u8]) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        // What a crash left behind may have another mode.
        let _ = fs::remove_file(&new);
        let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&new)?;
        file.write_all(sealed)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&new, &self.path)
    }
}

/// The cryptographic library does not say why, so as to give nothing away.
pub(super) fn unspecified(_: ring::error::Unspecified) -> io::Error {
    io::Error::other("the cryptography of the token cache failed")
}

/// `path` with `ending` after its name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// New files are for this user alone.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Reads a file whose size is known, or nothing where it is absent.
pub(super) fn read_exact<const N: usize>(path: &Path) -> io::Result<Option<Zeroizing<[u8; N]>>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Zeroizing::new([0; N]);
    Ok(file.read_exact(&mut *bytes).ok().map(|()| bytes))
}
