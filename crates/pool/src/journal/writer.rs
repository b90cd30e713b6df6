//! Writing the journal, for as long as the node lives.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime},
};

use commonhold_primitives::Transaction;
use commonware_runtime::{Clock, Error, Storage};
use tracing::{error, info, warn};

use super::segment::Segment;
use crate::{
    Pool,
    limits::{
        JOURNAL_BLOB_BYTES, JOURNAL_IDLE_BYTES, JOURNAL_PACE_MAX_MS, JOURNAL_PACE_MIN_MS,
        JOURNAL_PACE_MS, JOURNAL_RETRY_MAX_MS, JOURNAL_RETRY_MIN_MS,
    },
};

/// Where the next records go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// To the end of the newest blob.
    Newest,
    /// To the begin of a new one.
    New,
}

pub(super) struct Writer<E: Storage> {
    pub(super) context: E,
    pub(super) partition: String,
    pub(super) pool: Pool,
    pub(super) newest: Segment<E::Blob>,
    /// Earlier ones that still hold something, oldest first.
    pub(super) full: VecDeque<Segment<E::Blob>>,
    /// Blobs of which nothing is needed once what has been taken so far is written.
    pub(super) obsolete: Vec<u64>,
    /// When the next write may begin.
    pub(super) free_at: SystemTime,
}

impl<E: Clock + Storage> Writer<E> {
    /// Writes what is taken, for ever.
    pub(super) async fn run(mut self) {
        let mut changes = self.pool.recording();
        loop {
            self.write().await;
            self.tidy().await;
            self.remove_obsolete().await;
            // The pool lives as long as `self`.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Writes until nothing is left.
    async fn write(&mut self) {
        loop {
            let now = self.context.current();
            let early = self.free_at.duration_since(now).unwrap_or_default();
            if !early.is_zero() && self.pool.has_unsaved() {
                // Somebody may have turned the clock back.
                let most = Duration::from_millis(JOURNAL_PACE_MAX_MS);
                self.context.sleep(early.min(most)).await;
            }
            let (transactions, mark) = self.pool.take_unsaved();
            if transactions.is_empty() {
                return;
            }
            let pace = u64::try_from(transactions.len())
                .unwrap_or(u64::MAX)
                .saturating_mul(JOURNAL_PACE_MS)
                .clamp(JOURNAL_PACE_MIN_MS, JOURNAL_PACE_MAX_MS);
            self.free_at = self.context.current() + Duration::from_millis(pace);
            self.keep(&transactions, Place::Newest).await;
            self.pool.set_saved(mark);
        }
    }

    /// Brings records to the disk, however long it takes. While the disk refuses them, clients are
    /// refused.
    async fn keep(&mut self, transactions: &[Arc<Transaction>], place: Place) {
        let mut refused = 0u32;
        let mut pause = JOURNAL_RETRY_MIN_MS;
        let mut place = place;
        while let Err(error) = self.try_keep(transactions, place).await {
            if refused == 0 {
                error!(%error, "the journal cannot be written: clients' transactions are refused until it can");
            }
            refused = refused.saturating_add(1);
            self.pool.refuse_clients();
            self.context.sleep(Duration::from_millis(pause)).await;
            pause = pause.saturating_mul(2).min(JOURNAL_RETRY_MAX_MS);
            place = Place::New;
        }
        if refused > 0 {
            self.pool.welcome_clients();
            info!(refused, "the journal can be written again");
        }
    }

    async fn try_keep(
        &mut self,
        transactions: &[Arc<Transaction>],
        place: Place,
    ) -> Result<(), Error> {
        if place == Place::New {
            let id = self.newest.id.saturating_add(1);
            let next = Segment::create(&self.context, &self.partition, id).await?;
            let last = std::mem::replace(&mut self.newest, next);
            if !last.hashes.is_empty() {
                self.full.push_back(last);
            } else if self.remove(last.id).await.is_err() {
                self.obsolete.push(last.id);
            }
        }
        if transactions.is_empty() {
            return Ok(());
        }
        self.newest.append(transactions).await?;
        self.pool.counters().journal_writes.inc();
        Ok(())
    }

    /// Begins a new blob when the newest is full, or holds nothing that waits, and gives up those that
    /// are not needed any more.
    async fn tidy(&mut self) {
        let idle = self.newest.size >= JOURNAL_IDLE_BYTES && !self.pool.has_local();
        if self.newest.size < JOURNAL_BLOB_BYTES && !idle {
            return;
        }
        self.keep(&[], Place::New).await;
        while let Some(oldest) = self.full.front() {
            let waiting: Vec<Arc<Transaction>> = self
                .pool
                .get_many(&oldest.hashes)
                .into_iter()
                .flatten()
                .collect();
            // Carrying over is worth it only while it shrinks what is kept.
            if waiting.len() > oldest.hashes.len() / 2 {
                break;
            }
            let id = oldest.id;
            self.full.pop_front();
            self.keep(&waiting, Place::Newest).await;
            self.obsolete.push(id);
        }
    }

    /// Removes what is not needed. What the disk does not let go of is tried again after the next
    /// write; were it still there at the next start, it would be read and refused by its nonces.
    async fn remove_obsolete(&mut self) {
        for id in std::mem::take(&mut self.obsolete) {
            if let Err(error) = self.remove(id).await {
                warn!(id, %error, "a journal blob that is not needed cannot be removed");
                self.obsolete.push(id);
            }
        }
    }

    async fn remove(&self, id: u64) -> Result<(), Error> {
        let name = id.to_be_bytes();
        match self.context.remove(&self.partition, Some(&name)).await {
            Err(Error::BlobMissing(..)) => Ok(()),
            done => done,
        }
    }
}
