//! Defects: raised, mended, closed, each by its clock. Retention is held while one is open.

use alloy_primitives::U256;
use commonhold_module::{Context, Outcome};

use crate::{
    book::{add, belongs, known, stands, write},
    contracts::binds,
    credit,
    crediting::{Act, days_between, state_fact, value_of},
    interface::IWorks::{
        DefectAnswered, DefectFixed, DefectRaised, Kind, Part, answerDefectCall, fixDefectCall,
        raiseDefectCall,
    },
    milestones::step,
    people::{CERTIFIER, CONTRACTOR, OWNER, acting},
    shape::{self, computed},
    state::{CONTRACTS, ContractRow, DEFECTS, DefectRow, MILESTONES, MilestoneRow},
};

/// The category that stands against a milestone.
const GRAVE: u8 = 1;

pub(super) fn raise_defect(ctx: &mut Context<'_>, call: raiseDefectCall) -> Outcome<u64> {
    let raiseDefectCall {
        contract_: contract,
        milestone,
        category,
        allowedDays,
        what,
    } = call;
    let (row, _) = acting(ctx, contract, OWNER | CERTIFIER)?;
    binds(&row, contract)?;
    let fits = (GRAVE..=3).contains(&category);
    shape::figure(fits, "category", U256::from(category))?;
    shape::days(allowedDays, "allowedDays")?;
    shape::figure(allowedDays != 0, "allowedDays", U256::ZERO)?;
    shape::reasoned(&what)?;
    let defect = DefectRow {
        contract,
        milestone,
        category,
        allowed_days: allowedDays,
        raised_at: ctx.now(),
        raised_by: ctx.caller(),
        what,
        ..DefectRow::default()
    };
    counted(ctx, &defect, true)?;
    let number = add(ctx, &DEFECTS, &defect)?;
    belongs(ctx, Kind::Defect, contract, number)?;
    ctx.emit(DefectRaised {
        number,
        contract_: contract,
        milestone,
        category,
        allowedDays,
        what,
    })?;
    Ok(number)
}

pub(super) fn fix_defect(ctx: &mut Context<'_>, call: fixDefectCall) -> Outcome<()> {
    let number = call.number;
    let row = known(ctx, &DEFECTS, Kind::Defect, number)?;
    acting(ctx, row.contract, CONTRACTOR)?;
    let open = row.closed_at == 0 && row.fixed_at == 0;
    stands(open, Kind::Defect, number)?;
    let row = DefectRow {
        fixed_at: ctx.now(),
        ..row
    };
    write(ctx, &DEFECTS, number, &row)?;
    ctx.emit(DefectFixed { number })
}

pub(super) fn answer_defect(ctx: &mut Context<'_>, call: answerDefectCall) -> Outcome<()> {
    let answerDefectCall {
        number,
        closed,
        reason,
    } = call;
    let row = known(ctx, &DEFECTS, Kind::Defect, number)?;
    let (contract, _) = acting(ctx, row.contract, OWNER | CERTIFIER)?;
    let mended = row.closed_at == 0 && row.fixed_at != 0;
    stands(mended, Kind::Defect, number)?;
    let of = row.contract;
    ctx.emit(DefectAnswered {
        number,
        closed,
        reason,
    })?;
    if !closed {
        shape::reasoned(&reason)?;
        let row = DefectRow {
            fixed_at: 0,
            reason,
            ..row
        };
        return write(ctx, &DEFECTS, number, &row);
    }
    counted(ctx, &row, false)?;
    let taken = days_between(row.raised_at, row.fixed_at);
    let outcome = computed(credit::closure(row.allowed_days.into(), taken))?;
    let row = DefectRow {
        closed_at: ctx.now(),
        reason,
        ..row
    };
    write(ctx, &DEFECTS, number, &row)?;
    let act = Act {
        subject: contract.contractor,
        counterparty: contract.owner,
        part: Part::Executor,
        dimension: 2,
        outcome,
        value: value_of(ctx, of, &contract)?,
        verification: 2,
        source: Kind::Defect,
        item: number,
    };
    state_fact(ctx, &act)
}

/// Counts an open defect more, or less.
fn counted(ctx: &mut Context<'_>, defect: &DefectRow, more: bool) -> Outcome<()> {
    let count = |n: u32| {
        if more {
            n.saturating_add(1)
        } else {
            n.saturating_sub(1)
        }
    };
    let row = known(ctx, &CONTRACTS, Kind::Contract, defect.contract)?;
    let row = ContractRow {
        open_defects: count(row.open_defects),
        ..row
    };
    write(ctx, &CONTRACTS, defect.contract, &row)?;
    if defect.milestone == 0 {
        return Ok(());
    }
    let step = step(ctx, defect.contract, defect.milestone)?;
    if defect.category != GRAVE {
        return Ok(());
    }
    let step = MilestoneRow {
        grave: count(step.grave),
        ..step
    };
    let list = MILESTONES.at(&defect.contract);
    write(ctx, &list, defect.milestone.into(), &step)
}
