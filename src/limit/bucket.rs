//! A given rate, spread evenly, with a few requests saved up.
//!
//! Kept as one moment (the generic cell rate algorithm) and not as a number of tokens: no rounding adds up, and the
//! moment of the n-th next request is a sum.

use std::time::Duration;

/// The most requests that are saved up.
const MOST_SAVED: f64 = 10.0;
/// Between two requests where the rate makes no sense: the configuration refuses such rates, and here nothing panics.
const LONGEST_INTERVAL: Duration = Duration::from_secs(86_400);

/// A token bucket that starts full.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Between two requests in the long run.
    interval: Duration,
    /// How far ahead of the even spread requests may go.
    ahead: Duration,
    /// When the next request is due in the even spread.
    due: Duration,
}

impl Bucket {
    /// `rate` is in requests a minute. No more than a minute's requests are saved up.
    pub(super) fn new(rate: f64) -> Self {
        let exact = Duration::try_from_secs_f64(60.0 / rate).unwrap_or(LONGEST_INTERVAL).min(LONGEST_INTERVAL);
        // Never rounded down: a long run must not exceed the rate.
        let interval = if exact.is_zero() { exact } else { exact + Duration::from_nanos(1) };
        let saved = rate.clamp(1.0, MOST_SAVED);
        let ahead = if saved.is_nan() { Duration::ZERO } else { interval.mul_f64(saved - 1.0) };
        Self { interval, ahead, due: Duration::ZERO }
    }

    /// The earliest moment, not before `from`, of a request with `before` others before it.
    pub(super) fn ready(&self, before: usize, from: Duration) -> Duration {
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        let due = self.due.max(from).saturating_add(self.interval.saturating_mul(before));
        due.saturating_sub(self.ahead).max(from)
    }

    pub(super) fn take(&mut self, now: Duration) {
        self.due = self.due.max(now).saturating_add(self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_full_and_refills_evenly() {
        let mut bucket = Bucket::new(60.0);
        for _ in 0..10 {
            assert_eq!(bucket.ready(0, Duration::ZERO), Duration::ZERO);
            bucket.take(Duration::ZERO);
        }
        for (before, second) in [(0, 1), (1, 2), (5, 6)] {
            let late = bucket.ready(before, Duration::ZERO).abs_diff(Duration::from_secs(second));
            assert!(late < Duration::from_micros(1), "{late:?}");
        }
    }

    #[test]
    fn no_more_than_a_minute_is_saved_up() {
        let mut bucket = Bucket::new(2.0);
        assert_eq!(bucket.ready(1, Duration::ZERO), Duration::ZERO);
        bucket.take(Duration::ZERO);
        bucket.take(Duration::ZERO);
        assert!(bucket.ready(0, Duration::ZERO) >= Duration::from_secs(30));
    }

    #[test]
    fn rates_without_sense_do_not_panic() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX] {
            let mut bucket = Bucket::new(rate);
            bucket.take(Duration::MAX);
            bucket.ready(usize::MAX, Duration::from_secs(1));
        }
    }
}
