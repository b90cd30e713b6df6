//! Sectors of radio sites: a sweep of the antenna line and what was found at the mast, held against the order's
//! design by the pinned ruleset.
//!
//! The instrument's app signs what was found together with the sweep's file ([`crate::readings`]). Every member
//! reads the sweep ([`crate::touchstone`]); of it the law keeps how many points there are, whether they cover the
//! band, and the worst of them. A sweep whose points were seen before is no evidence, whatever it is called, nor
//! is one outside the order's window; a place that was not fixed within ten minutes of the sweep is refused.

use alloy_primitives::B256;
use commonhold_module::{Context, Fault, Outcome, ensure, reject};

use crate::{
    acceptance::{
        integrity::{Finding, Weight},
        radio::{Sector, SectorDesign},
    },
    arl::{
        self, Ruleset,
        radio::{Swept, judge, nothing},
    },
    contracts,
    interface::IWorks::{Design, UnfitTime, UnreadableFile, submitEvidenceReturn},
    judging::Found,
    limits::FIX_SECONDS_MAX,
    number::Overflow,
    orders::{band, of_sector},
    shape::{computed, kept, told},
    state::{SAMPLES, SECTORS, SectorRow},
    submitting::{Brought, charge},
    touchstone,
};

/// Gas for each byte of a sweep: its numbers, and logarithms of what comes back.
const SWEEP_BYTE_GAS: u64 = 24;

/// Takes a sweep and what was found, and when the place was fixed.
pub(super) fn take(
    ctx: &mut Context<'_>,
    brought: &Brought,
    (found, fixed): (Sector, u64),
    file: &[u8],
) -> Outcome<submitEvidenceReturn> {
    let (design, said) = (&brought.design, &brought.said);
    ensure(fixed.abs_diff(said.time) <= FIX_SECONDS_MAX, || UnfitTime {
        time: fixed,
        now: said.time,
    })?;
    charge(ctx, file.len(), SWEEP_BYTE_GAS)?;
    let sweep = match touchstone::read(file) {
        Ok(sweep) => sweep,
        Err(error) => {
            return reject(UnreadableFile {
                why: error.to_string(),
            });
        }
    };
    brought.shoot(ctx, said.time)?;
    let ruleset = contracts::ruleset(ctx, brought.ruleset)?;
    let samples = B256::from(sweep.digest());
    let place = SECTORS.at(&said.nonce);
    ctx.fetch(&[&SAMPLES.at(&samples), &place])?;
    let original = SAMPLES.at(&samples).read(ctx)?;
    let window = (design.windowFrom, design.windowTo);
    let findings = findings(window, said.time, original != 0);
    let seen = (samples, original);
    let (number, weight) = brought.write_down(ctx, said.time, seen, &findings)?;
    if weight != Weight::Block {
        let swept = Swept::of(&sweep.points, band(design));
        place.write(ctx, &row(&found, &swept))?;
    }
    let verdict = brought.judge(ctx, weight, &ruleset)?;
    Ok(submitEvidenceReturn {
        number,
        weight: weight as u8,
        verdict,
    })
}

/// What is found of a sweep itself: whether it was made in the order's window (its first and last second), and
/// not seen before.
pub fn findings(window: (u64, u64), time: u64, seen: bool) -> Vec<Finding> {
    let outside = time < window.0 || time > window.1;
    let outside = outside.then_some(Finding::OutsideWindow);
    let seen = seen.then_some(Finding::Duplicate);
    outside.into_iter().chain(seen).collect()
}

/// What the rules say of a sector.
///
/// # Errors
/// [`Overflow`].
pub fn judged(
    asked: &SectorDesign,
    ruleset: &Ruleset,
    found: &Sector,
    swept: &Swept,
) -> Result<Found, Overflow> {
    let judged: arl::Judged = judge(ruleset, asked, found, swept)?;
    Ok(Found::of(&judged, false))
}

/// What the rules say of the sector of this name by what is kept of a nonce's file.
pub(super) fn examine(
    ctx: &mut Context<'_>,
    (nonce, name): (B256, B256),
    files: u16,
    design: &Design,
    ruleset: &Ruleset,
) -> Outcome<Found> {
    let Some(asked) = of_sector(design, &name) else {
        return Err(Fault::Fatal(format!("a sector {name} that no order has")));
    };
    if files == 0 {
        return Ok(Found::of(&nothing(), false));
    }
    let (found, swept) = seen(&SECTORS.at(&nonce).read(ctx)?);
    computed(judged(&asked, ruleset, &found, &swept))
}

fn row(found: &Sector, swept: &Swept) -> SectorRow {
    SectorRow {
        azimuth: kept(found.azimuth),
        tilt: kept(found.tilt),
        height: kept(found.height),
        power: kept(found.power),
        earth: kept(found.earth),
        latitude: kept(found.latitude),
        longitude: kept(found.longitude),
        hdop: kept(found.hdop),
        worst: kept(swept.worst.unwrap_or_default()),
        points: swept.points,
        covered: swept.covered,
        fix_3d: found.fix_3d,
    }
}

fn seen(row: &SectorRow) -> (Sector, Swept) {
    let found = Sector {
        latitude: told(row.latitude),
        longitude: told(row.longitude),
        hdop: told(row.hdop),
        fix_3d: row.fix_3d,
        azimuth: told(row.azimuth),
        tilt: told(row.tilt),
        height: told(row.height),
        power: told(row.power),
        earth: told(row.earth),
    };
    let swept = Swept {
        points: row.points,
        covered: row.covered,
        worst: (row.points != 0).then_some(told(row.worst)),
    };
    (found, swept)
}
