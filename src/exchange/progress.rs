//! How far an attempt has come: what is known of its fate when its answer does not come, or not to its end.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::Response;
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
pub struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stage: AtomicU8,
    /// The head of an answer that is no success.
    refusal: Mutex<Option<(StatusCode, HeaderMap)>>,
}

impl Progress {
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

    /// A refusal has begun to arrive: its head says enough, should the rest not come.
    pub fn refused(&self, status: StatusCode, headers: &HeaderMap) {
        *self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some((status, headers.clone()));
    }

    /// The refusal without its body, if one has begun to arrive.
    pub fn refusal(&self) -> Option<Response> {
        let refusal = self.0.refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
        refusal.map(|(status, headers)| Response { status, headers, body: Bytes::new() })
    }

    /// May the server have acted, if no answer comes? A request without a body has no moment of departure.
    pub fn sent(&self, has_body: bool) -> Sent {
        match self.0.stage.load(Ordering::Acquire) {
            CONNECTING => Sent::No,
            PLANNED | CONNECTED if has_body => Sent::No,
            _ => Sent::Maybe,
        }
    }

    fn reach(&self, stage: u8) {
        self.0.stage.fetch_max(stage, Ordering::AcqRel);
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
    }
}
