//! Which slots a month is.

use jiff::{civil::Date, fmt::strtime, tz::TimeZone};

use crate::community::Community;

/// The slots of a month (`YYYY-MM`), by the offset that the community's first slot is written with: no
/// hour is missing or double in it.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn window(community: &Community, month: &str) -> Result<(u64, u64), &'static str> {
    let unfit = "a month is YYYY-MM";
    let (year, number) = month.split_once('-').ok_or(unfit)?;
    let year: i16 = year.parse().map_err(|_| unfit)?;
    let number: i8 = number.parse().map_err(|_| unfit)?;
    let first = Date::new(year, number, 1).map_err(|_| unfit)?;
    let next = first.last_of_month().tomorrow().map_err(|_| unfit)?;
    let start = strtime::parse("%Y-%m-%dT%H:%M:%S%:z", &community.slot0_local)
        .map_err(|_| "slot0_local is no local time with an offset")?;
    let no_time = "slot0_local is no local time with an offset";
    let offset = start.offset().ok_or(no_time)?;
    let zero = start.to_timestamp().map_err(|_| no_time)?.as_second();
    let slot = |date: Date| {
        let zoned = date.to_zoned(TimeZone::fixed(offset)).ok()?;
        let seconds = zoned.timestamp().as_second().checked_sub(zero)?;
        u64::try_from(seconds.checked_div_euclid(community.slot_seconds.into())?).ok()
    };
    let out = "the month begins before the community's first slot";
    Ok((slot(first).ok_or(out)?, slot(next).ok_or(out)?))
}
