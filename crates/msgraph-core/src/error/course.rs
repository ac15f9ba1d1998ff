//! Failures of what takes several requests.

use std::fmt;

/// Why an exchange of several requests came to nothing although each of them was answered.
#[derive(Clone)]
pub(crate) enum Course {
    /// The last page of a delta query says neither where to go on nor where to come back.
    NoDeltaLink,
    /// Another request of the batch had to succeed first.
    FailedDependency,
    /// A ticket was shown to the answers of another batch.
    OtherBatch,
}

impl Course {
    pub(crate) fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        None
    }
}

impl fmt::Display for Course {
    /// Continues "the request ".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FailedDependency => f.write_str("was not sent, because a request that it depends on has failed"),
            Self::OtherBatch => f.write_str("has no answer here: its ticket is of another batch"),
            Self::NoDeltaLink => {
                f.write_str("reported changes, but its last page has no delta link to ask for later ones")
            }
        }
    }
}
