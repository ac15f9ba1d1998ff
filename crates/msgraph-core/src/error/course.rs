//! Failures of what takes several requests.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::monitor::OperationState;

/// Why an exchange of several requests came to nothing although each of them was answered.
#[derive(Clone)]
pub(crate) enum Course {
    /// The last page of a delta query says neither where to go on nor where to come back.
    NoDeltaLink,
    /// Another request of the batch had to succeed first.
    FailedDependency,
    /// What is being downloaded is no longer what it was when the download began.
    ContentChanged,
    /// What is to be uploaded cannot be read.
    Source(Arc<io::Error>),
    /// The answer to the last slice was lost, and the session is gone.
    UploadUnknown,
    /// The answer to the beginning of a long-running operation does not say where to ask for it.
    NoMonitor,
    /// A long-running operation has failed.
    OperationFailed(Box<OperationState>),
    /// A long-running operation has succeeded but does not say where its result is.
    NoResult,
    /// A ticket was shown to the answers of another batch.
    OtherBatch,
}

impl Course {
    pub(crate) fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(&**error),
            _ => None,
        }
    }
}

impl fmt::Display for Course {
    /// Continues "the request ".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FailedDependency => f.write_str("was not sent, because a request that it depends on has failed"),
            Self::ContentChanged => {
                f.write_str("broke off, and the content has changed since: download it again from its start")
            }
            Self::Source(error) => write!(f, "was not sent, because its content cannot be read: {error}"),
            Self::UploadUnknown => f.write_str(
                "got no answer to the last slice of an upload, and its session is gone, most likely because the upload is \
                 complete: look for the file before uploading it again",
            ),
            Self::NoMonitor => f.write_str("was accepted, but the answer does not say where to ask for its progress"),
            Self::OperationFailed(state) => match state.error() {
                Some(error) => write!(f, "was accepted, but later failed ({}): {error}", state.status()),
                None => write!(f, "was accepted, but later failed ({})", state.status()),
            },
            Self::NoResult => f.write_str("has succeeded, but the service does not say where the result is"),
            Self::OtherBatch => f.write_str("has no answer here: its ticket is of another batch"),
            Self::NoDeltaLink => {
                f.write_str("reported changes, but its last page has no delta link to ask for later ones")
            }
        }
    }
}
