//! Which files say what of which fibre.
//!
//! All files for an order are looked at together: each by itself ([`super::integrity`]), then against the
//! others. Of an acquisition that comes twice the earlier one stands. For each fibre, wavelength and end the
//! newest of the clean files is taken, where there is none the newest of the flagged ones: a link is shot
//! again after it is mended. A fibre with flagged evidence is not accepted without a person.
//!
//! A fibre is judged where its evidence is complete or some of it is clean. One of which there is nothing
//! but what was blocked or flagged, and not enough of that, has no evidence.

use std::collections::BTreeMap;

use super::{
    Verdict,
    fibre::{Design, Judged, Limits, Measured, judge},
    integrity::{Finding, Terms, Weight, examine, is_emulated, signs},
    pairs::Side,
};
use crate::{
    arl,
    limits::EVIDENCE_FILES_MAX,
    number::Overflow,
    sor::{self, Sor, SorError},
    trace::derive,
};

/// From which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From A to B.
    Forth,
    /// From B to A.
    Back,
}

/// A file that somebody brings.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// From which end it says it was measured.
    pub direction: Direction,
}

/// What is found of a file.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Findings, by rule.
    pub findings: Vec<Finding>,
    /// Why it cannot be read, where it cannot.
    pub error: Option<SorError>,
    /// Number of the file whose samples these are, where they are another's.
    pub original: Option<usize>,
}

impl Examined {
    /// The heaviest of its findings.
    pub fn weight(&self) -> Option<Weight> {
        self.findings.iter().map(|finding| finding.weight()).max()
    }
}

/// What rules say of a fibre.
pub trait Says {
    /// What follows.
    fn verdict(&self) -> Verdict;
}

impl Says for Judged {
    fn verdict(&self) -> Verdict {
        Self::verdict(self)
    }
}

impl Says for arl::Judged {
    fn verdict(&self) -> Verdict {
        Self::verdict(self)
    }
}

/// What is found of a fibre by rules that say `J`.
#[derive(Clone, Debug)]
pub struct Examination<J = Judged> {
    /// What the rules say.
    pub judged: J,
    /// What follows, with the evidence looked at too.
    pub verdict: Verdict,
    /// The files that it was judged by, by wavelength and end.
    pub files: BTreeMap<(u16, Direction), usize>,
    /// Wavelengths and ends of which there is no file that may be used.
    pub missing: Vec<(u16, Direction)>,
    /// Sides that were judged, for comparisons with other rules.
    pub sides: Vec<Side>,
}

/// What is found of everything.
#[derive(Clone, Debug)]
pub struct Assessment<J = Judged> {
    /// Of each file, in the order in which they came.
    pub files: Vec<Examined>,
    /// Of each fibre that is judged.
    pub fibres: BTreeMap<Vec<u8>, Examination<J>>,
    /// Fibres without evidence.
    pub without: Vec<Vec<u8>>,
}

/// Why evidence is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Too many files.
    #[error("more than {EVIDENCE_FILES_MAX} files (EVIDENCE_FILES_MAX); bring them order by order")]
    TooMany,
    /// A figure that is no measurement.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// A file that was read.
struct Read<'a> {
    sor: Sor<'a>,
    side: Side,
    digest: [u8; 32],
    direction: Direction,
    bytes: usize,
}

impl Read<'_> {
    fn slot(&self) -> (&[u8], u16, Direction) {
        let general = &self.sor.general;
        (general.fibre, general.wavelength_nm, self.direction)
    }
}

/// Looks at all files of an order, and judges its fibres.
///
/// # Errors
/// [`Unfit`].
pub fn assess(
    design: &Design,
    limits: &Limits,
    terms: &Terms,
    files: &[File<'_>],
) -> Result<Assessment, Unfit> {
    assess_by(design, terms, files, |measured| {
        judge(design, limits, measured)
    })
}

/// Looks at all files of an order, and judges its fibres by other rules.
///
/// # Errors
/// [`Unfit`].
pub fn assess_by<J: Says>(
    design: &Design,
    terms: &Terms,
    files: &[File<'_>],
    judge: impl Fn(&[Measured<'_>]) -> Result<J, Overflow>,
) -> Result<Assessment<J>, Unfit> {
    if files.len() > EVIDENCE_FILES_MAX {
        return Err(Unfit::TooMany);
    }
    let (mut read, mut examined) = (Vec::new(), Vec::new());
    for file in files {
        let (one, examination) = look(file, terms);
        read.push(one);
        examined.push(examination);
    }
    find_duplicates(&read, &mut examined);
    find_foreign_checksums(&read, &mut examined);
    find_emulations(&read, &mut examined)?;
    find_too_soon(&read, &mut examined, terms);
    for examination in &mut examined {
        examination.findings.sort_unstable();
        examination.findings.dedup();
    }
    let mut assessment = Assessment {
        files: examined,
        fibres: BTreeMap::new(),
        without: Vec::new(),
    };
    for fibre in &terms.fibres {
        match fibre_of(design, &judge, fibre, &read, &assessment.files)? {
            Some(found) => {
                assessment.fibres.insert(fibre.clone(), found);
            }
            None => assessment.without.push(fibre.clone()),
        }
    }
    Ok(assessment)
}

/// A file by itself.
fn look<'a>(file: &File<'a>, terms: &Terms) -> (Option<Read<'a>>, Examined) {
    let looked = sor::parse(file.bytes).and_then(|sor| {
        let findings = examine(&sor, &derive(&sor, &terms.tolerance)?, terms)?;
        let side = Side::of(&sor)?;
        let digest = sor.samples.digest();
        let read = Read {
            sor,
            side,
            digest,
            direction: file.direction,
            bytes: file.bytes.len(),
        };
        Ok((read, findings))
    });
    match looked {
        Ok((read, findings)) => {
            let examined = Examined {
                findings,
                error: None,
                original: None,
            };
            (Some(read), examined)
        }
        Err(error) => {
            let examined = Examined {
                findings: vec![Finding::Unreadable],
                error: Some(error),
                original: None,
            };
            (None, examined)
        }
    }
}

/// I3: the same samples for something else. The earlier stands; of two of one time the one that comes first.
fn find_duplicates(read: &[Option<Read<'_>>], examined: &mut [Examined]) {
    let mut first: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let time = |number: usize| {
        let one = read.get(number).and_then(Option::as_ref);
        one.map(|one| (one.sor.fixed.time, number))
    };
    for (number, one) in read.iter().enumerate() {
        let Some(one) = one else { continue };
        let stands = first.entry(one.digest).or_insert(number);
        if time(number) < time(*stands) {
            *stands = number;
        }
    }
    for (number, one) in read.iter().enumerate() {
        let Some(one) = one else { continue };
        let original = first.get(&one.digest).copied().unwrap_or(number);
        let theirs = read.get(original).and_then(Option::as_ref);
        if theirs.is_some_and(|theirs| theirs.slot() != one.slot())
            && let Some(examined) = examined.get_mut(number)
        {
            examined.findings.push(Finding::Duplicate);
            examined.original = Some(original);
        }
    }
}

/// I7: an instrument that writes the plain checksum elsewhere did not write another one here.
fn find_foreign_checksums(read: &[Option<Read<'_>>], examined: &mut [Examined]) {
    fn instrument<'r>(one: &'r Read<'_>) -> (&'r [u8], &'r [u8]) {
        let supplier = &one.sor.supplier;
        (supplier.otdr_serial, supplier.module_serial)
    }
    let is_plain = |one: &Read<'_>| one.sor.checksum.is_some_and(|checksum| checksum.matches());
    let plain = read.iter().flatten().filter(|one| is_plain(one));
    let plain: std::collections::BTreeSet<_> = plain.map(instrument).collect();
    for (one, examined) in read.iter().zip(examined) {
        let foreign = one
            .as_ref()
            .is_some_and(|one| plain.contains(&instrument(one)));
        for finding in &mut examined.findings {
            if foreign && *finding == Finding::OwnChecksum {
                *finding = Finding::Checksum;
            }
        }
    }
}

/// I6: with the file of the other end that lies nearest in time.
fn find_emulations(read: &[Option<Read<'_>>], examined: &mut [Examined]) -> Result<(), Overflow> {
    for (one, examined) in read.iter().zip(examined) {
        let Some(one) = one else { continue };
        let (fibre, wavelength, direction) = one.slot();
        let others = read.iter().flatten().filter(|other| {
            let (its_fibre, its_wavelength, its_direction) = other.slot();
            (its_fibre, its_wavelength) == (fibre, wavelength) && its_direction != direction
        });
        let far = |other: &&Read<'_>| other.sor.fixed.time.abs_diff(one.sor.fixed.time);
        let other = others.min_by_key(far).map(|other| &other.sor);
        if is_emulated(signs(&one.sor, one.bytes, other)?) {
            examined.findings.push(Finding::Emulated);
        }
    }
    Ok(())
}

/// I2: two clean files of one instrument that are too close to each other. The later one is not believed.
fn find_too_soon(read: &[Option<Read<'_>>], examined: &mut [Examined], terms: &Terms) {
    let mut order: Vec<(&[u8], u32, usize)> = Vec::new();
    for (number, (one, examined)) in read.iter().zip(examined.iter()).enumerate() {
        if let Some(one) = one
            && examined.weight() <= Some(Weight::Note)
        {
            let (supplier, fixed) = (&one.sor.supplier, &one.sor.fixed);
            order.push((supplier.otdr_serial, fixed.time, number));
        }
    }
    order.sort_unstable();
    let mut last: Option<(&[u8], u32, usize)> = None;
    for (serial, time, number) in order {
        if let Some((before, earlier, other)) = last
            && before == serial
            && u64::from(time.abs_diff(earlier)) < terms.averaging_s_min
            && !is_same(read, number, other)
        {
            if let Some(examined) = examined.get_mut(number) {
                examined.findings.push(Finding::TooSoon);
            }
        } else {
            last = Some((serial, time, number));
        }
    }
}

/// Whether two files are of one acquisition.
fn is_same(read: &[Option<Read<'_>>], one: usize, other: usize) -> bool {
    let digest = |number: usize| read.get(number)?.as_ref().map(|one| one.digest);
    digest(one) == digest(other)
}

fn fibre_of<J: Says>(
    design: &Design,
    judge: impl Fn(&[Measured<'_>]) -> Result<J, Overflow>,
    fibre: &[u8],
    read: &[Option<Read<'_>>],
    examined: &[Examined],
) -> Result<Option<Examination<J>>, Overflow> {
    let mut files: BTreeMap<(u16, Direction), usize> = BTreeMap::new();
    let (mut clean, mut flagged) = (false, false);
    let mut missing = Vec::new();
    let ends: &[Direction] = if design.bidirectional {
        &[Direction::Forth, Direction::Back]
    } else {
        &[Direction::Forth]
    };
    for wavelength in &design.wavelengths {
        for end in ends {
            let candidates = read.iter().zip(examined).enumerate();
            let candidates = candidates.filter_map(|(number, (one, examined))| {
                let one = one.as_ref()?;
                let weight = examined.weight().unwrap_or(Weight::Note);
                let fits = one.slot() == (fibre, *wavelength, *end) && weight < Weight::Block;
                let newer = (one.sor.fixed.time, std::cmp::Reverse(number));
                fits.then_some((std::cmp::Reverse(weight), newer, number))
            });
            match candidates.max() {
                None => missing.push((*wavelength, *end)),
                Some((weight, _, number)) => {
                    clean |= weight.0 == Weight::Note;
                    flagged |= weight.0 == Weight::Flag;
                    files.insert((*wavelength, *end), number);
                }
            }
        }
    }
    if !clean && !missing.is_empty() {
        return Ok(None);
    }
    let side = |wavelength: u16, end| {
        let number = files.get(&(wavelength, end)).copied()?;
        Some(&read.get(number)?.as_ref()?.side)
    };
    let measured = design.wavelengths.iter().map(|wavelength| Measured {
        wavelength: *wavelength,
        a: side(*wavelength, Direction::Forth),
        b: side(*wavelength, Direction::Back),
    });
    let measured: Vec<_> = measured.collect();
    let judged = judge(&measured)?;
    let mut verdict = judged.verdict();
    if flagged {
        verdict = verdict.max(Verdict::Review);
    }
    let sides = measured.iter().flat_map(|m| [m.a, m.b]).flatten();
    let sides = sides.cloned().collect();
    Ok(Some(Examination {
        judged,
        verdict,
        files,
        missing,
        sides,
    }))
}
