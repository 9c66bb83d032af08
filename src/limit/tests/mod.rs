//! The limiter under virtual time, against a small server of its own.

mod deadlines;
mod given;
mod learned;
mod order;
mod refusals;
mod server;

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;

use super::{Heard, Limiter, Limits, Permit, Priority, QueueTooLong, Quota};
use crate::clock::{Clock, ManualClock};

const PRIORITIES: [Priority; 6] = [
    Priority::BlockResume,
    Priority::BlockPause,
    Priority::Command,
    Priority::ConfirmingRead,
    Priority::FirstRead,
    Priority::Listing,
];
const ANSWERED: Heard = Heard { quota: None, refused: false, pause: None };

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn refused(pause: Option<Duration>) -> Heard {
    Heard { refused: true, pause, ..ANSWERED }
}

fn quota(allowed: u32, count: u32, reset: u64) -> Heard {
    Heard { quota: Some(Quota { allowed, count, reset: seconds(reset) }), ..ANSWERED }
}

const NO_LIMIT: Limits = Limits { rate: None, assumed: None, max_in_flight: 1_000_000 };

/// A limiter on a clock that the test moves.
#[derive(Clone)]
struct World {
    clock: Arc<ManualClock>,
    limiter: Limiter,
}

type Waiting = Pin<Box<dyn Future<Output = Result<Permit, QueueTooLong>>>>;

impl World {
    fn new(limits: Limits) -> Self {
        let clock = Arc::new(ManualClock::new(0));
        Self { limiter: Limiter::new(limits, Arc::clone(&clock) as _), clock }
    }

    /// One whose first answer was heard: it is not cautious any more.
    fn warm(limits: Limits, heard: &Heard) -> Self {
        let world = Self::new(limits);
        world.granted().heard(heard);
        world
    }

    fn granted(&self) -> Permit {
        self.now(Priority::Command).expect("a permit at once")
    }

    fn now(&self, priority: Priority) -> Option<Permit> {
        self.limiter.acquire(priority, None).now_or_never().map(Result::unwrap)
    }

    /// In the line: asked once, not granted.
    fn waiting(&self, priority: Priority, by: Option<Duration>) -> Waiting {
        let mut waiting: Waiting = Box::pin(self.limiter.acquire(priority, by));
        assert!(ask(&mut waiting).is_none(), "granted or refused at once");
        waiting
    }

    async fn sleep(&self, long: Duration) {
        self.clock.sleep_until(self.clock.now() + long).await;
    }

    /// Runs the tasks to their ends, time moving whenever nothing else can: then `quiet` looks. A task is only polled if
    /// it was woken, so a lost wake-up is found as a world in which somebody waits and nobody sleeps.
    fn run(&self, tasks: impl IntoIterator<Item = LocalBoxFuture<'static, ()>>, mut quiet: impl FnMut()) {
        let mut tasks: FuturesUnordered<_> = tasks.into_iter().collect();
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        loop {
            let next = tasks.poll_next_unpin(&mut context);
            if tasks.is_empty() {
                return;
            }
            if next.is_ready() || woken.0.swap(false, Ordering::Relaxed) {
                continue;
            }
            quiet();
            let moved = self.clock.advance_to_next();
            assert!(moved.is_some(), "{} wait and nobody sleeps: {:?}", tasks.len(), self.limiter);
        }
    }
}

/// Tasks may be pending only because they have had their share of polls: then they have woken this.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls once with a waker that does nothing.
fn ask(waiting: &mut Waiting) -> Option<Result<Permit, QueueTooLong>> {
    waiting.as_mut().now_or_never()
}

/// A list that tasks write and the test reads.
fn shared<T: Default>() -> Rc<RefCell<T>> {
    Rc::default()
}
