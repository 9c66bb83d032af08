//! How far an attempt has come: what is known of its fate when no answer comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::error::Sent;

/// Nothing is known: a connection that stood already may be in use.
const PLANNED: u8 = 0;
/// A connection is being made for it, and it waits for that.
const CONNECTING: u8 = 1;
/// A connection stands.
const CONNECTED: u8 = 2;
/// Its body is taken to be sent.
const DEPARTED: u8 = 3;

/// The progress of one attempt, which only goes forward.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU8>);

impl Progress {
    /// A new attempt begins.
    pub fn reset(&self) {
        self.0.store(PLANNED, Ordering::Release);
    }

    /// A connection is being made for it.
    pub fn connecting(&self) {
        self.reach(CONNECTING);
    }

    /// A connection stands, or the attempt does not wait for the new one any more.
    pub fn connected(&self) {
        self.reach(CONNECTED);
    }

    /// Its body begins to leave: before that, nobody can have acted on it.
    pub fn departed(&self) {
        self.reach(DEPARTED);
    }

    /// May the server have acted, if no answer comes? A request without a body has no moment of departure.
    pub fn sent(&self, has_body: bool) -> Sent {
        match self.0.load(Ordering::Acquire) {
            CONNECTING => Sent::No,
            DEPARTED => Sent::Maybe,
            _ if has_body => Sent::No,
            _ => Sent::Maybe,
        }
    }

    fn reach(&self, stage: u8) {
        self.0.fetch_max(stage, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_did_not_arrive_is_not_sent() {
        let progress = Progress::default();
        let sent = || (progress.sent(true), progress.sent(false));
        assert_eq!(sent(), (Sent::No, Sent::Maybe));
        progress.connecting();
        assert_eq!(sent(), (Sent::No, Sent::No));
        progress.connected();
        assert_eq!(sent(), (Sent::No, Sent::Maybe));
        progress.departed();
        progress.connecting(); // never back
        assert_eq!(sent(), (Sent::Maybe, Sent::Maybe));
        progress.reset();
        assert_eq!(sent(), (Sent::No, Sent::Maybe));
    }
}
