//! One price for all: a uniform-price double auction, exact, of the greatest volume.
//!
//! Bids are taken from the dearest down, offers from the cheapest up, while a bid's limit is at least an
//! offer's. What was taken is the volume `Q`. With `b*` and `a*` the limits of the last bid and offer that
//! were taken, and `b'` and `a'` those of the first that were not filled completely, every price between
//! `lo = max(a*, b')` and `hi = min(b*, a')` clears the market; `k` says where between them the price is:
//! `lo + floor((hi - lo) * k)`. A `b'` or `a'` that there is none of drops out.
//!
//! Orders strictly better than the marginal level of their side are filled; that level shares what is left
//! in proportion ([`crate::rationing`]). Nothing follows from the order in which orders are given.
//!
//! [`check`] is what anybody can hold a result against, in one pass and without sorting: where it passes,
//! `Q` is the greatest volume that any single price can clear.

use std::cmp::Reverse;

use alloy_primitives::B256;

use crate::{
    limits::{ORDER_WH_MAX, ORDERS_MAX, PRICE_MICRO_MAX},
    rationing::{Part, ration},
};

/// A wish to buy at most, or to sell at least, at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id: different for every order of a side.
    pub id: B256,
    /// The limit, micro-currency per kWh.
    pub price: i64,
    /// How much, in Wh: one at least.
    pub quantity: u64,
}

/// Which side of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who buys.
    Bid,
    /// Who sells.
    Offer,
}

/// Where between the bounds the price is: `numerator / denominator` of the way from the lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    numerator: u32,
    denominator: u32,
}

/// Half way.
pub const HALF: Fraction = Fraction {
    numerator: 1,
    denominator: 2,
};

impl Fraction {
    /// A fraction from 0 to 1; `None` where it is none.
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if denominator == 0 || numerator > denominator {
            return None;
        }
        Some(Self {
            numerator,
            denominator,
        })
    }

    /// So much of the way from `lo` to `hi`, rounded down.
    fn between(self, lo: i64, hi: i64) -> Option<i64> {
        let width = i128::from(hi).checked_sub(i128::from(lo))?;
        let way = width
            .checked_mul(i128::from(self.numerator))?
            .checked_div_euclid(i128::from(self.denominator))?;
        lo.checked_add(i64::try_from(way).ok()?)
    }
}

/// Why a book is not cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// A side has more than [`ORDERS_MAX`] orders.
    TooManyOrders(Side),
    /// The order of this number on a side has no quantity, or more than [`ORDER_WH_MAX`].
    Quantity(Side, usize),
    /// Its limit is further from zero than [`PRICE_MICRO_MAX`].
    Price(Side, usize),
}

/// What a book comes to. Fills stand in the order of its bids and offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearing {
    /// The price; `None` where nothing trades.
    pub price: Option<i64>,
    /// The lowest and the highest price that would do; `None` where nothing trades.
    pub bounds: Option<(i64, i64)>,
    /// What trades, in Wh.
    pub volume: u64,
    /// What each bid gets.
    pub bid_fills: Vec<u64>,
    /// What each offer gives.
    pub offer_fills: Vec<u64>,
    /// The highest bid.
    pub best_bid: Option<i64>,
    /// The lowest offer.
    pub best_offer: Option<i64>,
}

/// Clears a book. `key` decides ties: nobody knows it before the orders are fixed.
///
/// # Errors
/// [`Unfit`] names the first order that is none.
pub fn clear(bids: &[Order], offers: &[Order], k: Fraction, key: &B256) -> Result<Clearing, Unfit> {
    fit(Side::Bid, bids)?;
    fit(Side::Offer, offers)?;
    let mut demand = ladder(bids);
    demand.sort_unstable_by_key(|(price, _)| Reverse(*price));
    let mut supply = ladder(offers);
    supply.sort_unstable_by_key(|(price, _)| *price);
    let swept = sweep(&demand, &supply);

    let best_bid = demand.first().map(|(price, _)| *price);
    let best_offer = supply.first().map(|(price, _)| *price);
    let nothing = || Clearing {
        price: None,
        bounds: None,
        volume: 0,
        bid_fills: vec![0; bids.len()],
        offer_fills: vec![0; offers.len()],
        best_bid,
        best_offer,
    };
    let Some((last_bid, last_offer)) = swept.last else {
        return Ok(nothing());
    };
    let lo = swept.next_bid.map_or(last_offer, |b| b.max(last_offer));
    let hi = swept.next_offer.map_or(last_bid, |a| a.min(last_bid));
    let filled = || {
        let better = |order: &Order| order.price > last_bid;
        let bid_fills = fills(bids, last_bid, better, swept.volume, key)?;
        let better = |order: &Order| order.price < last_offer;
        let offer_fills = fills(offers, last_offer, better, swept.volume, key)?;
        Some((k.between(lo, hi)?, bid_fills, offer_fills))
    };
    // Quantities and their number are bounded, so that no sum here leaves its type.
    Ok(
        filled().map_or_else(nothing, |(price, bid_fills, offer_fills)| Clearing {
            price: Some(price),
            bounds: Some((lo, hi)),
            volume: swept.volume,
            bid_fills,
            offer_fills,
            best_bid,
            best_offer,
        }),
    )
}

const _: () = assert!((ORDERS_MAX as u64).checked_mul(ORDER_WH_MAX).is_some());

fn fit(side: Side, orders: &[Order]) -> Result<(), Unfit> {
    if orders.len() > ORDERS_MAX {
        return Err(Unfit::TooManyOrders(side));
    }
    for (number, order) in orders.iter().enumerate() {
        if !(1..=ORDER_WH_MAX).contains(&order.quantity) {
            return Err(Unfit::Quantity(side, number));
        }
        if order.price.unsigned_abs() > PRICE_MICRO_MAX.unsigned_abs() {
            return Err(Unfit::Price(side, number));
        }
    }
    Ok(())
}

fn ladder(orders: &[Order]) -> Vec<(i64, u64)> {
    orders.iter().map(|o| (o.price, o.quantity)).collect()
}

/// Where the sweep ended.
#[derive(Default)]
struct Swept {
    volume: u64,
    /// The limits of the last bid and offer that were taken.
    last: Option<(i64, i64)>,
    /// Those of the first that were not filled completely.
    next_bid: Option<i64>,
    next_offer: Option<i64>,
}

fn sweep(demand: &[(i64, u64)], supply: &[(i64, u64)]) -> Swept {
    let (mut demand, mut supply) = (demand.iter().copied(), supply.iter().copied());
    let (mut bid, mut offer) = (demand.next(), supply.next());
    let mut swept = Swept::default();
    while let (Some((b, wanted)), Some((a, had))) = (bid, offer) {
        if b < a {
            break;
        }
        let taken = wanted.min(had);
        swept.volume = swept.volume.saturating_add(taken);
        swept.last = Some((b, a));
        bid = match wanted.saturating_sub(taken) {
            0 => demand.next(),
            rest => Some((b, rest)),
        };
        offer = match had.saturating_sub(taken) {
            0 => supply.next(),
            rest => Some((a, rest)),
        };
    }
    swept.next_bid = bid.map(|(price, _)| price);
    swept.next_offer = offer.map(|(price, _)| price);
    swept
}

/// What each order of a side gets of `volume`, where `margin` is the limit of the last one taken.
fn fills(
    orders: &[Order],
    margin: i64,
    better: impl Fn(&Order) -> bool,
    volume: u64,
    key: &B256,
) -> Option<Vec<u64>> {
    let mut rest = volume;
    let mut level = Vec::new();
    let mut numbers = Vec::new();
    let mut fills = vec![0; orders.len()];
    for (number, (order, fill)) in orders.iter().zip(&mut fills).enumerate() {
        if better(order) {
            *fill = order.quantity;
            rest = rest.checked_sub(order.quantity)?;
        } else if order.price == margin {
            numbers.push(number);
            level.push(Part {
                id: order.id,
                size: order.quantity,
            });
        }
    }
    for (number, share) in numbers.into_iter().zip(ration(&level, rest, key)?) {
        *fills.get_mut(number)? = share;
    }
    Some(fills)
}

/// Why a result is not what the book comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// There is not one fill for each order.
    Shape,
    /// The fills of a side do not add up to the volume.
    Sum(Side),
    /// The order of this number gets more than it wants.
    Overfilled(Side, usize),
    /// It is filled at a price that its limit excludes.
    OutsideLimit(Side, usize),
    /// Its limit is better than the price, and it is not filled completely.
    PassedOver(Side, usize),
    /// At the price itself both sides have orders that are not filled.
    BothRationed,
    /// Nothing trades, though a bid and an offer would.
    NoPrice,
    /// There is a price and no volume, or a volume and no price.
    Volume,
}

/// Holds a result against its book in one pass.
///
/// # Errors
/// The first [`Violation`].
pub fn check(
    bids: &[Order],
    offers: &[Order],
    price: Option<i64>,
    volume: u64,
    bid_fills: &[u64],
    offer_fills: &[u64],
) -> Result<(), Violation> {
    if bids.len() != bid_fills.len() || offers.len() != offer_fills.len() {
        return Err(Violation::Shape);
    }
    let Some(price) = price else {
        let highest = bids.iter().map(|order| order.price).max();
        let lowest = offers.iter().map(|order| order.price).min();
        if highest.zip(lowest).is_some_and(|(b, a)| b >= a) {
            return Err(Violation::NoPrice);
        }
        let idle = bid_fills.iter().chain(offer_fills).all(|fill| *fill == 0);
        return if idle && volume == 0 {
            Ok(())
        } else {
            Err(Violation::Volume)
        };
    };
    if volume == 0 {
        return Err(Violation::Volume);
    }
    let bids_wait = side(Side::Bid, bids, bid_fills, volume, |limit| {
        limit.cmp(&price)
    })?;
    let offers_wait = side(Side::Offer, offers, offer_fills, volume, |limit| {
        price.cmp(&limit)
    })?;
    if bids_wait && offers_wait {
        return Err(Violation::BothRationed);
    }
    Ok(())
}

/// One side of the check: tells whether an order at the price itself is not filled completely.
fn side(
    side: Side,
    orders: &[Order],
    fills: &[u64],
    volume: u64,
    than_price: impl Fn(i64) -> std::cmp::Ordering,
) -> Result<bool, Violation> {
    let mut sum = 0u64;
    let mut waits = false;
    for (number, (order, fill)) in orders.iter().zip(fills).enumerate() {
        if *fill > order.quantity {
            return Err(Violation::Overfilled(side, number));
        }
        match than_price(order.price) {
            std::cmp::Ordering::Less if *fill != 0 => {
                return Err(Violation::OutsideLimit(side, number));
            }
            std::cmp::Ordering::Greater if *fill != order.quantity => {
                return Err(Violation::PassedOver(side, number));
            }
            std::cmp::Ordering::Equal => waits |= *fill != order.quantity,
            _ => {}
        }
        sum = sum.checked_add(*fill).ok_or(Violation::Sum(side))?;
    }
    if sum == volume {
        Ok(waits)
    } else {
        Err(Violation::Sum(side))
    }
}

/// Energy that went from one household to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The number of the bid.
    pub bid: usize,
    /// The number of the offer.
    pub offer: usize,
    /// How much, in Wh.
    pub quantity: u64,
}

/// Says who bought from whom: preferences first, a bid's preferred offer by the order of ties among bids,
/// then the dearest bid from the cheapest offer on. There are at most as many pairs as bids and offers,
/// beside the preferences. It changes nobody's money.
///
/// `prefers` tells the number of the offer that a bid prefers.
pub fn pair(
    bids: &[Order],
    offers: &[Order],
    clearing: &Clearing,
    prefers: impl Fn(usize) -> Option<usize>,
    key: &B256,
) -> Vec<Pair> {
    let mut wanted = clearing.bid_fills.clone();
    let mut had = clearing.offer_fills.clone();
    let mut pairs = Vec::new();
    let mut take = |bid: usize, offer: usize, wanted: &mut [u64], had: &mut [u64]| {
        let (Some(want), Some(have)) = (wanted.get_mut(bid), had.get_mut(offer)) else {
            return;
        };
        let quantity = (*want).min(*have);
        if quantity != 0 {
            *want = want.saturating_sub(quantity);
            *have = have.saturating_sub(quantity);
            pairs.push(Pair {
                bid,
                offer,
                quantity,
            });
        }
    };
    let mut preferring: Vec<(B256, usize, usize)> = Vec::new();
    for (bid, order) in bids.iter().enumerate() {
        if let Some(offer) = prefers(bid) {
            preferring.push((crate::rationing::tie(key, &order.id), bid, offer));
        }
    }
    preferring.sort_unstable();
    for (_, bid, offer) in preferring {
        take(bid, offer, &mut wanted, &mut had);
    }
    let buyers = ranked(bids, &wanted, |price| price.saturating_neg(), key);
    let sellers = ranked(offers, &had, |price| price, key);
    let (mut buyers, mut sellers) = (buyers.into_iter(), sellers.into_iter());
    let (mut buyer, mut seller) = (buyers.next(), sellers.next());
    while let (Some(bid), Some(offer)) = (buyer, seller) {
        take(bid, offer, &mut wanted, &mut had);
        if wanted.get(bid).is_none_or(|rest| *rest == 0) {
            buyer = buyers.next();
        }
        if had.get(offer).is_none_or(|rest| *rest == 0) {
            seller = sellers.next();
        }
    }
    pairs
}

/// The numbers of the orders that have something left, best first; equal prices by ties.
fn ranked(orders: &[Order], left: &[u64], rank: impl Fn(i64) -> i64, key: &B256) -> Vec<usize> {
    let open = orders.iter().zip(left).enumerate();
    let mut ranked: Vec<(i64, B256, usize)> = open
        .filter(|(_, (_, left))| **left != 0)
        .map(|(n, (order, _))| (rank(order.price), crate::rationing::tie(key, &order.id), n))
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, _, number)| number).collect()
}

#[cfg(test)]
mod tests;
