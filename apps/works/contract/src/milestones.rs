//! Milestones: how work is taken.
//!
//! A *tested* milestone is certified by what was measured: when all of its orders are accepted and no defect of
//! category 1 is open, the contractor claims it, and when its objection window has gone by it is certified,
//! by anybody's call. Who objects, with the rule and a reason, brings it before people: then, and for other
//! milestones always, those sign whom the contract names; one refusal, with its reason, sends it back.
//! An objection to what is certified after all is a fact about who objected.

use commonhold_module::{Context, Outcome, ensure};

use crate::{
    book::{known, stands, write},
    clocks::extended,
    contracts::{once, runs, terms},
    credit,
    crediting::{Act, day, state_fact, value_of},
    interface::IWorks::{
        ContractCompleted, ContractState, Kind, MilestoneMoved, MilestoneState, NotDone, Part,
        Signed, WindowOpen, WindowOver, claimMilestoneCall, objectToCall, settleMilestoneCall,
        signMilestoneCall,
    },
    people::{CERTIFIER, CONTRACTOR, OWNER, acting, roles, yours},
    shape::{self, computed},
    state::{CONTRACTS, ContractRow, MILESTONES, MilestoneRow},
};

pub(super) fn claim_milestone(ctx: &mut Context<'_>, call: claimMilestoneCall) -> Outcome<()> {
    let (contract, milestone) = (call.contract_, call.milestone);
    let (row, _) = acting(ctx, contract, CONTRACTOR)?;
    runs(&row, contract)?;
    let step = step(ctx, contract, milestone)?;
    let open = [MilestoneState::Open as u8, MilestoneState::Refused as u8];
    let fits = open.contains(&step.state);
    stands(fits, Kind::Milestone, milestone.into())?;
    done(&step)?;
    let step = MilestoneRow {
        state: MilestoneState::Claimed as u8,
        claimed_at: ctx.now(),
        signed: 0,
        objector: 0,
        ..step
    };
    moved(ctx, contract, milestone, &step)
}

pub(super) fn object_to(ctx: &mut Context<'_>, call: objectToCall) -> Outcome<()> {
    let objectToCall {
        contract_: contract,
        milestone,
        rule,
        reason,
    } = call;
    let (_, role) = acting(ctx, contract, OWNER | CERTIFIER)?;
    let step = step(ctx, contract, milestone)?;
    let fits = step.tested && step.state == MilestoneState::Claimed as u8;
    stands(fits, Kind::Milestone, milestone.into())?;
    shape::plain(&rule, "rule")?;
    shape::reasoned(&reason)?;
    let until = window(ctx, contract, &step)?;
    let now = ctx.now();
    ensure(now <= until, || WindowOver { until })?;
    let step = MilestoneRow {
        state: MilestoneState::Objected as u8,
        objector: role,
        reason,
        ..step
    };
    moved(ctx, contract, milestone, &step)
}

pub(super) fn sign_milestone(ctx: &mut Context<'_>, call: signMilestoneCall) -> Outcome<()> {
    let signMilestoneCall {
        contract_: contract,
        milestone,
        approve,
        reason,
    } = call;
    let row = known(ctx, &CONTRACTS, Kind::Contract, contract)?;
    let step = step(ctx, contract, milestone)?;
    let objected = step.state == MilestoneState::Objected as u8;
    let signing = objected || (!step.tested && step.state == MilestoneState::Claimed as u8);
    stands(signing, Kind::Milestone, milestone.into())?;
    let needed = if step.signers == 0 {
        OWNER | CERTIFIER
    } else {
        step.signers
    };
    let role = roles(ctx, &row, needed)?;
    yours(ctx, role != 0, Kind::Milestone, milestone.into())?;
    let left = role & !step.signed;
    once(left != 0, Kind::Milestone, milestone.into())?;
    if !approve {
        shape::reasoned(&reason)?;
        let step = MilestoneRow {
            state: MilestoneState::Refused as u8,
            reason,
            ..step
        };
        return moved(ctx, contract, milestone, &step);
    }
    let step = MilestoneRow {
        signed: step.signed | left,
        ..step
    };
    ctx.emit(Signed {
        contract_: contract,
        milestone,
        by: ctx.caller(),
        role: left,
    })?;
    if step.signed == needed {
        certify(ctx, contract, milestone, row, step)
    } else {
        write(ctx, &MILESTONES.at(&contract), milestone.into(), &step)
    }
}

pub(super) fn settle_milestone(ctx: &mut Context<'_>, call: settleMilestoneCall) -> Outcome<()> {
    let (contract, milestone) = (call.contract_, call.milestone);
    let row = known(ctx, &CONTRACTS, Kind::Contract, contract)?;
    let step = step(ctx, contract, milestone)?;
    let fits = step.tested && step.state == MilestoneState::Claimed as u8;
    stands(fits, Kind::Milestone, milestone.into())?;
    let until = window(ctx, contract, &step)?;
    let now = ctx.now();
    ensure(now > until, || WindowOpen { until })?;
    certify(ctx, contract, milestone, row, step)
}

/// A milestone of a contract.
pub(super) fn step(ctx: &mut Context<'_>, contract: u64, milestone: u16) -> Outcome<MilestoneRow> {
    known(
        ctx,
        &MILESTONES.at(&contract),
        Kind::Milestone,
        milestone.into(),
    )
}

/// Until when others may object.
fn window(ctx: &mut Context<'_>, contract: u64, step: &MilestoneRow) -> Outcome<u64> {
    let seconds = terms(ctx, contract)?.objectionSeconds;
    Ok(step.claimed_at.saturating_add(seconds.into()))
}

/// Rejects a milestone whose measurements or defects stand against it.
fn done(step: &MilestoneRow) -> Outcome<()> {
    let measured = !step.tested || (step.orders != 0 && step.accepted == step.orders);
    ensure(measured && step.grave == 0, || NotDone {
        orders: step.orders,
        accepted: step.accepted,
        graveDefects: step.grave,
    })
}

fn moved(ctx: &mut Context<'_>, contract: u64, milestone: u16, step: &MilestoneRow) -> Outcome<()> {
    write(ctx, &MILESTONES.at(&contract), milestone.into(), step)?;
    let state = state(step)?;
    ctx.emit(MilestoneMoved {
        contract_: contract,
        milestone,
        state,
        by: ctx.caller(),
        reason: step.reason,
    })
}

/// How a milestone stands.
pub(super) fn state(step: &MilestoneRow) -> Outcome<MilestoneState> {
    MilestoneState::try_from(step.state).map_err(|_| {
        commonhold_module::Fault::Fatal(format!("a milestone of state {}", step.state))
    })
}

fn certify(
    ctx: &mut Context<'_>,
    contract: u64,
    milestone: u16,
    row: ContractRow,
    step: MilestoneRow,
) -> Outcome<()> {
    runs(&row, contract)?;
    done(&step)?;
    let step = MilestoneRow {
        state: MilestoneState::Certified as u8,
        certified_at: ctx.now(),
        ..step
    };
    moved(ctx, contract, milestone, &step)?;
    let value = value_of(ctx, contract, &row)?;
    // It was done when it was claimed; what others took to look is not the contractor's delay.
    let due = extended(step.due_at, row.extension_days);
    let (planned, item) = (step.planned_days.into(), contract);
    let late = credit::timeliness(day(due), day(step.claimed_at), planned);
    let act = Act {
        subject: row.contractor,
        counterparty: row.owner,
        part: Part::Executor,
        dimension: 0,
        outcome: computed(late)?,
        value,
        verification: if step.tested { 3 } else { 2 },
        source: Kind::Contract,
        item,
    };
    state_fact(ctx, &act)?;
    unfounded(ctx, &row, &step, value, item)?;
    let row = ContractRow {
        certified: row.certified.saturating_add(1),
        completed_at: row.completed_at.max(step.claimed_at),
        ..row
    };
    let all = MILESTONES.at(&contract).len(ctx)?;
    let completed = u64::from(row.certified) == all;
    let row = ContractRow {
        state: if completed {
            ContractState::Completed as u8
        } else {
            row.state
        },
        ..row
    };
    write(ctx, &CONTRACTS, contract, &row)?;
    if completed {
        ctx.emit(ContractCompleted { number: contract })?;
    }
    Ok(())
}

/// An objection to what is certified after all.
fn unfounded(
    ctx: &mut Context<'_>,
    row: &ContractRow,
    step: &MilestoneRow,
    value: u64,
    item: u64,
) -> Outcome<()> {
    let (subject, part) = match step.objector {
        0 => return Ok(()),
        role if role & CERTIFIER != 0 => (row.certifier, Part::Supervisor),
        _ => (row.owner, Part::Owner),
    };
    let act = Act {
        subject,
        counterparty: row.contractor,
        part,
        dimension: 1,
        outcome: 0,
        value,
        verification: 3,
        source: Kind::Contract,
        item,
    };
    state_fact(ctx, &act)
}
