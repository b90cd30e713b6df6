//! Variations: what both sides agree to add or to leave out, and the days that it takes.
//!
//! An extension moves what is due for everything that looks at it: damages, and credit for being in time.

use alloy_primitives::U256;
use commonhold_module::{Context, Outcome};

use crate::{
    book::{add, belongs, known, stands, write},
    contracts::{runs, terms},
    credit,
    crediting::{Act, days_between, state_fact, value_of},
    interface::IWorks::{
        Answer, Kind, Part, VariationAnswered, VariationProposed, answerVariationCall,
        proposeVariationCall,
    },
    limits::VARIATIONS_MAX,
    number::int,
    payment,
    people::{CONTRACTOR, OWNER, acting, roles, yours},
    shape::{self, computed},
    state::{CONTRACTS, ContractRow, OF, VARIATIONS, VariationRow},
};

pub(super) fn propose_variation(ctx: &mut Context<'_>, call: proposeVariationCall) -> Outcome<u64> {
    let proposeVariationCall {
        contract_: contract,
        quantity,
        rate,
        omits,
        extensionDays,
        what,
    } = call;
    let (row, role) = acting(ctx, contract, OWNER | CONTRACTOR)?;
    runs(&row, contract)?;
    shape::days(extensionDays, "extensionDays")?;
    shape::reasoned(&what)?;
    let have = OF.at(&(Kind::Variation as u8)).at(&contract).len(ctx)?;
    shape::room(have, 1, u64::try_from(VARIATIONS_MAX).unwrap_or(u64::MAX))?;
    let variation = VariationRow {
        contract,
        at: ctx.now(),
        quantity,
        rate,
        by: if role & OWNER != 0 {
            row.owner
        } else {
            row.contractor
        },
        omits,
        extension_days: extensionDays,
        what,
        ..VariationRow::default()
    };
    amount(&variation)?;
    let number = add(ctx, &VARIATIONS, &variation)?;
    belongs(ctx, Kind::Variation, contract, number)?;
    ctx.emit(VariationProposed {
        number,
        contract_: contract,
        by: variation.by,
    })?;
    Ok(number)
}

/// What a variation comes to, below zero where it leaves something out.
fn amount(row: &VariationRow) -> Outcome<i64> {
    let sign = if row.omits { -1 } else { 1 };
    let variation = payment::Variation {
        quantity: computed((int(row.quantity) * sign).get())?,
        rate: computed(int(row.rate).get())?,
        from: 0,
        extension_days: 0,
    };
    computed(variation.amount())
}

pub(super) fn answer_variation(ctx: &mut Context<'_>, call: answerVariationCall) -> Outcome<()> {
    let answerVariationCall {
        number,
        accept,
        reason,
    } = call;
    let row = known(ctx, &VARIATIONS, Kind::Variation, number)?;
    let of = row.contract;
    let contract = known(ctx, &CONTRACTS, Kind::Contract, of)?;
    runs(&contract, of)?;
    let by_owner = row.by == contract.owner;
    let other = if by_owner { CONTRACTOR } else { OWNER };
    let role = roles(ctx, &contract, other)?;
    yours(ctx, role != 0, Kind::Variation, number)?;
    stands(row.answer == Answer::None as u8, Kind::Variation, number)?;
    if !accept {
        shape::reasoned(&reason)?;
    }
    let now = ctx.now();
    let answer = if accept { Answer::Yes } else { Answer::No };
    let row = VariationRow {
        answer: answer as u8,
        answered_at: now,
        reason,
        ..row
    };
    write(ctx, &VARIATIONS, number, &row)?;
    if accept {
        agreed(ctx, of, &contract, &row)?;
    }
    ctx.emit(VariationAnswered {
        number,
        accepted: accept,
        reason,
    })?;
    if by_owner {
        return Ok(());
    }
    let period = terms(ctx, of)?.clocks.replyDays.into();
    let act = Act {
        subject: contract.owner,
        counterparty: contract.contractor,
        part: Part::Owner,
        dimension: 2,
        outcome: computed(credit::notice(period, days_between(row.at, now)))?,
        value: value_of(ctx, of, &contract)?,
        verification: 2,
        source: Kind::Variation,
        item: number,
    };
    state_fact(ctx, &act)
}

/// Moves sum and time of a contract.
fn agreed(
    ctx: &mut Context<'_>,
    number: u64,
    contract: &ContractRow,
    row: &VariationRow,
) -> Outcome<()> {
    let amount = amount(row)?;
    let size = amount.unsigned_abs();
    let (mut added, mut omitted) = (contract.added, contract.omitted);
    let place = if amount < 0 { &mut omitted } else { &mut added };
    *place = place.saturating_add(size);
    // Nothing is left out that is not there, and no sum outgrows what money has.
    let all = contract
        .sum
        .checked_add(added)
        .filter(|all| i64::try_from(*all).is_ok());
    let fits = all.is_some_and(|all| omitted <= all);
    shape::figure(fits, "rate", U256::from(size))?;
    let days = contract.extension_days.saturating_add(row.extension_days);
    shape::days(days, "extensionDays")?;
    let contract = ContractRow {
        added,
        omitted,
        extension_days: days,
        ..contract.clone()
    };
    write(ctx, &CONTRACTS, number, &contract)
}
