//! Reads of `token`.

use alloy_primitives::{B256, U256};
use commonhold_module::{Context, List, Outcome, storage::Place};

use super::{
    DECIMALS, NAME, SYMBOL,
    escrow::{self, escrow_id},
    interface::IToken::{
        Escrow as EscrowView, Holder, allowanceCall, balanceOfCall, decimalsCall, escrowCall,
        escrowIdCall, escrowsCall, escrowsControlledByCall, escrowsControlledByReturn,
        escrowsPaidByCall, escrowsPaidByReturn, escrowsReturn, holdersCall, holdersReturn,
        nameCall, symbolCall, totalSupplyCall,
    },
    state::{
        ALLOWANCES, BALANCES, BY_CONTROLLER, BY_PAYER, ESCROW_IDS, ESCROWS, Escrow, HOLDERS, SUPPLY,
    },
};

pub(super) fn name(_: &mut Context<'_>, _: nameCall) -> Outcome<String> {
    Ok(NAME.to_owned())
}

pub(super) fn symbol(_: &mut Context<'_>, _: symbolCall) -> Outcome<String> {
    Ok(SYMBOL.to_owned())
}

pub(super) const fn decimals(_: &mut Context<'_>, _: decimalsCall) -> Outcome<u8> {
    Ok(DECIMALS)
}

pub(super) fn total_supply(ctx: &mut Context<'_>, _: totalSupplyCall) -> Outcome<U256> {
    SUPPLY.read(ctx)
}

pub(super) fn balance_of(ctx: &mut Context<'_>, call: balanceOfCall) -> Outcome<U256> {
    BALANCES.at(&call.account).read(ctx)
}

pub(super) fn allowance(ctx: &mut Context<'_>, call: allowanceCall) -> Outcome<U256> {
    ALLOWANCES.at(&call.owner).at(&call.spender).read(ctx)
}

pub(super) fn holders(ctx: &mut Context<'_>, call: holdersCall) -> Outcome<holdersReturn> {
    let total = HOLDERS.len(ctx)?;
    let accounts = HOLDERS.page(ctx, call.from, call.max)?;
    let places: Vec<_> = accounts.iter().map(|holder| BALANCES.at(holder)).collect();
    let all: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&all)?;
    let mut page = Vec::new();
    for (account, place) in accounts.into_iter().zip(places) {
        let balance = place.read(ctx)?;
        page.push(Holder { account, balance });
    }
    Ok(holdersReturn { page, total })
}

pub(super) fn id_of_escrow(ctx: &mut Context<'_>, call: escrowIdCall) -> Outcome<B256> {
    Ok(escrow_id(ctx.block().chain_id, call.opener, call.salt))
}

pub(super) fn escrow(ctx: &mut Context<'_>, call: escrowCall) -> Outcome<EscrowView> {
    Ok(show(call.id, escrow::known(ctx, call.id)?))
}

pub(super) fn escrows(ctx: &mut Context<'_>, call: escrowsCall) -> Outcome<escrowsReturn> {
    let (page, total) = page(ctx, &ESCROW_IDS, call.from, call.max)?;
    Ok(escrowsReturn { page, total })
}

pub(super) fn escrows_paid_by(
    ctx: &mut Context<'_>,
    call: escrowsPaidByCall,
) -> Outcome<escrowsPaidByReturn> {
    let (page, total) = page(ctx, &BY_PAYER.at(&call.payer), call.from, call.max)?;
    Ok(escrowsPaidByReturn { page, total })
}

pub(super) fn escrows_controlled_by(
    ctx: &mut Context<'_>,
    call: escrowsControlledByCall,
) -> Outcome<escrowsControlledByReturn> {
    let list = BY_CONTROLLER.at(&call.controller);
    let (page, total) = page(ctx, &list, call.from, call.max)?;
    Ok(escrowsControlledByReturn { page, total })
}

fn page(
    ctx: &mut Context<'_>,
    ids: &List<B256>,
    from: u64,
    max: u64,
) -> Outcome<(Vec<EscrowView>, u64)> {
    let total = ids.len(ctx)?;
    let ids = ids.page(ctx, from, max)?;
    let places: Vec<_> = ids.iter().map(|id| ESCROWS.at(id)).collect();
    let all: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&all)?;
    let mut page = Vec::new();
    for (id, place) in ids.into_iter().zip(places) {
        page.push(show(id, place.read(ctx)?));
    }
    Ok((page, total))
}

const fn show(id: B256, escrow: Escrow) -> EscrowView {
    EscrowView {
        id,
        payer: escrow.payer,
        controller: escrow.controller,
        held: escrow.held,
        paidIn: escrow.paid_in,
        deadline: escrow.deadline,
        openedAt: escrow.opened_at,
        openedIn: escrow.opened_in,
    }
}
