//! What always holds of `energy`.

use alloy_primitives::U256;
use commonhold_module::{Context, Findings, Outcome};
use commonhold_system::token;

use crate::{
    ADDRESS,
    communities::{known, read_limits},
    interface::IEnergy::SlotState,
    money::{reserve, too_large},
    state::{ACCOUNTS, COMMUNITIES, DEPOSITED, HOLDERS, MEMBERS, SEATS, SLOTS, TERMS},
    views::holds,
};

/// What is deposited is what accounts and the market have, and the module has it in the token; suppliers
/// are owed what members owe; what was bought was sold; whoever takes part has the reserve; the slot that
/// is being settled passes its check.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut deposited = U256::ZERO;
    for index in 0..COMMUNITIES.len(ctx)? {
        let number = index.saturating_add(1);
        let all = DEPOSITED.at(&number).read(ctx)?;
        deposited = deposited.saturating_add(all);
        community(ctx, findings, number, all)?;
    }
    let held = token::balance_of(ctx, ADDRESS)?;
    findings.check(held >= deposited, || {
        format!("energy: {deposited} is deposited, and {held} is there")
    });
    Ok(())
}

fn community(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    number: u64,
    deposited: U256,
) -> Outcome<()> {
    let entry = known(ctx, number)?;
    let (mut balances, mut statements) = (0i128, 0i128);
    let (mut bought, mut sold) = (0u64, 0u64);
    let add = |sum: &mut i128, more: i128| {
        *sum = sum.checked_add(more).ok_or_else(|| too_large("a sum"))?;
        Ok(())
    };
    let holders = HOLDERS.at(&number);
    for index in 0..holders.len(ctx)? {
        let Some(who) = holders.get(ctx, index)? else {
            continue;
        };
        let account = ACCOUNTS.at(&number).at(&who).read(ctx)?;
        add(&mut balances, account.balance.cast_signed())?;
        add(&mut statements, account.statement.cast_signed())?;
        bought = bought.saturating_add(account.import_local);
        sold = sold.saturating_add(account.export_local);
    }
    let settling = entry.settling != 0;
    if settling {
        let record = SLOTS.at(&number).at(&entry.settling).read(ctx)?;
        let terms = TERMS.at(&number).at(&entry.settling).read(ctx)?;
        add(&mut balances, terms.pot.cast_signed())?;
        let state = record.state == SlotState::Cleared as u8;
        let passes = holds(ctx, number, entry.settling, &record)?;
        findings.check(state && passes, || {
            format!(
                "energy: slot {} of {number} fails its check",
                entry.settling
            )
        });
    }
    let mut check = |holds: bool, what: &str| {
        findings.check(holds, || format!("energy: community {number} {what}"));
    };
    let all = u128::try_from(balances).map(U256::from);
    check(all == Ok(deposited), "has not what was deposited");
    check(statements == 0, "owes what nobody is owed");
    check(settling || bought == sold, "bought what nobody sold");
    let seats = SEATS.at(&number);
    let (mut active, mut members, mut weights) = (0u32, 0u32, 0u32);
    for index in 0..seats.len(ctx)? {
        let Some(seat) = seats.get(ctx, index)? else {
            continue;
        };
        let at = u32::try_from(index).unwrap_or(u32::MAX);
        let limits = read_limits(ctx, number, at)?;
        active = active.saturating_add(u32::from(limits.active));
        if limits.active {
            weights = weights.saturating_add(limits.weight.into());
        }
        let balance = ACCOUNTS.at(&number).at(&seat.household).read(ctx)?.balance;
        let enough = balance >= reserve(seat.fuse, entry.ceiling);
        check(
            settling || !limits.active || enough,
            "lets in who has no reserve",
        );
        let member = MEMBERS.at(&number).at(&seat.household).read(ctx)?;
        let here = member.place == at.saturating_add(1) && member.leaves == 0;
        members = members.saturating_add(u32::from(here));
    }
    check(active == entry.active, "counts wrongly who takes part");
    check(weights == entry.weights, "weighs wrongly who takes part");
    check(members == entry.members, "counts wrongly who is a member");
    Ok(())
}
