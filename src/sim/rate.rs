//! How often somebody may ask: the count in a window of time, and what answers say of it.

use std::time::Duration;

use super::moment::Moment;

/// What an answer says about the rate where nothing is limited.
const UNLIMITED: u32 = 1_000_000;

/// A rule: so many requests in a window; None refuses nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub limit: Option<u32>,
    pub window: Duration,
}

/// What somebody has used of their rate, for the `inin-ratelimit-` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    pub allowed: u32,
    pub count: u32,
    /// Whole seconds until the count begins anew, rounded up.
    pub reset: u64,
    /// The window in seconds, rounded up.
    pub window: u64,
}

/// A window under way. It begins with the first request after the last one ended.
#[derive(Debug, Default)]
pub(super) struct Window {
    ends: Moment,
    count: u32,
}

impl Window {
    /// Whether a request more would be one too many. A window that has passed begins anew.
    pub(super) fn is_full(&mut self, rate: Rate, now: Moment) -> bool {
        if self.ends <= now {
            *self = Self { ends: now + rate.window, count: 0 };
        }
        rate.limit.is_some_and(|limit| self.count >= limit)
    }

    /// One request more.
    pub(super) fn count(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    pub(super) fn quota(&self, rate: Rate, now: Moment) -> Quota {
        Quota {
            allowed: rate.limit.unwrap_or(UNLIMITED),
            count: self.count,
            reset: rounded_up(self.ends.saturating_sub(now)),
            window: rounded_up(rate.window),
        }
    }
}

fn rounded_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_begins_with_a_request_and_is_told_in_whole_seconds() {
        let rate = Rate { limit: Some(1), window: Duration::from_millis(1_500) };
        let at = Duration::from_millis;
        let mut window = Window::default();
        assert!(!window.is_full(rate, at(10_000)));
        window.count();
        assert!(window.is_full(rate, at(11_499)));
        assert_eq!(window.quota(rate, at(11_400)), Quota { allowed: 1, count: 1, reset: 1, window: 2 });
        assert!(!window.is_full(rate, at(11_500)));
        assert_eq!(window.quota(rate, at(11_500)).reset, 2);
    }
}
