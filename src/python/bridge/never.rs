//! What a call on an event loop gives after the exit began: a future that nobody answers any more.
//!
//! Such a loop runs in a daemon thread, which an error would only make noisy. The usual way of making a future runs
//! Python code, which is not safe by then (`engine/presence.rs`); awaiting this one does not. Cancelling it works, for loops that
//! somebody still waits for.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use pyo3::exceptions::asyncio::{CancelledError, InvalidStateError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::python::engine::lock;

/// A callback, and the context to run it in.
type Callback = (Py<PyAny>, Option<Py<PyAny>>);

/// The part of `asyncio.Future` that tasks use.
#[pyclass(frozen)]
pub(in crate::python) struct Never {
    event_loop: Py<PyAny>,
    blocking: AtomicBool,
    cancelled: AtomicBool,
    callbacks: Mutex<Vec<Callback>>,
}

impl Never {
    /// For the running loop.
    pub(in crate::python) fn new(py: Python<'_>) -> PyResult<Self> {
        Ok(Self {
            event_loop: pyo3_async_runtimes::get_running_loop(py)?.unbind(),
            blocking: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            callbacks: Mutex::default(),
        })
    }
}

#[pymethods]
impl Never {
    fn __iter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    /// What a task gets to wait for.
    fn __next__(this: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        if this.get().cancelled() {
            return Err(CancelledError::new_err(()));
        }
        this.get().blocking.store(true, SeqCst);
        Ok(this)
    }

    #[getter(_asyncio_future_blocking)]
    fn blocking(&self) -> bool {
        self.blocking.load(SeqCst)
    }

    #[setter(_asyncio_future_blocking)]
    fn set_blocking(&self, blocking: bool) {
        self.blocking.store(blocking, SeqCst);
    }

    fn get_loop(&self, py: Python<'_>) -> Py<PyAny> {
        self.event_loop.clone_ref(py)
    }

    #[pyo3(signature = (callback, *, context=None))]
    fn add_done_callback(&self, callback: Py<PyAny>, context: Option<Py<PyAny>>) {
        lock(&self.callbacks).push((callback, context));
    }

    #[pyo3(signature = (msg=None))]
    fn cancel(this: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        drop(msg);
        let py = this.py();
        let callbacks = std::mem::take(&mut *lock(&this.get().callbacks));
        if this.get().cancelled.swap(true, SeqCst) {
            return Ok(false);
        }
        for (callback, context) in callbacks {
            let options = PyDict::new(py);
            options.set_item("context", context)?;
            this.get().event_loop.bind(py).call_method("call_soon", (callback, this), Some(&options))?;
        }
        Ok(true)
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(SeqCst)
    }

    fn done(&self) -> bool {
        self.cancelled()
    }

    fn result(&self) -> PyResult<()> {
        Err(if self.cancelled() { CancelledError::new_err(()) } else { InvalidStateError::new_err("never") })
    }
}
