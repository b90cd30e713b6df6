//! Roles: attested in members' names, withdrawn, renounced, and asked about.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, ensure};

use super::{
    delegating::{authorise, check},
    interface::IAccounts::{
        Attestation, AttestationWithdrawn, Attested, Holder, NothingToRenounce, RoleEntry,
        RoleRenounced, Standing, attestCall, attestationCall, attestationsCall, attestationsReturn,
        holdersCall, holdersReturn, mayActAsCall, mayActAsReturn, renounceCall, rolesOfCall,
        rolesOfReturn, withdrawCall,
    },
    limits::STANDINGS_PAGE_MAX,
    standing::together,
    state::{HOLDERS, ROLES},
    words::{Claim, Said, Words, show, terms},
};
use crate::members;

pub(super) fn attest(ctx: &mut Context<'_>, call: attestCall) -> Outcome<()> {
    let attestCall {
        member,
        account,
        role,
        notBefore: not_before,
        until,
        evidence,
    } = call;
    check(account, role)?;
    let (words, by) = (Words::of_role(account, role), ctx.caller());
    let (roles, holders) = (ROLES.at(&account), HOLDERS.at(&role));
    words.fetch(ctx, member, &[&roles, &holders])?;
    authorise(ctx, member, role)?;

    if words.is_empty(ctx)? {
        roles.push(ctx, &role)?;
        holders.push(ctx, &account)?;
    }
    let claim = Claim {
        not_before,
        until,
        evidence,
    };
    let word = words.give(ctx, (member, by), account, &claim)?;
    ctx.emit(Attested {
        account,
        role,
        member,
        by,
        notBefore: word.not_before,
        until,
        evidence,
    })
}

pub(super) fn withdraw(ctx: &mut Context<'_>, call: withdrawCall) -> Outcome<()> {
    let withdrawCall {
        member,
        account,
        role,
        reason,
    } = call;
    authorise(ctx, member, role)?;
    Words::of_role(account, role).withdraw(ctx, member, account, reason)?;
    let by = ctx.caller();
    ctx.emit(AttestationWithdrawn {
        account,
        role,
        member,
        by,
        reason,
    })
}

pub(super) fn renounce(ctx: &mut Context<'_>, call: renounceCall) -> Outcome<()> {
    let (account, role) = (ctx.caller(), call.role);
    let any = Words::of_role(account, role).renounce(ctx)?;
    ensure(any, || NothingToRenounce { account, role })?;
    ctx.emit(RoleRenounced { account, role })
}

pub(super) fn may_act_as(ctx: &mut Context<'_>, call: mayActAsCall) -> Outcome<mayActAsReturn> {
    let why = standing(ctx, call.account, call.role, call.at)?;
    let may = why == Standing::Good;
    Ok(mayActAsReturn { may, why })
}

pub(super) fn attestation(ctx: &mut Context<'_>, call: attestationCall) -> Outcome<Attestation> {
    let attestationCall {
        account,
        role,
        member,
    } = call;
    let word = Words::of_role(account, role).of(ctx, member)?;
    let lapsed = !members::stands(ctx, member)?;
    let terms = super::standing::Terms {
        lapsed,
        ..terms(&word)?
    };
    let said = Said {
        member,
        word,
        terms,
    };
    Ok(show(&said, ctx.now()))
}

pub(super) fn attestations(
    ctx: &mut Context<'_>,
    call: attestationsCall,
) -> Outcome<attestationsReturn> {
    let words = Words::of_role(call.account, call.role);
    let (total, now) = (words.count(ctx)?, ctx.now());
    let page = words.page(ctx, call.from, call.max)?;
    let page = page.iter().map(|said| show(said, now)).collect();
    Ok(attestationsReturn { page, total })
}

pub(super) fn roles_of(ctx: &mut Context<'_>, call: rolesOfCall) -> Outcome<rolesOfReturn> {
    let rolesOfCall { account, from, max } = call;
    let roles = ROLES.at(&account);
    let total = roles.len(ctx)?;
    let mut page = Vec::new();
    for role in roles.page(ctx, from, max.min(STANDINGS_PAGE_MAX))? {
        let standing = standing(ctx, account, role, 0)?;
        page.push(RoleEntry { role, standing });
    }
    Ok(rolesOfReturn { page, total })
}

pub(super) fn holders(ctx: &mut Context<'_>, call: holdersCall) -> Outcome<holdersReturn> {
    let holdersCall { role, from, max } = call;
    let holders = HOLDERS.at(&role);
    let total = holders.len(ctx)?;
    let mut page = Vec::new();
    for account in holders.page(ctx, from, max.min(STANDINGS_PAGE_MAX))? {
        let standing = standing(ctx, account, role, 0)?;
        page.push(Holder { account, standing });
    }
    Ok(holdersReturn { page, total })
}

/// The one answer: how an account stands in a role at the time `at` (zero: now).
pub(super) fn standing(
    ctx: &mut Context<'_>,
    account: Address,
    role: B256,
    at: u64,
) -> Outcome<Standing> {
    let at = if at == 0 { ctx.now() } else { at };
    let words = Words::of_role(account, role).all(ctx)?;
    Ok(together(words.iter().map(|said| said.terms.says(at))))
}
