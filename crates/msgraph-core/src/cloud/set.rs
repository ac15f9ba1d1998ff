//! Sets of clouds.

use std::fmt;

use super::{Cloud, NAMED};

/// A set of named clouds, for example those that offer an operation.
///
/// ```
/// use msgraph_core::{Cloud, CloudSet};
///
/// const CLOUDS: CloudSet = CloudSet::GLOBAL.union(CloudSet::CHINA);
/// assert!(CLOUDS.contains(&Cloud::China));
/// assert_eq!(CLOUDS.to_string(), "Global, China");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloudSet(u16);

impl CloudSet {
    /// No cloud.
    pub const NONE: Self = Self(0);
    /// [`Cloud::Global`] alone.
    pub const GLOBAL: Self = Self(1);
    /// [`Cloud::UsGovL4`] alone.
    pub const US_GOV_L4: Self = Self(1 << 1);
    /// [`Cloud::UsGovL5`] alone.
    pub const US_GOV_L5: Self = Self(1 << 2);
    /// [`Cloud::China`] alone.
    pub const CHINA: Self = Self(1 << 3);
    /// [`Cloud::Bleu`] alone.
    pub const BLEU: Self = Self(1 << 4);
    /// [`Cloud::Delos`] alone.
    pub const DELOS: Self = Self(1 << 5);
    /// [`Cloud::GovSg`] alone.
    pub const GOV_SG: Self = Self(1 << 6);
    /// [`Cloud::UsNat`] alone.
    pub const US_NAT: Self = Self(1 << 7);
    /// [`Cloud::UsSec`] alone.
    pub const US_SEC: Self = Self(1 << 8);
    /// Every named cloud.
    pub const ALL: Self = Self((1 << 9) - 1);

    /// The set whose clouds are the bits of `bits`, [`GLOBAL`](Self::GLOBAL) being the lowest; higher bits than
    /// [`US_SEC`](Self::US_SEC) are ignored.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits of the set, as [`from_bits`](Self::from_bits) takes them.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The clouds that are in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `cloud` is in the set. A custom cloud is in every set, because nothing is known about it.
    #[must_use]
    pub fn contains(self, cloud: &Cloud) -> bool {
        cloud.bit().is_none_or(|bit| self.0 & (1 << bit) != 0)
    }

    /// The clouds of the set.
    pub fn iter(self) -> impl Iterator<Item = Cloud> {
        NAMED
            .iter()
            .map(|facts| facts.cloud.clone())
            .filter(move |cloud| self.contains(cloud))
    }

    /// The names of the clouds of the set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(|cloud| cloud.name())
    }
}

impl fmt::Display for CloudSet {
    /// Writes the names, separated by commas; `no cloud` when the set is empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.names().collect();
        f.write_str(if names.is_empty() { "no cloud" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

impl fmt::Debug for CloudSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CustomCloud;

    #[test]
    fn each_constant_contains_its_own_cloud_only() {
        for (set, name) in [
            (CloudSet::GLOBAL, "Global"),
            (CloudSet::US_GOV_L4, "USGovL4"),
            (CloudSet::US_GOV_L5, "USGovL5"),
            (CloudSet::CHINA, "China"),
            (CloudSet::BLEU, "Bleu"),
            (CloudSet::DELOS, "Delos"),
            (CloudSet::GOV_SG, "GovSG"),
            (CloudSet::US_NAT, "USNat"),
            (CloudSet::US_SEC, "USSec"),
        ] {
            assert_eq!(set.names().collect::<Vec<_>>(), [name]);
        }
        assert_eq!(CloudSet::ALL.iter().count(), 9);
    }

    #[test]
    fn custom_cloud_is_in_every_set() {
        let custom = CustomCloud::new("https://graph.example", "https://login.example").unwrap();
        assert!(CloudSet::NONE.contains(&Cloud::Custom(custom)));
    }
}
