//! Users who sign in on another device.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::application::ClientAuthentication;
use super::persistent::PersistentCache;
use super::token_endpoint::{self, Form, Tokens};
use super::user::UserSession;
use super::{AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::body::wipe;
use crate::odata::Secret;

/// How much longer to wait between polls after the service asked for it
/// ([RFC 8628, section 3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
const SLOWER: Duration = Duration::from_secs(5);

/// Signs a user in who opens a page on any device and enters a code there
/// ([device authorization grant](https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code)).
///
/// For programs without a browser. The user is asked when the first token is needed and again when the sign-in is no
/// longer good; between, tokens are renewed by the refresh token. The application needs the setting "Allow public client
/// flows".
///
/// # Troubleshooting
/// AADSTS7000218 says that the setting is off. AADSTS53003 and AADSTS530036 say that a Conditional Access policy forbids
/// the flow, as many tenants do: sign in with a browser.
///
/// ```
/// use msgraph_core::credential::DeviceCodeCredential;
///
/// let credential = DeviceCodeCredential::new("organizations", "11111111-2222-…", |prompt| {
///     eprintln!("{}", prompt.message);
/// });
/// ```
pub struct DeviceCodeCredential {
    session: UserSession,
    show: Box<dyn Fn(&DeviceCodePrompt) + Send + Sync>,
}

/// What to show to the user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceCodePrompt {
    /// The instruction in whole sentences, in the language of the service.
    pub message: String,
    /// The code to enter.
    pub user_code: String,
    /// The page to open.
    pub verification_uri: String,
    /// How long the code is good for.
    pub expires_in: Duration,
}

impl DeviceCodeCredential {
    /// A credential of a user in `tenant` (or `organizations`, `common`, `consumers`) for the application `client_id`;
    /// `show` shows the user what to do and returns at once.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        show: impl Fn(&DeviceCodePrompt) + Send + Sync + 'static,
    ) -> Self {
        Self {
            session: UserSession::new(tenant.into(), client_id.into(), ClientAuthentication::public()),
            show: Box::new(show),
        }
    }

    /// The same, keeping the sign-in also in `cache`, so that the next run of the program need not ask.
    #[must_use]
    pub fn with_cache(self, cache: PersistentCache) -> Self {
        Self {
            session: self.session.with_cache(cache),
            ..self
        }
    }

    async fn interact(&self, request: &TokenRequest<'_>) -> Result<Tokens, AuthenticationError> {
        let application = &self.session.application;
        let scope = UserSession::scope(request);
        let form = Form::default()
            .with("client_id", &application.client_id)
            .with("scope", &scope)
            .with("claims", &token_endpoint::claims(request.claims)?);
        let answer = token_endpoint::exchange(request, application.tenant(request), "devicecode", form).await?;
        let begun = serde_json::from_slice::<Begun>(&answer.body);
        let (true, Ok(begun)) = (answer.status.is_success(), begun) else {
            return Err(answer.refusal());
        };
        wipe(answer.body);
        let expires_in = Duration::from_secs(begun.expires_in);
        (self.show)(&DeviceCodePrompt {
            message: begun.message.unwrap_or_else(|| {
                format!(
                    "Open {} and enter the code {} to sign in.",
                    begun.verification_uri, begun.user_code
                )
            }),
            user_code: begun.user_code,
            verification_uri: begun.verification_uri,
            expires_in,
        });
        let asked_at = Instant::now();
        let mut interval = Duration::from_secs(begun.interval.unwrap_or(5).max(1));
        loop {
            sleep(interval).await;
            if asked_at.elapsed() >= expires_in {
                return Err(AuthenticationError::new(
                    "the code was not entered in time: ask again to get a new one",
                ));
            }
            let grant = Form::grant("urn:ietf:params:oauth:grant-type:device_code")
                .with_secret("device_code", &begun.device_code);
            match application.ask(request, grant, &scope).await {
                Err(error) if error.code() == Some("authorization_pending") => {}
                Err(error) if error.code() == Some("slow_down") => interval += SLOWER,
                // The user may be typing at this moment, so a connection that broke does not end it.
                Err(error) if error.is_unreachable() => interval *= 2,
                result => return result,
            }
        }
    }
}

/// The answer of the device authorization endpoint (RFC 8628, section 3.2).
#[derive(Deserialize)]
struct Begun {
    device_code: Secret,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
    message: Option<String>,
}

impl Credential for DeviceCodeCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move { self.session.token(&request, || self.interact(&request)).await })
    }
}

impl fmt::Debug for DeviceCodeCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.debug("DeviceCodeCredential", f)
    }
}
