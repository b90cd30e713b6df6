//! Closing batches, and deleting bodies that are not needed any more.

use std::io::Seek as _;

use alloy_primitives::B256;
use commonhold_reading::{Batch, DAY_MS, limits::BATCH_BYTES_MAX};
use commonhold_sdk::clock::now_ms;
use commonhold_vault::{
    VaultError,
    crypt4gh::encrypt,
    place::{nameless, place},
};
use tracing::{debug, info};

use super::{StepError, Work};
use crate::journal::{BatchRow, Open, Stage, StreamDay};

/// Bytes of readings that fit into a batch with what stands around them.
const BYTES_DUE: usize = BATCH_BYTES_MAX / 16 * 13;

impl Work {
    /// Closes what is due. Whether there was something.
    pub(super) fn close_due(&mut self) -> Result<bool, StepError> {
        let now = now_ms();
        let mut any = false;
        for (place, open) in self.it.journal.open_days() {
            if self.is_due(place, &open, now) && !self.stopping() {
                any |= self.close(place, &open, now)?;
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

    fn close(&mut self, place_: StreamDay, open: &Open, now: u64) -> Result<bool, StepError> {
        let journal = self.it.journal.clone();
        let Some(gathered) = journal.gather(place_, open.from, self.it.batch.readings)? else {
            return Ok(false);
        };
        let other = |e: commonhold_reading::ReadingError| StepError::Other(e.to_string());
        let batch = Batch::new(gathered.entries).map_err(other)?;
        let (key, sealed) = self.day_key(place_)?;
        let mut file = nameless(&self.it.directory)?;
        let body = encrypt(
            &key,
            &mut batch.encode().map_err(other)?.as_slice(),
            &mut file,
        )?;
        file.rewind().map_err(VaultError::from)?;
        let mut salt = B256::ZERO;
        rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, salt.as_mut_slice())
            .map_err(|_| VaultError::Random)?;
        let row = BatchRow {
            stream: place_.0,
            day: place_.1,
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
        place(file, &self.body_path(&row))?;
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
        let oldest = (now_ms() / 1000).saturating_sub(self.it.store.keep_seconds);
        let old = self
            .rows
            .iter()
            .filter(|(_, row)| row.stage == Stage::Anchored && row.anchored_at <= oldest);
        let mut old: Vec<(u64, BatchRow)> = old.map(|(n, row)| (*n, row.clone())).collect();
        if old.is_empty() {
            return Ok(());
        }
        for (_, row) in &mut old {
            let path = self.body_path(row);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StepError::File(path, e));
                }
                _ => row.stage = Stage::Dropped,
            }
        }
        self.it.journal.advance(&old)?;
        for (number, _) in &old {
            self.rows.remove(number);
        }
        info!(batches = old.len(), "deleted bodies that the vault has");
        Ok(())
    }
}
