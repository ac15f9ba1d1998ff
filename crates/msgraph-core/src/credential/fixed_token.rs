//! A token that somebody else obtained.

use std::time::{Duration, SystemTime};

use super::{AccessToken, AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::odata::Secret;

/// Gives always the same token, for example one from `az account get-access-token`.
///
/// It cannot renew the token: the service answers 401 when it has expired.
///
/// ```
/// use msgraph_core::credential::FixedTokenCredential;
///
/// let credential = FixedTokenCredential::new("eyJ0eXAi…");
/// assert!(!format!("{credential:?}").contains("eyJ0eXAi"));
/// ```
#[derive(Clone, Debug)]
pub struct FixedTokenCredential {
    token: Secret,
}

impl FixedTokenCredential {
    /// A credential that gives this token.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into() }
    }
}

impl Credential for FixedTokenCredential {
    /// Gives the token.
    ///
    /// # Errors
    /// When claims are demanded, which the token lacks.
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        // How long it lives is written in it for Graph alone to read, so it is offered as long as it is not refused.
        let token = match request.claims {
            None => Ok(AccessToken::new(
                self.token.clone(),
                SystemTime::now() + Duration::from_secs(3600),
            )),
            Some(_) => Err(AuthenticationError::new(
                "the service demands a new token with further claims, and a fixed token cannot be renewed",
            )),
        };
        Box::pin(std::future::ready(token))
    }
}
