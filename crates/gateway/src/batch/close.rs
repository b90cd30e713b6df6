//! Closing batches, and deleting bodies that are not needed any more.

use alloy_primitives::B256;
use commonhold_reading::{Batch, DAY_MS, limits::BATCH_BYTES_MAX};
use commonhold_vault::crypt4gh::{body_len, encrypt_seeded};
use rand::Rng as _;
use tracing::{debug, info};

use super::{StepError, Work};
use crate::journal::{BatchRow, Open, Stage, StreamDay};

/// Bytes of readings that fit into a batch with what stands around them.
const BYTES_DUE: usize = BATCH_BYTES_MAX / 16 * 13;

impl Work {
    /// Closes what is due. Whether there was something.
    pub(super) async fn close_due(&mut self) -> Result<bool, StepError> {
        let now = self.it.clock.now_ms();
        let mut any = false;
        for (place, open) in self.it.journal.open_days() {
            if self.is_due(place, &open, now) && !self.stopping() {
                any |= self.close(place, &open, now).await?;
            }
        }
        Ok(any)
    }

    fn is_due(&self, (_, day): StreamDay, open: &Open, now: u64) -> bool {
        let seconds = self.it.batch.seconds.saturating_mul(1000);
        let ends = u64::from(day).saturating_add(1).saturating_mul(DAY_MS);
        open.count >= self.it.batch.readings
            || open.bytes >= BYTES_DUE
            || now.saturating_sub(open.since) >= seconds
            // At the end of the day; what comes later waits like everything else.
            || (now >= ends && open.since < ends)
    }

    async fn close(&mut self, place: StreamDay, open: &Open, now: u64) -> Result<bool, StepError> {
        let journal = self.it.journal.clone();
        let Some(gathered) = journal.gather(place, open.from, self.it.batch.readings)? else {
            return Ok(false);
        };
        let other = |e: commonhold_reading::ReadingError| StepError::Other(e.to_string());
        let batch = Batch::new(gathered.entries).map_err(other)?;
        let (key, sealed) = self.day_key(place).await?;
        let plain = batch.encode().map_err(other)?;
        let length = usize::try_from(body_len(plain.len() as u64)).unwrap_or_default();
        let mut bytes = Vec::with_capacity(length);
        let (mut seed, mut salt) = ([0; 32], B256::ZERO);
        self.it.random.fill_bytes(&mut seed);
        self.it.random.fill_bytes(salt.as_mut_slice());
        let body = encrypt_seeded(&key, seed, &mut plain.as_slice(), &mut bytes)?;
        let row = BatchRow {
            stream: place.0,
            day: place.1,
            first: gathered.first,
            last: gathered.last,
            count: batch.count(),
            from: batch.from(),
            to: batch.to(),
            root: batch.root(),
            hash: body.hash.into(),
            length: body.len,
            sealed_hash: sealed.digest(),
            salt,
            stage: Stage::Sealed,
            record: B256::ZERO,
            transaction: None,
            anchored_at: 0,
            why: None,
        };
        self.it.bodies.put(row.hash, &bytes)?;
        let number = journal.close(&row, gathered.bytes, now)?;
        debug!(
            batch = number,
            readings = row.count,
            bytes = row.length,
            "closed a batch"
        );
        self.rows.insert(number, row);
        Ok(true)
    }

    /// Deletes bodies of batches that have been on the ledger for long enough.
    pub(super) fn drop_old(&mut self) -> Result<(), StepError> {
        let oldest = (self.it.clock.now_ms() / 1000).saturating_sub(self.it.store.keep_seconds);
        let old = self
            .rows
            .iter()
            .filter(|(_, row)| row.stage == Stage::Anchored && row.anchored_at <= oldest);
        let mut old: Vec<(u64, BatchRow)> = old.map(|(n, row)| (*n, row.clone())).collect();
        if old.is_empty() {
            return Ok(());
        }
        for (_, row) in &mut old {
            self.it.bodies.delete(row.hash)?;
            row.stage = Stage::Dropped;
        }
        self.it.journal.advance(&old)?;
        for (number, _) in &old {
            self.rows.remove(number);
        }
        info!(batches = old.len(), "deleted bodies that the vault has");
        Ok(())
    }
}
