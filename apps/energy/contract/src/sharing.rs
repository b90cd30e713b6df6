//! Sharing keys: what a community generated, handed out by a key instead of an auction.
//!
//! With `E` what there is in a slot, and members that each want what their meter imported:
//! - *static*: each gets at most its own share of `E`, `floor(E * parts / 1,000,000)`; what somebody does
//!   not use is used by nobody;
//! - *hybrid*: the same again with what is left, among those who still want, in proportion to their parts,
//!   up to a number of rounds;
//! - *dynamic*: in proportion to what each wants;
//! - *priority*: by rank, lowest first; those of one rank share in proportion to what each wants.
//!
//! What is not handed out is fed in to the grid.

use alloy_primitives::B256;

use crate::{
    limits::{KEY_PARTS, ROUNDS_MAX},
    rationing::{Part, ration},
};

/// How a community shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Each its own share, once.
    Static,
    /// Each its own share, and again of what is left.
    Hybrid {
        /// How often, [`ROUNDS_MAX`] at most.
        rounds: u8,
    },
    /// By what each wants.
    Dynamic,
    /// By rank.
    Priority,
}

/// Somebody who may be given something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its id: different for every member.
    pub id: B256,
    /// What it wants, in Wh.
    pub wants: u64,
    /// Its share in millionths, for the static and hybrid keys.
    pub parts: u32,
    /// Its rank, for the priority key.
    pub rank: u32,
}

/// Why nothing is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// All shares together are more than the whole.
    Parts,
    /// More rounds than [`ROUNDS_MAX`], or none.
    Rounds,
    /// What is wanted adds up to more than 64 bits.
    Sum,
}

/// Hands `available` out: what each member gets, in the order of `members`. `tie` decides where
/// remainders are equal.
///
/// # Errors
/// [`Unfit`].
pub fn share(key: Key, available: u64, members: &[Member], tie: &B256) -> Result<Vec<u64>, Unfit> {
    match key {
        Key::Static => by_parts(available, members, Round::Whole),
        Key::Hybrid { rounds } => hybrid(available, members, rounds),
        Key::Dynamic => {
            let parts: Vec<Part> = members.iter().map(part).collect();
            ration(&parts, available, tie).ok_or(Unfit::Sum)
        }
        Key::Priority => by_rank(available, members, tie),
    }
}

/// What each exporter gave of `shared`: in proportion to what it exported, in the order of `exports`.
///
/// # Errors
/// [`Unfit::Sum`].
pub fn given(shared: u64, exports: &[Part], tie: &B256) -> Result<Vec<u64>, Unfit> {
    ration(exports, shared, tie).ok_or(Unfit::Sum)
}

const fn part(member: &Member) -> Part {
    Part {
        id: member.id,
        size: member.wants,
    }
}

/// What the parts of a round are parts of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    /// The whole of the key.
    Whole,
    /// Those that still want something.
    Open,
}

/// All parts together.
fn total<'a>(mut members: impl Iterator<Item = &'a Member>) -> Result<u64, Unfit> {
    let sum = members.try_fold(0u64, |sum, member| sum.checked_add(member.parts.into()));
    sum.ok_or(Unfit::Parts)
}

fn by_parts(available: u64, members: &[Member], round: Round) -> Result<Vec<u64>, Unfit> {
    let all = total(members.iter())?;
    if all > u64::from(KEY_PARTS) {
        return Err(Unfit::Parts);
    }
    let whole = match round {
        Round::Whole => u64::from(KEY_PARTS),
        Round::Open => total(members.iter().filter(|member| member.wants != 0))?,
    };
    let share = |member: &Member| {
        let product = u128::from(available).saturating_mul(member.parts.into());
        let share = product.checked_div(whole.into()).unwrap_or(0);
        u64::try_from(share).map_or(member.wants, |share| share.min(member.wants))
    };
    Ok(members.iter().map(share).collect())
}

fn hybrid(available: u64, members: &[Member], rounds: u8) -> Result<Vec<u64>, Unfit> {
    if !(1..=ROUNDS_MAX).contains(&rounds) {
        return Err(Unfit::Rounds);
    }
    let mut open = members.to_vec();
    let mut left = available;
    for _ in 0..rounds {
        let gets = by_parts(left, &open, Round::Open)?;
        let mut moved = false;
        for (member, got) in open.iter_mut().zip(gets) {
            // Shares are rounded down and no more than is wanted: neither goes below zero.
            member.wants = member.wants.saturating_sub(got);
            left = left.saturating_sub(got);
            moved |= got != 0;
        }
        if !moved {
            break;
        }
    }
    let got = |(before, after): (&Member, &Member)| before.wants.saturating_sub(after.wants);
    Ok(members.iter().zip(&open).map(got).collect())
}

fn by_rank(available: u64, members: &[Member], tie: &B256) -> Result<Vec<u64>, Unfit> {
    let mut ranks: Vec<u32> = members.iter().map(|member| member.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let mut shares = vec![0; members.len()];
    let mut left = available;
    for rank in ranks {
        if left == 0 {
            break;
        }
        let of_rank = || members.iter().zip(0usize..).filter(|(m, _)| m.rank == rank);
        let parts: Vec<Part> = of_rank().map(|(member, _)| part(member)).collect();
        let gets = ration(&parts, left, tie).ok_or(Unfit::Sum)?;
        for ((_, number), got) in of_rank().zip(gets) {
            left = left.saturating_sub(got);
            if let Some(share) = shares.get_mut(number) {
                *share = got;
            }
        }
    }
    Ok(shares)
}

#[cfg(test)]
mod tests;
