//! Who writes: group commit, by a thread or by whoever awaits.
//!
//! All that was queued while the last transaction was made durable goes into the next one. Its waiters are answered after
//! the commit, all alike: a transaction that fails leaves nothing behind, and fails each of them.

use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::error::{JournalError, of_io};
use super::lock::Lock;
use super::store::Store;
use super::task::Task;

/// Who writes.
pub(super) enum Writer {
    /// A thread of its own. The handle is None once it was joined or forgotten.
    Thread(Arc<Queue>, Option<JoinHandle<()>>),
    /// Whoever awaits. None once it was closed or forgotten.
    Inline(Mutex<Option<Store>>),
}

/// What waits for the thread.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    tasks: Vec<Box<dyn Task>>,
    closed: bool,
}

impl Writer {
    /// A thread that writes into `store`. It keeps the lock until the file is closed.
    pub(super) fn thread(store: Store, lock: Arc<Lock>) -> Result<Self, JournalError> {
        let (path, queue) = (store.path.clone(), Arc::new(Queue::default()));
        let theirs = Arc::clone(&queue);
        let work = move || {
            let mut store = store;
            while let Some(tasks) = theirs.take() {
                store.commit(tasks);
            }
            store.close();
            drop(lock);
        };
        let thread = thread::Builder::new().name("gcrec-journal".to_owned()).spawn(work);
        Ok(Self::Thread(queue, Some(thread.map_err(|error: io::Error| of_io(&path, &error))?)))
    }

    /// Nobody but whoever awaits.
    pub(super) fn inline(store: Store) -> Self {
        Self::Inline(Mutex::new(Some(store)))
    }

    /// Hands a task in. It will be done, whether or not somebody still waits for it.
    pub(super) fn enter(&self, task: Box<dyn Task>) {
        match self {
            Self::Thread(queue, _) => queue.enter(task),
            Self::Inline(store) => {
                if let Some(store) = lock(store).as_mut() {
                    store.commit(vec![task]);
                }
            }
        }
    }

    /// Writes what waits and closes the file.
    pub(super) fn close(&mut self) {
        match self {
            Self::Thread(queue, thread) => {
                queue.close();
                // The last handle may go while this very thread answers; then it ends by itself, a little later.
                if let Some(thread) = thread.take().filter(|it| it.thread().id() != thread::current().id()) {
                    // A panic in it was told on stderr when it happened.
                    let _ = thread.join();
                }
            }
            Self::Inline(store) => {
                if let Some(store) = store.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
                    store.close();
                }
            }
        }
    }

    /// In a forked child: leaves alone what belongs to the parent. Even to close the file would be to write to it, and
    /// the thread exists in the parent only.
    pub(super) fn forget(&mut self) {
        match self {
            Self::Thread(_, thread) => mem::forget(thread.take()),
            Self::Inline(store) => mem::forget(store.get_mut().unwrap_or_else(PoisonError::into_inner).take()),
        }
    }
}

impl Queue {
    fn enter(&self, task: Box<dyn Task>) {
        lock(&self.waiting).tasks.push(task);
        self.changed.notify_one();
    }

    /// All that waits, as soon as something does; None at the end.
    fn take(&self) -> Option<Vec<Box<dyn Task>>> {
        let idle = |waiting: &mut Waiting| waiting.tasks.is_empty() && !waiting.closed;
        let mut waiting = self.changed.wait_while(lock(&self.waiting), idle).unwrap_or_else(PoisonError::into_inner);
        let tasks = mem::take(&mut waiting.tasks);
        (!tasks.is_empty()).then_some(tasks)
    }

    fn close(&self) {
        lock(&self.waiting).closed = true;
        self.changed.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::task::task;

    #[test]
    fn all_that_waits_goes_into_one_transaction() {
        let queue = Queue::default();
        for _ in 0..3 {
            queue.enter(task(|_| Ok(())).0);
        }
        queue.close();
        assert_eq!(queue.take().map(|tasks| tasks.len()), Some(3), "and what waits is done before the end");
        assert!(queue.take().is_none());
    }
}
