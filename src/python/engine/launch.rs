//! The way of work into the runtime, for calls on event loops: many launches, one bell.
//!
//! To hand a task to a runtime that another thread turns is a system call. A loop starts many calls in one turn, so they
//! line up here, and only the first of them wakes who starts them all from inside the runtime, where it costs none.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};

use futures_util::future::{Either, select};
use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};
use tokio::task;

use super::lock;

type Launch = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Work that waits for the bell.
#[derive(Clone, Default)]
pub(super) struct Launches(Arc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: Mutex<Vec<Launch>>,
    bell: Notify,
}

impl Launches {
    /// Has `runtime` answer the bell.
    pub(super) fn serve(&self, runtime: &Runtime) {
        drop(runtime.spawn(answer(self.clone())));
    }

    /// Puts `work` in line and rings. It ends when the receiver is dropped; `busy` is held until its result is told.
    pub(super) fn add<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        busy: impl Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (mut result, receiver) = oneshot::channel();
        let launch = async move {
            let value = match select(pin!(result.closed()), pin!(work)).await {
                Either::Left(_) => None, // nobody waits any more, perhaps from the start
                Either::Right((value, _)) => Some(value),
            };
            if let Some(value) = value {
                // Who left in this very moment does not want it.
                let _ = result.send(value);
            }
            drop(busy);
        };
        lock(&self.0.waiting).push(Box::pin(launch));
        // A bell that was heard and not yet answered costs nothing to ring again.
        self.0.bell.notify_one();
        receiver
    }
}

#[expect(clippy::disallowed_methods, reason = "the engine is where the core's futures become tasks")]
async fn answer(launches: Launches) {
    loop {
        launches.0.bell.notified().await;
        // What is due comes first, above all that connections notice that their server closed them: see `Driver::spawn`.
        task::yield_now().await;
        let batch = std::mem::take(&mut *lock(&launches.0.waiting));
        for launch in batch {
            drop(tokio::spawn(launch));
        }
    }
}
