//! What one meter says in a slot, in 64 bits, four of them to a word.
//!
//! ```text
//! limits    bit 63 takes part · bits 50..63 weight · bits 25..50 sell + 2^24 · bits 0..25 buy + 2^24
//! reading   bit 63 there · bits 48..56 version · bits 40..48 quality · bits 0..40 net + 2^39
//! order     bit 63 there · bits 33..58 limit + 2^24 · bits 0..33 filled
//! ```
//! A fuse of 32 bits of watts lets less than 2^33 Wh through in a slot of an hour, and prices have 24 bits.

use alloy_primitives::U256;

const THERE: u64 = 1 << 63;
const PRICE_BIAS: i64 = 1 << 24;
const PRICE_MASK: u64 = (1 << 25) - 1;
const WEIGHT_MASK: u64 = (1 << 13) - 1;
const NET_BIAS: i64 = 1 << 39;
const NET_MASK: u64 = (1 << 40) - 1;
const FILL_MASK: u64 = (1 << 33) - 1;

/// A meter's standing limits and weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Whether it takes part.
    pub active: bool,
    /// The dearest it buys at.
    pub buy: i64,
    /// The cheapest it sells at.
    pub sell: i64,
    /// What it weighs under a sharing key.
    pub weight: u16,
}

/// A meter's reading of a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What was imported, less what was exported.
    pub net: i64,
    /// Its version, from 1 on.
    pub version: u8,
    /// Its quality: up to 7 as its device says, 8 more where a gateway signed, 16 where the network
    /// operator decided.
    pub quality: u8,
}

/// What a meter ordered in a slot, and got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Its limit.
    pub limit: i64,
    /// What was filled.
    pub fill: u64,
}

const fn price(price: i64) -> u64 {
    price.saturating_add(PRICE_BIAS).cast_unsigned() & PRICE_MASK
}

const fn unprice(bits: u64) -> i64 {
    (bits & PRICE_MASK).cast_signed().saturating_sub(PRICE_BIAS)
}

impl Limits {
    /// In 64 bits.
    pub fn pack(self) -> u64 {
        let there = if self.active { THERE } else { 0 };
        let weight = u64::from(self.weight) & WEIGHT_MASK;
        there | weight << 50 | price(self.sell) << 25 | price(self.buy)
    }

    /// From 64 bits.
    pub fn unpack(bits: u64) -> Self {
        Self {
            active: bits & THERE != 0,
            buy: unprice(bits),
            sell: unprice(bits >> 25),
            weight: u16::try_from(bits >> 50 & WEIGHT_MASK).unwrap_or_default(),
        }
    }
}

impl Reading {
    /// In 64 bits.
    pub fn pack(self) -> u64 {
        let net = self.net.saturating_add(NET_BIAS).cast_unsigned() & NET_MASK;
        THERE | u64::from(self.version) << 48 | u64::from(self.quality) << 40 | net
    }

    /// From 64 bits; none where there is none.
    pub fn unpack(bits: u64) -> Option<Self> {
        if bits & THERE == 0 {
            return None;
        }
        let [_, version, quality, ..] = bits.to_be_bytes();
        Some(Self {
            net: (bits & NET_MASK).cast_signed().saturating_sub(NET_BIAS),
            version,
            quality,
        })
    }
}

impl Order {
    /// In 64 bits.
    pub const fn pack(self) -> u64 {
        THERE | price(self.limit) << 33 | (self.fill & FILL_MASK)
    }

    /// From 64 bits; none where there is none.
    pub const fn unpack(bits: u64) -> Option<Self> {
        if bits & THERE == 0 {
            return None;
        }
        Some(Self {
            limit: unprice(bits >> 33),
            fill: bits & FILL_MASK,
        })
    }
}

/// Which word a meter's place is in, and which of the four it is.
pub const fn place(index: u32) -> (u32, usize) {
    (index >> 2, (index & 3) as usize)
}

/// The words that so many meters take.
pub const fn words(meters: u32) -> u32 {
    meters.div_ceil(4)
}

/// One of the four in a word.
pub fn get(word: &U256, part: usize) -> u64 {
    word.as_limbs().get(part).copied().unwrap_or_default()
}

/// A word with one of its four changed.
#[must_use]
pub fn with(word: &U256, part: usize, bits: u64) -> U256 {
    let mut limbs = *word.as_limbs();
    if let Some(limb) = limbs.get_mut(part) {
        *limb = bits;
    }
    U256::from_limbs(limbs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{PRICE_MICRO_MAX, WEIGHT_MAX};

    #[test]
    fn what_is_packed_is_unpacked() {
        let prices = [-PRICE_MICRO_MAX, -1, 0, 1, PRICE_MICRO_MAX];
        for buy in prices {
            for sell in prices {
                for (active, weight) in [(true, 0), (false, 1), (true, WEIGHT_MAX), (false, 0)] {
                    let limits = Limits {
                        active,
                        buy,
                        sell,
                        weight,
                    };
                    assert_eq!(Limits::unpack(limits.pack()), limits);
                }
            }
            for fill in [0, 1, u64::from(u32::MAX)] {
                let order = Order { limit: buy, fill };
                assert_eq!(Order::unpack(order.pack()), Some(order));
            }
        }
        for net in [-i64::from(u32::MAX), -1, 0, 1, i64::from(u32::MAX)] {
            for (version, quality) in [(0, 0), (255, 15), (1, 8)] {
                let reading = Reading {
                    net,
                    version,
                    quality,
                };
                assert_eq!(Reading::unpack(reading.pack()), Some(reading));
            }
        }
        assert_eq!((Reading::unpack(0), Order::unpack(0)), (None, None));
        assert!(!Limits::unpack(0).active);
    }

    #[test]
    fn four_share_a_word() {
        let mut word = U256::ZERO;
        for index in 0..4u32 {
            let (number, part) = place(index + 8);
            assert_eq!(number, 2);
            word = with(&word, part, u64::from(index) + 7);
        }
        let parts: Vec<u64> = (0..4).map(|part| get(&word, part)).collect();
        assert_eq!(parts, [7, 8, 9, 10]);
        assert_eq!((words(0), words(1), words(4), words(5)), (0, 1, 1, 2));
    }
}
