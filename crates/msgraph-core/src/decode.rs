//! What an answer is read as.

use std::collections::HashMap;
use std::marker::PhantomData;

use bytes::Bytes;
use http::header;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::Content;
use crate::error::Result;
use crate::odata::{Object, Page, Props, Value};
use crate::response::Response;

const JSON: &str = "application/json";

/// How the answer to a request is read: the type parameter of a [`Request`](crate::Request).
///
/// Implemented for the bodies of Graph: entities ([`Object`]), collections ([`Page`]), nothing (`()`), files and photos
/// ([`Content`]), single values ([`Scalar`]), numbers of items ([`Count`]), any JSON ([`Value`]), and for answers that
/// may be empty (`Option`).
pub trait Decode: Send + 'static {
    /// What a request gives.
    type Output: Send + 'static;

    /// The media type to ask for.
    fn accept() -> &'static str {
        JSON
    }

    /// Reads a successful answer.
    ///
    /// # Errors
    /// When the answer is something else, as [`Response::undecodable`] says it.
    fn decode(response: &Response<Bytes>) -> Result<Self::Output>;
}

impl<P: Props> Decode for Object<P> {
    type Output = Self;

    fn decode(response: &Response<Bytes>) -> Result<Self> {
        json(response)
    }
}

impl<T: DeserializeOwned + Send + 'static> Decode for Page<T> {
    type Output = Self;

    fn decode(response: &Response<Bytes>) -> Result<Self> {
        json(response)
    }
}

impl Decode for () {
    type Output = ();

    fn decode(_: &Response<Bytes>) -> Result<()> {
        Ok(())
    }
}

impl Decode for Content {
    type Output = Self;

    fn accept() -> &'static str {
        "*/*"
    }

    fn decode(response: &Response<Bytes>) -> Result<Self> {
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        Ok(Self::new(
            media_type.unwrap_or("application/octet-stream"),
            response.value().clone(),
        ))
    }
}

impl Decode for Value {
    type Output = Self;

    /// Reads an empty answer as null.
    fn decode(response: &Response<Bytes>) -> Result<Self> {
        if response.value().is_empty() {
            Ok(Self::Null)
        } else {
            json(response)
        }
    }
}

/// An answer that may have no body: `None` when it is empty.
impl<D: Decode> Decode for Option<D> {
    type Output = Option<D::Output>;

    fn accept() -> &'static str {
        D::accept()
    }

    fn decode(response: &Response<Bytes>) -> Result<Self::Output> {
        if response.value().is_empty() {
            Ok(None)
        } else {
            D::decode(response).map(Some)
        }
    }
}

/// A single value, which the service wraps as `{"value": …}`; the request gives the value.
#[derive(Debug)]
pub struct Scalar<T>(PhantomData<fn() -> T>);

impl<T: DeserializeOwned + Send + 'static> Decode for Scalar<T> {
    type Output = T;

    fn decode(response: &Response<Bytes>) -> Result<T> {
        let value = member(response, "value")?;
        T::deserialize(value).map_err(|error| response.undecodable(problem(&error)))
    }
}

/// A number of items as plain text, the answer of `/$count`; the request gives the number.
#[derive(Debug)]
pub struct Count;

impl Decode for Count {
    type Output = u64;

    fn accept() -> &'static str {
        "text/plain"
    }

    fn decode(response: &Response<Bytes>) -> Result<u64> {
        // Some workloads start the text with a byte order mark.
        std::str::from_utf8(response.value())
            .ok()
            .and_then(|text| text.trim_start_matches('\u{feff}').trim().parse().ok())
            .ok_or_else(|| response.undecodable("its body is not a number"))
    }
}

fn json<T: DeserializeOwned>(response: &Response<Bytes>) -> Result<T> {
    if response.value().is_empty() {
        return Err(response.undecodable("it has no body where JSON is due"));
    }
    serde_json::from_slice(response.value()).map_err(|error| response.undecodable(problem(&error)))
}

/// The JSON text of one member of an object.
fn member<'a>(response: &'a Response<Bytes>, name: &str) -> Result<&'a RawValue> {
    let members: HashMap<String, &'a RawValue> =
        serde_json::from_slice(response.value()).map_err(|error| response.undecodable(problem(&error)))?;
    let value = members.get(name).copied();
    value.ok_or_else(|| response.undecodable(format!("its body lacks the member {name:?}")))
}

/// Says where reading failed. What it says about data quotes the data, which may be a secret.
fn problem(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => format!(
            "its body has another shape than expected (line {}, column {})",
            error.line(),
            error.column()
        ),
        _ => format!("its body is not JSON: {error}"),
    }
}
