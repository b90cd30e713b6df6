//! The message of `energy` that changes accounts by a slot that was cleared, page by page.
//!
//! A page settles each of its places once: the slot knows how far it came, so that nobody is settled twice,
//! whoever calls and however often. What a place ordered and got is written beside it, so that anybody
//! holds the slot against its readings for ever.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, I256, U256};
use commonhold_module::{Context, Fault, Outcome, ensure, storage::Place};

use crate::{
    changes::activate,
    communities::{announce_tariffs, fees, known, mode, save, tariff_at},
    interface::IEnergy::{Mode, NothingToSettle, Settled, SlotState, settleCall},
    limits::SETTLED_PER_CALL_MAX,
    market::{dearest, read_terms, wish},
    money::{changed, reserve, too_large},
    packing,
    settlement::{Fees, Line, Tariff, line},
    state::{
        ACCOUNTS, Community, LIMITS, ORDERS, READINGS, RULES, SEATS, SLOTS, Seat, TERMS,
        Terms as Stored,
    },
    terms::{Terms, key},
};

/// What a page of settlement knows, and what it does to accounts that many lines change: once each, at its
/// end.
struct Page {
    number: u64,
    slot: u64,
    mode: Mode,
    fees: Fees,
    dearest: i64,
    terms: Terms,
    community: Community,
    changes: BTreeMap<Address, (i128, i128)>,
    tariffs: BTreeMap<Address, Tariff>,
    orders: BTreeMap<u32, U256>,
    pot: i128,
}

impl Page {
    fn add(&mut self, who: Address, prepaid: i128, statement: i128) -> Outcome<()> {
        if prepaid == 0 && statement == 0 {
            return Ok(());
        }
        let entry = self.changes.entry(who).or_default();
        let sums = entry
            .0
            .checked_add(prepaid)
            .zip(entry.1.checked_add(statement));
        *entry = sums.ok_or_else(|| too_large("a page of settlement"))?;
        Ok(())
    }

    fn tariff(&mut self, ctx: &mut Context<'_>, supplier: Address) -> Outcome<Tariff> {
        if let Some(tariff) = self.tariffs.get(&supplier) {
            return Ok(*tariff);
        }
        let tariff = tariff_at(ctx, self.number, supplier, self.slot)?;
        self.tariffs.insert(supplier, tariff);
        Ok(tariff)
    }
}

pub(super) fn settle(ctx: &mut Context<'_>, call: settleCall) -> Outcome<u32> {
    let number = call.community;
    let community = known(ctx, number)?;
    let slot = community.settling;
    ensure(slot != 0, || NothingToSettle { community: number })?;
    let place = SLOTS.at(&number).at(&slot);
    let mut record = place.read(ctx)?;
    let rules = RULES.at(&number).read(ctx)?;
    let (terms, entry) = read_terms(ctx, number, slot)?;
    let count = call.max.clamp(1, SETTLED_PER_CALL_MAX);
    let from = record.settled;
    let to = from.saturating_add(count).min(record.meters);
    let seats = fetch(ctx, (number, slot), &community, from, to)?;
    let mut page = Page {
        number,
        slot,
        mode: mode(&rules)?,
        fees: fees(&rules),
        dearest: dearest(&community, &rules)?,
        terms,
        community,
        changes: BTreeMap::new(),
        tariffs: BTreeMap::new(),
        orders: BTreeMap::new(),
        pot: entry.pot.cast_signed(),
    };
    for (index, seat) in (from..to).zip(&seats) {
        one(ctx, &mut page, index, seat)?;
    }
    let Page {
        mut community,
        changes,
        orders,
        pot,
        ..
    } = page;
    post(ctx, number, changes)?;
    let places = ORDERS.at(&number).at(&slot);
    for (word, orders) in orders {
        places.at(&word).write(ctx, &orders)?;
    }
    let terms = TERMS.at(&number).at(&slot);
    terms.write(
        ctx,
        &Stored {
            pot: pot.cast_unsigned(),
            ..entry
        },
    )?;
    record.settled = to;
    let left = record.meters.saturating_sub(to);
    if left == 0 {
        if pot != 0 {
            let what = format!("slot {slot} is settled and its market holds {pot}");
            return Err(Fault::Fatal(what));
        }
        record.state = SlotState::Settled as u8;
        community.settling = 0;
    }
    place.write(ctx, &record)?;
    save(ctx, number, &community)?;
    Ok(left)
}

/// Changes accounts that many lines change.
fn post(
    ctx: &mut Context<'_>,
    number: u64,
    changes: BTreeMap<Address, (i128, i128)>,
) -> Outcome<()> {
    for (who, (prepaid, statement)) in changes {
        let account = ACCOUNTS.at(&number).at(&who);
        let entry = changed(account.read(ctx)?, prepaid, statement)?;
        account.write(ctx, &entry)?;
    }
    Ok(())
}

/// The seats of a page, with all that settling them touches announced.
fn fetch(
    ctx: &mut Context<'_>,
    (number, slot): (u64, u64),
    community: &Community,
    from: u32,
    to: u32,
) -> Outcome<Vec<Seat>> {
    let list = SEATS.at(&number);
    let entries: Vec<_> = (from..to).map(|index| list.place(index.into())).collect();
    let words = packing::place(from).0..packing::words(to);
    let (readings, orders) = (READINGS.at(&number).at(&slot), ORDERS.at(&number).at(&slot));
    let limits = LIMITS.at(&number);
    let handles: Vec<_> = words
        .flat_map(|word| [readings.at(&word), orders.at(&word), limits.at(&word)])
        .collect();
    let mut places: Vec<&dyn Place> = entries.iter().map(|entry| entry as &dyn Place).collect();
    places.extend(handles.iter().map(|handle| handle as &dyn Place));
    ctx.fetch(&places)?;
    let mut seats = Vec::new();
    for entry in &entries {
        seats.push(entry.read(ctx)?);
    }
    let suppliers: BTreeSet<Address> = seats.iter().map(|seat| seat.supplier).collect();
    let suppliers: Vec<Address> = suppliers.into_iter().collect();
    announce_tariffs(ctx, number, &suppliers)?;
    let payees = [community.network, community.treasury, community.levy_to];
    let households = seats.iter().map(|seat| seat.household);
    let all = households.chain(suppliers).chain(payees);
    let accounts: Vec<_> = all.map(|who| ACCOUNTS.at(&number).at(&who)).collect();
    let places: Vec<&dyn Place> = accounts.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&places)?;
    Ok(seats)
}

/// Settles one place; nothing where it has no reading: what it used is then its supplier's alone to bill.
fn one(ctx: &mut Context<'_>, page: &mut Page, index: u32, seat: &Seat) -> Outcome<()> {
    let (number, slot) = (page.number, page.slot);
    let (word, part) = packing::place(index);
    let said = READINGS.at(&number).at(&slot).at(&word).read(ctx)?;
    let Some(reading) = packing::Reading::unpack(packing::get(&said, part)) else {
        return Ok(());
    };
    let standing = LIMITS.at(&number).at(&word).read(ctx)?;
    let limits = packing::Limits::unpack(packing::get(&standing, part));
    let wish = wish(index, reading, limits, page.dearest);
    let fill = match &wish {
        Some(wish) => page.terms.fill(wish, page.mode, &key(number, slot)),
        None => Some(0),
    };
    let fill = fill.ok_or_else(|| too_large("a fill"))?;
    if let Some(wish) = &wish {
        let order = packing::Order {
            limit: wish.limit,
            fill,
        };
        let known = match page.orders.get(&word) {
            Some(known) => *known,
            None => ORDERS.at(&number).at(&slot).at(&word).read(ctx)?,
        };
        let known = packing::with(&known, part, order.pack());
        page.orders.insert(word, known);
    }
    let tariff = page.tariff(ctx, seat.supplier)?;
    let line = line(reading.net, fill, page.terms.price, &page.fees, &tariff)
        .map_err(|unfit| Fault::Fatal(format!("meter {index} of slot {slot}: {unfit:?}")))?;
    let balance = book(ctx, page, seat, &line)?;
    if limits.active && balance < reserve(seat.fuse, page.community.ceiling) {
        let limits = packing::Limits {
            active: false,
            ..limits
        };
        activate(ctx, number, &mut page.community, index, limits)?;
    }
    let prepaid = line.household.saturating_sub(line.grid);
    ctx.emit(Settled {
        community: number,
        slot,
        index,
        net: reading.net,
        ordered: wish.is_some(),
        limit: wish.map_or(0, |wish| wish.limit),
        local: fill,
        prepaid: I256::try_from(prepaid).unwrap_or_default(),
        statement: I256::try_from(line.grid).unwrap_or_default(),
    })
}

/// Books a line; what its household has then.
fn book(ctx: &mut Context<'_>, page: &mut Page, seat: &Seat, line: &Line) -> Outcome<u128> {
    let prepaid = line.household.checked_sub(line.grid);
    let prepaid = prepaid.ok_or_else(|| too_large("a slot's cost"))?;
    let place = ACCOUNTS.at(&page.number).at(&seat.household);
    let mut account = changed(place.read(ctx)?, prepaid, line.grid)?;
    for (sum, more) in [
        (&mut account.import_local, line.import_local),
        (&mut account.import_grid, line.import_grid()),
        (&mut account.export_local, line.export_local),
        (&mut account.export_grid, line.export_grid()),
    ] {
        *sum = sum.checked_add(more).ok_or_else(|| too_large("energy"))?;
    }
    place.write(ctx, &account)?;
    page.add(seat.supplier, 0, line.supplier)?;
    let (network, treasury, levy) = (
        page.community.network,
        page.community.treasury,
        page.community.levy_to,
    );
    page.add(network, line.network, 0)?;
    page.add(treasury, line.community, 0)?;
    page.add(levy, line.levy, 0)?;
    let pot = page.pot.checked_add(line.market);
    page.pot = pot.ok_or_else(|| too_large("a market"))?;
    Ok(account.balance)
}
