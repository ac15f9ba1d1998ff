//! The operations that Microsoft's documentation has, and the page of each.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};

use super::outcome::Method;

/// Documented operations.
#[derive(Debug, Default)]
pub(crate) struct Documentation {
    /// Method, path and page.
    pub(crate) rows: Vec<(Method, String, String)>,
}

impl Documentation {
    /// Reads lines of method, path and page name, parted by tabs.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut documentation = Self::default();
        for line in text.lines() {
            let mut parts = line.split('\t');
            let mut part = || {
                parts
                    .next()
                    .filter(|part| !part.is_empty())
                    .with_context(|| format!("incomplete: {line}"))
            };
            let method = Method::from_name(part()?).with_context(|| format!("no such method: {line}"))?;
            documentation
                .rows
                .push((method, part()?.to_owned(), part()?.to_owned()));
            ensure!(parts.next().is_none(), "too many parts: {line}");
        }
        Ok(documentation)
    }
}

/// Pages by what they describe; a page of one path serves all paths to the same member when the pages agree.
#[derive(Debug, Default)]
pub(crate) struct Pages<'a> {
    by_path: BTreeMap<(String, Method), &'a str>,
    by_semantic: BTreeMap<String, Option<&'a str>>,
}

impl<'a> Pages<'a> {
    pub(crate) fn add(&mut self, path: &str, method: Method, semantic: &str, page: &'a str) {
        self.by_path.insert((path.to_owned(), method), page);
        let known = self.by_semantic.entry(semantic.to_owned()).or_insert(Some(page));
        if *known != Some(page) {
            *known = None;
        }
    }

    pub(crate) fn page(&self, path: &str, method: Method, semantic: &str) -> Option<&'a str> {
        let exact = self.by_path.get(&(path.to_owned(), method)).copied();
        exact.or_else(|| self.by_semantic.get(semantic).copied().flatten())
    }
}
