//! The server's window, as far as its headers tell.
//!
//! The model: windows of a fixed length, the first request after the end of one begins the next. A server that counts
//! otherwise costs a 429 now and then, not more: each answer's word replaces what was assumed.

use std::time::Duration;

use super::Quota;

/// Servers round `reset` up to whole seconds, so a window ends at most this much before `reset` after its answer.
const ROUNDING: Duration = Duration::from_secs(1);
/// So many requests at once are no haste, nor is this part of what a window allows.
const FEW: u32 = 20;
const PLENTY: u32 = 10;
const ASSUMED_LENGTH: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Window {
    /// Requests that it allows; None: nobody said.
    pub allowed: Option<u32>,
    /// As the first answer of a window last told.
    pub length: Duration,
    /// Which window this is. It only grows.
    pub serial: u64,
    used: u32,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// The next grant begins it.
    NotBegun,
    /// As long as the last one.
    Assumed(Duration),
    /// The earliest that its answers told, which is still not before the true end: rounding and travel only add.
    Told(Duration),
}

/// When a permit was granted, and in which window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    pub serial: u64,
    pub at: Duration,
}

impl Window {
    pub(super) fn new(assumed: Option<u32>) -> Self {
        Self { allowed: assumed, length: ASSUMED_LENGTH, serial: 0, used: 0, end: End::NotBegun }
    }

    /// The earliest moment, not before `from`, of a request with `before` others before it.
    pub(super) fn ready(&self, before: usize, from: Duration) -> Duration {
        let Some(allowed) = self.allowed else { return from };
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        let (left, next) = match self.end {
            End::Assumed(end) | End::Told(end) if end > from => (allowed.saturating_sub(self.used), end),
            _ => (0, from),
        };
        match before.checked_sub(left) {
            None => from,
            Some(after) => next.saturating_add(self.length.saturating_mul(after / allowed.max(1))),
        }
    }

    /// How much earlier than an even pace all that was used was used. Who goes on so meets the end of the allowance before
    /// that of the window; whoever can wait so long does not add to that.
    pub(super) fn ahead(&self, now: Duration) -> Duration {
        let (Some(allowed), End::Assumed(end) | End::Told(end)) = (self.allowed, self.end) else {
            return Duration::ZERO;
        };
        let plenty = FEW.max(allowed / PLENTY);
        let even = self.length.mul_f64(f64::from(self.used.saturating_sub(plenty)) / f64::from(allowed.max(1)));
        let elapsed = self.length.saturating_sub(end.saturating_sub(now));
        even.saturating_sub(elapsed)
    }

    pub(super) fn take(&mut self, now: Duration) -> Grant {
        self.turn(now);
        if matches!(self.end, End::NotBegun) {
            self.end = End::Assumed(now.saturating_add(self.length));
        }
        self.used = self.used.saturating_add(1);
        Grant { serial: self.serial, at: now }
    }

    /// Leaves a window that is over.
    pub(super) fn turn(&mut self, now: Duration) {
        if let End::Assumed(end) | End::Told(end) = self.end
            && end <= now
        {
            self.close();
        }
    }

    /// This window is over, whatever was known of it.
    pub(super) fn close(&mut self) {
        self.serial += 1;
        self.used = 0;
        self.end = End::NotBegun;
    }

    /// When this grant's window ends, if it is the present one and an answer told.
    pub(super) fn told_end(&self, grant: Grant) -> Option<Duration> {
        match self.end {
            End::Told(end) if grant.serial == self.serial => Some(end),
            _ => None,
        }
    }

    /// An answer's headers. `in_flight` counts the permits out, this one's too.
    pub(super) fn hear(&mut self, now: Duration, grant: Grant, quota: Quota, in_flight: usize) {
        // The window that it tells of lasts at least until then.
        let at_least = grant.at.saturating_add(quota.reset).saturating_sub(ROUNDING);
        if grant.serial != self.serial && at_least <= now {
            return; // of a window that is over: it would corrupt this one
        }
        if let End::Told(end) = self.end
            && at_least > end
        {
            // The server began a new window a little before we did. Who is in flight may count there.
            self.close();
            self.used = u32::try_from(in_flight).unwrap_or(u32::MAX);
        }
        let end = now.saturating_add(quota.reset);
        self.end = match self.end {
            End::Told(earlier) => End::Told(earlier.min(end)),
            End::NotBegun | End::Assumed(_) => {
                self.length = quota.reset;
                End::Told(end)
            }
        };
        // Others may use the same token; what is ours and still travels the server has not counted.
        self.used = self.used.max(quota.count);
        self.allowed = Some(quota.allowed);
    }
}
