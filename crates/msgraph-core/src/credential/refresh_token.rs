//! Users who signed in elsewhere.

use std::fmt;

use super::application::ClientAuthentication;
use super::token_endpoint::Form;
use super::user::UserSession;
use super::{Credential, Obtaining, TokenRequest};
use crate::odata::Secret;

/// Signs a user in with a refresh token from an earlier sign-in
/// ([RFC 6749, section 6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
///
/// Microsoft Entra gives a new refresh token with each access token; the credential goes on with that one.
///
/// # Troubleshooting
/// When Microsoft Entra refuses the refresh token (AADSTS50173, AADSTS700082), the user has to sign in again.
///
/// ```
/// use msgraph_core::credential::{ClientAuthentication, RefreshTokenCredential};
///
/// # fn example(kept: String) {
/// let credential = RefreshTokenCredential::new("organizations", "11111111-2222-…", ClientAuthentication::public(), kept);
/// # }
/// ```
pub struct RefreshTokenCredential {
    session: UserSession,
    first: Secret,
}

impl RefreshTokenCredential {
    /// A credential of the user to whom `refresh_token` was issued for the application `client_id`.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        authentication: ClientAuthentication,
        refresh_token: impl Into<Secret>,
    ) -> Self {
        Self {
            session: UserSession::new(tenant.into(), client_id.into(), authentication),
            first: refresh_token.into(),
        }
    }
}

impl Credential for RefreshTokenCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            let begin = || {
                let grant = Form::grant("refresh_token").with_secret("refresh_token", &self.first);
                let scope = UserSession::scope(&request);
                async move { self.session.application.ask(&request, grant, &scope).await }
            };
            self.session.token(&request, begin).await
        })
    }
}

impl fmt::Debug for RefreshTokenCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.debug("RefreshTokenCredential", f)
    }
}
