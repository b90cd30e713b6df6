//! What the samples themselves say: attenuation and losses derived again, without the instrument.
//!
//! A line is laid through the samples between two neighbouring events by least squares. Its slope is the
//! section's attenuation; the step between two neighbouring lines, both drawn through to the event that
//! parts them, is the event's loss. Sample `i` lies at `AO - UO + i × spacing` of the table's time. Samples
//! near events are not used: after an event the longest of three pulses, fifteen samples and 20 m, before it
//! the longest of 0.6 pulses, three samples and 3 m.
//!
//! The table agrees with the trace, where every section of at least 1 km is within 20 mdB/km and every event
//! between two sections of at least 300 m is within 50 mdB and twice the larger sigma of the two fits; a contract
//! may pin other figures ([`Tolerance`]).
//! What is not derived is not held against anybody: the end and what follows it, slopes that say
//! [`SLOPE_NONE`].
//!
//! Arithmetic: sums over samples in 128 bits, slopes in 2⁻³² of a sample's unit, results in µdB; divisions
//! round down.

use crate::{
    number::{Int, Overflow, int, len},
    sor::{LIGHT, Sor},
};

/// What instruments write for a slope that they do not know.
pub const SLOPE_NONE: i16 = 29_650;

/// Samples that a line is laid through at least.
const SAMPLES_MIN: usize = 8;
/// Slopes and positions are counted in this part of one.
const ONE: i64 = 1 << 32;

/// How far a table may be off its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// µdB/km.
    pub attenuation: i64,
    /// Millimetres of a section whose attenuation is compared.
    pub attenuation_section_mm: i64,
    /// µdB, beside the sigmas.
    pub loss: i64,
    /// Sigmas of the worse of the two lines.
    pub sigmas: i64,
    /// Millimetres of the sections beside an event whose loss is compared.
    pub loss_section_mm: i64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            attenuation: 20_000,
            attenuation_section_mm: 1_000_000,
            loss: 50_000,
            sigmas: 2,
            loss_section_mm: 300_000,
        }
    }
}

/// What is derived from a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Sections whose attenuation is compared.
    pub sections: Vec<Section>,
    /// Events whose loss is compared.
    pub losses: Vec<Loss>,
    /// Whether the table goes forth and back, so that nothing can be derived of it.
    pub disordered: bool,
}

/// A section's attenuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which event ends it, counted from one as the table lists them.
    pub event: usize,
    /// Millimetres that the line is laid through.
    pub length_mm: i64,
    /// µdB/km, of the samples.
    pub derived: i64,
    /// µdB/km, of the table.
    pub table: i64,
    /// µdB.
    pub sigma: i64,
    /// µdB/km that they may differ.
    pub allowed: i64,
}

/// An event's loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Which event, counted from one as the table lists them.
    pub event: usize,
    /// Millimetres.
    pub at_mm: i64,
    /// µdB, of the samples.
    pub derived: i64,
    /// µdB, of the table.
    pub table: i64,
    /// µdB: the larger one of the two lines.
    pub sigma: i64,
    /// µdB that they may differ.
    pub allowed: i64,
}

impl Section {
    /// Whether the table says what the samples say.
    pub fn agrees(&self) -> bool {
        agree(self.derived, self.table, self.allowed)
    }
}

impl Loss {
    /// Whether the table says what the samples say.
    pub fn agrees(&self) -> bool {
        agree(self.derived, self.table, self.allowed)
    }
}

/// A tolerance under zero allows nothing.
fn agree(derived: i64, table: i64, allowed: i64) -> bool {
    u64::try_from(allowed).is_ok_and(|allowed| derived.abs_diff(table) <= allowed)
}

impl Derived {
    /// Whether the table says what the samples say, as far as they say anything.
    pub fn is_consistent(&self) -> bool {
        !self.disordered
            && self.sections.iter().all(Section::agrees)
            && self.losses.iter().all(Loss::agrees)
    }
}

/// A line through the samples between two events.
struct Line {
    /// Its slope in [`ONE`]ths of the samples' unit per sample, drawn through its middle.
    slope: Int,
    /// Middle of the samples' numbers, in [`ONE`]ths.
    middle: Int,
    /// Mean of the samples, in [`ONE`]ths.
    mean: Int,
    length_mm: i64,
    /// µdB.
    sigma: Int,
}

impl Line {
    /// The line's value at a sample's number in [`ONE`]ths; in [`ONE`]ths.
    fn at(&self, place: Int) -> Int {
        self.mean + (self.slope * (place - self.middle)).div_floor(ONE)
    }
}

/// What positions are computed by.
struct Axis<'s, 'a> {
    sor: &'s Sor<'a>,
    /// 100 ps of 10,000 points.
    spacing: u32,
    /// Of the first sample, 1e-14 s.
    start: Int,
}

impl Axis<'_, '_> {
    /// 1e-14 s of millimetres.
    fn time_of(&self, mm: Int) -> Int {
        (mm * (int(self.sor.fixed.group_index) * 1_000_000)).div_floor(LIGHT)
    }

    /// Millimetres of 1e-14 s.
    fn mm_of(&self, time: Int) -> Int {
        (time * LIGHT).div_floor(int(self.sor.fixed.group_index) * 1_000_000)
    }

    /// The number of the sample at an event, in [`ONE`]ths.
    fn place(&self, time: u32) -> Int {
        ((int(time) * 10_000 - self.start) * ONE).div_floor(self.spacing)
    }

    /// The line between two events; `None` where there are too few samples.
    fn line(&self, from: u32, to: u32) -> Result<Option<Line>, Overflow> {
        let (pulse, spacing) = (int(self.sor.pulse_mm()?), int(self.spacing));
        let after = self.time_of((pulse * 3).max(20_000)).max(spacing * 15);
        let before = self.time_of((pulse * 3).div_floor(5).max(3_000));
        let before = before.max(spacing * 3);
        let first = int(from) * 10_000 + after;
        let last = int(to) * 10_000 - before;
        let length_mm = self.mm_of(last - first).get()?;
        let lowest = (first - self.start).div_ceil(spacing).max(0);
        let highest = (last - self.start).div_floor(spacing) + 1;
        let highest = highest.min(len(self.sor.samples.len()));
        if (highest - lowest).get::<i128>()? < 0 {
            return Ok(None);
        }
        let (lowest, highest): (usize, usize) = (lowest.get()?, highest.get()?);
        if highest.saturating_sub(lowest) < SAMPLES_MIN {
            return Ok(None);
        }
        Ok(Some(self.fit(lowest, highest, length_mm)))
    }

    fn fit(&self, lowest: usize, highest: usize, length_mm: i64) -> Line {
        // Numbers count from the section's first sample. With at most 2^20 samples of 16 bits none of
        // these sums can reach 2^64.
        let (mut sy, mut sxy, mut syy) = (0_u64, 0_u64, 0_u64);
        let mut x = 0_u64;
        for sample in self.sor.samples.range(lowest, highest) {
            let y = u64::from(sample);
            sy = sy.saturating_add(y);
            sxy = sxy.saturating_add(y.saturating_mul(x));
            syy = syy.saturating_add(y.saturating_mul(y));
            x = x.saturating_add(1);
        }
        let (n, sy, sxy, syy) = (int(x), int(sy), int(sxy), int(syy));
        let sx = (n * (n - 1)).div_floor(2);
        let sxx = (n * (n - 1) * (n * 2 - 1)).div_floor(6);
        let (above, below) = (n * sxy - sx * sy, n * sxx - sx * sx);
        let slope = (above * ONE).div_floor(below);
        // The squares that the line leaves: of n times the variance what the slope explains is taken off.
        let rest = n * syy - sy * sy - (slope * above).div_floor(ONE);
        let variance = (rest.max(0) * 1_000_000).div_floor(n * (n - 2));
        Line {
            slope,
            middle: ((len(lowest) * n + sx) * ONE).div_floor(n),
            mean: (sy * ONE).div_floor(n),
            length_mm,
            sigma: (variance.sqrt() * self.sor.samples.scale).div_floor(1000),
        }
    }

    /// µdB/km of a slope.
    fn attenuation(&self, slope: Int) -> Int {
        // slope × scale is µdB a sample; a sample covers spacing × LIGHT / (1e12 × index) km.
        let per_sample = slope * self.sor.samples.scale * self.sor.fixed.group_index;
        let per_km = (per_sample * 1_000_000).div_floor(int(self.spacing) * LIGHT);
        (per_km * 1_000_000).div_floor(ONE)
    }

    /// µdB of a difference of samples in [`ONE`]ths.
    fn loss(&self, step: Int) -> Int {
        (step * self.sor.samples.scale).div_floor(ONE)
    }
}

/// Derives attenuation and losses.
///
/// # Errors
/// [`Overflow`], where figures are no measurement's.
pub fn derive(sor: &Sor<'_>, tolerance: &Tolerance) -> Result<Derived, Overflow> {
    let mut derived = Derived::default();
    let last = sor.events.iter().position(super::sor::Event::is_end);
    let used = last.map_or(sor.events.len(), |last| last.saturating_add(1));
    let events = sor.events.get(..used).unwrap_or_default();
    let mut pairs = events.iter().zip(events.iter().skip(1));
    if pairs.any(|(a, b)| a.time > b.time) {
        derived.disordered = true;
        return Ok(derived);
    }
    let Some(spacing) = sor.fixed.spacing.first().copied().filter(|s| *s > 0) else {
        return Ok(derived);
    };
    let start = int(sor.fixed.acquisition_offset) - sor.general.user_offset;
    let axis = Axis {
        sor,
        spacing,
        start: start * 10_000,
    };
    let mut before: Option<Line> = None;
    let pairs = events.iter().zip(events.iter().skip(1));
    for (number, (from, to)) in pairs.enumerate() {
        // Events count from one, so the event that a section begins at has the section's number and one.
        let event = number.saturating_add(1);
        let line = axis.line(from.time, to.time)?;
        if let (Some(a), Some(b)) = (&before, &line)
            && a.length_mm.min(b.length_mm) >= tolerance.loss_section_mm
        {
            let place = axis.place(from.time);
            derived.losses.push(Loss {
                event,
                at_mm: sor.distance_mm(from.time)?,
                derived: axis.loss(b.at(place) - a.at(place)).get()?,
                table: (int(from.loss) * 1000).get()?,
                sigma: a.sigma.max(b.sigma).get()?,
                allowed: (a.sigma.max(b.sigma) * tolerance.sigmas + tolerance.loss).get()?,
            });
        }
        if let Some(line) = &line
            && line.length_mm >= tolerance.attenuation_section_mm
            && to.slope != SLOPE_NONE
        {
            derived.sections.push(Section {
                event: event.saturating_add(1),
                length_mm: line.length_mm,
                derived: axis.attenuation(line.slope).get()?,
                table: (int(to.slope) * 1000).get()?,
                sigma: line.sigma.get()?,
                allowed: tolerance.attenuation,
            });
        }
        before = line;
    }
    Ok(derived)
}
