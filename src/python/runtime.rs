//! What one process runs: the tokio runtime, the courier, the pools of connections.
//!
//! It belongs to a process id. A forked child has none of its parent's threads, so it forgets all this (leaks it: what a
//! dead thread held half-way may not even be dropped) and builds its own on first use. At interpreter exit everything
//! that could still touch Python is stopped before CPython goes on: a thread that re-takes the GIL later is unwound by
//! CPython (before 3.14) through Rust frames, which aborts the process.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use futures_util::future::{Either, select};
use pyo3::exceptions::{PyRuntimeError, PySystemExit};
use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle, Runtime};

use super::clients::Clients;
use super::courier::Courier;
use crate::clock::{Clock, SystemClock};

/// How often a waiting call looks for signals and for the end of the interpreter.
const TICK: Duration = Duration::from_millis(50);
/// Waiting calls leave within a tick of the end; longer than this nobody waits for them.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);
/// Tasks are dropped at their next await; longer than this the exit does not wait for them.
const STOP_WITHIN: Duration = Duration::from_millis(500);

/// The engines of this process and of those that it was forked from, oldest first. Reading takes no lock that a fork
/// could catch half-way.
static FIRST: OnceLock<&'static Generation> = OnceLock::new();
/// The thread that ends the interpreter, once it has begun to.
static ENDED_BY: OnceLock<ThreadId> = OnceLock::new();
static DOWN: AtomicBool = AtomicBool::new(false);

struct Generation {
    engine: Engine,
    next: OnceLock<&'static Generation>,
}

/// What runs for this process.
pub(super) struct Engine {
    pid: u32,
    pub(super) handle: Handle,
    pub(super) courier: Courier,
    pub(super) clients: Clients,
    clock: SystemClock,
    runtime: Mutex<Option<Runtime>>,
    waiting: Mutex<usize>,
    left: Condvar,
}

/// Locks whatever a panic left behind.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// The engine of this process; built on first use, and again on first use in a forked child.
    pub(super) fn get(py: Python<'_>) -> PyResult<&'static Self> {
        refuse_after_exit()?;
        let mut slot = &FIRST;
        loop {
            match slot.get() {
                Some(generation) if generation.engine.is_ours() => return Ok(&generation.engine),
                Some(forked_from) => slot = &forked_from.next,
                None => {
                    let new = Box::leak(Box::new(Generation { engine: Self::build()?, next: OnceLock::new() }));
                    if slot.set(new).is_err() {
                        py.detach(|| new.engine.stop()); // another thread was faster
                        continue;
                    }
                    let shutdown = py.import("gcrec._gcrec")?.getattr("_shutdown")?;
                    py.import("atexit")?.call_method1("register", (shutdown,))?;
                }
            }
        }
    }

    /// Does it belong to this process, or to one that this process was forked from?
    pub(super) fn is_ours(&self) -> bool {
        self.pid == std::process::id()
    }

    fn build() -> PyResult<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("gcrec-io").enable_all().build()?;
        Ok(Self {
            pid: std::process::id(),
            handle: runtime.handle().clone(),
            courier: Courier::start()?,
            clients: Clients::default(),
            clock: SystemClock::new(),
            runtime: Mutex::new(Some(runtime)),
            waiting: Mutex::new(0),
            left: Condvar::new(),
        })
    }

    /// Drives `work` on the calling thread with the GIL released. An interrupt drops it, which cancels the request.
    pub(super) fn wait<T: Send>(&self, py: Python<'_>, work: impl Future<Output = T> + Send) -> PyResult<T> {
        let _counted = Waiting::enter(self); // count first, look second: the exit does it the other way round
        let mut work = pin!(work);
        loop {
            refuse_after_exit()?;
            let ticked = py.detach(|| {
                self.handle.block_on(async {
                    let tick = self.clock.sleep_until(self.clock.now() + TICK);
                    match select(work.as_mut(), tick).await {
                        Either::Left((value, _)) => Some(value),
                        Either::Right(_) => None,
                    }
                })
            });
            match ticked {
                Some(value) => return Ok(value),
                None => py.check_signals()?, // runs signal handlers, in the main thread only
            }
        }
    }

    /// Call with the GIL released, when [`DOWN`] is set or nobody else knows this engine.
    fn stop(&self) {
        let waiting = lock(&self.waiting);
        drop(self.left.wait_timeout_while(waiting, LEAVE_WITHIN, |calls| *calls > 0));
        self.courier.stop();
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_timeout(STOP_WITHIN);
        }
    }
}

/// One call inside [`Engine::wait`].
struct Waiting<'a>(&'a Engine);

impl<'a> Waiting<'a> {
    fn enter(engine: &'a Engine) -> Self {
        *lock(&engine.waiting) += 1;
        Self(engine)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        *lock(&self.0.waiting) -= 1;
        self.0.left.notify_all();
    }
}

/// After the exit began, the main thread gets an error that it can handle; a daemon thread ends in silence, as threads
/// do that raise `SystemExit`.
fn refuse_after_exit() -> PyResult<()> {
    if !DOWN.load(Ordering::SeqCst) {
        Ok(())
    } else if ENDED_BY.get().is_some_and(|id| *id == thread::current().id()) {
        Err(PyRuntimeError::new_err("gcrec cannot be used any more: the interpreter is shutting down"))
    } else {
        Err(PySystemExit::new_err(()))
    }
}

/// Registered with `atexit` when the engine is built.
#[pyfunction]
pub(super) fn _shutdown(py: Python<'_>) {
    // A second call, by a forked child that inherited the registration, finds nothing to do.
    let _ = ENDED_BY.set(thread::current().id());
    DOWN.store(true, Ordering::SeqCst);
    let mut slot = &FIRST;
    while let Some(generation) = slot.get() {
        if generation.engine.is_ours() {
            py.detach(|| generation.engine.stop());
        }
        slot = &generation.next;
    }
}
