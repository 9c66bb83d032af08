//! Moments as text: ISO 8601, as servers and journals write them.

use std::time::{Duration, SystemTime};

const DAY: u64 = 24 * 60 * 60;

/// In UTC with milliseconds: `2026-01-01T00:00:00.000Z`. Times before 1970 are told as its first moment: no clock that works
/// says them.
pub fn utc(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = date(since.as_secs() / DAY);
    let (second, milliseconds) = (since.as_secs() % DAY, since.subsec_millis());
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// The moment that a text names; None if it names none, or leaves open in which zone. Any number of decimals will do, of
/// which nine count; so will `Z`, `+01:00` and `+0100`.
pub fn parse(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day)? * DAY + (hour * 60 + minute) * 60 + second;
    let local = Duration::new(seconds, nanoseconds(fraction)?);
    let (sign, ahead) = zone.split_at(1);
    let ahead = if sign.eq_ignore_ascii_case("z") { ahead.is_empty().then_some(0)? } else { offset(ahead)? };
    let since =
        if sign == "+" { local.checked_sub(Duration::from_secs(ahead))? } else { local + Duration::from_secs(ahead) };
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Numbers of so many digits each.
fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = text.split(between);
    let mut next = |digits| number(parts.next()?, digits);
    let all = [next(digits[0])?, next(digits[1])?, next(digits[2])?];
    parts.next().is_none().then_some(all)
}

fn number(text: &str, digits: usize) -> Option<u64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn nanoseconds(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}")[..9].parse().ok()
}

/// How far a zone is from UTC, in seconds: `01:00`, `0100` or `01`.
fn offset(zone: &str) -> Option<u64> {
    let digits = zone.replacen(':', "", 1);
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits, 2)?, 0),
        4 => (number(digits.get(..2)?, 2)?, number(digits.get(2..)?, 2)?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some((hours * 60 + minutes) * 60)
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
    fn every_zone_and_any_number_of_decimals_will_do() {
        for (text, milliseconds) in [
            ("2026-01-01T00:00:00Z", 1_767_225_600_000),
            ("2026-01-01T00:00:00.25z", 1_767_225_600_250),
            ("2026-01-01T00:00:00.250000000999Z", 1_767_225_600_250),
            ("2026-01-01T01:30:00.25+01:30", 1_767_225_600_250),
            ("2025-12-31T19:00:00.250-0500", 1_767_225_600_250),
            ("1970-01-01T00:00:00-00", 0),
        ] {
            assert_eq!(parse(text), Some(epoch_plus(milliseconds)), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_moment() {
        for text in [
            "",
            "Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-13-01T00:00:00.000Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.0Zulu",
            "2026-01-01T00:00:00+1",
            "2026-01-01T00:00:00+01:00:00",
            "2026-01-01T00:00:00+\u{fc}\u{fc}",
            "9-9-9T0:0:0.0Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(milliseconds in 0_u64..253_402_300_800_000) {
            let at = epoch_plus(milliseconds);
            prop_assert_eq!(parse(&utc(at)), Some(at));
        }

        #[test]
        fn no_text_is_too_odd_to_be_looked_at(text in "[0-9TZ:.+\\-\u{fc}]{0,40}") {
            let _ = parse(&text);
        }
    }
}
