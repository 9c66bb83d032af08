//! The shared handle, and the permit.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::acquire::Acquire;
use super::state::{Calls, State};
use super::window::Grant;
use super::{Heard, Limits, Priority, QueueTooLong, Snapshot};
use crate::clock::SharedClock;

/// One limiter for all users of one client. Clones share it.
#[derive(Clone)]
pub struct Limiter(Arc<Shared>);

pub(super) struct Shared {
    pub clock: SharedClock,
    state: Mutex<State>,
}

impl Shared {
    /// The only way in to change something: whoever must hear of it is woken after the lock is released.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State, Duration) -> (T, Calls)) -> T {
        let (value, calls) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut state, self.clock.now())
        };
        calls.wake();
        value
    }
}

impl Limiter {
    /// A limiter that has heard nothing yet.
    pub fn new(limits: Limits, clock: SharedClock) -> Self {
        Self(Arc::new(Shared { clock, state: Mutex::new(State::new(limits)) }))
    }

    /// Waits for its turn, from the first poll on. `by` is the latest moment of the clock at which the permit is still of
    /// use: a wait that cannot end by then fails at once, also when that turns out only while it waits.
    ///
    /// Poll it or drop it: one that is held and not polled holds up everybody behind it.
    pub fn acquire(
        &self,
        priority: Priority,
        by: Option<Duration>,
    ) -> impl Future<Output = Result<Permit, QueueTooLong>> + Send + 'static {
        Acquire::new(Arc::clone(&self.0), priority, by)
    }

    /// How long all who wait now keep the limit busy, or how far its use is ahead of an even pace; zero while quota is
    /// plentiful. Whoever can do without his turn for so long leaves it to others.
    pub fn queue(&self) -> Duration {
        self.0.change(|state, now| (state.queue(now), Calls::default()))
    }

    /// Does the user count the requests out?
    pub fn is_given(&self) -> bool {
        self.0.change(|state, _| (state.is_given(), Calls::default()))
    }

    /// What it knows now.
    pub fn snapshot(&self) -> Snapshot {
        self.0.change(|state, _| (state.snapshot(), Calls::default()))
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Limiter").field(&self.snapshot()).finish()
    }
}

/// Leave to send one request. It holds one of the slots in flight; dropped, it frees the slot.
pub struct Permit {
    pub(super) shared: Arc<Shared>,
    pub(super) grant: Grant,
    pub(super) waited: Duration,
}

impl Permit {
    /// From the first poll of [`Limiter::acquire`] to the grant.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// What the answer said about the limit. Call it for every answer, also one without rate headers.
    pub fn heard(&self, heard: &Heard) {
        self.shared.change(|state, now| ((), state.hear(now, self.grant, heard)));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.change(|state, now| ((), state.release(now, self.grant)));
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("waited", &self.waited).finish_non_exhaustive()
    }
}
