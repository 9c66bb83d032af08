//! Work for one event loop: many results, one wake-up.
//!
//! Whoever has something for a loop pushes it; the push that finds the queue idle sends the courier, once (from inside the
//! runtime by way of `post.rs`). On the loop's own thread a [`Drain`] then serves all that has come in the meantime.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3_async_runtimes::TaskLocals;
use tokio::runtime::Handle;

use super::courier::Errand;
use crate::python::engine::{Engine, Inside, lock};

/// Something to be done on the loop's thread, GIL held.
pub(super) type Entry = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<()> + Send>;

thread_local! {
    /// The queue that this thread used last: a thread runs one loop at a time.
    static LAST: RefCell<Weak<LoopQueue>> = const { RefCell::new(Weak::new()) };
    /// The queue that this thread serves just now.
    static CURRENT: RefCell<Option<Arc<LoopQueue>>> = const { RefCell::new(None) };
}

/// Held by calls in flight only, so that it never keeps an idle loop alive.
pub(in crate::python) struct LoopQueue {
    /// Always there until the queue is dropped.
    event_loop: Option<Py<PyAny>>,
    engine: &'static Engine,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    entries: Vec<Entry>,
    /// A drain is on its way or at work.
    claimed: bool,
}

impl LoopQueue {
    /// The queue of the running loop.
    pub(super) fn running(py: Python<'_>, engine: &'static Engine) -> PyResult<Arc<Self>> {
        let event_loop = pyo3_async_runtimes::get_running_loop(py)?;
        // Comparing addresses is sound: an upgraded queue holds its loop, so the address cannot have been reused.
        let same = |queue: &Arc<Self>| {
            queue.event_loop.as_ref().is_some_and(|l| l.is(&event_loop)) && std::ptr::eq(queue.engine, engine)
        };
        if let Some(queue) = LAST.with_borrow(Weak::upgrade).filter(same) {
            return Ok(queue);
        }
        let queue = Arc::new(Self { event_loop: Some(event_loop.unbind()), engine, pending: Mutex::default() });
        LAST.set(Arc::downgrade(&queue));
        Ok(queue)
    }

    /// The queue that this thread serves just now.
    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Runs `f` while this thread serves this queue.
    pub(super) fn serve<T>(self: &Arc<Self>, f: impl FnOnce() -> T) -> T {
        let _outer = Outer(CURRENT.replace(Some(self.clone())));
        f()
    }

    /// What has come meanwhile. None ends the claim: whoever pushes next sends the courier.
    fn next_batch(&self) -> Option<Vec<Entry>> {
        let mut pending = lock(&self.pending);
        pending.claimed = !pending.entries.is_empty();
        pending.claimed.then(|| std::mem::take(&mut pending.entries))
    }

    /// From any thread, with the GIL or without.
    pub(super) fn push(self: &Arc<Self>, entry: Entry) {
        let mut pending = lock(&self.pending);
        pending.entries.push(entry);
        if !std::mem::replace(&mut pending.claimed, true) {
            drop(pending);
            if Handle::try_current().is_ok() {
                self.engine.post(self.clone()); // inside the runtime: more results may come in this turn
            } else {
                self.clone().send_courier();
            }
        }
    }

    /// Has the loop drain the queue.
    pub(super) fn send_courier(self: Arc<Self>) {
        let engine = self.engine;
        engine.courier.send(Errand::Wake(self));
    }

    /// The loop.
    pub(super) fn event_loop<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        match &self.event_loop {
            Some(event_loop) => event_loop.bind(py).clone(),
            None => py.None().into_bound(py),
        }
    }

    /// The process that it belongs to.
    pub(super) fn engine(&self) -> &'static Engine {
        self.engine
    }

    /// What pyo3-async-runtimes is handed in place of the loop.
    pub(super) fn locals(self: &Arc<Self>, py: Python<'_>) -> PyResult<TaskLocals> {
        Ok(TaskLocals::new(Bound::new(py, BatchedLoop(self.clone()))?.into_any()))
    }
}

/// What this thread served before. A panic must not leave it serving a loop, and keep that loop alive.
struct Outer(Option<Arc<LoopQueue>>);

impl Drop for Outer {
    fn drop(&mut self) {
        let inner = CURRENT.replace(self.0.take());
        drop(inner);
    }
}

impl Drop for LoopQueue {
    /// The last holder may be whoever turns the runtime. Without the GIL pyo3 parks the reference behind a global mutex;
    /// a `fork()` at that moment copies the mutex locked, and the child hangs. So the courier lets go of it.
    fn drop(&mut self) {
        let event_loop = self.event_loop.take();
        if self.engine.is_ours() {
            let entries = std::mem::take(&mut lock(&self.pending).entries);
            self.engine.courier.send(Errand::Free(event_loop, entries));
        } else {
            // A forked child touches nothing of its parent's: a thread that it lacks may hold what this would lock.
            std::mem::forget((event_loop, std::mem::take(&mut self.pending)));
        }
    }
}

/// Runs on the loop's thread, once a batch.
#[pyclass(frozen)]
pub(super) struct Drain {
    queue: Arc<LoopQueue>,
    ran: AtomicBool,
}

impl Drain {
    pub(super) fn new(queue: Arc<LoopQueue>) -> Self {
        Self { queue, ran: AtomicBool::new(false) }
    }
}

#[pymethods]
impl Drain {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        self.ran.store(true, Ordering::SeqCst);
        // After the exit began nothing is delivered: what waits is left as it is.
        let Ok(inside) = Inside::enter() else { return Ok(()) };
        if !self.queue.engine.is_of(&inside) {
            return Ok(()); // the parent's calls are dead in a forked child, and a thread that it lacks may hold the lock
        }
        let mut told = Ok(());
        self.queue.serve(|| {
            while let Some(batch) = self.queue.next_batch() {
                // Between taking the results and handing them out: whoever awaits one finds its records told. An
                // interrupt in a handler must not strand the results.
                if told.is_ok() {
                    told = self.queue.engine.logs.tell(py);
                }
                for entry in batch {
                    // One bad entry must strand neither the rest of the batch nor, by a claim for ever, the loop.
                    if let Ok(Err(error)) = catch_unwind(AssertUnwindSafe(|| entry(py))) {
                        error.write_unraisable(py, None);
                    }
                }
            }
        });
        told
    }
}

impl Drop for Drain {
    /// Dropped unrun, the loop is closed. Entries hold their queue: uncleared they would keep each other alive.
    fn drop(&mut self) {
        if !self.ran.load(Ordering::SeqCst) && self.queue.engine.is_ours() {
            let stale = std::mem::take(&mut *lock(&self.queue.pending));
            drop(stale); // not under the lock: what is dropped may push
        }
    }
}

/// What pyo3-async-runtimes takes for the event loop: of a loop it calls these two methods and no others (0.30).
#[pyclass(frozen)]
struct BatchedLoop(Arc<LoopQueue>);

#[pymethods]
impl BatchedLoop {
    fn create_future<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.event_loop(py).call_method0(pyo3::intern!(py, "create_future"))
    }

    #[pyo3(signature = (callback, *args, context=None))]
    fn call_soon_threadsafe(
        &self,
        py: Python<'_>,
        callback: Py<PyAny>,
        args: Py<PyTuple>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let call = move |py: Python<'_>| {
            let Some(context) = context else { return callback.call1(py, args.bind(py)).map(drop) };
            let all: Vec<_> = std::iter::once(callback.into_bound(py)).chain(args.bind(py)).collect();
            context.call_method1(py, pyo3::intern!(py, "run"), PyTuple::new(py, all)?).map(drop)
        };
        // On the loop's own thread, in a drain, there is nothing to wait for.
        if LoopQueue::current().is_some_and(|queue| Arc::ptr_eq(&queue, &self.0)) {
            call(py)
        } else {
            self.0.push(Box::new(call));
            Ok(())
        }
    }
}
