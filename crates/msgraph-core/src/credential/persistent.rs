//! Tokens on disk.

mod file;
mod key;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use self::file::CacheFile;
use self::key::KeySource;
use super::AccessToken;
use crate::odata::Secret;

/// Tokens in an encrypted file, which several processes may use at the same time.
///
/// Give one to a credential with `with_cache`, so that the next run of a program need not sign in again. The file has
/// mode 0600 and is encrypted with ChaCha20-Poly1305; every change takes a lock and replaces the whole file.
///
/// # What the encryption protects
/// With [`at`](Self::at), the key lies in a second file of mode 0600 beside the first: whoever gets only the
/// cache (a backup, an upload, a careless copy) can read nothing, but whoever can read both, as every program of the same
/// user can, has the tokens. With `in_keyring` (feature `keyring`) the key is in the operating system's keyring and
/// protected as that is: while the user is logged in, mostly from other users only.
///
/// # When it does not work
/// A cache never makes a sign-in fail. A file that is damaged, or was encrypted with another key, is set aside under
/// another name (ending in `.unreadable`) and a new one begun; where the file cannot be read or written at all, tokens
/// are kept in memory only, and [`problem`](Self::problem) says why.
///
/// ```
/// use msgraph_core::credential::{DeviceCodeCredential, PersistentCache};
///
/// let cache = PersistentCache::at("/home/adele/.cache/contoso-sync/tokens");
/// let credential = DeviceCodeCredential::new("organizations", "11111111-2222-…", |prompt| eprintln!("{}", prompt.message))
///     .with_cache(cache);
/// ```
#[derive(Clone)]
pub struct PersistentCache(Arc<Inner>);

struct Inner {
    file: CacheFile,
    problem: Mutex<Option<String>>,
}

/// What is in the file.
#[derive(Default, Serialize, Deserialize)]
struct Contents {
    #[serde(default)]
    access_tokens: BTreeMap<String, KeptToken>,
    #[serde(default)]
    refresh_tokens: BTreeMap<String, Secret>,
}

#[derive(Serialize, Deserialize)]
struct KeptToken {
    token: Secret,
    /// Seconds since 1970.
    expires_on: u64,
}

impl PersistentCache {
    /// A cache in the file `path`, with its key in `path` + `.key`. Both are made when first needed, with their
    /// directory.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self::new(path.clone(), KeySource::File(file::beside(&path, ".key")))
    }

    /// A cache in the file `path`, with its key in the operating system's keyring under `service`, the name of the
    /// program.
    #[cfg(feature = "keyring")]
    pub fn in_keyring(path: impl Into<PathBuf>, service: impl Into<String>) -> Self {
        Self::new(path.into(), KeySource::Keyring(service.into()))
    }

    fn new(path: PathBuf, key: KeySource) -> Self {
        Self(Arc::new(Inner {
            file: CacheFile::new(path, key),
            problem: Mutex::default(),
        }))
    }

    /// Removes every token from the file.
    ///
    /// # Errors
    /// When the file cannot be locked or written.
    pub fn clear(&self) -> std::io::Result<()> {
        self.0
            .file
            .update(|contents: &mut Contents| *contents = Contents::default())
    }

    /// Why the file was of no use the last time that it was needed.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.0.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) async fn access_token(&self, name: &str) -> Option<AccessToken> {
        let name = name.to_owned();
        let contents: Contents = self.run(|file| file.read()).await?;
        let kept = contents.access_tokens.get(&name)?;
        let expires_on = UNIX_EPOCH.checked_add(Duration::from_secs(kept.expires_on))?;
        Some(AccessToken::new(kept.token.clone(), expires_on))
    }

    pub(crate) async fn keep_access_token(&self, name: &str, token: &AccessToken) {
        let name = name.to_owned();
        let kept = KeptToken {
            token: token.token.clone(),
            expires_on: seconds(token.expires_on),
        };
        self.change(move |contents| {
            let now = seconds(SystemTime::now());
            contents.access_tokens.retain(|_, token| now < token.expires_on);
            contents.access_tokens.insert(name, kept);
        })
        .await;
    }

    pub(crate) async fn refresh_token(&self, name: &str) -> Option<Secret> {
        let contents: Contents = self.run(|file| file.read()).await?;
        contents.refresh_tokens.get(name).cloned()
    }

    pub(crate) async fn keep_refresh_token(&self, name: &str, token: &Secret) {
        let (name, token) = (name.to_owned(), token.clone());
        self.change(move |contents| {
            contents.refresh_tokens.insert(name, token);
        })
        .await;
    }

    /// Forgets a refresh token that was refused, unless another process has replaced it already.
    pub(crate) async fn forget_refresh_token(&self, name: &str, token: &Secret) {
        let (name, token) = (name.to_owned(), token.clone());
        self.change(move |contents| {
            if contents.refresh_tokens.get(&name) == Some(&token) {
                contents.refresh_tokens.remove(&name);
            }
        })
        .await;
    }

    async fn change(&self, change: impl FnOnce(&mut Contents) + Send + 'static) {
        self.run(|file| file.update(change)).await;
    }

    /// Works on the file on a thread that may wait for the lock.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CacheFile) -> std::io::Result<T> + Send + 'static,
    ) -> Option<T> {
        let inner = Arc::clone(&self.0);
        let result = tokio::task::spawn_blocking(move || work(&inner.file)).await;
        let result = result.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let mut problem = self.0.problem.lock().unwrap_or_else(PoisonError::into_inner);
        *problem = result.as_ref().err().map(ToString::to_string);
        result.ok()
    }
}

impl fmt::Debug for PersistentCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PersistentCache").field(&self.0.file.path()).finish()
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
