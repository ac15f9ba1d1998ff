//! The clouds that Microsoft Graph runs in.

mod custom;
mod set;

use std::fmt;
use std::str::FromStr;

use url::Url;

pub(crate) use custom::is_loopback;
pub use custom::{CustomCloud, CustomCloudError};
pub use set::CloudSet;

/// The cloud that a client talks to.
///
/// One value decides the service endpoint, the login authority and the token scope, so that they cannot
/// contradict each other. See the [national cloud deployments](https://learn.microsoft.com/graph/deployments).
///
/// ```
/// use msgraph_core::Cloud;
///
/// let cloud: Cloud = "us-gov-l5".parse()?;
/// assert_eq!(cloud, Cloud::UsGovL5);
/// assert_eq!(cloud.scope(), "https://dod-graph.microsoft.us/.default");
/// # Ok::<(), msgraph_core::UnknownCloud>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cloud {
    /// The worldwide cloud, GCC included: `graph.microsoft.com`.
    #[default]
    Global,
    /// US Government L4 (GCC High): `graph.microsoft.us`.
    UsGovL4,
    /// US Government L5 (DoD): `dod-graph.microsoft.us`.
    UsGovL5,
    /// China, operated by 21Vianet: `microsoftgraph.chinacloudapi.cn`.
    China,
    /// The French sovereign cloud operated by Bleu: `graph.svc.sovcloud.fr`.
    Bleu,
    /// The German sovereign cloud operated by Delos: `graph.svc.sovcloud.de`.
    Delos,
    /// The cloud of the government of Singapore: `graph.svc.sovcloud.sg`.
    GovSg,
    /// USNat, an air-gapped cloud of the US Government. Its addresses are not [verified](Cloud::is_verified).
    UsNat,
    /// USSec, an air-gapped cloud of the US Government. Its addresses are not [verified](Cloud::is_verified).
    UsSec,
    /// Any other deployment, for example a local emulator.
    Custom(CustomCloud),
}

/// What is known about a named cloud.
struct Facts {
    cloud: Cloud,
    name: &'static str,
    /// Other spellings that are understood, in lower case and without separators.
    aliases: &'static [&'static str],
    endpoint: &'static str,
    authority: &'static str,
    scope: &'static str,
    federation_audience: &'static str,
    verified: bool,
}

/// The named clouds; the index of a cloud is its bit in a [`CloudSet`].
static NAMED: [Facts; 9] = [
    Facts {
        cloud: Cloud::Global,
        name: "Global",
        aliases: &["public", "commercial", "worldwide", "azurepublic", "gcc"],
        endpoint: "https://graph.microsoft.com",
        authority: "https://login.microsoftonline.com",
        scope: "https://graph.microsoft.com/.default",
        federation_audience: "api://AzureADTokenExchange",
        verified: true,
    },
    Facts {
        cloud: Cloud::UsGovL4,
        name: "USGovL4",
        aliases: &[
            "usgov",
            "usgovernment",
            "usgovernmentl4",
            "gcchigh",
            "azuregovernment",
            "l4",
        ],
        endpoint: "https://graph.microsoft.us",
        authority: "https://login.microsoftonline.us",
        scope: "https://graph.microsoft.us/.default",
        federation_audience: "api://AzureADTokenExchangeUSGov",
        verified: true,
    },
    Facts {
        cloud: Cloud::UsGovL5,
        name: "USGovL5",
        aliases: &["usgovdod", "usgovernmentl5", "dod", "l5"],
        endpoint: "https://dod-graph.microsoft.us",
        authority: "https://login.microsoftonline.us",
        scope: "https://dod-graph.microsoft.us/.default",
        federation_audience: "api://AzureADTokenExchangeUSGov",
        verified: true,
    },
    Facts {
        cloud: Cloud::China,
        name: "China",
        aliases: &["21vianet", "azurechina", "mooncake", "cn"],
        endpoint: "https://microsoftgraph.chinacloudapi.cn",
        authority: "https://login.chinacloudapi.cn",
        scope: "https://microsoftgraph.chinacloudapi.cn/.default",
        federation_audience: "api://AzureADTokenExchangeChina",
        verified: true,
    },
    Facts {
        cloud: Cloud::Bleu,
        name: "Bleu",
        aliases: &["bleucloud"],
        endpoint: "https://graph.svc.sovcloud.fr",
        authority: "https://login.sovcloud-identity.fr",
        scope: "https://graph.svc.sovcloud.fr/.default",
        federation_audience: "api://AzureADTokenExchangeFrance",
        verified: true,
    },
    Facts {
        cloud: Cloud::Delos,
        name: "Delos",
        aliases: &["deloscloud"],
        endpoint: "https://graph.svc.sovcloud.de",
        authority: "https://login.sovcloud-identity.de",
        scope: "https://graph.svc.sovcloud.de/.default",
        federation_audience: "api://AzureADTokenExchangeGermany",
        verified: true,
    },
    Facts {
        cloud: Cloud::GovSg,
        name: "GovSG",
        aliases: &["govsgcloud", "singapore"],
        endpoint: "https://graph.svc.sovcloud.sg",
        authority: "https://login.sovcloud-identity.sg",
        scope: "https://graph.svc.sovcloud.sg/.default",
        federation_audience: "api://AzureADTokenExchangeGovSG",
        verified: true,
    },
    Facts {
        cloud: Cloud::UsNat,
        name: "USNat",
        aliases: &["eaglex"],
        endpoint: "https://graph.eaglex.ic.gov",
        authority: "https://login.microsoftonline.eaglex.ic.gov",
        scope: "https://graph.eaglex.ic.gov/.default",
        federation_audience: "api://AzureADTokenExchangeUSNat",
        verified: false,
    },
    Facts {
        cloud: Cloud::UsSec,
        name: "USSec",
        aliases: &["scloud"],
        endpoint: "https://graph.microsoft.scloud",
        authority: "https://login.microsoftonline.microsoft.scloud",
        scope: "https://graph.microsoft.scloud/.default",
        federation_audience: "api://AzureADTokenExchangeUSSec",
        verified: false,
    },
];

impl Cloud {
    /// The root address of Microsoft Graph, without a version or a trailing slash.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        match self.named() {
            Ok(facts) => facts.endpoint,
            Err(custom) => custom.endpoint(),
        }
    }

    /// The login authority that issues tokens for this cloud, without a tenant or a trailing slash.
    ///
    /// The issuer (`iss`) of a token need not have the authority's host: China signs in at
    /// `login.chinacloudapi.cn` while its issuer is `login.partner.microsoftonline.cn`.
    #[must_use]
    pub fn authority(&self) -> &str {
        match self.named() {
            Ok(facts) => facts.authority,
            Err(custom) => custom.authority(),
        }
    }

    /// The scope that asks for every permission granted to the application.
    #[must_use]
    pub fn scope(&self) -> &str {
        match self.named() {
            Ok(facts) => facts.scope,
            Err(custom) => custom.scope(),
        }
    }

    /// The audience that a token of another issuer must have, to be exchanged for one of this cloud
    /// ([workload identity federation](https://learn.microsoft.com/entra/workload-id/workload-identity-federation)).
    #[must_use]
    pub fn federation_audience(&self) -> &str {
        match self.named() {
            Ok(facts) => facts.federation_audience,
            Err(custom) => custom.federation_audience(),
        }
    }

    /// The everyday name, for example `USGovL4`; `Custom` for a custom cloud.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.named().map_or("Custom", |facts| facts.name)
    }

    /// Whether Microsoft's own documentation or source code names these addresses.
    ///
    /// False for [`UsNat`](Cloud::UsNat) and [`UsSec`](Cloud::UsSec), whose addresses come from third parties: check them
    /// with the operator of the cloud, or use a [`CustomCloud`]. True for a custom cloud, whose addresses are your own.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.named().map_or(true, |facts| facts.verified)
    }

    /// Whether `url` has this cloud's scheme, host and port and no user of its own, so that a token may be sent there.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        Url::parse(self.endpoint()).is_ok_and(|endpoint| is_at(url, &endpoint))
    }

    /// The bit of a named cloud in a [`CloudSet`]; none for a custom cloud.
    fn bit(&self) -> Option<u16> {
        Some(match self {
            Self::Global => 0,
            Self::UsGovL4 => 1,
            Self::UsGovL5 => 2,
            Self::China => 3,
            Self::Bleu => 4,
            Self::Delos => 5,
            Self::GovSg => 6,
            Self::UsNat => 7,
            Self::UsSec => 8,
            Self::Custom(_) => return None,
        })
    }

    fn named(&self) -> Result<&'static Facts, &CustomCloud> {
        match (self, self.bit()) {
            (Self::Custom(custom), _) => Err(custom),
            (_, bit) => Ok(&NAMED[usize::from(bit.unwrap_or_default())]),
        }
    }
}

/// Whether `url` has the scheme, host and port of `endpoint` and no user of its own.
pub(crate) fn is_at(url: &Url, endpoint: &Url) -> bool {
    url.username().is_empty()
        && url.password().is_none()
        && url.scheme() == endpoint.scheme()
        && url.host_str() == endpoint.host_str()
        && url.port_or_known_default() == endpoint.port_or_known_default()
}

impl fmt::Display for Cloud {
    /// Writes the name, and for a custom cloud its endpoint too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.named() {
            Ok(facts) => f.write_str(facts.name),
            Err(custom) => write!(f, "Custom ({})", custom.endpoint()),
        }
    }
}

impl FromStr for Cloud {
    type Err = UnknownCloud;

    /// Understands the names and everyday synonyms (`public`, `gcc-high`, `dod`, `21vianet`…) in any case, with or
    /// without spaces, `-` and `_`.
    fn from_str(text: &str) -> Result<Self, UnknownCloud> {
        let wanted: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .flat_map(char::to_lowercase)
            .collect();
        NAMED
            .iter()
            .find(|facts| facts.name.eq_ignore_ascii_case(&wanted) || facts.aliases.contains(&wanted.as_str()))
            .map(|facts| facts.cloud.clone())
            .ok_or_else(|| UnknownCloud { given: text.to_owned() })
    }
}

/// A text that names no cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCloud {
    given: String,
}

impl fmt::Display for UnknownCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMED.each_ref().map(|facts| facts.name).join(", ");
        write!(f, "no cloud is called {:?}; use one of {names}", self.given)
    }
}

impl std::error::Error for UnknownCloud {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_listed_in_the_order_of_their_bits() {
        for (index, facts) in NAMED.iter().enumerate() {
            assert_eq!(facts.cloud.bit().map(usize::from), Some(index), "{}", facts.name);
        }
    }

    #[test]
    fn scope_is_derived_from_the_endpoint() {
        for facts in &NAMED {
            assert_eq!(facts.scope, format!("{}/.default", facts.endpoint));
        }
    }

    #[test]
    fn every_spelling_names_exactly_one_cloud() {
        let mut seen = std::collections::BTreeMap::new();
        for facts in &NAMED {
            for spelling in facts.aliases.iter().chain([&facts.name]) {
                assert_eq!(spelling.parse::<Cloud>().as_ref(), Ok(&facts.cloud));
                assert_eq!(seen.insert(spelling.to_lowercase(), facts.name), None, "{spelling}");
            }
        }
        assert_eq!("US_Gov L5".parse(), Ok(Cloud::UsGovL5));
    }

    #[test]
    fn unknown_name_is_answered_with_all_names() {
        let error = "moon".parse::<Cloud>().unwrap_err().to_string();
        assert!(
            error.contains("\"moon\"") && error.contains("Global") && error.contains("USSec"),
            "{error}"
        );
    }

    #[test]
    fn only_the_endpoint_itself_is_owned() {
        for (url, owned) in [
            ("https://graph.microsoft.com/v1.0/users", true),
            ("https://graph.microsoft.com:443/beta/", true),
            ("http://graph.microsoft.com/v1.0", false),
            ("https://graph.microsoft.com:8443/v1.0", false),
            ("https://graph.microsoft.com.evil.example/v1.0", false),
            ("https://graph.microsoft.com@evil.example/v1.0", false),
            ("https://user@graph.microsoft.com/v1.0", false),
            ("https://login.microsoftonline.com/", false),
        ] {
            assert_eq!(Cloud::Global.owns(&Url::parse(url).unwrap()), owned, "{url}");
        }
    }
}
