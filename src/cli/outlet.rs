//! The way of rows to stdout: a thread writes, so that a slow reader keeps no answer waiting, and Ctrl-C is heard.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// So much waits to be written before there is no room; what is put in at once may exceed it.
const MOST: usize = 64 * 1024;

/// Text on its way. Once it cannot be written, it is let go.
#[derive(Clone)]
pub(super) struct Outlet(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    text: String,
    /// No more comes.
    ended: bool,
    /// All is written, or cannot be.
    over: bool,
    lost: Option<io::Error>,
    waker: Option<Waker>,
}

impl Outlet {
    pub(super) fn new(out: impl Write + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let for_writer = shared.clone();
        thread::spawn(move || for_writer.write(out));
        Self(shared)
    }

    /// Waits until there is room.
    pub(super) fn poll_room(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.text.len() < MOST {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    pub(super) fn put(&self, text: &str) {
        let mut state = self.0.lock();
        if !state.over && !text.is_empty() {
            state.text.push_str(text);
            self.0.changed.notify_all();
        }
    }

    /// No more comes.
    pub(super) fn end(&self) {
        self.0.lock().ended = true;
        self.0.changed.notify_all();
    }

    /// Waits until all is written; gives why it could not be.
    pub(super) fn poll_over(&self, context: &mut Context<'_>) -> Poll<Option<io::Error>> {
        let mut state = self.0.lock();
        if state.over {
            return Poll::Ready(state.lost.take());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// The same on the spot, but not for long: whoever reads may be stuck.
    pub(super) fn wait(&self, longest: Duration) {
        let state = self.0.lock();
        drop(self.0.changed.wait_timeout_while(state, longest, |state| !state.over));
    }
}

impl Shared {
    fn write(&self, mut out: impl Write) {
        while let Some(text) = self.next() {
            let lost = out.write_all(text.as_bytes()).and_then(|()| out.flush()).err();
            let stop = lost.is_some();
            self.lock().lost = lost;
            if stop {
                break;
            }
        }
        let mut state = self.lock();
        state.over = true;
        state.text = String::new();
        wake(state);
        self.changed.notify_all();
    }

    /// What is to be written; None: there is no more.
    fn next(&self) -> Option<String> {
        let waiting = |state: &mut State| state.text.is_empty() && !state.ended;
        let mut state = self.changed.wait_while(self.lock(), waiting).unwrap_or_else(PoisonError::into_inner);
        let text = std::mem::take(&mut state.text);
        wake(state);
        (!text.is_empty()).then_some(text)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes whoever waits, without the lock.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
