//! What always holds of `token`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use commonhold_module::{Context, Findings, List, Outcome, storage::Value};

use super::{
    interface::IToken::IssueState,
    issuing::{decision, written},
    state::{
        BALANCES, BY_CONTROLLER, BY_PAYER, ESCROW_IDS, ESCROWS, HOLDER_NUMBERS, HOLDERS, ISSUES,
        SUPPLY,
    },
};

/// Everybody's balances, the module's included, are the supply to the unit; the module has what the
/// escrows hold; no more was issued than decisions say.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    holders(ctx, findings)?;
    escrows(ctx, findings)?;
    issues(ctx, findings)
}

fn holders(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut sum = Some(U256::ZERO);
    for index in 0..HOLDERS.len(ctx)? {
        let Some(holder) = HOLDERS.get(ctx, index)? else {
            continue;
        };
        let number = HOLDER_NUMBERS.at(&holder).read(ctx)?;
        findings.check(number == index.saturating_add(1), || {
            format!("token: holder {index} is numbered {number}")
        });
        findings.check(!holder.is_zero(), || "token: nobody has money".to_owned());
        let balance = BALANCES.at(&holder).read(ctx)?;
        sum = sum.and_then(|sum| sum.checked_add(balance));
    }
    let supply = SUPPLY.read(ctx)?;
    findings.check(sum == Some(supply), || {
        format!("token: {supply} were issued, and everybody has {sum:?}")
    });
    Ok(())
}

fn escrows(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut sum = Some(U256::ZERO);
    let mut paid: BTreeMap<Address, u64> = BTreeMap::new();
    let mut controlled: BTreeMap<Address, u64> = BTreeMap::new();
    for index in 0..ESCROW_IDS.len(ctx)? {
        let Some(id) = ESCROW_IDS.get(ctx, index)? else {
            continue;
        };
        let escrow = ESCROWS.at(&id).read(ctx)?;
        sum = sum.and_then(|sum| sum.checked_add(escrow.held));
        let places = [
            (escrow.payer, BY_PAYER.at(&escrow.payer), &mut paid),
            (
                escrow.controller,
                BY_CONTROLLER.at(&escrow.controller),
                &mut controlled,
            ),
        ];
        for (whose, list, counts) in places {
            let place = counts.entry(whose).or_default();
            let listed = list.get(ctx, *place)?;
            *place = place.saturating_add(1);
            findings.check(!whose.is_zero() && listed == Some(id), || {
                format!("token: escrow {id} is not where it should be in the list of {whose}")
            });
        }
        findings.check(escrow.held <= escrow.paid_in, || {
            format!("token: escrow {id} holds more than was put in")
        });
    }
    for (whose, count) in paid {
        ends(ctx, findings, &BY_PAYER.at(&whose), count)?;
    }
    for (whose, count) in controlled {
        ends(ctx, findings, &BY_CONTROLLER.at(&whose), count)?;
    }
    let own = BALANCES.at(&ctx.module()).read(ctx)?;
    findings.check(sum == Some(own), || {
        format!("token: escrows hold {sum:?}, and the module has {own}")
    });
    Ok(())
}

fn ends<V: Value>(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    list: &List<V>,
    count: u64,
) -> Outcome<()> {
    let listed = list.len(ctx)?;
    findings.check(listed == count, || {
        format!("token: somebody has {count} escrows, and {listed} are listed")
    });
    Ok(())
}

fn issues(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut issued = U256::ZERO;
    for number in 0..ISSUES.len(ctx)? {
        let Some(issue) = ISSUES.get(ctx, number)? else {
            continue;
        };
        let state = written(&issue)?;
        let (approvals, rejections) = (issue.approvals, issue.rejections);
        let told = decision(approvals, rejections, issue.members);
        let fits = match state {
            IssueState::Withdrawn => told == IssueState::Open,
            state => told == state,
        };
        findings.check(fits, || {
            format!("token: issue {number} is {state:?} by {approvals} against {rejections}")
        });
        let open = state == IssueState::Open;
        findings.check(open == (issue.decided_at == 0), || {
            format!("token: issue {number} was decided at {}", issue.decided_at)
        });
        if state == IssueState::Issued {
            issued = issued.saturating_add(issue.amount);
        }
    }
    let supply = SUPPLY.read(ctx)?;
    findings.check(supply <= issued, || {
        format!("token: there are {supply}, and {issued} were decided on")
    });
    Ok(())
}
