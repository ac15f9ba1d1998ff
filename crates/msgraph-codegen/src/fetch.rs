//! Downloads the published files that `specs/sources.toml` pins.
//!
//! A file is put in place only when it is whole and has the pinned sum. What an interrupted download leaves behind is
//! kept beside it, under a name with the pinned sum, and the next run goes on from there.

mod download;
mod error;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::blocking::Client;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;
use url::Url;

use crate::sources::{Source, Sources, Sum};

use download::Download;
pub use error::FetchError;

/// Where GitHub serves files by repository, commit and path.
pub const GITHUB: &str = "https://raw.githubusercontent.com";

/// How long to wait for a connection, and for the next bytes on it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// It is there already.
    Kept {
        /// The file.
        file: &'a str,
    },
    /// Its download begins.
    Started {
        /// The file.
        file: &'a str,
        /// How many bytes an earlier download left.
        from: u64,
        /// How many bytes it has in all, when the server says so.
        length: Option<u64>,
    },
    /// More bytes arrived.
    Received {
        /// How many.
        bytes: u64,
    },
    /// It is whole, checked and in place.
    Placed {
        /// The file.
        file: &'a str,
    },
}

/// Downloads what is missing or different in the folder `metadata`.
///
/// `specs` is the folder of `sources.toml`. `host` serves the files, each under `owner/name/commit/path`; it is
/// [`GITHUB`] except in tests and behind a mirror. `report` is told what happens.
///
/// # Errors
///
/// At the first file that cannot be had: the server does not have it or breaks off, its sum is not the pinned one, or the
/// disk is full.
pub fn fetch(specs: &Path, metadata: &Path, host: &str, report: &mut dyn FnMut(Event<'_>)) -> Result<(), FetchError> {
    let sources = sources(&specs.join("sources.toml"))?;
    let client = client()?;
    fs::create_dir_all(metadata).map_err(|error| FetchError::disk(metadata, error))?;
    for source in sources.all() {
        let target = metadata.join(&source.file);
        if is_in_place(&target, source.sum())? {
            report(Event::Kept { file: &source.file });
            continue;
        }
        let part = metadata.join(format!("{}.{}.part", source.file, source.sum().short()));
        let download = Download {
            client: &client,
            source,
            url: address(host, source)?,
            part: &part,
        };
        download.run(report)?;
        fs::rename(&part, &target).map_err(|error| FetchError::disk(&target, error))?;
        report(Event::Placed { file: &source.file });
    }
    Ok(())
}

fn sources(path: &Path) -> Result<Sources, FetchError> {
    let text = fs::read_to_string(path).map_err(|error| FetchError::disk(path, error))?;
    Sources::parse(&text).map_err(|error| FetchError::Sources(format!("{error:#}")))
}

fn is_in_place(target: &Path, sum: &Sum) -> Result<bool, FetchError> {
    match fs::read(target) {
        Ok(bytes) => Ok(Sum::of(&bytes) == *sum),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FetchError::disk(target, error)),
    }
}

fn address(host: &str, source: &Source) -> Result<Url, FetchError> {
    let wrong = |what: &str| FetchError::Sources(format!("{what} of {}", source.file));
    let repository = Url::parse(&source.repository).map_err(|_| wrong("the repository is no address"))?;
    let mut url = Url::parse(host).map_err(|error| FetchError::Host(host.to_owned(), error))?;
    let parts = [repository.path(), &source.commit, &source.path];
    url.path_segments_mut()
        .map_err(|()| wrong("the host can have no path"))?
        .pop_if_empty()
        .extend(parts.iter().flat_map(|part| part.trim_matches('/').split('/')));
    Ok(url)
}

fn client() -> Result<Client, FetchError> {
    // Names the cryptography, so that neither a default of the process nor of the library decides it.
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|tls| tls.with_platform_verifier())
        .map_err(|error| FetchError::Tls(error.to_string()))?
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(PATIENCE)
        // Of the blocking client this is the limit of each wait, not of the whole download.
        .timeout(PATIENCE)
        .build()
        .map_err(|error| FetchError::Tls(error.to_string()))
}
