//! When something was written down.
//!
//! The time of day is for people and for the age of a row, and may jump. The monotonic time is for durations, and means
//! something only next to another one of the same process: hence [`Stamp::since`].

use std::time::{Duration, SystemTime};

use crate::clock::Clock;
use crate::model::moment::utc;

/// One opening of a journal: a process, and the clock that it has for that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcessId(pub(super) i64);

/// A moment, as a journal keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamp {
    /// The time of day, to the millisecond.
    pub at: SystemTime,
    /// Monotonic time of the clock of `process`.
    pub monotonic: Duration,
    /// Whose clock that was.
    pub process: ProcessId,
}

impl Stamp {
    /// Now. Finer than a millisecond is cut off, so that a stamp is what will be read of it.
    pub(super) fn now(clock: &dyn Clock, process: ProcessId) -> Self {
        let whole = |time: Duration| Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let since = clock.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { at: SystemTime::UNIX_EPOCH + whole(since), monotonic: whole(clock.now()), process }
    }

    /// The time that passed since `earlier`; None if that was told by the clock of another process.
    pub fn since(&self, earlier: &Self) -> Option<Duration> {
        (self.process == earlier.process).then(|| self.monotonic.saturating_sub(earlier.monotonic))
    }

    /// The time of day in UTC, ISO 8601: `2026-01-01T00:00:00.000Z`.
    pub fn utc(&self) -> String {
        utc(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn epoch_plus(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    #[test]
    fn times_of_two_processes_are_never_compared() {
        let stamp = |process, seconds| Stamp {
            at: epoch_plus(0),
            monotonic: Duration::from_secs(seconds),
            process: ProcessId(process),
        };
        assert_eq!(stamp(1, 5).since(&stamp(1, 2)), Some(Duration::from_secs(3)));
        assert_eq!(stamp(2, 5).since(&stamp(1, 2)), None);
    }

    proptest! {
        #[test]
        fn sqlite_reads_our_dates_as_we_do(milliseconds in 0_u64..253_402_300_800_000) {
            let sqlite = rusqlite::Connection::open_in_memory().unwrap();
            let text = utc(epoch_plus(milliseconds));
            let seconds: i64 = sqlite.query_row("SELECT unixepoch(?)", [text], |row| row.get(0)).unwrap();
            prop_assert_eq!(u64::try_from(seconds).unwrap(), milliseconds / 1_000);
        }
    }
}
