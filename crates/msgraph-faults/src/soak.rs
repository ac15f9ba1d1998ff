//! Many calls to a service that misbehaves at random, and what became of them.
//!
//! The service keeps a ledger of what it has done. Every call is compared with it: a call that is reported as a success must
//! have been applied, one that is reported as surely not applied must not have been, and one that is not idempotent must
//! have been applied at most once.

mod fault;

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use msgraph_core::credential::{AccessToken, Credential, Obtaining, TokenRequest};
use msgraph_core::odata::Value;
use msgraph_core::{Client, Cloud, CloudSet, CustomCloud, Method, Operation, Path, Permissions, Request, RetryPolicy};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{FaultServer, Received, Reply};
use fault::{Effect, Fault};

/// The header that tells the service which call a request belongs to.
const CALL: &str = "x-call";

/// How long an attempt may take; slower than everything but the faults that are meant to be.
const TIMEOUT: Duration = Duration::from_millis(500);

static READ: Operation = operation(Method::Get);
static CREATE: Operation = operation(Method::Post);
static CHANGE: Operation = operation(Method::Patch);
static REPLACE: Operation = operation(Method::Put);
static REMOVE: Operation = operation(Method::Delete);

const fn operation(method: Method) -> Operation {
    Operation {
        method,
        path: "/things/{thing-id}",
        clouds: CloudSet::ALL,
        permissions: &Permissions::UNKNOWN,
        documentation: None,
    }
}

/// What became of all calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Calls that were made.
    pub calls: usize,
    /// Times that the service misbehaved.
    pub faults: usize,
    /// Calls that failed and are reported as possibly applied.
    pub unknown: usize,
    /// Calls that failed and are reported as not applied.
    pub refused: usize,
    /// Calls that are reported as applied but were not, or as not applied but were.
    pub lost: usize,
    /// Calls that are not idempotent and were applied more than once.
    pub doubled: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            calls,
            faults,
            unknown,
            refused,
            lost,
            doubled,
        } = self;
        writeln!(f, "reported as unknown: {unknown}, as not applied: {refused}")?;
        write!(f, "calls={calls} faults={faults} lost={lost} doubled={doubled}")
    }
}

/// Makes `calls` calls, `at_once` at a time, to a service of which every twentieth answer is a fault; `seed` decides which.
///
/// # Errors
/// When there is no free port, or a worker panics.
pub async fn run(calls: usize, at_once: usize, seed: u64) -> Result<Report, Box<dyn Error + Send + Sync>> {
    let ledger = Arc::new(Ledger::new(calls, seed));
    let server = FaultServer::start({
        let ledger = Arc::clone(&ledger);
        move |received| ledger.answer(received)
    })
    .await?;
    *locked(&ledger.server) = Some(server.clone());
    let cloud = CustomCloud::new(&server.url(), &server.url())?;
    let client = Client::builder()
        .cloud(Cloud::Custom(cloud))
        .credential(AnyToken)
        .timeout(TIMEOUT)
        .retry(
            RetryPolicy::default()
                .attempts(8)
                .backoff(Duration::from_millis(1), Duration::from_millis(20)),
        )
        .build()?;

    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..at_once.max(1) {
        workers.spawn(work(client.clone(), Arc::clone(&next), calls));
    }
    let mut claims = vec![Claim::Applied; calls];
    while let Some(made) = workers.join_next().await {
        for (call, claim) in made? {
            claims[call] = claim;
        }
    }
    // What the client has given up may still be on its way.
    tokio::time::sleep(TIMEOUT).await;
    Ok(ledger.compare(&claims))
}

/// What a call is reported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Applied,
    NotApplied,
    Unknown,
}

async fn work(client: Client, next: Arc<AtomicUsize>, calls: usize) -> Vec<(usize, Claim)> {
    let mut made = Vec::new();
    loop {
        let call = next.fetch_add(1, Ordering::Relaxed);
        if call >= calls {
            return made;
        }
        let claim = match request(&client, call).await {
            Ok(_) => Claim::Applied,
            Err(error) if error.may_have_been_applied() => Claim::Unknown,
            Err(_) => Claim::NotApplied,
        };
        made.push((call, claim));
    }
}

fn request(client: &Client, call: usize) -> Request<Value> {
    let path = Path::root(client, "things").key(call);
    let body = json!({"displayName": format!("thing {call}")});
    let request = match kind(call) {
        Kind::Read => path.request(&READ),
        Kind::Create => path.request_json(&CREATE, &body),
        Kind::Change => path.request_json(&CHANGE, &body),
        Kind::Replace => path.request_json(&REPLACE, &body),
        Kind::Remove => path.request(&REMOVE),
    };
    request.header(CALL, &call.to_string())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    Create,
    Change,
    Replace,
    Remove,
}

/// More than half of the calls are not idempotent.
fn kind(call: usize) -> Kind {
    match call % 10 {
        0..4 => Kind::Create,
        4 | 5 => Kind::Change,
        6 => Kind::Replace,
        7 => Kind::Remove,
        _ => Kind::Read,
    }
}

/// What the service has done.
struct Ledger {
    applied: Vec<AtomicUsize>,
    faults: AtomicUsize,
    chance: Mutex<fastrand::Rng>,
    server: Mutex<Option<FaultServer>>,
}

impl Ledger {
    fn new(calls: usize, seed: u64) -> Self {
        Self {
            applied: std::iter::repeat_with(AtomicUsize::default).take(calls).collect(),
            faults: AtomicUsize::new(0),
            chance: Mutex::new(fastrand::Rng::with_seed(seed)),
            server: Mutex::new(None),
        }
    }

    fn answer(&self, received: &Received) -> Reply {
        let good = Reply::new(200).body(r#"{"id":"1","displayName":"thing"}"#);
        let call = received.header(CALL).and_then(|call| call.parse::<usize>().ok());
        let Some(applied) = call.and_then(|call| self.applied.get(call)) else {
            return Reply::new(400);
        };
        let apply = || {
            if received.method != "GET" {
                applied.fetch_add(1, Ordering::Relaxed);
            }
        };
        let mut chance = locked(&self.chance);
        if chance.u8(0..20) > 0 {
            apply();
            return good;
        }
        self.faults.fetch_add(1, Ordering::Relaxed);
        let fault = Fault::any(&mut chance);
        match fault.effect {
            Effect::Applied => apply(),
            Effect::Either if chance.bool() => apply(),
            Effect::Either | Effect::NotApplied => {}
        }
        if let Some(server) = &*locked(&self.server) {
            (fault.prepare)(server);
        }
        (fault.reply)(good)
    }

    fn compare(&self, claims: &[Claim]) -> Report {
        let mut report = Report {
            calls: claims.len(),
            faults: self.faults.load(Ordering::Relaxed),
            ..Report::default()
        };
        for (call, (claim, applied)) in claims.iter().zip(&self.applied).enumerate() {
            let (kind, applied) = (kind(call), applied.load(Ordering::Relaxed));
            let is_once_only = matches!(kind, Kind::Create | Kind::Change);
            report.unknown += usize::from(*claim == Claim::Unknown);
            report.refused += usize::from(*claim == Claim::NotApplied);
            report.doubled += usize::from(is_once_only && applied > 1);
            report.lost += usize::from(match claim {
                Claim::Applied => kind != Kind::Read && applied == 0,
                Claim::NotApplied => applied > 0,
                Claim::Unknown => false,
            });
        }
        report
    }
}

/// Has a token for whoever asks, with any claims.
#[derive(Debug)]
struct AnyToken;

impl Credential for AnyToken {
    fn token<'a>(&'a self, _request: TokenRequest<'a>) -> Obtaining<'a> {
        let token = AccessToken::new("token", SystemTime::now() + Duration::from_secs(3600));
        Box::pin(std::future::ready(Ok(token)))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the ledger says about one call of this kind that was applied so often.
    fn verdict(call: usize, applied: usize, claim: Claim) -> (usize, usize) {
        let ledger = Ledger::new(call + 1, 0);
        let mut claims = vec![Claim::Unknown; call + 1];
        claims[call] = claim;
        ledger.applied[call].store(applied, Ordering::Relaxed);
        let report = ledger.compare(&claims);
        (report.lost, report.doubled)
    }

    #[test]
    fn ledger_finds_what_is_lost_and_what_is_doubled() {
        let (create, replace, read) = (0, 6, 8);
        for (call, applied, claim, lost, doubled) in [
            (create, 1, Claim::Applied, 0, 0),
            (create, 0, Claim::Applied, 1, 0),
            (create, 2, Claim::Applied, 0, 1),
            (create, 0, Claim::NotApplied, 0, 0),
            (create, 1, Claim::NotApplied, 1, 0),
            (create, 0, Claim::Unknown, 0, 0),
            (create, 1, Claim::Unknown, 0, 0),
            (create, 2, Claim::Unknown, 0, 1),
            (replace, 3, Claim::Applied, 0, 0),
            (replace, 0, Claim::Applied, 1, 0),
            (replace, 1, Claim::NotApplied, 1, 0),
            (read, 0, Claim::Applied, 0, 0),
        ] {
            assert_eq!(
                verdict(call, applied, claim),
                (lost, doubled),
                "{call} {applied} {claim:?}"
            );
        }
    }
}
