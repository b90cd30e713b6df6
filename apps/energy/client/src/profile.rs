//! Load profiles: what one meter imported and exported, interval by interval.
//!
//! CSV: a column of time (`time`, `start`, `timestamp`, `utc_start` or `local_start`, ISO 8601), and
//! columns of energy whose names end in their unit, `_wh` or `_kwh`: `import` or `consumption`, and
//! `export` or `generation`. All are in one unit; power (`_w`, `_kw`) is refused, as is what stands in no
//! unit. A time with an offset is that moment; one without counts hours as they pass, from the first row
//! on. Intervals are of one length and follow one another; where some are missing the file is refused, or,
//! if asked for, the gaps are told. A value that is no whole number of Wh is carried over to the next, so
//! that nothing is lost in rounding.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::Serialize;

use crate::{
    limits::{INTERVALS_MAX, POWER_MAX},
    number::Decimal,
    refusal::{Place, Reason, Refusal},
};

/// What one meter measured, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// Interval by interval.
    #[serde(skip)]
    pub intervals: Vec<Interval>,
    /// What is missing between them.
    pub gaps: Vec<Gap>,
}

/// What was measured from one time to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// When it begins, seconds since 1970.
    pub start: i64,
    /// How many seconds it takes.
    pub seconds: u32,
    /// What was imported, Wh.
    pub import_wh: u64,
    /// What was exported.
    pub export_wh: u64,
}

/// A time of which nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// When it begins, seconds since 1970.
    pub start: i64,
    /// How many seconds it takes.
    pub seconds: i64,
}

impl Profile {
    /// What was imported and exported altogether.
    pub fn totals(&self) -> (u64, u64) {
        let sum = |(import, export): (u64, u64), interval: &Interval| {
            (
                import.saturating_add(interval.import_wh),
                export.saturating_add(interval.export_wh),
            )
        };
        self.intervals.iter().fold((0, 0), sum)
    }

    /// Puts an interval after the last one.
    ///
    /// # Errors
    /// [`Reason::Overlap`], [`Reason::Gap`] where gaps are not asked for, [`Reason::TooMuch`].
    pub(crate) fn push(
        &mut self,
        interval: Interval,
        with_gaps: bool,
        place: Place,
    ) -> Result<(), Refusal> {
        if self.intervals.len() >= INTERVALS_MAX {
            return Err(Refusal::at(
                place,
                Reason::TooMuch {
                    what: "intervals",
                    limit: "INTERVALS_MAX",
                    max: INTERVALS_MAX as u64,
                },
            ));
        }
        if let Some(last) = self.intervals.last() {
            let end = last.start.saturating_add(last.seconds.into());
            let missing = interval.start.saturating_sub(end);
            if missing < 0 {
                return Err(Refusal::at(place, Reason::Overlap));
            }
            if missing > 0 && !with_gaps {
                let length = i64::from(interval.seconds).max(1);
                let slots = u64::try_from(missing.div_euclid(length)).unwrap_or_default();
                return Err(Refusal::at(place, Reason::Gap(slots.max(1))));
            }
            if missing > 0 {
                self.gaps.push(Gap {
                    start: end,
                    seconds: missing,
                });
            }
        }
        self.intervals.push(interval);
        Ok(())
    }
}

/// Turns values into whole Wh without losing what does not divide: what is left of one is added to the
/// next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole {
    power: i32,
    /// What is left, in units of `10^-POWER_MAX` Wh.
    left: i128,
}

impl Whole {
    /// For values that count `10^power` Wh.
    pub(crate) const fn new(power: i32) -> Self {
        Self { power, left: 0 }
    }

    /// The Wh of the next value; `None` where it is no number, too fine or too large, or below zero.
    pub(crate) fn next(&mut self, text: &str) -> Option<u64> {
        let fine = Decimal::parse(text)?.shift(self.power.checked_add(POWER_MAX)?)?;
        let all = self.left.checked_add(fine.whole()?.into())?;
        let scale = 10i128.checked_pow(POWER_MAX.unsigned_abs())?;
        let whole = u64::try_from(all.checked_div(scale)?).ok()?;
        if all < 0 {
            return None;
        }
        self.left = all.checked_rem(scale)?;
        Some(whole)
    }
}

/// The columns of a table that matter.
struct Columns {
    time: usize,
    import: Option<(usize, Whole)>,
    export: Option<(usize, Whole)>,
}

/// Reads a table.
///
/// # Errors
/// [`Refusal`].
pub fn read(text: &str, with_gaps: bool) -> Result<Profile, Refusal> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| Refusal::of_csv(&e))?.clone();
    let mut columns = columns(&header)?;
    let mut rows: Vec<(i64, u64, u64, Place)> = Vec::new();
    let mut zoned = None;
    for row in reader.records() {
        let row = row.map_err(|e| Refusal::of_csv(&e))?;
        let place = Place::Line(row.position().map_or(0, csv::Position::line));
        if rows.len() >= INTERVALS_MAX {
            return Err(Refusal::at(
                place,
                Reason::TooMuch {
                    what: "intervals",
                    limit: "INTERVALS_MAX",
                    max: INTERVALS_MAX as u64,
                },
            ));
        }
        let (start, offset) = time(row.get(columns.time).unwrap_or_default(), &place)?;
        if *zoned.get_or_insert(offset) != offset {
            let what = "some times have an offset and some do not; write all in one way";
            return Err(Refusal::malformed(place, what));
        }
        let value = |column: &mut Option<(usize, Whole)>| match column {
            None => Ok(0),
            Some((number, whole)) => {
                let value = whole.next(row.get(*number).unwrap_or_default());
                value.ok_or_else(|| {
                    Refusal::malformed(place.clone(), "the energy is no number from zero on")
                })
            }
        };
        let (import, export) = (value(&mut columns.import)?, value(&mut columns.export)?);
        rows.push((start, import, export, place));
    }
    let seconds = length(&rows)?;
    let mut profile = Profile::default();
    for (start, import_wh, export_wh, place) in rows {
        let interval = Interval {
            start,
            seconds,
            import_wh,
            export_wh,
        };
        profile.push(interval, with_gaps, place)?;
    }
    Ok(profile)
}

/// The length that all intervals have: the time from the first to the second.
fn length(rows: &[(i64, u64, u64, Place)]) -> Result<u32, Refusal> {
    let [first, second, ..] = rows else {
        let what = "has fewer than two intervals: how long one is cannot be told";
        return Err(Refusal::file(Reason::Unknown(what)));
    };
    let seconds = second.0.saturating_sub(first.0);
    match u32::try_from(seconds) {
        Ok(seconds @ (300 | 600 | 900 | 1_800 | 3_600)) => Ok(seconds),
        _ if seconds <= 0 => Err(Refusal::at(second.3.clone(), Reason::Overlap)),
        _ => Err(Refusal::malformed(
            second.3.clone(),
            "intervals take 5, 10, 15, 30 or 60 minutes",
        )),
    }
}

fn columns(header: &csv::StringRecord) -> Result<Columns, Refusal> {
    let place = Place::Line(1);
    let mut time = None;
    let mut import = None;
    let mut export = None;
    let mut powers = Vec::new();
    for (number, head) in header.iter().enumerate() {
        let head = head.to_ascii_lowercase();
        let target = match head.as_str() {
            "time" | "start" | "timestamp" | "utc_start" | "local_start" => {
                if time.replace(number).is_some() {
                    return Err(Refusal::malformed(place, "has two columns of time"));
                }
                continue;
            }
            _ if head.starts_with("import") || head.starts_with("consumption") => &mut import,
            _ if head.starts_with("export") || head.starts_with("generation") => &mut export,
            _ => continue,
        };
        let power = unit(&head).map_err(|reason| Refusal::at(place.clone(), reason))?;
        powers.push(power);
        if target.replace((number, Whole::new(power))).is_some() {
            return Err(Refusal::malformed(
                place,
                "has two columns of one direction",
            ));
        }
    }
    powers.dedup();
    if powers.len() > 1 {
        return Err(Refusal::at(place, Reason::MixedUnits));
    }
    let time =
        time.ok_or_else(|| Refusal::at(Place::Line(1), Reason::Missing("a column of time")))?;
    if powers.is_empty() {
        let what = "a column of energy (import_wh, export_kwh, ...)";
        return Err(Refusal::at(Place::Line(1), Reason::Missing(what)));
    }
    Ok(Columns {
        time,
        import,
        export,
    })
}

/// The power of ten of Wh that a column counts, by the end of its name.
fn unit(head: &str) -> Result<i32, Reason> {
    match head.rsplit('_').next().unwrap_or_default() {
        "wh" => Ok(0),
        "kwh" => Ok(3),
        "w" | "kw" => Err(Reason::Unit("a column holds power")),
        "mwh" => Err(Reason::Unit("mWh and MWh are not told apart")),
        _ => Err(Reason::Unit("a column of energy does not name its unit")),
    }
}

/// A moment, in seconds since 1970, and whether it came with an offset.
fn time(text: &str, place: &Place) -> Result<(i64, bool), Refusal> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok((moment.as_second(), true));
    }
    let local: Option<DateTime> = text.parse().ok();
    let moment = local.and_then(|local| TimeZone::UTC.to_timestamp(local).ok());
    match moment {
        Some(moment) => Ok((moment.as_second(), false)),
        None => Err(Refusal::malformed(
            place.clone(),
            "the time is not in ISO 8601",
        )),
    }
}

#[cfg(test)]
mod tests;
