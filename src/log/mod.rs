//! What gcrec tells of its work.
//!
//! Everywhere in the crate that is an event of `tracing`, with the name of a Python logger as its target:
//! `tracing::warn!(target: "gcrec.pause", seconds, "the pause lasts long")`. Fields become attributes of the record. What
//! happens to events is decided by who listens: in Python, `src/python/log/`. An event names no secret, no conversation
//! and no caller, and repeats no word of a server's.

mod attempt;
mod queue;
mod record;

use std::time::Duration;

pub(crate) use attempt::Attempt;
pub use queue::{CAPACITY, Queue, Taken};
pub use record::{Record, Value};

use crate::error::Error;

/// All targets, and so all loggers; the first is the parent of the others. Whoever adds one adds it here: its level is
/// asked for by name.
pub const TARGETS: [&str; 9] = [
    "gcrec",
    "gcrec.http",
    "gcrec.auth",
    "gcrec.limit",
    "gcrec.ensure",
    "gcrec.pause",
    "gcrec.bulk",
    "gcrec.journal",
    "gcrec.events",
];

/// A region is spoken to on the tutorial's wire.
pub(crate) fn wrong_wire(host: &str) {
    tracing::warn!(target: "gcrec", "{host} is a region of Genesys Cloud: the endpoints of api=\"events\" are not in \
        its published API, which api=\"platform\" speaks");
}

/// A new token came.
pub(crate) fn renewed(life: Option<Duration>) {
    if let Some(expires_in) = life.map(|life| life.as_secs()) {
        tracing::info!(target: "gcrec.auth", expires_in, "a new access token, good for {expires_in} s");
    } else {
        tracing::info!(target: "gcrec.auth", "a new access token");
    }
}

/// No new token came. What the server said of it may hold anything, and is in the error that the call raises.
pub(crate) fn not_renewed(error: &Error, old_is_good: bool) {
    let (kind, status_code) = (error.kind().name(), error.status_code());
    let then = if old_is_good { "the old one is used on" } else { "there is none to go on with" };
    tracing::warn!(target: "gcrec.auth", kind, status_code, "the access token could not be renewed ({kind}): {then}");
}
