//! What always holds of `works`.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use commonhold_module::{Context, Findings, Outcome};
use commonhold_system::token;

use crate::{
    book::{all, known},
    contracts,
    interface::IWorks::{ContractState, FactState, Kind, MilestoneState, Verdict},
    limits::{APPEALS_OPEN_MAX, CERTIFICATES_MAX, LINES_MAX, MILESTONES_MAX, SUBCONTRACTORS_MAX},
    orders::{self, whole},
    payment::WHOLE,
    shape::told,
    state::{
        APPEALS, APPEALS_OPEN, BIDS, CERTIFICATES, CONTRACTS, ContractRow, DEFECTS, FACTS, FIBRES,
        LINES, MILESTONES, ORDERS, SHARES, SUMMED, TENDERS,
    },
};

/// Nobody is paid more than the contract is worth; what is certified follows from milestones that are;
/// verdicts follow from whole evidence; what is counted is there; bids open after their deadline.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for number in 1..=CONTRACTS.len(ctx)? {
        let row = known(ctx, &CONTRACTS, Kind::Contract, number)?;
        contract(ctx, findings, number, &row)?;
        money(ctx, findings, number, &row)?;
    }
    orders_and_fibres(ctx, findings)?;
    defects(ctx, findings)?;
    tenders(ctx, findings)?;
    facts(ctx, findings)
}

fn contract(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    number: u64,
    row: &ContractRow,
) -> Outcome<()> {
    let mut check = |holds: bool, what: &str| {
        findings.check(holds, || format!("works: contract {number} {what}"));
    };
    let offered = row.state == ContractState::Offered as u8;
    check(
        offered == (row.accepted_at == 0),
        "binds without having been accepted",
    );
    let steps = all(ctx, &MILESTONES.at(&number), MILESTONES_MAX)?;
    let is_certified = |state: u8| state == MilestoneState::Certified as u8;
    let certified = steps.iter().filter(|step| is_certified(step.state)).count();
    check(
        certified == usize::from(row.certified),
        "counts its milestones wrongly",
    );
    let complete = [ContractState::Completed as u8, ContractState::Closed as u8];
    check(
        complete.contains(&row.state) == (!offered && certified == steps.len()),
        "is complete without its milestones, or is not with them",
    );
    for step in &steps {
        let measured = step.orders != 0 && step.accepted == step.orders;
        check(
            step.accepted <= step.orders,
            "accepts more orders than there are",
        );
        check(
            !is_certified(step.state) || !step.tested || measured,
            "certifies what was not measured",
        );
        check(
            is_certified(step.state) == (step.certified_at != 0),
            "certifies at no time",
        );
    }
    let lines = all(ctx, &LINES.at(&number), LINES_MAX)?;
    let mut sum = Some(0i64);
    for line in &lines {
        let amount = contracts::line(line.quantity, line.rate)?.amount().ok();
        sum = sum
            .zip(amount)
            .and_then(|(sum, amount)| sum.checked_add(amount));
        check(
            i64::from(line.done) <= WHOLE,
            "has more done of a line than all",
        );
        let at = usize::from(line.milestone).checked_sub(1);
        let open = at.is_some_and(|at| steps.get(at).is_none_or(|step| !is_certified(step.state)));
        check(!open || line.done == 0, "pays for a milestone that is open");
    }
    check(
        sum.and_then(|sum| u64::try_from(sum).ok()) == Some(row.sum),
        "has another sum than its lines",
    );
    let shares = all(ctx, &SHARES.at(&number), SUBCONTRACTORS_MAX)?;
    let given = shares.iter().map(|share| u32::from(share.permille));
    check(given.sum::<u32>() <= 1000, "gives away more than all");
    Ok(())
}

fn money(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    number: u64,
    row: &ContractRow,
) -> Outcome<()> {
    let entries = all(ctx, &CERTIFICATES.at(&number), CERTIFICATES_MAX)?;
    let mut check = |holds: bool, what: &str| {
        findings.check(holds, || format!("works: contract {number} {what}"));
    };
    let worth = i128::from(row.sum)
        .saturating_add(row.added.into())
        .saturating_sub(row.omitted.into());
    let mut net = 0i64;
    let mut latest = 0u64;
    for (place, entry) in (1u64..).zip(&entries) {
        let gross = told(entry.gross_work).saturating_add(told(entry.variations));
        // A variation that leaves something out later does not reach back.
        let most = worth.saturating_add(row.omitted.into());
        check(i128::from(gross) <= most, "certifies more than it is worth");
        check(told(entry.retention) >= 0, "holds back less than nothing");
        check(
            told(entry.net).checked_sub(net) == Some(told(entry.payment)),
            "does not add up",
        );
        check(
            (place <= row.paid) == (entry.paid_at != 0),
            "pays out of order",
        );
        net = told(entry.net);
        if place <= row.paid {
            latest = latest.max(u64::try_from(net).unwrap_or_default());
        }
    }
    check(
        row.paid_minor == latest,
        "has paid another amount than certified",
    );
    if !row.escrow.is_zero() {
        let escrow = token::escrow(ctx, row.escrow)?;
        let unit = U256::from(contracts::terms(ctx, number)?.unitsPerMinor);
        let paid = U256::from(row.paid_minor).saturating_mul(unit);
        let spent = escrow.paidIn.saturating_sub(escrow.held);
        let closed = row.state == ContractState::Closed as u8;
        findings.check(spent == paid || (closed && escrow.held.is_zero()), || {
            format!("works: contract {number} has given out {spent}, not {paid}")
        });
    }
    Ok(())
}

fn orders_and_fibres(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for number in 1..=ORDERS.len(ctx)? {
        let row = known(ctx, &ORDERS, Kind::Order, number)?;
        let design = orders::design(ctx, number)?;
        let (mut accepted, mut first) = (0u32, 0u32);
        for name in &orders::names(&design) {
            let fibre = FIBRES.at(&number).at(name).read(ctx)?;
            let whole = fibre.files == whole(&design);
            let taken = fibre.verdict == Verdict::Accept as u8;
            findings.check(!taken || whole, || {
                format!("works: fibre {name} of order {number} is accepted without evidence")
            });
            accepted = accepted.saturating_add(u32::from(taken));
            first = first.saturating_add(u32::from(taken && !fibre.spoiled));
        }
        findings.check(
            row.accepted == accepted
                && row.first == first
                && (row.done_at != 0) == (accepted == row.fibres),
            || {
                format!(
                    "works: order {number} counts {} of {accepted} fibres",
                    row.accepted
                )
            },
        );
    }
    Ok(())
}

fn defects(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut open: BTreeMap<u64, u32> = BTreeMap::new();
    for number in 1..=DEFECTS.len(ctx)? {
        let row = known(ctx, &DEFECTS, Kind::Defect, number)?;
        let count = open.entry(row.contract).or_default();
        *count = count.saturating_add(u32::from(row.closed_at == 0));
    }
    for (number, count) in open {
        let row = known(ctx, &CONTRACTS, Kind::Contract, number)?;
        findings.check(row.open_defects == count, || {
            format!(
                "works: contract {number} counts {} of {count} defects",
                row.open_defects
            )
        });
        let released = row.state == ContractState::Closed as u8 && count != 0;
        findings.check(!released, || {
            format!("works: contract {number} is closed with defects")
        });
    }
    Ok(())
}

fn tenders(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for number in 1..=TENDERS.len(ctx)? {
        let row = known(ctx, &TENDERS, Kind::Tender, number)?;
        let (mut opened, list) = (0u64, BIDS.at(&number));
        let mut won = row.awarded.is_zero();
        for index in 0..list.len(ctx)? {
            let bid = list.get(ctx, index)?.unwrap_or_default();
            opened = opened.saturating_add(u64::from(bid.opened));
            won |= bid.opened && bid.bidder == row.awarded;
            findings.check(bid.made_at <= row.deadline, || {
                format!("works: tender {number} took a bid after its deadline")
            });
        }
        let early = opened != 0 && ctx.now() <= row.deadline;
        findings.check(opened == row.opened && won && !early, || {
            format!("works: tender {number} opened {opened} bids")
        });
    }
    Ok(())
}

/// Appeals that are open are those of facts that are appealed against; nobody's sums run ahead.
fn facts(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for number in 1..=APPEALS.len(ctx)? {
        let row = known(ctx, &APPEALS, Kind::Appeal, number)?;
        let list = FACTS.at(&row.subject);
        let fact = known(ctx, &list, Kind::Fact, row.fact)?;
        let open = row.state == FactState::Appealed as u8;
        let listed = all(ctx, &APPEALS_OPEN.at(&row.subject), APPEALS_OPEN_MAX)?;
        let holds = fact.state == row.state && listed.contains(&number) == open;
        findings.check(holds, || {
            format!("works: appeal {number} stands otherwise than its fact")
        });
        let summed = SUMMED.at(&row.subject).read(ctx)?;
        let total = list.len(ctx)?;
        findings.check(summed <= total, || {
            format!("works: {} has sums of the future", row.subject)
        });
    }
    Ok(())
}
