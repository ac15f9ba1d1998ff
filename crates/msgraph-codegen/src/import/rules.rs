//! Documented rules that the metadata does not state.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde::Deserialize;

/// The rules file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// What the documentation of an action demands of its parameters.
    pub(crate) parameters: Vec<ParameterRules>,
    /// Text that must never be shown, by full type name or `type.action`.
    secret: BTreeMap<String, Vec<String>>,
    /// Bytes that must never be shown.
    secret_binary: BTreeMap<String, Vec<String>>,
    /// Contents whose upload answers with an object.
    pub(crate) upload: Vec<Upload>,
}

/// What the documentation of one action demands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParameterRules {
    /// `microsoft.graph.servicePrincipal.addTokenSigningCertificate`
    pub(crate) action: String,
    /// The page that says so.
    source: String,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    #[serde(default)]
    pub(crate) values: BTreeMap<String, ValueRule>,
}

/// What one value must be like.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ValueRule {
    pub(crate) starts_with: Option<String>,
    pub(crate) min_length: Option<i64>,
    pub(crate) max_length: Option<i64>,
    /// The value lies in the future, and at most so many years ahead.
    pub(crate) future_years: Option<i64>,
}

/// A content whose upload answers with an object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upload {
    /// The page that says so.
    source: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) content: String,
    pub(crate) returns: String,
}

/// How secret a property is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Public,
    Text,
    Bytes,
}

impl Rules {
    /// Reads the rules file.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let rules: Self = toml::from_str(text)?;
        let sources = rules
            .parameters
            .iter()
            .map(|rule| &rule.source)
            .chain(rules.upload.iter().map(|rule| &rule.source));
        for source in sources {
            ensure!(
                source.starts_with("https://learn.microsoft.com/"),
                "a rule needs its documentation page, not {source:?}"
            );
        }
        Ok(rules)
    }

    pub(crate) fn of_action(&self, component: &str) -> Option<&ParameterRules> {
        self.parameters.iter().find(|rule| rule.action == component)
    }

    pub(crate) fn secrecy(&self, owner: &str, property: &str) -> Secrecy {
        let lists = |map: &BTreeMap<String, Vec<String>>| {
            map.get(owner)
                .is_some_and(|properties| properties.iter().any(|name| name == property))
        };
        match (lists(&self.secret), lists(&self.secret_binary)) {
            (true, _) => Secrecy::Text,
            (_, true) => Secrecy::Bytes,
            _ => Secrecy::Public,
        }
    }

    /// Every (owner, property) whose text must never be shown.
    pub(crate) fn secret_texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let secrets = self.secret.iter();
        secrets.flat_map(|(owner, names)| names.iter().map(move |name| (owner.as_str(), name.as_str())))
    }

    /// Every (owner, property) that a rule names.
    pub(crate) fn named(&self) -> BTreeSet<(&str, &str)> {
        let secrets = self.secret.iter().chain(&self.secret_binary);
        let secrets = secrets.flat_map(|(owner, names)| names.iter().map(move |name| (owner.as_str(), name.as_str())));
        let parameters = self.parameters.iter().flat_map(|rule| {
            let names = rule.required.iter().chain(rule.values.keys());
            names.map(move |name| (rule.action.as_str(), name.as_str()))
        });
        secrets.chain(parameters).collect()
    }
}
