//! Points in time as people and FHIR write them.

use commonhold_sdk::clock::now_ms;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What a date or time of FHIR takes in: a second, a day, a month, a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Its beginning, seconds since 1970, earlier ones as 0; nothing within a second.
    pub(crate) first: Option<u64>,
    /// When it is just over, likewise.
    pub(crate) after: Option<u64>,
}

/// Nanoseconds of a second.
const SECOND: i128 = 1_000_000_000;

/// Reads FHIR's `dateTime`. Days without a zone are those of UTC.
pub(crate) fn read(text: &str) -> Option<Moment> {
    if !text.is_ascii() {
        return None;
    }
    let (first, after) = match text.len() {
        4 => {
            let first = date(&format!("{text}-01-01"))?;
            (
                midnight(first)?,
                midnight(first.checked_add(jiff::Span::new().years(1)).ok()?)?,
            )
        }
        7 => {
            let first = date(&format!("{text}-01"))?;
            (
                midnight(first)?,
                midnight(first.checked_add(jiff::Span::new().months(1)).ok()?)?,
            )
        }
        10 => {
            let first = date(text)?;
            (midnight(first)?, midnight(first.tomorrow().ok()?)?)
        }
        _ => {
            if text.get(10..11) != Some("T") {
                return None;
            }
            let first = text.parse::<Timestamp>().ok()?.as_nanosecond();
            let fraction = text.split_once('.').map_or(0, |(_, rest)| {
                rest.chars().take_while(char::is_ascii_digit).count()
            });
            let digits = u32::try_from(fraction).ok()?;
            let unit = 10i128.checked_pow(9u32.checked_sub(digits)?)?;
            (first, first.checked_add(unit)?)
        }
    };
    let whole = |nanos: i128| match nanos.max(0) {
        nanos if nanos % SECOND == 0 => u64::try_from(nanos / SECOND).ok(),
        _ => None,
    };
    Some(Moment {
        first: whole(first),
        after: whole(after),
    })
}

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn midnight(date: Date) -> Option<i128> {
    Some(
        date.to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_nanosecond(),
    )
}

/// Reads a point in time of a command, in seconds since 1970: `2026-12-31` (its beginning, UTC),
/// `2026-12-31T18:00:00+01:00`, or `+90m`, `+12h`, `+30d` from now.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    parse_from(text, now_ms() / 1000)
}

fn parse_from(text: &str, now: u64) -> Result<u64, String> {
    let unknown = || {
        format!("{text:?} is no time: write 2026-12-31, 2026-12-31T18:00:00Z, +30d, +12h or +90m")
    };
    if let Some(span) = text.strip_prefix('+') {
        let (count, unit) = [('m', 60u64), ('h', 3_600), ('d', 86_400)]
            .into_iter()
            .find_map(|(name, seconds)| Some((span.strip_suffix(name)?, seconds)))
            .ok_or_else(unknown)?;
        let count: u64 = count.parse().map_err(|_| unknown())?;
        let end = count
            .checked_mul(unit)
            .and_then(|seconds| seconds.checked_add(now));
        return end.ok_or_else(unknown);
    }
    read(text)
        .and_then(|moment| moment.first)
        .ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_a_month_and_a_year_end_when_they_are_over() {
        for (text, first, after) in [
            ("2026", 1_767_225_600, 1_798_761_600),
            ("2026-12", 1_796_083_200, 1_798_761_600),
            ("2026-12-31", 1_798_675_200, 1_798_761_600),
            ("2026-12-31T23:59:59Z", 1_798_761_599, 1_798_761_600),
            ("2026-12-31T23:59:59+00:00", 1_798_761_599, 1_798_761_600),
            ("1969-12-31", 0, 0),
        ] {
            let moment = Moment {
                first: Some(first),
                after: Some(after),
            };
            assert_eq!(read(text), Some(moment), "{text}");
        }
        let end = read("2026-12-31T23:59:59.999Z").unwrap();
        assert_eq!((end.first, end.after), (None, Some(1_798_761_600)));
        for text in [
            "",
            "2026-13",
            "2026-02-30",
            "20261231",
            "2026-12-31T00:00:00",
            "2026-12-31 00:00:00Z",
            "morgen",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn commands_take_times_from_now_on() {
        let read = |text| parse_from(text, 1_000);
        assert_eq!(read("2026-12-31"), Ok(1_798_675_200));
        assert_eq!(
            [read("+2m"), read("+2h"), read("+2d")],
            [Ok(1_120), Ok(8_200), Ok(173_800)]
        );
        for text in ["", "+", "+d", "+5", "+5y", "-5", "+18446744073709551615d"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
