//! The messages of `energy` about readings.

use alloy_primitives::{B256, I256, U256};
use commonhold_module::{Context, Outcome, ensure, reject, storage::Place};
use commonhold_reading::Envelope;
use commonhold_system::devices::{self, interface::IDevices::Standing};

use crate::{
    communities::{known, member, rules_at, tariff_at},
    interface::IEnergy::{
        DeltaNote, Fault, NotASlot, NotOver, NotSettled, Read, ReadingRefused, SlotCleared,
        SlotState, TooLate, UnfitCount, correctCall, reportCall,
    },
    limits::{CORRECTION_SECONDS, READINGS_PER_CALL_MAX},
    measuring::{measure, through},
    money::{changed, too_large},
    packing,
    settlement::{Tariff, money},
    state::{ACCOUNTS, CORRECTED, METERS, Meter, READINGS, SLOTS},
};

/// Gas per byte of a reading that is read.
const READING_BYTE_GAS: u64 = 8;

/// A reading that was taken.
struct Taken {
    meter: Meter,
    said: packing::Reading,
    digest: B256,
}

pub(super) fn report(ctx: &mut Context<'_>, call: reportCall) -> Outcome<()> {
    let reportCall {
        community,
        slot,
        readings,
    } = call;
    let given = readings.len();
    let fit = (1..=READINGS_PER_CALL_MAX).contains(&given);
    ensure(fit, || UnfitCount {
        given: U256::from(given),
        max: U256::from(READINGS_PER_CALL_MAX),
    })?;
    let entry = known(ctx, community)?;
    ensure(slot >= entry.next, || SlotCleared { slot })?;
    let rules = rules_at(ctx, community, slot)?;
    let seconds = rules.slot_seconds;
    let begins = slot.checked_rem(seconds.into()) == Some(0);
    ensure(begins, || NotASlot { slot })?;
    let end = slot.saturating_add(seconds.into());
    ensure(ctx.now() >= end, || NotOver { slot, end })?;

    let envelopes = parsed(ctx, readings.iter().map(|bytes| bytes.as_ref()))?;
    let (place, words) = (
        SLOTS.at(&community).at(&slot),
        READINGS.at(&community).at(&slot),
    );
    let mut numbers = Vec::new();
    for envelope in &envelopes {
        let index = METERS.at(&envelope.subject().0).read(ctx)?.index;
        numbers.push(packing::place(index).0);
    }
    let handles: Vec<_> = numbers.iter().map(|number| words.at(number)).collect();
    let mut places: Vec<&dyn Place> = vec![&place];
    places.extend(handles.iter().map(|handle| handle as &dyn Place));
    ctx.fetch(&places)?;

    let mut record = place.read(ctx)?;
    for (number, envelope) in envelopes.iter().enumerate() {
        let taken = take(ctx, number, envelope, community, (slot, seconds))?;
        let (word, part) = packing::place(taken.meter.index);
        let handle = words.at(&word);
        let word = handle.read(ctx)?;
        match packing::Reading::unpack(packing::get(&word, part)) {
            None => record.readings = record.readings.saturating_add(1),
            Some(before) => later(number, before, taken.said)?,
        }
        handle.write(ctx, &packing::with(&word, part, taken.said.pack()))?;
        // A sum is of all readings and of no order among them.
        let sum = U256::from_be_bytes(record.key.0);
        let sum = sum.wrapping_add(U256::from_be_bytes(taken.digest.0));
        record.key = B256::from(sum);
        ctx.emit(Read {
            community,
            slot,
            index: taken.meter.index,
            net: taken.said.net,
            version: taken.said.version,
            quality: taken.said.quality,
            digest: taken.digest,
        })?;
    }
    place.write(ctx, &record)
}

pub(super) fn correct(ctx: &mut Context<'_>, call: correctCall) -> Outcome<()> {
    let correctCall {
        community,
        slot,
        reading,
    } = call;
    known(ctx, community)?;
    let record = SLOTS.at(&community).at(&slot).read(ctx)?;
    let settled = record.state == SlotState::Settled as u8;
    ensure(settled, || NotSettled { slot })?;
    let end = slot.saturating_add(record.seconds.into());
    let until = end.saturating_add(CORRECTION_SECONDS);
    ensure(ctx.now() < until, || TooLate { slot, until })?;
    let envelopes = parsed(ctx, [reading.as_ref()].into_iter())?;
    let Some(envelope) = envelopes.first() else {
        return Ok(());
    };
    let taken = take(ctx, 0, envelope, community, (slot, record.seconds))?;
    let index = taken.meter.index;
    let place = CORRECTED.at(&community).at(&slot).at(&index);
    let before = match packing::Reading::unpack(place.read(ctx)?) {
        Some(corrected) => Some(corrected),
        None => {
            let (word, part) = packing::place(index);
            let word = READINGS.at(&community).at(&slot).at(&word).read(ctx)?;
            packing::Reading::unpack(packing::get(&word, part))
        }
    };
    if let Some(before) = before {
        later(0, before, taken.said)?;
    }
    place.write(ctx, &taken.said.pack())?;

    let household = taken.meter.household;
    let supplier = member(ctx, community, household)?.supplier;
    let tariff = tariff_at(ctx, community, supplier, slot)?;
    let was = before.map_or(0, |before| before.net);
    let delta = grid(taken.said.net, &tariff).checked_sub(grid(was, &tariff));
    let delta = delta.ok_or_else(|| too_large("a delta note"))?;
    for (who, change) in [(household, delta), (supplier, delta.saturating_neg())] {
        let place = ACCOUNTS.at(&community).at(&who);
        let account = changed(place.read(ctx)?, 0, change)?;
        place.write(ctx, &account)?;
    }
    ctx.emit(DeltaNote {
        community,
        slot,
        index,
        before: was,
        net: taken.said.net,
        statement: I256::try_from(delta).unwrap_or_default(),
    })
}

/// What a net energy is worth with the grid alone: what is got above zero, what is paid below.
fn grid(net: i64, tariff: &Tariff) -> i128 {
    if net < 0 {
        money(net.unsigned_abs(), tariff.feed_in)
    } else {
        money(net.unsigned_abs(), tariff.retail).saturating_neg()
    }
}

/// Reads envelopes, and announces all that verifying them will touch.
fn parsed<'a>(
    ctx: &mut Context<'_>,
    readings: impl Iterator<Item = &'a [u8]>,
) -> Outcome<Vec<Envelope>> {
    let mut envelopes = Vec::new();
    for (number, bytes) in readings.enumerate() {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        ctx.charge(length.saturating_mul(READING_BYTE_GAS))?;
        match Envelope::parse(bytes) {
            Ok(envelope) => envelopes.push(envelope),
            Err(_) => return refused(number, Fault::Malformed),
        }
    }
    let meters: Vec<_> = envelopes
        .iter()
        .map(|envelope| METERS.at(&envelope.subject().0))
        .collect();
    let places: Vec<&dyn Place> = meters.iter().map(|meter| meter as &dyn Place).collect();
    ctx.fetch(&places)?;
    let signers = envelopes.iter().map(Envelope::device);
    let subjects = envelopes.iter().map(Envelope::subject);
    let ids: Vec<_> = signers.chain(subjects).collect();
    devices::announce(ctx, &ids)?;
    Ok(envelopes)
}

/// Takes one reading of a slot: whose meter it is of, that its device signed it and stands, that its
/// counter is new, and what it says.
fn take(
    ctx: &mut Context<'_>,
    number: usize,
    envelope: &Envelope,
    community: u64,
    (slot, seconds): (u64, u32),
) -> Outcome<Taken> {
    let place = METERS.at(&envelope.subject().0);
    let meter = place.read(ctx)?;
    if meter.community != community {
        return refused(number, Fault::NotAMeter);
    }
    let found = devices::verify(ctx, envelope)?;
    let stands = |standing| matches!(standing, Standing::Good | Standing::PastCalibration);
    if !stands(found.subjectStanding) || !stands(found.signerStanding) {
        return refused(number, Fault::Revoked);
    }
    if found.counter <= meter.counter {
        return refused(number, Fault::OldCounter);
    }
    let said = match measure(envelope.reading(), slot, seconds) {
        Ok(said) => said,
        Err(fault) => return refused(number, fault),
    };
    if said.net.unsigned_abs() > through(meter.fuse, seconds) {
        return refused(number, Fault::BeyondFuse);
    }
    let meter = Meter {
        counter: found.counter,
        ..meter
    };
    place.write(ctx, &meter)?;
    Ok(Taken {
        meter,
        said,
        digest: found.digest,
    })
}

fn later(number: usize, before: packing::Reading, said: packing::Reading) -> Outcome<()> {
    if said.version > before.version {
        Ok(())
    } else {
        refused(number, Fault::OldVersion)
    }
}

fn refused<T>(number: usize, fault: Fault) -> Outcome<T> {
    reject(ReadingRefused {
        number: U256::from(number),
        fault,
    })
}
