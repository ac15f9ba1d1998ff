//! The clouds, and which of them have a type, a member or an operation.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::csdl::{Model, Type};
use super::outcome::{Method, Resolved};
use super::resolve::{Leniency, Resolver};
use crate::json::Json;

/// All clouds, in the order of their bits.
pub(crate) const CLOUDS: [&str; 9] = [
    "Global", "USGovL4", "USGovL5", "China", "Bleu", "Delos", "GovSG", "USNat", "USSec",
];

/// A set of clouds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clouds(u16);

impl Clouds {
    /// The set of the clouds named.
    pub(crate) fn named<S: AsRef<str>>(names: &[S]) -> Result<Self> {
        names.iter().try_fold(Self(0), |set, name| {
            let name = name.as_ref();
            let bit = CLOUDS.iter().position(|cloud| *cloud == name);
            let bit = bit.with_context(|| format!("no cloud is named {name}; there are {}", CLOUDS.join(", ")))?;
            Ok(set.union(Self(1 << bit)))
        })
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn is_everywhere(self) -> bool {
        self.0 == (1 << CLOUDS.len()) - 1
    }

    /// The names as a JSON array.
    pub(crate) fn json(self) -> Json {
        Json::list(
            CLOUDS
                .iter()
                .enumerate()
                .filter(|(bit, _)| self.0 & (1 << bit) != 0)
                .map(|(_, name)| *name),
        )
    }
}

/// One published schema and the clouds it describes.
#[derive(Clone, Debug)]
pub(crate) struct CloudModel {
    pub(crate) clouds: Clouds,
    pub(crate) model: Model,
}

/// Answers where something exists.
pub(crate) struct Availability<'m> {
    models: &'m [CloudModel],
    resolvers: Vec<Resolver<'m>>,
}

impl<'m> Availability<'m> {
    pub(crate) fn new(models: &'m [CloudModel], leniency: &'m Leniency) -> Self {
        Self {
            models,
            resolvers: models
                .iter()
                .map(|cloud| Resolver::new(&cloud.model, leniency))
                .collect(),
        }
    }

    pub(crate) fn of_type(&self, name: &str) -> Clouds {
        self.clouds(|model| model.types.contains_key(name))
    }

    /// Where a type has a member of exactly this name, inherited or not.
    pub(crate) fn of_member(&self, ty: &str, member: &str) -> Clouds {
        self.clouds(|model| match model.types.get(ty) {
            Some(Type::Struct(ty)) => model.member(ty, member).is_some_and(|(_, found)| found.name == member),
            _ => false,
        })
    }

    /// Where the same method on the same path does the same kind of thing.
    pub(crate) fn of_operation(&self, operation: &Resolved) -> Clouds {
        let exists = |resolver: &Resolver| {
            resolver
                .resolve(operation.method, &operation.template.text)
                .is_ok_and(|found| found.kind == operation.kind && found.method == operation.method)
        };
        let found = self
            .models
            .iter()
            .zip(&self.resolvers)
            .filter(|(_, resolver)| exists(resolver));
        found.fold(Clouds::default(), |set, (cloud, _)| set.union(cloud.clouds))
    }

    fn clouds(&self, has: impl Fn(&Model) -> bool) -> Clouds {
        let found = self.models.iter().filter(|cloud| has(&cloud.model));
        found.fold(Clouds::default(), |set, cloud| set.union(cloud.clouds))
    }
}

/// An operation that the schema of a cloud has although the service there does not offer it.
#[derive(Clone, Debug)]
pub(crate) struct Exclusion {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) clouds: Clouds,
}

impl Exclusion {
    /// Reads Microsoft's list.
    pub(crate) fn parse(text: &str) -> Result<Vec<Self>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Row {
            api_path: String,
            operation: String,
            cloud: String,
        }
        let rows: Vec<Row> = serde_json::from_str(text)?;
        ensure!(!rows.is_empty(), "the list of exclusions is empty");
        let read = |row: Row| {
            let clouds: &[&str] = match row.cloud.as_str() {
                "UsGov" => &["USGovL4", "USGovL5"],
                "UsGovL4" => &["USGovL4"],
                "UsGovL5" => &["USGovL5"],
                other => &[other],
            };
            let method = Method::from_name(&row.operation);
            Ok(Self {
                method: method.with_context(|| format!("no method is named {}", row.operation))?,
                clouds: Clouds::named(clouds)?,
                path: row.api_path,
            })
        };
        rows.into_iter().map(read).collect()
    }
}
