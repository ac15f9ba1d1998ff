//! The parameters of a request to the token service.

use std::collections::BTreeMap;

use axum::http::HeaderMap;

use super::refusal::Refusal;
use crate::exchange::{FORM, media_type};

/// The fields of a form body or of a query; empty for a body of another type.
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let is_form = media_type(headers).eq_ignore_ascii_case(FORM);
        if is_form {
            Self::parse(body)
        } else {
            Self(BTreeMap::new())
        }
    }

    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// A field that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(crate) fn require(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }
}
