//! Moments as they are printed.

use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};

const MILLISECONDS: EncodedConfig =
    Config::DEFAULT.set_time_precision(TimePrecision::Second { decimal_digits: std::num::NonZeroU8::new(3) }).encode();

/// ISO 8601 in UTC with milliseconds, as in a journal: `2026-01-01T00:00:00.000Z`.
pub(super) fn utc(at: SystemTime) -> String {
    // Only years above 9999 have no such form.
    OffsetDateTime::from(at).format(&Iso8601::<MILLISECONDS>).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments_are_printed_as_a_journal_writes_them() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_250);
        assert_eq!(utc(at), "2026-01-01T00:00:00.250Z");
    }
}
