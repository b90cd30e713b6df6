//! What always holds of `members`.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Findings, List, Outcome, Value};
use commonhold_primitives::limits::MEMBERS_MAX;

use super::{
    deciding::{kind_of, parameter_of},
    epochs::{decision, effect, within},
    forms,
    interface::IMembers::{Kind, Parameter, State},
    roster::{Dated, current, seats, versions},
    state::{
        BY_ACCOUNT, BY_KEY, BY_NAME, CASTS, FOR, MEMBERS, Member, NAMES, PROPOSALS, ROSTERS,
        SETTINGS, UPGRADES, VERSIONS, VOTES,
    },
    voting::written,
};

/// Members are found by what is theirs and nobody else's; committees are the members that stand, never
/// none and never too many; nothing holds earlier than it may; the votes are who voted.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let all = everything(ctx, &MEMBERS)?;
    let mut keys = BTreeSet::new();
    for (number, member) in (0..).zip(&all) {
        one(ctx, findings, number, member, &mut keys)?;
    }
    committees(ctx, findings, &all)?;
    for parameter in [Parameter::VoteSeconds, Parameter::BlockGasLimit] {
        let list = SETTINGS.at(&(parameter as u8));
        let settings = everything(ctx, &list)?;
        ascending(ctx, findings, "settings", &settings)?;
    }
    proposals(ctx, findings)
}

fn one(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    number: u64,
    member: &Member,
    keys: &mut BTreeSet<B256>,
) -> Outcome<()> {
    let mark = number.saturating_add(1);
    let epoch = current(ctx)?;
    let versions = everything(ctx, &VERSIONS.at(&number))?;
    ascending(ctx, findings, "versions", &versions)?;
    let name = NAMES.at(&number).read(ctx)?;
    let by_name = BY_NAME.at(&name).read(ctx)?;
    let mut check = |holds: bool, what: &str| {
        findings.check(holds, || format!("members: {number}: {what}"));
    };
    let goes = member.until != 0;
    check(
        !goes || member.from <= member.until,
        "it leaves before it comes",
    );
    check(member.until <= effect(epoch), "it leaves too far ahead");
    let last = by_name == mark || (goes && by_name > mark);
    check(last, "its name finds another");
    check(
        versions
            .first()
            .is_some_and(|first| first.from == member.from),
        "it has no version to begin with",
    );
    let mut before: Option<(Address, B256)> = None;
    for version in &versions {
        let by_key = BY_KEY.at(&version.key).read(ctx)?;
        check(by_key == mark, "a key of its finds another");
        let same_key = before.is_some_and(|(_, key)| key == version.key);
        check(
            same_key || keys.insert(version.key),
            "a key of its was somebody's before",
        );
        let holding = BY_ACCOUNT.at(&version.account).read(ctx)?;
        let newest = versions.last() == Some(version);
        check(
            !newest || goes || (holding.mark == mark && holding.until == 0),
            "its account does not act for it",
        );
        before = Some((version.account, version.key));
    }
    Ok(())
}

fn committees(ctx: &mut Context<'_>, findings: &mut Findings, all: &[Member]) -> Outcome<()> {
    let rosters = everything(ctx, &ROSTERS)?;
    ascending(ctx, findings, "committees", &rosters)?;
    for roster in &rosters {
        let epoch = roster.from;
        let seats = seats(ctx, epoch)?;
        let versions = versions(ctx, &seats)?;
        let numbers: Vec<u64> = seats.iter().map(|seat| seat.number).collect();
        let stand = (0..)
            .zip(all)
            .filter(|(_, m)| within(m.from, m.until, epoch));
        let stand: Vec<u64> = stand.map(|(number, _)| number).collect();
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("members: committee of {epoch}: {what}"));
        };
        check(numbers == stand, "it is not who stands");
        check(!seats.is_empty() || all.is_empty(), "it is empty");
        check(roster.count <= MEMBERS_MAX, "it is too large");
        let accounts: BTreeSet<_> = versions.iter().map(|version| version.account).collect();
        let keys: BTreeSet<_> = versions.iter().map(|version| version.key).collect();
        check(accounts.len() == seats.len(), "an account acts for two");
        check(keys.len() == seats.len(), "a key is of two");
        for (seat, version) in seats.iter().zip(&versions) {
            let next = VERSIONS.at(&seat.number);
            let next = next.get(ctx, seat.version.saturating_add(1))?;
            let newest = next.is_none_or(|next| next.from > epoch);
            check(version.from <= epoch && newest, "a version of another time");
        }
    }
    Ok(())
}

fn proposals(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut effects = BTreeMap::new();
    let mut upgrades = 0usize;
    for (id, proposal) in (0..).zip(everything(ctx, &PROPOSALS)?) {
        let casts = everything(ctx, &CASTS.at(&id))?;
        let mut voters = BTreeSet::new();
        for cast in &casts {
            let vote = VOTES.at(&id).at(&cast.member).read(ctx)?;
            findings.check(
                voters.insert(cast.member) && (vote == FOR) == cast.approve && vote != 0,
                || format!("members: {id}: the vote of {} is {vote}", cast.member),
            );
        }
        let state = written(&proposal)?;
        let kind = kind_of(&proposal)?;
        let made = decision(proposal.approvals, proposal.refusals, proposal.members);
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("members: proposal {id}: {what}"));
        };
        let first = casts
            .first()
            .is_some_and(|cast| cast.member == proposal.proposer);
        check(first, "its proposer did not vote first");
        check(
            state == State::Withdrawn || state == made,
            "it is not as its votes say",
        );
        check(
            (proposal.decided_at != 0) == (state != State::Open),
            "it was decided at no time",
        );
        check(
            (proposal.effect != 0) == (state == State::Accepted),
            "what was not accepted holds",
        );
        check(
            kind != Kind::Upgrade || forms::version(proposal.name.as_str()).is_some(),
            "it is for no version",
        );
        let parameter = parameter_of(&proposal)? as u8;
        if state == State::Accepted {
            upgrades = upgrades.saturating_add(usize::from(kind == Kind::Upgrade));
            let about = (kind as u8, parameter, proposal.member, proposal.effect);
            let once = effects.insert(about, id).is_none();
            check(
                once || kind == Kind::Upgrade,
                "another does the same at once",
            );
        }
    }
    let listed = everything(ctx, &UPGRADES)?.len();
    findings.check(listed == upgrades, || {
        format!("members: {listed} upgrades, and {upgrades} were accepted")
    });
    Ok(())
}

/// First epochs ascend, and none is later than what is decided now.
fn ascending<V: Dated>(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    what: &str,
    all: &[V],
) -> Outcome<()> {
    let latest = effect(current(ctx)?);
    let ordered = all.windows(2).all(|pair| match pair {
        [a, b] => a.from() < b.from(),
        _ => true,
    });
    findings.check(ordered, || format!("members: {what} are out of order"));
    let near = all.iter().all(|entry| entry.from() <= latest);
    findings.check(near, || format!("members: {what} lie too far ahead"));
    Ok(())
}

/// All of a list; only where nothing is paid for.
fn everything<V: Value>(ctx: &mut Context<'_>, list: &List<V>) -> Outcome<Vec<V>> {
    let mut all = Vec::new();
    for number in 0..list.len(ctx)? {
        all.extend(list.get(ctx, number)?);
    }
    Ok(all)
}
