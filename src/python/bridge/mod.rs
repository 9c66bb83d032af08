//! From a Rust future to an asyncio future, by pyo3-async-runtimes over our own engine.
//!
//! The library makes the asyncio future, wires its cancellation and sets its result. Its tasks ([`Chore`]) hold Python
//! objects, so they run on the loop's own thread and nowhere else. The work itself runs in the tokio runtime, whichever
//! thread turns it (`engine/driver.rs`): it never attaches to Python and never drops a `Py`.
//!
//! The way of a call: [`spawn`], `Launches::add`; the runtime runs the work. The way of its result: `Chore::wake`,
//! `LoopQueue::push`, `Post` until the runtime has done all that is due, courier, `call_soon_threadsafe(Drain)` once a
//! batch; on the loop's thread `Chore::poll`, which builds the object.

mod courier;
mod loop_queue;
mod never;
mod post;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3_async_runtimes::{TaskLocals, generic};
use tokio::sync::oneshot;

pub(super) use self::courier::Courier;
pub(super) use self::loop_queue::LoopQueue;
pub(super) use self::never::Never;
pub(super) use self::post::Post;
use super::engine::{Engine, lock};

/// How the result of some work becomes a Python object.
pub(super) type Build<T> = for<'py> fn(Python<'py>, T) -> PyResult<Bound<'py, PyAny>>;

/// An asyncio future of the running loop for `work`. Cancelling it drops `work`; a panic in `work` raises.
pub(super) fn spawn<'py, T: Send + 'static>(
    py: Python<'py>,
    engine: &'static Engine,
    work: impl Future<Output = T> + Send + 'static,
    build: Build<T>,
) -> PyResult<Bound<'py, PyAny>> {
    let queue = LoopQueue::running(py, engine)?;
    let locals = queue.locals(py)?;
    let task = engine.launch(work);
    let answer = async move {
        match task.await {
            Ok(value) => Ok(Answer { value, build }),
            Err(_) => Err(PyRuntimeError::new_err("the work of a call panicked")),
        }
    };
    let future = queue.serve(|| generic::future_into_py_with_locals::<OnLoop, _, _>(py, locals, answer))?;
    // The answer may be there already, and then no `Drain` comes for it.
    engine.logs.tell(py)?;
    Ok(future)
}

/// A value and how to make a Python object of it, once it is where the GIL is.
struct Answer<T> {
    value: T,
    build: Build<T>,
}

impl<'py, T> IntoPyObject<'py> for Answer<T> {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let Self { value, build } = self;
        // A panic here would leave the asyncio future unanswered for ever.
        catch_unwind(AssertUnwindSafe(|| build(py, value)))
            .unwrap_or_else(|_| Err(PyRuntimeError::new_err("the conversion of a result panicked")))
    }
}

type BoxedWork = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A task of pyo3-async-runtimes, polled and dropped on its loop's thread only.
struct Chore {
    queue: Arc<LoopQueue>,
    state: Mutex<State>,
}

/// Work is polled and dropped outside the lock. Both run Python code, which may get here again on the same thread (a
/// `__del__`) or let another thread run that does.
enum State {
    Waiting(BoxedWork),
    Polled,
    /// To be polled once more, by who polls it now.
    PolledAgain,
    Over,
}

impl Chore {
    fn poll(self: &Arc<Self>) {
        let mut work = {
            let mut state = lock(&self.state);
            match std::mem::replace(&mut *state, State::Over) {
                State::Waiting(work) => {
                    *state = State::Polled;
                    work
                }
                State::Polled | State::PolledAgain => {
                    *state = State::PolledAgain;
                    return;
                }
                State::Over => return,
            }
        };
        let waker = Waker::from(self.clone());
        loop {
            let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut Context::from_waker(&waker))));
            let mut state = lock(&self.state);
            match *state {
                State::PolledAgain if matches!(polled, Ok(Poll::Pending)) => *state = State::Polled,
                State::Polled if matches!(polled, Ok(Poll::Pending)) => {
                    *state = State::Waiting(work);
                    return;
                }
                // It is done, or its loop was closed meanwhile.
                _ => {
                    *state = State::Over;
                    drop(state);
                    return drop(work);
                }
            }
        }
    }

    /// Lets go of the work.
    fn abandon(&self) {
        let state = std::mem::replace(&mut *lock(&self.state), State::Over);
        drop(state); // not under the lock
    }
}

impl Wake for Chore {
    fn wake(self: Arc<Self>) {
        // In a forked child the parent's calls are dead.
        if self.queue.engine().is_ours() {
            let queue = self.queue.clone();
            let wakeup = Wakeup(Some(self));
            queue.push(Box::new(move |_| {
                wakeup.run();
                Ok(())
            }));
        }
    }
}

/// A chore that wants to be polled. Dropped unrun, its loop is closed: what the chore waits for holds the chore, so
/// without this they would keep each other alive, and the loop with them.
struct Wakeup(Option<Arc<Chore>>);

impl Wakeup {
    fn run(mut self) {
        if let Some(chore) = self.0.take() {
            chore.poll();
        }
    }
}

impl Drop for Wakeup {
    fn drop(&mut self) {
        if let Some(chore) = self.0.take() {
            chore.abandon();
        }
    }
}

/// The library's runtime: what it spawns becomes a [`Chore`], what it calls blocking (it attaches) runs at once.
struct OnLoop;

/// Why a chore has no result.
struct Lost;

impl generic::JoinError for Lost {
    fn is_panic(&self) -> bool {
        true
    }

    fn into_panic(self) -> Box<dyn Any + Send> {
        Box::new("a task of gcrec was lost")
    }
}

impl generic::Runtime for OnLoop {
    type JoinError = Lost;
    type JoinHandle = Pin<Box<dyn Future<Output = Result<(), Lost>> + Send>>;

    fn spawn<F: Future<Output = ()> + Send + 'static>(work: F) -> Self::JoinHandle {
        let (done, finished) = oneshot::channel();
        let work = async move {
            work.await;
            let _ = done.send(());
        };
        // Without a queue (the library never spawns from elsewhere) `done` is dropped, which is told as `Lost`.
        if let Some(queue) = LoopQueue::current() {
            Arc::new(Chore { queue, state: Mutex::new(State::Waiting(Box::pin(work))) }).poll();
        }
        Box::pin(async { finished.await.map_err(|_| Lost) })
    }

    fn spawn_blocking<F: FnOnce() + Send + 'static>(deliver: F) -> Self::JoinHandle {
        deliver();
        Box::pin(std::future::ready(Ok(())))
    }
}

impl generic::ContextExt for OnLoop {
    fn scope<F: Future<Output = R> + Send + 'static, R>(
        _: TaskLocals,
        work: F,
    ) -> Pin<Box<dyn Future<Output = R> + Send>> {
        Box::pin(work)
    }

    fn get_task_locals() -> Option<TaskLocals> {
        None
    }
}
