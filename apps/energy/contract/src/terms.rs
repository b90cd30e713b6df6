//! What a slot comes to, in a few words.
//!
//! A price and a volume are short, and what thousands of meters get of it is not. Both sides say in two
//! words how they were rationed ([`Cut`]), so that each meter's [`Terms::fill`] follows from its own net
//! energy and limit alone. A slot is cleared in one call that writes these few words, and is settled page by
//! page, whichever pages there are; the fills are those of [`crate::clearing`] and [`crate::sharing`].
//!
//! # Ties
//!
//! Where single Wh do not divide, they go by [`crate::rationing::tie`] under the slot's [`key`], which
//! follows from the community and the slot and from nothing else. So whoever hands in the last reading,
//! signs it, leaves it out, orders transactions or proposes a block changes nobody's tie: there is nothing
//! left to try. That the key is known long before is the price of this, and is worth nothing: limits are set
//! before a slot begins, when nobody knows what meters will say; a place's luck differs from slot to slot;
//! and at stake are single Wh beside proportional shares. A key made of readings would be unknown before,
//! and would be bent by whoever has a meter's key and speaks last, by a Wh more or less or by silence.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolValue as _;

use crate::{
    clearing::{self, Fraction, Order},
    interface::IEnergy::Mode,
    limits::{KEY_PARTS, WEIGHT_MAX},
    rationing::{Cut, Part},
    sharing::{self, Key, Member, Round},
};

/// What a meter of a slot wants: its place, its limit, its net energy (imports above zero).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its place among the community's.
    pub index: u32,
    /// The dearest it buys at, or the cheapest it sells at.
    pub limit: i64,
    /// Its net energy.
    pub net: i64,
    /// What it weighs under the static, hybrid and priority keys.
    pub weight: u16,
}

/// How a slot is dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deal {
    /// By an auction, or by a sharing key.
    pub mode: Mode,
    /// Rounds of the hybrid key.
    pub rounds: u8,
    /// Where an auction's price lies between its bounds.
    pub k: Fraction,
    /// The price under a sharing key.
    pub price: i64,
    /// What all who take part weigh together.
    pub weights: u32,
}

/// How a side shares what there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// In an auction, the limit of the last that were taken, who share by the cut; under the priority key
    /// the [`rank`] of the last, who gets the cut's amount. Better ones get all, worse ones nothing.
    pub margin: i64,
    /// How it is cut. Under the static key: its amount, and the weights of all as its total; under the hybrid
    /// key the weights.
    pub cut: Cut,
}

/// What a slot comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The price; zero where nothing trades.
    pub price: i64,
    /// The lowest and the highest that would have done.
    pub bounds: (i64, i64),
    /// What goes from member to member.
    pub volume: u64,
    /// Who buys.
    pub buy: Side,
    /// Who sells.
    pub sell: Side,
    /// Rounds of the hybrid key.
    pub rounds: Vec<Round>,
}

/// What decides the ties of a slot.
pub fn key(community: u64, slot: u64) -> B256 {
    keccak256((community, slot).abi_encode())
}

/// A place as an order's id.
pub fn id(index: u32) -> B256 {
    B256::from(U256::from(index))
}

/// The part of a whole that a weight is of all weights, in millionths, rounded down.
pub fn parts(weight: u16, weights: u64) -> u32 {
    let millionths = u64::from(KEY_PARTS).saturating_mul(weight.into());
    let part = millionths.checked_div(weights).unwrap_or(0);
    u32::try_from(part).unwrap_or(KEY_PARTS)
}

/// Whose turn it is under the priority key, lowest first: the heaviest, and of one weight the first to join.
pub const fn rank(index: u32, weight: u16) -> u32 {
    // A place has fourteen bits and a weight thirteen.
    (WEIGHT_MAX.saturating_sub(weight) as u32) << 14 | index
}

impl Wish {
    const fn buys(&self) -> bool {
        self.net > 0
    }

    const fn rank(&self) -> u32 {
        rank(self.index, self.weight)
    }

    fn part(&self) -> Part {
        Part {
            id: id(self.index),
            size: self.net.unsigned_abs(),
        }
    }

    fn order(&self) -> Order {
        Order {
            id: id(self.index),
            price: self.limit,
            quantity: self.net.unsigned_abs(),
        }
    }
}

impl Terms {
    /// What wishes, each of its own place and of some energy, come to. `None` where sums leave their type or
    /// a wish is beyond what an order can be.
    pub fn of(wishes: &[Wish], deal: &Deal, key: &B256) -> Option<Self> {
        if deal.mode == Mode::Auction {
            return Self::auction(wishes, deal.k, key);
        }
        let (buyers, sellers) = sides(wishes);
        let exports: Vec<Part> = sellers.iter().map(Wish::part).collect();
        let available = crate::rationing::total(&exports)?;
        let weights = u64::from(deal.weights);
        let members: Vec<Member> = buyers.iter().map(|buyer| sharer(buyer, weights)).collect();
        let mut terms = Self {
            price: deal.price,
            bounds: (deal.price, deal.price),
            ..Self::default()
        };
        let by = match deal.mode {
            Mode::Static => {
                terms.buy.cut.amount = available;
                terms.buy.cut.total = weights;
                Key::Static
            }
            Mode::Hybrid => {
                terms.buy.cut.total = weights;
                terms.rounds = sharing::rounds(available, &members, deal.rounds).ok()?;
                Key::Hybrid {
                    rounds: deal.rounds,
                }
            }
            Mode::Dynamic => {
                let wants: Vec<Part> = buyers.iter().map(Wish::part).collect();
                terms.buy.cut = Cut::of(&wants, available, key)?;
                Key::Dynamic
            }
            Mode::Priority => Key::Priority,
            Mode::Auction | Mode::__Invalid => return None,
        };
        let got = sharing::share(by, available, &members, key).ok()?;
        terms.volume = sum(&got)?;
        if deal.mode == Mode::Priority {
            terms.buy = last_served(&buyers, &got);
        }
        terms.sell.cut = Cut::of(&exports, terms.volume, key)?;
        if terms.volume == 0 {
            terms.price = 0;
            terms.bounds = (0, 0);
        }
        Some(terms)
    }

    fn auction(wishes: &[Wish], k: Fraction, key: &B256) -> Option<Self> {
        let (buyers, sellers) = sides(wishes);
        let bids: Vec<Order> = buyers.iter().map(Wish::order).collect();
        let offers: Vec<Order> = sellers.iter().map(Wish::order).collect();
        let found = clearing::clear(&bids, &offers, k, key).ok()?;
        let side = |wishes: &[Wish], fills: &[u64], buys: bool| {
            let filled = wishes.iter().zip(fills).filter(|(_, fill)| **fill != 0);
            let limits = filled.map(|(wish, _)| wish.limit);
            let margin = if buys { limits.min() } else { limits.max() };
            let margin = margin.unwrap_or_default();
            let at_margin = || wishes.iter().zip(fills).filter(|(w, _)| w.limit == margin);
            let parts: Vec<Part> = at_margin().map(|(wish, _)| wish.part()).collect();
            let amount = at_margin().try_fold(0u64, |sum, (_, fill)| sum.checked_add(*fill))?;
            let cut = Cut::of(&parts, amount, key)?;
            Some(Side { margin, cut })
        };
        Some(Self {
            price: found.price.unwrap_or_default(),
            bounds: found.bounds.unwrap_or_default(),
            volume: found.volume,
            buy: side(&buyers, &found.bid_fills, true)?,
            sell: side(&sellers, &found.offer_fills, false)?,
            rounds: Vec::new(),
        })
    }

    /// What a wish gets, or gives.
    pub fn fill(&self, wish: &Wish, mode: Mode, key: &B256) -> Option<u64> {
        if self.volume == 0 || wish.net == 0 {
            return Some(0);
        }
        let wants = wish.net.unsigned_abs();
        let side = if wish.buys() { &self.buy } else { &self.sell };
        let by_margin = |better: bool, at: u64| {
            if better { Some(wants) } else { Some(at) }
        };
        match mode {
            Mode::Auction if wish.limit == side.margin => side.cut.share(&wish.part(), key),
            Mode::Auction if wish.buys() => by_margin(wish.limit > side.margin, 0),
            Mode::Auction => by_margin(wish.limit < side.margin, 0),
            _ if !wish.buys() => side.cut.share(&wish.part(), key),
            Mode::Static => {
                let parts = parts(wish.weight, side.cut.total);
                Some(sharing::once(side.cut.amount, parts, wants))
            }
            Mode::Hybrid => {
                let parts = parts(wish.weight, side.cut.total);
                Some(sharing::through(&self.rounds, parts, wants))
            }
            Mode::Dynamic => side.cut.share(&wish.part(), key),
            Mode::Priority if i64::from(wish.rank()) == side.margin => Some(side.cut.amount),
            Mode::Priority => by_margin(i64::from(wish.rank()) < side.margin, 0),
            Mode::__Invalid => None,
        }
    }
}

fn sides(wishes: &[Wish]) -> (Vec<Wish>, Vec<Wish>) {
    let (buyers, rest): (Vec<Wish>, Vec<Wish>) = wishes.iter().copied().partition(Wish::buys);
    (
        buyers,
        rest.into_iter().filter(|wish| wish.net < 0).collect(),
    )
}

fn sharer(buyer: &Wish, weights: u64) -> Member {
    Member {
        id: id(buyer.index),
        wants: buyer.net.unsigned_abs(),
        parts: parts(buyer.weight, weights),
        rank: buyer.rank(),
    }
}

fn sum(all: &[u64]) -> Option<u64> {
    all.iter().try_fold(0u64, |sum, one| sum.checked_add(*one))
}

/// The last by rank that got something.
fn last_served(buyers: &[Wish], got: &[u64]) -> Side {
    let served = buyers.iter().zip(got).filter(|(_, got)| **got != 0);
    let last = served.max_by_key(|(buyer, _)| buyer.rank());
    last.map_or_else(Side::default, |(buyer, got)| Side {
        margin: buyer.rank().into(),
        cut: Cut {
            amount: *got,
            ..Cut::default()
        },
    })
}
