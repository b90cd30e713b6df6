//! The score at an epoch, and what each event does to it.

use std::collections::BTreeMap;

use super::{
    DECAY, Event, Flag, GROUP_WEIGHT_MAX, PRIOR_MEAN, PRIOR_WEIGHT, Role, UNIT, epoch, grade,
};
use crate::{
    limits::{CREDIT_EVENTS_MAX, CREDIT_EXPLAINED_MAX},
    number::{Int, Overflow, int},
};

/// What is found of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// 0 to 1000.
    pub score: u64,
    /// A thousand times finer.
    pub micro: u64,
    /// How much of what may be known is known, 0 to 1000.
    pub coverage: u64,
    /// Counterparties that weigh something.
    pub counterparties: usize,
    /// By score, coverage and counterparties.
    pub grade: &'static str,
    /// The score after flags.
    pub after_flags: u64,
    /// In the role's order.
    pub dimensions: Vec<Dimension>,
    /// The events that move it most, with by how much of `micro` it would be less without each.
    pub explained: Vec<(u64, i64)>,
}

/// A dimension's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Its letter.
    pub name: &'static str,
    /// Basis points.
    pub mean: u64,
    /// What all counterparties weigh.
    pub weight: u64,
    /// By counterparty.
    pub groups: BTreeMap<String, Group>,
}

/// A counterparty's part of a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What its events weigh.
    pub raw: u64,
    /// Basis points.
    pub mean: u64,
    /// What it weighs.
    pub weight: u64,
}

/// Sums over the buckets of one counterparty in one dimension, each bucket times what is left of it.
#[derive(Clone, Copy)]
struct Sums {
    weight: Int,
    outcome: Int,
}

impl Sums {
    const NONE: Self = Self {
        weight: Int::ZERO,
        outcome: Int::ZERO,
    };

    fn of(event: &Event<'_>, base: u64, now: u64) -> Self {
        let (value, verified) = (value_factor(event.value), verified(event.verification));
        let age = now.checked_sub(epoch(event.time));
        let age = age.and_then(|age| usize::try_from(age).ok());
        let left = age.and_then(|age| DECAY.get(age).copied());
        let weight = int(base) * value * verified * left.unwrap_or_default();
        Self {
            weight,
            outcome: weight * event.outcome.min(10_000),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            outcome: self.outcome + other.outcome,
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            weight: self.weight - other.weight,
            outcome: self.outcome - other.outcome,
        }
    }

    /// What it comes to; `None` where it weighs nothing.
    fn group(self, credibility: u32) -> Result<Option<Group>, Overflow> {
        let raw = self.weight.div_floor(1 << 20);
        if raw.get::<u64>()? == 0 {
            return Ok(None);
        }
        let outcome = self.outcome.div_floor(1 << 20);
        let weight = ((raw * UNIT).sqrt() * credibility).div_floor(1000);
        Ok(Some(Group {
            raw: raw.get()?,
            mean: outcome.div_floor(raw).get()?,
            weight: weight.min(GROUP_WEIGHT_MAX).get()?,
        }))
    }
}

/// What a dimension's counterparties come to.
#[derive(Clone, Copy)]
struct Total {
    weight: Int,
    outcome: Int,
}

impl Total {
    const NONE: Self = Self {
        weight: Int::ZERO,
        outcome: Int::ZERO,
    };

    fn and(self, group: Option<Group>) -> Self {
        group.map_or(self, |group| Self {
            weight: self.weight + group.weight,
            outcome: self.outcome + int(group.weight) * group.mean,
        })
    }

    fn without(self, group: Option<Group>) -> Self {
        group.map_or(self, |group| Self {
            weight: self.weight - group.weight,
            outcome: self.outcome - int(group.weight) * group.mean,
        })
    }

    fn mean(self) -> Int {
        let prior = int(PRIOR_WEIGHT);
        (prior * PRIOR_MEAN + self.outcome).div_floor(prior + self.weight)
    }
}

/// `clamp(1 + floor(log2(1 + value / 1,000,000)), 1, 8)`.
fn value_factor(value: u64) -> u32 {
    let log = value.wrapping_div(1_000_000).saturating_add(1).ilog2();
    log.saturating_add(1).min(8)
}

/// Permille that an event counts by how it is known.
const fn verified(verification: u8) -> u32 {
    match verification {
        0 => 0,
        1 => 300,
        2 => 700,
        _ => 1000,
    }
}

/// Computes the score of somebody who belongs to the beneficial owner `own`.
///
/// `credibility` says permille by counterparty.
///
/// # Errors
/// [`Overflow`]; also where there are more than `CREDIT_EVENTS_MAX` events.
pub fn score(
    role: Role,
    now: u64,
    own: &str,
    events: &[Event<'_>],
    flags: &[Flag],
    credibility: impl Fn(&str) -> u32,
) -> Result<Score, Overflow> {
    if events.len() > CREDIT_EVENTS_MAX {
        return Err(Overflow);
    }
    let weights = role.dimensions();
    let base = |event: &Event<'_>| weights.get(event.dimension).map(|weight| weight.base);
    let counted = |event: &&Event<'_>| event.counts;
    let counts = |event: &&Event<'_>| event.group != own;
    let mut sums: BTreeMap<(usize, &str), Sums> = BTreeMap::new();
    for event in events.iter().filter(counted).filter(counts) {
        let Some(base) = base(event) else { continue };
        let all = sums.entry((event.dimension, event.group));
        let all = all.or_insert(Sums::NONE);
        *all = all.and(Sums::of(event, base, now));
    }
    let mut totals = vec![Total::NONE; weights.len()];
    let named = |weight: &super::Weight| Dimension {
        name: weight.name,
        mean: 0,
        weight: 0,
        groups: BTreeMap::new(),
    };
    let mut dimensions: Vec<Dimension> = weights.iter().map(named).collect();
    let mut parties: BTreeMap<&str, bool> = BTreeMap::new();
    for ((number, name), all) in &sums {
        let group = all.group(credibility(name))?;
        if let (Some(group), Some(total), Some(dimension)) =
            (group, totals.get_mut(*number), dimensions.get_mut(*number))
        {
            *total = total.and(Some(group));
            dimension.groups.insert((*name).to_owned(), group);
            let weighty = group.raw >= UNIT.wrapping_div(10);
            *parties.entry(name).or_default() |= weighty;
        }
    }
    let (mut sum, mut coverage) = (Int::ZERO, Int::ZERO);
    for ((dimension, total), weight) in dimensions.iter_mut().zip(&totals).zip(weights) {
        dimension.mean = total.mean().get()?;
        dimension.weight = total.weight.get()?;
        sum = sum + int(weight.omega) * dimension.mean;
        let full = UNIT.saturating_mul(10);
        coverage = coverage + int(weight.omega) * dimension.weight.min(full);
    }
    let coverage = coverage.div_floor(UNIT.saturating_mul(10)).get()?;
    let score = sum.div_floor(10_000).get()?;
    let counterparties = parties.values().filter(|weighty| **weighty).count();
    let micro: u64 = sum.div_floor(10).get()?;
    let mut explained = Vec::new();
    for event in events.iter().filter(counted) {
        let (Some(base), Some(weight)) = (base(event), weights.get(event.dimension)) else {
            continue;
        };
        let total = totals.get(event.dimension);
        let all = sums.get(&(event.dimension, event.group));
        let (Some(total), Some(all)) = (total, all) else {
            explained.push((event.id, 0));
            continue;
        };
        let trust = credibility(event.group);
        let less = all.without(Sums::of(event, base, now)).group(trust)?;
        let less = total.without(all.group(trust)?).and(less).mean();
        let without = sum - total.mean() * weight.omega + less * weight.omega;
        let delta = int(micro) - without.div_floor(10);
        explained.push((event.id, delta.get()?));
    }
    explained.sort_by_key(|(id, delta): &(u64, i64)| (std::cmp::Reverse(delta.abs_diff(0)), *id));
    explained.truncate(CREDIT_EXPLAINED_MAX);
    let cap = flags.iter().filter_map(|flag| flag.cap(now)).min();
    Ok(Score {
        score,
        micro,
        coverage,
        counterparties,
        grade: grade(score, coverage, counterparties),
        after_flags: cap.map_or(score, |cap| cap.min(score)),
        dimensions,
        explained,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_count_by_their_size_and_no_more_than_eight_times() {
        let of = |value: u64| value_factor(value);
        assert_eq!(
            [of(0), of(999_999), of(1_000_000), of(3_000_000)],
            [1, 1, 2, 3]
        );
        assert_eq!(of(u64::MAX), 8);
    }
}
