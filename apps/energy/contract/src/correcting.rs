//! The messages of `energy` about slots that are settled: corrections and disputes.
//!
//! What was traded stands: a correction clears nothing again and changes nobody else's slot. What a meter
//! took or gave beside what it traded is settled anew with its supplier, who stood in for it: whoever sold
//! more than it exported buys the rest at retail, and whoever bought more than it consumed feeds the rest
//! in. So a false reading never pays by being corrected later. The difference is a *delta note* on the
//! statement; certificates are issued or taken back for it ([`crate::holding`]).
//!
//! Within thirty days of a slot's end a later version of a signed reading corrects it, or whose meter it is,
//! or the network operator, disputes it. A dispute is decided by the network operator's own reading, once,
//! within ninety days; no reading of the meter changes that any more.

use alloy_primitives::{Address, B256, I256, U256};
use commonhold_module::{Context, Outcome, ensure, reject};

use crate::{
    changes::today,
    communities::{known, tariff_at},
    generation, holding,
    interface::IEnergy::{
        AlreadyDecided, AlreadyDisputed, DeltaNote, DisputeDecided, Disputed, Fault, NoEvidence,
        NotDisputed, NotNetwork, NotParty, NotSettled, Read, ReadingRefused, SlotState, TooLate,
        UnknownPlace, correctCall, decideDisputeCall, disputeCall,
    },
    limits::{CORRECTION_SECONDS, DECISION_SECONDS},
    measuring::{BY_NETWORK, through},
    metering::{Taken, later, parsed, take},
    money::{changed, too_large},
    packing,
    settlement::{Tariff, money},
    state::{
        ACCOUNTS, CORRECTED, Community, DISPUTES, Dispute, ORDERS, READINGS, SEATS, SLOTS, Seat,
        Slot,
    },
};

pub(super) fn correct(ctx: &mut Context<'_>, call: correctCall) -> Outcome<()> {
    let correctCall {
        community,
        slot,
        reading,
    } = call;
    let entry = known(ctx, community)?;
    let record = settled(ctx, community, &entry, slot, CORRECTION_SECONDS)?;
    let envelopes = parsed(ctx, community, [reading.as_ref()].into_iter())?;
    let Some(envelope) = envelopes.first() else {
        return Ok(());
    };
    let seconds = record.seconds;
    let Taken {
        index,
        said,
        digest,
    } = take(ctx, 0, envelope, community, (slot, seconds))?;
    let found = DISPUTES.at(&community).at(&slot).at(&index).read(ctx)?;
    ensure(!found.decided, || AlreadyDecided { slot, index })?;
    let before = last_reading(ctx, community, slot, index)?;
    let reading = said.reading;
    if let Some(before) = before {
        later(0, before, reading)?;
    }
    ctx.emit(Read {
        community,
        slot,
        index,
        net: reading.net,
        version: reading.version,
        quality: reading.quality,
        digest,
    })?;
    let at = (community, slot, index);
    let own = (generation::own(ctx, at)?, said.own());
    amend(ctx, at, before, reading, own)?;
    generation::keep(ctx, at, &said)
}

pub(super) fn dispute(ctx: &mut Context<'_>, call: disputeCall) -> Outcome<()> {
    let disputeCall {
        community,
        slot,
        index,
        evidence,
    } = call;
    let entry = known(ctx, community)?;
    settled(ctx, community, &entry, slot, CORRECTION_SECONDS)?;
    let seat = seat(ctx, community, &entry, index)?;
    let by = ctx.caller();
    let party = by == seat.household || by == entry.network;
    ensure(party, || NotParty {
        slot,
        index,
        caller: by,
    })?;
    ensure(evidence != B256::ZERO, || NoEvidence {})?;
    let place = DISPUTES.at(&community).at(&slot).at(&index);
    let found = place.read(ctx)?;
    ensure(found.by == Address::ZERO, || AlreadyDisputed {
        slot,
        index,
    })?;
    place.write(
        ctx,
        &Dispute {
            by,
            evidence,
            ..found
        },
    )?;
    ctx.emit(Disputed {
        community,
        slot,
        index,
        by,
        evidence,
    })
}

pub(super) fn decide_dispute(ctx: &mut Context<'_>, call: decideDisputeCall) -> Outcome<()> {
    let decideDisputeCall {
        community,
        slot,
        index,
        net,
        reading,
    } = call;
    let entry = known(ctx, community)?;
    let caller = ctx.caller();
    ensure(caller == entry.network, || NotNetwork { community, caller })?;
    let record = settled(ctx, community, &entry, slot, DECISION_SECONDS)?;
    let place = DISPUTES.at(&community).at(&slot).at(&index);
    let found = place.read(ctx)?;
    ensure(found.by != Address::ZERO, || NotDisputed { slot, index })?;
    ensure(!found.decided, || AlreadyDecided { slot, index })?;
    ensure(reading != B256::ZERO, || NoEvidence {})?;
    let seat = seat(ctx, community, &entry, index)?;
    if net.unsigned_abs() > through(seat.fuse, record.seconds) {
        return reject(ReadingRefused {
            number: U256::ZERO,
            fault: Fault::BeyondFuse,
        });
    }
    place.write(
        ctx,
        &Dispute {
            decided: true,
            reading,
            ..found
        },
    )?;
    ctx.emit(DisputeDecided {
        community,
        slot,
        index,
        net,
        reading,
    })?;
    let before = last_reading(ctx, community, slot, index)?;
    let version = before.map_or(0, |before| before.version);
    let said = packing::Reading {
        net,
        version: version.saturating_add(1),
        quality: BY_NETWORK,
    };
    // What the household used of its own is not what a dispute about the grid's meter is about.
    let at = (community, slot, index);
    let own = generation::own(ctx, at)?;
    amend(ctx, at, before, said, (own, own))
}

/// That a slot is settled, and is corrected, disputed or decided in time.
fn settled(
    ctx: &mut Context<'_>,
    community: u64,
    entry: &Community,
    slot: u64,
    within: u64,
) -> Outcome<Slot> {
    let record = SLOTS.at(&community).at(&slot).read(ctx)?;
    let over = record.state == SlotState::Settled as u8;
    ensure(over, || NotSettled { slot })?;
    let end = slot.saturating_add(record.seconds.into());
    let until = end.saturating_add(within);
    ensure(today(ctx, entry) < until, || TooLate { slot, until })?;
    Ok(record)
}

/// Who has a place.
pub(super) fn seat(
    ctx: &mut Context<'_>,
    community: u64,
    entry: &Community,
    index: u32,
) -> Outcome<Seat> {
    ensure(index < entry.meters, || UnknownPlace { community, index })?;
    SEATS.at(&community).place(index.into()).read(ctx)
}

/// What a place's meter said of a slot last, corrections included.
pub(super) fn last_reading(
    ctx: &mut Context<'_>,
    community: u64,
    slot: u64,
    index: u32,
) -> Outcome<Option<packing::Reading>> {
    let corrected = CORRECTED.at(&community).at(&slot).at(&index).read(ctx)?;
    if let Some(reading) = packing::Reading::unpack(corrected) {
        return Ok(Some(reading));
    }
    first_reading(ctx, community, slot, index)
}

/// What the slot was cleared by.
pub(super) fn first_reading(
    ctx: &mut Context<'_>,
    community: u64,
    slot: u64,
    index: u32,
) -> Outcome<Option<packing::Reading>> {
    let (word, part) = packing::place(index);
    let word = READINGS.at(&community).at(&slot).at(&word).read(ctx)?;
    Ok(packing::Reading::unpack(packing::get(&word, part)))
}

/// What a place traded in a settled slot.
pub(super) fn traded(ctx: &mut Context<'_>, community: u64, slot: u64, index: u32) -> Outcome<u64> {
    let (word, part) = packing::place(index);
    let word = ORDERS.at(&community).at(&slot).at(&word).read(ctx)?;
    let order = packing::Order::unpack(packing::get(&word, part));
    Ok(order.map_or(0, |order| order.fill))
}

/// Settles a place's slot anew beside what it traded. `own` is what the household used of its own, as it was
/// said before and is said now.
fn amend(
    ctx: &mut Context<'_>,
    at: (u64, u64, u32),
    before: Option<packing::Reading>,
    said: packing::Reading,
    own: (u64, u64),
) -> Outcome<()> {
    let (community, slot, index) = at;
    let place = CORRECTED.at(&community).at(&slot).at(&index);
    place.write(ctx, &said.pack())?;
    let first = first_reading(ctx, community, slot, index)?;
    let fill = i64::try_from(traded(ctx, community, slot, index)?)
        .map_err(|_| too_large("what was traded"))?;
    let position = if first.is_some_and(|first| first.net < 0) {
        fill.saturating_neg()
    } else {
        fill
    };
    let seat = SEATS.at(&community).place(index.into()).read(ctx)?;
    let tariff = tariff_at(ctx, community, seat.supplier, slot)?;
    // A fuse bounds what a meter says, so that no difference here leaves its type.
    let was = before.map_or(0, |before| before.net.saturating_sub(position));
    let is = said.net.saturating_sub(position);
    let delta = grid(is, &tariff).checked_sub(grid(was, &tariff));
    let delta = delta.ok_or_else(|| too_large("a delta note"))?;
    let place = ACCOUNTS.at(&community).at(&seat.household);
    let mut account = changed(place.read(ctx)?, 0, delta)?;
    for (sum, less, more) in [
        (&mut account.import_grid, was.max(0), is.max(0)),
        (&mut account.export_grid, was.min(0), is.min(0)),
    ] {
        let rest = sum.checked_sub(less.unsigned_abs());
        let new = rest.and_then(|rest| rest.checked_add(more.unsigned_abs()));
        *sum = new.ok_or_else(|| too_large("energy"))?;
    }
    place.write(ctx, &account)?;
    let place = ACCOUNTS.at(&community).at(&seat.supplier);
    let account = changed(place.read(ctx)?, 0, delta.saturating_neg())?;
    place.write(ctx, &account)?;
    let was = before.map_or(0, |before| before.net);
    ctx.emit(DeltaNote {
        community,
        slot,
        index,
        before: was,
        net: said.net,
        statement: I256::try_from(delta).unwrap_or_default(),
    })?;
    holding::reissue(ctx, at, (was, said.net), own, said.version)
}

/// What energy from the grid (above zero) or to it is worth: what is got above zero, what is paid below.
fn grid(net: i64, tariff: &Tariff) -> i128 {
    if net < 0 {
        money(net.unsigned_abs(), tariff.feed_in)
    } else {
        money(net.unsigned_abs(), tariff.retail).saturating_neg()
    }
}
