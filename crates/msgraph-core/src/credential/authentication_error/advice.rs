//! What usually helps against the errors of Microsoft Entra.

use super::AuthenticationError;

impl AuthenticationError {
    /// What usually helps.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self.aadsts()? {
            7_000_215 => "use the value of the client secret, not its identifier, and the one of this application",
            7_000_222 => "the client secret has expired: add a new one to the application and use that",
            90_002 => "no such tenant: check the tenant's identifier, and that the client's cloud is the tenant's",
            900_383 | 90_051 | 90_038 => "the tenant lives in another cloud: build the client with that Cloud",
            90_072 | 500_212 => "the account may not sign in to this tenant: use one of the tenant's own, or invite it",
            900_023 => "give the tenant as a GUID or as one of its domain names",
            900_382 | 900_432 => "the application lives in another cloud: choose the cloud of its tenant",
            700_016 => "no such application in the tenant: check the client identifier and the tenant",
            700_038 => "the client identifier is all zeros: give the one of your application",
            7_000_112 => "the application is disabled: enable it in Microsoft Entra",
            7_000_216 => "the application needs a secret or a certificate to sign in",
            700_027 => {
                "the certificate was refused: check that this very certificate is on the application and has not expired"
            }
            5_002_738 => "Microsoft Entra takes assertions signed with RSA only: use a certificate with an RSA key",
            700_024 => "the assertion came too early or too late: set this machine's clock",
            700_211..=700_213 | 70_021 => {
                "no federated credential of the application has this issuer, subject and audience: compare them letter by letter"
            }
            50_011 => {
                "add the redirect URI http://localhost to the application, under \"Mobile and desktop applications\""
            }
            7_000_218 => {
                "the application is no public client: turn \"Allow public client flows\" on, or give a secret or certificate"
            }
            50_173 | 70_008 | 700_082 | 700_084 => "the sign-in is no longer good: the user has to sign in again",
            50_126 => "the user name or the password is wrong",
            50_057 => "the account is disabled",
            50_013 | 500_133 => {
                "the caller's token is not for this application, or has expired: ask the caller for a new one"
            }
            65_004 => "the user refused to consent: ask again, or have an administrator consent",
            500_011 => "the resource is unknown in the tenant: check that the client's cloud is the tenant's",
            70_011 | 1_002_012 => "ask for \"<resource>/.default\" as the only scope",
            65_001 => "an administrator has to consent to the application's permissions",
            50_034 | 50_020 => "the account does not exist in this tenant",
            50_076 | 50_079 | 50_072 | 50_074 | 50_158 => {
                "the user has to sign in interactively to prove a second factor; the claims say which"
            }
            53_000..=53_004 | 530_002 | 530_003 | 530_033..=530_036 => {
                "a Conditional Access policy forbids it: the tenant's administrator finds which one in the sign-in log, \
                 under the correlation id"
            }
            _ => return None,
        })
    }
}
