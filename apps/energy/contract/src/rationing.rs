//! Who gets how much of too little: in proportion, and the rest by the largest remainder.
//!
//! Of `amount` each part of size `q` gets `floor(amount * q / total)`. What is left over goes in single
//! units to the largest remainders; among equal remainders to the smaller [`tie`]. So the order in which
//! parts are listed changes nothing, and nobody can bend a tie who does not know the key before orders
//! are fixed.

use alloy_primitives::{B256, keccak256};

/// A part that wants `size` of what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whose it is: different for every part.
    pub id: B256,
    /// How much it wants.
    pub size: u64,
}

/// What parts are rationed by where remainders are equal: `keccak256(key ‖ id)`, smaller first.
pub fn tie(key: &B256, id: &B256) -> B256 {
    let mut both = [0; 64];
    let (head, tail) = both.split_at_mut(32);
    head.copy_from_slice(key.as_slice());
    tail.copy_from_slice(id.as_slice());
    keccak256(both)
}

/// The sum of all sizes; `None` where it is beyond 64 bits.
pub fn total(parts: &[Part]) -> Option<u64> {
    parts
        .iter()
        .try_fold(0u64, |sum, part| sum.checked_add(part.size))
}

/// Gives `amount` out, at most what all parts want together: what each gets, in the order of `parts`.
/// `None` where the sizes add up to more than 64 bits.
pub fn ration(parts: &[Part], amount: u64, key: &B256) -> Option<Vec<u64>> {
    let total = total(parts)?;
    if amount >= total {
        return Some(parts.iter().map(|part| part.size).collect());
    }
    let whole = u128::from(total);
    // Both factors have 64 bits; a total of zero was answered above.
    let product = |part: &Part| u128::from(amount).saturating_mul(u128::from(part.size));
    let share = |part: &Part| product(part).checked_div(whole).unwrap_or(0);
    let remainder = |part: &Part| product(part).checked_rem(whole).unwrap_or(0);
    let mut shares = Vec::new();
    let mut left = amount;
    for part in parts {
        let share = u64::try_from(share(part)).ok()?;
        left = left.checked_sub(share)?;
        shares.push(share);
    }
    let Ok(left) = usize::try_from(left) else {
        return None;
    };
    if left == 0 {
        return Some(shares);
    }
    // The smallest remainder that still gets a unit, and how many of just that size do.
    let mut remainders: Vec<u128> = parts.iter().map(remainder).collect();
    let (above, edge, _) = remainders.select_nth_unstable_by(left.checked_sub(1)?, |a, b| b.cmp(a));
    let edge = *edge;
    let above = above.iter().filter(|found| **found > edge).count();
    let at_edge = left.checked_sub(above)?;
    let mut tied: Vec<(B256, u64, usize)> = Vec::new();
    for (number, (part, share)) in parts.iter().zip(&mut shares).enumerate() {
        match remainder(part).cmp(&edge) {
            std::cmp::Ordering::Greater => *share = share.checked_add(1)?,
            std::cmp::Ordering::Equal => tied.push((B256::ZERO, part.size, number)),
            std::cmp::Ordering::Less => {}
        }
    }
    if tied.len() > at_edge {
        for (hash, _, number) in &mut tied {
            *hash = tie(key, &parts.get(*number)?.id);
        }
        // Two parts of one id and size are the same part twice: which of them is first says nothing.
        tied.sort_unstable();
    }
    for (_, _, number) in tied.into_iter().take(at_edge) {
        let share = shares.get_mut(number)?;
        *share = share.checked_add(1)?;
    }
    Some(shares)
}

/// How an amount was rationed, in four words: each part's share follows from it and from the part alone,
/// so that whoever pays shares out one by one need not have all parts before them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// What was given out.
    pub amount: u64,
    /// What all parts wanted together.
    pub total: u64,
    /// The smallest remainder that got a unit.
    pub edge: u64,
    /// The greatest tie among those of that remainder that got one.
    pub last: B256,
}

impl Cut {
    /// What says how `amount` was rationed. `None` where the sizes add up to more than 64 bits.
    pub fn of(parts: &[Part], amount: u64, key: &B256) -> Option<Self> {
        let shares = ration(parts, amount, key)?;
        let mut cut = Self {
            amount,
            total: total(parts)?,
            edge: u64::MAX,
            last: B256::ZERO,
        };
        if amount >= cut.total {
            return Some(cut);
        }
        let mut edge = Vec::new();
        for (part, share) in parts.iter().zip(shares) {
            let (whole, rest) = cut.divide(part)?;
            if share == whole || rest > cut.edge {
                continue;
            }
            if rest < cut.edge {
                cut.edge = rest;
                edge.clear();
            }
            edge.push(part.id);
        }
        let ties = edge.iter().map(|id| tie(key, id));
        cut.last = ties.max().unwrap_or_default();
        Some(cut)
    }

    /// What one of the parts got.
    pub fn share(&self, part: &Part, key: &B256) -> Option<u64> {
        if self.amount >= self.total {
            return Some(part.size);
        }
        let (whole, rest) = self.divide(part)?;
        let more = rest > self.edge || (rest == self.edge && tie(key, &part.id) <= self.last);
        whole.checked_add(more.into())
    }

    /// A part's proportion and its remainder.
    fn divide(&self, part: &Part) -> Option<(u64, u64)> {
        let product = u128::from(self.amount).checked_mul(part.size.into())?;
        let whole = product.checked_div(self.total.into())?;
        let rest = product.checked_rem(self.total.into())?;
        u64::try_from(whole).ok().zip(u64::try_from(rest).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(sizes: &[u64]) -> Vec<Part> {
        let numbered = sizes.iter().enumerate();
        numbered
            .map(|(n, size)| Part {
                id: B256::from(alloy_primitives::U256::from(n)),
                size: *size,
            })
            .collect()
    }

    fn give(sizes: &[u64], amount: u64) -> Vec<u64> {
        ration(&parts(sizes), amount, &B256::ZERO).unwrap()
    }

    #[test]
    fn what_divides_is_divided() {
        assert_eq!(give(&[10, 20, 30], 6), [1, 2, 3]);
        assert_eq!(give(&[10, 20, 30], 60), [10, 20, 30]);
        assert_eq!(give(&[10, 20, 30], 61), [10, 20, 30]);
        assert_eq!(give(&[10, 20, 30], 0), [0, 0, 0]);
        assert_eq!(give(&[], 0), [0; 0]);
        assert_eq!(give(&[0, 0], 5), [0, 0]);
    }

    #[test]
    fn the_rest_goes_to_the_largest_remainders() {
        // 7 of 10: 0.7, 2.1, 4.2 -> one unit is left, and 0.7 is the largest remainder.
        assert_eq!(give(&[1, 3, 6], 7), [1, 2, 4]);
    }

    #[test]
    fn equal_remainders_go_by_the_key_and_not_by_the_list() {
        let mut winners = Vec::new();
        for n in 0..32u8 {
            let key = B256::repeat_byte(n);
            let list = parts(&[1, 1, 1]);
            let there = ration(&list, 1, &key).unwrap();
            let mut back: Vec<Part> = list.clone();
            back.reverse();
            let mut again = ration(&back, 1, &key).unwrap();
            again.reverse();
            assert_eq!(there, again);
            assert_eq!(there.iter().sum::<u64>(), 1);
            winners.push(there.iter().position(|share| *share == 1).unwrap());
        }
        for winner in 0..3 {
            assert!(winners.contains(&winner), "{winner} never gets the rest");
        }
    }

    #[test]
    fn each_share_follows_from_the_cut_and_its_part_alone() {
        let mut seed = 1u64;
        for round in 0..400u64 {
            let mut next = |below: u64| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 33) % below
            };
            let many = 1 + next(20);
            let widest = 1 + next(6) * next(6) * next(200);
            let sizes: Vec<u64> = (0..many).map(|_| next(widest)).collect();
            let amount = next(sizes.iter().sum::<u64>() + 3);
            let key = B256::from(alloy_primitives::U256::from(round));
            let list = parts(&sizes);
            let cut = Cut::of(&list, amount, &key).unwrap();
            let shares: Vec<u64> = list.iter().map(|p| cut.share(p, &key).unwrap()).collect();
            assert_eq!(
                shares,
                ration(&list, amount, &key).unwrap(),
                "{sizes:?} {amount}"
            );
        }
    }

    #[test]
    fn sums_beyond_64_bits_are_refused() {
        assert_eq!(ration(&parts(&[u64::MAX, 1]), 1, &B256::ZERO), None);
        assert_eq!(
            give(&[u64::MAX], u64::MAX.saturating_sub(1)),
            [u64::MAX - 1]
        );
    }
}
