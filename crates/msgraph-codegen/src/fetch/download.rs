//! One file, from wherever an earlier download stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_RANGE, RANGE};
use url::Url;

use super::Event;
use super::error::FetchError;
use crate::sources::{Source, Sum};

/// A download into a file beside the one it is for.
pub(super) struct Download<'a> {
    pub(super) client: &'a Client,
    pub(super) source: &'a Source,
    pub(super) url: Url,
    pub(super) part: &'a Path,
}

impl Download<'_> {
    /// Leaves the whole file, checked, in `part`.
    pub(super) fn run(&self, report: &mut dyn FnMut(Event<'_>)) -> Result<(), FetchError> {
        let resumed = self.attempt(report)?;
        let mut checked = self.check();
        if resumed && checked.is_err() {
            // The beginning was of something else, or of the same and damaged.
            self.discard()?;
            self.attempt(report)?;
            checked = self.check();
        }
        checked.map_err(|error| {
            // What is whole and wrong is no beginning of anything.
            self.discard().err().unwrap_or(error)
        })
    }

    /// Receives the rest of the file, and says whether there was a beginning.
    fn attempt(&self, report: &mut dyn FnMut(Event<'_>)) -> Result<bool, FetchError> {
        let held = self.held()?;
        let mut response = self.request(held)?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            // All of it is here, or more than all.
            return Ok(true);
        }
        if !response.status().is_success() {
            return Err(FetchError::status(self.source, &self.url, response.status()));
        }
        let resumed = held > 0 && continues(&response, held);
        let from = if resumed { held } else { 0 };
        report(Event::Started {
            file: &self.source.file,
            from,
            length: response.content_length().map(|rest| from + rest),
        });
        let mut file = self.open(resumed)?;
        let mut received = from;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(FetchError::interrupted(self.source, received, &error)),
            };
            file.write_all(&buffer[..count]).map_err(|error| self.disk(error))?;
            received += count as u64;
            report(Event::Received { bytes: count as u64 });
        }
        file.flush().map_err(|error| self.disk(error))?;
        Ok(resumed)
    }

    fn request(&self, held: u64) -> Result<Response, FetchError> {
        let mut request = self.client.get(self.url.clone());
        if held > 0 {
            request = request.header(RANGE, format!("bytes={held}-"));
        }
        let response = request.send();
        response.map_err(|error| FetchError::interrupted(self.source, held, &error.without_url()))
    }

    /// How many bytes an earlier download left.
    fn held(&self) -> Result<u64, FetchError> {
        match fs::metadata(self.part) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(self.disk(error)),
        }
    }

    fn open(&self, resumed: bool) -> Result<File, FetchError> {
        let mut options = OpenOptions::new();
        match resumed {
            true => options.append(true),
            false => options.write(true).create(true).truncate(true),
        };
        options.open(self.part).map_err(|error| self.disk(error))
    }

    fn check(&self) -> Result<(), FetchError> {
        let bytes = fs::read(self.part).map_err(|error| self.disk(error))?;
        let checked = self.source.check(&Sum::of(&bytes));
        checked.map_err(|error| FetchError::Different(error.to_string()))
    }

    fn discard(&self) -> Result<(), FetchError> {
        fs::remove_file(self.part).map_err(|error| self.disk(error))
    }

    fn disk(&self, error: io::Error) -> FetchError {
        FetchError::disk(self.part, error)
    }
}

/// Whether the answer is the rest of the file from `held` on; a server may send all of it instead.
fn continues(response: &Response, held: u64) -> bool {
    let range = response
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|range| range.to_str().ok());
    response.status() == StatusCode::PARTIAL_CONTENT
        && range.is_some_and(|range| range.starts_with(&format!("bytes {held}-")))
}
