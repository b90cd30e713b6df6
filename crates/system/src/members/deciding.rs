//! What a proposal asks for: whether it can be done, and doing it.
//!
//! Whether it can be done is asked when it is proposed and again when it is accepted: two proposals may
//! want the same.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_primitives::limits::MEMBERS_MAX;

use super::{
    contract::{Newcomer, admit},
    epochs::bounds,
    interface::IMembers::{
        AccountInUse, ChangePending, EpochTooEarly, KeyInUse, Kind, LastMember, MemberLeaves,
        NameInUse, NothingChanges, Parameter, TooManyMembers, UnfitParameter, UnknownMember,
    },
    roster::{self, current, is_gone, last, last_seats, put, schedule, tell},
    state::{
        BY_ACCOUNT, BY_KEY, BY_NAME, ENDPOINTS, Endpoint, Holding, MEMBERS, Member, Name, Proposal,
        ROSTERS, SETTINGS, Setting, UPGRADES, Upgrade, VERSIONS, Version,
    },
};

/// The kind that is written.
pub(super) fn kind_of(proposal: &Proposal) -> Outcome<Kind> {
    let kind = proposal.kind;
    Kind::try_from(kind).map_err(|_| no_kind(kind))
}

fn no_kind(kind: u8) -> Fault {
    Fault::Fatal(format!("{kind} is no kind of proposal"))
}

/// The parameter that is written.
pub(super) fn parameter_of(proposal: &Proposal) -> Outcome<Parameter> {
    let parameter = proposal.parameter;
    Parameter::try_from(parameter).map_err(|_| Fault::Fatal(format!("{parameter} is no parameter")))
}

/// Refuses a proposal whose aim cannot be reached now.
pub(super) fn check(ctx: &mut Context<'_>, proposal: &Proposal) -> Outcome<()> {
    let number = proposal.member;
    match kind_of(proposal)? {
        Kind::Admission => {
            let key = BY_KEY.at(&proposal.key);
            let account = BY_ACCOUNT.at(&proposal.account);
            let name = BY_NAME.at(&proposal.name);
            ctx.fetch(&[&key, &account, &name, &ROSTERS, &MEMBERS])?;
            free_key(ctx, proposal.key)?;
            free_account(ctx, proposal.account)?;
            free_name(ctx, &proposal.name)?;
            let members = last_seats(ctx)?.len();
            let max = u64::from(MEMBERS_MAX);
            ensure(u64::try_from(members).is_ok_and(|n| n < max), || {
                TooManyMembers { max }
            })
        }
        Kind::Expulsion => {
            staying(ctx, number)?;
            let others = last_seats(ctx)?;
            let others = others.iter().filter(|seat| seat.number != number).count();
            ensure(others > 0, || LastMember {})
        }
        Kind::Key => {
            free_key(ctx, proposal.key)?;
            let (now, newest) = ends(ctx, number)?;
            settled(newest.from, now.key == newest.key)
        }
        Kind::Account => {
            free_account(ctx, proposal.account)?;
            let (now, newest) = ends(ctx, number)?;
            settled(newest.from, now.account == newest.account)
        }
        Kind::Endpoint => {
            let (now, newest) = endpoints(ctx, number)?;
            let from = ends(ctx, number)?.1.from;
            settled(from, now == newest)?;
            ensure(newest != proposal.endpoint, || NothingChanges {})
        }
        Kind::Parameter => parameter(ctx, parameter_of(proposal)?, proposal.value),
        Kind::Upgrade => {
            let (epoch, earliest) = (proposal.value, roster::upcoming(ctx)?);
            ensure(earliest <= epoch, || EpochTooEarly { epoch, earliest })
        }
        Kind::__Invalid => Err(no_kind(proposal.kind)),
    }
}

/// Does what a proposal asks for, from an epoch on; tells that epoch and the number of the member that it
/// is about.
pub(super) fn carry_out(
    ctx: &mut Context<'_>,
    id: u64,
    proposal: &Proposal,
) -> Outcome<(u64, u64)> {
    check(ctx, proposal)?;
    let from = roster::upcoming(ctx)?;
    let number = proposal.member;
    match kind_of(proposal)? {
        Kind::Admission => return Ok((from, join(ctx, from, proposal)?)),
        Kind::Expulsion => leave(ctx, from, number)?,
        Kind::Key => {
            let mark = number.saturating_add(1);
            BY_KEY.at(&proposal.key).write(ctx, &mark)?;
            change(ctx, from, number, |version, _| version.key = proposal.key)?;
        }
        Kind::Account => {
            hand_over(ctx, from, number, proposal.account)?;
            change(ctx, from, number, |version, _| {
                version.account = proposal.account;
            })?;
        }
        Kind::Endpoint => change(ctx, from, number, |_, endpoint| {
            endpoint.clone_from(&proposal.endpoint);
        })?,
        Kind::Parameter => {
            let value = proposal.value;
            let list = SETTINGS.at(&proposal.parameter);
            put(ctx, &list, &Setting { from, value })?;
        }
        Kind::Upgrade => {
            let from = proposal.value;
            let version = proposal.name.clone();
            UPGRADES.push(ctx, &Upgrade { id, from, version })?;
            return Ok((from, number));
        }
        Kind::__Invalid => return Err(no_kind(proposal.kind)),
    }
    Ok((from, number))
}

fn join(ctx: &mut Context<'_>, from: u64, proposal: &Proposal) -> Outcome<u64> {
    let mut seats = last_seats(ctx)?;
    let newcomer = Newcomer {
        from,
        since: ctx.now(),
        version: Version {
            from,
            account: proposal.account,
            key: proposal.key,
        },
        name: proposal.name.clone(),
        endpoint: proposal.endpoint.clone(),
    };
    let seat = admit(ctx, newcomer)?;
    let number = seat.number;
    seats.push(seat);
    schedule(ctx, from, &seats)?;
    tell(ctx, from, &seats)?;
    Ok(number)
}

fn leave(ctx: &mut Context<'_>, from: u64, number: u64) -> Outcome<()> {
    let member = known(ctx, number)?;
    let until = from;
    MEMBERS.replace(ctx, number, &Member { until, ..member })?;
    let (_, version) = newest(ctx, number)?;
    let place = BY_ACCOUNT.at(&version.account);
    let holding = place.read(ctx)?;
    place.write(ctx, &Holding { until, ..holding })?;
    let mut seats = last_seats(ctx)?;
    seats.retain(|seat| seat.number != number);
    schedule(ctx, from, &seats)?;
    tell(ctx, from, &seats)
}

fn hand_over(ctx: &mut Context<'_>, from: u64, number: u64, to: Address) -> Outcome<()> {
    let (_, version) = newest(ctx, number)?;
    let place = BY_ACCOUNT.at(&version.account);
    let holding = place.read(ctx)?;
    let until = from;
    place.write(ctx, &Holding { until, ..holding })?;
    let mark = number.saturating_add(1);
    let until = 0;
    BY_ACCOUNT
        .at(&to)
        .write(ctx, &Holding { mark, from, until })
}

/// Makes a member's next version of its last one.
fn change(
    ctx: &mut Context<'_>,
    from: u64,
    number: u64,
    change: impl FnOnce(&mut Version, &mut Endpoint),
) -> Outcome<()> {
    let (index, mut version) = newest(ctx, number)?;
    let all = ENDPOINTS.at(&number);
    let mut endpoint = all.at(&index).read(ctx)?;
    version.from = from;
    change(&mut version, &mut endpoint);
    let index = put(ctx, &VERSIONS.at(&number), &version)?;
    all.at(&index).write(ctx, &endpoint)?;
    let mut seats = last_seats(ctx)?;
    for seat in seats.iter_mut().filter(|seat| seat.number == number) {
        seat.version = index;
    }
    schedule(ctx, from, &seats)
}

/// The last version of a member, and its number.
fn newest(ctx: &mut Context<'_>, number: u64) -> Outcome<(u64, Version)> {
    let newest = last(ctx, &VERSIONS.at(&number))?;
    newest.ok_or_else(|| Fault::Fatal(format!("member {number} has no version")))
}

pub(super) fn known(ctx: &mut Context<'_>, number: u64) -> Outcome<Member> {
    match MEMBERS.get(ctx, number)? {
        Some(member) => Ok(member),
        None => reject(UnknownMember { number }),
    }
}

/// A member that stays.
fn staying(ctx: &mut Context<'_>, number: u64) -> Outcome<Member> {
    let member = known(ctx, number)?;
    ensure(member.until == 0, || MemberLeaves {
        number,
        untilEpoch: member.until,
    })?;
    Ok(member)
}

/// The version of a member that stays in this epoch (the first one, where it is to come), with its number.
fn present(ctx: &mut Context<'_>, number: u64) -> Outcome<(u64, Version)> {
    let member = staying(ctx, number)?;
    let epoch = current(ctx)?.max(member.from);
    let found = roster::holding(ctx, &VERSIONS.at(&number), epoch)?;
    found.ok_or_else(|| Fault::Fatal(format!("member {number} has no version in {epoch}")))
}

/// The version of a member that stays in this epoch, and its last one.
fn ends(ctx: &mut Context<'_>, number: u64) -> Outcome<(Version, Version)> {
    let (_, now) = present(ctx, number)?;
    let (_, newest) = newest(ctx, number)?;
    Ok((now, newest))
}

/// Where a member that stays listens in this epoch, and as of the last decision.
fn endpoints(ctx: &mut Context<'_>, number: u64) -> Outcome<(Endpoint, Endpoint)> {
    let (now, _) = present(ctx, number)?;
    let (newest, _) = newest(ctx, number)?;
    let all = ENDPOINTS.at(&number);
    Ok((all.at(&now).read(ctx)?, all.at(&newest).read(ctx)?))
}

/// Refuses where what is to change is already to change, from an epoch on.
fn settled(from: u64, same: bool) -> Outcome<()> {
    ensure(same, || ChangePending { fromEpoch: from })
}

fn free_key(ctx: &mut Context<'_>, key: B256) -> Outcome<()> {
    let mark = BY_KEY.at(&key).read(ctx)?;
    ensure(mark == 0, || KeyInUse { publicKey: key })
}

fn free_account(ctx: &mut Context<'_>, account: Address) -> Outcome<()> {
    let holding = BY_ACCOUNT.at(&account).read(ctx)?;
    let free = holding.mark == 0 || is_gone(holding.until, current(ctx)?);
    ensure(free, || AccountInUse { account })
}

fn free_name(ctx: &mut Context<'_>, name: &Name) -> Outcome<()> {
    let taken = match BY_NAME.at(name).read(ctx)?.checked_sub(1) {
        Some(number) => {
            let until = known(ctx, number)?.until;
            !is_gone(until, current(ctx)?)
        }
        None => false,
    };
    let name = name.as_str();
    ensure(!taken, || NameInUse { name: name.into() })
}

fn parameter(ctx: &mut Context<'_>, parameter: Parameter, value: u64) -> Outcome<()> {
    let (min, max) = bounds(parameter);
    ensure((min..=max).contains(&value), || UnfitParameter {
        parameter,
        value,
        min,
        max,
    })?;
    let epoch = current(ctx)?;
    match last(ctx, &SETTINGS.at(&(parameter as u8)))? {
        Some((_, last)) => {
            settled(last.from, last.from <= epoch)?;
            ensure(last.value != value, || NothingChanges {})
        }
        None => Ok(()),
    }
}
