//! The newest blocks, in memory: all that are not written yet, and some more.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use alloy_primitives::B256;
use commonhold_primitives::finalised::Witness;

use crate::{
    entry::Entry,
    limits::{RECENT_BLOCKS_MAX, RECENT_BYTES_MAX},
    tables::Position,
};

#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) entry: Arc<Entry>,
    pub(crate) witness: Arc<Witness>,
}

impl Slot {
    pub(crate) fn bytes(&self) -> usize {
        self.entry
            .bytes()
            .saturating_add(self.witness.len().saturating_mul(160))
    }
}

/// Newest blocks by number without gaps.
pub(crate) struct Recent {
    slots: VecDeque<Slot>,
    by_hash: HashMap<B256, u64>,
    by_transaction: HashMap<B256, Position>,
    bytes: usize,
    unwritten_bytes: usize,
    /// The last block applied.
    pub(crate) height: u64,
    /// The last block written.
    pub(crate) written: u64,
}

impl Recent {
    pub(crate) fn new(height: u64) -> Self {
        Self {
            slots: VecDeque::new(),
            by_hash: HashMap::new(),
            by_transaction: HashMap::new(),
            bytes: 0,
            unwritten_bytes: 0,
            height,
            written: height,
        }
    }

    pub(crate) fn push(&mut self, slot: Slot) {
        let number = slot.entry.number();
        self.by_hash.insert(slot.entry.hash, number);
        for (index, hash) in slot.entry.hashes.iter().enumerate() {
            self.by_transaction
                .insert(*hash, Position { number, index });
        }
        let bytes = slot.bytes();
        self.bytes = self.bytes.saturating_add(bytes);
        self.unwritten_bytes = self.unwritten_bytes.saturating_add(bytes);
        self.height = number;
        self.slots.push_back(slot);
    }

    /// Notes that blocks up to `number` are written, and lets go of the oldest of them.
    pub(crate) fn written(&mut self, number: u64) {
        self.written = self.written.max(number);
        while self.slots.len() > RECENT_BLOCKS_MAX || self.bytes > RECENT_BYTES_MAX {
            match self.slots.front() {
                Some(slot) if slot.entry.number() <= self.written => {}
                _ => break,
            }
            let Some(slot) = self.slots.pop_front() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(slot.bytes());
            self.by_hash.remove(&slot.entry.hash);
            for hash in &slot.entry.hashes {
                self.by_transaction.remove(hash);
            }
        }
        self.unwritten_bytes = self.unwritten().map(|slot| slot.bytes()).sum();
    }

    /// Forgets everything and goes on after `number`.
    pub(crate) fn skip_to(&mut self, number: u64) {
        *self = Self::new(number);
    }

    pub(crate) fn unwritten(&self) -> impl Iterator<Item = &Slot> {
        self.slots
            .iter()
            .filter(|slot| slot.entry.number() > self.written)
    }
    pub(crate) fn unwritten_blocks(&self) -> u64 {
        self.height.saturating_sub(self.written)
    }
    pub(crate) const fn unwritten_bytes(&self) -> usize {
        self.unwritten_bytes
    }
    pub(crate) fn slot(&self, number: u64) -> Option<&Slot> {
        let first = self.slots.front()?.entry.number();
        self.slots
            .get(usize::try_from(number.checked_sub(first)?).ok()?)
    }
    pub(crate) fn number_of(&self, hash: &B256) -> Option<u64> {
        self.by_hash.get(hash).copied()
    }
    pub(crate) fn find(&self, transaction: &B256) -> Option<Position> {
        self.by_transaction.get(transaction).copied()
    }
}
