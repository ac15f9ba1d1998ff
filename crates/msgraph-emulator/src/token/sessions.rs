//! What users have begun: authorization codes, device codes, refresh tokens.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{form::Form, refusal::Refusal};
use crate::digest::Digest;

const CODE_LIFETIME: Duration = Duration::minutes(10);
const DEVICE_CODE_LIFETIME: Duration = Duration::minutes(15);
const REFRESH_TOKEN_LIFETIME: Duration = Duration::days(90);
/// How long a device waits between two polls at first, and how much longer after each that comes too early.
const POLL_INTERVAL: Duration = Duration::seconds(5);

#[derive(Default)]
pub(crate) struct Sessions {
    codes: BTreeMap<Digest, Code>,
    devices: BTreeMap<Digest, Device>,
    refresh_tokens: BTreeMap<Digest, RefreshToken>,
}

/// Somebody signed in somewhere, and for what.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
}

struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: Option<String>,
    expiry: OffsetDateTime,
}

struct Device {
    client: String,
    scope: String,
    user_code: String,
    decision: Option<Decision>,
    expiry: OffsetDateTime,
    interval: Duration,
    last_poll: Option<OffsetDateTime>,
}

#[derive(Clone)]
pub(crate) enum Decision {
    Approved { user: String },
    Declined,
}

struct RefreshToken {
    grant: Grant,
    expiry: OffsetDateTime,
}

/// What a device is told when it asks for a code.
pub(crate) struct DeviceCode {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    pub(crate) lifetime: Duration,
    pub(crate) interval: Duration,
}

impl Sessions {
    /// Gives a code for `grant`; `challenge` is the one of PKCE ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)).
    pub(crate) fn add_code(
        &mut self,
        grant: Grant,
        redirect_uri: &str,
        challenge: Option<&str>,
        now: OffsetDateTime,
    ) -> String {
        let code = random("code");
        let kept = Code {
            grant,
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.map(str::to_owned),
            expiry: now + CODE_LIFETIME,
        };
        self.codes.insert(Digest::of(&code), kept);
        code
    }

    /// Takes a code back; each is good once.
    pub(crate) fn redeem_code(&mut self, form: &Form, client: &str, now: OffsetDateTime) -> Result<Grant, Refusal> {
        let code = self.codes.remove(&Digest::of(form.require("code")?)).ok_or_else(|| {
            Refusal::grant(
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
            )
        })?;
        if code.grant.client != client {
            return Err(Refusal::grant(700_009, "The code was issued to another application."));
        }
        if code.expiry <= now {
            return Err(Refusal::grant(70_008, "The provided authorization code is expired."));
        }
        if form.require("redirect_uri")? != code.redirect_uri {
            return Err(Refusal::grant(
                500_112,
                "The reply address does not match the reply address provided when requesting the authorization code.",
            ));
        }
        let verifier = form.get("code_verifier").unwrap_or_default();
        let is_verified = code.challenge.is_none_or(|challenge| {
            (43..=128).contains(&verifier.len()) && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
        });
        if !is_verified {
            return Err(Refusal::grant(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ));
        }
        Ok(code.grant)
    }

    pub(crate) fn add_device(&mut self, client: &str, scope: &str, now: OffsetDateTime) -> DeviceCode {
        let device_code = random("device");
        let user_code: String = Uuid::new_v4()
            .simple()
            .to_string()
            .to_uppercase()
            .chars()
            .take(9)
            .collect();
        let device = Device {
            client: client.to_owned(),
            scope: scope.to_owned(),
            user_code: user_code.clone(),
            decision: None,
            expiry: now + DEVICE_CODE_LIFETIME,
            interval: POLL_INTERVAL,
            last_poll: None,
        };
        self.devices.insert(Digest::of(&device_code), device);
        DeviceCode {
            device_code,
            user_code,
            lifetime: DEVICE_CODE_LIFETIME,
            interval: POLL_INTERVAL,
        }
    }

    /// Notes what the user decided; whether there is such a code, undecided.
    pub(crate) fn decide(&mut self, user_code: &str, decision: Decision) -> bool {
        let device = self
            .devices
            .values_mut()
            .find(|device| device.user_code.eq_ignore_ascii_case(user_code) && device.decision.is_none());
        device.map(|device| device.decision = Some(decision)).is_some()
    }

    /// One poll of a device ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
    pub(crate) fn poll(&mut self, device_code: &str, client: &str, now: OffsetDateTime) -> Result<Grant, Refusal> {
        let poll = |error, number, message: &str| {
            Err(Refusal::new(
                axum::http::StatusCode::BAD_REQUEST,
                error,
                number,
                message,
            ))
        };
        let key = Digest::of(device_code);
        let Some(device) = self.devices.get_mut(&key).filter(|device| device.client == client) else {
            return poll("bad_verification_code", 7_000_014, "The device code is unknown.");
        };
        if device.expiry <= now {
            return poll(
                "expired_token",
                70_020,
                "The provided value for the device code has expired.",
            );
        }
        let is_early = device.last_poll.is_some_and(|last| now < last + device.interval);
        device.last_poll = Some(now);
        match &device.decision {
            Some(Decision::Approved { user }) => {
                let grant = Grant {
                    client: client.to_owned(),
                    user: user.clone(),
                    scope: device.scope.clone(),
                    nonce: None,
                };
                self.devices.remove(&key);
                Ok(grant)
            }
            Some(Decision::Declined) => poll(
                "authorization_declined",
                70_018,
                "The end user denied the authorization request.",
            ),
            None if is_early => {
                device.interval += POLL_INTERVAL;
                poll("slow_down", 70_016, "The device polls too often.")
            }
            None => poll(
                "authorization_pending",
                70_016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            ),
        }
    }

    pub(crate) fn add_refresh_token(&mut self, grant: &Grant, now: OffsetDateTime) -> String {
        let token = random("refresh");
        let kept = RefreshToken {
            grant: Grant {
                nonce: None,
                ..grant.clone()
            },
            expiry: now + REFRESH_TOKEN_LIFETIME,
        };
        self.refresh_tokens.insert(Digest::of(&token), kept);
        token
    }

    pub(crate) fn refresh(&mut self, token: &str, client: &str, now: OffsetDateTime) -> Result<Grant, Refusal> {
        match self.refresh_tokens.get(&Digest::of(token)) {
            None => Err(Refusal::grant(
                50_173,
                "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
            )),
            Some(kept) if kept.grant.client != client => Err(Refusal::grant(
                70_000,
                "The refresh token was issued to another application.",
            )),
            Some(kept) if kept.expiry <= now => Err(Refusal::grant(
                700_082,
                "The refresh token has expired due to inactivity.",
            )),
            Some(kept) => Ok(kept.grant.clone()),
        }
    }

    pub(crate) fn revoke(&mut self) {
        self.refresh_tokens.clear();
    }
}

fn random(kind: &str) -> String {
    format!(
        "emulator-{kind}.{}.{}",
        Uuid::new_v4().simple(),
        Uuid::new_v4().simple()
    )
}
