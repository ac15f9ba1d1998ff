//! An application that asks for tokens, and how it proves who it is.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::certificate::ClientCertificate;
use super::token_endpoint::{self, Form, Tokens};
use super::{AuthenticationError, TokenRequest};
use crate::odata::Secret;

/// The future of an assertion; see [`ClientAuthentication::assertion`].
pub type Asserting = Pin<Box<dyn Future<Output = Result<Secret, AuthenticationError>> + Send>>;

type Source = dyn Fn(AssertionRequest) -> Asserting + Send + Sync;

/// How an application proves who it is: with a secret, a certificate, a token of another issuer, or not at all.
///
/// ```
/// use msgraph_core::credential::{ClientAuthentication, OnBehalfOfCredential};
///
/// # fn example(tenant: &str, client_id: &str, secret: String, token_of_the_caller: String) {
/// let credential =
///     OnBehalfOfCredential::new(tenant, client_id, ClientAuthentication::secret(secret), token_of_the_caller);
/// # }
/// ```
#[derive(Clone)]
pub struct ClientAuthentication(Kind);

#[derive(Clone)]
enum Kind {
    Public,
    Secret(Secret),
    Certificate {
        certificate: ClientCertificate,
        sends_chain: bool,
    },
    Assertion(Arc<Source>),
}

/// What an assertion is asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AssertionRequest {
    /// The audience that the assertion must have in this cloud, for example `api://AzureADTokenExchange`.
    pub audience: String,
    /// The tenant to sign in to.
    pub tenant: String,
    /// The address of the tenant's token endpoint.
    pub token_endpoint: String,
}

impl ClientAuthentication {
    /// No proof: a public client, such as a program on a person's computer.
    #[must_use]
    pub fn public() -> Self {
        Self(Kind::Public)
    }

    /// A client secret.
    pub fn secret(secret: impl Into<Secret>) -> Self {
        Self(Kind::Secret(secret.into()))
    }

    /// The key of a certificate that is on the application.
    #[must_use]
    pub fn certificate(certificate: ClientCertificate) -> Self {
        Self(Kind::Certificate {
            certificate,
            sends_chain: false,
        })
    }

    /// The same, sending the certificate and its chain (`x5c`), so that an application which trusts a subject and an
    /// issuer needs no change when the certificate is renewed.
    #[must_use]
    pub fn certificate_with_chain(certificate: ClientCertificate) -> Self {
        Self(Kind::Certificate {
            certificate,
            sends_chain: true,
        })
    }

    /// Tokens of another issuer that the application trusts
    /// ([federated identity credentials](https://learn.microsoft.com/entra/workload-id/workload-identity-federation)),
    /// asked for each time that an access token is needed.
    pub fn assertion<F>(source: impl Fn(AssertionRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Secret, AuthenticationError>> + Send + 'static,
    {
        Self(Kind::Assertion(Arc::new(move |request| Box::pin(source(request)))))
    }

    async fn prove(
        &self,
        form: Form,
        request: &TokenRequest<'_>,
        application: &Application,
        tenant: &str,
    ) -> Result<Form, AuthenticationError> {
        let cloud = request.cloud();
        let token_endpoint = token_endpoint::address(cloud.authority(), tenant, "token")?;
        let assertion = match &self.0 {
            Kind::Public => return Ok(form),
            Kind::Secret(secret) => return Ok(form.with_secret("client_secret", secret)),
            Kind::Certificate {
                certificate,
                sends_chain,
            } => certificate.assertion(&token_endpoint, &application.client_id, *sends_chain)?,
            Kind::Assertion(source) => {
                let request = AssertionRequest {
                    audience: cloud.federation_audience().to_owned(),
                    tenant: tenant.to_owned(),
                    token_endpoint,
                };
                source(request).await?
            }
        };
        Ok(form
            .with(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .with_secret("client_assertion", &assertion))
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Public => f.write_str("Public"),
            Kind::Secret(_) => f.write_str("Secret"),
            Kind::Certificate { certificate, .. } => certificate.fmt(f),
            Kind::Assertion(_) => f.write_str("Assertion"),
        }
    }
}

/// An application in a tenant.
#[derive(Clone)]
pub(crate) struct Application {
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
}

impl Application {
    /// The tenant that a request is for.
    pub(crate) fn tenant<'a>(&'a self, request: &TokenRequest<'a>) -> &'a str {
        request.tenant.unwrap_or(&self.tenant)
    }

    /// Asks for tokens with `scope`.
    pub(crate) async fn ask(
        &self,
        request: &TokenRequest<'_>,
        grant: Form,
        scope: &str,
    ) -> Result<Tokens, AuthenticationError> {
        let tenant = self.tenant(request);
        let form = grant
            .with("client_id", &self.client_id)
            .with("scope", scope)
            .with("claims", &token_endpoint::claims(request.claims)?);
        let form = self.authentication.prove(form, request, self, tenant).await?;
        token_endpoint::post(request, tenant, form).await
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .field("authentication", &self.authentication)
            .finish()
    }
}
