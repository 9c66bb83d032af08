//! Records that wait to be told.
//!
//! Bounded, and the oldest goes first: when more happens than can be told, what counts is how things stand now. How many
//! went is told in their place.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::Level;

use super::{Record, TARGETS, Value};

/// Enough for the busiest moment of an event loop, some megabytes at most.
pub const CAPACITY: usize = 4_096;

/// The records of one process. Its lock is held for moments only, and nothing is called under it.
#[derive(Debug)]
pub struct Queue {
    capacity: usize,
    waiting: Mutex<Waiting>,
    told: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    records: VecDeque<Record>,
    /// How many there were before the first of them, in all.
    gone: u64,
    /// The numbers of those that somebody tells just now.
    in_hand: Vec<u64>,
    /// How many went untold since that was told last.
    dropped: u64,
}

impl Queue {
    /// An empty one that holds at most so many.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, waiting: Mutex::default(), told: Condvar::new() }
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
    pub fn pop(&self, mark: u64) -> Option<Taken<'_>> {
        let mut waiting = self.lock();
        let number = waiting.gone;
        let record = waiting.take_before(mark)?;
        waiting.in_hand.push(number);
        Some(Taken { queue: self, number, record })
    }

    /// Waits until nobody has a record in hand any more that came before `mark`; false if that takes too long.
    pub fn settle(&self, mark: u64, longest: Duration) -> bool {
        let others = |waiting: &mut Waiting| waiting.in_hand.iter().any(|number| *number < mark);
        let waited = self.told.wait_timeout_while(self.lock(), longest, others);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take_before(&mut self, mark: u64) -> Option<Record> {
        if self.gone >= mark {
            return None;
        }
        let at = self.records.front()?.at;
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            return Some(Record {
                target: TARGETS[0],
                level: Level::WARN,
                at,
                message: format!("{dropped} log records were dropped: they came faster than they could be told"),
                fields: vec![("dropped", Value::Unsigned(dropped))],
            });
        }
        self.gone += 1;
        self.records.pop_front()
    }
}

/// A record in the hand of who tells it.
#[derive(Debug)]
pub struct Taken<'a> {
    queue: &'a Queue,
    number: u64,
    /// It.
    pub record: Record,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock();
        if let Some(at) = waiting.in_hand.iter().position(|number| *number == self.number) {
            waiting.in_hand.swap_remove(at);
        }
        drop(waiting);
        self.queue.told.notify_all();
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
        std::iter::from_fn(|| queue.pop(mark)).map(|taken| taken.record.message.clone()).collect()
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
    fn what_another_has_in_hand_is_waited_for() {
        let queue = Queue::new(9);
        let before = queue.mark();
        queue.push(record("1"));
        queue.push(record("2"));
        let taken = queue.pop(queue.mark()).unwrap();
        assert!(queue.settle(before, Duration::ZERO) && !queue.settle(queue.mark(), Duration::ZERO));
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| queue.settle(queue.mark(), Duration::from_secs(60)));
            drop(taken);
            assert!(waiter.join().unwrap());
        });
        assert!(queue.has(queue.mark()));
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
