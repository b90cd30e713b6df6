//! Points in time as people write and read them.

use commonhold_sdk::clock::now_ms;
use commonhold_session::moments::instant;

pub(crate) use commonhold_session::moments::show;

/// Reads a point in time, in seconds since 1970: `2026-12-31` (its beginning, UTC),
/// `2026-12-31T18:00:00+01:00`, `+90m`, `+12h` or `+30d` from now, or seconds since 1970.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    parse_from(text, now())
}

/// This machine's time, in seconds since 1970.
pub(crate) fn now() -> u64 {
    now_ms() / 1000
}

fn parse_from(text: &str, now: u64) -> Result<u64, String> {
    let unknown = || {
        format!("{text:?} is no time: write 2026-12-31, 2026-12-31T18:00:00Z, +30d, +12h or +90m")
    };
    if let Some(span) = text.strip_prefix('+') {
        let unit = span.chars().last().ok_or_else(unknown)?;
        let seconds: u64 = match unit {
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(unknown()),
        };
        let count: u64 = span
            .strip_suffix(unit)
            .unwrap_or_default()
            .parse()
            .map_err(|_| unknown())?;
        return count
            .checked_mul(seconds)
            .and_then(|s| s.checked_add(now))
            .ok_or_else(unknown);
    }
    instant(text).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let read = |text| parse_from(text, 1_000).unwrap();
        assert_eq!(read("1798675200"), 1_798_675_200);
        assert_eq!(read("2026-12-31"), 1_798_675_200);
        assert_eq!(read("2026-12-31T00:00:00Z"), 1_798_675_200);
        assert_eq!(read("2026-12-31T01:00:00+01:00"), 1_798_675_200);
        assert_eq!(
            [read("+2m"), read("+2h"), read("+2d")],
            [1_120, 8_200, 173_800]
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let wrong = [
            "",
            "+",
            "+d",
            "+5",
            "+5y",
            "-5",
            "tomorrow",
            "2026-13-01",
            "1969-12-31",
        ];
        for text in wrong
            .into_iter()
            .chain(["+18446744073709551615d", "2026-12-31T00:00:00"])
        {
            assert!(
                parse_from(text, 1_000).unwrap_err().contains(text),
                "{text}"
            );
        }
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(show(1_798_675_200), "2026-12-31T00:00:00Z");
        assert_eq!(show(u64::MAX), "18446744073709551615 s since 1970");
    }
}
