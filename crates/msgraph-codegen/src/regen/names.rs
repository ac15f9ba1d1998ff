//! Rust names for the service's names.
//!
//! Generated code always carries the service's spelling beside the Rust one, so a Rust name only has to be
//! readable and unique; nothing is ever derived back from it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};
use serde::Deserialize;

use super::problem::{Problem, Problems};

/// Where the reviewed exceptions are kept.
pub(crate) const DOCUMENT: &str = "specs/names.toml";

/// `accountEnabled` as `account_enabled`.
///
/// An acronym in the plural counts as one word: `allowedAAGUIDs` is `allowed_aaguids`.
pub(crate) fn snake(wire: &str) -> String {
    words(wire).to_snake_case()
}

/// `accountEnabled` as `AccountEnabled`.
///
/// An underscore between digits stays: `v10_0` is `V10_0`, not `V100`.
pub(crate) fn pascal(wire: &str) -> String {
    let parts: Vec<&str> = wire.split('_').collect();
    let mut name = String::new();
    for (index, part) in parts.iter().enumerate() {
        let starts_with_digit = part.starts_with(|c: char| c.is_ascii_digit());
        if index > 0 && starts_with_digit && name.ends_with(|c: char| c.is_ascii_digit()) {
            name.push('_');
        }
        name.push_str(&words(part).to_upper_camel_case());
    }
    name
}

/// `uploadClientCertificate` as `UPLOAD_CLIENT_CERTIFICATE`.
pub(crate) fn constant(method: &str) -> String {
    method.trim_end_matches('_').to_ascii_uppercase()
}

/// Lowers the tail of an acronym in the plural so that heck does not split it before its last capital.
fn words(wire: &str) -> String {
    let letters: Vec<char> = wire.chars().collect();
    let mut out = String::with_capacity(wire.len());
    let mut at = 0;
    while at < letters.len() {
        let capitals = letters[at..].iter().take_while(|c| c.is_ascii_uppercase()).count();
        let plural = capitals >= 2
            && letters.get(at + capitals) == Some(&'s')
            && letters
                .get(at + capitals + 1)
                .is_none_or(|next| !next.is_ascii_lowercase());
        if plural {
            out.push(letters[at]);
            out.extend(letters[at + 1..=at + capitals].iter().map(char::to_ascii_lowercase));
            at += capitals + 1;
        } else {
            let step = capitals.max(1);
            out.extend(&letters[at..at + step]);
            at += step;
        }
    }
    out
}

/// An identifier for a name that [`snake`] or [`pascal`] made: keywords become raw, the few that cannot be raw
/// and names that start with a digit get an underscore.
pub(crate) fn ident(name: &str) -> Ident {
    if matches!(name, "self" | "Self" | "super" | "crate" | "_" | "") {
        return Ident::new(&format!("{name}_"), Span::call_site());
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Ident::new(&format!("_{name}"), Span::call_site());
    }
    if syn::parse_str::<Ident>(name).is_err() {
        return Ident::new_raw(name, Span::call_site());
    }
    Ident::new(name, Span::call_site())
}

/// One reviewed exception.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    of: String,
    rust: String,
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "name")]
    names: Vec<Row>,
}

/// The exceptions of `specs/names.toml`, and which of them were needed.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    rows: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
}

impl Exceptions {
    pub(crate) fn parse(text: &str) -> Result<Self, Problems> {
        let file: File = toml::from_str(text).map_err(|error| {
            let reason = error.to_string().trim().replace('\n', " ");
            Problems(vec![Problem::new(DOCUMENT, "the whole file", reason)])
        })?;
        let mut problems = Problems::default();
        let mut rows = BTreeMap::new();
        for row in file.names {
            if row.reason.trim().is_empty() {
                problems
                    .0
                    .push(Problem::new(DOCUMENT, &row.of, "the row gives no reason"));
            }
            if rows.insert(row.of.clone(), row.rust).is_some() {
                problems
                    .0
                    .push(Problem::new(DOCUMENT, row.of, "there are two rows for this name"));
            }
        }
        problems.none_or(Self {
            rows,
            used: RefCell::default(),
        })
    }

    /// The name that a row gives to `place`, otherwise `rule`.
    pub(crate) fn name(&self, place: &str, rule: impl FnOnce() -> String) -> String {
        match self.rows.get(place) {
            Some(rust) => {
                self.used.borrow_mut().insert(place.to_owned());
                rust.clone()
            }
            None => rule(),
        }
    }

    /// Rows that nothing asked for: what they were about is gone.
    pub(crate) fn unused(&self) -> Vec<Problem> {
        let used = self.used.borrow();
        let unused = self.rows.keys().filter(|of| !used.contains(*of));
        unused
            .map(|of| Problem::new(DOCUMENT, of, "no document has this name any more; delete the row"))
            .collect()
    }
}

/// Names already taken in one scope, each with what took it.
#[derive(Debug, Default)]
pub(crate) struct Scope(BTreeMap<String, String>);

impl Scope {
    /// Takes `name` for `place`, or says what it collides with.
    pub(crate) fn take(&mut self, name: &str, document: &str, place: &str) -> Result<(), Problem> {
        if name.is_empty() {
            let reason = format!("has no letter to make a Rust name of; add a row to {DOCUMENT}");
            return Err(Problem::new(document, place, reason));
        }
        match self.0.insert(name.to_owned(), place.to_owned()) {
            None => Ok(()),
            Some(other) => Err(Problem::new(
                document,
                place,
                format!("would be called `{name}`, as `{other}` is; add a row to {DOCUMENT} that renames one of them"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wire: &str, expected_snake: &str, expected_pascal: &str) {
        assert_eq!(ident(&snake(wire)).to_string(), expected_snake);
        assert_eq!(ident(&pascal(wire)).to_string(), expected_pascal);
    }

    #[test]
    fn words_of_a_name_are_found() {
        check("accountEnabled", "account_enabled", "AccountEnabled");
        check("customCSS", "custom_css", "CustomCss");
        check("allowedAAGUIDs", "allowed_aaguids", "AllowedAaguids");
        check("hostURLsInUse", "host_urls_in_use", "HostUrlsInUse");
        check("appIDset", "app_i_dset", "AppIDset");
        check("alerts_v2", "alerts_v2", "AlertsV2");
        check(
            "oauth2PermissionGrants",
            "oauth2_permission_grants",
            "Oauth2PermissionGrants",
        );
        check("ssl3_0", "ssl3_0", "Ssl3_0");
        check("email_verified", "email_verified", "EmailVerified");
    }

    #[test]
    fn keywords_stay_usable() {
        check("type", "r#type", "Type");
        check("self", "self_", "Self_");
        check("match", "r#match", "Match");
        check("0x", "_0x", "_0x");
    }

    #[test]
    fn a_collision_names_both_sides_and_the_cure() {
        let mut scope = Scope::default();
        scope.take("A", "d.json", "a").unwrap();
        let problem = scope.take("A", "d.json", "A").unwrap_err();
        assert_eq!(
            problem.to_string(),
            "d.json: A: would be called `A`, as `a` is; add a row to specs/names.toml that renames one of them"
        );
    }

    #[test]
    fn a_row_without_use_or_reason_is_an_error() {
        let text = "[[name]]\nof = 'x'\nrust = 'Y'\nreason = 'because'\n";
        let exceptions = Exceptions::parse(text).unwrap();
        assert_eq!(exceptions.unused().len(), 1);
        assert_eq!(exceptions.name("x", || unreachable!()), "Y");
        assert_eq!(exceptions.unused(), []);

        let problems = Exceptions::parse(&text.replace("because", " ")).unwrap_err();
        assert_eq!(problems.0[0].reason, "the row gives no reason");
        Exceptions::parse("[[name]]\nof = 1").unwrap_err();
    }
}
