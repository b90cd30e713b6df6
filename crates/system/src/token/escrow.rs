//! Escrows: money set aside that one controller gives out.
//!
//! What all escrows hold is what the module itself has, so that `Transfer` events alone tell everybody's
//! balance. An escrow's controller, an account, a contract or a module, alone says who gets how much of
//! it; nobody else can, its payer included, until the deadline: from then on the payer may take back
//! what the controller has not yet given out. The deadline takes nothing from the controller.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_module::{Context, Fault, Outcome, ensure, reject, storage::Place};

use super::{
    balances::{credit, debit, ensure_receiver, shift, spend},
    interface::IToken::{
        Added, EscrowExists, EscrowTooSmall, Extended, Held, InvalidController, MayNotRefund,
        NoAmount, NotController, NotPayer, Refunded, Released, Share, Transfer, UnfitDeadline,
        UnfitShares, UnknownEscrow, addCall, extendCall, holdCall, refundCall, releaseCall,
        splitCall,
    },
    limits::SHARES_MAX,
    state::{ALLOWANCES, BALANCES, BY_CONTROLLER, BY_PAYER, ESCROW_IDS, ESCROWS, Escrow},
};

/// The id of an escrow: `keccak256(abi.encode("escrow", chainid, opener, salt))`.
pub fn escrow_id(chain_id: u64, opener: Address, salt: B256) -> B256 {
    keccak256(("escrow", U256::from(chain_id), opener, salt).abi_encode_params())
}

/// Whether the payer may take back what is left, at the time `now`.
pub const fn is_due(deadline: u64, now: u64) -> bool {
    deadline != 0 && deadline <= now
}

pub(super) fn hold(ctx: &mut Context<'_>, call: holdCall) -> Outcome<B256> {
    let holdCall {
        salt,
        payer,
        controller,
        amount,
        deadline,
    } = call;
    ensure(!controller.is_zero() && controller != ctx.module(), || {
        InvalidController { controller }
    })?;
    let block = ctx.block();
    ensure(deadline == 0 || deadline > block.timestamp, || {
        UnfitDeadline {
            deadline,
            time: block.timestamp,
        }
    })?;
    let opener = ctx.caller();
    let id = escrow_id(block.chain_id, opener, salt);
    let place = ESCROWS.at(&id);
    let (paid, controlled) = (BY_PAYER.at(&payer), BY_CONTROLLER.at(&controller));
    ctx.fetch(&[
        &place,
        &ESCROW_IDS,
        &paid,
        &controlled,
        &ALLOWANCES.at(&payer).at(&opener),
        &BALANCES.at(&payer),
        &BALANCES.at(&ctx.module()),
    ])?;
    let free = place.read(ctx)?.payer.is_zero();
    ensure(free, || EscrowExists { id })?;

    take_in(ctx, payer, amount)?;
    place.write(
        ctx,
        &Escrow {
            payer,
            opened_at: block.timestamp,
            controller,
            deadline,
            held: amount,
            paid_in: amount,
            opened_in: block.number,
        },
    )?;
    ESCROW_IDS.push(ctx, &id)?;
    paid.push(ctx, &id)?;
    controlled.push(ctx, &id)?;
    ctx.emit(Held {
        id,
        payer,
        controller,
        amount,
        deadline,
    })?;
    Ok(id)
}

pub(super) fn add(ctx: &mut Context<'_>, call: addCall) -> Outcome<()> {
    let addCall { id, amount } = call;
    let by = ctx.caller();
    let escrow = known(ctx, id)?;
    ctx.fetch(&[
        &ALLOWANCES.at(&escrow.payer).at(&by),
        &BALANCES.at(&escrow.payer),
        &BALANCES.at(&ctx.module()),
    ])?;
    take_in(ctx, escrow.payer, amount)?;
    let Some(held) = escrow.held.checked_add(amount) else {
        return Err(Fault::Fatal(
            "an escrow holds more than there is".to_owned(),
        ));
    };
    // Money goes round: this sum may outgrow the supply. It is told and decides nothing.
    let paid_in = escrow.paid_in.saturating_add(amount);
    ESCROWS.at(&id).write(
        ctx,
        &Escrow {
            held,
            paid_in,
            ..escrow
        },
    )?;
    ctx.emit(Added { id, by, amount })
}

pub(super) fn release(ctx: &mut Context<'_>, call: releaseCall) -> Outcome<()> {
    let releaseCall { id, to, amount } = call;
    split(
        ctx,
        splitCall {
            id,
            shares: vec![Share { to, amount }],
        },
    )
}

pub(super) fn split(ctx: &mut Context<'_>, call: splitCall) -> Outcome<()> {
    let splitCall { id, shares } = call;
    let fit = (1..=SHARES_MAX).contains(&shares.len());
    ensure(fit, || UnfitShares {
        sharesGiven: U256::from(shares.len()),
        sharesMax: U256::from(SHARES_MAX),
    })?;
    let places: Vec<_> = shares.iter().map(|share| BALANCES.at(&share.to)).collect();
    let own = BALANCES.at(&ctx.module());
    let escrow = ESCROWS.at(&id);
    let mut all: Vec<&dyn Place> = vec![&escrow, &own];
    all.extend(places.iter().map(|place| place as &dyn Place));
    ctx.fetch(&all)?;
    let escrow = known(ctx, id)?;
    let caller = ctx.caller();
    ensure(escrow.controller == caller, || NotController { id, caller })?;
    for share in &shares {
        ensure_receiver(ctx, share.to)?;
    }
    give_out(ctx, id, escrow, &shares)?;
    for Share { to, amount } in shares {
        ctx.emit(Released { id, to, amount })?;
    }
    Ok(())
}

pub(super) fn refund(ctx: &mut Context<'_>, call: refundCall) -> Outcome<()> {
    let refundCall { id, amount } = call;
    let escrow = known(ctx, id)?;
    let (by, payer) = (ctx.caller(), escrow.payer);
    let may = by == escrow.controller || (by == payer && is_due(escrow.deadline, ctx.now()));
    ensure(may, || MayNotRefund { id, caller: by })?;
    give_out(ctx, id, escrow, &[Share { to: payer, amount }])?;
    ctx.emit(Refunded {
        id,
        payer,
        by,
        amount,
    })
}

pub(super) fn extend(ctx: &mut Context<'_>, call: extendCall) -> Outcome<()> {
    let extendCall { id, deadline } = call;
    let escrow = known(ctx, id)?;
    let caller = ctx.caller();
    ensure(escrow.payer == caller, || NotPayer { id, caller })?;
    let time = ctx.now();
    let later =
        escrow.deadline != 0 && (deadline == 0 || (deadline > escrow.deadline && deadline > time));
    ensure(later, || UnfitDeadline { deadline, time })?;
    ESCROWS.at(&id).write(ctx, &Escrow { deadline, ..escrow })?;
    ctx.emit(Extended { id, deadline })
}

pub(super) fn known(ctx: &mut Context<'_>, id: B256) -> Outcome<Escrow> {
    let escrow = ESCROWS.at(&id).read(ctx)?;
    if escrow.payer.is_zero() {
        reject(UnknownEscrow { id })
    } else {
        Ok(escrow)
    }
}

/// Moves a payer's money to the module: the caller's own, or what the payer lets the caller move.
fn take_in(ctx: &mut Context<'_>, payer: Address, amount: U256) -> Outcome<()> {
    ensure(!amount.is_zero(), || NoAmount {})?;
    let (caller, module) = (ctx.caller(), ctx.module());
    if caller != payer {
        spend(ctx, payer, caller, amount)?;
    }
    shift(ctx, payer, module, amount)
}

/// Moves money from the module to whom an escrow gives it.
fn give_out(ctx: &mut Context<'_>, id: B256, escrow: Escrow, shares: &[Share]) -> Outcome<()> {
    let mut needed = Some(U256::ZERO);
    for share in shares {
        ensure(!share.amount.is_zero(), || NoAmount {})?;
        needed = needed.and_then(|needed| needed.checked_add(share.amount));
    }
    let rest = needed.and_then(|needed| escrow.held.checked_sub(needed));
    // More than can be counted is more than there is.
    let needed = needed.unwrap_or(U256::MAX);
    let Some(held) = rest else {
        let held = escrow.held;
        return reject(EscrowTooSmall { id, held, needed });
    };
    ESCROWS.at(&id).write(ctx, &Escrow { held, ..escrow })?;
    let from = ctx.module();
    debit(ctx, &BALANCES.at(&from), from, needed)?;
    for Share { to, amount } in shares {
        let (to, value) = (*to, *amount);
        credit(ctx, &BALANCES.at(&to), to, value)?;
        ctx.emit(Transfer { from, to, value })?;
    }
    Ok(())
}
