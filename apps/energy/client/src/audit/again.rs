//! A slot computed again.

use alloy_primitives::{B256, U256};
use commonhold_energy_contract::{
    clearing::{Fraction, Order, check as holds, clear},
    interface::IEnergy::Mode,
    rationing::Part,
    sharing::{Key, Member, given, share},
    terms::{parts, rank},
};

use super::Tally;
use crate::evidence::{Evidence, LineTold, RulesFrom, SlotTold};

/// An auction, as the ledger numbers modes.
pub(super) const AUCTION: u8 = Mode::Auction as u8;

/// What a slot comes to: whether anything traded, at which price, and what each order got, in the order of
/// the slot's lines.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    price: Option<i64>,
    volume: u64,
    fills: Vec<(u32, u64)>,
}

pub(super) fn check(evidence: &Evidence, told: &SlotTold, rules: &RulesFrom, tally: &mut Tally) {
    let at = |what: &str| format!("slot {}: {what}", told.slot);
    let mut orders: Vec<&LineTold> = told.lines.iter().filter(|line| line.ordered).collect();
    let expected = Found {
        price: told.traded.then_some(told.price),
        volume: told.volume,
        fills: orders.iter().map(|line| (line.index, line.local)).collect(),
    };
    let found = compute(evidence, told, &orders, rules);
    orders.reverse();
    let turned = compute(evidence, told, &orders, rules);
    tally.check("I4", found.is_some() && found == turned, || {
        at("another order of input gives something else")
    });
    tally.check("I5", found.as_ref() == Some(&expected), || match &found {
        Some(found) => at(&format!(
            "{} Wh at {:?} were told, and {} Wh at {:?} follow, or other shares",
            expected.volume, expected.price, found.volume, found.price
        )),
        None => at("it cannot be computed by its rules"),
    });
    if told.mode == AUCTION {
        let (bids, bought) = side(&orders, true);
        let (offers, sold) = side(&orders, false);
        let price = expected.price;
        let greatest = holds(&bids, &offers, price, told.volume, &bought, &sold);
        tally.check("I3", greatest.is_ok(), || at(&format!("{greatest:?}")));
    }
}

fn id(line: &LineTold) -> B256 {
    B256::from(U256::from(line.index))
}

/// One side's orders, and what they were filled.
fn side(lines: &[&LineTold], buys: bool) -> (Vec<Order>, Vec<u64>) {
    let of_side = lines.iter().filter(|line| (line.net > 0) == buys);
    let order = |line: &&LineTold| {
        let order = Order {
            id: id(line),
            price: line.limit,
            quantity: line.net.unsigned_abs(),
        };
        (order, line.local)
    };
    of_side.map(order).unzip()
}

fn compute(
    evidence: &Evidence,
    told: &SlotTold,
    lines: &[&LineTold],
    rules: &RulesFrom,
) -> Option<Found> {
    if told.mode != rules.mode {
        return None;
    }
    let mut found = if told.mode == AUCTION {
        auction(lines, rules, &told.key)
    } else {
        shared(evidence, told, lines, rules)
    }?;
    found.fills.sort_unstable();
    Some(found)
}

fn auction(lines: &[&LineTold], rules: &RulesFrom, key: &B256) -> Option<Found> {
    let k = Fraction::new(rules.k.0, rules.k.1)?;
    let ((bids, _), (offers, _)) = (side(lines, true), side(lines, false));
    let cleared = clear(&bids, &offers, k, key).ok()?;
    let indexes = |buys: bool| {
        let of_side = lines.iter().filter(move |line| (line.net > 0) == buys);
        of_side.map(|line| line.index)
    };
    let bought = indexes(true).zip(cleared.bid_fills);
    let sold = indexes(false).zip(cleared.offer_fills);
    Some(Found {
        price: cleared.price,
        volume: cleared.volume,
        fills: bought.chain(sold).collect(),
    })
}

fn shared(
    evidence: &Evidence,
    told: &SlotTold,
    lines: &[&LineTold],
    rules: &RulesFrom,
) -> Option<Found> {
    let by = match Mode::try_from(rules.mode).ok()? {
        Mode::Static => Key::Static,
        Mode::Hybrid => Key::Hybrid {
            rounds: rules.rounds,
        },
        Mode::Dynamic => Key::Dynamic,
        Mode::Priority => Key::Priority,
        Mode::Auction | Mode::__Invalid => return None,
    };
    let key = &told.key;
    let mut sharers = Vec::new();
    let mut exports = Vec::new();
    let mut available = 0u64;
    for line in lines {
        let size = line.net.min(0).unsigned_abs();
        let weight = evidence.weight_at(line.index, told.slot);
        sharers.push(Member {
            id: id(line),
            wants: line.net.max(0).unsigned_abs(),
            parts: parts(weight, told.weights.into()),
            rank: rank(line.index, weight),
        });
        exports.push(Part { id: id(line), size });
        available = available.checked_add(size)?;
    }
    let got = share(by, available, &sharers, key).ok()?;
    let volume = got
        .iter()
        .try_fold(0u64, |sum, got| sum.checked_add(*got))?;
    let gave = given(volume, &exports, key).ok()?;
    let both = lines.iter().zip(got.iter().zip(&gave));
    Some(Found {
        price: (volume != 0).then_some(rules.local_price),
        volume,
        fills: both
            .map(|(line, (got, gave))| (line.index, got.saturating_add(*gave)))
            .collect(),
    })
}
