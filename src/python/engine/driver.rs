//! Who turns the tokio runtime: the thread that waits for its own call, or else the keeper.
//!
//! The runtime has no workers. A synchronous call turns it on the caller's thread, connections included, so that a
//! request costs no change of threads. The keeper, a thread that never sees Python, turns it while tasks run that nobody
//! waits for synchronously, and when no call has come for a moment: so idle connections are watched and closed in time.
//! When a call comes, the keeper makes room. Whoever waits while another turns is woken by that other (tokio's
//! `Runtime::block_on` promises both), so a wrong guess about whose turn it is costs time, never an answer.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, oneshot};
use tokio::task;

use super::launch::Launches;
use super::lock;
use crate::clock::{Clock, SystemClock};
use crate::python::bridge::{LoopQueue, Post};

/// How often the keeper has waiting calls look round, for signals, the exit and a fork. After as long without a call it
/// looks after the connections. It ticks only while there is a synchronous call: beside tasks of event loops or a
/// simulator nobody wakes for nothing (counted with strace). Only the main thread's calls need to look for signals, but
/// no call knows for certain that its thread is not the main one; and a call that lasts is rare (`gcrec sim` is one).
const TICK: Duration = Duration::from_millis(25);
/// With so many calls at once the keeper turns the runtime for them all: to hand the turn round would cost more.
const MANY: usize = 4;
/// To set a timer later than all others is cheap; an earlier one rings the runtime's bell, which is a system call. So
/// there is always one that is earlier than the usual timeout.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The runtime and its keeper.
pub(super) struct Driver {
    runtime: Arc<Runtime>,
    turns: Arc<Turns>,
    launches: Launches,
    post: Post,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// What the keeper goes by.
#[derive(Default)]
struct Turns {
    /// Synchronous calls in flight, and all that there ever were.
    callers: AtomicUsize,
    calls: AtomicUsize,
    /// Those who need the keeper: see [`Driver::busy`].
    tasks: AtomicUsize,
    /// The keeper turns the runtime, or is about to.
    keeping: AtomicBool,
    /// It does so until a call comes.
    watching: AtomicBool,
    /// Tells the keeper to think again while it turns the runtime.
    make_room: Notify,
    tick: Notify,
    orders: Mutex<Orders>,
    ordered: Condvar,
}

#[derive(Default)]
struct Orders {
    /// Do not wait for quiet: something was dropped that the runtime must hear of.
    hurry: bool,
    stop: bool,
}

impl Driver {
    pub(super) fn start() -> std::io::Result<Self> {
        let runtime = Arc::new(Builder::new_current_thread().thread_name("gcrec-dns").enable_all().build()?);
        let turns = Arc::<Turns>::default();
        let (launches, post) = (Launches::default(), Post::default());
        launches.serve(&runtime);
        post.serve(&runtime);
        let keeper = {
            let (runtime, turns) = (runtime.clone(), turns.clone());
            drop(runtime.spawn(beat(SystemClock::new())));
            thread::Builder::new().name("gcrec-io".into()).spawn(move || turns.keep(&runtime))?
        };
        Ok(Self { runtime, turns, launches, post, keeper: Mutex::new(Some(keeper)) })
    }

    /// Runs `work`, whoever turns the runtime. What is due there comes first, above all that connections notice that
    /// their server closed them: a command must not go down one of those. A task that yields comes back after the sockets
    /// were looked at, and after the connections that this woke.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> task::JoinHandle<T> {
        self.runtime.spawn(async move {
            task::yield_now().await;
            work.await
        })
    }

    /// Runs `work` on the keeper's turns, handed over without a system call for each.
    pub(super) fn launch<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        self.launches.add(work, self.busy())
    }

    /// Has this loop hear, soon, of what is in its queue. Call it from inside the runtime.
    pub(super) fn post(&self, addressee: Arc<LoopQueue>) {
        self.post.add(addressee, self.busy());
    }

    /// While it lives the keeper turns the runtime, call or no call: for tasks that no thread waits for.
    pub(super) fn busy(&self) -> Counted {
        let counted = Counted::task(self.turns.clone());
        if !self.turns.keeping.load(SeqCst) {
            self.turns.order(|_| ());
        }
        counted
    }

    /// Call it before [`Driver::turn`]; hold it until no more turns will follow.
    pub(super) fn caller(&self) -> Caller<'_> {
        let turns = &*self.turns;
        let others = turns.callers.fetch_add(1, SeqCst);
        turns.calls.fetch_add(1, SeqCst);
        if turns.watching.load(SeqCst) {
            turns.make_room.notify_one();
        } else if others + 1 >= MANY && !turns.keeping.load(SeqCst) {
            turns.order(|_| ());
        }
        Caller(turns)
    }

    /// Turns the runtime, or waits for who does, until `work` is done or a tick has passed. Call with the GIL released,
    /// and again until there is a value. What `work` spawns when it is polled costs no system call.
    pub(super) fn turn<T>(&self, work: impl Future<Output = T> + Unpin) -> Option<T> {
        let ticked = pin!(self.turns.tick.notified());
        match self.runtime.block_on(select(work, ticked)) {
            Either::Left((value, _)) => Some(value),
            Either::Right(_) => None,
        }
    }

    /// Has the keeper turn the runtime soon: something was dropped, which its connection hears of only then.
    pub(super) fn hurry(&self) {
        self.turns.order(|orders| orders.hurry = true);
    }

    /// From now on nothing moves any more. What is left in the runtime stays there: none of it touches Python.
    pub(super) fn stop(&self) {
        self.turns.order(|orders| orders.stop = true);
        self.turns.make_room.notify_one();
        if let Some(keeper) = lock(&self.keeper).take() {
            // A keeper that panicked has left too.
            let _ = keeper.join();
        }
    }
}

impl Turns {
    fn order(&self, change: impl FnOnce(&mut Orders)) {
        change(&mut lock(&self.orders));
        self.ordered.notify_one();
    }

    /// The keeper's life.
    fn keep(&self, runtime: &Runtime) {
        let clock = SystemClock::new();
        let mut seen = 0;
        let mut orders = lock(&self.orders);
        while !orders.stop {
            let calls = self.calls.load(SeqCst);
            let quiet = calls == seen && self.callers.load(SeqCst) == 0;
            if quiet || std::mem::take(&mut orders.hurry) || self.needed() {
                drop(orders);
                self.keeping.store(true, SeqCst);
                // Say so first, look second: a caller does it the other way round.
                self.watching.store(true, SeqCst);
                if self.callers.load(SeqCst) == 0 {
                    runtime.block_on(self.make_room.notified());
                }
                self.watching.store(false, SeqCst);
                if self.needed() {
                    let tick = clock.sleep_until(clock.now() + TICK);
                    runtime.block_on(select(pin!(self.make_room.notified()), tick));
                    self.tick.notify_waiters();
                }
                self.keeping.store(false, SeqCst);
                orders = lock(&self.orders);
            } else {
                seen = calls;
                orders = self.ordered.wait_timeout(orders, TICK).unwrap_or_else(PoisonError::into_inner).0;
                self.tick.notify_waiters();
            }
        }
    }

    /// Is there work that nobody else turns the runtime for, or so much that to hand it round would cost more?
    fn needed(&self) -> bool {
        self.tasks.load(SeqCst) > 0 || self.callers.load(SeqCst) >= MANY
    }
}

/// Holds a timer, for ever.
async fn beat(clock: SystemClock) {
    loop {
        clock.sleep_until(clock.now() + HEARTBEAT).await;
    }
}

/// One synchronous call.
pub(super) struct Caller<'a>(&'a Turns);

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        self.0.callers.fetch_sub(1, SeqCst);
    }
}

/// One task, until it is over or dropped.
pub(in crate::python) struct Counted(Arc<Turns>);

impl Counted {
    fn task(turns: Arc<Turns>) -> Self {
        turns.tasks.fetch_add(1, SeqCst);
        Self(turns)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.tasks.fetch_sub(1, SeqCst);
    }
}
