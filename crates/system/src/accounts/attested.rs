//! What always holds of roles, delegates and guardians.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use commonhold_module::{Context, Findings, List, Outcome, Value};

use super::{
    guarding::is_imposed,
    limits::GUARDIANS_MAX,
    roles::is_role,
    standing::End,
    state::{DELEGATES, DELEGATIONS, GUARDIANS, HOLDERS, IMPOSED, PROXIES, ROLES, WARDS, Word},
    words::{Words, terms},
};
use crate::members;

/// An account's roles are names, each of which lists it, and of each some member said something.
pub(super) fn roles(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    account: Address,
) -> Outcome<()> {
    let mut seen = BTreeSet::new();
    for role in everything(ctx, &ROLES.at(&account))? {
        let holders = everything(ctx, &HOLDERS.at(&role))?;
        let listed = holders.iter().filter(|holder| **holder == account).count();
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("accounts: {account}: {role} {what}"));
        };
        check(is_role(&role), "is no role");
        check(seen.insert(role), "is listed twice");
        check(listed == 1, "does not list it once");
        words(ctx, &mut check, &Words::of_role(account, role), false)?;
    }
    Ok(())
}

/// A ward and its guardians list each other; somebody said something of each; members gave an end; and
/// whom two members attest is in the list of those.
pub(super) fn guardians(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    ward: Address,
) -> Outcome<()> {
    let imposed = everything(ctx, &IMPOSED.at(&ward))?;
    let distinct: BTreeSet<_> = imposed.iter().collect();
    let bounded = u64::try_from(imposed.len()).is_ok_and(|len| len <= GUARDIANS_MAX);
    findings.check(bounded && distinct.len() == imposed.len(), || {
        format!("accounts: {ward} has {} imposed guardians", imposed.len())
    });
    let mut seen = BTreeSet::new();
    for guardian in everything(ctx, &GUARDIANS.at(&ward))? {
        let wards = everything(ctx, &WARDS.at(&guardian))?;
        let listed = wards.iter().filter(|other| **other == ward).count();
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || {
                format!("accounts: {ward}: guardian {guardian} {what}")
            });
        };
        check(guardian != ward, "is the ward");
        check(seen.insert(guardian), "is listed twice");
        check(listed == 1, "does not list the ward once");
        check(
            !is_imposed(ctx, ward, guardian)? || imposed.contains(&guardian),
            "is imposed and not in that list",
        );
        let own = PROXIES.at(&ward).at(&guardian).read(ctx)?;
        let members = Words::of_guardian(ward, guardian);
        if own.given {
            word(&mut check, &own)?;
            check(own.by == ward, "was named by another");
        }
        if !own.given || !members.is_empty(ctx)? {
            words(ctx, &mut check, &members, true)?;
        }
    }
    Ok(())
}

/// Every delegation is listed once, of a role.
pub(super) fn delegations(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for member in 0..members::total(ctx)? {
        let mut seen = BTreeSet::new();
        for delegate in everything(ctx, &DELEGATES.at(&member))? {
            let (role, account) = (delegate.role, delegate.account);
            let found = DELEGATIONS.at(&member).at(&role).at(&account).read(ctx)?;
            let mut check = |holds: bool, what: &str| {
                findings.check(holds, || {
                    format!("accounts: member {member}: delegate {account} for {role} {what}")
                });
            };
            check(is_role(&role), "is for no role");
            check(found.given, "was never given");
            check(found.ended == (found.ended_at != 0), "ended at no time");
            check(seen.insert((role, account)), "is listed twice");
        }
    }
    Ok(())
}

/// Some member gave one, and each holds together.
fn words(
    ctx: &mut Context<'_>,
    check: &mut impl FnMut(bool, &str),
    words: &Words,
    ends: bool,
) -> Outcome<()> {
    let all = words.all(ctx)?;
    let members: BTreeSet<_> = all.iter().map(|said| said.member).collect();
    check(!all.is_empty(), "is of nobody");
    check(members.len() == all.len(), "has a member twice");
    for said in all {
        word(check, &said.word)?;
        check(!ends || said.word.until != 0, "has no end");
    }
    Ok(())
}

fn word(check: &mut impl FnMut(bool, &str), word: &Word) -> Outcome<()> {
    let ended = terms(word)?.end != End::Open;
    check(word.given, "has a word that nobody gave");
    check(!word.by.is_zero(), "has a word of nobody");
    check(
        word.until == 0 || word.not_before < word.until,
        "has an empty window",
    );
    check(
        ended == (word.ended_at != 0) && (!ended || word.ended_at >= word.given_at),
        "ended before it was given",
    );
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
