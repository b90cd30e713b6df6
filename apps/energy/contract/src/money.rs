//! Accounts of `energy`: what is prepaid, in units of the settlement token, and what suppliers are owed.
//!
//! A member takes part while it has its reserve: what its fuse lets through in an hour, at the ceiling. So
//! no slot costs more than there is, and nobody is owed anything. Whoever falls below takes no part from
//! the next slot on. As long as a member takes part its reserve stays, so that nobody who has seen the
//! readings of a slot gets out of it by taking the money away; nothing is taken out while a slot is being
//! settled.

use alloy_primitives::{Address, U256};
use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_system::token;

use crate::{
    changes::{IN, horizon, push, waits},
    communities::{known, read_limits},
    interface::IEnergy::{
        Deposited, NoAmount, Settling, TooLittle, Withdrawn, depositCall, withdrawCall,
    },
    membership::place,
    state::{
        ACCOUNTS, Account, Change, Community, DEPOSITED, HOLDERS, LISTED, MEMBERS, Member, SEATS,
    },
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
    come_in(ctx, community, account)
}

pub(super) fn withdraw(ctx: &mut Context<'_>, call: withdrawCall) -> Outcome<()> {
    let withdrawCall { community, amount } = call;
    let all = known(ctx, community)?;
    let slot = all.settling;
    ensure(slot == 0, || Settling { slot })?;
    ensure(!amount.is_zero(), || NoAmount {})?;
    let account = ctx.caller();
    let stays = bound(ctx, community, &all, account)?;
    let place = ACCOUNTS.at(&community).at(&account);
    let entry = place.read(ctx)?;
    let taken = u128::try_from(amount).ok();
    let left = taken.and_then(|taken| entry.balance.checked_sub(taken));
    let Some(balance) = left.filter(|left| *left >= stays) else {
        return reject(TooLittle {
            balance: U256::from(entry.balance),
            needed: amount.saturating_add(U256::from(stays)),
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
    token::transfer(ctx, account, amount)
}

/// What of somebody's money stays because it takes part, or is about to.
fn bound(ctx: &mut Context<'_>, number: u64, all: &Community, who: Address) -> Outcome<u128> {
    let member = MEMBERS.at(&number).at(&who).read(ctx)?;
    if member.place == 0 || !takes_part(ctx, number, all, &member)? {
        return Ok(0);
    }
    let seat = SEATS.at(&number).place(place(&member).into()).read(ctx)?;
    Ok(reserve(seat.fuse, all.ceiling))
}

/// Whether a member takes part, or is about to.
pub(super) fn takes_part(
    ctx: &mut Context<'_>,
    number: u64,
    all: &Community,
    member: &Member,
) -> Outcome<bool> {
    if waits(all, member.in_at) {
        return Ok(true);
    }
    Ok(read_limits(ctx, number, place(member))?.active)
}

/// Has a member that has its reserve take part from the next slot to begin on.
pub(super) fn come_in(ctx: &mut Context<'_>, number: u64, who: Address) -> Outcome<()> {
    let handle = MEMBERS.at(&number).at(&who);
    let member = handle.read(ctx)?;
    if member.place == 0 || member.leaves != 0 {
        return Ok(());
    }
    let all = known(ctx, number)?;
    if takes_part(ctx, number, &all, &member)? {
        return Ok(());
    }
    let index = place(&member);
    let seat = SEATS.at(&number).place(index.into()).read(ctx)?;
    let balance = ACCOUNTS.at(&number).at(&who).read(ctx)?.balance;
    if balance < reserve(seat.fuse, all.ceiling) {
        return Ok(());
    }
    let from = horizon(ctx, number, &all)?.max(seat.joined);
    let in_at = push(
        ctx,
        number,
        &Change {
            from,
            index,
            kind: IN,
            ..Change::default()
        },
    )?;
    handle.write(ctx, &Member { in_at, ..member })
}

/// What a member has to have: what its fuse lets through in an hour, at the ceiling.
pub(super) fn reserve(fuse: u32, ceiling: u64) -> u128 {
    u128::from(fuse).saturating_mul(ceiling.into())
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
