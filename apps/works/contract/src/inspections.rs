//! Inspections: the certifier comes when it is asked to, and says what it found.

use commonhold_module::{Context, Outcome};

use crate::{
    book::{add, belongs, known, stands, write},
    contracts::runs,
    credit,
    crediting::{Act, days_between, state_fact, value_of},
    interface::IWorks::{
        Answer, Inspected, InspectionAsked, Kind, Part, askInspectionCall, inspectCall,
    },
    milestones::step,
    people::{CERTIFIER, CONTRACTOR, acting},
    shape::{self, computed},
    state::{INSPECTIONS, InspectionRow},
};

pub(super) fn ask_inspection(ctx: &mut Context<'_>, call: askInspectionCall) -> Outcome<u64> {
    let askInspectionCall {
        contract_: contract,
        milestone,
        dueAt,
    } = call;
    let (row, _) = acting(ctx, contract, CONTRACTOR)?;
    runs(&row, contract)?;
    step(ctx, contract, milestone)?;
    let now = ctx.now();
    // A day's notice at least: nobody is late who was not told.
    shape::future(dueAt, now.saturating_add(86_400))?;
    let row = InspectionRow {
        contract,
        milestone,
        asked_at: now,
        due_at: dueAt,
        ..InspectionRow::default()
    };
    let number = add(ctx, &INSPECTIONS, &row)?;
    belongs(ctx, Kind::Inspection, contract, number)?;
    ctx.emit(InspectionAsked {
        number,
        contract_: contract,
        milestone,
        dueAt,
    })?;
    Ok(number)
}

pub(super) fn inspect(ctx: &mut Context<'_>, call: inspectCall) -> Outcome<()> {
    let inspectCall {
        number,
        passed,
        report,
    } = call;
    let row = known(ctx, &INSPECTIONS, Kind::Inspection, number)?;
    let (contract, _) = acting(ctx, row.contract, CERTIFIER)?;
    stands(row.done_at == 0, Kind::Inspection, number)?;
    shape::reasoned(&report)?;
    let answer = if passed { Answer::Yes } else { Answer::No };
    let (of, now) = (row.contract, ctx.now());
    let period = days_between(row.asked_at, row.due_at);
    let outcome = computed(credit::notice(period, days_between(row.asked_at, now)))?;
    let row = InspectionRow {
        passed: answer as u8,
        done_at: now,
        report,
        ..row
    };
    write(ctx, &INSPECTIONS, number, &row)?;
    ctx.emit(Inspected {
        number,
        passed,
        report,
    })?;
    let act = Act {
        subject: contract.certifier,
        counterparty: contract.contractor,
        part: Part::Supervisor,
        dimension: 0,
        outcome,
        value: value_of(ctx, of, &contract)?,
        verification: 2,
        source: Kind::Inspection,
        item: number,
    };
    state_fact(ctx, &act)
}
