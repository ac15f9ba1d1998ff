//! What is wrong with an input, said so that a person can mend it.

use std::fmt;

/// One thing that keeps a document from being generated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the workspace.
    pub document: String,
    /// The schema, property, path or operation inside it.
    pub place: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Problem {
    pub(crate) fn new(document: impl Into<String>, place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            document: document.into(),
            place: place.into(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.document, self.place, self.reason)
    }
}

/// Everything that was found wrong in one run, in the order of the documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Keeps the value, or notes the problem and goes on without it.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.0.push(problem)).ok()
    }

    /// The value when nothing is wrong, otherwise all problems.
    pub(crate) fn none_or<T>(mut self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort();
        self.0.dedup();
        Err(self)
    }
}

/// A terminal holds about this many lines; the count says how many are left.
const SHOWN: usize = 40;

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problem(s) in the input:", self.0.len())?;
        for problem in self.0.iter().take(SHOWN) {
            write!(f, "\n  {problem}")?;
        }
        match self.0.len().checked_sub(SHOWN) {
            Some(left @ 1..) => write!(f, "\n  and {left} more"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Problems {}
