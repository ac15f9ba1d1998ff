//! Objects that the service does not know yet, because they are new.

use std::time::Duration;

use http::StatusCode;

use crate::RetryPolicy;
use crate::error::ODataError;

/// The longest wait, short beside the minutes that a change may take.
const LONGEST: Duration = Duration::from_secs(10);

/// Codes of a 400 that say that an object which the request refers to does not exist
/// ([error codes of the directory](https://learn.microsoft.com/graph/errors)).
const MISSING: [&str; 3] = [
    "NoBackingApplicationObject",
    "Request_ResourceNotFound",
    "ResourceNotFound",
];

/// Whether the service refuses a request because an object does not exist.
pub(crate) fn is_missing(status: StatusCode, body: &[u8]) -> bool {
    match status {
        StatusCode::NOT_FOUND => true,
        StatusCode::BAD_REQUEST => ODataError::parse(body).is_some_and(|error| {
            let details = error.details.iter().map(|detail| detail.code.as_str());
            error.codes().chain(details).any(|code| MISSING.contains(&code))
        }),
        _ => false,
    }
}

/// How long to wait after the object was missed so many times.
pub(crate) fn wait(missed: u32, chance: f64) -> Duration {
    RetryPolicy::default()
        .backoff(Duration::from_secs(1), LONGEST)
        .backoff_after(missed, chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_objects_are_told_from_other_refusals() {
        for (status, body, expected) in [
            (404, "", true),
            (404, r#"{"error":{"code":"Anything"}}"#, true),
            (400, r#"{"error":{"code":"NoBackingApplicationObject"}}"#, true),
            (
                400,
                r#"{"error":{"code":"Request_BadRequest","details":[{"code":"NoBackingApplicationObject"}]}}"#,
                true,
            ),
            (
                400,
                r#"{"error":{"code":"Request_BadRequest","innerError":{"code":"ResourceNotFound"}}}"#,
                true,
            ),
            (400, r#"{"error":{"code":"Request_BadRequest"}}"#, false),
            (400, "NoBackingApplicationObject", false),
            (403, r#"{"error":{"code":"NoBackingApplicationObject"}}"#, false),
            (410, "", false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(is_missing(status, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn waits_grow_up_to_ten_seconds() {
        let waits = [1, 2, 3, 4, 5, 50].map(|missed| wait(missed, 1.0).as_secs());
        assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
    }
}
