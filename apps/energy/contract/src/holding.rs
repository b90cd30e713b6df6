//! The messages of `energy` about certificates: what the rules ([`crate::certificates`]) say, on the ledger.
//!
//! The settlement of an exporting meter's slot is its certificate's birth: the reading that was paid for is
//! the one that is certified, once. What the community took of the export is claimed in that step, by the
//! buyers whose consumption it was; the rest is the household's. Where the reading says what was generated
//! behind the meter, what did not leave it is issued and claimed in that step too: for what the household
//! consumed itself, which the grid's meter does not see and nobody else's Wh are claimed for. So a certificate costs nothing before
//! somebody does something with it: until then it is what the slot says, and only then it is written.
//!
//! What a correction adds is issued by the reading's later version; what it takes away is withdrawn from
//! what the household has still, and what is not there any more is owed: it goes off what a still later
//! correction adds. A Wh is claimed for consumption of its own slot that no other Wh is claimed for; what the
//! community gave a buyer counts as claimed for, whatever it was generated with.

use alloy_primitives::Address;
use commonhold_module::{Context, Outcome, ensure, reject, storage::Place};

use crate::{
    certificates::{self, Consumption, Refusal, Stock},
    changes::today,
    communities::known,
    correcting::{first_reading, last_reading, seat, traded},
    generation,
    interface::IEnergy::{
        CertificateClaimed, CertificateExpired, CertificateLocked, CertificateTransferred,
        CertificateWithdrawn, Expired, NoAmount, NoCertificate, NoPayee, NotConsumed, NotExpired,
        NotNetwork, Reissued, SlotState, TooFew, claimCall, expireCall, lockCall,
        transferCertificateCall, unlockCall, withdrawCertificateCall,
    },
    limits::CERTIFICATE_SECONDS,
    membership::{place, was_member},
    money::too_large,
    packing,
    state::{
        CLAIMED, CORRECTED, Community, HOLDINGS, ORDERS, OWN, READINGS, SEATS, SLOTS, SOURCES,
        STOCKS, Seat, Slot, Wh,
    },
};

/// A certificate's place: community, slot, place.
type At = (u64, u64, u32);

/// A certificate that is there.
pub(super) struct Found {
    pub(super) community: Community,
    pub(super) record: Slot,
    pub(super) seat: Seat,
    pub(super) all: Wh,
    pub(super) expires: u64,
    written: bool,
}

impl Found {
    fn in_time(&self, ctx: &Context<'_>) -> bool {
        today(ctx, &self.community) < self.expires
    }
}

pub(super) fn transfer(ctx: &mut Context<'_>, call: transferCertificateCall) -> Outcome<()> {
    let transferCertificateCall {
        community,
        slot,
        index,
        to,
        wh,
    } = call;
    let (at, owner) = ((community, slot, index), ctx.caller());
    ensure(!to.is_zero() && to != owner, || NoPayee {})?;
    let found = found(ctx, at)?;
    let (from, there) = (held(ctx, at, &found, owner)?, held(ctx, at, &found, to)?);
    let moved = certificates::transfer((owner, owner), (from, there), wh, found.in_time(ctx));
    let (less, more) = allowed(moved, &found, wh)?;
    write_all(ctx, at, &found, stock(&found.all))?;
    hold(ctx, at, owner, less)?;
    hold(ctx, at, to, more)?;
    ctx.emit(CertificateTransferred {
        community,
        slot,
        index,
        from: owner,
        to,
        wh,
    })
}

pub(super) fn claim(ctx: &mut Context<'_>, call: claimCall) -> Outcome<()> {
    let claimCall {
        community,
        slot,
        index,
        wh,
    } = call;
    let (at, owner) = ((community, slot, index), ctx.caller());
    let found = found(ctx, at)?;
    let member = was_member(ctx, community, owner)?;
    let consumer = place(&member);
    let consumption = consumption(ctx, (community, slot, consumer), owner)?;
    let has = held(ctx, at, &found, owner)?;
    let moved = certificates::claim(
        (owner, owner),
        has,
        slot,
        consumption,
        wh,
        found.in_time(ctx),
    );
    let (has_then, used) = allowed(moved, &found, wh)?;
    change(ctx, at, &found, owner, (has, has_then))?;
    let more = used.claimed.saturating_sub(consumption.claimed);
    let place = CLAIMED.at(&community).at(&slot).at(&consumer);
    let claimed = place.read(ctx)?.saturating_add(more);
    place.write(ctx, &claimed)?;
    ctx.emit(CertificateClaimed {
        community,
        slot,
        index,
        owner,
        consumer,
        wh,
    })
}

/// What a place consumed in a slot, and what is claimed for it: what the community gave it, and more.
fn consumption(ctx: &mut Context<'_>, at: At, owner: Address) -> Outcome<Consumption> {
    let (community, slot, index) = at;
    let last = last_reading(ctx, community, slot, index)?;
    let first = first_reading(ctx, community, slot, index)?;
    let imported = |reading: Option<packing::Reading>| {
        reading.map_or(0, |reading| reading.net.max(0).unsigned_abs())
    };
    let given = if imported(first) == 0 {
        0
    } else {
        traded(ctx, community, slot, index)?
    };
    let more = CLAIMED.at(&community).at(&slot).at(&index).read(ctx)?;
    Ok(Consumption {
        slot,
        owner,
        consumed: imported(last),
        claimed: given.saturating_add(more),
    })
}

pub(super) fn expire(ctx: &mut Context<'_>, call: expireCall) -> Outcome<u64> {
    let expireCall {
        community,
        slot,
        index,
        owner,
    } = call;
    let at = (community, slot, index);
    let found = found(ctx, at)?;
    let has = held(ctx, at, &found, owner)?;
    let wh = has.active;
    let moved = certificates::expire(has, found.in_time(ctx));
    let has_then = allowed(moved, &found, wh)?;
    change(ctx, at, &found, owner, (has, has_then))?;
    ctx.emit(CertificateExpired {
        community,
        slot,
        index,
        owner,
        wh,
    })?;
    Ok(wh)
}

pub(super) fn withdraw(ctx: &mut Context<'_>, call: withdrawCertificateCall) -> Outcome<()> {
    let withdrawCertificateCall {
        community,
        slot,
        index,
        owner,
        wh,
    } = call;
    let at = (community, slot, index);
    let found = found(ctx, at)?;
    let by = issuer(ctx, community, &found)?;
    let has = held(ctx, at, &found, owner)?;
    let moved = certificates::withdraw((by, by), has, wh);
    let has_then = allowed(moved, &found, wh)?;
    change(ctx, at, &found, owner, (has, has_then))?;
    ctx.emit(CertificateWithdrawn {
        community,
        slot,
        index,
        owner,
        wh,
    })
}

pub(super) fn lock(ctx: &mut Context<'_>, call: lockCall) -> Outcome<()> {
    let lockCall {
        community,
        slot,
        index,
        wh,
        registry,
    } = call;
    let (at, owner) = ((community, slot, index), ctx.caller());
    let found = found(ctx, at)?;
    let has = held(ctx, at, &found, owner)?;
    let moved = certificates::lock((owner, owner), has, wh, found.in_time(ctx));
    let has_then = allowed(moved, &found, wh)?;
    change(ctx, at, &found, owner, (has, has_then))?;
    ctx.emit(CertificateLocked {
        community,
        slot,
        index,
        owner,
        wh,
        locked: true,
        registry,
    })
}

pub(super) fn unlock(ctx: &mut Context<'_>, call: unlockCall) -> Outcome<()> {
    let unlockCall {
        community,
        slot,
        index,
        owner,
        wh,
        registry,
    } = call;
    let at = (community, slot, index);
    let found = found(ctx, at)?;
    let by = issuer(ctx, community, &found)?;
    let has = held(ctx, at, &found, owner)?;
    let moved = certificates::unlock((by, by), has, wh);
    let has_then = allowed(moved, &found, wh)?;
    change(ctx, at, &found, owner, (has, has_then))?;
    ctx.emit(CertificateLocked {
        community,
        slot,
        index,
        owner,
        wh,
        locked: false,
        registry,
    })
}

/// Issues or takes back what a correction makes of a certificate: of what the meter measured, and of what the
/// household used of its own, before and now.
pub(super) fn reissue(
    ctx: &mut Context<'_>,
    at: At,
    (was, is): (i64, i64),
    own: (u64, u64),
    version: u8,
) -> Outcome<()> {
    let exported = |net: i64| net.min(0).unsigned_abs();
    let (before, after) = (exported(was), exported(is));
    let (community, slot, index) = at;
    let source = SOURCES.at(&community).at(&index).read(ctx)?;
    let same = before == after && own.0 == own.1;
    if same || source.technology.is_zero() {
        return Ok(());
    }
    let found = certified(ctx, at)?;
    let household = found.seat.household;
    let has = held(ctx, at, &found, household)?;
    let mut all = Wh {
        there: true,
        ..found.all.clone()
    };
    let mut then = has;
    // First what is less. What is claimed is never taken back.
    let less = before.saturating_sub(after);
    let withdrawn = less.min(has.active);
    then.active = has.active.saturating_sub(withdrawn);
    then.withdrawn = has.withdrawn.saturating_add(withdrawn);
    let owed = less
        .saturating_sub(withdrawn)
        .saturating_add(own.0.saturating_sub(own.1));
    all.owed = all.owed.saturating_add(owed);
    let mut more = |more: u64| {
        let back = more.min(all.owed);
        all.owed = all.owed.saturating_sub(back);
        more.saturating_sub(back)
    };
    let fed_in = more(after.saturating_sub(before));
    let used = more(own.1.saturating_sub(own.0));
    then.active = then.active.saturating_add(fed_in);
    then.claimed = then.claimed.saturating_add(used);
    let sums = shifted(stock(&all), has, then)?;
    let all = Wh {
        owed: all.owed,
        ..stored(sums)
    };
    STOCKS
        .at(&community)
        .at(&slot)
        .at(&index)
        .write(ctx, &all)?;
    hold(ctx, at, household, then)?;
    ctx.emit(Reissued {
        community,
        slot,
        index,
        version,
        issued: fed_in.saturating_add(used),
        withdrawn,
        owed,
    })
}

/// Announces all that telling of certificates will touch.
pub(super) fn announce(
    ctx: &mut Context<'_>,
    number: u64,
    certificates: &[(u64, u32)],
) -> Outcome<()> {
    let mut handles: Vec<Box<dyn Place>> = Vec::new();
    for (slot, index) in certificates {
        let (word, _) = packing::place(*index);
        handles.push(Box::new(SEATS.at(&number).place(u64::from(*index))));
        handles.push(Box::new(SOURCES.at(&number).at(index)));
        handles.push(Box::new(SLOTS.at(&number).at(slot)));
        handles.push(Box::new(STOCKS.at(&number).at(slot).at(index)));
        handles.push(Box::new(CORRECTED.at(&number).at(slot).at(index)));
        handles.push(Box::new(READINGS.at(&number).at(slot).at(&word)));
        handles.push(Box::new(ORDERS.at(&number).at(slot).at(&word)));
        handles.push(Box::new(OWN.at(&number).at(slot).at(&word)));
    }
    let places: Vec<&dyn Place> = handles.iter().map(AsRef::as_ref).collect();
    ctx.fetch(&places)
}

/// A certificate, or that there is none.
pub(super) fn found(ctx: &mut Context<'_>, at: At) -> Outcome<Found> {
    let (_, slot, index) = at;
    match there(ctx, at)? {
        Some(found) => Ok(found),
        None => reject(NoCertificate { slot, index }),
    }
}

/// A certificate of a place's settled slot, where any Wh of it was issued.
pub(super) fn there(ctx: &mut Context<'_>, at: At) -> Outcome<Option<Found>> {
    let (number, _, index) = at;
    let found = certified(ctx, at)?;
    let source = SOURCES.at(&number).at(&index).read(ctx)?;
    let settled = found.record.state == SlotState::Settled as u8;
    let some = stock(&found.all).issued().is_some_and(|wh| wh != 0);
    let is = settled && some && !source.technology.is_zero();
    Ok(is.then_some(found))
}

/// What stands of a certificate: as it was written, or as the slot says.
fn certified(ctx: &mut Context<'_>, at: At) -> Outcome<Found> {
    let (number, slot, index) = at;
    let community = known(ctx, number)?;
    let seat = seat(ctx, number, &community, index)?;
    let record = SLOTS.at(&number).at(&slot).read(ctx)?;
    let end = slot.saturating_add(record.seconds.into());
    let written = STOCKS.at(&number).at(&slot).at(&index).read(ctx)?;
    let all = if written.there {
        written.clone()
    } else {
        let first = first_reading(ctx, number, slot, index)?;
        let exported = first.map_or(0, |first| first.net.min(0).unsigned_abs());
        let sold = if exported == 0 {
            0
        } else {
            traded(ctx, number, slot, index)?
        };
        let own = generation::own(ctx, at)?;
        Wh {
            active: exported.saturating_sub(sold),
            claimed: sold.saturating_add(own),
            ..Wh::default()
        }
    };
    Ok(Found {
        community,
        record,
        seat,
        all,
        expires: end.saturating_add(CERTIFICATE_SECONDS),
        written: written.there,
    })
}

/// What an owner has of a certificate.
pub(super) fn held(
    ctx: &mut Context<'_>,
    (number, slot, index): At,
    found: &Found,
    owner: Address,
) -> Outcome<Stock> {
    let place = HOLDINGS.at(&number).at(&slot).at(&index).at(&owner);
    let has = place.read(ctx)?;
    if has.there || owner != found.seat.household || found.written {
        return Ok(stock(&has));
    }
    Ok(stock(&found.all))
}

fn issuer(ctx: &Context<'_>, community: u64, found: &Found) -> Outcome<Address> {
    let caller = ctx.caller();
    let network = found.community.network;
    ensure(caller == network, || NotNetwork { community, caller })?;
    Ok(network)
}

/// What a rule came to, or its refusal in the interface's words.
fn allowed<T>(moved: Result<T, Refusal>, found: &Found, needed: u64) -> Outcome<T> {
    let expires = found.expires;
    match moved {
        Ok(value) => Ok(value),
        Err(Refusal::Nothing) => reject(NoAmount {}),
        Err(Refusal::TooFew { there }) => reject(TooFew { there, needed }),
        Err(Refusal::NotConsumed { left }) => reject(NotConsumed { left, needed }),
        Err(Refusal::Over) => reject(Expired { expires }),
        Err(Refusal::NotOver) => reject(NotExpired { expires }),
        Err(
            Refusal::Incomplete
            | Refusal::NotOwner
            | Refusal::NotIssuer
            | Refusal::OtherSlot
            | Refusal::TooMuch,
        ) => Err(too_large("a certificate")),
    }
}

/// Writes what an owner has now, and what that makes of all.
fn change(
    ctx: &mut Context<'_>,
    at: At,
    found: &Found,
    owner: Address,
    (before, after): (Stock, Stock),
) -> Outcome<()> {
    let all = shifted(stock(&found.all), before, after)?;
    write_all(ctx, at, found, all)?;
    hold(ctx, at, owner, after)
}

/// Writes all Wh of a certificate; with the first change, what the household has of it as well.
fn write_all(ctx: &mut Context<'_>, at: At, found: &Found, all: Stock) -> Outcome<()> {
    let (number, slot, index) = at;
    if !found.written {
        hold(ctx, at, found.seat.household, stock(&found.all))?;
    }
    let all = Wh {
        owed: found.all.owed,
        ..stored(all)
    };
    STOCKS.at(&number).at(&slot).at(&index).write(ctx, &all)
}

fn hold(ctx: &mut Context<'_>, at: At, owner: Address, has: Stock) -> Outcome<()> {
    let (number, slot, index) = at;
    let place = HOLDINGS.at(&number).at(&slot).at(&index).at(&owner);
    place.write(ctx, &stored(has))
}

/// All Wh, when those of one owner change.
fn shifted(all: Stock, before: Stock, after: Stock) -> Outcome<Stock> {
    let one = |all: u64, before: u64, after: u64| {
        let rest = all.checked_sub(before);
        let sum = rest.and_then(|rest| rest.checked_add(after));
        sum.ok_or_else(|| too_large("a certificate"))
    };
    Ok(Stock {
        active: one(all.active, before.active, after.active)?,
        claimed: one(all.claimed, before.claimed, after.claimed)?,
        expired: one(all.expired, before.expired, after.expired)?,
        withdrawn: one(all.withdrawn, before.withdrawn, after.withdrawn)?,
        locked: one(all.locked, before.locked, after.locked)?,
    })
}

pub(super) const fn stock(wh: &Wh) -> Stock {
    Stock {
        active: wh.active,
        claimed: wh.claimed,
        expired: wh.expired,
        withdrawn: wh.withdrawn,
        locked: wh.locked,
    }
}

const fn stored(stock: Stock) -> Wh {
    Wh {
        there: true,
        active: stock.active,
        claimed: stock.claimed,
        expired: stock.expired,
        withdrawn: stock.withdrawn,
        locked: stock.locked,
        owed: 0,
    }
}
