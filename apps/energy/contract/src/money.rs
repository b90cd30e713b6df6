//! Accounts of `energy`: what is prepaid, in units of the settlement token, and what suppliers are owed.
//!
//! A member takes part while it has its reserve: what its fuse lets through in an hour, at the ceiling. So
//! no slot costs more than there is, and nobody is owed anything. Whoever falls below takes no part from
//! the next slot on; nothing is taken out while a slot is being settled.

use alloy_primitives::{Address, U256};
use commonhold_module::{Context, Fault, Outcome, ensure};
use commonhold_system::token;

use crate::{
    communities::{known, read_limits, save, write_limits},
    interface::IEnergy::{
        Activated, Deposited, NoAmount, Settling, TooLittle, Withdrawn, depositCall, withdrawCall,
    },
    packing,
    state::{ACCOUNTS, Account, DEPOSITED, HOLDERS, LISTED, MEMBERS, Member},
};

pub(super) fn deposit(ctx: &mut Context<'_>, call: depositCall) -> Outcome<()> {
    let depositCall { community, amount } = call;
    known(ctx, community)?;
    ensure(!amount.is_zero(), || NoAmount {})?;
    let account = ctx.caller();
    let module = ctx.module();
    token::transfer_from(ctx, account, module, amount)?;
    list(ctx, community, account)?;
    let place = ACCOUNTS.at(&community).at(&account);
    let entry = place.read(ctx)?;
    let added = u128::try_from(amount).ok();
    // A signed 128 bits is what accounts are reckoned in.
    let sum = added.and_then(|added| entry.balance.checked_add(added));
    let sum = sum.filter(|sum| i128::try_from(*sum).is_ok());
    let balance = sum.ok_or_else(|| too_large("a balance"))?;
    place.write(ctx, &Account { balance, ..entry })?;
    let all = DEPOSITED.at(&community);
    let sum = all.read(ctx)?.checked_add(amount);
    all.write(ctx, &sum.ok_or_else(|| too_large("all deposits"))?)?;
    ctx.emit(Deposited {
        community,
        account,
        amount,
    })?;
    activate(ctx, community, account)
}

pub(super) fn withdraw(ctx: &mut Context<'_>, call: withdrawCall) -> Outcome<()> {
    let withdrawCall { community, amount } = call;
    let slot = known(ctx, community)?.settling;
    ensure(slot == 0, || Settling { slot })?;
    ensure(!amount.is_zero(), || NoAmount {})?;
    let account = ctx.caller();
    let place = ACCOUNTS.at(&community).at(&account);
    let entry = place.read(ctx)?;
    let taken = u128::try_from(amount).ok();
    let left = taken.and_then(|taken| entry.balance.checked_sub(taken));
    let Some(balance) = left else {
        return commonhold_module::reject(TooLittle {
            balance: U256::from(entry.balance),
            needed: amount,
        });
    };
    place.write(ctx, &Account { balance, ..entry })?;
    let all = DEPOSITED.at(&community);
    let rest = all.read(ctx)?.checked_sub(amount);
    all.write(ctx, &rest.ok_or_else(|| too_large("a withdrawal"))?)?;
    ctx.emit(Withdrawn {
        community,
        account,
        amount,
    })?;
    activate(ctx, community, account)?;
    token::transfer(ctx, account, amount)
}

/// Has a member take part where it has its reserve, and not where it has not.
pub(super) fn activate(ctx: &mut Context<'_>, community: u64, who: Address) -> Outcome<()> {
    let member = MEMBERS.at(&community).at(&who).read(ctx)?;
    if member.meter.is_zero() {
        return Ok(());
    }
    let balance = ACCOUNTS.at(&community).at(&who).read(ctx)?.balance;
    let mut entry = known(ctx, community)?;
    let active = balance >= reserve(&member, entry.ceiling);
    let limits = read_limits(ctx, community, member.index)?;
    if limits.active == active {
        return Ok(());
    }
    write_limits(
        ctx,
        community,
        member.index,
        packing::Limits { active, ..limits },
    )?;
    entry.active = if active {
        entry.active.saturating_add(1)
    } else {
        entry.active.saturating_sub(1)
    };
    save(ctx, community, &entry)?;
    ctx.emit(Activated {
        community,
        index: member.index,
        active,
    })
}

/// What a member has to have: what its fuse lets through in an hour, at the ceiling.
pub(super) fn reserve(member: &Member, ceiling: u64) -> u128 {
    u128::from(member.fuse).saturating_mul(ceiling.into())
}

/// Lists an account, once.
pub(super) fn list(ctx: &mut Context<'_>, community: u64, who: Address) -> Outcome<()> {
    let place = LISTED.at(&community).at(&who);
    if !place.read(ctx)? {
        place.write(ctx, &true)?;
        HOLDERS.at(&community).push(ctx, &who)?;
    }
    Ok(())
}

/// Changes what is prepaid and what a supplier owes; neither a balance below zero nor a sum beyond its type
/// ever comes of what this module does.
pub(super) fn changed(account: Account, prepaid: i128, statement: i128) -> Outcome<Account> {
    let balance = account.balance.checked_add_signed(prepaid);
    let owed = account.statement.cast_signed().checked_add(statement);
    Ok(Account {
        balance: balance.ok_or_else(|| too_large("a slot's cost"))?,
        statement: owed
            .ok_or_else(|| too_large("a statement"))?
            .cast_unsigned(),
        ..account
    })
}

pub(super) fn too_large(what: &str) -> Fault {
    Fault::Fatal(format!("{what} is beyond what can be"))
}
