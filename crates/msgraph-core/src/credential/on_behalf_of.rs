//! Services that act for the user who called them.

use std::fmt;

use super::application::ClientAuthentication;
use super::token_endpoint::Form;
use super::user::UserSession;
use super::{Credential, Obtaining, TokenRequest};
use crate::odata::Secret;

/// Signs an application in on behalf of the user who called it
/// ([on-behalf-of flow](https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow)).
///
/// One credential is for one caller: make one for each token that arrives.
///
/// # Troubleshooting
/// AADSTS65001 and AADSTS50076 mean that the user has to consent or to prove more: send
/// [`AuthenticationError::claims`](super::AuthenticationError::claims) back to the caller in a `WWW-Authenticate` header.
///
/// ```
/// use msgraph_core::credential::{ClientAuthentication, OnBehalfOfCredential};
///
/// # fn example(secret: String, token_of_the_caller: String) {
/// let credential = OnBehalfOfCredential::new(
///     "contoso.onmicrosoft.com",
///     "11111111-2222-…",
///     ClientAuthentication::secret(secret),
///     token_of_the_caller,
/// );
/// # }
/// ```
pub struct OnBehalfOfCredential {
    session: UserSession,
    assertion: Secret,
}

impl OnBehalfOfCredential {
    /// A credential of the application `client_id`, to which `user_assertion`, an access token, was sent.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        authentication: ClientAuthentication,
        user_assertion: impl Into<Secret>,
    ) -> Self {
        Self {
            session: UserSession::new(tenant.into(), client_id.into(), authentication),
            assertion: user_assertion.into(),
        }
    }
}

impl Credential for OnBehalfOfCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move {
            let begin = || {
                let grant = Form::grant("urn:ietf:params:oauth:grant-type:jwt-bearer")
                    .with("requested_token_use", "on_behalf_of")
                    .with_secret("assertion", &self.assertion);
                let scope = UserSession::scope(&request);
                async move { self.session.application.ask(&request, grant, &scope).await }
            };
            self.session.token(&request, begin).await
        })
    }
}

impl fmt::Debug for OnBehalfOfCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.debug("OnBehalfOfCredential", f)
    }
}
