//! Points in time as people write and read them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// Reads a point in time, in seconds since 1970: `2026-12-31` (its beginning, UTC),
/// `2026-12-31T18:00:00+01:00`, or seconds since 1970.
pub fn instant(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let instant = match text.parse::<Date>() {
        Ok(date) if !text.contains(['T', 't', ' ']) => {
            date.to_zoned(TimeZone::UTC).ok()?.timestamp()
        }
        _ => text.parse::<Timestamp>().ok()?,
    };
    u64::try_from(instant.as_second()).ok()
}

/// Writes seconds since 1970 as a date and time in UTC.
pub fn show(seconds: u64) -> String {
    let instant = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.map_or_else(
        || format!("{seconds} s since 1970"),
        |instant| instant.to_string(),
    )
}
