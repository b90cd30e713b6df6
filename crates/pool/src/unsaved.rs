//! What the journal has still to write.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use alloy_primitives::B256;
use commonhold_primitives::Transaction;

use crate::limits::UNSAVED_MAX;

/// How far the journal has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Saved {
    /// The number of the last transaction that is on the disk.
    pub(crate) mark: u64,
    /// Whether the disk refuses the next ones.
    pub(crate) refusing: bool,
}

/// Local transactions that are not in the journal yet, in the order in which they were taken.
#[derive(Debug, Default)]
pub(crate) struct Unsaved {
    /// Where there is a journal: each with its number.
    queue: Option<VecDeque<(u64, Arc<Transaction>)>>,
    /// How many there ever were.
    total: u64,
    /// Whether the journal cannot be written.
    pub(crate) refusing: bool,
}

impl Unsaved {
    pub(crate) fn attach(&mut self) {
        self.queue.get_or_insert_default();
    }

    /// The number of the newest one, where there is a journal.
    pub(crate) fn mark(&self) -> Option<u64> {
        self.queue.as_ref().map(|_| self.total)
    }

    /// Adds one that `waiting` holds. Under a disk that hangs the queue would grow with every block:
    /// what waits no more needs no record and is dropped then.
    pub(crate) fn push(
        &mut self,
        tx: &Arc<Transaction>,
        waiting: &HashMap<B256, Arc<Transaction>>,
    ) {
        let Some(queue) = &mut self.queue else {
            return;
        };
        if queue.len() >= UNSAVED_MAX.max(waiting.len().saturating_mul(2)) {
            queue.retain(|(_, tx)| waiting.contains_key(&tx.hash()));
        }
        self.total += 1;
        queue.push_back((self.total, Arc::clone(tx)));
    }

    pub(crate) fn has_some(&self) -> bool {
        self.queue.as_ref().is_some_and(|queue| !queue.is_empty())
    }

    /// The first of them, up to so many bytes and one more, and the number of the last.
    pub(crate) fn take(&mut self, bytes_max: usize) -> (Vec<Arc<Transaction>>, u64) {
        let Some(queue) = &mut self.queue else {
            return (Vec::new(), self.total);
        };
        let (mut taken, mut bytes) = (Vec::new(), 0usize);
        while bytes < bytes_max
            && let Some((_, tx)) = queue.pop_front()
        {
            bytes = bytes.saturating_add(tx.raw().len());
            taken.push(tx);
        }
        let mark = queue
            .front()
            .map_or(self.total, |(next, _)| next.saturating_sub(1));
        (taken, mark)
    }
}
