//! `commonhold energy inspect`: what a load profile holds.

use std::path::Path;

use serde::Serialize;

use crate::{
    greenbutton,
    profile::{self, Gap, Profile},
    refusal::{Reason, Refusal},
    source,
};

/// What a file holds.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `csv` or `green-button`.
    pub form: &'static str,
    /// How many intervals.
    pub intervals: usize,
    /// How many of them are of how many seconds.
    pub lengths: Vec<(u32, usize)>,
    /// When the first begins, seconds since 1970.
    pub from: i64,
    /// When the last ends.
    pub to: i64,
    /// What was imported, Wh.
    pub import_wh: u64,
    /// What was exported.
    pub export_wh: u64,
    /// What is missing in between.
    pub gaps: Vec<Gap>,
}

/// Reads a load profile, whatever its form.
///
/// # Errors
/// [`Refusal`].
pub(crate) fn read(path: &Path, with_gaps: bool) -> Result<(&'static str, Profile), Refusal> {
    let text = source::text(path)?;
    if text.trim_start().starts_with('<') {
        return Ok(("green-button", greenbutton::read(&text)?));
    }
    if source::is_json(&text) {
        let what = "is JSON; a load profile is CSV or Green Button XML";
        return Err(Refusal::file(Reason::Unknown(what)));
    }
    Ok(("csv", profile::read(&text, with_gaps)?))
}

/// Says what a load profile holds.
///
/// # Errors
/// [`Refusal`].
pub fn inspect(path: &Path, with_gaps: bool) -> Result<Report, Refusal> {
    let (form, profile) = read(path, with_gaps)?;
    let (import_wh, export_wh) = profile.totals();
    let mut seconds: Vec<u32> = profile.intervals.iter().map(|i| i.seconds).collect();
    seconds.sort_unstable();
    let lengths = seconds.chunk_by(|a, b| a == b);
    let end = |last: &profile::Interval| last.start.saturating_add(last.seconds.into());
    Ok(Report {
        form,
        intervals: profile.intervals.len(),
        lengths: lengths
            .map(|chunk| (chunk.first().copied().unwrap_or_default(), chunk.len()))
            .collect(),
        from: profile.intervals.first().map_or(0, |first| first.start),
        to: profile.intervals.last().map_or(0, end),
        import_wh,
        export_wh,
        gaps: profile.gaps,
    })
}

impl Report {
    /// The answer for people.
    pub fn text(&self) -> String {
        let lengths = self.lengths.iter();
        let lengths: Vec<String> = lengths
            .map(|(seconds, count)| format!("{count} of {seconds} s"))
            .collect();
        format!(
            "{}: {} intervals ({}), {} Wh imported, {} Wh exported, {} gaps",
            self.form,
            self.intervals,
            lengths.join(", "),
            self.import_wh,
            self.export_wh,
            self.gaps.len(),
        )
    }
}
