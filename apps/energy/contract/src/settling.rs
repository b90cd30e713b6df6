//! The message of `energy` that changes accounts by a slot that was cleared, page by page.

use std::collections::BTreeMap;

use alloy_primitives::{Address, I256};
use commonhold_module::{Context, Fault, Outcome, ensure, storage::Place};

use crate::{
    communities::{fees, known, read_limits, save, tariff_at, write_limits},
    interface::IEnergy::{Activated, NothingToSettle, Settled, SlotState, settleCall},
    limits::SETTLED_PER_CALL_MAX,
    money::{changed, reserve, too_large},
    packing,
    settlement::{Line, Tariff, line},
    state::{
        ACCOUNTS, Community, HOUSEHOLDS, LIMITS, MEMBERS, ORDERS, READINGS, RULES, Rules, SLOTS,
        Slot, price,
    },
};

/// What a page of settlement does to accounts that many lines change: once each, at its end.
#[derive(Default)]
struct Others {
    changes: BTreeMap<Address, (i128, i128)>,
    tariffs: BTreeMap<Address, Tariff>,
}

impl Others {
    fn add(&mut self, who: Address, prepaid: i128, statement: i128) -> Outcome<()> {
        let entry = self.changes.entry(who).or_default();
        let sums = entry
            .0
            .checked_add(prepaid)
            .zip(entry.1.checked_add(statement));
        *entry = sums.ok_or_else(|| too_large("a page of settlement"))?;
        Ok(())
    }
}

pub(super) fn settle(ctx: &mut Context<'_>, call: settleCall) -> Outcome<u32> {
    let number = call.community;
    let mut community = known(ctx, number)?;
    let slot = community.settling;
    ensure(slot != 0, || NothingToSettle { community: number })?;
    let place = SLOTS.at(&number).at(&slot);
    let mut record = place.read(ctx)?;
    let rules = RULES.at(&number).read(ctx)?;
    let count = call.max.clamp(1, SETTLED_PER_CALL_MAX);
    let (from, to) = (
        record.settled,
        record.settled.saturating_add(count).min(record.meters),
    );
    let households = page(ctx, number, slot, from, to)?;
    let mut others = Others::default();
    let mut pot = record.pot.cast_signed();
    for (index, household) in (from..to).zip(households) {
        let slot = (number, slot, &record);
        let line = one(
            ctx,
            slot,
            &mut community,
            (index, household),
            &rules,
            &mut others,
        )?;
        let sum = line.and_then(|line| pot.checked_add(line.market));
        pot = sum.unwrap_or(pot);
    }
    for (who, (prepaid, statement)) in others.changes {
        let account = ACCOUNTS.at(&number).at(&who);
        let entry = changed(account.read(ctx)?, prepaid, statement)?;
        account.write(ctx, &entry)?;
    }
    record.settled = to;
    record.pot = pot.cast_unsigned();
    let left = record.meters.saturating_sub(to);
    if left == 0 {
        if pot != 0 {
            return reject_pot(slot);
        }
        record.state = SlotState::Settled as u8;
        community.settling = 0;
    }
    place.write(ctx, &record)?;
    save(ctx, number, &community)?;
    Ok(left)
}

fn reject_pot<T>(slot: u64) -> Outcome<T> {
    Err(Fault::Fatal(format!(
        "slot {slot} is settled and its market holds something"
    )))
}

/// The households of a page, with all that settling them touches announced.
fn page(
    ctx: &mut Context<'_>,
    number: u64,
    slot: u64,
    from: u32,
    to: u32,
) -> Outcome<Vec<Address>> {
    let list = HOUSEHOLDS.at(&number);
    let entries: Vec<_> = (from..to).map(|index| list.place(index.into())).collect();
    let words = packing::place(from).0..=packing::place(to).0;
    let (readings, orders) = (READINGS.at(&number).at(&slot), ORDERS.at(&number).at(&slot));
    let limits = LIMITS.at(&number);
    let handles: Vec<_> = words
        .flat_map(|word| [readings.at(&word), orders.at(&word), limits.at(&word)])
        .collect();
    let mut places: Vec<&dyn Place> = entries.iter().map(|entry| entry as &dyn Place).collect();
    places.extend(handles.iter().map(|handle| handle as &dyn Place));
    ctx.fetch(&places)?;
    let mut households = Vec::new();
    for entry in &entries {
        households.push(entry.read(ctx)?);
    }
    let members: Vec<_> = households
        .iter()
        .map(|who| MEMBERS.at(&number).at(who))
        .collect();
    let accounts: Vec<_> = households
        .iter()
        .map(|who| ACCOUNTS.at(&number).at(who))
        .collect();
    let mut places: Vec<&dyn Place> = members.iter().map(|member| member as &dyn Place).collect();
    places.extend(accounts.iter().map(|account| account as &dyn Place));
    ctx.fetch(&places)?;
    Ok(households)
}

/// Settles one meter's slot; none where it has no reading: what it used is then its supplier's alone to
/// bill.
fn one(
    ctx: &mut Context<'_>,
    (number, slot, record): (u64, u64, &Slot),
    community: &mut Community,
    (index, household): (u32, Address),
    rules: &Rules,
    others: &mut Others,
) -> Outcome<Option<Line>> {
    let (word, part) = packing::place(index);
    let said = READINGS.at(&number).at(&slot).at(&word).read(ctx)?;
    let Some(reading) = packing::Reading::unpack(packing::get(&said, part)) else {
        return Ok(None);
    };
    let order = ORDERS.at(&number).at(&slot).at(&word).read(ctx)?;
    let order = packing::Order::unpack(packing::get(&order, part));
    let fill = order.map_or(0, |order| order.fill);
    let member = MEMBERS.at(&number).at(&household).read(ctx)?;
    let supplier = member.supplier;
    let tariff = match others.tariffs.get(&supplier) {
        Some(tariff) => *tariff,
        None => {
            let tariff = tariff_at(ctx, number, supplier, slot)?;
            others.tariffs.insert(supplier, tariff);
            tariff
        }
    };
    let line = line(
        reading.net,
        fill,
        price(record.price),
        &fees(rules),
        &tariff,
    )
    .map_err(|unfit| Fault::Fatal(format!("meter {index} of slot {slot}: {unfit:?}")))?;
    let statement = line.grid;
    let prepaid = line.household.checked_sub(statement);
    let prepaid = prepaid.ok_or_else(|| too_large("a slot's cost"))?;
    let place = ACCOUNTS.at(&number).at(&household);
    let mut account = changed(place.read(ctx)?, prepaid, statement)?;
    for (sum, more) in [
        (&mut account.import_local, line.import_local),
        (&mut account.import_grid, line.import_grid()),
        (&mut account.export_local, line.export_local),
        (&mut account.export_grid, line.export_grid()),
    ] {
        *sum = sum.checked_add(more).ok_or_else(|| too_large("energy"))?;
    }
    place.write(ctx, &account)?;
    others.add(supplier, 0, line.supplier)?;
    others.add(community.network, line.network, 0)?;
    others.add(community.treasury, line.community, 0)?;
    others.add(community.levy_to, line.levy, 0)?;
    let low = account.balance < reserve(&member, community.ceiling);
    if low && fill != 0 {
        let limits = read_limits(ctx, number, index)?;
        if limits.active {
            let limits = packing::Limits {
                active: false,
                ..limits
            };
            write_limits(ctx, number, index, limits)?;
            community.active = community.active.saturating_sub(1);
            ctx.emit(Activated {
                community: number,
                index,
                active: false,
            })?;
        }
    }
    ctx.emit(Settled {
        community: number,
        slot,
        index,
        net: reading.net,
        local: fill,
        prepaid: I256::try_from(prepaid).unwrap_or_default(),
        statement: I256::try_from(statement).unwrap_or_default(),
    })?;
    Ok(Some(line))
}
