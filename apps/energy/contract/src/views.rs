//! Reads of `energy`.

use alloy_primitives::{I256, U256};
use commonhold_module::{Context, Outcome, storage::Place};

use crate::{
    clearing::{Order, check},
    communities::{self, known, proposed, read_limits, shown, tariff_at},
    interface::IEnergy::{
        Community as CommunityView, Line, Member as MemberView, Mode, Slot as SlotView, SlotState,
        accountCall, accountReturn, checkSlotCall, communitiesCall, communityCall, linesOfCall,
        linesOfReturn, memberCall, membersCall, membersReturn, proposalCall, proposalReturn,
        slotOfCall, tariffCall, tariffReturn,
    },
    limits::LINES_PER_PAGE_MAX,
    money::{reserve, too_large},
    packing,
    state::{
        ACCOUNTS, COMING, COMMUNITIES, HOUSEHOLDS, ORDERS, PROPOSED, READINGS, RULES, SLOTS, Slot,
        price,
    },
};

pub(super) fn community(ctx: &mut Context<'_>, call: communityCall) -> Outcome<CommunityView> {
    let entry = known(ctx, call.number)?;
    let rules = RULES.at(&call.number).read(ctx)?;
    Ok(CommunityView {
        name: entry.name.into(),
        manager: entry.manager,
        network: entry.network,
        treasury: entry.treasury,
        levyTo: entry.levy_to,
        ceiling: entry.ceiling,
        meters: entry.meters,
        next: entry.next,
        settling: entry.settling,
        rules: shown(&rules)?,
        rulesFrom: COMING.at(&call.number).read(ctx)?.from,
    })
}

pub(super) fn communities(ctx: &mut Context<'_>, _: communitiesCall) -> Outcome<u64> {
    COMMUNITIES.len(ctx)
}

pub(super) fn member(ctx: &mut Context<'_>, call: memberCall) -> Outcome<MemberView> {
    let memberCall { number, household } = call;
    let entry = known(ctx, number)?;
    let found = communities::member(ctx, number, household)?;
    let limits = read_limits(ctx, number, found.index)?;
    let account = ACCOUNTS.at(&number).at(&household).read(ctx)?;
    Ok(MemberView {
        household,
        meter: found.meter,
        index: found.index,
        fuse: found.fuse,
        supplier: found.supplier,
        buy: limits.buy,
        sell: limits.sell,
        active: limits.active,
        reserve: U256::from(reserve(&found, entry.ceiling)),
        balance: U256::from(account.balance),
        statement: signed(account.statement),
        importLocal: account.import_local,
        importGrid: account.import_grid,
        exportLocal: account.export_local,
        exportGrid: account.export_grid,
    })
}

pub(super) fn members(ctx: &mut Context<'_>, call: membersCall) -> Outcome<membersReturn> {
    let list = HOUSEHOLDS.at(&call.number);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(membersReturn { page, total })
}

pub(super) fn account(ctx: &mut Context<'_>, call: accountCall) -> Outcome<accountReturn> {
    let entry = ACCOUNTS.at(&call.number).at(&call.who).read(ctx)?;
    Ok(accountReturn {
        balance: U256::from(entry.balance),
        statement: signed(entry.statement),
    })
}

pub(super) fn tariff(ctx: &mut Context<'_>, call: tariffCall) -> Outcome<tariffReturn> {
    let found = tariff_at(ctx, call.number, call.supplier, call.slot)?;
    Ok(tariffReturn {
        retail: found.retail,
        feedIn: found.feed_in,
    })
}

pub(super) fn slot_of(ctx: &mut Context<'_>, call: slotOfCall) -> Outcome<SlotView> {
    let record = SLOTS.at(&call.number).at(&call.slot).read(ctx)?;
    Ok(SlotView {
        state: SlotState::try_from(record.state).map_err(|_| too_large("a slot's state"))?,
        readings: record.readings,
        meters: record.meters,
        settled: record.settled,
        traded: record.traded,
        price: price(record.price),
        volume: record.volume,
        key: record.key,
    })
}

pub(super) fn lines_of(ctx: &mut Context<'_>, call: linesOfCall) -> Outcome<linesOfReturn> {
    let linesOfCall {
        number,
        slot,
        from,
        max,
    } = call;
    let total = known(ctx, number)?.meters;
    let to = from.saturating_add(max.min(LINES_PER_PAGE_MAX)).min(total);
    let page = lines(ctx, number, slot, from, to)?;
    Ok(linesOfReturn { page, total })
}

fn lines(ctx: &mut Context<'_>, number: u64, slot: u64, from: u32, to: u32) -> Outcome<Vec<Line>> {
    let (readings, orders) = (READINGS.at(&number).at(&slot), ORDERS.at(&number).at(&slot));
    let handles: Vec<_> = (packing::place(from).0..packing::words(to))
        .flat_map(|word| [readings.at(&word), orders.at(&word)])
        .collect();
    let places: Vec<&dyn Place> = handles.iter().map(|handle| handle as &dyn Place).collect();
    ctx.fetch(&places)?;
    let mut page = Vec::new();
    for index in from..to {
        let (word, part) = packing::place(index);
        let said = readings.at(&word).read(ctx)?;
        let order = orders.at(&word).read(ctx)?;
        let reading = packing::Reading::unpack(packing::get(&said, part));
        let order = packing::Order::unpack(packing::get(&order, part));
        let (read, ordered) = (reading.is_some(), order.is_some());
        let (reading, order) = (reading.unwrap_or_default(), order.unwrap_or_default());
        page.push(Line {
            index,
            read,
            net: reading.net,
            version: reading.version,
            quality: reading.quality,
            ordered,
            limit: order.limit,
            fill: order.fill,
        });
    }
    Ok(page)
}

pub(super) fn check_slot(ctx: &mut Context<'_>, call: checkSlotCall) -> Outcome<bool> {
    let checkSlotCall { number, slot } = call;
    known(ctx, number)?;
    let record = SLOTS.at(&number).at(&slot).read(ctx)?;
    holds(ctx, number, slot, &record)
}

/// The linear check of a slot, of what stands of it.
pub(super) fn holds(ctx: &mut Context<'_>, number: u64, slot: u64, record: &Slot) -> Outcome<bool> {
    if record.state == SlotState::Open as u8 {
        return Ok(false);
    }
    let lines = lines(ctx, number, slot, 0, record.meters)?;
    let (mut bids, mut bought) = (Vec::new(), Vec::new());
    let (mut offers, mut sold) = (Vec::new(), Vec::new());
    for line in lines.iter().filter(|line| line.ordered) {
        let (orders, fills) = if line.net > 0 {
            (&mut bids, &mut bought)
        } else {
            (&mut offers, &mut sold)
        };
        orders.push(Order {
            id: alloy_primitives::B256::from(U256::from(line.index)),
            price: line.limit,
            quantity: line.net.unsigned_abs(),
        });
        fills.push(line.fill);
    }
    if record.mode == Mode::Auction as u8 {
        let price = record.traded.then_some(price(record.price));
        let checked = check(&bids, &offers, price, record.volume, &bought, &sold);
        return Ok(checked.is_ok());
    }
    let sum = |fills: &[u64]| {
        fills
            .iter()
            .try_fold(0u64, |sum, fill| sum.checked_add(*fill))
    };
    let both = bids.iter().zip(&bought).chain(offers.iter().zip(&sold));
    let within = both
        .into_iter()
        .all(|(order, fill)| *fill <= order.quantity);
    let volume = Some(record.volume);
    Ok(within && sum(&bought) == volume && sum(&sold) == volume)
}

pub(super) fn proposal(ctx: &mut Context<'_>, call: proposalCall) -> Outcome<proposalReturn> {
    let found = proposed(ctx, call.number)?;
    let rules = PROPOSED.at(&call.number).read(ctx)?;
    Ok(proposalReturn {
        ofCommunity: found.community,
        rules: shown(&rules)?,
        approvals: found.approvals,
        rejections: found.rejections,
        expires: found.expires,
        decided: found.decided,
    })
}

fn signed(bits: u128) -> I256 {
    I256::try_from(bits.cast_signed()).unwrap_or_default()
}
