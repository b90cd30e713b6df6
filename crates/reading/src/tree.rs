//! The hash tree over a batch, and a reading's place in it.

use alloy_primitives::{B256, Keccak256};
use serde::{Deserialize, Serialize};

use crate::{error::ReadingError, limits::BATCH_READINGS_MAX};

/// What a leaf's hash begins with.
const LEAF: u8 = 0;
/// What an inner node's hash begins with.
const NODE: u8 = 1;

/// `keccak256(0x00 ‖ parts)`.
pub(crate) fn leaf(parts: &[&[u8]]) -> B256 {
    hash(LEAF, parts)
}

fn node(left: B256, right: B256) -> B256 {
    hash(NODE, &[left.as_slice(), right.as_slice()])
}

fn hash(kind: u8, parts: &[&[u8]]) -> B256 {
    let mut keccak = Keccak256::new();
    keccak.update([kind]);
    for part in parts {
        keccak.update(part);
    }
    keccak.finalize()
}

/// The level above: pairs are hashed, one that is left over moves up as it is.
fn above(level: &[B256]) -> Vec<B256> {
    level
        .chunks(2)
        .filter_map(|pair| match pair {
            [left, right] => Some(node(*left, *right)),
            [alone] => Some(*alone),
            _ => None,
        })
        .collect()
}

/// The root over the leaves. None where there are none.
pub(crate) fn root(leaves: &[B256]) -> Option<B256> {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = above(&level);
    }
    level.first().copied()
}

/// The hashes beside the way from a leaf to the root.
pub(crate) fn path(leaves: &[B256], mut index: usize) -> Vec<B256> {
    let mut level = leaves.to_vec();
    let mut path = Vec::new();
    while level.len() > 1 {
        path.extend(level.get(index ^ 1).copied());
        level = above(&level);
        index /= 2;
    }
    path
}

/// That a reading stands in a batch: the hashes beside its way to the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingProof {
    /// Its place, from 0 on.
    pub index: u32,
    /// How many readings the batch has.
    pub count: u32,
    /// The hashes, from the bottom up.
    pub path: Vec<B256>,
}

impl ReadingProof {
    /// Whether `leaf` (see [`crate::Entry::leaf`]) stands at this place under `root`, in a batch of this
    /// proof's count. Compare the count with the anchor's too.
    ///
    /// # Errors
    /// [`ReadingError::NoSuchReading`] or [`ReadingError::WrongProof`].
    pub fn verify(&self, leaf: B256, root: B256) -> Result<(), ReadingError> {
        if self.index >= self.count {
            return Err(ReadingError::NoSuchReading {
                index: self.index,
                count: self.count,
            });
        }
        ReadingError::bound(
            "a batch (readings)",
            usize::try_from(self.count).unwrap_or(usize::MAX),
            BATCH_READINGS_MAX,
            "BATCH_READINGS_MAX",
        )?;
        let mut path = self.path.iter();
        let (mut place, mut width, mut here) = (self.index, self.count, leaf);
        while width > 1 {
            if place % 2 == 1 {
                let left = path.next().ok_or(ReadingError::WrongProof)?;
                here = node(*left, here);
            } else if place < width.saturating_sub(1) {
                let right = path.next().ok_or(ReadingError::WrongProof)?;
                here = node(here, *right);
            }
            place /= 2;
            width = width.div_ceil(2);
        }
        if path.next().is_some() || here != root {
            return Err(ReadingError::WrongProof);
        }
        Ok(())
    }
}
