//! How far a long-running operation is.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::error::ODataError;

/// What the service says about a long-running operation.
///
/// Workloads differ in the words; `asyncJobStatus`, `longRunningOperation`, `teamsAsyncOperation` and their like are all
/// understood, and [`body`](Self::body) has whatever else there is.
#[derive(Clone, Debug, Default)]
pub struct OperationState {
    stage: Stage,
    body: Value,
    /// The result itself, where the service answers with it.
    result: Option<Bytes>,
    resource_location: Option<String>,
    error: Option<ODataError>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Running,
    Succeeded,
    Failed,
}

impl OperationState {
    /// The service's own word, for example `inProgress`; empty when it gave none.
    #[must_use]
    pub fn status(&self) -> &str {
        self.text("status").unwrap_or_default()
    }

    /// How much is done, from 0 to 100, if the service tells.
    #[must_use]
    pub fn percent_complete(&self) -> Option<f64> {
        ["percentageComplete", "percentComplete", "progress"]
            .iter()
            .find_map(|name| self.body.get(name)?.as_f64())
    }

    /// The identifier of what the operation has made.
    #[must_use]
    pub fn resource_id(&self) -> Option<&str> {
        self.text("resourceId").or_else(|| self.text("targetResourceId"))
    }

    /// The address of what the operation has made, as the service spells it.
    #[must_use]
    pub fn resource_location(&self) -> Option<&str> {
        let location = self.resource_location.as_deref();
        let names = ["resourceLocation", "targetResourceLocation"];
        location.or_else(|| names.iter().find_map(|name| self.text(name)))
    }

    /// Why the operation has failed.
    #[must_use]
    pub fn error(&self) -> Option<&ODataError> {
        self.error.as_ref()
    }

    /// Everything the service said.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// Whether the operation has come to an end, good or bad.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.stage != Stage::Running
    }

    /// Whether the operation has failed, or was cancelled.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.stage == Stage::Failed
    }

    /// Reads the answer of a monitor.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, bytes: &Bytes) -> Self {
        let mut state = Self {
            body: serde_json::from_slice(bytes).unwrap_or_default(),
            error: ODataError::parse(bytes),
            ..Self::default()
        };
        state.stage = match stage(state.status()) {
            Some(stage) => stage,
            None if status == StatusCode::ACCEPTED || !state.status().is_empty() => Stage::Running,
            // What has no status is what was waited for.
            None => {
                state.result = (!bytes.is_empty()).then(|| bytes.clone());
                Stage::Succeeded
            }
        };
        if state.stage == Stage::Succeeded {
            let location = headers
                .get(header::LOCATION)
                .and_then(|location| location.to_str().ok());
            state.resource_location = location.map(str::to_owned);
        }
        state
    }

    /// The end of an operation that was answered with its result at once.
    pub(super) fn finished(bytes: &Bytes) -> Self {
        Self {
            stage: Stage::Succeeded,
            body: serde_json::from_slice(bytes).unwrap_or_default(),
            result: Some(bytes.clone()),
            ..Self::default()
        }
    }

    /// The end of an operation whose result is elsewhere.
    pub(super) fn at(location: &str) -> Self {
        Self {
            stage: Stage::Succeeded,
            resource_location: Some(location.to_owned()),
            ..Self::default()
        }
    }

    pub(super) fn result(&self) -> Option<&[u8]> {
        self.result.as_deref()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }
}

/// What the word of a workload means; none when it is still at work, or unknown.
fn stage(status: &str) -> Option<Stage> {
    const SUCCEEDED: [&str; 4] = ["succeeded", "completed", "partiallySucceeded", "skipped"];
    const FAILED: [&str; 6] = [
        "failed",
        "deleteFailed",
        "submissionFailed",
        "cancelled",
        "canceled",
        "invalid",
    ];
    let is = |word: &&str| word.eq_ignore_ascii_case(status);
    if SUCCEEDED.iter().any(is) {
        Some(Stage::Succeeded)
    } else if FAILED.iter().any(is) {
        Some(Stage::Failed)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_is_read_in_the_words_of_every_workload() {
        for (code, body, stage) in [
            (
                202,
                r#"{"status":"inProgress","percentageComplete":27.8}"#,
                Stage::Running,
            ),
            (200, r#"{"status":"notStarted"}"#, Stage::Running),
            (200, r#"{"status":"somethingNew"}"#, Stage::Running),
            (202, "", Stage::Running),
            (200, r#"{"status":"completed","resourceId":"1"}"#, Stage::Succeeded),
            (202, r#"{"status":"Completed"}"#, Stage::Succeeded),
            (200, r#"{"status":"partiallySucceeded"}"#, Stage::Succeeded),
            (200, r#"{"id":"1"}"#, Stage::Succeeded),
            (204, "", Stage::Succeeded),
            (
                200,
                r#"{"status":"failed","error":{"code":"x","message":"no"}}"#,
                Stage::Failed,
            ),
            (200, r#"{"status":"deleteFailed"}"#, Stage::Failed),
        ] {
            let status = StatusCode::from_u16(code).unwrap();
            let state = OperationState::read(status, &HeaderMap::new(), &Bytes::from_static(body.as_bytes()));
            assert_eq!(state.stage, stage, "{code} {body}");
            assert_eq!(state.error().is_some(), body.contains("error"));
        }
    }
}
