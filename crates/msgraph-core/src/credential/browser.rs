//! Users who sign in with the browser of this computer.

mod redirect;

use std::fmt;
use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::Value;

use self::redirect::Redirect;
use super::application::ClientAuthentication;
use super::persistent::PersistentCache;
use super::token_endpoint::{self, Form, Tokens};
use super::user::UserSession;
use super::{AuthenticationError, Credential, Obtaining, TokenRequest};
use crate::encode;
use crate::odata::Secret;

/// How long the user may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Signs a user in with a browser on this computer
/// ([authorization code flow](https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow) with
/// [PKCE](https://www.rfc-editor.org/rfc/rfc7636) and a redirect to
/// [the loopback interface](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
///
/// The user is asked when the first token is needed and again when the sign-in is no longer good; between, tokens are
/// renewed by the refresh token. The application needs the redirect URI `http://localhost` under "Mobile and desktop
/// applications".
///
/// # Troubleshooting
/// AADSTS50011 in the browser says that the redirect URI is missing; AADSTS7000218, that it is under "Web" instead.
///
/// ```
/// use msgraph_core::credential::InteractiveBrowserCredential;
///
/// // With the feature `browser` there is `in_default_browser`, which opens the page itself.
/// let credential = InteractiveBrowserCredential::new("organizations", "11111111-2222-…", |url| {
///     eprintln!("Open {url} to sign in.");
///     Ok(())
/// });
/// ```
pub struct InteractiveBrowserCredential {
    session: UserSession,
    open: Box<Open>,
    prompt: Option<String>,
    login_hint: Option<String>,
    patience: Duration,
}

type Open = dyn Fn(&str) -> io::Result<()> + Send + Sync;

impl InteractiveBrowserCredential {
    /// A credential of a user in `tenant` (or `organizations`, `common`, `consumers`) for the application `client_id`;
    /// `open` makes a browser on this computer open a page and returns at once.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        open: impl Fn(&str) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            session: UserSession::new(tenant.into(), client_id.into(), ClientAuthentication::public()),
            open: Box::new(open),
            prompt: None,
            login_hint: None,
            patience: PATIENCE,
        }
    }

    /// The same, opening the page in the default browser.
    #[cfg(feature = "browser")]
    pub fn in_default_browser(tenant: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self::new(tenant, client_id, webbrowser::open)
    }

    /// What the service must ask even of a user who is signed in: `select_account`, `login` or `consent`.
    #[must_use]
    pub fn with_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// The account that the page offers, for example `adele@contoso.com`.
    #[must_use]
    pub fn with_login_hint(mut self, account: impl Into<String>) -> Self {
        self.login_hint = Some(account.into());
        self
    }

    /// How long the user may take; five minutes if not called.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
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
        let [state, nonce, verifier] = [random()?, random()?, random()?];
        let redirect = Redirect::listen(state.clone()).await?;
        let scope = UserSession::scope(request);
        let challenge = digest::digest(&digest::SHA256, verifier.expose().as_bytes());
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(challenge);
        let claims = token_endpoint::claims(request.claims)?;
        let address = token_endpoint::address(request.cloud().authority(), application.tenant(request), "authorize")?;
        let mut url = format!("{address}?response_type=code&response_mode=query");
        for (name, value) in [
            ("client_id", Some(application.client_id.as_str())),
            ("redirect_uri", Some(redirect.uri())),
            ("scope", Some(&scope)),
            ("state", Some(state.expose())),
            ("nonce", Some(nonce.expose())),
            ("code_challenge", Some(&challenge)),
            ("code_challenge_method", Some("S256")),
            ("claims", Some(&claims)),
            ("prompt", self.prompt.as_deref()),
            ("login_hint", self.login_hint.as_deref()),
        ] {
            if let Some(value) = value {
                url += &format!("&{name}={}", encode::segment(value));
            }
        }
        (self.open)(&url)
            .map_err(|error| AuthenticationError::new("the browser cannot be opened").with_source(error))?;
        let uri = redirect.uri().to_owned();
        let code = tokio::time::timeout(self.patience, redirect.code())
            .await
            .map_err(|_| {
                AuthenticationError::new("the user did not sign in in time: ask again to open the page once more")
            })??;
        let grant = Form::grant("authorization_code")
            .with_secret("code", &code)
            .with("redirect_uri", &uri)
            .with_secret("code_verifier", &verifier);
        let tokens = application.ask(request, grant, &scope).await?;
        match tokens.identity.as_ref().and_then(nonce_of) {
            Some(given) if given == nonce.expose() => Ok(tokens),
            _ => Err(AuthenticationError::new(
                "the login authority's ID token is not the one of this sign-in (nonce): sign in again",
            )),
        }
    }
}

/// The nonce of an ID token. Its signature need not be checked, for it comes from the token endpoint itself
/// (OpenID Connect Core 1.0, section 3.1.3.7).
fn nonce_of(token: &Secret) -> Option<String> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.expose().split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("nonce")?.as_str()?.to_owned())
}

/// 256 random bits as text that may stand in a URL.
fn random() -> Result<Secret, AuthenticationError> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    SystemRandom::new()
        .fill(&mut *bytes)
        .map_err(|_| AuthenticationError::new("the operating system gives no random numbers"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(*bytes).into())
}

impl Credential for InteractiveBrowserCredential {
    fn token<'a>(&'a self, request: TokenRequest<'a>) -> Obtaining<'a> {
        Box::pin(async move { self.session.token(&request, || self.interact(&request)).await })
    }
}

impl fmt::Debug for InteractiveBrowserCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.debug("InteractiveBrowserCredential", f)
    }
}
