//! When something was written down.
//!
//! The time of day is for people and for the age of a row, and may jump. The monotonic time is for durations, and means
//! something only next to another one of the same process: hence [`Stamp::since`].

use std::time::{Duration, SystemTime};

use crate::clock::Clock;

const DAY: u64 = 24 * 60 * 60;

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

/// ISO 8601 in UTC with milliseconds. Times before 1970 are told as its first moment: no clock that works says them.
pub(super) fn utc(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = date(since.as_secs() / DAY);
    let (second, milliseconds) = (since.as_secs() % DAY, since.subsec_millis());
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// What [`utc`] wrote; None if it was not that.
pub(super) fn from_utc(text: &str) -> Option<SystemTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<u64>().ok());
    let days = days(date.next()??, date.next()??, date.next()??)?;
    let (time, milliseconds) = time.split_once('.')?;
    let mut time = time.splitn(3, ':').map(|part| part.parse::<u64>().ok());
    let seconds = (time.next()?? * 60 + time.next()??) * 60 + time.next()??;
    let since = Duration::from_secs(days * DAY + seconds) + Duration::from_millis(milliseconds.parse().ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Year, month and day of a day since 1970-01-01. Years begin in March here, so that the leap day is a year's last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let year = era * 400 + year + u64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day - (153 * month + 2) / 5 + 1)
}

/// The days from 1970-01-01 to a date; None where there is none such.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let month = (month + 9) % 12;
    let day = (153 * month + 2) / 5 + day - 1;
    let (era, year) = (year / 400, year % 400);
    (era * 146_097 + 365 * year + year / 4 - year / 100 + day).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn epoch_plus(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    #[test]
    fn moments_are_written_in_utc_with_milliseconds() {
        assert_eq!(utc(epoch_plus(1_767_225_600_250)), "2026-01-01T00:00:00.250Z");
        assert_eq!(utc(epoch_plus(951_782_400_000)), "2000-02-29T00:00:00.000Z");
        assert_eq!(utc(epoch_plus(0) - Duration::from_secs(1)), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn other_text_is_no_moment() {
        for text in ["", "Z", "2026-01-01", "2026-01-01T00:00:00Z", "2026-13-01T00:00:00.000Z", "9-9-9T0:0:0.0Z"] {
            assert_eq!(from_utc(text), None, "{text}");
        }
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
        fn what_was_written_is_read(milliseconds in 0_u64..253_402_300_800_000) {
            let at = epoch_plus(milliseconds);
            prop_assert_eq!(from_utc(&utc(at)), Some(at));
        }

        #[test]
        fn sqlite_reads_our_dates_as_we_do(milliseconds in 0_u64..253_402_300_800_000) {
            let sqlite = rusqlite::Connection::open_in_memory().unwrap();
            let text = utc(epoch_plus(milliseconds));
            let seconds: i64 = sqlite.query_row("SELECT unixepoch(?)", [text], |row| row.get(0)).unwrap();
            prop_assert_eq!(u64::try_from(seconds).unwrap(), milliseconds / 1_000);
        }
    }
}
