//! Evidence: the raw file in the transaction, and what the instrument signed about it.
//!
//! The instrument (or its app) signs a reading with the order's nonce and these records:
//!
//! ```text
//! sha256  data    SHA-256 of the file           nm   number  nanometres
//! fibre   text    as the order names it         end  text    A or B: where it was measured from
//! lat lon number  1e-7 degrees, where the order asks for a site
//! ```
//! What does not belong to the order at all is refused with a reason and leaves nothing behind. What does
//! is read by every member and derived again by the rules I1 to I7: what blocks is written down and is no
//! evidence, what is flagged is for a person. The file stays in the transaction; of it the law keeps the
//! table of events that the rules about fibres look at.

use alloy_primitives::{B256, U256};
use commonhold_module::{Context, Outcome, ensure, reject};
use commonhold_reading::{DeviceId, Envelope, Reading, Value};
use commonhold_system::devices::{self, interface::IDevices::Standing};
use sha2::{Digest as _, Sha256};

use crate::{
    acceptance::{
        integrity::{Finding, Weight, examine, is_emulated, own_signs},
        pairs::Side,
        radio::apart,
    },
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
    shape::{self, bytes_of, computed, word},
    sor::{self, Sor},
    state::{
        DESIGNS, EVENTS, EVIDENCE, EventRow, EvidenceRow, FIBRES, FibreRow, LastShot, OF, ORDERS,
        OrderRow, RULESETS, SAMPLES, SHOTS, SIDES, SideRow,
    },
    trace::derive,
};

/// Gas for each byte of a file: reading it, its digests, and the lines through its samples.
const FILE_BYTE_GAS: u64 = 8;
/// Gas for each byte of a reading.
const READING_BYTE_GAS: u64 = 16;
/// Tries of a fibre whose nonces are still told from wrong ones.
const ATTEMPTS_TOLD: u32 = 16;

/// What the instrument says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The nonce that it signed along.
    pub nonce: B256,
    /// SHA-256 of the file.
    pub file: B256,
    /// The fibre.
    pub fibre: B256,
    /// Nanometres.
    pub nm: u16,
    /// Where it was measured from: 0 end A, 1 end B.
    pub end: u8,
    /// Latitude and longitude, 1e-7 degrees.
    pub place: Option<(i64, i64)>,
    /// When it was signed, seconds since 1970.
    pub time: u64,
    /// The instrument's counter.
    pub counter: u64,
}

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
    let sor = match sor::parse(&file) {
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
        (general.wavelength_nm == said.nm, "nm"),
    ] {
        ensure(same, || WrongTrace { what: word(what) })?;
    }
    in_time(ctx, &design, device, time, &said)?;
    let shot = LastShot {
        counter: said.counter,
        time,
    };
    SHOTS.at(&device).write(ctx, &shot)?;

    let ruleset = contracts::ruleset(ctx, contract.ruleset)?;
    let terms = orders::of_evidence(&design, ruleset.tolerance());
    let derived = computed(derive(&sor, &terms.tolerance))?;
    let mut findings = computed(examine(&sor, &derived, &terms))?;
    let samples = B256::from(sor.samples.digest());
    let other = at_slot ^ 1;
    ctx.fetch(&[
        &SAMPLES.at(&samples),
        &SIDES.at(&said.nonce).at(&at_slot),
        &EVENTS.at(&said.nonce).at(&at_slot),
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
    let weight = findings.iter().map(|finding| finding.weight()).max();
    let weight = weight.unwrap_or(Weight::Note);
    let number = write_down(
        ctx,
        EvidenceRow {
            order,
            at: ctx.now(),
            time,
            slot: at_slot,
            weight: weight as u8,
            findings: findings.iter().fold(0, |all, finding| all | finding.bit()),
            by: ctx.caller(),
            original,
            fibre: said.fibre,
            nonce: said.nonce,
            device,
            file: digest,
            samples,
        },
    )?;
    let verdict = if weight == Weight::Block {
        let row = FibreRow {
            spoiled: true,
            ..fibre
        };
        FIBRES.at(&order).at(&said.fibre).write(ctx, &row)?;
        orders::verdict(&row)?
    } else {
        let side = SideRow {
            flagged: weight == Weight::Flag,
            evidence: number,
            ..side
        };
        SIDES.at(&said.nonce).at(&at_slot).write(ctx, &side)?;
        crate::book::extend(ctx, &EVENTS.at(&said.nonce).at(&at_slot), &events)?;
        let fibre = FibreRow {
            files: fibre.files | bit(at_slot),
            verdict: Verdict::Incomplete as u8,
            ..fibre
        };
        judge_where_whole(ctx, order, said.fibre, fibre, &design, &ruleset)?
    };
    Ok(submitEvidenceReturn {
        number,
        weight: weight as u8,
        verdict,
    })
}

/// What a reading says.
///
/// # Errors
/// The name of what it does not say.
pub fn said(reading: &Reading) -> Result<Said, &'static str> {
    let find = |name: &str| {
        let record = reading.pack.iter().find(|record| record.name == name)?;
        Some(&record.value)
    };
    let text = |name: &'static str| match find(name) {
        Some(Value::Text(text)) if !text.is_empty() && text.len() <= 32 => Ok(text.as_str()),
        _ => Err(name),
    };
    let number = |name: &str| match find(name) {
        Some(Value::Number {
            mantissa,
            exponent: 0,
        }) => Some(*mantissa),
        _ => None,
    };
    let file = match find("sha256") {
        Some(Value::Data(data)) => B256::try_from(data.as_slice()).map_err(|_| "sha256")?,
        _ => return Err("sha256"),
    };
    let nonce = reading
        .nonce
        .as_deref()
        .and_then(|nonce| B256::try_from(nonce).ok());
    let end = match text("end")? {
        "A" => 0,
        "B" => 1,
        _ => return Err("end"),
    };
    let nm = number("nm").and_then(|nm| u16::try_from(nm).ok());
    Ok(Said {
        nonce: nonce.ok_or("nonce")?,
        file,
        fibre: word(text("fibre")?),
        nm: nm.ok_or("nm")?,
        end,
        place: number("lat").zip(number("lon")),
        time: reading.time.div_euclid(1000),
        counter: reading.counter,
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
    ensure(fibre.place != 0, || WrongTrace {
        what: word("fibre"),
    })?;
    let place = design.wavelengths.iter().position(|nm| *nm == said.nm);
    let Some(place) = place else {
        return reject(WrongTrace { what: word("nm") });
    };
    ensure(said.end == 0 || design.bidirectional, || WrongTrace {
        what: word("end"),
    })?;
    let at_slot = slot(place, said.end);
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

fn charge(ctx: &mut Context<'_>, bytes: usize, each: u64) -> Outcome<()> {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    ctx.charge(bytes.saturating_mul(each))
}
