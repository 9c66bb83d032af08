//! Who is inside: threads that have our frames below Python code.
//!
//! Before 3.14 CPython ends a daemon thread that takes the GIL after finalisation began by unwinding it, and unwinding
//! through Rust frames aborts the process. Python code gives the GIL away now and then, so every way in from Python that
//! may lead back to Python code, or to a wait with the GIL released, is counted; the exit waits until all have left.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, Thread};
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PySystemExit};
use pyo3::prelude::*;

use crate::clock::{Clock, SystemClock};

/// Waiting calls leave within a tick of the end; longer than this the exit does not wait.
const PATIENCE: Duration = Duration::from_secs(2);
/// The exit looks at least so often. It does not count its looks: whoever leaves wakes it, and so does everyone who is
/// refused, which a thread that asks again and again is thousands of times a second.
const NAP: Duration = Duration::from_millis(5);

/// The process id above, the number of threads inside below: a forked child starts again from none.
static INSIDE: AtomicU64 = AtomicU64::new(0);
static DOWN: AtomicBool = AtomicBool::new(false);
/// The thread that ends the interpreter, once it has begun to.
static ENDED_BY: OnceLock<Thread> = OnceLock::new();

/// A way in from Python. Drop it last: nothing may touch the GIL between that and the return to Python.
pub(in crate::python) struct Inside {
    pid: u32,
}

impl Inside {
    /// Call with the GIL held. Fails once the exit has begun.
    pub(in crate::python) fn enter() -> PyResult<Self> {
        let inside = Self::count(); // count first, look second: the exit does it the other way round
        refuse_after_exit()?;
        Ok(inside)
    }

    /// The process that was entered. No Python code runs between a way in and its first steps, so no fork either: who
    /// comes in need not ask the system again.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    fn count() -> Self {
        let pid = std::process::id();
        let entered = |inside| Some(if pid_of(inside) == pid { inside + 1 } else { nobody(pid) + 1 });
        let _ = INSIDE.fetch_update(SeqCst, SeqCst, entered);
        Self { pid }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        // Who entered before a fork does not count in the child.
        let left = |inside| (pid_of(inside) == self.pid && inside != nobody(self.pid)).then(|| inside - 1);
        let _ = INSIDE.fetch_update(SeqCst, SeqCst, left);
        if exit_began()
            && let Some(waiting) = ENDED_BY.get()
        {
            waiting.unpark();
        }
    }
}

/// Has the exit begun?
pub(in crate::python) fn exit_began() -> bool {
    DOWN.load(SeqCst)
}

/// After the exit began, the main thread gets an error that it can handle; a daemon thread ends in silence, as threads
/// do that raise `SystemExit`.
pub(super) fn refuse_after_exit() -> PyResult<()> {
    if !exit_began() {
        Ok(())
    } else if is_ending_thread() {
        Err(PyRuntimeError::new_err("gcrec cannot be used any more: the interpreter is shutting down"))
    } else {
        Err(PySystemExit::new_err(()))
    }
}

/// Is this the thread that ends the interpreter?
pub(in crate::python) fn is_ending_thread() -> bool {
    ENDED_BY.get().is_some_and(|ending| ending.id() == thread::current().id())
}

/// Lets nobody in any more.
pub(super) fn begin_exit() {
    // A second call, by a forked child that inherited the registration, changes nothing.
    let _ = ENDED_BY.set(thread::current());
    DOWN.store(true, SeqCst);
}

/// Waits until all have left. Call with the GIL released.
pub(super) fn wait_until_empty() {
    let pid = std::process::id();
    let clock = SystemClock::new();
    while clock.now() < PATIENCE {
        let inside = INSIDE.load(SeqCst);
        if pid_of(inside) != pid || inside == nobody(pid) {
            return;
        }
        thread::park_timeout(NAP);
    }
}

fn nobody(pid: u32) -> u64 {
    u64::from(pid) << 32
}

fn pid_of(inside: u64) -> u32 {
    (inside >> 32) as u32
}
