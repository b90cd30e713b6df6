//! Who has what: every way in which money moves, comes into being and goes.

use alloy_primitives::{Address, U256};
use commonhold_module::{Context, Fault, Outcome, Slot, ensure, reject};

use super::{
    interface::IToken::{
        ERC20InsufficientAllowance, ERC20InsufficientBalance, ERC20InvalidReceiver,
        ERC20InvalidSender, SupplyOverflow, Transfer,
    },
    state::{ALLOWANCES, BALANCES, HOLDER_NUMBERS, HOLDERS, SUPPLY},
};

/// Refuses who can receive nothing: the zero address, and the module, whose balance is what escrows
/// hold.
pub(super) fn ensure_receiver(ctx: &Context<'_>, to: Address) -> Outcome<()> {
    ensure(!to.is_zero() && to != ctx.module(), || {
        ERC20InvalidReceiver { receiver: to }
    })
}

/// Moves money. The caller of this has checked that it may.
pub(super) fn shift(ctx: &mut Context<'_>, from: Address, to: Address, value: U256) -> Outcome<()> {
    ensure(!from.is_zero(), || ERC20InvalidSender { sender: from })?;
    let (source, target) = (BALANCES.at(&from), BALANCES.at(&to));
    ctx.fetch(&[&source, &target])?;
    debit(ctx, &source, from, value)?;
    credit(ctx, &target, to, value)?;
    ctx.emit(Transfer { from, to, value })
}

/// Brings money into being.
pub(super) fn mint(ctx: &mut Context<'_>, to: Address, value: U256) -> Outcome<()> {
    let target = BALANCES.at(&to);
    ctx.fetch(&[&SUPPLY, &target])?;
    let supply = grown(ctx, value)?;
    SUPPLY.write(ctx, &supply)?;
    credit(ctx, &target, to, value)?;
    let from = Address::ZERO;
    ctx.emit(Transfer { from, to, value })
}

/// Takes money out of the world.
pub(super) fn burn(ctx: &mut Context<'_>, from: Address, value: U256) -> Outcome<()> {
    let source = BALANCES.at(&from);
    ctx.fetch(&[&SUPPLY, &source])?;
    debit(ctx, &source, from, value)?;
    let Some(left) = SUPPLY.read(ctx)?.checked_sub(value) else {
        return Err(Fault::Fatal("somebody has more than there is".to_owned()));
    };
    SUPPLY.write(ctx, &left)?;
    let to = Address::ZERO;
    ctx.emit(Transfer { from, to, value })
}

/// What the supply would be with `amount` more.
pub(super) fn grown(ctx: &mut Context<'_>, amount: U256) -> Outcome<U256> {
    let supply = SUPPLY.read(ctx)?;
    match supply.checked_add(amount) {
        Some(grown) => Ok(grown),
        None => reject(SupplyOverflow { supply, amount }),
    }
}

/// Uses up what `owner` lets `spender` move.
pub(super) fn spend(
    ctx: &mut Context<'_>,
    owner: Address,
    spender: Address,
    needed: U256,
) -> Outcome<()> {
    let place = ALLOWANCES.at(&owner).at(&spender);
    let allowance = place.read(ctx)?;
    if allowance == U256::MAX {
        return Ok(());
    }
    match allowance.checked_sub(needed) {
        Some(left) => place.write(ctx, &left),
        None => reject(ERC20InsufficientAllowance {
            spender,
            allowance,
            needed,
        }),
    }
}

/// Takes from what `sender` has, at `place`.
pub(super) fn debit(
    ctx: &mut Context<'_>,
    place: &Slot<U256>,
    sender: Address,
    needed: U256,
) -> Outcome<()> {
    let balance = place.read(ctx)?;
    match balance.checked_sub(needed) {
        Some(left) => place.write(ctx, &left),
        None => reject(ERC20InsufficientBalance {
            sender,
            balance,
            needed,
        }),
    }
}

/// Adds to what `holder` has, at `place`.
pub(super) fn credit(
    ctx: &mut Context<'_>,
    place: &Slot<U256>,
    holder: Address,
    value: U256,
) -> Outcome<()> {
    let balance = place.read(ctx)?;
    if balance.is_zero() && !value.is_zero() {
        enlist(ctx, holder)?;
    }
    // All balances together are the supply, which fits.
    let Some(sum) = balance.checked_add(value) else {
        return Err(Fault::Fatal("somebody has more than there is".to_owned()));
    };
    place.write(ctx, &sum)
}

/// Lists somebody among those who ever had money.
fn enlist(ctx: &mut Context<'_>, holder: Address) -> Outcome<()> {
    let number = HOLDER_NUMBERS.at(&holder);
    ctx.fetch(&[&number, &HOLDERS])?;
    if number.read(ctx)? == 0 {
        let index = HOLDERS.push(ctx, &holder)?;
        number.write(ctx, &index.saturating_add(1))?;
    }
    Ok(())
}
