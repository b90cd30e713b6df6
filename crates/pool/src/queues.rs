//! The pool's side of gossip, journal and submission: what they take out of it and wait for.

use std::sync::Arc;

use alloy_primitives::B256;
use commonhold_primitives::Transaction;
use commonware_utils::channel::watch;

use crate::{Pool, limits, metrics::Counters, wire};

impl Pool {
    /// Which of these wait, or were in a recent final block.
    pub(crate) fn know(&self, hashes: &[B256]) -> Vec<bool> {
        let core = self.0.core.lock();
        hashes
            .iter()
            .map(|hash| core.by_hash.contains_key(hash) || core.finals.get(hash).is_some())
            .collect()
    }

    /// Sees every change that may make room.
    pub(crate) fn room(&self) -> watch::Receiver<u64> {
        self.0.shrunk.subscribe()
    }

    /// Sees every addition to what gossip has to send.
    pub(crate) fn outgoing(&self) -> watch::Receiver<u64> {
        self.0.outgoing.subscribe()
    }

    /// Changes to what the journal has to write.
    pub(crate) fn recording(&self) -> watch::Receiver<u64> {
        self.0.recording.subscribe()
    }

    /// The next gossip message, of what still waits.
    pub(crate) fn take_outbox(&self) -> Option<wire::Batch> {
        let mut core = self.0.core.lock();
        let mut batch = wire::Batch::default();
        while let Some(tx) = core.outbox.front() {
            if core.by_hash.contains_key(&tx.hash()) {
                if !batch.fits(tx.raw().len()) {
                    break;
                }
                batch.push(tx.raw());
            }
            core.outbox.pop_front();
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Waits until all local transactions taken so far are in the journal. Where there is none, or it
    /// cannot be written, that is at once. May be dropped at any time.
    pub async fn saved(&self) {
        let mark = {
            let core = self.0.core.lock();
            if core.unsaved.is_none() {
                return;
            }
            core.unsaved_total
        };
        let mut saved = self.0.saved.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = saved.wait_for(|saved| *saved >= mark).await;
    }

    pub(crate) fn attach_journal(&self) {
        self.0.core.lock().unsaved.get_or_insert_default();
    }

    pub(crate) fn detach_journal(&self) {
        self.0.core.lock().unsaved = None;
        self.0.saved.send_replace(u64::MAX);
    }

    /// Local transactions for one write to the journal, and how many there were with them.
    pub(crate) fn take_unsaved(&self) -> (Vec<Arc<Transaction>>, u64) {
        let mut core = self.0.core.lock();
        let total = core.unsaved_total;
        let Some(unsaved) = &mut core.unsaved else {
            return (Vec::new(), total);
        };
        let (mut taken, mut bytes) = (Vec::new(), 0usize);
        while bytes < limits::JOURNAL_WRITE_BYTES
            && let Some(tx) = unsaved.pop_front()
        {
            bytes = bytes.saturating_add(tx.raw().len());
            taken.push(tx);
        }
        let left = u64::try_from(unsaved.len()).unwrap_or(u64::MAX);
        (taken, total.saturating_sub(left))
    }

    pub(crate) fn set_saved(&self, mark: u64) {
        self.0.saved.send_replace(mark);
    }

    /// Whether a transaction waits that this node answers for.
    pub(crate) fn has_local(&self) -> bool {
        !self.0.core.lock().announced.is_empty()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }
}
