//! Rules about the evidence itself: whether a file may be what it says it is.
//!
//! They look at the file, at exact digests and at fixed limits, never at what other testers measured and
//! never at how two traces resemble each other. Evidence is never corrected, only shot again.
//!
//! - I1 the instrument is enrolled; on the ledger also: its signature, calibration and nonce, and the file's
//!   hash;
//! - I2 its time is within the order's window, and the averaging time after the same instrument's last;
//! - I3 its samples were not seen before for anything else ([`super::evidence`] compares);
//! - I4 its table says what its samples say ([`crate::trace`]);
//! - I5 it was set up as the order asks: wavelength, pulse, group index, averaging, and a range of at least
//!   1.2 times what it measured;
//! - I6 at most two signs of an emulated trace: no averaging time; the same round number of averages from
//!   both ends; the same losses from both ends; nothing but a constant behind the end; a range of whole
//!   kilometres; more than 400 KB for fewer than 60,000 samples;
//! - I7 its checksum, where it has one. Most instruments write one of their own: so it is a note, unless the
//!   same instrument's other files carry the plain one.
//!
//! What blocks is no evidence. What is flagged is for a person to look at, and never accepted unseen.

use std::collections::BTreeMap;

use crate::{
    number::{Overflow, int, len},
    sor::Sor,
    trace::{Derived, Tolerance},
};

/// Signs of emulation that are one too many.
const SIGNS_MAX: usize = 2;
/// Averages are a round number, where they are a multiple of this.
const ROUND_AVERAGES: u32 = 100;
/// mdB that losses from both ends differ at least.
const LOSSES_DIFFER: i16 = 1;
/// Events that are compared from both ends at least.
const EVENTS_MIN: usize = 2;
/// Samples behind the end by which noise is told.
const NOISE_SAMPLES_MIN: usize = 32;
/// Bytes of a file with suspiciously much in it, and samples that would explain it.
const STUFFED: (usize, usize) = (400_000, 60_000);
/// Millimetres that a range may be off a whole kilometre, to count as one.
const WHOLE_KM_MM: i64 = 100;
/// 1e-5 that a group index may be off the design.
const GROUP_INDEX_TOLERANCE: u32 = 50;

/// What a finding leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It is said.
    Note,
    /// A person looks.
    Flag,
    /// The file is no evidence.
    Block,
}

/// What is found of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// It cannot be read.
    Unreadable,
    /// Its instrument is not of the order's.
    NotEnrolled,
    /// It is of another cable.
    WrongCable,
    /// It is of a fibre that the order does not name.
    WrongFibre,
    /// Before the order's window, or after it.
    OutsideWindow,
    /// Sooner after the instrument's last than it averages.
    TooSoon,
    /// Its samples belong to something else.
    Duplicate,
    /// Its table does not say what its samples say.
    Inconsistent,
    /// A wavelength that the order does not ask for.
    WrongWavelength,
    /// A pulse that is too long.
    LongPulse,
    /// A group index that is not the design's.
    WrongGroupIndex,
    /// A range that is too short.
    ShortRange,
    /// Signs of emulation.
    Emulated,
    /// Its checksum is not what the instrument would write.
    Checksum,
    /// Its checksum is not the plain one; most are not.
    OwnChecksum,
}

impl Finding {
    /// The rule.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Unreadable => "I0",
            Self::NotEnrolled | Self::WrongCable | Self::WrongFibre => "I1",
            Self::OutsideWindow | Self::TooSoon => "I2",
            Self::Duplicate => "I3",
            Self::Inconsistent => "I4",
            Self::WrongWavelength | Self::LongPulse | Self::WrongGroupIndex | Self::ShortRange => {
                "I5"
            }
            Self::Emulated => "I6",
            Self::Checksum | Self::OwnChecksum => "I7",
        }
    }

    /// Its name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "PARSE_ERROR",
            Self::NotEnrolled => "NOT_ENROLLED",
            Self::WrongCable => "WRONG_CABLE",
            Self::WrongFibre => "WRONG_FIBRE",
            Self::OutsideWindow => "OUTSIDE_WINDOW",
            Self::TooSoon => "TOO_SOON",
            Self::Duplicate => "DUPLICATE",
            Self::Inconsistent => "INTEGRITY_FAIL",
            Self::WrongWavelength => "WRONG_WAVELENGTH",
            Self::LongPulse => "LONG_PULSE",
            Self::WrongGroupIndex => "WRONG_GROUP_INDEX",
            Self::ShortRange => "SHORT_RANGE",
            Self::Emulated => "FORENSIC_FLAG",
            Self::Checksum => "CKSUM_MISMATCH",
            Self::OwnChecksum => "CKSUM_NOT_PLAIN",
        }
    }

    /// Its bit in a set of findings.
    pub const fn bit(self) -> u32 {
        1u32.wrapping_shl(self as u32)
    }

    /// All of them, in the order of their bits.
    pub const ALL: [Self; 15] = [
        Self::Unreadable,
        Self::NotEnrolled,
        Self::WrongCable,
        Self::WrongFibre,
        Self::OutsideWindow,
        Self::TooSoon,
        Self::Duplicate,
        Self::Inconsistent,
        Self::WrongWavelength,
        Self::LongPulse,
        Self::WrongGroupIndex,
        Self::ShortRange,
        Self::Emulated,
        Self::Checksum,
        Self::OwnChecksum,
    ];

    /// What it leads to.
    pub const fn weight(self) -> Weight {
        match self {
            Self::OwnChecksum => Weight::Note,
            Self::Emulated | Self::Checksum => Weight::Flag,
            _ => Weight::Block,
        }
    }
}

/// What an order asks of evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The cable; empty where the order does not say.
    pub cable: Vec<u8>,
    /// The fibres.
    pub fibres: Vec<Vec<u8>>,
    /// Nanometres.
    pub wavelengths: Vec<u16>,
    /// Serial numbers of enrolled instruments; none where the order does not say.
    pub instruments: Vec<Vec<u8>>,
    /// Seconds since 1970, first and last.
    pub window: Option<(u64, u64)>,
    /// Nanoseconds.
    pub pulse_ns_max: Option<u16>,
    /// Seconds that pass at least between an instrument's files.
    pub averaging_s_min: u64,
    /// 1e-5, by wavelength, where the design says.
    pub group_index: BTreeMap<u16, u32>,
    /// How far a table may be off its trace.
    pub tolerance: Tolerance,
}

/// What a file alone shows.
///
/// # Errors
/// [`Overflow`].
pub fn examine(sor: &Sor<'_>, derived: &Derived, terms: &Terms) -> Result<Vec<Finding>, Overflow> {
    let mut findings = Vec::new();
    let mut found = |wrong: bool, finding: Finding| {
        if wrong {
            findings.push(finding);
        }
    };
    let serial = sor.supplier.otdr_serial;
    let named = |list: &[Vec<u8>], text: &[u8]| list.iter().any(|known| known.as_slice() == text);
    found(
        !terms.instruments.is_empty() && !named(&terms.instruments, serial),
        Finding::NotEnrolled,
    );
    // Many instruments leave the cable empty; who names another is caught.
    let cable = sor.general.cable;
    let other = !cable.is_empty() && terms.cable.as_slice() != cable;
    found(!terms.cable.is_empty() && other, Finding::WrongCable);
    found(
        !named(&terms.fibres, sor.general.fibre),
        Finding::WrongFibre,
    );
    let time = u64::from(sor.fixed.time);
    let outside = terms.window;
    let outside = outside.is_some_and(|(first, last)| time < first || time > last);
    found(outside, Finding::OutsideWindow);
    found(!derived.is_consistent(), Finding::Inconsistent);
    let wavelength = sor.general.wavelength_nm;
    let wrong = !terms.wavelengths.contains(&wavelength);
    found(wrong, Finding::WrongWavelength);
    let pulses = &sor.fixed.pulse_ns;
    let long = terms.pulse_ns_max;
    let long = long.is_some_and(|max| pulses.iter().any(|pulse| *pulse > max));
    found(long, Finding::LongPulse);
    let index = terms.group_index.get(&wavelength);
    let index = index.map(|design| design.abs_diff(sor.fixed.group_index));
    let off = index.is_some_and(|off| off > GROUP_INDEX_TOLERANCE);
    found(off, Finding::WrongGroupIndex);
    found(is_short(sor)?, Finding::ShortRange);
    let plain = sor.checksum;
    let other = plain.is_some_and(|checksum| !checksum.matches());
    found(other, Finding::OwnChecksum);
    Ok(findings)
}

/// 100 ps that the samples reach, by 10,000.
fn reach(sor: &Sor<'_>) -> crate::number::Int {
    let spacing = sor.fixed.spacing.first().copied().unwrap_or_default();
    len(sor.samples.len()) * spacing
}

/// Whether the samples reach less than 1.2 times what was measured.
fn is_short(sor: &Sor<'_>) -> Result<bool, Overflow> {
    let Some(end) = sor.end() else {
        return Ok(false);
    };
    let rest = reach(sor) * 10 - int(end.time) * 12 * 10_000;
    Ok(rest.get::<i128>()? < 0)
}

/// Signs that a trace was made and not measured. `other` is the same wavelength from the other end.
///
/// # Errors
/// [`Overflow`].
pub fn signs(sor: &Sor<'_>, bytes: usize, other: Option<&Sor<'_>>) -> Result<usize, Overflow> {
    let own = own_signs(sor, bytes)?;
    let shared = other.map_or(0, |other| shared_signs(&Shown::of(sor), &Shown::of(other)));
    Ok(own.saturating_add(shared))
}

/// Signs that one file shows by itself.
///
/// # Errors
/// [`Overflow`].
pub fn own_signs(sor: &Sor<'_>, bytes: usize) -> Result<usize, Overflow> {
    let (stuffed, explained) = STUFFED;
    let range_mm = sor.distance_mm(reach(sor).div_floor(10_000))?;
    let off_km: i64 = int(range_mm).rem_floor(1_000_000).get()?;
    let off_km = off_km.min((int(1_000_000) - off_km).get()?);
    let signs = [
        sor.fixed.averaging_time == Some(0),
        is_constant_behind_the_end(sor)?,
        range_mm > 0 && off_km <= WHOLE_KM_MM,
        bytes > stuffed && sor.samples.len() < explained,
    ];
    Ok(signs.into_iter().filter(|sign| *sign).count())
}

/// What of a file is held against the file of the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Averages.
    pub averages: u32,
    /// mdB of each event but the end, in the order of the file.
    pub losses: Vec<i16>,
}

impl Shown {
    /// Of a file.
    pub fn of(sor: &Sor<'_>) -> Self {
        let events = sor.events.iter().filter(|event| !event.is_end());
        Self {
            averages: sor.fixed.averages,
            losses: events.map(|event| event.loss).collect(),
        }
    }

    /// Whether both ends see the same losses.
    fn mirrors(&self, other: &Self) -> bool {
        let mut pairs = self.losses.iter().zip(other.losses.iter().rev());
        self.losses.len() == other.losses.len()
            && self.losses.len() >= EVENTS_MIN
            && pairs.all(|(a, b)| a.abs_diff(*b) <= LOSSES_DIFFER.unsigned_abs())
    }
}

/// Signs that two files of one wavelength show together.
pub fn shared_signs(one: &Shown, other: &Shown) -> usize {
    let round = one.averages.checked_rem(ROUND_AVERAGES) == Some(0);
    let same = one.averages == other.averages && round;
    usize::from(same).saturating_add(usize::from(one.mirrors(other)))
}

/// Whether so many signs are too many.
pub const fn is_emulated(signs: usize) -> bool {
    signs > SIGNS_MAX
}

fn is_constant_behind_the_end(sor: &Sor<'_>) -> Result<bool, Overflow> {
    let (Some(end), Some(spacing)) = (sor.end(), sor.fixed.spacing.first()) else {
        return Ok(false);
    };
    if *spacing == 0 {
        return Ok(false);
    }
    // The end's own reflection decays over some pulses; the guard of the fits is taken twice over.
    let start = int(sor.fixed.acquisition_offset) - sor.general.user_offset;
    let pulse = sor.pulse_mm()?;
    let guard = (int(pulse) * 6).max(40_000) * sor.fixed.group_index * 100;
    let after = int(end.time) - start + guard.div_floor(crate::sor::LIGHT);
    let first = (after * 10_000).div_floor(*spacing) + 30;
    let all = sor.samples.len();
    let first: usize = first.max(0).min(len(all)).get()?;
    if all.saturating_sub(first) < NOISE_SAMPLES_MIN {
        return Ok(false);
    }
    let mut noise = sor.samples.range(first, all);
    let Some(level) = noise.next() else {
        return Ok(false);
    };
    Ok(noise.all(|sample| sample.abs_diff(level) <= 1))
}
