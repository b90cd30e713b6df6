//! What a ruleset of radio sites knows of a sector, and running it.
//!
//! `azimuth`, `tilt` (hundredths of a degree), `height` (mm), `power` (hundredths of a dBm), each found and as
//! `design_…`; `off_place` (mm from the site), `hdop` (hundredths), `fix_3d` (1 or 0), `earth` (milliohms); of
//! the sweep `points`, `covered` (1 where it covers the licensed band) and `worst`, the least return loss in
//! 1e-8 dB, nothing where there is no point.

use super::{
    judged::{Judged, Ruled},
    run::numbers,
    tree::{Kind, Ruleset},
};
use crate::{
    acceptance::{
        radio::{Sector, SectorDesign, apart},
        sweep::{Point, extremes},
    },
    number::Overflow,
};

/// See above, by their slots.
pub(super) const NAMES: [&str; 15] = [
    "azimuth",
    "design_azimuth",
    "tilt",
    "design_tilt",
    "height",
    "design_height",
    "power",
    "design_power",
    "off_place",
    "hdop",
    "fix_3d",
    "earth",
    "points",
    "covered",
    "worst",
];

/// Return loss where nothing comes back at all: more than any limit.
const NOTHING_BACK: i64 = 1_000_000_000_000;

/// What the rules need of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Points.
    pub points: u32,
    /// Whether it covers the licensed band.
    pub covered: bool,
    /// The least return loss, 1e-8 dB; nothing where there is no point.
    pub worst: Option<i64>,
}

impl Swept {
    /// Of points, over a band in millihertz where one is asked for.
    pub fn of(points: &[Point], band: Option<(i64, i64)>) -> Self {
        let frequencies = || points.iter().map(|point| point.millihertz);
        let covered = band.is_none_or(|(from, to)| {
            frequencies().min().is_some_and(|first| first <= from)
                && frequencies().max().is_some_and(|last| last >= to)
        });
        let worst = extremes(points).map(|(worst, _)| worst.return_loss.unwrap_or(NOTHING_BACK));
        Self {
            points: u32::try_from(points.len()).unwrap_or(u32::MAX),
            covered,
            worst,
        }
    }
}

/// What follows where nothing was found: evidence is insufficient.
pub fn nothing() -> Judged {
    Judged {
        outcomes: vec![Ruled::no_evidence(None)],
        steps: 0,
    }
}

/// Holds a sector and its sweep against a ruleset of radio sites; for any other ruleset that is no evidence.
///
/// # Errors
/// [`Overflow`].
pub fn judge(
    ruleset: &Ruleset,
    design: &SectorDesign,
    found: &Sector,
    swept: &Swept,
) -> Result<Judged, Overflow> {
    if ruleset.kind != Kind::Radio {
        return Ok(nothing());
    }
    let place = (design.latitude, design.longitude);
    let off = apart(place, (found.latitude, found.longitude))?;
    let known = [
        found.azimuth,
        design.azimuth,
        found.tilt,
        design.tilt,
        found.height,
        design.height,
        found.power,
        design.power,
        off,
        found.hdop,
        i64::from(found.fix_3d),
        found.earth,
        i64::from(swept.points),
        i64::from(swept.covered),
    ];
    let known = known.into_iter().map(Some).chain([swept.worst]);
    numbers(ruleset, known)
}
