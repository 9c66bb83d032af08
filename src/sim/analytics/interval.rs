//! The interval of a query: `start/end`, each in ISO 8601.

use std::ops::Range;
use std::time::Duration;

use crate::sim::moment::Moment;
use crate::sim::reply::Failure;

const DAY: u64 = 86_400;
/// The vendor's documents name no limit; its servers are said to refuse longer ones.
const LONGEST: Duration = Duration::from_secs(31 * DAY);

/// The days that an interval touches, from the first one's beginning to the last one's end: a query finds what began on
/// them.
pub(super) fn days(interval: &str) -> Result<Range<Moment>, Failure> {
    let ends = interval.split_once('/').and_then(|(start, end)| Some((moment(start)?, moment(end)?)));
    let Some((start, end)) = ends.filter(|(start, end)| start < end) else {
        return Err(Failure::invalid_value(interval, "interval", "<start>/<end>, in ISO 8601").field("interval"));
    };
    if end.saturating_sub(start) > LONGEST {
        return Err(Failure::bad_request("The interval must not exceed 31 days.").field("interval"));
    }
    let day = |moment: Moment| moment.as_secs() / DAY;
    // An end at midnight touches nothing of the day that begins there.
    let last = end.saturating_sub(Duration::from_nanos(1));
    Ok(Duration::from_secs(day(start) * DAY)..Duration::from_secs((day(last) + 1) * DAY))
}

/// `2026-01-01T00:00:00.000Z` and what ISO 8601 allows to leave out; without a zone it is UTC.
fn moment(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_once('T').unwrap_or((text, ""));
    let (time, offset) = zone(rest)?;
    let [year, month, day] = numbers(date, '-')?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = match whole.matches(':').count() {
        0 if whole.is_empty() => [0, 0, 0],
        1 => numbers(&format!("{whole}:00"), ':')?,
        _ => numbers(whole, ':')?,
    };
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let nanoseconds: u64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let seconds = days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    let seconds = u64::try_from(seconds).ok().filter(|_| fits)?;
    Some(Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds))
}

/// A time of day without its zone, and the zone in seconds.
fn zone(text: &str) -> Option<(&str, i64)> {
    let Some(place) = text.find(['Z', '+', '-']) else { return Some((text, 0)) };
    let (time, zone) = text.split_at(place);
    if zone == "Z" {
        return Some((time, 0));
    }
    let (sign, digits) = zone.split_at(1);
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let seconds = hours.parse::<i64>().ok()? * 3_600 + minutes * 60;
    Some((time, if sign == "-" { -seconds } else { seconds }))
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let digits = |part: &&str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let [first, second, third] = parts.as_slice() else { return None };
    if ![first, second, third].into_iter().all(digits) {
        return None;
    }
    Some([first.parse().ok()?, second.parse().ok()?, third.parse().ok()?])
}

/// Howard Hinnant's `days_from_civil`: a year that begins in March ends with the leap day.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::moment::iso;

    #[test]
    fn moments_are_read_in_every_form_of_iso_8601() {
        for (text, told) in [
            ("2026-01-01T00:00:00.250Z", "2026-01-01T00:00:00.250Z"),
            ("2026-01-01T01:30:00+01:30", "2026-01-01T00:00:00.000Z"),
            ("2025-12-31T19:00-0500", "2026-01-01T00:00:00.000Z"),
            ("2000-02-29", "2000-02-29T00:00:00.000Z"),
            ("2024-03-01T12:34:56.123456", "2024-03-01T12:34:56.123Z"),
        ] {
            assert_eq!(moment(text).map(iso).as_deref(), Some(told), "{text}");
        }
        for text in ["", "today", "2026-13-01", "2026-01-01T25:00", "2026-01-01T00:00:00Zulu", "1969-12-31", "26-1"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn an_interval_finds_what_began_on_the_days_that_it_touches() {
        let told = |text| days(text).map(|days| (iso(days.start), iso(days.end))).ok();
        let day = |day: u8| format!("2026-01-{day:02}T00:00:00.000Z");
        assert_eq!(told("2026-01-02T10:00:00Z/2026-01-02T11:00:00Z"), Some((day(2), day(3))));
        assert_eq!(told("2026-01-02T23:00:00Z/2026-01-04T00:00:00Z"), Some((day(2), day(4))));
        assert_eq!(told("2026-01-01/2026-02-01"), Some((day(1), "2026-02-01T00:00:00.000Z".into())));
        for text in ["2026-01-01", "2026-01-02/2026-01-01", "2026-01-01/2026-02-02", "a/b", "2026-01-01/P1D"] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
