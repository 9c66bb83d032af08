//! The one thread besides Python's own that attaches to Python: it wakes event loops, and tells the records that nobody
//! else came for.
//!
//! It attaches once for all its life and detaches around its wait. With an attach for every wake-up a `fork()` hung now
//! and then on CPython 3.9: a thread state in the making holds a lock.

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{Builder, JoinHandle};

use pyo3::prelude::*;

use super::loop_queue::{Drain, Entry, LoopQueue};
use crate::python::engine::lock;
use crate::python::log::Logs;

/// What the courier is sent out for.
pub(super) enum Errand {
    /// Have the loop of this queue drain it.
    Wake(Arc<LoopQueue>),
    /// Let go of Python objects where the GIL is held.
    Free(Option<Py<PyAny>>, Vec<Entry>),
    /// Tell the records that came before this mark.
    Tell(Arc<Logs>, u64),
    /// Leave.
    Stop,
}

/// The courier's address.
pub(in crate::python) struct Courier {
    errands: mpsc::Sender<Errand>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Courier {
    pub(in crate::python) fn start() -> std::io::Result<Self> {
        let (errands, inbox) = mpsc::channel();
        // Never dropped: whatever is left in it behind `Stop` may hold Python objects, and would let go of them without
        // the GIL.
        let inbox = ManuallyDrop::new(Mutex::new(inbox));
        let thread = Builder::new().name("gcrec-py".into()).spawn(move || run(&inbox))?;
        Ok(Self { errands, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn send(&self, errand: Errand) {
        send(&self.errands, errand);
    }

    /// What sends it out to tell records that came before a mark.
    pub(in crate::python) fn teller(&self, logs: Arc<Logs>) -> impl Fn(u64) + Send + 'static {
        let errands = self.errands.clone();
        move |mark| send(&errands, Errand::Tell(logs.clone(), mark))
    }

    /// Waits until the courier has left Python. Call with the GIL released.
    pub(in crate::python) fn stop(&self) {
        self.send(Errand::Stop);
        if let Some(thread) = lock(&self.thread).take() {
            // A courier that panicked has left too.
            let _ = thread.join();
        }
    }
}

fn send(errands: &mpsc::Sender<Errand>, errand: Errand) {
    // After the exit began nobody is left to be woken: errands stay in the inbox, which is always there.
    if let Err(unsent) = errands.send(errand) {
        std::mem::forget(unsent);
    }
}

fn run(inbox: &Mutex<mpsc::Receiver<Errand>>) {
    Python::try_attach(|py| {
        while let Ok(errand) = py.detach(|| lock(inbox).recv()) {
            if matches!(errand, Errand::Stop) {
                return;
            }
            // All loops depend on this thread: a panic that one of them causes must not end it.
            let _ = catch_unwind(AssertUnwindSafe(|| match errand {
                Errand::Wake(queue) => wake(py, queue),
                Errand::Free(event_loop, entries) => drop((event_loop, entries)),
                Errand::Tell(logs, mark) => logs.tell_old(py, mark),
                Errand::Stop => {}
            }));
        }
    });
}

fn wake(py: Python<'_>, queue: Arc<LoopQueue>) {
    let event_loop = queue.event_loop(py);
    // A closed loop raises: nobody waits there any more, and the dropped `Drain` clears the queue.
    let _ = Bound::new(py, Drain::new(queue))
        .and_then(|drain| event_loop.call_method1(pyo3::intern!(py, "call_soon_threadsafe"), (drain,)));
}
