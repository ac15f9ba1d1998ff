//! Users who signed in: what all flows for them have in common.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::application::{Application, ClientAuthentication};
use super::cache::TokenCache;
use super::persistent::PersistentCache;
use super::token_endpoint::{Form, Tokens};
use super::{AccessToken, AuthenticationError, TokenRequest};
use crate::odata::Secret;

/// A user's sign-in to an application: access tokens, and the refresh token by which the next ones come without the user.
pub(crate) struct UserSession {
    pub(crate) application: Application,
    cache: TokenCache,
    persistent: Option<PersistentCache>,
    /// By authority, so that none is ever sent to another one.
    refresh: Mutex<BTreeMap<String, Secret>>,
}

impl UserSession {
    pub(crate) fn new(tenant: String, client_id: String, authentication: ClientAuthentication) -> Self {
        Self {
            cache: TokenCache::new(&format!("user of {client_id}")),
            application: Application {
                tenant,
                client_id,
                authentication,
            },
            persistent: None,
            refresh: Mutex::default(),
        }
    }

    pub(crate) fn with_cache(self, persistent: PersistentCache) -> Self {
        Self {
            cache: self.cache.persisted(persistent.clone()),
            persistent: Some(persistent),
            ..self
        }
    }

    /// Everything that a user's token is asked for with.
    pub(crate) fn scope(request: &TokenRequest<'_>) -> String {
        format!("{} offline_access openid profile", request.scopes.join(" "))
    }

    /// A token from memory, from the refresh token, or else from `interact`, which asks the user.
    pub(crate) async fn token<F>(
        &self,
        request: &TokenRequest<'_>,
        interact: impl FnOnce() -> F,
    ) -> Result<AccessToken, AuthenticationError>
    where
        F: Future<Output = Result<Tokens, AuthenticationError>>,
    {
        let obtain = || async {
            let tokens = match self.refreshed(request).await? {
                Some(tokens) => tokens,
                None => interact().await?,
            };
            Ok(self.keep(request, tokens).await)
        };
        self.cache.get(request, self.application.tenant(request), obtain).await
    }

    /// Tokens for the refresh token. None where there is no such token or the user has to sign in again.
    async fn refreshed(&self, request: &TokenRequest<'_>) -> Result<Option<Tokens>, AuthenticationError> {
        let authority = request.cloud().authority();
        let in_memory = self
            .refresh
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(authority)
            .cloned();
        let token = match (in_memory, &self.persistent) {
            (Some(token), _) => token,
            (None, Some(persistent)) => match persistent.refresh_token(&self.key(authority)).await {
                Some(token) => token,
                None => return Ok(None),
            },
            (None, None) => return Ok(None),
        };
        let grant = Form::grant("refresh_token").with_secret("refresh_token", &token);
        match self.application.ask(request, grant, &Self::scope(request)).await {
            Ok(tokens) => Ok(Some(tokens)),
            Err(error) if error.needs_interaction() => {
                self.refresh
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(authority);
                if let Some(persistent) = &self.persistent {
                    persistent.forget_refresh_token(&self.key(authority), &token).await;
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps the refresh token for the next time.
    pub(crate) async fn keep(&self, request: &TokenRequest<'_>, tokens: Tokens) -> AccessToken {
        if let Some(refresh) = tokens.refresh {
            let authority = request.cloud().authority();
            if let Some(persistent) = &self.persistent {
                persistent.keep_refresh_token(&self.key(authority), &refresh).await;
            }
            self.remember(authority, refresh);
        }
        tokens.access
    }

    pub(crate) fn remember(&self, authority: &str, refresh: Secret) {
        let mut tokens = self.refresh.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(authority.to_owned(), refresh);
    }

    fn key(&self, authority: &str) -> String {
        format!("{authority}\n{}", self.application.client_id)
    }

    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("tenant", &self.application.tenant)
            .field("client_id", &self.application.client_id)
            .finish_non_exhaustive()
    }
}
