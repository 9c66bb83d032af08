//! Time as the simulator writes it down.

use std::time::Duration;

use time::format_description::well_known::Iso8601;
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};

/// A moment, as the time since the Unix epoch: one type for a call that ended an hour before the simulator was started
/// and for a command that is due in half a second.
pub(super) type Moment = Duration;

const MILLISECONDS: EncodedConfig =
    Config::DEFAULT.set_time_precision(TimePrecision::Second { decimal_digits: std::num::NonZeroU8::new(3) }).encode();

/// ISO 8601 in UTC with milliseconds, as Genesys Cloud writes it: `2026-01-01T00:00:00.000Z`.
pub(super) fn iso(moment: Moment) -> String {
    i128::try_from(moment.as_nanos())
        .ok()
        .and_then(|nanoseconds| time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok())
        .and_then(|date| date.format(&Iso8601::<MILLISECONDS>).ok())
        // Only years above 9999 get here, and a simulated call does not live that long.
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc_with_milliseconds() {
        assert_eq!(iso(Duration::from_millis(1_767_225_600_250)), "2026-01-01T00:00:00.250Z");
        assert_eq!(iso(Duration::from_secs(951_782_400)), "2000-02-29T00:00:00.000Z");
    }
}
