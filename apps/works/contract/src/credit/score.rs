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

/// What the events of one dimension, counterparty and epoch weigh, before they fade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket<'a> {
    /// Which of the role's dimensions.
    pub dimension: usize,
    /// The counterparty's beneficial owner.
    pub group: &'a str,
    /// The epoch.
    pub epoch: u64,
    /// The sum of their weights.
    pub weight: u64,
    /// The sum of weights times outcomes.
    pub outcome: u128,
}

impl<'a> Bucket<'a> {
    /// Of one event; `None` where the role has no such dimension.
    pub fn of(role: Role, event: &Event<'a>) -> Option<Self> {
        let base = role.dimensions().get(event.dimension)?.base;
        let value = u64::from(value_factor(event.value));
        let weight = base
            .checked_mul(value)?
            .checked_mul(u64::from(verified(event.verification)))?;
        let outcome = u128::from(event.outcome.min(10_000));
        Some(Self {
            dimension: event.dimension,
            group: event.group,
            epoch: epoch(event.time),
            weight,
            outcome: outcome.checked_mul(u128::from(weight))?,
        })
    }
}

/// What is left of all in an epoch.
fn left(then: u64, now: u64) -> u64 {
    let age = now.checked_sub(then);
    let age = age.and_then(|age| usize::try_from(age).ok());
    age.and_then(|age| DECAY.get(age).copied())
        .unwrap_or_default()
}

impl Sums {
    fn of_bucket(bucket: &Bucket<'_>, now: u64) -> Result<Self, Overflow> {
        let left = left(bucket.epoch, now);
        let outcome = i128::try_from(bucket.outcome).map_err(|_| Overflow)?;
        Ok(Self {
            weight: int(bucket.weight) * left,
            outcome: int(outcome) * left,
        })
    }

    const NONE: Self = Self {
        weight: Int::ZERO,
        outcome: Int::ZERO,
    };

    fn of(event: &Event<'_>, base: u64, now: u64) -> Self {
        let (value, verified) = (value_factor(event.value), verified(event.verification));
        let weight = int(base) * value * verified * left(epoch(event.time), now);
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
    let (mut found, totals) = compose(role, now, &sums, flags, &credibility)?;
    for event in events.iter().filter(counted) {
        if event.dimension < weights.len() {
            let effect = effect(role, now, event, &sums, &totals, &credibility)?;
            found.explained.push((event.id, effect));
        }
    }
    let by_size = |(id, effect): &(u64, i64)| (std::cmp::Reverse(effect.abs_diff(0)), *id);
    found.explained.sort_by_key(by_size);
    found.explained.truncate(CREDIT_EXPLAINED_MAX);
    Ok(found)
}

/// What sums come to, without explanations.
fn compose(
    role: Role,
    now: u64,
    sums: &BTreeMap<(usize, &str), Sums>,
    flags: &[Flag],
    credibility: &impl Fn(&str) -> u32,
) -> Result<(Score, Vec<Total>), Overflow> {
    let weights = role.dimensions();
    let mut totals = vec![Total::NONE; weights.len()];
    let named = |weight: &super::Weight| Dimension {
        name: weight.name,
        mean: 0,
        weight: 0,
        groups: BTreeMap::new(),
    };
    let mut dimensions: Vec<Dimension> = weights.iter().map(named).collect();
    let mut parties: BTreeMap<&str, bool> = BTreeMap::new();
    for ((number, name), all) in sums {
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
    let cap = flags.iter().filter_map(|flag| flag.cap(now)).min();
    let score = Score {
        score,
        micro,
        coverage,
        counterparties,
        grade: grade(score, coverage, counterparties),
        after_flags: cap.map_or(score, |cap| cap.min(score)),
        dimensions,
        explained: Vec::new(),
    };
    Ok((score, totals))
}

/// By how much of `micro` the score would be less without an event that is in the sums.
fn effect(
    role: Role,
    now: u64,
    event: &Event<'_>,
    sums: &BTreeMap<(usize, &str), Sums>,
    totals: &[Total],
    credibility: &impl Fn(&str) -> u32,
) -> Result<i64, Overflow> {
    let (weight, total) = (
        role.dimensions().get(event.dimension),
        totals.get(event.dimension),
    );
    let all = sums.get(&(event.dimension, event.group));
    let (Some(weight), Some(total), Some(all)) = (weight, total, all) else {
        return Ok(0);
    };
    let trust = credibility(event.group);
    let less = all
        .without(Sums::of(event, weight.base, now))
        .group(trust)?;
    let less = total.without(all.group(trust)?).and(less).mean();
    let mut sum = Int::ZERO;
    for (total, weight) in totals.iter().zip(role.dimensions()) {
        sum = sum + total.mean() * weight.omega;
    }
    let without = sum - total.mean() * weight.omega + less * weight.omega;
    (sum.div_floor(10) - without.div_floor(10)).get()
}

/// The sums of buckets, without those of the subject's own beneficial owner.
fn gather<'a>(
    now: u64,
    own: &str,
    buckets: &[Bucket<'a>],
) -> Result<BTreeMap<(usize, &'a str), Sums>, Overflow> {
    let mut sums: BTreeMap<(usize, &str), Sums> = BTreeMap::new();
    for bucket in buckets.iter().filter(|bucket| bucket.group != own) {
        let all = sums.entry((bucket.dimension, bucket.group));
        let all = all.or_insert(Sums::NONE);
        *all = all.and(Sums::of_bucket(bucket, now)?);
    }
    Ok(sums)
}

/// The score of somebody whose events are summed in buckets: the same as [`score`] of the events that count.
///
/// # Errors
/// [`Overflow`].
pub fn score_of(
    role: Role,
    now: u64,
    own: &str,
    buckets: &[Bucket<'_>],
    flags: &[Flag],
    credibility: impl Fn(&str) -> u32,
) -> Result<Score, Overflow> {
    let sums = gather(now, own, buckets)?;
    compose(role, now, &sums, flags, &credibility).map(|(score, _)| score)
}

/// By how much of `micro` the score of [`score_of`] would be less without each of these events, which are in
/// the buckets.
///
/// # Errors
/// [`Overflow`].
pub fn effects(
    role: Role,
    now: u64,
    own: &str,
    buckets: &[Bucket<'_>],
    events: &[Event<'_>],
    credibility: impl Fn(&str) -> u32,
) -> Result<Vec<i64>, Overflow> {
    let sums = gather(now, own, buckets)?;
    let (_, totals) = compose(role, now, &sums, &[], &credibility)?;
    let effect = |event| effect(role, now, event, &sums, &totals, &credibility);
    events.iter().map(effect).collect()
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
