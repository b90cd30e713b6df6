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
    },
    arl::Ruleset,
    interface::IWorks::Design,
    judging::{Found, judged},
    number::Overflow,
    orders::{self, bit, slot, whole},
    sor::{self, SorError},
    submitting::{Said, said},
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
    /// Which file of the fibre.
    pub slot: u8,
    /// When it was measured, by the file.
    pub time: u64,
    /// SHA-256 of the samples.
    pub samples: B256,
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
    let place = design.wavelengths.iter().position(|nm| *nm == said.nm);
    let place = place.ok_or(Unlike::NotAsked("wavelength"))?;
    let sor = sor::parse(file)?;
    let terms = orders::of_evidence(design, ruleset.tolerance());
    let findings = examine(&sor, &derive(&sor, &terms.tolerance)?, &terms)?;
    let side = Side::of(&sor)?;
    let mut losses = Vec::new();
    for event in side.events.iter().filter(|event| !event.end) {
        losses.push(i16::try_from(event.loss).map_err(|_| Overflow)?);
    }
    Ok(Looked {
        device: envelope.subject().0,
        slot: slot(place, said.end),
        time: sor.fixed.time.into(),
        samples: B256::from(sor.samples.digest()),
        findings,
        shown: Shown {
            averages: sor.fixed.averages,
            losses,
        },
        signs: own_signs(&sor, file.len())?,
        side,
        said,
    })
}

impl Looked {
    /// What was found of it when it came: `other` is the other end's file, where that was there already, and
    /// `seen` whether its samples were seen before.
    pub fn findings(&self, other: Option<&Self>, seen: bool) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        if seen {
            findings.push(Finding::Duplicate);
        }
        let signs = match other {
            None => self.signs,
            Some(other) => {
                let own = self.signs.max(other.signs);
                own.saturating_add(shared_signs(&self.shown, &other.shown))
            }
        };
        if is_emulated(signs) {
            findings.push(Finding::Emulated);
        }
        findings
    }
}

/// The heaviest of some findings.
pub fn weight(findings: &[Finding]) -> Weight {
    let heaviest = findings.iter().map(|finding| finding.weight()).max();
    heaviest.unwrap_or(Weight::Note)
}

/// What follows of a fibre's files by their slots; nothing where they are not all that the order asks for.
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
    let flagged = files.values().any(|(_, weight)| *weight == Weight::Flag);
    let mut sides = Vec::new();
    for (place, nm) in design.wavelengths.iter().enumerate() {
        let end = |end| {
            files
                .get(&slot(place, end))
                .map(|(one, _)| one.side.clone())
        };
        sides.push((*nm, [end(0), end(1)]));
    }
    judged(design, ruleset, &sides, flagged).map(Some)
}
