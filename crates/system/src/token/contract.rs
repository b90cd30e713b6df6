//! The messages of `token` that ERC-20 has, and giving money back.

use alloy_primitives::{Address, U256};
use commonhold_module::{Context, Outcome, ensure};

use super::{
    balances::{burn, ensure_receiver, shift, spend},
    interface::IToken::{
        Approval, ERC20InvalidApprover, ERC20InvalidSpender, NoAmount, Redeemed, approveCall,
        redeemCall, transferCall, transferFromCall,
    },
    state::{ALLOWANCES, BALANCES},
};

pub(super) fn transfer(ctx: &mut Context<'_>, call: transferCall) -> Outcome<bool> {
    let transferCall { to, value } = call;
    ensure_receiver(ctx, to)?;
    let from = ctx.caller();
    shift(ctx, from, to, value)?;
    Ok(true)
}

pub(super) fn transfer_from(ctx: &mut Context<'_>, call: transferFromCall) -> Outcome<bool> {
    let transferFromCall { from, to, value } = call;
    ensure_receiver(ctx, to)?;
    let spender = ctx.caller();
    ctx.fetch(&[
        &ALLOWANCES.at(&from).at(&spender),
        &BALANCES.at(&from),
        &BALANCES.at(&to),
    ])?;
    spend(ctx, from, spender, value)?;
    shift(ctx, from, to, value)?;
    Ok(true)
}

pub(super) fn approve(ctx: &mut Context<'_>, call: approveCall) -> Outcome<bool> {
    let owner = ctx.caller();
    allow(ctx, owner, call.spender, call.value)?;
    Ok(true)
}

pub(super) fn redeem(ctx: &mut Context<'_>, call: redeemCall) -> Outcome<()> {
    let redeemCall { amount, mark } = call;
    ensure(!amount.is_zero(), || NoAmount {})?;
    let account = ctx.caller();
    burn(ctx, account, amount)?;
    ctx.emit(Redeemed {
        account,
        amount,
        mark,
    })
}

/// Lets `spender` move `value` of what `owner` has.
pub(super) fn allow(
    ctx: &mut Context<'_>,
    owner: Address,
    spender: Address,
    value: U256,
) -> Outcome<()> {
    ensure(!owner.is_zero(), || ERC20InvalidApprover {
        approver: owner,
    })?;
    ensure(!spender.is_zero(), || ERC20InvalidSpender { spender })?;
    ALLOWANCES.at(&owner).at(&spender).write(ctx, &value)?;
    ctx.emit(Approval {
        owner,
        spender,
        value,
    })
}
