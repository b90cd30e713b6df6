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
        Key::Static => fixed(available, members),
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

/// All parts together.
fn total<'a>(mut members: impl Iterator<Item = &'a Member>) -> Result<u64, Unfit> {
    let sum = members.try_fold(0u64, |sum, member| sum.checked_add(member.parts.into()));
    sum.ok_or(Unfit::Parts)
}

/// That all parts together are no more than the whole.
fn whole(members: &[Member]) -> Result<(), Unfit> {
    if total(members.iter())? > u64::from(KEY_PARTS) {
        return Err(Unfit::Parts);
    }
    Ok(())
}

/// What somebody with so many parts of the whole gets of `available`, once.
pub fn once(available: u64, parts: u32, wants: u64) -> u64 {
    let round = Round {
        left: available,
        whole: KEY_PARTS.into(),
    };
    round.share(parts, wants)
}

fn fixed(available: u64, members: &[Member]) -> Result<Vec<u64>, Unfit> {
    whole(members)?;
    let got = |member: &Member| once(available, member.parts, member.wants);
    Ok(members.iter().map(got).collect())
}

/// A round of the hybrid key: what there was, and the parts of all who wanted something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// What was left to hand out.
    pub left: u64,
    /// The parts of all who still wanted something.
    pub whole: u64,
}

impl Round {
    /// What somebody with so many parts who still wants so much gets in it.
    fn share(&self, parts: u32, wants: u64) -> u64 {
        let product = u128::from(self.left).saturating_mul(parts.into());
        let share = product.checked_div(self.whole.into()).unwrap_or(0);
        u64::try_from(share).map_or(wants, |share| share.min(wants))
    }
}

/// The rounds of the hybrid key: with them what anybody gets follows from its own parts and wants
/// ([`through`]).
///
/// # Errors
/// [`Unfit`].
pub fn rounds(available: u64, members: &[Member], rounds: u8) -> Result<Vec<Round>, Unfit> {
    if !(1..=ROUNDS_MAX).contains(&rounds) {
        return Err(Unfit::Rounds);
    }
    whole(members)?;
    let mut open = members.to_vec();
    let mut left = available;
    let mut all = Vec::new();
    for _ in 0..rounds {
        let round = Round {
            left,
            whole: total(open.iter().filter(|member| member.wants != 0))?,
        };
        let mut moved = false;
        for member in &mut open {
            let got = round.share(member.parts, member.wants);
            // Shares are rounded down and no more than is wanted: neither goes below zero.
            member.wants = member.wants.saturating_sub(got);
            left = left.saturating_sub(got);
            moved |= got != 0;
        }
        if !moved {
            break;
        }
        all.push(round);
    }
    Ok(all)
}

/// What somebody gets through all rounds of the hybrid key.
pub fn through(rounds: &[Round], parts: u32, wants: u64) -> u64 {
    let left = rounds.iter().fold(wants, |wants, round| {
        wants.saturating_sub(round.share(parts, wants))
    });
    wants.saturating_sub(left)
}

fn hybrid(available: u64, members: &[Member], most: u8) -> Result<Vec<u64>, Unfit> {
    let rounds = rounds(available, members, most)?;
    let got = |member: &Member| through(&rounds, member.parts, member.wants);
    Ok(members.iter().map(got).collect())
}

fn by_rank(available: u64, members: &[Member], tie: &B256) -> Result<Vec<u64>, Unfit> {
    let mut ranked: Vec<(u32, usize)> = members.iter().map(|m| m.rank).zip(0..).collect();
    ranked.sort_unstable();
    let mut shares = vec![0; members.len()];
    let mut left = available;
    for of_rank in ranked.chunk_by(|a, b| a.0 == b.0) {
        if left == 0 {
            break;
        }
        let numbers = || of_rank.iter().map(|(_, number)| *number);
        let parts: Vec<Part> = numbers().filter_map(|n| members.get(n)).map(part).collect();
        let gets = ration(&parts, left, tie).ok_or(Unfit::Sum)?;
        for (number, got) in numbers().zip(gets) {
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
