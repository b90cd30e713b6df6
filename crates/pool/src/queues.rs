//! The pool's side of gossip, journal and submission: what they take out of it and wait for.

use std::sync::Arc;

use alloy_primitives::B256;
use commonhold_primitives::Transaction;
use commonware_utils::channel::watch;

use crate::{NotKept, Pool, limits, metrics::Counters, wire};

impl Pool {
    /// Which of these wait, or were in a recent final block.
    pub(crate) fn know(&self, hashes: &[B256]) -> Vec<bool> {
        let core = self.0.core.lock();
        hashes.iter().map(|hash| core.knows(hash)).collect()
    }

    /// Sees every final block once the pool has followed it.
    pub(crate) fn blocks(&self) -> watch::Receiver<u64> {
        self.0.blocks.subscribe()
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

    /// Waits until all local transactions taken so far are in the journal and on the disk. Where the
    /// pool has no journal that is at once. May be dropped at any time.
    ///
    /// # Errors
    /// Where the disk refuses the journal: what was taken may become final all the same, but this node
    /// cannot promise it.
    pub async fn saved(&self) -> Result<(), NotKept> {
        let Some(mark) = self.0.core.lock().unsaved.mark() else {
            return Ok(());
        };
        let mut saved = self.0.saved.subscribe();
        let reached = saved
            .wait_for(|saved| saved.mark >= mark || saved.refusing)
            .await;
        // The sender lives as long as `self`, so the wait itself cannot fail.
        match reached {
            Ok(saved) if saved.mark >= mark => Ok(()),
            _ => Err(NotKept),
        }
    }

    /// From now on [`Pool::saved`] waits for whoever keeps a journal.
    pub fn attach_journal(&self) {
        self.0.core.lock().unsaved.attach();
    }

    /// Local transactions for one write to the journal, and their mark.
    pub(crate) fn take_unsaved(&self) -> (Vec<Arc<Transaction>>, u64) {
        self.0.core.lock().unsaved.take(limits::JOURNAL_WRITE_BYTES)
    }

    pub(crate) fn has_unsaved(&self) -> bool {
        self.0.core.lock().unsaved.has_some()
    }

    /// What was taken up to `mark` is on the disk.
    pub(crate) fn set_saved(&self, mark: u64) {
        self.0.saved.send_modify(|saved| saved.mark = mark);
    }

    /// The journal cannot be written: clients are refused, and who waits for [`Pool::saved`] is told so,
    /// until [`Pool::welcome_clients`].
    pub fn refuse_clients(&self) {
        self.set_refusing(true);
    }

    /// The journal can be written again.
    pub fn welcome_clients(&self) {
        self.set_refusing(false);
    }

    fn set_refusing(&self, refusing: bool) {
        let mut core = self.0.core.lock();
        core.unsaved.refusing = refusing;
        if refusing {
            core.line.dismiss(&NotKept.into());
        }
        drop(core);
        self.0.counters.journal_failing.set(refusing.into());
        self.0.saved.send_modify(|saved| saved.refusing = refusing);
    }

    /// Whether a transaction waits that this node answers for.
    pub(crate) fn has_local(&self) -> bool {
        !self.0.core.lock().announced.is_empty()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }
}
