//! Who is a member when: committees by the epoch from which they stand.
//!
//! A decision changes the last committee, as of which a later one is a copy; so committees of past epochs,
//! this one and the next three never change, and who reads one always reads the same.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, List, Outcome, Value, ensure, storage::Place};

use super::{
    epochs::{EFFECT_EPOCHS, effect, epoch_of, faults, fixed_until, within},
    interface::IMembers::{CommitteeChanged, NotFixedYet},
    state::{
        BY_ACCOUNT, EPOCH_BLOCKS, Holding, MEMBERS, Member, ROSTERS, Roster, SEATS, Seat, Setting,
        VERSIONS, Version,
    },
};

/// The entry of a list that holds, and the most that can lie ahead: one for each epoch in which decisions
/// were made that do not hold yet.
const TAIL: u64 = 1 + EFFECT_EPOCHS;

/// What has a first epoch.
pub(super) trait Dated {
    /// The first epoch.
    fn from(&self) -> u64;
}

impl Dated for Roster {
    fn from(&self) -> u64 {
        self.from
    }
}

impl Dated for Version {
    fn from(&self) -> u64 {
        self.from
    }
}

impl Dated for Setting {
    fn from(&self) -> u64 {
        self.from
    }
}

/// Announces the places.
pub(super) fn announce<P: Place>(ctx: &mut Context<'_>, places: &[P]) -> Outcome<()> {
    let all: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&all)
}

/// The epoch of the block that the call runs in.
pub(super) fn current(ctx: &mut Context<'_>) -> Outcome<u64> {
    let blocks = EPOCH_BLOCKS.read(ctx)?;
    Ok(epoch_of(ctx.block().number, blocks))
}

/// Refuses an epoch that is not settled yet.
pub(super) fn ensure_fixed(ctx: &mut Context<'_>, epoch: u64) -> Outcome<()> {
    let until = fixed_until(current(ctx)?);
    ensure(epoch <= until, || NotFixedYet {
        epoch,
        fixedUntil: until,
    })
}

/// The newest entry of a list, ordered by first epochs, that holds in `epoch`, and its number; `None` where
/// none does.
pub(super) fn holding<V: Value + Dated>(
    ctx: &mut Context<'_>,
    list: &List<V>,
    epoch: u64,
) -> Outcome<Option<(u64, V)>> {
    let len = list.len(ctx)?;
    let tail = len.saturating_sub(TAIL);
    let places: Vec<_> = (tail..len).map(|index| list.place(index)).collect();
    announce(ctx, &places)?;
    for index in (tail..len).rev() {
        let entry = list.place(index).read(ctx)?;
        if entry.from() <= epoch {
            return Ok(Some((index, entry)));
        }
    }
    // Of long ago: between `low`, the first of those that may hold, and `high`, the first that does not.
    let (mut low, mut high) = (0, tail);
    let mut found = None;
    while low < high {
        let middle = low.midpoint(high);
        let entry = list.place(middle).read(ctx)?;
        if entry.from() <= epoch {
            found = Some((middle, entry));
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    Ok(found)
}

/// The last entry of a list, and its number.
pub(super) fn last<V: Value>(ctx: &mut Context<'_>, list: &List<V>) -> Outcome<Option<(u64, V)>> {
    let Some(index) = list.len(ctx)?.checked_sub(1) else {
        return Ok(None);
    };
    let entry = list.place(index).read(ctx)?;
    Ok(Some((index, entry)))
}

/// Puts an entry at the end of a list, or in the place of the last one where that is from the same epoch;
/// tells its number.
pub(super) fn put<V: Value + Dated>(
    ctx: &mut Context<'_>,
    list: &List<V>,
    entry: &V,
) -> Outcome<u64> {
    match last(ctx, list)? {
        Some((index, old)) if old.from() == entry.from() => {
            list.replace(ctx, index, entry)?;
            Ok(index)
        }
        _ => list.push(ctx, entry),
    }
}

/// Who is a member in `epoch`, by number.
pub(super) fn seats(ctx: &mut Context<'_>, epoch: u64) -> Outcome<Vec<Seat>> {
    match holding(ctx, &ROSTERS, epoch)? {
        Some((index, roster)) => seats_of(ctx, index, roster.count),
        None => Ok(Vec::new()),
    }
}

/// Who is a member as of the last decision.
pub(super) fn last_seats(ctx: &mut Context<'_>) -> Outcome<Vec<Seat>> {
    match last(ctx, &ROSTERS)? {
        Some((index, roster)) => seats_of(ctx, index, roster.count),
        None => Ok(Vec::new()),
    }
}

/// The members of a committee.
pub(super) fn seats_of(ctx: &mut Context<'_>, index: u64, count: u32) -> Outcome<Vec<Seat>> {
    let all = SEATS.at(&index);
    let places: Vec<_> = (0..u64::from(count)).map(|place| all.at(&place)).collect();
    announce(ctx, &places)?;
    places.iter().map(|place| place.read(ctx)).collect()
}

/// Writes who is a member from `epoch`, which nothing before this call has settled, on.
pub(super) fn schedule(ctx: &mut Context<'_>, epoch: u64, seats: &[Seat]) -> Outcome<()> {
    let old = last(ctx, &ROSTERS)?;
    let before = match &old {
        Some((_, roster)) if roster.from == epoch => u64::from(roster.count),
        _ => 0,
    };
    let count = super::epochs::counted(seats.len());
    let index = put(ctx, &ROSTERS, &Roster { from: epoch, count })?;
    let all = SEATS.at(&index);
    let end = before.max(u64::from(count));
    let places: Vec<_> = (0..end).map(|place| all.at(&place)).collect();
    announce(ctx, &places)?;
    let nobody = Seat::default();
    let mut seats = seats.iter();
    for place in places {
        place.write(ctx, seats.next().unwrap_or(&nobody))?;
    }
    Ok(())
}

/// Tells how many members there are from `epoch` on.
pub(super) fn tell(ctx: &mut Context<'_>, epoch: u64, seats: &[Seat]) -> Outcome<()> {
    let members = super::epochs::counted(seats.len());
    ctx.emit(CommitteeChanged {
        fromEpoch: epoch,
        members,
        faults: faults(members),
    })
}

/// The epoch from which holds what is decided in this call.
pub(super) fn upcoming(ctx: &mut Context<'_>) -> Outcome<u64> {
    Ok(effect(current(ctx)?))
}

/// Key and account of each of these.
pub(super) fn versions(ctx: &mut Context<'_>, seats: &[Seat]) -> Outcome<Vec<Version>> {
    let place = |seat: &Seat| VERSIONS.at(&seat.number).place(seat.version);
    let places: Vec<_> = seats.iter().map(place).collect();
    announce(ctx, &places)?;
    places.iter().map(|place| place.read(ctx)).collect()
}

/// Account and identity key of every member of this epoch, by number.
pub(super) fn keys(ctx: &mut Context<'_>) -> Outcome<Vec<(Address, B256)>> {
    let epoch = current_and_committees(ctx)?;
    let seats = seats(ctx, epoch)?;
    let versions = versions(ctx, &seats)?;
    let pairs = versions.into_iter();
    Ok(pairs
        .map(|version| (version.account, version.key))
        .collect())
}

/// How many members there are in this epoch.
pub(super) fn count(ctx: &mut Context<'_>) -> Outcome<u32> {
    let epoch = current_and_committees(ctx)?;
    let roster = holding(ctx, &ROSTERS, epoch)?;
    Ok(roster.map_or(0, |(_, roster)| roster.count))
}

/// The current epoch, where committees are read next.
pub(super) fn current_and_committees(ctx: &mut Context<'_>) -> Outcome<u64> {
    ctx.fetch(&[&EPOCH_BLOCKS, &ROSTERS])?;
    current(ctx)
}

/// The member that `account` acts for in this epoch.
pub(super) fn number_of(ctx: &mut Context<'_>, account: Address) -> Outcome<Option<u64>> {
    let place = BY_ACCOUNT.at(&account);
    ctx.fetch(&[&EPOCH_BLOCKS, &place])?;
    let Holding { mark, from, until } = place.read(ctx)?;
    let acts = within(from, until, current(ctx)?);
    Ok(mark.checked_sub(1).filter(|_| acts))
}

/// Which of these numbers are members' in this epoch.
pub(super) fn standing(ctx: &mut Context<'_>, numbers: &[u64]) -> Outcome<Vec<bool>> {
    let places: Vec<_> = numbers.iter().map(|n| MEMBERS.place(*n)).collect();
    let mut all: Vec<&dyn Place> = vec![&EPOCH_BLOCKS, &MEMBERS];
    all.extend(places.iter().map(|place| place as &dyn Place));
    ctx.fetch(&all)?;
    let epoch = current(ctx)?;
    let len = MEMBERS.len(ctx)?;
    let mut answers = Vec::new();
    for (number, place) in numbers.iter().zip(places) {
        let Member { from, until, .. } = place.read(ctx)?;
        answers.push(*number < len && within(from, until, epoch));
    }
    Ok(answers)
}

/// Whether somebody leaves at `until` and is gone in `epoch`.
pub(super) const fn is_gone(until: u64, epoch: u64) -> bool {
    until != 0 && until <= epoch
}
