//! Hash and length so far, on all threads.
//!
//! BLAKE3 is a tree over chunks of 1 KiB. Each block has its whole subtrees of [`UNIT`] bytes hashed
//! while it is worked on; what lies across the border of two blocks is hashed when they are joined, in
//! order. The last subtree, which is mostly shorter, is kept back until the end, because the root is
//! hashed another way. `blake3` has such a thing in its feature `rayon`, which would have most of the
//! workspace compiled anew, and which hashes when the bytes are no longer at hand in the cache.

use blake3::{
    Hasher,
    hazmat::{ChainingValue, HasherExt as _, Mode, merge_subtrees_non_root, merge_subtrees_root},
};

use super::BodyId;

/// Bytes of a subtree that is hashed by itself: chunks, and a power of two of them.
const UNIT: usize = 65_536;

/// The subtrees that lie wholly in a block, but for the last byte.
#[derive(Default)]
pub(super) struct Leaves {
    /// Bytes that precede them.
    head: usize,
    units: Vec<ChainingValue>,
}

impl Leaves {
    /// Those of a block that stands at byte `at` of the body.
    pub(super) fn hash(&mut self, at: u64, bytes: &[u8]) {
        let over = usize::try_from(at % UNIT as u64).unwrap_or(0);
        // The unit before is full, and waits for whether anything follows.
        let head = if over == 0 && at > 0 { 0 } else { UNIT - over };
        self.head = head.min(bytes.len());
        self.units.clear();
        let rest = bytes.get(self.head..).unwrap_or_default();
        let whole = rest.len().saturating_sub(1) / UNIT * UNIT;
        let mut offset = at.saturating_add(self.head as u64);
        for unit in rest.get(..whole).unwrap_or_default().chunks_exact(UNIT) {
            self.units.push(leaf(offset, unit));
            offset = offset.saturating_add(UNIT as u64);
        }
    }
}

fn leaf(offset: u64, bytes: &[u8]) -> ChainingValue {
    Hasher::new()
        .set_input_offset(offset)
        .update(bytes)
        .finalize_non_root()
}

/// Hash and length so far.
#[derive(Default)]
pub(super) struct Tree {
    /// Roots of whole subtrees, the largest first: one for each bit that is set in `units`.
    joined: Vec<ChainingValue>,
    units: u64,
    /// What comes after them: one byte to [`UNIT`], and nothing only at the very beginning.
    tail: Vec<u8>,
}

impl Tree {
    /// Adds the next block, with its leaves.
    pub(super) fn add(&mut self, bytes: &[u8], leaves: &Leaves) {
        let (head, rest) = bytes.split_at(leaves.head.min(bytes.len()));
        self.tail.extend_from_slice(head);
        if rest.is_empty() {
            return;
        }
        self.join(self.last());
        for unit in &leaves.units {
            self.join(*unit);
        }
        let whole = leaves.units.len().saturating_mul(UNIT);
        self.tail.clear();
        self.tail
            .extend_from_slice(rest.get(whole..).unwrap_or_default());
    }

    pub(super) fn id(&self) -> BodyId {
        let hash = match self.joined.split_first() {
            None => blake3::hash(&self.tail),
            Some((root, others)) => {
                let mut right = self.last();
                for left in others.iter().rev() {
                    right = merge_subtrees_non_root(left, &right, Mode::Hash);
                }
                merge_subtrees_root(root, &right, Mode::Hash)
            }
        };
        BodyId {
            hash: hash.into(),
            len: self
                .units
                .saturating_mul(UNIT as u64)
                .saturating_add(self.tail.len() as u64),
        }
    }

    /// The subtree over the tail.
    fn last(&self) -> ChainingValue {
        leaf(self.units.saturating_mul(UNIT as u64), &self.tail)
    }

    /// Adds a whole unit that is not the last: two subtrees of one size become one.
    fn join(&mut self, unit: ChainingValue) {
        let mut right = unit;
        self.units = self.units.saturating_add(1);
        for _ in 0..self.units.trailing_zeros() {
            if let Some(left) = self.joined.pop() {
                right = merge_subtrees_non_root(&left, &right, Mode::Hash);
            }
        }
        self.joined.push(right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_what_blake3_gives_however_it_is_cut() {
        let bytes: Vec<u8> = (0..21 * UNIT + 9)
            .map(|i| u8::try_from(i % 251).unwrap_or_default())
            .collect();
        for units in 0..=20usize {
            for len in [units * UNIT, units * UNIT + 1, (units + 1) * UNIT - 1] {
                let bytes = bytes.get(..len).unwrap_or_default();
                for piece in [1_000, UNIT - 1, UNIT, UNIT + 28, 3 * UNIT, 5 * UNIT + 1] {
                    let mut tree = Tree::default();
                    let mut at = 0;
                    for piece in bytes.chunks(piece) {
                        let mut leaves = Leaves::default();
                        leaves.hash(at, piece);
                        tree.add(piece, &leaves);
                        at += piece.len() as u64;
                    }
                    let want = BodyId {
                        hash: blake3::hash(bytes).into(),
                        len: len as u64,
                    };
                    assert_eq!(tree.id(), want, "{len} bytes in pieces of {piece}");
                }
            }
        }
    }
}
