//! Times as sources write them.

use commonhold_reading::limits::TIME_MS_MAX;
use jiff::{Timestamp, civil::DateTime, tz::Offset};

use super::malformed;
use crate::refusal::Refusal;

/// Milliseconds since 1970 that a reading may have.
pub(super) fn checked(ms: i64) -> Result<u64, Refusal> {
    u64::try_from(ms)
        .ok()
        .filter(|ms| *ms <= TIME_MS_MAX)
        .ok_or_else(|| malformed("a time before 1970 or after the year 9999"))
}

/// `2026-11-26T05:00:00`, in local time, or with a zone (`Z`, `+01:00`), in milliseconds since 1970.
pub(super) fn written(text: &str, utc_offset_minutes: i32) -> Result<u64, Refusal> {
    let wrong = || malformed(format_args!("{text:?} is no time"));
    let instant = match text.parse::<Timestamp>() {
        Ok(instant) => instant,
        Err(_) => {
            let local: DateTime = text.parse().map_err(|_| wrong())?;
            let seconds = utc_offset_minutes.saturating_mul(60);
            let offset = Offset::from_seconds(seconds).map_err(|_| wrong())?;
            offset.to_timestamp(local).map_err(|_| wrong())?
        }
    };
    checked(instant.as_millisecond())
}
