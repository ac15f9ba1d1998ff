//! Tokens in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::persistent::PersistentCache;
use super::{AccessToken, AuthenticationError, TokenRequest};

/// How long before its end a token is renewed.
const RENEWAL: Duration = Duration::from_secs(300);

/// How long a token that is still good is used after it could not be renewed, before the next attempt.
const PAUSE: Duration = Duration::from_secs(30);

/// How long a token that was obtained with claims answers further demands for the same. Requests that were under way with
/// the old token are refused together; one that is refused later has been refused with the new token.
const SHARING: Duration = Duration::from_secs(60);

/// Keeps the tokens of one credential and sees to it that each is obtained once, however many callers want it.
#[derive(Debug)]
pub(crate) struct TokenCache {
    /// Tells the tokens of this credential from those of others in the persistent cache.
    owner: String,
    persistent: Option<PersistentCache>,
    entries: Mutex<BTreeMap<Key, Arc<Entry>>>,
}

/// What makes tokens different. Claims do not: a token that has them is good for requests that demand none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    authority: String,
    tenant: String,
    scopes: String,
}

#[derive(Debug, Default)]
struct Entry {
    kept: Mutex<Option<Kept>>,
    /// Held by the caller who obtains a token; holds how the last attempt ended.
    flight: tokio::sync::Mutex<Option<Failure>>,
}

#[derive(Clone, Debug)]
struct Kept {
    token: AccessToken,
    claims: Option<String>,
    kept_at: Instant,
    renew_on: SystemTime,
}

#[derive(Debug)]
struct Failure {
    error: AuthenticationError,
    at: Instant,
}

impl TokenCache {
    pub(crate) fn new(owner: &str) -> Self {
        Self {
            owner: owner.to_owned(),
            persistent: None,
            entries: Mutex::default(),
        }
    }

    /// The same, looking for tokens in `persistent` before it obtains any, and keeping them there.
    pub(crate) fn persisted(self, persistent: PersistentCache) -> Self {
        Self {
            persistent: Some(persistent),
            ..self
        }
    }

    /// The token for `request` to `tenant`, from memory or else from `obtain`.
    pub(crate) async fn get<F>(
        &self,
        request: &TokenRequest<'_>,
        tenant: &str,
        obtain: impl FnOnce() -> F,
    ) -> Result<AccessToken, AuthenticationError>
    where
        F: Future<Output = Result<AccessToken, AuthenticationError>>,
    {
        let key = Key {
            authority: request.cloud().authority().to_owned(),
            tenant: tenant.to_owned(),
            scopes: request.scopes.join(" "),
        };
        let entry = self.entry(key.clone());
        let asked_at = Instant::now();
        let usable = match entry.kept_for(request.claims) {
            Some(kept) if SystemTime::now() < kept.renew_on => return Ok(kept.token),
            usable => usable,
        };
        let mut flight = match usable {
            // Somebody renews the token already, and until then the old one will do.
            Some(kept) => match entry.flight.try_lock() {
                Ok(flight) => flight,
                Err(_) => return Ok(kept.token),
            },
            None => entry.flight.lock().await,
        };
        // Whoever held the flight while this caller waited has spoken for both.
        let usable = match entry.kept_for(request.claims) {
            Some(kept) if SystemTime::now() < kept.renew_on => return Ok(kept.token),
            usable => usable,
        };
        match (&*flight, usable) {
            (Some(failure), Some(kept)) if failure.at.elapsed() < PAUSE => Ok(kept.token),
            (Some(failure), None) if asked_at < failure.at => Err(failure.error.clone()),
            (_, usable) => match self.elsewhere(&key, request, obtain).await {
                Ok(token) => {
                    *flight = None;
                    entry.keep(&token, request.claims);
                    Ok(token)
                }
                Err(error) => {
                    *flight = Some(Failure {
                        error: error.clone(),
                        at: Instant::now(),
                    });
                    usable.map(|kept| kept.token).ok_or(error)
                }
            },
        }
    }

    /// The token of another process in the persistent cache, or else a new one.
    async fn elsewhere<F>(
        &self,
        key: &Key,
        request: &TokenRequest<'_>,
        obtain: impl FnOnce() -> F,
    ) -> Result<AccessToken, AuthenticationError>
    where
        F: Future<Output = Result<AccessToken, AuthenticationError>>,
    {
        let Some(persistent) = &self.persistent else {
            return obtain().await;
        };
        let Key {
            authority,
            tenant,
            scopes,
        } = key;
        let name = format!("{authority}\n{tenant}\n{}\n{scopes}", self.owner);
        if request.claims.is_none() {
            let found = persistent.access_token(&name).await;
            if let Some(token) = found.filter(|token| SystemTime::now() + RENEWAL < token.expires_on) {
                return Ok(token);
            }
        }
        let token = obtain().await?;
        persistent.keep_access_token(&name, &token).await;
        Ok(token)
    }

    fn entry(&self, key: Key) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(entries.entry(key).or_default())
    }
}

impl Entry {
    /// The kept token, if it has not expired and has the claims that are demanded.
    fn kept_for(&self, claims: Option<&str>) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        let answers = || kept.claims.as_deref() == claims && kept.kept_at.elapsed() < SHARING;
        let has_claims = claims.is_none() || answers();
        (has_claims && SystemTime::now() < kept.token.expires_on).then(|| kept.clone())
    }

    fn keep(&self, token: &AccessToken, claims: Option<&str>) {
        let lifetime = token.expires_on.duration_since(SystemTime::now()).unwrap_or_default();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Kept {
            token: token.clone(),
            claims: claims.map(str::to_owned),
            kept_at: Instant::now(),
            // A short-lived token is not renewed all the time.
            renew_on: token.expires_on - RENEWAL.min(lifetime / 2),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cloud;
    use crate::transport::HttpTransport;

    const HOUR: Duration = Duration::from_secs(3600);

    /// What a cache gives that keeps the token "old", to be renewed and to expire after so many seconds from now, when the
    /// authority gives `new`; twice in a row.
    async fn given(renewal: i64, expiry: i64, new: Result<&str, &str>) -> [Result<String, String>; 2] {
        let (cloud, transport) = (Cloud::Global, HttpTransport::new());
        let request = TokenRequest::new(&cloud, &transport, &["scope"]);
        let after = |seconds: i64| {
            let distance = Duration::from_secs(seconds.unsigned_abs());
            if seconds < 0 {
                SystemTime::now() - distance
            } else {
                SystemTime::now() + distance
            }
        };
        let cache = TokenCache::new("client");
        let entry = cache.entry(Key {
            authority: cloud.authority().to_owned(),
            tenant: "tenant".to_owned(),
            scopes: "scope".to_owned(),
        });
        *entry.kept.lock().unwrap() = Some(Kept {
            token: AccessToken::new("old", after(expiry)),
            claims: None,
            kept_at: Instant::now(),
            renew_on: after(renewal),
        });
        let mut attempts = 0;
        let mut results = [const { Err(String::new()) }; 2];
        for result in &mut results {
            let obtained = cache
                .get(&request, "tenant", || {
                    attempts += 1;
                    let token =
                        new.map(|token| AccessToken::new(format!("{token}{attempts}"), SystemTime::now() + HOUR));
                    std::future::ready(token.map_err(|error| AuthenticationError::new(format!("{error}{attempts}"))))
                })
                .await;
            *result = obtained
                .map(|token| token.token.expose().to_owned())
                .map_err(|error| error.message().to_owned());
        }
        results
    }

    #[tokio::test]
    async fn token_is_renewed_in_time_and_used_as_long_as_it_lives() {
        let (ok, err) = (|text: &str| Ok(text.to_owned()), |text: &str| Err(text.to_owned()));
        for (renewal, expiry, new, expected) in [
            (60, 360, Ok("new"), [ok("old"), ok("old")]),
            (-1, 299, Ok("new"), [ok("new1"), ok("new1")]),
            // The authority is down: the old token does, and the authority is left alone for a while.
            (-1, 299, Err("down"), [ok("old"), ok("old")]),
            (-301, -1, Ok("new"), [ok("new1"), ok("new1")]),
            (-301, -1, Err("down"), [err("down1"), err("down2")]),
        ] {
            assert_eq!(
                given(renewal, expiry, new).await,
                expected,
                "{renewal} {expiry} {new:?}"
            );
        }
    }

    #[tokio::test]
    async fn others_go_on_with_the_valid_token_while_one_renews_it() {
        let (cloud, transport) = (Cloud::Global, HttpTransport::new());
        let request = TokenRequest::new(&cloud, &transport, &["scope"]);
        let cache = TokenCache::new("client");
        let entry = cache.entry(Key {
            authority: cloud.authority().to_owned(),
            tenant: "tenant".to_owned(),
            scopes: "scope".to_owned(),
        });
        entry.keep(&AccessToken::new("old", SystemTime::now() + HOUR), None);
        entry.kept.lock().unwrap().as_mut().unwrap().renew_on = SystemTime::now();
        let (finish, finished) = tokio::sync::oneshot::channel();
        let renewing = cache.get(&request, "tenant", || async {
            finished.await.unwrap();
            Ok(AccessToken::new("new", SystemTime::now() + HOUR))
        });
        let others = async {
            for _ in 0..100 {
                let obtain = || async { unreachable!("somebody renews it already") };
                let token = cache.get(&request, "tenant", obtain).await.unwrap();
                assert_eq!(token.token.expose(), "old");
            }
            finish.send(()).unwrap();
        };
        // In this order: the first one polled is the one that renews.
        let (renewed, ()) = tokio::join!(renewing, others);
        assert_eq!(renewed.unwrap().token.expose(), "new");
    }

    #[test]
    fn claims_are_answered_from_memory_for_a_minute_only() {
        let entry = Entry::default();
        entry.keep(&AccessToken::new("token", SystemTime::now() + HOUR), Some("{}"));
        assert!(entry.kept_for(Some("{}")).is_some() && entry.kept_for(Some("{ }")).is_none());
        entry.kept.lock().unwrap().as_mut().unwrap().kept_at -= SHARING;
        assert!(entry.kept_for(Some("{}")).is_none() && entry.kept_for(None).is_some());
    }

    #[test]
    fn token_is_renewed_five_minutes_early_or_at_half_its_life() {
        for (lifetime, early) in [(3600, 300), (600, 300), (100, 50), (0, 0)] {
            let entry = Entry::default();
            let token = AccessToken::new("token", SystemTime::now() + Duration::from_secs(lifetime));
            entry.keep(&token, None);
            let renew_on = entry.kept.lock().unwrap().as_ref().unwrap().renew_on;
            let seconds = token.expires_on.duration_since(renew_on).unwrap().as_secs_f64();
            assert!((seconds - f64::from(early)).abs() < 1.0, "{lifetime}: {seconds}");
        }
    }
}
