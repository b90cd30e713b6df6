//! Evidence looked at again, away from the ledger: by whoever has what the instrument signed and the raw file.
//!
//! The same rules come to the same findings and verdicts as they did on the ledger. What only the ledger knew
//! (whether samples were seen for another fibre) is for the caller to add.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use commonhold_reading::Envelope;
use sha2::{Digest as _, Sha256};

use crate::{
    acceptance::{
        integrity::{Finding, Shown, Weight, examine, is_emulated, own_signs, shared_signs},
        pairs::Side,
        radio::Sector,
    },
    arl::{Ruleset, radio::Swept},
    interface::IWorks::Design,
    judging::{Found, judged},
    number::Overflow,
    orders::{self, bit, slot, whole},
    readings::{Of, Said, said},
    sectors,
    sor::{self, SorError},
    touchstone::{self, SweepError},
    trace::derive,
};

/// Why evidence is not what the ledger took.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlike {
    /// The reading lacks something.
    #[error("the reading does not say its {0}")]
    Reading(&'static str),
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] SorError),
    /// The sweep cannot be read.
    #[error("the file cannot be read: {0}")]
    Sweep(#[from] SweepError),
    /// The file is not the one that was signed.
    #[error("the file is not the one that was signed")]
    OtherFile,
    /// Something that the order does not ask for.
    #[error("the order does not ask for this {0}")]
    NotAsked(&'static str),
    /// A figure that is no measurement.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// A file and its reading, looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What the instrument said.
    pub said: Said,
    /// The instrument.
    pub device: B256,
    /// Which file of the fibre; of a sector 0.
    pub slot: u8,
    /// When it was measured: by the file of a fibre, by the reading of a sector.
    pub time: u64,
    /// SHA-256 of the samples, or of the sweep's points.
    pub samples: B256,
    what: What,
}

/// What the rules look at.
#[derive(Clone, Debug)]
enum What {
    Trace(Box<Trace>),
    Sector {
        found: Sector,
        swept: Swept,
        window: (u64, u64),
    },
}

#[derive(Clone, Debug)]
struct Trace {
    /// What the file shows by itself.
    findings: Vec<Finding>,
    side: Side,
    shown: Shown,
    signs: usize,
}

/// Looks at a file and its reading. Whose key signed the reading is not asked here.
///
/// # Errors
/// [`Unlike`].
pub fn look(
    envelope: &Envelope,
    file: &[u8],
    design: &Design,
    ruleset: &Ruleset,
) -> Result<Looked, Unlike> {
    let said = said(envelope.reading()).map_err(Unlike::Reading)?;
    if said.file != B256::from(<[u8; 32]>::from(Sha256::digest(file))) {
        return Err(Unlike::OtherFile);
    }
    let device = envelope.subject().0;
    match said.of {
        Of::Fibre { nm, end } => {
            let place = design.wavelengths.iter().position(|asked| *asked == nm);
            let place = place.ok_or(Unlike::NotAsked("wavelength"))?;
            let (time, samples, trace) = trace(file, design, ruleset)?;
            Ok(Looked {
                said,
                device,
                slot: slot(place, end),
                time,
                samples,
                what: What::Trace(Box::new(trace)),
            })
        }
        Of::Sector { found, .. } => {
            let sweep = touchstone::read(file)?;
            Ok(Looked {
                device,
                slot: 0,
                time: said.time,
                samples: B256::from(sweep.digest()),
                what: What::Sector {
                    found,
                    swept: Swept::of(&sweep.points, orders::band(design)),
                    window: (design.windowFrom, design.windowTo),
                },
                said,
            })
        }
    }
}

/// A trace, when it was measured and SHA-256 of its samples.
fn trace(file: &[u8], design: &Design, ruleset: &Ruleset) -> Result<(u64, B256, Trace), Unlike> {
    let sor = sor::parse(file)?;
    let terms = orders::of_evidence(design, ruleset.tolerance());
    let findings = examine(&sor, &derive(&sor, &terms.tolerance)?, &terms)?;
    let side = Side::of(&sor)?;
    let mut losses = Vec::new();
    for event in side.events.iter().filter(|event| !event.end) {
        losses.push(i16::try_from(event.loss).map_err(|_| Overflow)?);
    }
    let samples = B256::from(sor.samples.digest());
    let trace = Trace {
        findings,
        shown: Shown {
            averages: sor.fixed.averages,
            losses,
        },
        signs: own_signs(&sor, file.len())?,
        side,
    };
    Ok((sor.fixed.time.into(), samples, trace))
}

impl Looked {
    /// What was found of it when it came: `other` is the other end's file, where that was there already, and
    /// `seen` whether its samples were seen before.
    pub fn findings(&self, other: Option<&Self>, seen: bool) -> Vec<Finding> {
        let trace = match &self.what {
            What::Sector { window, .. } => return sectors::findings(*window, self.time, seen),
            What::Trace(trace) => trace,
        };
        let mut findings = trace.findings.clone();
        if seen {
            findings.push(Finding::Duplicate);
        }
        let signs = match other.map(|other| &other.what) {
            Some(What::Trace(other)) => {
                let own = trace.signs.max(other.signs);
                own.saturating_add(shared_signs(&trace.shown, &other.shown))
            }
            _ => trace.signs,
        };
        if is_emulated(signs) {
            findings.push(Finding::Emulated);
        }
        findings
    }

    const fn side(&self) -> Option<&Side> {
        match &self.what {
            What::Trace(trace) => Some(&trace.side),
            What::Sector { .. } => None,
        }
    }
}

/// The heaviest of some findings.
pub fn weight(findings: &[Finding]) -> Weight {
    let heaviest = findings.iter().map(|finding| finding.weight()).max();
    heaviest.unwrap_or(Weight::Note)
}

/// What follows of a fibre's or a sector's files by their slots; nothing where they are not all that the order
/// asks for.
///
/// # Errors
/// [`Overflow`].
pub fn verdict(
    design: &Design,
    ruleset: &Ruleset,
    files: &BTreeMap<u8, (&Looked, Weight)>,
) -> Result<Option<Found>, Overflow> {
    let there = files.keys().fold(0u16, |all, slot| all | bit(*slot));
    if there != whole(design) {
        return Ok(None);
    }
    if let Some((looked, _)) = files.get(&0) {
        let asked = orders::of_sector(design, &looked.said.fibre);
        if let (What::Sector { found, swept, .. }, Some(asked)) = (&looked.what, asked) {
            return sectors::judged(&asked, ruleset, found, swept).map(Some);
        }
    }
    let flagged = files.values().any(|(_, weight)| *weight == Weight::Flag);
    let mut sides = Vec::new();
    for (place, nm) in design.wavelengths.iter().enumerate() {
        let end = |end| {
            let file = files.get(&slot(place, end));
            file.and_then(|(one, _)| one.side().cloned())
        };
        sides.push((*nm, [end(0), end(1)]));
    }
    judged(design, ruleset, &sides, flagged).map(Some)
}
