//! Records that wait to be told.
//!
//! Bounded, and the oldest goes first: when more happens than can be told, what counts is how things stand now. How many
//! went is told in their place.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Level;

use super::{Record, TARGETS, Value};

/// Enough for the busiest moment of an event loop, some megabytes at most.
pub const CAPACITY: usize = 4_096;

/// The records of one process. Its lock is held for moments only, and nothing is called under it.
#[derive(Debug)]
pub struct Queue {
    capacity: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    records: VecDeque<Record>,
    /// How many there were before the first of them, in all.
    gone: u64,
    /// How many went untold since that was told last.
    dropped: u64,
}

impl Queue {
    /// An empty one that holds at most so many.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, waiting: Mutex::default() }
    }

    /// Adds a record. True if none was waiting.
    pub fn push(&self, record: Record) -> bool {
        let mut waiting = self.lock();
        let first = waiting.records.is_empty();
        if waiting.records.len() >= self.capacity && waiting.records.pop_front().is_some() {
            waiting.gone += 1;
            waiting.dropped += 1;
        }
        waiting.records.push_back(record);
        first
    }

    /// The end of what waits now, for [`Queue::pop`].
    pub fn mark(&self) -> u64 {
        let waiting = self.lock();
        waiting.gone + waiting.records.len() as u64
    }

    /// Does something wait that came before `mark`?
    pub fn has(&self, mark: u64) -> bool {
        let waiting = self.lock();
        waiting.gone < mark && !waiting.records.is_empty()
    }

    /// The oldest record, if it came before `mark`.
    pub fn pop(&self, mark: u64) -> Option<Record> {
        let mut waiting = self.lock();
        if waiting.gone >= mark {
            return None;
        }
        let at = waiting.records.front()?.at;
        let dropped = std::mem::take(&mut waiting.dropped);
        if dropped > 0 {
            return Some(Record {
                target: TARGETS[0],
                level: Level::WARN,
                at,
                message: format!("{dropped} log records were dropped: they came faster than they could be told"),
                fields: vec![("dropped", Value::Unsigned(dropped))],
            });
        }
        waiting.gone += 1;
        waiting.records.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn record(message: &str) -> Record {
        let (target, at) = (TARGETS[1], SystemTime::UNIX_EPOCH);
        Record { target, level: Level::DEBUG, at, message: message.into(), fields: Vec::new() }
    }

    fn told(queue: &Queue, mark: u64) -> Vec<String> {
        std::iter::from_fn(|| queue.pop(mark)).map(|record| record.message).collect()
    }

    #[test]
    fn the_oldest_goes_and_its_loss_is_told_once() {
        let queue = Queue::new(2);
        for n in 1..=5 {
            queue.push(record(&n.to_string()));
        }
        let loss = "3 log records were dropped: they came faster than they could be told";
        assert_eq!(told(&queue, queue.mark()), [loss, "4", "5"]);
        queue.push(record("6"));
        assert_eq!(told(&queue, queue.mark()), ["6"]);
    }

    #[test]
    fn what_comes_after_a_mark_waits_for_the_next() {
        let queue = Queue::new(3);
        assert!(queue.push(record("1")) && !queue.push(record("2")));
        let mark = queue.mark();
        queue.push(record("3"));
        assert!(queue.has(mark));
        assert_eq!(told(&queue, mark), ["1", "2"]);
        assert!(!queue.has(mark) && queue.has(queue.mark()));
        assert_eq!(told(&queue, queue.mark()), ["3"]);
        assert!(queue.push(record("4")));
    }

    #[test]
    fn a_mark_outlives_the_records_that_it_counted() {
        let queue = Queue::new(1);
        queue.push(record("1"));
        let mark = queue.mark();
        queue.push(record("2"));
        assert_eq!((queue.has(mark), told(&queue, mark).len()), (false, 0));
    }
}
