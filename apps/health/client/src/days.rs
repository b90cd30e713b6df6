//! Days: from when to when the data is. Finer times are not reported.

use std::fmt;

use serde::Serialize;

/// A day, or a month or year where that is all that is known: `2019-05-30`, `2019-05`, `2019`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    /// 0: not known.
    month: u8,
    /// 0: not known.
    day: u8,
}

/// The first and the last of some days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Days {
    /// The first.
    pub first: Option<Day>,
    /// The last.
    pub last: Option<Day>,
}

impl Day {
    /// The day at the beginning of a time of ISO 8601 or of Apple's form.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
        let year = number(0, 4).filter(|year| (1000..=9999).contains(year))?;
        let rest = text.get(4..).unwrap_or_default();
        let mut day = Self {
            year,
            month: 0,
            day: 0,
        };
        if !rest.starts_with('-') {
            // A year is all of it, or it is no date.
            return rest.is_empty().then_some(day);
        }
        day.month = u8::try_from(number(5, 7).filter(|m| (1..=12).contains(m))?).ok()?;
        if text.get(7..8) == Some("-") {
            day.day = u8::try_from(number(8, 10).filter(|d| (1..=31).contains(d))?).ok()?;
        }
        Some(day)
    }

    /// The day of a time in seconds since 1970.
    pub(crate) fn of_unix(seconds: i64) -> Option<Self> {
        // Days from civil, turned round: years begin in March.
        let days = seconds.div_euclid(86_400).checked_add(719_468)?;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = era.checked_mul(400)?.checked_add(year_of_era)? + i64::from(month <= 2);
        Some(Self {
            year: u16::try_from(year)
                .ok()
                .filter(|y| (1000..=9999).contains(y))?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }
}

impl Days {
    /// Takes a day in.
    pub(crate) fn add(&mut self, day: Option<Day>) {
        let Some(day) = day else { return };
        self.first = Some(self.first.map_or(day, |first| first.min(day)));
        self.last = Some(self.last.map_or(day, |last| last.max(day)));
    }

    /// Takes all of `other` in.
    pub(crate) fn join(&mut self, other: Self) {
        self.add(other.first);
        self.add(other.last);
    }

    /// No day is known.
    pub const fn is_none(&self) -> bool {
        self.first.is_none()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_any_spelling() {
        for (text, day) in [
            ("2019-05-30T12:00:00+02:00", "2019-05-30"),
            ("2024-01-01 01:01:36 +0200", "2024-01-01"),
            ("2019-05", "2019-05"),
            ("2019", "2019"),
        ] {
            assert_eq!(Day::of(text).map(|d| d.to_string()).as_deref(), Some(day));
        }
        for text in ["", "19", "20190530", "2019-13-01", "next week", "2019é"] {
            assert_eq!(Day::of(text), None, "{text}");
        }
    }

    #[test]
    fn days_of_seconds() {
        let day = |seconds| Day::of_unix(seconds).map(|d| d.to_string());
        assert_eq!(day(0).as_deref(), Some("1970-01-01"));
        assert_eq!(day(1_417_550_400).as_deref(), Some("2014-12-02"));
        assert_eq!(day(951_782_400).as_deref(), Some("2000-02-29"));
        assert_eq!(day(i64::MAX), None);
    }
}
