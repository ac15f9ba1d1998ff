//! Why a file could not be had.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use reqwest::StatusCode;
use url::Url;

use crate::sources::Source;

/// Why the metadata could not be fetched. The message says what to do.
#[derive(Debug)]
pub enum FetchError {
    /// `specs/sources.toml` cannot be used.
    Sources(String),
    /// The host is no address.
    Host(String, url::ParseError),
    /// No secure connection can be made from this machine.
    Tls(String),
    /// The server does not have the file.
    Missing {
        /// Where it should have been.
        url: Url,
        /// The repository, commit and path.
        pinned: String,
    },
    /// The server refused.
    Refused {
        /// The address.
        url: Url,
        /// What it answered.
        status: StatusCode,
    },
    /// The connection failed or broke off.
    Interrupted {
        /// The file.
        file: String,
        /// How much of it is on the disk.
        received: u64,
        /// Why.
        reason: String,
    },
    /// What arrived is not the pinned file.
    Different(String),
    /// The disk is full.
    DiskFull(PathBuf),
    /// A file cannot be read or written.
    Disk(PathBuf, io::Error),
}

impl FetchError {
    pub(crate) fn disk(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(path.to_owned()),
            _ => Self::Disk(path.to_owned(), error),
        }
    }

    pub(crate) fn status(source: &Source, url: &Url, status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Self::Missing {
                url: url.clone(),
                pinned: format!("{} in {} at commit {}", source.path, source.repository, source.commit),
            },
            status => Self::Refused {
                url: url.clone(),
                status,
            },
        }
    }

    pub(crate) fn interrupted(source: &Source, received: u64, reason: &dyn std::error::Error) -> Self {
        // The library's own message leaves out what its causes say.
        let mut text = reason.to_string();
        let mut cause = reason.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::Interrupted {
            file: source.file.clone(),
            received,
            reason: text,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources(reason) => write!(f, "cannot use specs/sources.toml: {reason}"),
            Self::Host(host, reason) => write!(f, "{host:?} is no address: {reason}"),
            Self::Tls(reason) => write!(f, "no secure connection can be made from this machine: {reason}"),
            Self::Missing { url, pinned } => write!(
                f,
                "there is no {pinned}; correct specs/sources.toml if the repository, commit or path is wrong ({url})"
            ),
            Self::Refused { url, status } => write!(f, "{url} answered {status}; try again later"),
            Self::Interrupted {
                file,
                received: 0,
                reason,
            } => write!(f, "{file} cannot be downloaded: {reason}"),
            Self::Interrupted { file, received, reason } => write!(
                f,
                "the download of {file} broke off after {received} bytes, which are kept; run the command again to go on \
                 ({reason})"
            ),
            Self::Different(reason) => {
                write!(
                    f,
                    "{reason}; nothing was replaced. Correct the sum if the pin is meant to change"
                )
            }
            Self::DiskFull(path) => write!(
                f,
                "the disk is full at {}; make room and run the command again to go on",
                path.display()
            ),
            Self::Disk(path, error) => write!(f, "cannot use {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Host(_, error) => Some(error),
            Self::Disk(_, error) => Some(error),
            _ => None,
        }
    }
}
