//! The bodies in which a PKCS#12 file travels. The password is always there, empty where there is none.

use msgraph_core::odata::Object;
use msgraph_models::{Pkcs12Certificate, parameters, props};

use super::Pkcs12;

/// The body of `uploadClientCertificate`.
impl From<&Pkcs12> for Object<parameters::IdentityApiConnectorUploadClientCertificate> {
    fn from(pfx: &Pkcs12) -> Self {
        Self::build(|body: &mut parameters::IdentityApiConnectorUploadClientCertificate| {
            body.pkcs12_value = pfx.to_base64().into();
            body.password = pfx.password().clone().into();
        })
    }
}

/// The body of `uploadClientCertificate`.
impl From<Pkcs12> for Object<parameters::IdentityApiConnectorUploadClientCertificate> {
    fn from(pfx: Pkcs12) -> Self {
        Self::from(&pfx)
    }
}

/// The authentication of an API connector that is created with its client certificate.
impl From<&Pkcs12> for Pkcs12Certificate {
    fn from(pfx: &Pkcs12) -> Self {
        Self::build(|body: &mut props::Pkcs12Certificate| {
            body.pkcs12_value = pfx.to_base64().into();
            body.password = pfx.password().clone().into();
        })
    }
}
