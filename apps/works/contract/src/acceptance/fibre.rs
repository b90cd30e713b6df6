//! FIBRE-OSP-1: a link of outside plant, measured from both ends.
//!
//! ```text
//! LENGTH          |length - design| <= max(tolerance, design × ppm), from both ends
//! SPLICE_HARD     every splice <= hard
//! SPLICE_P95      (splices over p95) × 20 <= splices; only where SPLICE_HARD passes
//! SPLICE_MEAN     mean of the splices <= mean
//! CONNECTOR_LOSS  every connector <= connector
//! REFLECTANCE     every connector's reflectance <= reflectance
//! ATTENUATION     slopes of sections of at least 500 m, weighted by length <= maximum of the wavelength
//! BUDGET          attenuation × length + all events <= α × design + splices × s + connectors × c
//! MACROBEND       a splice at 1550 nm - the event at most 30 m off at 1310 nm <= bend
//! ```
//!
//! A wavelength that fails LENGTH is judged by nothing else: its events are another fibre's. Where several
//! things fail one rule, the outcome is of the worst.

use std::collections::BTreeMap;

use super::{
    Outcome, Status, Verdict,
    pairs::{Pair, Side, pair, single},
};
use crate::number::{Overflow, int, len, mid};

/// Millimetres of a section whose slope counts.
const SECTION_MM: i64 = 500_000;
/// Millimetres within which an event at another wavelength is the same.
const NEAR_MM: i64 = 30_000;
/// mdB of a splice that the shorter wavelength does not show.
const UNSEEN: i64 = 10;
/// Bends are told by these two.
const BEND_NM: (u16, u16) = (1310, 1550);

/// What a contract asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Design {
    /// Millimetres.
    pub length_mm: i64,
    /// Splices.
    pub splices: i64,
    /// Connectors at panels.
    pub connectors: i64,
    /// Nanometres.
    pub wavelengths: Vec<u16>,
    /// Whether it is measured from both ends.
    pub bidirectional: bool,
}

/// Limits: mdB, mm, ppm, nm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// mdB/km by wavelength.
    pub attenuation: BTreeMap<u16, i64>,
    /// See SPLICE_P95.
    pub splice_p95: i64,
    /// See SPLICE_HARD.
    pub splice_hard: i64,
    /// See SPLICE_MEAN.
    pub splice_mean: i64,
    /// See CONNECTOR_LOSS.
    pub connector: i64,
    /// See REFLECTANCE.
    pub reflectance: i64,
    /// See MACROBEND.
    pub macrobend: i64,
    /// Millimetres.
    pub length_tolerance_mm: i64,
    /// Parts per million.
    pub length_tolerance_ppm: i64,
    /// mdB/km by wavelength.
    pub budget_alpha: BTreeMap<u16, i64>,
    /// mdB.
    pub budget_splice: i64,
    /// mdB.
    pub budget_connector: i64,
    /// Guard bands by rule, in the rule's unit; zero where there is none.
    pub guard: BTreeMap<String, i64>,
}

impl Limits {
    fn guard(&self, rule: &str) -> i64 {
        self.guard.get(rule).copied().unwrap_or_default()
    }
}

/// What was measured at one wavelength.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// Nanometres.
    pub wavelength: u16,
    /// From end A.
    pub a: Option<&'a Side>,
    /// From end B.
    pub b: Option<&'a Side>,
}

/// What is found of a fibre.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What every rule says.
    pub outcomes: Vec<Outcome>,
    /// What fails, one by one.
    pub faults: Vec<Fault>,
    /// The figures.
    pub values: BTreeMap<u16, Values>,
}

/// Something that fails a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Wavelength, length from A and from B, design.
    Length(u16, i64, Option<i64>, i64),
    /// Wavelength; place and loss of each.
    SpliceHard(u16, Vec<(i64, i64)>),
    /// Wavelength, splices over it, splices.
    SpliceP95(u16, i64, i64),
    /// Wavelength, mean.
    SpliceMean(u16, i64),
    /// Wavelength, place, loss.
    Connector(u16, i64, i64),
    /// Wavelength, place, reflectance.
    Reflectance(u16, i64, i64),
    /// Wavelength, mdB/km.
    Attenuation(u16, i64),
    /// Wavelength, loss, budget.
    Budget(u16, i64, i64),
    /// Place, loss at 1310 nm and at 1550 nm.
    Macrobend(i64, i64, i64),
}

impl Fault {
    /// The rule that it fails.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Length(..) => "LENGTH",
            Self::SpliceHard(..) => "SPLICE_HARD",
            Self::SpliceP95(..) => "SPLICE_P95",
            Self::SpliceMean(..) => "SPLICE_MEAN",
            Self::Connector(..) => "CONNECTOR_LOSS",
            Self::Reflectance(..) => "REFLECTANCE",
            Self::Attenuation(..) => "ATTENUATION",
            Self::Budget(..) => "BUDGET",
            Self::Macrobend(..) => "MACROBEND",
        }
    }
}

/// The figures of one wavelength.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Millimetres from A, and from B.
    pub lengths: (i64, Option<i64>),
    /// mdB/km.
    pub attenuation: Option<i64>,
    /// mdB.
    pub link_loss: Option<i64>,
    /// mdB.
    pub budget: Option<i64>,
    /// The link's events.
    pub events: Vec<Pair>,
}

impl Judged {
    /// What follows of it.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(&self.outcomes)
    }

    /// Rules that fail, by name.
    pub fn failed(&self) -> Vec<&'static str> {
        let mut failed: Vec<_> = self.faults.iter().map(Fault::rule).collect();
        failed.sort_unstable();
        failed.dedup();
        failed
    }
}

/// Holds what was measured against the limits.
///
/// # Errors
/// [`Overflow`].
pub fn judge(
    design: &Design,
    limits: &Limits,
    measured: &[Measured<'_>],
) -> Result<Judged, Overflow> {
    let mut judged = Judged::default();
    for wavelength in &design.wavelengths {
        let found = measured.iter().find(|m| m.wavelength == *wavelength);
        let sides = found.and_then(|m| match (m.a, m.b) {
            (Some(a), Some(b)) => Some((a, Some(b))),
            (Some(side), None) | (None, Some(side)) if !design.bidirectional => Some((side, None)),
            _ => None,
        });
        match sides {
            Some((a, b)) => one(&mut judged, design, limits, *wavelength, a, b)?,
            None => missing(&mut judged, *wavelength),
        }
    }
    macrobend(&mut judged, design, limits)?;
    Ok(judged)
}

fn missing(judged: &mut Judged, wavelength: u16) {
    let none = Outcome::insufficient("EVIDENCE", Some(wavelength), 0, "files");
    judged.outcomes.push(none);
}

/// All rules of one wavelength.
fn one(
    judged: &mut Judged,
    design: &Design,
    limits: &Limits,
    wavelength: u16,
    a: &Side,
    b: Option<&Side>,
) -> Result<(), Overflow> {
    let tolerance = a.tolerance(design.length_mm)?;
    let length = |side: &Side| side.length(design.length_mm, tolerance);
    let (Some(length_a), length_b) = (length(a)?, b.map(length).transpose()?) else {
        missing(judged, wavelength);
        return Ok(());
    };
    // An end that sees no event at all has measured nothing.
    if length_b == Some(None) {
        missing(judged, wavelength);
        return Ok(());
    }
    let length_b = length_b.flatten();
    let mut values = Values {
        lengths: (length_a, length_b),
        ..Values::default()
    };
    let allowed = (int(design.length_mm) * limits.length_tolerance_ppm).div_floor(1_000_000);
    let allowed = allowed.max(limits.length_tolerance_mm).get()?;
    let mut off = 0;
    for length in [Some(length_a), length_b].into_iter().flatten() {
        off = (int(length) - design.length_mm).abs().max(off).get()?;
    }
    let guard = limits.guard("LENGTH");
    let outcome = Outcome::at_most("LENGTH", wavelength, off, allowed, guard, "mm")?;
    judged.outcomes.push(outcome);
    if outcome.fails() {
        let fault = Fault::Length(wavelength, length_a, length_b, design.length_mm);
        judged.faults.push(fault);
        judged.values.insert(wavelength, values);
        return Ok(());
    }
    let link = length_b.map_or(Ok(length_a), |b| mid(length_a, b).get())?;
    values.events = match b {
        Some(b) => pair(a, b, link, tolerance)?,
        None => single(a, link, tolerance)?,
    };
    let to_mm = (int(link) + tolerance).get()?;
    values.attenuation = attenuation(a, b, to_mm)?;
    splices(judged, limits, wavelength, &values.events)?;
    connectors(judged, limits, wavelength, &values.events)?;
    if let Some(limit) = limits.attenuation.get(&wavelength).copied() {
        let unit = "mdB/km";
        let rule = "ATTENUATION";
        judged.outcomes.push(match values.attenuation {
            None => Outcome::insufficient(rule, Some(wavelength), limit, unit),
            Some(value) => {
                let guard = limits.guard(rule);
                let outcome = Outcome::at_most(rule, wavelength, value, limit, guard, unit)?;
                if outcome.fails() {
                    judged.faults.push(Fault::Attenuation(wavelength, value));
                }
                outcome
            }
        });
    }
    budget(judged, design, limits, wavelength, link, &mut values)?;
    judged.values.insert(wavelength, values);
    Ok(())
}

/// The slopes of both tables, weighted by the length of their sections.
fn attenuation(a: &Side, b: Option<&Side>, to_mm: i64) -> Result<Option<i64>, Overflow> {
    let (mut sum, mut weight) = (int(0), int(0));
    for side in [Some(a), b].into_iter().flatten() {
        let sections = side.within(to_mm).zip(side.within(to_mm).skip(1));
        for (from, to) in sections {
            let section = int(to.at_mm) - from.at_mm;
            if section.get::<i64>()? >= SECTION_MM {
                sum = sum + section * to.slope;
                weight = weight + section;
            }
        }
    }
    match weight.get::<i128>()? {
        0 => Ok(None),
        _ => sum.div_round(weight).get().map(Some),
    }
}

fn splices(
    judged: &mut Judged,
    limits: &Limits,
    wavelength: u16,
    events: &[Pair],
) -> Result<(), Overflow> {
    let splices = || events.iter().filter(|event| !event.connector);
    let Some(worst) = splices().map(|event| event.loss).max() else {
        return Ok(());
    };
    let count = len(splices().count());
    let (limit, guard) = (limits.splice_hard, limits.guard("SPLICE_HARD"));
    let hard = Outcome::at_most("SPLICE_HARD", wavelength, worst, limit, guard, "mdB")?;
    judged.outcomes.push(hard);
    if hard.fails() {
        let over = splices().filter(|event| event.loss > limit);
        let over = over.map(|event| (event.at_mm, event.loss)).collect();
        judged.faults.push(Fault::SpliceHard(wavelength, over));
    } else {
        let over = splices().filter(|event| event.loss > limits.splice_p95);
        let over = len(over.count());
        let (value, limit) = ((over * 20).get()?, count.get()?);
        let guard = limits.guard("SPLICE_P95");
        let p95 = Outcome::at_most("SPLICE_P95", wavelength, value, limit, guard, "1/20")?;
        judged.outcomes.push(p95);
        if p95.fails() {
            let fault = Fault::SpliceP95(wavelength, over.get()?, limit);
            judged.faults.push(fault);
        }
    }
    let sum = splices().fold(int(0), |sum, event| sum + event.loss);
    let value = sum.div_round(count).get()?;
    let (limit, guard) = (limits.splice_mean, limits.guard("SPLICE_MEAN"));
    let mean = Outcome::at_most("SPLICE_MEAN", wavelength, value, limit, guard, "mdB")?;
    judged.outcomes.push(mean);
    if mean.fails() {
        judged.faults.push(Fault::SpliceMean(wavelength, value));
    }
    Ok(())
}

fn connectors(
    judged: &mut Judged,
    limits: &Limits,
    wavelength: u16,
    events: &[Pair],
) -> Result<(), Overflow> {
    let connectors = || events.iter().filter(|event| event.connector);
    if let Some(worst) = connectors().map(|event| event.loss).max() {
        let (limit, guard) = (limits.connector, limits.guard("CONNECTOR_LOSS"));
        let outcome = Outcome::at_most("CONNECTOR_LOSS", wavelength, worst, limit, guard, "mdB")?;
        judged.outcomes.push(outcome);
    }
    if let Some(worst) = connectors().filter_map(|event| event.reflectance).max() {
        let (limit, guard) = (limits.reflectance, limits.guard("REFLECTANCE"));
        let outcome = Outcome::at_most("REFLECTANCE", wavelength, worst, limit, guard, "mdB")?;
        judged.outcomes.push(outcome);
    }
    for event in connectors() {
        if event.loss > limits.connector {
            let fault = Fault::Connector(wavelength, event.at_mm, event.loss);
            judged.faults.push(fault);
        }
        if let Some(reflectance) = event.reflectance.filter(|r| *r > limits.reflectance) {
            let fault = Fault::Reflectance(wavelength, event.at_mm, reflectance);
            judged.faults.push(fault);
        }
    }
    Ok(())
}

fn budget(
    judged: &mut Judged,
    design: &Design,
    limits: &Limits,
    wavelength: u16,
    link: i64,
    values: &mut Values,
) -> Result<(), Overflow> {
    if let Some(alpha) = values.attenuation {
        let events = values.events.iter();
        let events = events.fold(int(0), |sum, event| sum + event.loss);
        let loss = (int(alpha) * link).div_round(1_000_000) + events;
        values.link_loss = Some(loss.get()?);
    }
    let Some(alpha) = limits.budget_alpha.get(&wavelength).copied() else {
        return Ok(());
    };
    let fibre = (int(alpha) * design.length_mm).div_round(1_000_000);
    let joints = int(design.splices) * limits.budget_splice;
    let joints = joints + int(design.connectors) * limits.budget_connector;
    let allowed = (fibre + joints).get()?;
    values.budget = Some(allowed);
    judged.outcomes.push(match values.link_loss {
        None => Outcome::insufficient("BUDGET", Some(wavelength), allowed, "mdB"),
        Some(loss) => {
            let guard = limits.guard("BUDGET");
            let outcome = Outcome::at_most("BUDGET", wavelength, loss, allowed, guard, "mdB")?;
            if outcome.fails() {
                let fault = Fault::Budget(wavelength, loss, allowed);
                judged.faults.push(fault);
            }
            outcome
        }
    });
    Ok(())
}

fn macrobend(judged: &mut Judged, design: &Design, limits: &Limits) -> Result<(), Overflow> {
    let (short, long) = BEND_NM;
    let asked = |wavelength| design.wavelengths.contains(&wavelength);
    if !asked(short) || !asked(long) {
        return Ok(());
    }
    let judged_further = |wavelength: u16| {
        let values = judged.values.get(&wavelength);
        values.filter(|values| !values.events.is_empty())
    };
    let (Some(short), Some(long)) = (judged_further(short), judged_further(long)) else {
        return Ok(());
    };
    let (mut worst, mut faults) = (None, Vec::new());
    for splice in long.events.iter().filter(|event| !event.connector) {
        let far = |other: &&Pair| other.at_mm.abs_diff(splice.at_mm);
        let near = short.events.iter().min_by_key(far);
        let near = near.filter(|other| far(other) <= NEAR_MM.unsigned_abs());
        let there = near.map_or(UNSEEN, |other| other.loss);
        let more: i64 = (int(splice.loss) - there).get()?;
        worst = worst.max(Some(more));
        if more > limits.macrobend {
            faults.push(Fault::Macrobend(splice.at_mm, there, splice.loss));
        }
    }
    if let Some(worst) = worst {
        let (limit, guard) = (limits.macrobend, limits.guard("MACROBEND"));
        let outcome = Outcome::at_most("MACROBEND", None, worst, limit, guard, "mdB")?;
        judged.outcomes.push(outcome);
    }
    judged.faults.append(&mut faults);
    Ok(())
}

/// What a rule that looks at one direction only would say: any splice over a limit.
pub fn naive(sides: &[&Side], limit: i64) -> Status {
    let mut events = sides.iter().flat_map(|side| &side.events);
    if events.any(|event| !event.reflective && !event.end && event.loss > limit) {
        Status::Fail
    } else {
        Status::Pass
    }
}
