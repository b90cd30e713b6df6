//! Reads of `members`: who is one, and when.

use commonhold_module::{Context, Fault, Outcome, reject, storage::Place};

use super::{
    deciding::known,
    epochs::{epoch_of, fixed_until, within},
    interface::IMembers::{
        Committee, Member as MemberView, Seat as SeatView, UnknownAccount, UnknownKey,
        committeeOfCall, epochsCall, epochsReturn, isMemberCall, memberByAccountCall,
        memberByKeyCall, memberCountCall, membersCall, membersReturn, peersOfCall, quorumCall,
    },
    limits::PEERS_COMMITTEES_MAX,
    roster::{
        announce, count, current, ensure_fixed, holding, number_of, seats, seats_of, versions,
    },
    state::{BY_KEY, ENDPOINTS, EPOCH_BLOCKS, MEMBERS, Member, NAMES, ROSTERS, VERSIONS},
};

/// Epochs after one whose members prepare in it.
const PEERS_EPOCHS: u64 = 2;

pub(super) fn member_count(ctx: &mut Context<'_>, _: memberCountCall) -> Outcome<u64> {
    count(ctx).map(u64::from)
}

pub(super) fn quorum(ctx: &mut Context<'_>, _: quorumCall) -> Outcome<u32> {
    count(ctx).map(super::quorum)
}

pub(super) fn members(ctx: &mut Context<'_>, call: membersCall) -> Outcome<membersReturn> {
    let total = MEMBERS.len(ctx)?;
    let all: Vec<_> = (call.from..)
        .zip(MEMBERS.page(ctx, call.from, call.max)?)
        .collect();
    let page = show(ctx, &all)?;
    Ok(membersReturn { page, total })
}

pub(super) fn member_by_key(ctx: &mut Context<'_>, call: memberByKeyCall) -> Outcome<MemberView> {
    match BY_KEY.at(&call.publicKey).read(ctx)?.checked_sub(1) {
        Some(number) => numbered(ctx, number),
        None => reject(UnknownKey {
            publicKey: call.publicKey,
        }),
    }
}

pub(super) fn member_by_account(
    ctx: &mut Context<'_>,
    call: memberByAccountCall,
) -> Outcome<MemberView> {
    match number_of(ctx, call.account)? {
        Some(number) => numbered(ctx, number),
        None => reject(UnknownAccount {
            account: call.account,
        }),
    }
}

pub(super) fn is_member(ctx: &mut Context<'_>, call: isMemberCall) -> Outcome<bool> {
    Ok(number_of(ctx, call.account)?.is_some())
}

pub(super) fn committee_of(ctx: &mut Context<'_>, call: committeeOfCall) -> Outcome<Vec<SeatView>> {
    ensure_fixed(ctx, call.epoch)?;
    let seats = seats(ctx, call.epoch)?;
    let versions = versions(ctx, &seats)?;
    let endpoints: Vec<_> = seats
        .iter()
        .map(|seat| ENDPOINTS.at(&seat.number).at(&seat.version))
        .collect();
    announce(ctx, &endpoints)?;
    let mut committee = Vec::new();
    for ((seat, version), endpoint) in seats.into_iter().zip(versions).zip(endpoints) {
        committee.push(SeatView {
            number: seat.number,
            publicKey: version.key,
            endpoint: endpoint.read(ctx)?.into(),
            account: version.account,
        });
    }
    Ok(committee)
}

pub(super) fn peers_of(ctx: &mut Context<'_>, call: peersOfCall) -> Outcome<Vec<SeatView>> {
    let ahead = call.epoch.saturating_add(PEERS_EPOCHS);
    ensure_fixed(ctx, ahead)?;
    let mut peers: Vec<SeatView> = Vec::new();
    let Some((newest, _)) = holding(ctx, &ROSTERS, ahead)? else {
        return Ok(peers);
    };
    let reach = PEERS_COMMITTEES_MAX.saturating_add(PEERS_EPOCHS);
    for index in (newest.saturating_sub(reach)..=newest).rev() {
        let roster = ROSTERS.place(index).read(ctx)?;
        let seats = seats_of(ctx, index, roster.count)?;
        let versions = versions(ctx, &seats)?;
        for (seat, version) in seats.iter().zip(versions) {
            if peers.iter().any(|peer| peer.publicKey == version.key) {
                continue;
            }
            let now = holding(ctx, &VERSIONS.at(&seat.number), call.epoch)?;
            let nearest = now.map_or(seat.version, |(index, _)| index);
            peers.push(SeatView {
                number: seat.number,
                publicKey: version.key,
                endpoint: ENDPOINTS.at(&seat.number).at(&nearest).read(ctx)?.into(),
                account: version.account,
            });
        }
    }
    Ok(peers)
}

pub(super) fn epochs(ctx: &mut Context<'_>, _: epochsCall) -> Outcome<epochsReturn> {
    let blocks = EPOCH_BLOCKS.read(ctx)?;
    let epoch = epoch_of(ctx.block().number, blocks);
    let next = holding(ctx, &ROSTERS, epoch)?.map_or(0, |(index, _)| index.saturating_add(1));
    let coming = ROSTERS.page(ctx, next, u64::MAX)?;
    let coming = coming.into_iter().map(|roster| Committee {
        fromEpoch: roster.from,
        members: roster.count,
    });
    Ok(epochsReturn {
        epoch,
        blocks,
        fixedUntil: fixed_until(epoch),
        coming: coming.collect(),
    })
}

fn numbered(ctx: &mut Context<'_>, number: u64) -> Outcome<MemberView> {
    let member = known(ctx, number)?;
    let shown = show(ctx, &[(number, member)])?.pop();
    shown.ok_or_else(|| Fault::Fatal(format!("member {number} is missing")))
}

/// Members as they are in this epoch; those to come as they come, those that left as they left.
fn show(ctx: &mut Context<'_>, members: &[(u64, Member)]) -> Outcome<Vec<MemberView>> {
    let names: Vec<_> = members.iter().map(|(n, _)| NAMES.at(n)).collect();
    let lists: Vec<_> = members.iter().map(|(n, _)| VERSIONS.at(n)).collect();
    let mut all: Vec<&dyn Place> = vec![&EPOCH_BLOCKS];
    all.extend(names.iter().map(|place| place as &dyn Place));
    all.extend(lists.iter().map(|place| place as &dyn Place));
    ctx.fetch(&all)?;
    let epoch = current(ctx)?;
    let mut places = Vec::new();
    for ((number, _), list) in members.iter().zip(&lists) {
        let last = list.len(ctx)?.saturating_sub(1);
        let endpoints = ENDPOINTS.at(number);
        places.push((list.place(last), endpoints.at(&last)));
    }
    let both = places
        .iter()
        .flat_map(|(version, endpoint)| [version as &dyn Place, endpoint as &dyn Place]);
    let both: Vec<_> = both.collect();
    ctx.fetch(&both)?;

    let mut shown = Vec::new();
    for (((number, member), name), list) in members.iter().zip(names).zip(lists) {
        let Member { from, until, since } = *member;
        let left = if until == 0 {
            epoch
        } else {
            epoch.min(until.saturating_sub(1))
        };
        let found = holding(ctx, &list, left.max(from))?;
        let (index, version) =
            found.ok_or_else(|| Fault::Fatal(format!("member {number} has no version")))?;
        shown.push(MemberView {
            number: *number,
            name: name.read(ctx)?.into(),
            publicKey: version.key,
            endpoint: ENDPOINTS.at(number).at(&index).read(ctx)?.into(),
            account: version.account,
            since,
            fromEpoch: from,
            untilEpoch: until,
            stands: within(from, until, epoch),
        });
    }
    Ok(shown)
}
