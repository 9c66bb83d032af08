//! What one process runs: the tokio runtime and who turns it, the courier, the clients with their connections.
//!
//! It belongs to a process id. A forked child has none of its parent's threads, so it forgets all this (leaks it: what a
//! dead thread held half-way may not even be dropped) and builds its own on first use. At interpreter exit everything
//! that could still touch Python is stopped before CPython goes on.

mod driver;
mod launch;
mod lock;
mod presence;

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};

pub(super) use self::driver::Counted;
use self::driver::Driver;
pub(super) use self::lock::lock;
pub(super) use self::presence::{Inside, exit_began, is_ending_thread};
use super::blocks::LiveBlocks;
use super::bridge::{Courier, LoopQueue};
use super::clients::Clients;
use super::journals::Journals;
use super::log::{self, Logs};
use crate::clock::{SharedClock, SystemClock};
use crate::conversations::Conversations;

/// The engines of this process and of those that it was forked from, oldest first. They are set with the GIL held, as it
/// is at a fork, so that no child finds one half set; reading takes no lock at all.
static FIRST: OnceLock<&'static Generation> = OnceLock::new();

struct Generation {
    engine: Engine,
    next: OnceLock<&'static Generation>,
}

/// What runs for this process.
pub(super) struct Engine {
    pid: u32,
    driver: Driver,
    pub(super) courier: Courier,
    pub(super) clients: Clients,
    pub(super) logs: Arc<Logs>,
    /// The one clock of this process: what one client sent, another must be able to date.
    pub(super) clock: SharedClock,
    /// What this process knows of its own commands.
    pub(super) conversations: Conversations,
    pub(super) journals: Journals,
    pub(super) blocks: LiveBlocks,
    /// Somebody was told that a pause block has no journal.
    warned: AtomicBool,
}

impl Engine {
    /// The engine of this process; built on first use, and again on first use in a forked child. Who calls it is
    /// [`Inside`].
    pub(super) fn get(py: Python<'_>) -> PyResult<&'static Self> {
        Self::of(py, std::process::id())
    }

    /// The same for who has just come in, without a system call.
    pub(super) fn entered(py: Python<'_>, inside: &Inside) -> PyResult<&'static Self> {
        let engine = Self::of(py, inside.pid())?;
        log::look(py);
        Ok(engine)
    }

    /// The engine of this process, if there is one. From any thread.
    pub(super) fn current() -> Option<&'static Self> {
        let mut slot = &FIRST;
        while let Some(generation) = slot.get() {
            if generation.engine.is_ours() {
                return Some(&generation.engine);
            }
            slot = &generation.next;
        }
        None
    }

    /// `pid` is this process.
    fn of(py: Python<'_>, pid: u32) -> PyResult<&'static Self> {
        let mut slot = &FIRST;
        loop {
            match slot.get() {
                Some(generation) if generation.engine.pid == pid => return Ok(&generation.engine),
                Some(forked_from) => slot = &forked_from.next,
                None => {
                    let new = Box::leak(Box::new(Generation { engine: Self::build()?, next: OnceLock::new() }));
                    if slot.set(new).is_err() {
                        py.detach(|| new.engine.stop()); // another thread was faster
                    }
                }
            }
        }
    }

    /// Does it belong to this process, or to one that this process was forked from?
    pub(super) fn is_ours(&self) -> bool {
        self.pid == std::process::id()
    }

    /// Does it belong to the process that was just entered?
    pub(super) fn is_of(&self, inside: &Inside) -> bool {
        self.pid == inside.pid()
    }

    fn build() -> PyResult<Self> {
        let clock: SharedClock = Arc::new(SystemClock::new());
        let (driver, courier, logs) = (Driver::start()?, Courier::start()?, Arc::<Logs>::default());
        drop(driver.spawn(log::watch(logs.clone(), courier.teller(logs.clone()))));
        Ok(Self {
            pid: std::process::id(),
            driver,
            courier,
            logs,
            clients: Clients::new(clock.clone()),
            clock,
            conversations: Conversations::default(),
            journals: Journals::default(),
            blocks: LiveBlocks::default(),
            warned: AtomicBool::new(false),
        })
    }

    /// Runs `work` in the background.
    pub(super) fn launch<T: Send + 'static>(
        &'static self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Task<oneshot::Receiver<T>> {
        Task { handle: Some(self.driver.launch(work)), engine: self }
    }

    /// Is this the first pause block of this process that has no journal?
    pub(super) fn first_without_journal(&self) -> bool {
        !self.warned.swap(true, Ordering::Relaxed)
    }

    /// Runs `work` to its end, whoever waits for it or not.
    pub(super) fn keep_going(&'static self, work: impl Future<Output = ()> + Send + 'static) {
        let busy = self.busy();
        drop(self.driver.spawn(async move {
            work.await;
            drop(busy);
        }));
    }

    /// Has this loop hear, soon, of what is in its queue. Call it from inside the runtime.
    pub(super) fn post(&self, addressee: Arc<LoopQueue>) {
        self.driver.post(addressee);
    }

    /// While it lives the runtime is turned, call or no call: for a server that others talk to.
    pub(super) fn busy(&self) -> Counted {
        self.driver.busy()
    }

    /// Runs `work` and waits for it with the GIL released, and then tells what was logged meanwhile. An interrupt drops
    /// `work`, which cancels the request; one that comes only while records are told drops its result. (Whoever must not
    /// lose that uses [`Engine::complete`], and tells the records later.)
    pub(super) fn wait<T: Send + 'static>(
        &'static self,
        py: Python<'_>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> PyResult<T> {
        let outcome = self.complete(py, work);
        let told = if outcome.is_ok() || self.is_ours() { self.logs.tell(py) } else { Ok(()) };
        outcome.and_then(|value| told.map(|()| value))
    }

    /// The same, without the last records.
    pub(super) fn complete<T: Send + 'static>(
        &'static self,
        py: Python<'_>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> PyResult<T> {
        let caller = self.driver.caller();
        let mut task =
            Box::pin(async move { Task { handle: Some(AbortOnDrop(self.driver.spawn(work))), engine: self }.await });
        let stopped = loop {
            if let Some(outcome) = py.detach(|| self.driver.turn(&mut task)) {
                return outcome.map_err(lost);
            }
            if let Err(stopped) = self.look_up(py) {
                break stopped;
            }
        };
        drop(caller);
        drop(task);
        if self.is_ours() {
            self.driver.hurry();
        }
        Err(stopped)
    }

    /// Runs `work` to its end whatever interrupts it: `interrupted` is told of each interrupt, and the first is given back
    /// with the result.
    pub(super) fn wait_through<T: Send + 'static>(
        &'static self,
        py: Python<'_>,
        work: impl Future<Output = T> + Send + 'static,
        interrupted: impl Fn(),
    ) -> PyResult<(T, Option<PyErr>)> {
        let _caller = self.driver.caller();
        let mut task =
            Box::pin(async move { Task { handle: Some(AbortOnDrop(self.driver.spawn(work))), engine: self }.await });
        let mut first = None;
        loop {
            let outcome = py.detach(|| self.driver.turn(&mut task));
            presence::refuse_after_exit()?;
            if !self.is_ours() {
                return Err(forked());
            }
            // A handler of records is Python code too: an interrupt may come in there.
            if let Err(stopped) = py.check_signals().and_then(|()| self.logs.tell(py)) {
                if outcome.is_none() {
                    interrupted();
                }
                first.get_or_insert(stopped);
            }
            if let Some(outcome) = outcome {
                return outcome.map(|value| (value, first)).map_err(lost);
            }
        }
    }

    /// What a waiting call does every tick: it leaves at the exit, hears signals, tells records.
    fn look_up(&self, py: Python<'_>) -> PyResult<()> {
        presence::refuse_after_exit()?;
        py.check_signals()?; // signal handlers run in the main thread only
        if !self.is_ours() {
            return Err(forked());
        }
        self.logs.tell(py)
    }

    /// Call with the GIL released, when nobody uses this engine any more.
    fn stop(&self) {
        self.courier.stop();
        self.driver.stop();
    }
}

/// Work on the engine, ended when nobody waits for it any more.
pub(super) struct Task<H> {
    /// Dropping it ends the work. Always there until the task is dropped.
    handle: Option<H>,
    engine: &'static Engine,
}

impl<H: Future + Unpin> Future for Task<H> {
    type Output = H::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<H::Output> {
        self.handle.as_mut().map_or(Poll::Pending, |handle| Pin::new(handle).poll(context))
    }
}

impl<H> Drop for Task<H> {
    fn drop(&mut self) {
        let handle = self.handle.take();
        if !self.engine.is_ours() {
            std::mem::forget(handle); // in a forked child a dead thread may hold what this would lock
        }
    }
}

/// A handle whose drop ends the task.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn forked() -> PyErr {
    PyRuntimeError::new_err("the process was forked by a signal handler during this call")
}

/// A panic in some work, as an exception.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn lost(error: JoinError) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

/// Registered with `os` to be called in a forked child.
#[pyfunction]
pub(super) fn _forked() {
    let mut slot = &FIRST;
    while let Some(generation) = slot.get() {
        if !generation.engine.is_ours() {
            generation.engine.journals.forget_in_child();
        }
        slot = &generation.next;
    }
}

/// Registered with `atexit` when the module is imported: handlers that users register later run before it and may still
/// make calls, even the first.
#[pyfunction]
pub(super) fn _shutdown(py: Python<'_>) {
    presence::begin_exit();
    py.detach(|| {
        presence::wait_until_empty();
        let mut slot = &FIRST;
        while let Some(generation) = slot.get() {
            if generation.engine.is_ours() {
                generation.engine.stop();
            }
            slot = &generation.next;
        }
    });
    if let Some(engine) = Engine::current() {
        engine.blocks.tell_left_behind(py);
        engine.logs.tell_last(py);
    }
}
