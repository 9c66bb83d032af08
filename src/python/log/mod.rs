//! From `tracing` to Python's `logging`.
//!
//! An event ([`Listener`]) becomes a record in the queue of its process, wherever it happens and without the GIL. It is
//! told ([`Logs::tell`]) by a thread of Python's that is here anyway: one that waits for its own call, every tick and
//! before it returns; an event loop's, before it gets its results; at the exit, the thread that ends. Only what nobody
//! came for in a moment, the courier tells.
//!
//! Levels are asked for on each way in ([`levels::look`]), so that `logging.basicConfig` counts from the next call on.

mod levels;
mod listener;
mod teller;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use tokio::sync::Notify;

pub(super) use self::levels::look;
use super::engine::exit_began;
use crate::clock::{Clock, SystemClock};
use crate::log::{Queue, Record};

/// A record waits so long for a thread that is here anyway. Longer than a tick of the waiting calls, and than an event
/// loop needs to come for its results: so the courier rarely takes what belongs to a call that is about to return.
const A_MOMENT: Duration = Duration::from_millis(100);

/// Who is about to return waits so long for another thread that has a record of his in hand. That thread may wait for
/// what he holds (a handler that makes calls has its own lock), so not for ever.
const PATIENCE: Duration = Duration::from_millis(250);

thread_local! {
    /// This thread tells records just now. A handler that makes calls itself leaves theirs to whoever comes next.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// The records of one process.
#[derive(Default)]
pub(super) struct Logs {
    queue: Queue,
    bell: Notify,
    /// The courier is on its way.
    called: AtomicBool,
}

impl Logs {
    /// Adds a record, from any thread.
    fn add(&self, record: Record) {
        if self.queue.push(record) {
            self.bell.notify_one();
        }
    }

    /// Tells what waits now. Call it with the GIL held, as who came in from Python. Who broke in (Ctrl-C) comes out; a
    /// handler that fails does not: what was asked of the server counts more.
    pub(super) fn tell(&self, py: Python<'_>) -> PyResult<()> {
        look(py);
        let mark = self.queue.mark();
        let told = self.tell_before(py, mark, exit_began);
        if !TELLING.get() && !self.queue.settle(mark, Duration::ZERO) && !exit_began() {
            py.detach(|| self.queue.settle(mark, PATIENCE));
        }
        told
    }

    /// The same for the courier, of what has waited for a moment.
    pub(super) fn tell_old(&self, py: Python<'_>, mark: u64) {
        self.called.store(false, SeqCst);
        // Nobody breaks in here: signals are for the main thread.
        let _ = self.tell_before(py, mark, exit_began);
    }

    /// The same at the very end, on the thread that ends the interpreter.
    pub(super) fn tell_last(&self, py: Python<'_>) {
        if let Err(error) = self.tell_before(py, self.queue.mark(), || false) {
            error.write_unraisable(py, None);
        }
    }

    fn tell_before(&self, py: Python<'_>, mark: u64, ended: impl Fn() -> bool) -> PyResult<()> {
        if !self.queue.has(mark) || TELLING.replace(true) {
            return Ok(());
        }
        let _done = Done;
        // The exit waits for who is inside, but not for thousands of records: the rest is told at its end.
        while !ended()
            && let Some(taken) = self.queue.pop(mark)
        {
            match teller::tell(py, &taken.record) {
                Err(error) if error.is_instance_of::<PyException>(py) => error.write_unraisable(py, None),
                outcome => outcome?,
            }
        }
        Ok(())
    }
}

/// Resets [`TELLING`], whatever happens.
struct Done;

impl Drop for Done {
    fn drop(&mut self) {
        TELLING.set(false);
    }
}

/// The life of a task in the runtime that has the courier come, by `call`, for records that nobody came for.
pub(super) async fn watch(logs: Arc<Logs>, call: impl Fn(u64)) {
    let clock = SystemClock::new();
    loop {
        logs.bell.notified().await;
        loop {
            let mark = logs.queue.mark();
            clock.sleep_until(clock.now() + A_MOMENT).await;
            if logs.queue.has(mark) && !logs.called.swap(true, SeqCst) {
                call(mark);
            }
            if !logs.queue.has(u64::MAX) {
                break;
            }
        }
    }
}
