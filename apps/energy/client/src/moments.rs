//! Points in time as people write and read them.

use commonhold_session::moments::instant;
use jiff::{
    civil::Date,
    tz::{Offset, TimeZone},
};

pub(crate) use commonhold_session::moments::show;

/// Reads a point in time: `2026-12-31` (its beginning, UTC), `2026-12-31T18:00+01:00`, or seconds since
/// 1970.
///
/// # Errors
/// What it is not, in words.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let unknown =
        || format!("{text:?} is no time: write 2026-06-01, 2026-06-01T12:00+02:00, or seconds");
    instant(text).ok_or_else(unknown)
}

/// Reads an offset from UTC: `+02:00`.
///
/// # Errors
/// What it is not, in words.
pub(crate) fn offset(text: &str) -> Result<i32, String> {
    let unknown = || format!("{text:?} is no offset: write +02:00");
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(unknown()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(unknown)?;
    let number = |text: &str, max: i32| {
        let number = text.parse::<i32>().ok();
        number.filter(|number| text.len() == 2 && (0..=max).contains(number))
    };
    let (hours, minutes) = number(hours, 14)
        .zip(number(minutes, 59))
        .ok_or_else(unknown)?;
    let seconds = hours
        .saturating_mul(3_600)
        .saturating_add(minutes.saturating_mul(60));
    Ok(seconds.saturating_mul(sign))
}

/// From when to when a month (`2026-06`) goes, by an offset from UTC, seconds since 1970.
///
/// # Errors
/// What it is not, in words.
pub(crate) fn month(text: &str, offset: i32) -> Result<(u64, u64), String> {
    let unfit = || format!("{text:?} is no month: write 2026-06");
    let (year, number) = text.split_once('-').ok_or_else(unfit)?;
    let year: i16 = year.parse().map_err(|_| unfit())?;
    let number: i8 = number.parse().map_err(|_| unfit())?;
    let first = Date::new(year, number, 1).map_err(|_| unfit())?;
    let next = first.last_of_month().tomorrow().map_err(|_| unfit())?;
    let zone = TimeZone::fixed(Offset::from_seconds(offset).map_err(|_| unfit())?);
    let begin = |date: Date| {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        u64::try_from(zoned.timestamp().as_second()).ok()
    };
    begin(first).zip(begin(next)).ok_or_else(unfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(parse("2026-06-01T00:00:00+02:00"), Ok(1_780_264_800));
        assert_eq!(parse("2026-06-01T00:00+02:00"), Ok(1_780_264_800));
        assert_eq!(parse("2026-05-31T22:00Z"), Ok(1_780_264_800));
        assert_eq!(parse("1780264800"), Ok(1_780_264_800));
        assert_eq!(parse("2026-06-01"), Ok(1_780_272_000));
        assert_eq!(show(1_780_264_800), "2026-05-31T22:00:00Z");
        for text in ["", "tomorrow", "2026-06-01T00:00", "1969-12-31", "-1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_month_is_one_of_its_own_offset() {
        let utc = month("2026-06", 0).unwrap();
        assert_eq!(utc, (1_780_272_000, 1_780_272_000 + 30 * 86_400));
        let there = month("2026-06", offset("+02:00").unwrap()).unwrap();
        assert_eq!(there, (utc.0 - 7_200, utc.1 - 7_200));
        assert_eq!(offset("-09:30"), Ok(-34_200));
        for text in ["2026", "2026-13", "2026-6-1", "x-06"] {
            assert!(month(text, 0).is_err(), "{text}");
        }
        for text in ["02:00", "+2:00", "+15:00", "+02:60", "+0200", ""] {
            assert!(offset(text).is_err(), "{text}");
        }
    }
}
