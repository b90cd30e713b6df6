//! The message of `energy` that clears a slot.
//!
//! It reads what all meters say and finds price and volumes; each meter's order and what was filled of it
//! stay, so that anybody holds the slot against its readings for ever. The next slot is cleared when all
//! accounts have been changed by the last one ([`crate::settling`]).

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_module::{Context, Fault, Outcome, ensure, storage::Place};

use crate::{
    clearing::{self, Order},
    communities::{fees, fraction, known, mode, rules_at, save},
    interface::IEnergy::{
        Cleared, Mode, NothingToClear, Settling, SlotState, Waiting, clearCall, clearReturn,
    },
    limits::{KEY_PARTS, PASSED_PER_CALL_MAX},
    money::too_large,
    packing,
    rationing::Part,
    sharing::{self, Key, Member as Sharer},
    state::{
        COMING, Community, LIMITS, ORDERS, READINGS, RULES, Rules, SLOTS, Slot, price, stored,
    },
};

/// Gas of clearing per meter, beside reading and writing: sorting and sharing out.
const CLEAR_GAS: u64 = 500;

/// What a meter of a slot wants: its place, its limit, its net energy.
#[derive(Clone, Copy)]
struct Wish {
    index: u32,
    limit: i64,
    net: i64,
}

/// What a slot comes to.
struct Outcomes {
    traded: bool,
    price: i64,
    volume: u64,
    fills: Vec<u64>,
}

pub(super) fn clear(ctx: &mut Context<'_>, call: clearCall) -> Outcome<clearReturn> {
    let number = call.community;
    let mut community = known(ctx, number)?;
    let slot = community.settling;
    ensure(slot == 0, || Settling { slot })?;
    let due = pass(ctx, number, &mut community)?;
    let Some((rules, mut record)) = due else {
        save(ctx, number, &community)?;
        return Ok(clearReturn {
            slot: community.next,
            volume: 0,
        });
    };
    let slot = community.next;
    let meters = community.meters;
    ctx.charge(u64::from(meters).saturating_mul(CLEAR_GAS))?;
    // Nobody knows it before the last reading is there, and all readings make it.
    record.key = keccak256((number, slot, record.key).abi_encode());
    let wishes = wishes(ctx, number, slot, &community, &rules)?;
    let found = outcomes(&wishes, &rules, &record.key)?;
    write_orders(ctx, number, slot, &wishes, &found.fills)?;
    record = Slot {
        state: SlotState::Cleared as u8,
        traded: found.traded,
        mode: rules.mode,
        seconds: rules.slot_seconds,
        meters,
        price: stored(found.price),
        volume: found.volume,
        ..record
    };
    SLOTS.at(&number).at(&slot).write(ctx, &record)?;
    community.settling = slot;
    community.next = slot.saturating_add(rules.slot_seconds.into());
    save(ctx, number, &community)?;
    ctx.emit(Cleared {
        community: number,
        slot,
        traded: found.traded,
        price: found.price,
        volume: found.volume,
        readings: record.readings,
        key: record.key,
    })?;
    Ok(clearReturn {
        slot,
        volume: found.volume,
    })
}

/// Goes on to the next slot that has readings and is due; none where only slots without were passed over.
fn pass(
    ctx: &mut Context<'_>,
    number: u64,
    community: &mut Community,
) -> Outcome<Option<(Rules, Slot)>> {
    let now = ctx.now();
    let slots = SLOTS.at(&number);
    let first = rules_at(ctx, number, community.next)?.slot_seconds;
    let ahead = (0..=PASSED_PER_CALL_MAX)
        .map(|step| {
            community
                .next
                .saturating_add(step.saturating_mul(first.into()))
        })
        .filter(|slot| *slot < now);
    let ahead: Vec<_> = ahead.map(|slot| slots.at(&slot)).collect();
    let places: Vec<&dyn Place> = ahead.iter().map(|slot| slot as &dyn Place).collect();
    ctx.fetch(&places)?;
    for passed in 0..=PASSED_PER_CALL_MAX {
        let slot = community.next;
        let rules = begin(ctx, number, slot)?;
        let end = slot.saturating_add(rules.slot_seconds.into());
        if now < end {
            ensure(passed != 0, || NothingToClear { next: slot })?;
            return Ok(None);
        }
        let record = slots.at(&slot).read(ctx)?;
        let until = end.saturating_add(rules.grace_seconds.into());
        if record.readings < community.meters && now < until {
            ensure(passed != 0, || Waiting {
                slot,
                readings: record.readings,
                meters: community.meters,
                until,
            })?;
            return Ok(None);
        }
        if record.readings != 0 {
            return Ok(Some((rules, record)));
        }
        community.next = end;
    }
    Ok(None)
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
        .flat_map(|word| [readings.at(&word), limits.at(&word)])
        .collect();
    let places: Vec<&dyn Place> = handles.iter().map(|handle| handle as &dyn Place).collect();
    ctx.fetch(&places)?;
    let ceiling = i64::try_from(community.ceiling).map_err(|_| too_large("a ceiling"))?;
    let total = fees(rules).total().ok_or_else(|| too_large("fees"))?;
    let dearest = ceiling.saturating_sub(total);
    let mut wishes = Vec::new();
    for word in 0..words {
        let (said, standing) = (readings.at(&word).read(ctx)?, limits.at(&word).read(ctx)?);
        for part in 0..4usize {
            let Some(reading) = packing::Reading::unpack(packing::get(&said, part)) else {
                continue;
            };
            let limits = packing::Limits::unpack(packing::get(&standing, part));
            if reading.net == 0 || !limits.active {
                continue;
            }
            let index = u32::try_from(part).unwrap_or(0);
            wishes.push(Wish {
                index: word.saturating_mul(4).saturating_add(index),
                limit: if reading.net > 0 {
                    limits.buy.min(dearest)
                } else {
                    limits.sell
                },
                net: reading.net,
            });
        }
    }
    Ok(wishes)
}

fn id(wish: &Wish) -> B256 {
    B256::from(U256::from(wish.index))
}

fn outcomes(wishes: &[Wish], rules: &Rules, key: &B256) -> Outcome<Outcomes> {
    let by = match mode(rules)? {
        Mode::Auction => return auction(wishes, rules, key),
        Mode::Static => Key::Static,
        Mode::Hybrid => Key::Hybrid {
            rounds: rules.rounds,
        },
        Mode::Dynamic => Key::Dynamic,
        Mode::Priority => Key::Priority,
        Mode::__Invalid => return Err(Fault::Fatal("rules hold no mode".to_owned())),
    };
    let parts = u32::try_from(wishes.len())
        .ok()
        .and_then(|all| KEY_PARTS.checked_div(all))
        .unwrap_or(0);
    let mut sharers = Vec::new();
    let mut exports = Vec::new();
    let mut available = 0u64;
    for wish in wishes {
        let size = wish.net.min(0).unsigned_abs();
        sharers.push(Sharer {
            id: id(wish),
            wants: wish.net.max(0).unsigned_abs(),
            parts,
            rank: wish.index,
        });
        exports.push(Part { id: id(wish), size });
        available = available.saturating_add(size);
    }
    let unfit = |unfit| Fault::Fatal(format!("a slot cannot be shared: {unfit:?}"));
    let got = sharing::share(by, available, &sharers, key).map_err(unfit)?;
    let volume = got.iter().fold(0u64, |sum, got| sum.saturating_add(*got));
    let given = sharing::given(volume, &exports, key).map_err(unfit)?;
    let both = got.iter().zip(&given);
    Ok(Outcomes {
        traded: volume != 0,
        price: price(rules.local_price),
        volume,
        fills: both
            .map(|(got, given)| got.saturating_add(*given))
            .collect(),
    })
}

fn auction(wishes: &[Wish], rules: &Rules, key: &B256) -> Outcome<Outcomes> {
    let side = |buys: bool| {
        let of_side = wishes.iter().filter(|wish| (wish.net > 0) == buys);
        let orders = of_side.map(|wish| Order {
            id: id(wish),
            price: wish.limit,
            quantity: wish.net.unsigned_abs(),
        });
        orders.collect::<Vec<_>>()
    };
    let (bids, offers) = (side(true), side(false));
    let found = clearing::clear(&bids, &offers, fraction(rules)?, key)
        .map_err(|unfit| Fault::Fatal(format!("a slot cannot be cleared: {unfit:?}")))?;
    let (mut bought, mut sold) = (found.bid_fills.into_iter(), found.offer_fills.into_iter());
    let mut fills = Vec::new();
    for wish in wishes {
        let fill = if wish.net > 0 {
            bought.next()
        } else {
            sold.next()
        };
        fills.push(fill.unwrap_or_default());
    }
    Ok(Outcomes {
        traded: found.price.is_some(),
        price: found.price.unwrap_or_default(),
        volume: found.volume,
        fills,
    })
}

fn write_orders(
    ctx: &mut Context<'_>,
    number: u64,
    slot: u64,
    wishes: &[Wish],
    fills: &[u64],
) -> Outcome<()> {
    let mut words: BTreeMap<u32, U256> = BTreeMap::new();
    for (wish, fill) in wishes.iter().zip(fills) {
        let (word, part) = packing::place(wish.index);
        let order = packing::Order {
            limit: wish.limit,
            fill: *fill,
        };
        let entry = words.entry(word).or_default();
        *entry = packing::with(entry, part, order.pack());
    }
    let orders = ORDERS.at(&number).at(&slot);
    let handles: Vec<_> = words.keys().map(|word| orders.at(word)).collect();
    let places: Vec<&dyn Place> = handles.iter().map(|handle| handle as &dyn Place).collect();
    ctx.fetch(&places)?;
    for (handle, word) in handles.iter().zip(words.values()) {
        handle.write(ctx, word)?;
    }
    Ok(())
}
