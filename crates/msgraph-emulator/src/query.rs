//! OData's system query options, as far as these resources take them.

use serde_json::Value;

use crate::{
    error::GraphError,
    path::parse_string_literal,
    schema::{EntityType, Shape},
    store::Document,
};

/// Objects on a page when the client does not say.
pub(crate) const DEFAULT_PAGE: usize = 100;
/// Objects on a page at most.
const MAX_PAGE: usize = 999;

/// The query options of one request.
pub(crate) struct Query {
    /// The properties to return, as the client spelled them.
    pub(crate) select: Option<Vec<String>>,
    filter: Option<Filter>,
    /// Objects on a page, when the client says.
    pub(crate) top: Option<usize>,
    /// The ordinal after which the page begins.
    pub(crate) after: u64,
    /// Whether `$count=true` was asked for.
    pub(crate) count: bool,
    /// Everything but `$skiptoken`, in the client's spelling: the next link repeats it.
    repeated: String,
}

struct Filter {
    property: String,
    value: String,
}

impl Query {
    /// Reads the raw query of a URL.
    ///
    /// A `+` is a space here, as it is to the service: a client that does not encode a plus sign finds out.
    pub(crate) fn parse(raw: &str, entity: &EntityType) -> Result<Self, GraphError> {
        let mut query = Self {
            select: None,
            filter: None,
            top: None,
            after: 0,
            count: false,
            repeated: String::new(),
        };
        let mut seen: Vec<String> = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
            let name = name.to_ascii_lowercase();
            if name.starts_with('$') && seen.contains(&name) {
                return Err(GraphError::bad_request(format!(
                    "Query option '{name}' was specified more than once."
                )));
            }
            match name.as_str() {
                "$select" => query.select = Some(parse_select(&value, entity)?),
                "$filter" => query.filter = Some(parse_filter(&value, entity)?),
                "$top" => query.top = Some(parse_top(&value)?),
                "$count" => query.count = parse_count(&value)?,
                "$skiptoken" => query.after = parse_skip_token(&value)?,
                "$expand" | "$orderby" | "$search" | "$skip" | "$format" | "$apply" | "$compute" => {
                    return Err(GraphError::unsupported_query(format!(
                        "This emulator does not take {name} on {}s.",
                        entity.name
                    )));
                }
                _ if name.starts_with('$') => {
                    return Err(GraphError::bad_request(format!(
                        "'{name}' is not an OData query option."
                    )));
                }
                _ => {}
            }
            if name != "$skiptoken" {
                query.repeated.push_str(pair);
                query.repeated.push('&');
            }
            seen.push(name);
        }
        Ok(query)
    }

    /// Whether `$filter` lets the object through.
    pub(crate) fn admits(&self, document: &Document) -> bool {
        self.filter.as_ref().is_none_or(|filter| {
            document
                .get(&filter.property)
                .and_then(Value::as_str)
                .is_some_and(|value| same_text(value, &filter.value))
        })
    }

    /// Whether an option was given that makes sense for a collection only.
    pub(crate) fn is_for_collections(&self) -> bool {
        self.filter.is_some() || self.count || self.after > 0 || self.top.is_some()
    }

    /// The query of the page that begins after `ordinal`.
    pub(crate) fn next_page(&self, ordinal: u64) -> String {
        format!("{}$skiptoken=after-{ordinal}", self.repeated)
    }

    /// The property list that a context URL carries: `(appId,displayName)`, or nothing without `$select`.
    pub(crate) fn projection(&self) -> String {
        self.select
            .as_ref()
            .map(|names| format!("({})", names.join(",")))
            .unwrap_or_default()
    }
}

/// The directory compares text without regard to case.
fn same_text(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

fn parse_select(value: &str, entity: &EntityType) -> Result<Vec<String>, GraphError> {
    value
        .split(',')
        .map(|name| {
            let name = name.trim();
            entity.shape(name).map(|_| name.to_owned()).ok_or_else(|| {
                GraphError::bad_request(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                    entity.name
                ))
            })
        })
        .collect()
}

fn parse_filter(value: &str, entity: &EntityType) -> Result<Filter, GraphError> {
    let comparison = value
        .trim()
        .split_once(" eq ")
        .and_then(|(property, literal)| Some((property.trim().to_owned(), parse_string_literal(literal.trim())?)));
    let Some((property, value)) = comparison else {
        return Err(GraphError::unsupported_query(format!(
            "This emulator filters by <property> eq '<text>' only, with quotes inside the text doubled; it was given: {value}"
        )));
    };
    match entity.shape(&property) {
        Some(Shape::Text | Shape::Guid) => Ok(Filter { property, value }),
        Some(_) => Err(GraphError::unsupported_query(format!(
            "'{property}' cannot be compared with a string."
        ))),
        None => Err(GraphError::bad_request(format!(
            "Could not find a property named '{property}' on type 'microsoft.graph.{}'.",
            entity.name
        ))),
    }
}

fn parse_top(value: &str) -> Result<usize, GraphError> {
    value
        .parse()
        .ok()
        .filter(|top| (1..=MAX_PAGE).contains(top))
        .ok_or_else(|| {
            GraphError::bad_request(format!(
                "Invalid page size specified: '{value}'. Must be between 1 and {MAX_PAGE} inclusive."
            ))
        })
}

fn parse_count(value: &str) -> Result<bool, GraphError> {
    value
        .parse()
        .map_err(|_| GraphError::bad_request(format!("$count is true or false, not '{value}'.")))
}

fn parse_skip_token(value: &str) -> Result<u64, GraphError> {
    value
        .strip_prefix("after-")
        .and_then(|ordinal| ordinal.parse().ok())
        .ok_or_else(|| GraphError::bad_request("The $skiptoken is not one that this service issued."))
}
