//! How long a request may take, and who may go before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::limit::Priority;

/// Until when. Clones are the same budget.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// On the client's clock, in nanoseconds: 584 years of them.
    deadline: AtomicU64,
    waits: Waits,
}

/// Does the time that the limiter has us wait count?
#[derive(Debug)]
enum Waits {
    Count,
    DoNotCount,
    /// Not for this part of a whole; for the whole as it says.
    PartOf(Budget),
}

impl Budget {
    /// Until this moment, whatever the wait was for.
    pub fn until(deadline: Duration) -> Self {
        Self::new(deadline, Waits::Count)
    }

    /// Until this moment, not counting what is waited for the limiter: for one of many.
    pub fn patient(deadline: Duration) -> Self {
        Self::new(deadline, Waits::DoNotCount)
    }

    /// A part of it, such as one look of many: until this moment, not counting the wait for the limiter, which may be as
    /// long as the whole allows.
    #[must_use]
    pub fn part(&self, deadline: Duration) -> Self {
        Self::new(deadline, Waits::PartOf(self.clone()))
    }

    fn new(deadline: Duration, waits: Waits) -> Self {
        Self(Arc::new(Inner { deadline: AtomicU64::new(nanoseconds(deadline)), waits }))
    }

    /// The moment.
    pub fn deadline(&self) -> Duration {
        Duration::from_nanos(self.0.deadline.load(Ordering::Acquire))
    }

    /// What is left of it at `now`.
    pub fn left(&self, now: Duration) -> Duration {
        self.deadline().saturating_sub(now)
    }

    /// The latest moment at which a turn is still of use; None where the wait is not counted.
    pub(crate) fn turn_by(&self) -> Option<Duration> {
        match &self.0.waits {
            Waits::Count => Some(self.deadline()),
            Waits::DoNotCount => None,
            // A last look is granted a moment beyond the whole.
            Waits::PartOf(whole) => whole.turn_by().map(|by| by.max(self.deadline())),
        }
    }

    /// Is what is waited for the limiter not counted, however long it is?
    pub(crate) fn is_patient(&self) -> bool {
        self.turn_by().is_none()
    }

    /// The limiter had us wait.
    pub(crate) fn waited(&self, time: Duration) {
        match &self.0.waits {
            _ if time.is_zero() => return,
            Waits::Count => return,
            Waits::DoNotCount => {}
            Waits::PartOf(whole) => whole.waited(time),
        }
        self.0.deadline.fetch_add(nanoseconds(time), Ordering::AcqRel);
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// What holds for one operation.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Its place in the order of RULES of proof, section 6.
    pub priority: Priority,
    /// Bounds all of it.
    pub budget: Budget,
    /// How often a request may be repeated.
    pub max_retries: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_the_patient_do_not_count_what_they_wait() {
        let (single, one_of_many) = (Budget::until(SECOND), Budget::patient(SECOND));
        single.waited(SECOND);
        one_of_many.clone().waited(SECOND);
        assert_eq!((single.deadline(), one_of_many.deadline()), (SECOND, 2 * SECOND));
        assert_eq!((single.turn_by(), one_of_many.turn_by()), (Some(SECOND), None));
    }

    #[test]
    fn a_part_waits_as_long_as_the_whole_allows_and_then_has_its_own_time() {
        let whole = Budget::until(9 * SECOND);
        let part = whole.part(SECOND);
        assert_eq!(part.turn_by(), Some(9 * SECOND));
        part.waited(3 * SECOND);
        assert_eq!((part.deadline(), whole.deadline()), (4 * SECOND, 9 * SECOND));
        let whole = Budget::patient(9 * SECOND);
        whole.part(SECOND).waited(3 * SECOND);
        assert_eq!(whole.deadline(), 12 * SECOND);
    }
}
