//! The messages of `energy` about members: inviting, joining with a meter, limits, leaving.
//!
//! A place is one meter's for ever: who leaves and joins again has another, so that slots of the past are
//! computed again by the places they had. A meter is in one community at a time.

use alloy_primitives::Address;
use commonhold_module::{Context, Outcome, ensure, reject};
use commonhold_reading::DeviceId;
use commonhold_system::devices;

use crate::{
    changes::{self, JOIN, OUT, SET, horizon, push, waits},
    communities::{known, save},
    interface::IEnergy::{
        AlreadyMember, Invited, Joined, Left, LimitsSet, MeterTaken, NoFuse, NotInvited,
        NotManager, NotMember, NotYourMeter, StillMeasured, TooManyMeters, UnfitLimit,
        UnknownSupplier, excludeCall, inviteCall, joinCall, leaveCall, setLimitsCall,
    },
    limits::METERS_MAX,
    money,
    state::{
        CHANGES, Change, Community, INVITED, MEMBERS, METERS, Member, Meter, PRICES, SEATS,
        SOURCES, Seat, Source, TAKEN, stored,
    },
};

pub(super) fn invite(ctx: &mut Context<'_>, call: inviteCall) -> Outcome<()> {
    let (community, household) = (call.community, call.household);
    let entry = known(ctx, community)?;
    manages(ctx, community, &entry)?;
    INVITED.at(&community).at(&household).write(ctx, &true)?;
    ctx.emit(Invited {
        community,
        household,
    })
}

fn manages(ctx: &Context<'_>, community: u64, entry: &Community) -> Outcome<()> {
    let caller = ctx.caller();
    ensure(entry.manager == caller, || NotManager { community, caller })
}

pub(super) fn join(ctx: &mut Context<'_>, call: joinCall) -> Outcome<u32> {
    let joinCall {
        community,
        meter,
        fuse,
        buy,
        sell,
        supplier,
        technology,
    } = call;
    let mut entry = known(ctx, community)?;
    let caller = ctx.caller();
    free(ctx, community, &entry, caller)?;
    let invitation = INVITED.at(&community).at(&caller);
    let invited = invitation.read(ctx)?;
    ensure(invited, || NotInvited { community, caller })?;
    ensure(fuse != 0, || NoFuse {})?;
    fit_limits(buy, sell, entry.ceiling)?;
    let stated = PRICES.at(&community).at(&supplier).len(ctx)? != 0;
    ensure(stated, || UnknownSupplier {
        community,
        supplier,
    })?;
    let index = entry.meters;
    ensure(index < METERS_MAX, || TooManyMeters {
        community,
        max: METERS_MAX,
    })?;
    let from = horizon(ctx, community, &entry)?;
    let device = DeviceId(meter);
    let owner = devices::owner_of(ctx, device)?;
    ensure(owner == caller, || NotYourMeter { meter, caller })?;
    take(ctx, community, &call, index, from)?;

    invitation.write(ctx, &false)?;
    entry.meters = index.saturating_add(1);
    entry.members = entry.members.saturating_add(1);
    save(ctx, community, &entry)?;
    let seat = Seat {
        household: caller,
        fuse,
        joined: from,
        supplier,
    };
    SEATS.at(&community).push(ctx, &seat)?;
    let source = Source { meter, technology };
    SOURCES.at(&community).at(&index).write(ctx, &source)?;
    let limits_at = push(
        ctx,
        community,
        &Change {
            from,
            index,
            kind: JOIN,
            buy: stored(buy),
            sell: stored(sell),
        },
    )?;
    let member = Member {
        place: index.saturating_add(1),
        limits_at,
        ..Member::default()
    };
    MEMBERS.at(&community).at(&caller).write(ctx, &member)?;
    money::list(ctx, community, caller)?;
    ctx.emit(Joined {
        community,
        household: caller,
        meter,
        index,
        fuse,
        supplier,
        technology,
        from,
    })?;
    ctx.emit(LimitsSet {
        community,
        index,
        from,
        buy,
        sell,
    })?;
    money::come_in(ctx, community, caller)?;
    Ok(index)
}

/// That somebody is no member, or was one and all its slots are settled.
fn free(ctx: &mut Context<'_>, community: u64, entry: &Community, who: Address) -> Outcome<()> {
    let before = MEMBERS.at(&community).at(&who).read(ctx)?;
    if before.place == 0 {
        return Ok(());
    }
    let until = before.leaves;
    ensure(until != 0, || AlreadyMember {
        community,
        caller: who,
    })?;
    let over = entry.next > until && entry.settling == 0;
    ensure(over, || StillMeasured { community, until })
}

/// Takes a meter for a place, where no other community has it still.
fn take(
    ctx: &mut Context<'_>,
    community: u64,
    call: &joinCall,
    index: u32,
    from: u64,
) -> Outcome<()> {
    let meter = call.meter;
    let holder = TAKEN.at(&meter);
    let last = holder.read(ctx)?;
    let place = METERS.at(&community).at(&meter);
    let before = place.read(ctx)?;
    if last != 0 {
        let there = METERS.at(&last).at(&meter).read(ctx)?;
        let left = there.leaves != 0 && there.leaves <= from;
        ensure(left, || MeterTaken {
            meter,
            community: last,
        })?;
    }
    holder.write(ctx, &community)?;
    place.write(
        ctx,
        &Meter {
            place: index.saturating_add(1),
            counter: before.counter,
            joined: from,
            leaves: 0,
            fuse: call.fuse,
        },
    )
}

pub(super) fn set_limits(ctx: &mut Context<'_>, call: setLimitsCall) -> Outcome<()> {
    let setLimitsCall {
        community,
        buy,
        sell,
    } = call;
    let entry = known(ctx, community)?;
    let caller = ctx.caller();
    let found = member(ctx, community, caller)?;
    fit_limits(buy, sell, entry.ceiling)?;
    let from = horizon(ctx, community, &entry)?;
    let index = place(&found);
    let change = Change {
        from,
        index,
        kind: SET,
        buy: stored(buy),
        sell: stored(sell),
    };
    // What nobody has been bound by yet is written over: one change a member and slot. What it joined with
    // is one too.
    let last = match found.limits_at.checked_sub(1) {
        Some(at) if waits(&entry, found.limits_at) => CHANGES.at(&community).get(ctx, at)?,
        _ => None,
    };
    if let Some(last) = last.filter(|last| last.from == from) {
        let at = found.limits_at.saturating_sub(1);
        let change = Change {
            kind: last.kind,
            ..change
        };
        CHANGES.at(&community).replace(ctx, at, &change)?;
    } else {
        let limits_at = push(ctx, community, &change)?;
        let found = Member { limits_at, ..found };
        MEMBERS.at(&community).at(&caller).write(ctx, &found)?;
    }
    ctx.emit(LimitsSet {
        community,
        index,
        from,
        buy,
        sell,
    })
}

pub(super) fn leave(ctx: &mut Context<'_>, call: leaveCall) -> Outcome<()> {
    let who = ctx.caller();
    out(ctx, call.community, who)
}

pub(super) fn exclude(ctx: &mut Context<'_>, call: excludeCall) -> Outcome<()> {
    let excludeCall {
        community,
        household,
    } = call;
    let entry = known(ctx, community)?;
    manages(ctx, community, &entry)?;
    out(ctx, community, household)
}

fn out(ctx: &mut Context<'_>, community: u64, who: Address) -> Outcome<()> {
    let mut entry = known(ctx, community)?;
    let found = member(ctx, community, who)?;
    let index = place(&found);
    let seat = SEATS.at(&community).place(index.into()).read(ctx)?;
    // A meter that was never measured is out from when it would have been in.
    let from = horizon(ctx, community, &entry)?.max(seat.joined);
    entry.members = entry.members.saturating_sub(1);
    save(ctx, community, &entry)?;
    let meter = SOURCES.at(&community).at(&index).read(ctx)?.meter;
    let handle = METERS.at(&community).at(&meter);
    let known = handle.read(ctx)?;
    handle.write(
        ctx,
        &Meter {
            leaves: from,
            ..known
        },
    )?;
    let leaving = Member {
        leaves: from,
        ..found
    };
    MEMBERS.at(&community).at(&who).write(ctx, &leaving)?;
    push(
        ctx,
        community,
        &Change {
            from,
            index,
            kind: OUT,
            buy: 0,
            sell: 0,
        },
    )?;
    let by = ctx.caller();
    ctx.emit(Left {
        community,
        household: who,
        index,
        from,
        by,
    })
}

/// A member that has not left.
pub(super) fn member(ctx: &mut Context<'_>, community: u64, who: Address) -> Outcome<Member> {
    let found = was_member(ctx, community, who)?;
    ensure(found.leaves == 0, || NotMember {
        community,
        caller: who,
    })?;
    Ok(found)
}

/// Somebody who is a member or was one.
pub(super) fn was_member(ctx: &mut Context<'_>, community: u64, who: Address) -> Outcome<Member> {
    let found = MEMBERS.at(&community).at(&who).read(ctx)?;
    if found.place == 0 {
        return reject(NotMember {
            community,
            caller: who,
        });
    }
    Ok(found)
}

/// A member's place.
pub(super) const fn place(member: &Member) -> u32 {
    member.place.saturating_sub(1)
}

fn fit_limits(buy: i64, sell: i64, ceiling: u64) -> Outcome<()> {
    for limit in [buy, sell] {
        let bounded = limit.unsigned_abs() <= ceiling;
        ensure(bounded, || UnfitLimit { limit, ceiling })?;
    }
    Ok(())
}

/// A change of limits that waits, of a member.
pub(super) fn coming(
    ctx: &mut Context<'_>,
    community: u64,
    entry: &Community,
    found: &Member,
) -> Outcome<Option<Change>> {
    if !changes::waits(entry, found.limits_at) {
        return Ok(None);
    }
    let at = found.limits_at.saturating_sub(1);
    CHANGES.at(&community).get(ctx, at)
}
