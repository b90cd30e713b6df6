//! Who speaks for a member: its account, and whom it has delegated one role to.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, ensure, reject};

use super::{
    interface::IAccounts::{
        AlreadyDelegated, Delegated, Delegation as DelegationView, InvalidRole,
        NeitherMemberNorDelegate, NoAccount, NoSuchDelegate, NotMember, Undelegated, UnknownMember,
        WindowIsPast, delegateCall, delegationCall, delegationsCall, delegationsReturn,
        undelegateCall,
    },
    roles::is_role,
    state::{DELEGATES, DELEGATIONS, Delegate, Delegation},
};
use crate::members;

pub(super) fn delegate(ctx: &mut Context<'_>, call: delegateCall) -> Outcome<()> {
    let delegateCall {
        account,
        role,
        until,
    } = call;
    check(account, role)?;
    let now = ctx.now();
    ensure(until == 0 || now < until, || WindowIsPast {
        until,
        time: now,
    })?;
    let member = own_member(ctx)?;
    let place = DELEGATIONS.at(&member).at(&role).at(&account);
    let listed = DELEGATES.at(&member);
    ctx.fetch(&[&place, &listed])?;
    let old = place.read(ctx)?;
    ensure(!(holds(&old, now) && old.until == until), || {
        AlreadyDelegated {
            member,
            role,
            account,
        }
    })?;
    if !old.given {
        listed.push(ctx, &Delegate { account, role })?;
    }
    let new = Delegation {
        given: true,
        ended: false,
        since: now,
        until,
        ended_at: 0,
    };
    place.write(ctx, &new)?;
    ctx.emit(Delegated {
        member,
        role,
        account,
        until,
    })
}

pub(super) fn undelegate(ctx: &mut Context<'_>, call: undelegateCall) -> Outcome<()> {
    let undelegateCall { account, role } = call;
    let member = own_member(ctx)?;
    let place = DELEGATIONS.at(&member).at(&role).at(&account);
    let old = place.read(ctx)?;
    ensure(old.given && !old.ended, || NoSuchDelegate {
        member,
        role,
        account,
    })?;
    let new = Delegation {
        ended: true,
        ended_at: ctx.now(),
        ..old
    };
    place.write(ctx, &new)?;
    ctx.emit(Undelegated {
        member,
        role,
        account,
    })
}

pub(super) fn delegation(ctx: &mut Context<'_>, call: delegationCall) -> Outcome<DelegationView> {
    let delegationCall {
        member,
        role,
        account,
    } = call;
    show(ctx, member, Delegate { account, role })
}

pub(super) fn delegations(
    ctx: &mut Context<'_>,
    call: delegationsCall,
) -> Outcome<delegationsReturn> {
    let delegationsCall { member, from, max } = call;
    let listed = DELEGATES.at(&member);
    let total = listed.len(ctx)?;
    let mut page = Vec::new();
    for delegate in listed.page(ctx, from, max)? {
        page.push(show(ctx, member, delegate)?);
    }
    Ok(delegationsReturn { page, total })
}

/// Checks that the caller speaks for a member in a role: as its account, or as its delegate for that
/// role.
pub(super) fn authorise(ctx: &mut Context<'_>, member: u64, role: B256) -> Outcome<()> {
    ensure(members::stands(ctx, member)?, || UnknownMember { member })?;
    let caller = ctx.caller();
    if members::number_of(ctx, caller)? == Some(member) {
        return Ok(());
    }
    let delegation = DELEGATIONS.at(&member).at(&role).at(&caller).read(ctx)?;
    ensure(holds(&delegation, ctx.now()), || NeitherMemberNorDelegate {
        member,
        role,
        caller,
    })
}

/// Checks that an account is somebody and a role is a name.
pub(super) fn check(account: Address, role: B256) -> Outcome<()> {
    ensure(!account.is_zero(), || NoAccount {})?;
    ensure(is_role(&role), || InvalidRole { role })
}

/// The member that the caller's account acts for.
fn own_member(ctx: &mut Context<'_>) -> Outcome<u64> {
    let caller = ctx.caller();
    match members::number_of(ctx, caller)? {
        Some(member) => Ok(member),
        None => reject(NotMember { caller }),
    }
}

/// Whether a delegation holds, as far as it goes by itself.
const fn holds(delegation: &Delegation, now: u64) -> bool {
    delegation.given && !delegation.ended && (delegation.until == 0 || now < delegation.until)
}

fn show(ctx: &mut Context<'_>, member: u64, of: Delegate) -> Outcome<DelegationView> {
    let Delegate { account, role } = of;
    let found = DELEGATIONS.at(&member).at(&role).at(&account).read(ctx)?;
    let holds = holds(&found, ctx.now()) && members::stands(ctx, member)?;
    Ok(DelegationView {
        account,
        role,
        since: found.since,
        until: found.until,
        endedAt: found.ended_at,
        holds,
    })
}
