//! The ways in which the service of a soak misbehaves.

use std::time::Duration;

use crate::{FaultServer, Reply};

/// One way to misbehave.
pub(super) struct Fault {
    pub(super) effect: Effect,
    /// What a good answer is turned into.
    pub(super) reply: fn(Reply) -> Reply,
    /// What is done to the server besides.
    pub(super) prepare: fn(&FaultServer),
}

/// Whether the request is carried out nevertheless.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    Applied,
    NotApplied,
    /// One or the other, as in a real failure.
    Either,
}

/// `{"claims":true}`
const CLAIMS: &str = "Bearer error=\"insufficient_claims\", claims=\"eyJjbGFpbXMiOnRydWV9\"";

/// Longer than any attempt of a soak may take.
const TOO_LONG: Duration = Duration::from_millis(700);

static FAULTS: [Fault; 27] = [
    // The connection.
    fault(Effect::NotApplied, |_| Reply::none()),
    fault(Effect::Applied, |_| Reply::none()),
    fault(Effect::NotApplied, |_| Reply::none().close()),
    fault(Effect::Applied, |_| Reply::none().close()),
    fault(Effect::Applied, |good| good.cut_after_head()),
    fault(Effect::Applied, |good| good.cut_after_head().reset()),
    fault(Effect::Applied, |good| good.cut_body(7)),
    fault(Effect::Applied, |good| good.cut_body(7).reset()),
    fault(Effect::Applied, |good| good.close()),
    Fault {
        prepare: |server| server.reset_connections(2),
        ..fault(Effect::Applied, |good| good.close())
    },
    Fault {
        prepare: |server| server.refuse_connections(Duration::from_millis(3)),
        ..fault(Effect::Applied, |good| good.close())
    },
    fault(Effect::Applied, |good| good.drip(20, TOO_LONG)),
    // The content.
    fault(Effect::Applied, |good| good.declared_length(1000).close()),
    fault(Effect::Applied, |good| good.declared_length(7)),
    fault(Effect::Applied, |good| good.body("{\"id\":")),
    fault(Effect::Applied, |good| good.body("<html>")),
    // The status.
    fault(Effect::NotApplied, |_| Reply::new(429)),
    fault(Effect::NotApplied, |_| Reply::new(429).header("Retry-After", "0")),
    fault(Effect::NotApplied, |_| Reply::new(503).header("Retry-After", "0")),
    fault(Effect::NotApplied, |_| Reply::new(429).header("Retry-After", "soon")),
    fault(Effect::Either, |_| Reply::new(503)),
    fault(Effect::Either, |_| Reply::new(500).body("<html>")),
    fault(Effect::Either, |_| Reply::new(502)),
    fault(Effect::Either, |_| Reply::new(504).header("Retry-After", "0")),
    fault(Effect::Either, |_| Reply::new(408)),
    fault(Effect::NotApplied, |_| {
        Reply::new(401).header("WWW-Authenticate", CLAIMS)
    }),
    fault(Effect::NotApplied, |_| Reply::new(307).header("Location", "/elsewhere")),
];

const fn fault(effect: Effect, reply: fn(Reply) -> Reply) -> Fault {
    Fault {
        effect,
        reply,
        prepare: |_| {},
    }
}

impl Fault {
    pub(super) fn any(chance: &mut fastrand::Rng) -> &'static Self {
        &FAULTS[chance.usize(..FAULTS.len())]
    }
}
