//! What members set, and from which slot on it holds.
//!
//! Whoever knew what the meters of a slot say before it sets a limit, comes in or goes out would have the
//! last look. So everything holds from the next slot to *begin* on: it waits in one list per community, in
//! the order in which it was set, until the slot from which it holds is the next to be cleared. In a
//! rehearsal, which plays the past again, all slots have begun; there it holds from the next slot to be
//! cleared on.

use commonhold_module::{Context, Outcome, storage::Place};

use crate::{
    communities::{read_limits, rules_at, write_limits},
    interface::IEnergy::Activated,
    limits::CHANGES_PER_CALL_MAX,
    money::reserve,
    packing::{self, Limits},
    state::{ACCOUNTS, CHANGES, Change, Community, LIMITS, SEATS, price},
};

/// A member's limits.
pub(super) const SET: u8 = 0;
/// A meter is measured.
pub(super) const JOIN: u8 = 1;
/// It takes part, if its reserve is there.
pub(super) const IN: u8 = 2;
/// It is not measured any more, and takes no part.
pub(super) const OUT: u8 = 3;
/// What it weighs.
pub(super) const WEIGHT: u8 = 4;

/// What a place weighs until members decide otherwise.
pub(super) const WEIGHT_AT_FIRST: u16 = 1;

/// The first slot that what is set now holds in.
pub(super) fn horizon(ctx: &mut Context<'_>, number: u64, community: &Community) -> Outcome<u64> {
    if community.rehearsal {
        return Ok(community.next);
    }
    let now = ctx.now();
    let seconds = rules_at(ctx, number, now)?.slot_seconds;
    let begun = now.checked_div(seconds.into()).unwrap_or(now);
    let next = begun.saturating_add(1).saturating_mul(seconds.into());
    Ok(next.max(community.next))
}

/// The time that a community reckons its windows by: the block's, or where a rehearsal has come to.
pub(super) fn today(ctx: &Context<'_>, community: &Community) -> u64 {
    if community.rehearsal {
        community.heard
    } else {
        ctx.now()
    }
}

/// Adds a change; tells its number, from one on.
pub(super) fn push(ctx: &mut Context<'_>, number: u64, change: &Change) -> Outcome<u64> {
    let index = CHANGES.at(&number).push(ctx, change)?;
    Ok(index.saturating_add(1))
}

/// Whether the change of a number, from one on, waits still.
pub(super) const fn waits(community: &Community, at: u64) -> bool {
    at > community.applied
}

/// Takes in what holds from `slot`, the next to be cleared, on; false where there is more of it than one
/// call takes. `budget` is how much this call has left.
pub(super) fn apply(
    ctx: &mut Context<'_>,
    number: u64,
    community: &mut Community,
    slot: u64,
    budget: &mut u64,
) -> Outcome<bool> {
    let all = CHANGES.at(&number);
    let total = all.len(ctx)?;
    let to = community.applied.saturating_add(*budget).min(total);
    let places: Vec<_> = (community.applied..to).map(|at| all.place(at)).collect();
    announce(ctx, places.iter().map(|place| place as &dyn Place))?;
    let mut due = Vec::new();
    for place in &places {
        let change = place.read(ctx)?;
        if change.from > slot {
            break;
        }
        due.push(change);
    }
    fetch(ctx, number, &due)?;
    for change in &due {
        one(ctx, number, community, change)?;
        community.applied = community.applied.saturating_add(1);
        *budget = budget.saturating_sub(1);
    }
    let full = *budget == 0 && community.applied < total;
    Ok(!full)
}

/// How many changes a call takes in.
pub(super) const BUDGET: u64 = CHANGES_PER_CALL_MAX;

fn announce<'a>(ctx: &mut Context<'_>, places: impl Iterator<Item = &'a dyn Place>) -> Outcome<()> {
    let places: Vec<&dyn Place> = places.collect();
    ctx.fetch(&places)
}

fn fetch(ctx: &mut Context<'_>, number: u64, due: &[Change]) -> Outcome<()> {
    let words = due.iter().map(|change| packing::place(change.index).0);
    let limits: Vec<_> = words.map(|word| LIMITS.at(&number).at(&word)).collect();
    let seats = due.iter().map(|change| u64::from(change.index));
    let seats: Vec<_> = seats.map(|at| SEATS.at(&number).place(at)).collect();
    let both = limits.iter().map(|place| place as &dyn Place);
    announce(
        ctx,
        both.chain(seats.iter().map(|place| place as &dyn Place)),
    )?;
    let mut accounts = Vec::new();
    for (change, seat) in due.iter().zip(&seats) {
        if change.kind == IN {
            let household = seat.read(ctx)?.household;
            accounts.push(ACCOUNTS.at(&number).at(&household));
        }
    }
    announce(ctx, accounts.iter().map(|place| place as &dyn Place))
}

fn one(
    ctx: &mut Context<'_>,
    number: u64,
    community: &mut Community,
    change: &Change,
) -> Outcome<()> {
    let index = change.index;
    let was = read_limits(ctx, number, index)?;
    let (buy, sell) = (price(change.buy), price(change.sell));
    let limits = match change.kind {
        SET => Limits { buy, sell, ..was },
        JOIN => {
            community.expected = community.expected.saturating_add(1);
            Limits {
                active: false,
                buy,
                sell,
                weight: WEIGHT_AT_FIRST,
            }
        }
        WEIGHT => Limits {
            weight: u16::try_from(change.buy).unwrap_or_default(),
            ..was
        },
        IN => Limits {
            active: covered(ctx, number, community, index)?,
            ..was
        },
        _ => {
            community.expected = community.expected.saturating_sub(1);
            Limits {
                active: false,
                ..was
            }
        }
    };
    activate(ctx, number, community, index, limits)
}

fn covered(ctx: &mut Context<'_>, number: u64, community: &Community, index: u32) -> Outcome<bool> {
    let seat = SEATS.at(&number).place(index.into()).read(ctx)?;
    let account = ACCOUNTS.at(&number).at(&seat.household).read(ctx)?;
    Ok(account.balance >= reserve(seat.fuse, community.ceiling))
}

/// Writes a place's limits and weight, and keeps count of who takes part and what they weigh.
pub(super) fn activate(
    ctx: &mut Context<'_>,
    number: u64,
    community: &mut Community,
    index: u32,
    limits: Limits,
) -> Outcome<()> {
    let was = read_limits(ctx, number, index)?;
    write_limits(ctx, number, index, limits)?;
    let counts = |limits: Limits| {
        if limits.active {
            u32::from(limits.weight)
        } else {
            0
        }
    };
    community.weights = community
        .weights
        .saturating_sub(counts(was))
        .saturating_add(counts(limits));
    if was.active == limits.active {
        return Ok(());
    }
    community.active = if limits.active {
        community.active.saturating_add(1)
    } else {
        community.active.saturating_sub(1)
    };
    ctx.emit(Activated {
        community: number,
        index,
        from: community.next,
        active: limits.active,
    })
}
