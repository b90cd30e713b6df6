//! The message of `energy` that clears a slot.
//!
//! It reads what all meters say and writes what the slot comes to ([`crate::terms`]). It may be called by
//! anybody, once the slot is over, final, and either complete or past its grace: a meter without a reading
//! takes no part, and what it used is its supplier's alone. The next slot is cleared when all accounts have
//! been changed by the last one ([`crate::settling`]), so that whoever takes part has the reserve for it.

use commonhold_module::{Context, Fault, Outcome, ensure, storage::Place};

use crate::{
    changes::{self, today},
    communities::{fees, fraction, known, mode, rules_at, save},
    interface::IEnergy::{
        Cleared, NothingToClear, Settling, SlotState, Waiting, clearCall, clearReturn,
    },
    limits::PASSED_PER_CALL_MAX,
    money::too_large,
    packing,
    rationing::Cut,
    sharing,
    state::{
        COMING, Community, LIMITS, READINGS, ROUNDS, RULES, Round, Rules, SLOTS, Slot, TERMS,
        Terms as Stored, price, stored,
    },
    terms::{Deal, Side, Terms, Wish, key},
};

/// Gas of clearing per place, beside reading and writing: sorting and sharing out.
const CLEAR_GAS: u64 = 150;

pub(super) fn clear(ctx: &mut Context<'_>, call: clearCall) -> Outcome<clearReturn> {
    let number = call.community;
    let mut community = known(ctx, number)?;
    let slot = community.settling;
    ensure(slot == 0, || Settling { slot })?;
    let due = pass(ctx, number, &mut community)?;
    let slot = community.next;
    let Some((rules, record)) = due else {
        save(ctx, number, &community)?;
        return Ok(clearReturn {
            slot,
            volume: 0,
            cleared: false,
        });
    };
    let found = outcome(ctx, number, slot, &community, &rules)?;
    let meters = community.meters;
    let record = Slot {
        state: SlotState::Cleared as u8,
        mode: rules.mode,
        seconds: rules.slot_seconds,
        meters,
        ..record
    };
    SLOTS.at(&number).at(&slot).write(ctx, &record)?;
    write_terms(ctx, number, slot, &found)?;
    community.settling = slot;
    community.next = slot.saturating_add(rules.slot_seconds.into());
    save(ctx, number, &community)?;
    let volume = found.volume;
    ctx.emit(Cleared {
        community: number,
        slot,
        traded: volume != 0,
        price: found.price,
        volume,
        readings: record.readings,
    })?;
    Ok(clearReturn {
        slot,
        volume,
        cleared: true,
    })
}

/// Goes on to the next slot that has readings and is due; none where the call only passed over slots
/// without, or took in changes, and is to be called again.
fn pass(
    ctx: &mut Context<'_>,
    number: u64,
    community: &mut Community,
) -> Outcome<Option<(Rules, Slot)>> {
    let slots = SLOTS.at(&number);
    let mut budget = changes::BUDGET;
    fetch_ahead(ctx, number, community)?;
    for passed in 0..=PASSED_PER_CALL_MAX {
        let slot = community.next;
        let rules = begin(ctx, number, slot)?;
        let end = slot.saturating_add(rules.slot_seconds.into());
        if ctx.now() < end {
            ensure(passed != 0, || NothingToClear { next: slot })?;
            return Ok(None);
        }
        if !changes::apply(ctx, number, community, slot, &mut budget)? {
            return Ok(None);
        }
        let record = slots.at(&slot).read(ctx)?;
        let expected = community.expected;
        let now = today(ctx, community);
        let missing = if record.readings < expected {
            rules.grace_seconds
        } else {
            0
        };
        let until = end.saturating_add(rules.final_seconds.max(missing).into());
        if now < until && (expected != 0 || record.readings != 0) {
            ensure(passed != 0, || Waiting {
                slot,
                readings: record.readings,
                meters: expected,
                until,
            })?;
            return Ok(None);
        }
        if record.readings != 0 {
            return Ok(Some((rules, record)));
        }
        if expected != 0 {
            // Nothing was read of it: it is over, and can be corrected like any other.
            slots.at(&slot).write(
                ctx,
                &Slot {
                    state: SlotState::Settled as u8,
                    mode: rules.mode,
                    seconds: rules.slot_seconds,
                    meters: community.meters,
                    settled: community.meters,
                    ..record
                },
            )?;
        }
        community.next = end;
    }
    Ok(None)
}

/// Announces the slots that are looked at.
fn fetch_ahead(ctx: &mut Context<'_>, number: u64, community: &Community) -> Outcome<()> {
    let now = ctx.now();
    let first: u64 = rules_at(ctx, number, community.next)?.slot_seconds.into();
    let ahead = (0..=PASSED_PER_CALL_MAX)
        .map(|step| community.next.saturating_add(step.saturating_mul(first)))
        .filter(|slot| *slot < now);
    let ahead: Vec<_> = ahead.map(|slot| SLOTS.at(&number).at(&slot)).collect();
    let places: Vec<&dyn Place> = ahead.iter().map(|slot| slot as &dyn Place).collect();
    ctx.fetch(&places)
}

/// The rules of the slot that is the next: what was decided holds from here on, if it is time.
fn begin(ctx: &mut Context<'_>, number: u64, slot: u64) -> Outcome<Rules> {
    let rules = rules_at(ctx, number, slot)?;
    let coming = COMING.at(&number);
    let later = coming.read(ctx)?.from;
    if later != 0 && slot >= later {
        RULES.at(&number).write(ctx, &rules)?;
        coming.write(ctx, &Rules::default())?;
    }
    Ok(rules)
}

/// What a slot comes to by the readings and limits that are there.
pub(super) fn outcome(
    ctx: &mut Context<'_>,
    number: u64,
    slot: u64,
    community: &Community,
    rules: &Rules,
) -> Outcome<Terms> {
    ctx.charge(u64::from(community.meters).saturating_mul(CLEAR_GAS))?;
    let wishes = wishes(ctx, number, slot, community, rules)?;
    let deal = deal(rules, community.weights)?;
    Terms::of(&wishes, &deal, &key(number, slot))
        .ok_or_else(|| Fault::Fatal(format!("slot {slot} of {number} cannot be cleared")))
}

fn deal(rules: &Rules, weights: u32) -> Outcome<Deal> {
    Ok(Deal {
        mode: mode(rules)?,
        rounds: rules.rounds,
        k: fraction(rules)?,
        price: price(rules.local_price),
        weights,
    })
}

/// What all meters want that have a reading, are no wash, and take part.
fn wishes(
    ctx: &mut Context<'_>,
    number: u64,
    slot: u64,
    community: &Community,
    rules: &Rules,
) -> Outcome<Vec<Wish>> {
    let words = packing::words(community.meters);
    let (readings, limits) = (READINGS.at(&number).at(&slot), LIMITS.at(&number));
    let handles: Vec<_> = (0..words)
        .map(|word| (readings.at(&word), limits.at(&word)))
        .collect();
    let places = handles.iter();
    let places = places.flat_map(|(said, standing)| [said as &dyn Place, standing as &dyn Place]);
    ctx.fetch(&places.collect::<Vec<_>>())?;
    let dearest = dearest(community, rules)?;
    let mut wishes = Vec::new();
    for (word, (readings, limits)) in (0u32..).zip(&handles) {
        let said = readings.read(ctx)?;
        if said.is_zero() {
            continue;
        }
        let standing = limits.read(ctx)?;
        for part in 0..4u32 {
            let at = usize::try_from(part).unwrap_or(0);
            let Some(reading) = packing::Reading::unpack(packing::get(&said, at)) else {
                continue;
            };
            let limits = packing::Limits::unpack(packing::get(&standing, at));
            let index = word.saturating_mul(4).saturating_add(part);
            wishes.extend(wish(index, reading, limits, dearest));
        }
    }
    Ok(wishes)
}

/// The dearest price that fees leave under the ceiling.
pub(super) fn dearest(community: &Community, rules: &Rules) -> Outcome<i64> {
    let ceiling = i64::try_from(community.ceiling).map_err(|_| too_large("a ceiling"))?;
    let total = fees(rules).total().ok_or_else(|| too_large("fees"))?;
    Ok(ceiling.saturating_sub(total))
}

/// What a meter wants; nothing where it is a wash or takes no part.
pub(super) fn wish(
    index: u32,
    reading: packing::Reading,
    limits: packing::Limits,
    dearest: i64,
) -> Option<Wish> {
    if reading.net == 0 || !limits.active {
        return None;
    }
    Some(Wish {
        index,
        limit: if reading.net > 0 {
            limits.buy.min(dearest)
        } else {
            limits.sell
        },
        net: reading.net,
        weight: limits.weight,
    })
}

fn write_terms(ctx: &mut Context<'_>, number: u64, slot: u64, terms: &Terms) -> Outcome<()> {
    let (buy, sell) = (&terms.buy, &terms.sell);
    let rounds = u8::try_from(terms.rounds.len()).map_err(|_| too_large("rounds"))?;
    let entry = Stored {
        volume: terms.volume,
        price: stored(terms.price),
        lowest: stored(terms.bounds.0),
        highest: stored(terms.bounds.1),
        buy_margin: stored(buy.margin),
        buy_amount: buy.cut.amount,
        buy_total: buy.cut.total,
        buy_edge: buy.cut.edge,
        buy_last: buy.cut.last,
        sell_margin: stored(sell.margin),
        sell_amount: sell.cut.amount,
        sell_total: sell.cut.total,
        sell_edge: sell.cut.edge,
        sell_last: sell.cut.last,
        pot: 0,
        rounds,
    };
    TERMS.at(&number).at(&slot).write(ctx, &entry)?;
    let places = ROUNDS.at(&number).at(&slot);
    for (at, round) in (0u8..).zip(&terms.rounds) {
        let round = Round {
            left: round.left,
            whole: round.whole,
        };
        places.at(&at).write(ctx, &round)?;
    }
    Ok(())
}

/// What a cleared slot comes to, as it was written.
pub(super) fn read_terms(
    ctx: &mut Context<'_>,
    number: u64,
    slot: u64,
) -> Outcome<(Terms, Stored)> {
    let entry = TERMS.at(&number).at(&slot).read(ctx)?;
    let places = ROUNDS.at(&number).at(&slot);
    let handles: Vec<_> = (0..entry.rounds).map(|at| places.at(&at)).collect();
    let fetched: Vec<&dyn Place> = handles.iter().map(|round| round as &dyn Place).collect();
    ctx.fetch(&fetched)?;
    let mut rounds = Vec::new();
    for round in &handles {
        let Round { left, whole } = round.read(ctx)?;
        rounds.push(sharing::Round { left, whole });
    }
    let terms = Terms {
        price: price(entry.price),
        bounds: (price(entry.lowest), price(entry.highest)),
        volume: entry.volume,
        buy: Side {
            margin: price(entry.buy_margin),
            cut: Cut {
                amount: entry.buy_amount,
                total: entry.buy_total,
                edge: entry.buy_edge,
                last: entry.buy_last,
            },
        },
        sell: Side {
            margin: price(entry.sell_margin),
            cut: Cut {
                amount: entry.sell_amount,
                total: entry.sell_total,
                edge: entry.sell_edge,
                last: entry.sell_last,
            },
        },
        rounds,
    };
    Ok((terms, entry))
}
