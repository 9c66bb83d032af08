//! Each check has its time, and all of them together.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::clock::SharedClock;

/// The time that is left.
#[derive(Clone, Debug)]
pub(super) struct Time {
    pub(super) clock: SharedClock,
    end: Duration,
}

impl Time {
    pub(super) fn new(clock: SharedClock, longest: Duration) -> Self {
        let end = clock.now() + longest;
        Self { clock, end }
    }

    /// Of so much as much as is left.
    pub(super) fn at_most(&self, wish: Duration) -> Duration {
        wish.min(self.end.saturating_sub(self.clock.now()))
    }

    /// What `work` gives; None if that takes longer than `longest`, or than all may take.
    pub(super) async fn within<T>(&self, longest: Duration, work: impl Future<Output = T>) -> Option<T> {
        let end = self.clock.now() + self.at_most(longest);
        match select(pin!(work), self.clock.sleep_until(end)).await {
            Either::Left((value, _)) => Some(value),
            Either::Right(_) => None,
        }
    }
}
