//! Downloads from a server on this machine.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::{Event, FetchError, fetch};
use crate::sources::Sum;

const COMMIT: &str = "0123456789012345678901234567890123456789";
const ADDRESS: &str = "/microsoftgraph/metadata/0123456789012345678901234567890123456789/schemas/global.csdl";

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default)]
struct Manners {
    /// It understands `Range`.
    ranges: bool,
    /// It breaks off when it has sent so much.
    breaks_after: Option<usize>,
    status: Option<StatusCode>,
}

/// A server that runs until it is dropped.
struct Server {
    told: Arc<Told>,
    address: SocketAddr,
    _runtime: Runtime,
}

/// What a test and the server tell each other.
struct Told {
    content: Bytes,
    manners: Mutex<Manners>,
    /// The `Range` of every request.
    ranges: Mutex<Vec<Option<String>>>,
}

impl Server {
    fn start(content: &[u8]) -> Result<Self> {
        let told = Arc::new(Told {
            content: Bytes::copy_from_slice(content),
            manners: Mutex::default(),
            ranges: Mutex::default(),
        });
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let router = axum::Router::new().fallback(answer).with_state(told.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            told,
            address,
            _runtime: runtime,
        })
    }

    fn behave(&self, manners: Manners) -> Result<()> {
        *self.told.manners.lock().ok().context("manners")? = manners;
        Ok(())
    }

    fn ranges(&self) -> Vec<Option<String>> {
        let ranges = self.told.ranges.lock();
        ranges
            .map(|mut ranges| std::mem::take(&mut *ranges))
            .unwrap_or_default()
    }
}

async fn answer(State(told): State<Arc<Told>>, request: Request) -> Result<Response<Body>, StatusCode> {
    let manners = *told.manners.lock().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let range = range(request.headers());
    if let Ok(mut ranges) = told.ranges.lock() {
        ranges.push(range.clone());
    }
    if request.uri().path() != ADDRESS {
        return Err(StatusCode::NOT_FOUND);
    }
    if let Some(status) = manners.status {
        return Err(status);
    }
    let all = told.content.len();
    let from = range.filter(|_| manners.ranges);
    let from: usize = from
        .and_then(|range| range.trim_end_matches('-').parse().ok())
        .unwrap_or(0);
    if from >= all {
        return Err(StatusCode::RANGE_NOT_SATISFIABLE);
    }
    let mut response = Response::builder().header(header::CONTENT_LENGTH, all - from);
    if from > 0 {
        let range = format!("bytes {from}-{}/{all}", all - 1);
        response = response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, range);
    }
    let rest = told.content.slice(from..);
    let body = match manners.breaks_after {
        None => Body::from(rest),
        Some(length) => {
            let first = rest.slice(..length.min(rest.len()));
            let first = stream::iter([Ok(first)]);
            let broken = stream::once(async {
                // The server sends what it has when it has to wait.
                tokio::task::yield_now().await;
                Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
            });
            Body::from_stream(first.chain(broken))
        }
    };
    response.body(body).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn range(headers: &HeaderMap) -> Option<String> {
    let range = headers.get(header::RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes=").map(str::to_owned)
}

/// A folder with a `sources.toml` that pins one file, and a place for it.
struct Place {
    folder: TempDir,
    server: Server,
}

const CONTENT: &[u8] = &[b'<'; 300_000];

impl Place {
    fn new() -> Result<Self> {
        let place = Self {
            folder: TempDir::new()?,
            server: Server::start(CONTENT)?,
        };
        place.pin(&Sum::of(CONTENT))?;
        Ok(place)
    }

    fn pin(&self, sum: &Sum) -> Result<()> {
        let source = format!(
            "[[source]]\nrole = \"schema\"\nfile = \"global.csdl\"\nclouds = [\"Global\"]\ncommit = \"{COMMIT}\"\n\
             repository = \"https://github.com/microsoftgraph/metadata\"\npath = \"schemas/global.csdl\"\nsha256 = \"{sum}\"\n"
        );
        Ok(std::fs::write(self.folder.path().join("sources.toml"), source)?)
    }

    fn fetch(&self) -> Result<Vec<String>, FetchError> {
        let mut events = Vec::new();
        let mut received = 0;
        let mut report = |event: Event<'_>| match event {
            Event::Received { bytes } => received += bytes,
            Event::Kept { .. } => events.push("kept".to_owned()),
            Event::Started { from, length, .. } => events.push(format!("{from} of {length:?}")),
            Event::Placed { .. } => events.push("placed".to_owned()),
        };
        let host = format!("http://{}", self.server.address);
        fetch(self.folder.path(), &self.metadata(), &host, &mut report)?;
        if received > 0 {
            events.push(format!("{received} received"));
        }
        Ok(events)
    }

    fn metadata(&self) -> std::path::PathBuf {
        self.folder.path().join("metadata")
    }

    /// The files in the folder and their lengths; the kept beginning is called `part`.
    fn files(&self) -> Result<BTreeMap<String, u64>> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(self.metadata())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let name = if name.ends_with(".part") {
                "part".to_owned()
            } else {
                name
            };
            files.insert(name, entry.metadata()?.len());
        }
        Ok(files)
    }

    fn has_only(&self, files: &[(&str, u64)]) -> Result<()> {
        let expected: BTreeMap<String, u64> = files
            .iter()
            .map(|(name, length)| ((*name).to_owned(), *length))
            .collect();
        assert_eq!(self.files()?, expected);
        Ok(())
    }

    fn break_off(&self, manners: Manners) -> Result<String> {
        self.server.behave(Manners {
            breaks_after: Some(100_000),
            ..manners
        })?;
        let error = self.fetch().err().context("it breaks off")?;
        self.server.behave(manners)?;
        Ok(error.to_string())
    }
}

const RANGES: Manners = Manners {
    ranges: true,
    breaks_after: None,
    status: None,
};

#[test]
fn a_missing_file_is_downloaded_and_a_whole_one_is_kept() -> Result<()> {
    let place = Place::new()?;
    assert_eq!(place.fetch()?, ["0 of Some(300000)", "placed", "300000 received"]);
    assert_eq!(std::fs::read(place.metadata().join("global.csdl"))?, CONTENT);
    assert_eq!(place.server.ranges(), [None]);
    assert_eq!(place.fetch()?, ["kept"]);
    assert!(place.server.ranges().is_empty(), "nothing was asked for");
    Ok(())
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() -> Result<()> {
    let place = Place::new()?;
    let error = place.break_off(RANGES)?;
    assert!(error.contains("global.csdl broke off after 100000 bytes"), "{error}");
    place.has_only(&[("part", 100_000)])?;
    assert_eq!(place.fetch()?, ["100000 of Some(300000)", "placed", "200000 received"]);
    assert_eq!(place.server.ranges(), [None, Some("100000-".to_owned())]);
    assert_eq!(std::fs::read(place.metadata().join("global.csdl"))?, CONTENT);
    place.has_only(&[("global.csdl", 300_000)])
}

#[test]
fn a_server_without_ranges_sends_everything_again() -> Result<()> {
    let place = Place::new()?;
    place.break_off(Manners::default())?;
    assert_eq!(place.fetch()?, ["0 of Some(300000)", "placed", "300000 received"]);
    place.has_only(&[("global.csdl", 300_000)])
}

#[test]
fn a_beginning_of_something_else_is_discarded() -> Result<()> {
    for (length, expected) in [
        (
            5,
            &["5 of Some(300000)", "0 of Some(300000)", "placed", "599995 received"][..],
        ),
        (300_000, &["0 of Some(300000)", "placed", "300000 received"]),
        (300_001, &["0 of Some(300000)", "placed", "300000 received"]),
    ] {
        let place = Place::new()?;
        place.server.behave(RANGES)?;
        let part = format!("global.csdl.{}.part", Sum::of(CONTENT).short());
        std::fs::create_dir_all(place.metadata())?;
        std::fs::write(place.metadata().join(part), vec![b'?'; length])?;
        assert_eq!(place.fetch()?, expected, "{length} bytes");
        assert_eq!(std::fs::read(place.metadata().join("global.csdl"))?, CONTENT);
    }
    Ok(())
}

#[test]
fn a_whole_download_that_was_not_put_in_place_is() -> Result<()> {
    let place = Place::new()?;
    place.server.behave(RANGES)?;
    let part = format!("global.csdl.{}.part", Sum::of(CONTENT).short());
    std::fs::create_dir_all(place.metadata())?;
    std::fs::write(place.metadata().join(part), CONTENT)?;
    assert_eq!(place.fetch()?, ["placed"]);
    place.has_only(&[("global.csdl", 300_000)])
}

#[test]
fn a_wrong_sum_names_both_sums_and_leaves_the_old_file() -> Result<()> {
    let place = Place::new()?;
    place.fetch()?;
    let wanted = Sum::of(b"another version");
    place.pin(&wanted)?;
    let error = place.fetch().err().context("the sum is wrong")?.to_string();
    for part in ["global.csdl", &wanted.to_string(), &Sum::of(CONTENT).to_string()] {
        assert!(error.contains(part), "{error}");
    }
    place.has_only(&[("global.csdl", 300_000)])
}

#[test]
fn a_file_of_an_older_pin_is_replaced_only_by_a_whole_new_one() -> Result<()> {
    let place = Place::new()?;
    std::fs::create_dir_all(place.metadata())?;
    std::fs::write(place.metadata().join("global.csdl"), "old")?;
    place.break_off(RANGES)?;
    place.has_only(&[("global.csdl", 3), ("part", 100_000)])?;
    place.fetch()?;
    place.has_only(&[("global.csdl", 300_000)])
}

#[test]
fn an_unknown_file_is_named_by_repository_commit_and_path() -> Result<()> {
    let place = Place::new()?;
    place.server.behave(Manners {
        status: Some(StatusCode::NOT_FOUND),
        ..RANGES
    })?;
    let error = place.fetch().err().context("it is not there")?.to_string();
    for part in [
        "https://github.com/microsoftgraph/metadata",
        COMMIT,
        "schemas/global.csdl",
    ] {
        assert!(error.contains(part), "{error}");
    }
    place.has_only(&[])
}

#[test]
fn a_refusal_is_told_with_its_status() -> Result<()> {
    let place = Place::new()?;
    place.server.behave(Manners {
        status: Some(StatusCode::SERVICE_UNAVAILABLE),
        ..RANGES
    })?;
    let error = place.fetch().err().context("it refuses")?.to_string();
    assert!(error.contains("503"), "{error}");
    Ok(())
}

#[test]
fn a_server_that_is_not_there_is_an_error() -> Result<()> {
    let place = Place::new()?;
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let host = format!("http://{free}");
    let error = fetch(place.folder.path(), &place.metadata(), &host, &mut |_| {});
    let error = error.err().context("nobody answers")?.to_string();
    assert!(error.starts_with("global.csdl cannot be downloaded"), "{error}");
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_as_such() -> Result<()> {
    let place = Place::new()?;
    let part = format!("global.csdl.{}.part", Sum::of(CONTENT).short());
    std::fs::create_dir_all(place.metadata())?;
    std::os::unix::fs::symlink(Path::new("/dev/full"), place.metadata().join(part))?;
    let error = place.fetch().err().context("nothing can be written")?.to_string();
    assert!(error.starts_with("the disk is full"), "{error}");
    Ok(())
}
