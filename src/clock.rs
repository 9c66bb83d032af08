//! Time and chance. The only file that asks the machine what time it is, sleeps, or rolls dice.
//!
//! Everything else is given a [`Clock`], so that the client and the simulator can run under a clock that a test moves.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::{BoxFuture, Either, select};
use tokio::sync::oneshot;

/// A source of time and chance.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Monotonic time since some fixed moment of this clock.
    fn now(&self) -> Duration;
    /// The time of day.
    fn wall(&self) -> SystemTime;
    /// Resolves when [`Clock::now`] has reached `at`.
    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()>;
    /// A random number, at least 0 and below 1.
    fn chance(&self) -> f64;
}

/// A clock as client and simulator hold it.
pub type SharedClock = Arc<dyn Clock>;

/// Fills `bytes` with chance that nobody can guess; None where the machine has none.
#[expect(clippy::disallowed_methods, reason = "this file owns time and chance")]
pub fn unguessable(bytes: &mut [u8]) -> Option<()> {
    getrandom::fill(bytes).ok()
}

/// What `work` gives, or None if that takes longer, on the machine's own clock.
pub async fn within<T>(longest: Duration, work: impl Future<Output = T> + Unpin) -> Option<T> {
    match select(work, SystemClock::new().sleep_until(longest)).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// The machine's own clock and its own randomness.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

#[expect(clippy::disallowed_methods, reason = "this file owns time and chance")]
impl SystemClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(clippy::disallowed_methods, reason = "this file owns time and chance")]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let at = self.start + at;
        // The timer is made inside: made outside a runtime it would panic.
        Box::pin(async move { tokio::time::sleep_until(at.into()).await })
    }

    fn chance(&self) -> f64 {
        fastrand::f64()
    }
}

/// A clock that moves only when it is told to, with seeded chance.
#[derive(Debug)]
pub struct ManualClock {
    epoch: SystemTime,
    state: Mutex<Manual>,
}

#[derive(Debug)]
struct Manual {
    now: Duration,
    chance: fastrand::Rng,
    sleepers: Vec<(Duration, oneshot::Sender<()>)>,
}

impl ManualClock {
    /// A clock that stands still at 2026-01-01T00:00:00Z; `seed` fixes its chances.
    pub fn new(seed: u64) -> Self {
        let state = Manual { now: Duration::ZERO, chance: fastrand::Rng::with_seed(seed), sleepers: Vec::new() };
        Self { epoch: SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600), state: Mutex::new(state) }
    }

    /// Moves time forward and wakes who slept until then, earliest first.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.now += by;
        let now = state.now;
        let (mut due, later): (Vec<_>, Vec<_>) = state.sleepers.drain(..).partition(|(at, _)| *at <= now);
        state.sleepers = later;
        drop(state);
        due.sort_by_key(|(at, _)| *at);
        for (_, sleeper) in due {
            // A sleeper that gave up has dropped its end: nobody to wake.
            let _ = sleeper.send(());
        }
    }

    /// The moment that the earliest sleeper waits for; None where nobody sleeps.
    pub fn next(&self) -> Option<Duration> {
        let mut state = self.lock();
        state.sleepers.retain(|(_, sleeper)| !sleeper.is_closed());
        state.sleepers.iter().map(|(at, _)| *at).min()
    }

    /// Moves time to the moment that the earliest sleeper waits for and wakes it; None where nobody sleeps.
    pub fn advance_to_next(&self) -> Option<Duration> {
        let next = self.next()?;
        self.advance(next.saturating_sub(self.now()));
        Some(next)
    }

    fn lock(&self) -> MutexGuard<'_, Manual> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.lock().now
    }

    fn wall(&self) -> SystemTime {
        self.epoch + self.now()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.lock();
        if at <= state.now {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        state.sleepers.retain(|(_, sleeper)| !sleeper.is_closed());
        state.sleepers.push((at, wake));
        Box::pin(async move {
            // The clock itself was dropped: time ends for everybody.
            let _ = woken.await;
        })
    }

    fn chance(&self) -> f64 {
        self.lock().chance.f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn a_manual_clock_wakes_exactly_the_sleepers_that_are_due() {
        let clock = ManualClock::new(0);
        let mut early = clock.sleep_until(Duration::from_secs(1));
        let mut late = clock.sleep_until(Duration::from_secs(2));
        assert!((&mut early).now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        assert!((&mut early).now_or_never().is_some());
        assert!((&mut late).now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        assert!(late.now_or_never().is_some());
    }

    #[test]
    fn a_seed_fixes_the_chances() {
        let draw = |seed| ManualClock::new(seed).chance().to_bits();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
