//! The message of `energy` that takes readings of a slot that is not cleared.
//!
//! Anybody brings them; what counts is who signed. A reading that comes after the grace and before somebody
//! clears the slot is taken; after that it is a correction ([`crate::correcting`]). A later version of a
//! reading replaces the earlier one, so that a slot that is not final is computed as a whole from the last.

use alloy_primitives::{B256, U256};
use commonhold_module::{Context, Outcome, ensure, reject, storage::Place};
use commonhold_reading::Envelope;
use commonhold_system::devices::{self, interface::IDevices::Standing};

use crate::{
    communities::{known, rules_at, save},
    generation,
    interface::IEnergy::{
        Fault, NotASlot, NotOver, Read, ReadingRefused, SlotCleared, UnfitCount, reportCall,
    },
    limits::READINGS_PER_CALL_MAX,
    measuring::{Said, measure, through},
    packing,
    state::{METERS, Meter, OWN, READINGS, SLOTS},
};

/// Gas per byte of a reading that is read.
const READING_BYTE_GAS: u64 = 8;

/// A reading that was taken.
pub(super) struct Taken {
    pub(super) index: u32,
    pub(super) said: Said,
    pub(super) digest: B256,
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
    let mut entry = known(ctx, community)?;
    ensure(slot >= entry.next, || SlotCleared { slot })?;
    let rules = rules_at(ctx, community, slot)?;
    let seconds = rules.slot_seconds;
    let begins = slot.checked_rem(seconds.into()) == Some(0);
    ensure(begins, || NotASlot { slot })?;
    let end = slot.saturating_add(seconds.into());
    ensure(ctx.now() >= end, || NotOver { slot, end })?;

    if entry.rehearsal && entry.heard < end {
        entry.heard = end;
        save(ctx, community, &entry)?;
    }
    let readings = readings.iter().map(AsRef::<[u8]>::as_ref);
    let envelopes = parsed(ctx, community, readings)?;
    let (place, words) = (
        SLOTS.at(&community).at(&slot),
        READINGS.at(&community).at(&slot),
    );
    let mut numbers = Vec::new();
    for envelope in &envelopes {
        let meter = METERS.at(&community).at(&envelope.subject().0);
        let index = meter.read(ctx)?.place.saturating_sub(1);
        numbers.push(packing::place(index).0);
    }
    let own = OWN.at(&community).at(&slot);
    let handles: Vec<_> = numbers
        .iter()
        .flat_map(|number| [words.at(number), own.at(number)])
        .collect();
    let mut places: Vec<&dyn Place> = vec![&place];
    places.extend(handles.iter().map(|handle| handle as &dyn Place));
    ctx.fetch(&places)?;

    let mut record = place.read(ctx)?;
    for (number, envelope) in envelopes.iter().enumerate() {
        let Taken {
            index,
            said,
            digest,
        } = take(ctx, number, envelope, community, (slot, seconds))?;
        let (word, part) = packing::place(index);
        let handle = words.at(&word);
        let word = handle.read(ctx)?;
        match packing::Reading::unpack(packing::get(&word, part)) {
            None => record.readings = record.readings.saturating_add(1),
            Some(before) => later(number, before, said.reading)?,
        }
        let reading = said.reading;
        handle.write(ctx, &packing::with(&word, part, reading.pack()))?;
        ctx.emit(Read {
            community,
            slot,
            index,
            net: reading.net,
            version: reading.version,
            quality: reading.quality,
            digest,
        })?;
        generation::keep(ctx, (community, slot, index), &said)?;
    }
    place.write(ctx, &record)
}

/// Reads envelopes, and announces all that verifying them will touch.
pub(super) fn parsed<'a>(
    ctx: &mut Context<'_>,
    community: u64,
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
        .map(|envelope| METERS.at(&community).at(&envelope.subject().0))
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
pub(super) fn take(
    ctx: &mut Context<'_>,
    number: usize,
    envelope: &Envelope,
    community: u64,
    (slot, seconds): (u64, u32),
) -> Outcome<Taken> {
    let place = METERS.at(&community).at(&envelope.subject().0);
    let meter = place.read(ctx)?;
    let measured = slot >= meter.joined && (meter.leaves == 0 || slot < meter.leaves);
    if meter.place == 0 || !measured {
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
    if said.reading.net.unsigned_abs() > through(meter.fuse, seconds) {
        return refused(number, Fault::BeyondFuse);
    }
    let index = meter.place.saturating_sub(1);
    let meter = Meter {
        counter: found.counter,
        ..meter
    };
    place.write(ctx, &meter)?;
    Ok(Taken {
        index,
        said,
        digest: found.digest,
    })
}

pub(super) fn later(
    number: usize,
    before: packing::Reading,
    said: packing::Reading,
) -> Outcome<()> {
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
