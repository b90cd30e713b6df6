//! Reads of `energy`.

use alloy_primitives::{B256, I256, U256, keccak256};
use commonhold_module::{Context, Outcome, ensure, storage::Place};

use crate::{
    certificates::Stock,
    changes::WEIGHT_AT_FIRST,
    clearing::{Order, check},
    communities::{known, mode, proposed, read_limits, rules_at, shown, tariff_at},
    correcting::{first_reading, last_reading},
    generation, holding,
    interface::IEnergy::{
        Certificate, Community as CommunityView, Dispute as DisputeView, Held, Line,
        Member as MemberView, Mode, Slot as SlotView, SlotState, Stock as StockView, UnfitCount,
        accountCall, accountReturn, certificateCall, certificateReturn, certificatesOfCall,
        checkSlotCall, communitiesCall, communityCall, disputeOfCall, linesOfCall, linesOfReturn,
        memberCall, membersCall, membersReturn, proposalCall, proposalReturn, slotOfCall,
        tariffCall, tariffReturn,
    },
    limits::{CERTIFICATES_PER_CALL_MAX, LINES_PER_PAGE_MAX},
    market::{dearest, outcome, read_terms, wish},
    membership::{coming, place, was_member},
    money::{reserve, takes_part, too_large},
    packing,
    state::{
        ACCOUNTS, COMING, COMMUNITIES, DISPUTES, LIMITS, ORDERS, PROPOSED, READINGS, RULES, SEATS,
        SLOTS, SOURCES, Slot, price,
    },
    terms::{Terms, id, key},
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
        zone: entry.zone,
        rehearsal: entry.rehearsal,
        meters: entry.meters,
        members: entry.members,
        expected: entry.expected,
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
    let found = was_member(ctx, number, household)?;
    let index = place(&found);
    let seat = SEATS.at(&number).place(index.into()).read(ctx)?;
    let source = SOURCES.at(&number).at(&index).read(ctx)?;
    let limits = read_limits(ctx, number, index)?;
    let waiting = coming(ctx, number, &entry, &found)?;
    let set = waiting.map(|change| (price(change.buy), price(change.sell)));
    let (buy, sell) = set.unwrap_or((limits.buy, limits.sell));
    let account = ACCOUNTS.at(&number).at(&household).read(ctx)?;
    Ok(MemberView {
        household,
        meter: source.meter,
        index,
        fuse: seat.fuse,
        supplier: seat.supplier,
        technology: source.technology,
        joined: seat.joined,
        leaves: found.leaves,
        buy,
        sell,
        active: takes_part(ctx, number, &entry, &found)?,
        reserve: U256::from(reserve(seat.fuse, entry.ceiling)),
        balance: U256::from(account.balance),
        statement: signed(account.statement),
        importLocal: account.import_local,
        importGrid: account.import_grid,
        exportLocal: account.export_local,
        exportGrid: account.export_grid,
        // Where it is not measured yet, its weight is not written yet.
        weight: if entry.next <= seat.joined && limits.weight == 0 {
            WEIGHT_AT_FIRST
        } else {
            limits.weight
        },
    })
}

pub(super) fn members(ctx: &mut Context<'_>, call: membersCall) -> Outcome<membersReturn> {
    let list = SEATS.at(&call.number);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    let page = page.into_iter().map(|seat| seat.household).collect();
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
    let slotOfCall { number, slot } = call;
    let community = known(ctx, number)?;
    let record = SLOTS.at(&number).at(&slot).read(ctx)?;
    let open = record.state == SlotState::Open as u8;
    let mut by = record.mode;
    let terms = if open && slot < community.next {
        Terms::default()
    } else if open {
        let rules = rules_at(ctx, number, slot)?;
        by = rules.mode;
        outcome(ctx, number, slot, &community, &rules)?
    } else {
        read_terms(ctx, number, slot)?.0
    };
    let by = Mode::try_from(by).map_err(|_| too_large("a slot's mode"))?;
    let weights = match by {
        Mode::Static | Mode::Hybrid => u32::try_from(terms.buy.cut.total).unwrap_or_default(),
        _ => 0,
    };
    Ok(SlotView {
        state: SlotState::try_from(record.state).map_err(|_| too_large("a slot's state"))?,
        readings: record.readings,
        meters: record.meters,
        settled: record.settled,
        mode: by,
        weights,
        traded: terms.volume != 0,
        price: terms.price,
        lowest: terms.bounds.0,
        highest: terms.bounds.1,
        volume: terms.volume,
        key: key(number, slot),
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
    let record = SLOTS.at(&number).at(&slot).read(ctx)?;
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
    if record.state == SlotState::Cleared as u8 {
        unsettled(ctx, (number, slot), &record, &mut page)?;
    }
    Ok(page)
}

/// Says of a slot that is being settled what its places order and get that are not settled yet.
fn unsettled(
    ctx: &mut Context<'_>,
    (number, slot): (u64, u64),
    record: &Slot,
    page: &mut [Line],
) -> Outcome<()> {
    let community = known(ctx, number)?;
    let rules = RULES.at(&number).read(ctx)?;
    let (mode, dearest) = (mode(&rules)?, dearest(&community, &rules)?);
    let (terms, _) = read_terms(ctx, number, slot)?;
    let limits = LIMITS.at(&number);
    let waiting = page.iter().filter(|line| line.index >= record.settled);
    let words = waiting.map(|line| limits.at(&packing::place(line.index).0));
    let words: Vec<_> = words.collect();
    let places: Vec<&dyn Place> = words.iter().map(|word| word as &dyn Place).collect();
    ctx.fetch(&places)?;
    for line in page.iter_mut().filter(|line| line.index >= record.settled) {
        let (word, part) = packing::place(line.index);
        let word = limits.at(&word).read(ctx)?;
        let limits = packing::Limits::unpack(packing::get(&word, part));
        let reading = packing::Reading {
            net: line.net,
            version: line.version,
            quality: line.quality,
        };
        let Some(wish) = wish(line.index, reading, limits, dearest) else {
            continue;
        };
        let fill = terms.fill(&wish, mode, &key(number, slot));
        line.ordered = true;
        line.limit = wish.limit;
        line.fill = fill.ok_or_else(|| too_large("a fill"))?;
    }
    Ok(())
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
    let (terms, _) = read_terms(ctx, number, slot)?;
    let (mut bids, mut bought) = (Vec::new(), Vec::new());
    let (mut offers, mut sold) = (Vec::new(), Vec::new());
    for line in lines.iter().filter(|line| line.ordered) {
        let (orders, fills) = if line.net > 0 {
            (&mut bids, &mut bought)
        } else {
            (&mut offers, &mut sold)
        };
        orders.push(Order {
            id: id(line.index),
            price: line.limit,
            quantity: line.net.unsigned_abs(),
        });
        fills.push(line.fill);
    }
    if record.mode == Mode::Auction as u8 {
        let price = (terms.volume != 0).then_some(terms.price);
        let checked = check(&bids, &offers, price, terms.volume, &bought, &sold);
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
    let volume = Some(terms.volume);
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

pub(super) fn certificate(
    ctx: &mut Context<'_>,
    call: certificateCall,
) -> Outcome<certificateReturn> {
    let certificateCall {
        number,
        slot,
        index,
        owner,
    } = call;
    let at = (number, slot, index);
    let found = holding::found(ctx, at)?;
    let source = SOURCES.at(&number).at(&index).read(ctx)?;
    let (id, version) = named(ctx, at, source.meter)?;
    let has = holding::held(ctx, at, &found, owner)?;
    Ok(certificateReturn {
        entry: Certificate {
            id,
            meter: source.meter,
            household: found.seat.household,
            technology: source.technology,
            zone: found.community.zone,
            issuer: found.community.network,
            duration: found.record.seconds,
            version,
            expires: found.expires,
            stock: wh(holding::stock(&found.all)),
            owed: found.all.owed,
        },
        has: wh(has),
    })
}

/// What names a certificate, and the version of the reading that it was born with.
fn named(ctx: &mut Context<'_>, at: (u64, u64, u32), meter: B256) -> Outcome<(B256, u8)> {
    let (number, slot, index) = at;
    let first = first_reading(ctx, number, slot, index)?;
    let last = last_reading(ctx, number, slot, index)?;
    let version = first.or(last).map_or(0, |reading| reading.version);
    let mut named = meter.to_vec();
    named.extend_from_slice(&slot.to_be_bytes());
    named.extend_from_slice(&u32::from(version).to_be_bytes());
    Ok((keccak256(named), version))
}

pub(super) fn certificates_of(
    ctx: &mut Context<'_>,
    call: certificatesOfCall,
) -> Outcome<Vec<Held>> {
    let certificatesOfCall {
        number,
        slots,
        indexes,
    } = call;
    let given = slots.len();
    let fit = given == indexes.len() && (1..=CERTIFICATES_PER_CALL_MAX).contains(&given);
    ensure(fit, || UnfitCount {
        given: U256::from(given.max(indexes.len())),
        max: U256::from(CERTIFICATES_PER_CALL_MAX),
    })?;
    let all: Vec<(u64, u32)> = slots.into_iter().zip(indexes).collect();
    holding::announce(ctx, number, &all)?;
    let mut page = Vec::new();
    for (slot, index) in all {
        let at = (number, slot, index);
        let Some(found) = holding::there(ctx, at)? else {
            page.push(Held::default());
            continue;
        };
        let source = SOURCES.at(&number).at(&index).read(ctx)?;
        page.push(Held {
            id: named(ctx, at, source.meter)?.0,
            stock: wh(holding::stock(&found.all)),
            own: generation::own(ctx, at)?,
            owed: found.all.owed,
        });
    }
    Ok(page)
}

const fn wh(stock: Stock) -> StockView {
    StockView {
        active: stock.active,
        claimed: stock.claimed,
        expired: stock.expired,
        withdrawn: stock.withdrawn,
        locked: stock.locked,
    }
}

pub(super) fn dispute_of(ctx: &mut Context<'_>, call: disputeOfCall) -> Outcome<DisputeView> {
    let disputeOfCall {
        number,
        slot,
        index,
    } = call;
    let found = DISPUTES.at(&number).at(&slot).at(&index).read(ctx)?;
    Ok(DisputeView {
        by: found.by,
        evidence: found.evidence,
        decided: found.decided,
        reading: found.reading,
    })
}

fn signed(bits: u128) -> I256 {
    I256::try_from(bits.cast_signed()).unwrap_or_default()
}
