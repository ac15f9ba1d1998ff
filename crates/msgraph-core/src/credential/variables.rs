//! Settings in the environment, under the names that the Azure SDKs use.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::AuthenticationError;
use crate::Cloud;
use crate::odata::Secret;

/// The variables of an environment that matter here; their values may be secrets.
#[derive(Default)]
pub(crate) struct Variables(BTreeMap<&'static str, Secret>);

const NAMES: &[&str] = &[
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_TENANT_ID",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
];

impl Variables {
    pub(crate) fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name))
    }

    /// Reads the variables by `lookup`; an empty one counts as missing.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let read = |name: &&'static str| {
            let value = lookup(name)?
                .into_string()
                .ok()
                .filter(|value| !value.trim().is_empty())?;
            Some((*name, Secret::from(value)))
        };
        Self(NAMES.iter().filter_map(read).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.secret(name).map(|value| value.expose().to_owned())
    }

    pub(crate) fn secret(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }

    /// The values of `names`, or an error that lists those which are missing.
    pub(crate) fn require<const N: usize>(&self, names: [&str; N]) -> Result<[String; N], AuthenticationError> {
        let missing: Vec<_> = names
            .iter()
            .copied()
            .filter(|name| self.secret(name).is_none())
            .collect();
        if missing.is_empty() {
            Ok(names.map(|name| self.get(name).unwrap_or_default()))
        } else {
            Err(AuthenticationError::unavailable(format!(
                "the environment lacks {}",
                missing.join(" and ")
            )))
        }
    }
}

/// Refuses an authority of the environment that is not the one of the cloud: the credential belongs to another cloud.
pub(crate) fn check_authority(authority: Option<&str>, cloud: &Cloud) -> Result<(), AuthenticationError> {
    let plain = |address: &str| {
        let address = address.trim_end_matches('/');
        let host = address.split_once("://").map_or(address, |(_, host)| host);
        host.to_ascii_lowercase()
    };
    match authority {
        Some(authority) if plain(authority) != plain(cloud.authority()) => Err(AuthenticationError::new(format!(
            "AZURE_AUTHORITY_HOST is {authority}, but the client's cloud {cloud} has the authority {}: \
             choose the cloud of the credential",
            cloud.authority()
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_variables_are_named_and_values_are_not_printed() {
        let variables = Variables::read(|name| (name == "AZURE_CLIENT_ID").then(|| "hunter2".into()));
        let error = variables
            .require(["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"])
            .unwrap_err();
        assert_eq!(
            error.message(),
            "the environment lacks AZURE_TENANT_ID and AZURE_CLIENT_SECRET"
        );
        assert!(error.is_unavailable());
        assert_eq!(variables.get("AZURE_TENANT_ID"), None);
    }

    #[test]
    fn authority_of_another_cloud_is_refused() {
        for (authority, fits) in [
            (None, true),
            (Some("https://login.microsoftonline.com/"), true),
            (Some("login.MicrosoftOnline.com"), true),
            (Some("https://login.microsoftonline.us"), false),
        ] {
            assert_eq!(
                check_authority(authority, &Cloud::Global).is_ok(),
                fits,
                "{authority:?}"
            );
        }
    }
}
