//! What was asked of the simulator: for tests to assert on, so never a header or a body.

use std::collections::VecDeque;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Requests that are remembered; older ones are forgotten, or a benchmark would fill the memory.
const REMEMBERED: usize = 500_000;

/// One request, without anything secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// As it was received: percent-encoded, with the query.
    pub path: String,
    /// None while there is no answer, and for ever where a fault let the connection die.
    pub status_code: Option<u16>,
    /// Seconds since the simulator was started, on its own clock.
    pub at: f64,
    /// The answer's `ININ-Correlation-Id`.
    pub request_id: String,
}

#[derive(Debug)]
struct Entry {
    method: Method,
    path: String,
    status: Option<u16>,
    at: Duration,
    request_id: Uuid,
}

/// The request log.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    forgotten: usize,
}

/// Where a request stands in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat(usize);

impl Log {
    pub(super) fn arrived(&mut self, method: Method, path: String, at: Duration, request_id: Uuid) -> Seat {
        if self.entries.len() == REMEMBERED {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(Entry { method, path, status: None, at, request_id });
        Seat(self.total() - 1)
    }

    pub(super) fn answered(&mut self, seat: Seat, status: u16) {
        if let Some(entry) = seat.0.checked_sub(self.forgotten).and_then(|index| self.entries.get_mut(index)) {
            entry.status = Some(status);
        }
    }

    pub(super) fn total(&self) -> usize {
        self.forgotten + self.entries.len()
    }

    pub(super) fn all(&self) -> Vec<SimRequest> {
        self.entries.iter().map(Entry::shown).collect()
    }
}

impl Entry {
    fn shown(&self) -> SimRequest {
        SimRequest {
            method: self.method.to_string(),
            path: self.path.clone(),
            status_code: self.status,
            at: self.at.as_secs_f64(),
            request_id: self.request_id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_requests_are_forgotten_and_late_answers_find_their_request() {
        let mut log = Log::default();
        let first = log.arrived(Method::GET, "/first".into(), Duration::ZERO, Uuid::nil());
        for _ in 1..REMEMBERED {
            log.arrived(Method::GET, String::new(), Duration::ZERO, Uuid::nil());
        }
        let last = log.arrived(Method::GET, "/last".into(), Duration::ZERO, Uuid::nil());
        log.answered(first, 500);
        log.answered(last, 200);
        let all = log.all();
        assert_eq!((all.len(), log.total()), (REMEMBERED, REMEMBERED + 1));
        assert_eq!(all[0].status_code, None);
        assert_eq!(all.last().map(|request| (request.path.as_str(), request.status_code)), Some(("/last", Some(200))));
    }
}
