//! Evidence: the raw file in the transaction, and what the instrument signed about it.
//!
//! The instrument (or its app) signs a reading ([`crate::readings`]) with the order's nonce.
//! What does not belong to the order at all is refused with a reason and leaves nothing behind. What does
//! is read by every member and, of a fibre, derived again by the rules I1 to I7: what blocks is written down and is
//! no evidence, what is flagged is for a person. The file stays in the transaction; of it the law keeps what
//! the rules look at: the table of events of a fibre, what was found of a sector ([`crate::sectors`]).

use alloy_primitives::{B256, U256};
use commonhold_module::{Context, Outcome, ensure, reject};
use commonhold_reading::{DeviceId, Envelope};
use commonhold_system::devices::{self, interface::IDevices::Standing};
use sha2::{Digest as _, Sha256};

use crate::{
    acceptance::{
        integrity::{Finding, Weight, examine, is_emulated, own_signs},
        pairs::Side,
        radio::apart,
    },
    arl::Ruleset,
    book::{add, belongs, known},
    contracts::{self, runs},
    interface::IWorks::{
        Design, EvidenceTaken, FutureTime, InstrumentRevoked, Kind, MalformedReading, NonceUsed,
        OldReading, OutOfCalibration, TooSoon, UnfitFigure, UnreadableFile, Verdict, WrongFile,
        WrongInstrument, WrongNonce, WrongSite, WrongTrace, submitEvidenceCall,
        submitEvidenceReturn,
    },
    judging::{emulated_with, judge_where_whole},
    limits::{EVIDENCE_BYTES_MAX, EVIDENCE_EVENTS_MAX, FUTURE_SECONDS_MAX, READING_SECONDS_MAX},
    orders::{self, bit, nonce, slot},
    people::{CONTRACTOR, acting},
    readings::{Of, Said, said},
    sectors,
    shape::{self, bytes_of, computed, word},
    sor::{self, Sor},
    state::{
        DESIGNS, EVENTS, EVIDENCE, EventRow, EvidenceRow, FIBRES, FibreRow, LastShot, OF, ORDERS,
        OrderRow, RULESETS, SAMPLES, SHOTS, SIDES, SideRow,
    },
    trace::derive,
};

/// Gas for each byte of a file: reading it, its digests, and the lines through a trace's samples.
const FILE_BYTE_GAS: u64 = 8;
/// Gas for each byte of a reading.
const READING_BYTE_GAS: u64 = 16;
/// Tries of a fibre whose nonces are still told from wrong ones.
const ATTEMPTS_TOLD: u32 = 16;

pub(super) fn submit_evidence(
    ctx: &mut Context<'_>,
    call: submitEvidenceCall,
) -> Outcome<submitEvidenceReturn> {
    let submitEvidenceCall {
        order,
        reading,
        file,
    } = call;
    shape::some(file.len(), EVIDENCE_BYTES_MAX)?;
    charge(ctx, reading.len(), READING_BYTE_GAS)?;
    charge(ctx, file.len(), FILE_BYTE_GAS)?;
    let missing = |what: &str| MalformedReading {
        missing: word(what),
    };
    let Ok(envelope) = Envelope::parse(&reading) else {
        return reject(missing("reading"));
    };
    let said = match said(envelope.reading()) {
        Ok(said) => said,
        Err(what) => return reject(missing(what)),
    };
    let row = known(ctx, &ORDERS, Kind::Order, order)?;
    let (contract, _) = acting(ctx, row.contract, CONTRACTOR)?;
    runs(&contract, row.contract)?;
    let device = envelope.subject().0;
    ctx.fetch(&[
        &DESIGNS.at(&order),
        &FIBRES.at(&order).at(&said.fibre),
        &SHOTS.at(&device),
        &RULESETS.at(&contract.ruleset),
        &EVIDENCE,
        &OF.at(&(Kind::Evidence as u8)).at(&order),
    ])?;
    let design = orders::design(ctx, order)?;
    let (fibre, at_slot) = belongs_to(ctx, order, &row, &design, &said)?;
    instrument(ctx, &envelope, &design, &said)?;
    site(&design, &said)?;
    let digest = B256::from(<[u8; 32]>::from(Sha256::digest(&file)));
    let signed_ = said.file;
    ensure(digest == signed_, || WrongFile {
        signed_,
        given: digest,
    })?;
    let brought = Brought {
        order,
        ruleset: contract.ruleset,
        device,
        design,
        said,
        fibre,
        at_slot,
        digest,
    };
    match brought.said.of {
        Of::Fibre { nm, .. } => trace(ctx, &brought, nm, &file),
        Of::Sector { found, fixed } => sectors::take(ctx, &brought, (found, fixed), &file),
    }
}

/// Evidence that belongs to an order: signed by its instrument, for one of its fibres or sectors.
pub(super) struct Brought {
    pub(super) order: u64,
    pub(super) ruleset: B256,
    pub(super) device: B256,
    pub(super) design: Design,
    pub(super) said: Said,
    pub(super) fibre: FibreRow,
    pub(super) at_slot: u8,
    /// SHA-256 of the file.
    pub(super) digest: B256,
}

impl Brought {
    /// Takes what the instrument says as its last; I2 at a time.
    pub(super) fn shoot(&self, ctx: &mut Context<'_>, time: u64) -> Outcome<()> {
        in_time(ctx, &self.design, self.device, time, &self.said)?;
        let shot = LastShot {
            counter: self.said.counter,
            time,
        };
        SHOTS.at(&self.device).write(ctx, &shot)
    }

    /// Writes it down with what was found of it; its number and how heavy that is.
    pub(super) fn write_down(
        &self,
        ctx: &mut Context<'_>,
        time: u64,
        (samples, original): (B256, u64),
        findings: &[Finding],
    ) -> Outcome<(u64, Weight)> {
        let weight = findings.iter().map(|finding| finding.weight()).max();
        let weight = weight.unwrap_or(Weight::Note);
        let row = EvidenceRow {
            order: self.order,
            at: ctx.now(),
            time,
            slot: self.at_slot,
            weight: weight as u8,
            findings: findings.iter().fold(0, |all, finding| all | finding.bit()),
            by: ctx.caller(),
            original,
            fibre: self.said.fibre,
            nonce: self.said.nonce,
            device: self.device,
            file: self.digest,
            samples,
        };
        Ok((write_down(ctx, row)?, weight))
    }

    /// What follows of it: what blocks spoils the try, anything else is one file more.
    pub(super) fn judge(
        &self,
        ctx: &mut Context<'_>,
        weight: Weight,
        ruleset: &Ruleset,
    ) -> Outcome<Verdict> {
        let (order, name) = (self.order, self.said.fibre);
        if weight == Weight::Block {
            let row = FibreRow {
                spoiled: true,
                ..self.fibre.clone()
            };
            FIBRES.at(&order).at(&name).write(ctx, &row)?;
            return orders::verdict(&row);
        }
        let row = FibreRow {
            files: self.fibre.files | bit(self.at_slot),
            verdict: Verdict::Incomplete as u8,
            ..self.fibre.clone()
        };
        judge_where_whole(ctx, order, name, row, &self.design, ruleset)
    }
}

/// A trace of a fibre.
fn trace(
    ctx: &mut Context<'_>,
    brought: &Brought,
    nm: u16,
    file: &[u8],
) -> Outcome<submitEvidenceReturn> {
    let Brought {
        design,
        said,
        fibre,
        at_slot,
        ..
    } = brought;
    let sor = match sor::parse(file) {
        Ok(sor) => sor,
        Err(error) => {
            return reject(UnreadableFile {
                why: error.to_string(),
            });
        }
    };
    shape::at_most(sor.events.len(), EVIDENCE_EVENTS_MAX)?;
    let (general, time) = (&sor.general, u64::from(sor.fixed.time));
    for (same, what) in [
        (general.fibre == bytes_of(&said.fibre), "fibre"),
        (general.wavelength_nm == nm, "nm"),
    ] {
        ensure(same, || WrongTrace { what: word(what) })?;
    }
    brought.shoot(ctx, time)?;

    let ruleset = contracts::ruleset(ctx, brought.ruleset)?;
    let terms = orders::of_evidence(design, ruleset.tolerance());
    let derived = computed(derive(&sor, &terms.tolerance))?;
    let mut findings = computed(examine(&sor, &derived, &terms))?;
    let samples = B256::from(sor.samples.digest());
    let other = at_slot ^ 1;
    ctx.fetch(&[
        &SAMPLES.at(&samples),
        &SIDES.at(&said.nonce).at(at_slot),
        &EVENTS.at(&said.nonce).at(at_slot),
        &SIDES.at(&said.nonce).at(&other),
        &EVENTS.at(&said.nonce).at(&other),
    ])?;
    let original = SAMPLES.at(&samples).read(ctx)?;
    if original != 0 {
        findings.push(Finding::Duplicate);
    }
    let (side, events) = side(&sor, file.len())?;
    let emulated = if fibre.files & bit(other) == 0 {
        is_emulated(side.signs.into())
    } else {
        emulated_with(ctx, said.nonce, other, &side, &events)?
    };
    if emulated {
        findings.push(Finding::Emulated);
    }
    let (number, weight) = brought.write_down(ctx, time, (samples, original), &findings)?;
    if weight != Weight::Block {
        let side = SideRow {
            flagged: weight == Weight::Flag,
            evidence: number,
            ..side
        };
        SIDES.at(&said.nonce).at(at_slot).write(ctx, &side)?;
        crate::book::extend(ctx, &EVENTS.at(&said.nonce).at(at_slot), &events)?;
    }
    let verdict = brought.judge(ctx, weight, &ruleset)?;
    Ok(submitEvidenceReturn {
        number,
        weight: weight as u8,
        verdict,
    })
}

/// The fibre and the slot that a reading is for: of the order, under the nonce that it asks for now, and not
/// there yet.
fn belongs_to(
    ctx: &mut Context<'_>,
    order: u64,
    row: &OrderRow,
    design: &Design,
    said: &Said,
) -> Outcome<(FibreRow, u8)> {
    let fibre = FIBRES.at(&order).at(&said.fibre).read(ctx)?;
    let asked = matches!(said.of, Of::Sector { .. }) != design.sectors.is_empty();
    ensure(asked && fibre.place != 0, || WrongTrace {
        what: word(said.of.name()),
    })?;
    let at_slot = match said.of {
        Of::Sector { .. } => 0,
        Of::Fibre { nm, end } => {
            let Some(place) = design.wavelengths.iter().position(|asked| *asked == nm) else {
                return reject(WrongTrace { what: word("nm") });
            };
            ensure(end == 0 || design.bidirectional, || WrongTrace {
                what: word("end"),
            })?;
            slot(place, end)
        }
    };
    let asked = nonce(&row.seed, &said.fibre, fibre.attempt);
    let used = NonceUsed {
        nonce: said.nonce,
        slot: at_slot,
    };
    if said.nonce != asked {
        let first = fibre.attempt.saturating_sub(ATTEMPTS_TOLD);
        let old = (first..fibre.attempt).any(|n| nonce(&row.seed, &said.fibre, n) == said.nonce);
        ensure(!old, || used)?;
        return reject(WrongNonce {
            given: said.nonce,
            asked,
        });
    }
    ensure(fibre.files & bit(at_slot) == 0, || used)?;
    Ok((fibre, at_slot))
}

/// I1: the signature, the enrolment, the calibration.
fn instrument(
    ctx: &mut Context<'_>,
    envelope: &Envelope,
    design: &Design,
    said: &Said,
) -> Outcome<()> {
    let device = envelope.subject().0;
    let of_order = design
        .instruments
        .iter()
        .any(|known| known.device == device);
    ensure(of_order, || WrongInstrument { device })?;
    let now = devices::verify(ctx, envelope)?;
    let then = devices::standing(ctx, DeviceId(device), said.time)?;
    for standing in [now.signerStanding, now.subjectStanding, then] {
        match standing {
            Standing::Good => {}
            Standing::PastCalibration => {
                let time = said.time;
                return reject(OutOfCalibration { device, time });
            }
            _ => return reject(InstrumentRevoked { device }),
        }
    }
    Ok(())
}

/// Where the instrument was, where the order asks.
fn site(design: &Design, said: &Said) -> Outcome<()> {
    if design.radiusMm == 0 {
        return Ok(());
    }
    let Some(place) = said.place else {
        return reject(MalformedReading {
            missing: word("lat"),
        });
    };
    let fits = place.0.abs_diff(0) <= 900_000_000 && place.1.abs_diff(0) <= 1_800_000_000;
    ensure(fits, || UnfitFigure {
        what: word("place"),
        given: U256::from(place.0.abs_diff(0)),
    })?;
    let distance = computed(apart((design.latitude, design.longitude), place))?;
    let distance = distance.unsigned_abs();
    ensure(distance <= design.radiusMm, || WrongSite {
        distanceMm: distance,
        radiusMm: design.radiusMm,
    })
}

/// I2: not in the future, and after the instrument's last.
fn in_time(
    ctx: &mut Context<'_>,
    design: &Design,
    device: B256,
    time: u64,
    said: &Said,
) -> Outcome<()> {
    let now = ctx.now();
    let latest = now.saturating_add(FUTURE_SECONDS_MAX);
    let newer = said.time.max(time);
    ensure(newer <= latest, || FutureTime { time: newer, now })?;
    // A file is signed when it was measured, or within days after.
    let signed = said.time;
    let from = time.saturating_sub(FUTURE_SECONDS_MAX);
    let until = time.saturating_add(READING_SECONDS_MAX);
    ensure(signed >= from && signed <= until, || FutureTime {
        time,
        now: signed,
    })?;
    let last = SHOTS.at(&device).read(ctx)?;
    ensure(said.counter > last.counter, || OldReading {
        device,
        counter: said.counter,
        last: last.counter,
    })?;
    let next = last.time.saturating_add(design.averagingMinS.into());
    ensure(last.time == 0 || time >= next, || TooSoon {
        device,
        time,
        last: last.time,
    })
}

/// What the rules about fibres need of a file.
fn side(sor: &Sor<'_>, bytes: usize) -> Outcome<(SideRow, Vec<EventRow>)> {
    let side = computed(Side::of(sor))?;
    let mut rows = Vec::new();
    for event in &side.events {
        let marks = [event.reflectance.is_some(), event.reflective, event.end];
        let marks = marks
            .into_iter()
            .rev()
            .fold(0u8, |all, mark| (all << 1) | u8::from(mark));
        let short = |figure: i64| {
            let short = i16::try_from(figure).map_err(|_| crate::number::Overflow);
            computed(short).map(i16::cast_unsigned)
        };
        let reflectance = i32::try_from(event.reflectance.unwrap_or_default());
        rows.push(EventRow {
            at_mm: shape::kept(event.at_mm),
            loss: short(event.loss)?,
            slope: short(event.slope)?,
            reflectance: reflectance.unwrap_or_default().cast_unsigned(),
            marks,
        });
    }
    let signs = computed(own_signs(sor, bytes))?;
    let row = SideRow {
        pulse_mm: shape::kept(side.pulse_mm),
        loss_threshold: sor.fixed.loss_threshold,
        averages: sor.fixed.averages,
        signs: u8::try_from(signs).unwrap_or(u8::MAX),
        flagged: false,
        evidence: 0,
    };
    Ok((row, rows))
}

fn write_down(ctx: &mut Context<'_>, row: EvidenceRow) -> Outcome<u64> {
    let number = add(ctx, &EVIDENCE, &row)?;
    if row.original == 0 {
        SAMPLES.at(&row.samples).write(ctx, &number)?;
    }
    belongs(ctx, Kind::Evidence, row.order, number)?;
    ctx.emit(EvidenceTaken {
        number,
        order: row.order,
        fibre: row.fibre,
        slot: row.slot,
        device: row.device,
        file: row.file,
        findings: row.findings,
        weight: row.weight,
    })?;
    Ok(number)
}

pub(super) fn charge(ctx: &mut Context<'_>, bytes: usize, each: u64) -> Outcome<()> {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    ctx.charge(bytes.saturating_mul(each))
}
