//! Batches in the journal.
//!
//! A batch is a range of sequence numbers of one stream and day, and a range that is in a batch is in no
//! other. Its row is written when its encrypted body is on the disk, with everything that its record's id
//! is made of: after a crash the same batch is uploaded and anchored under the same id.

use std::sync::atomic::Ordering;

use alloy_primitives::B256;
use commonhold_reading::{
    Entry as BatchEntry, Envelope, Flags, ReadingError,
    limits::{BATCH_BYTES_MAX, BATCH_READINGS_MAX},
};
use redb::{ReadableDatabase as _, ReadableTable as _};
use serde::{Deserialize, Serialize};

use super::{
    Journal, JournalError, Open, StreamDay,
    rows::storage,
    tables::{BATCHES, HEAD, READINGS},
};
use crate::limits::ANCHORED_KEPT_MAX;

/// How far a batch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its encrypted body is on this disk.
    Sealed,
    /// The node has the body and the sealed key.
    Uploaded,
    /// The ledger has it.
    Anchored,
    /// And its body is deleted here.
    Dropped,
    /// The ledger refuses it for ever; its readings stay here.
    Refused,
}

/// A closed batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRow {
    /// The stream, by number.
    pub stream: u32,
    /// The day: days since 1970.
    pub day: u32,
    /// The first of its sequence numbers.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// Its readings.
    pub count: u32,
    /// The time of the earliest, in milliseconds since 1970.
    pub from: u64,
    /// And of the latest.
    pub to: u64,
    /// Root of the tree over them.
    pub root: B256,
    /// Name of the encrypted body.
    pub hash: B256,
    /// Its length.
    pub length: u64,
    /// keccak-256 of the day's sealed key.
    pub sealed_hash: B256,
    /// Makes the record's id unguessable.
    pub salt: B256,
    /// How far it has come.
    pub stage: Stage,
    /// The record; zero until it is anchored.
    pub record: B256,
    /// The transaction that anchored it, where this gateway knows it.
    pub transaction: Option<B256>,
    /// When it was anchored, in seconds since 1970.
    pub anchored_at: u64,
    /// Why the ledger refuses it.
    pub why: Option<String>,
}

/// Readings that make a batch.
pub(crate) struct Gathered {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) bytes: usize,
    pub(crate) entries: Vec<BatchEntry>,
}

impl Journal {
    /// Streams and days with readings that are in no batch yet.
    pub(crate) fn open_days(&self) -> Vec<(StreamDay, Open)> {
        let mut open: Vec<_> = self
            .shared
            .open
            .lock()
            .iter()
            .map(|(k, v)| (*k, *v))
            .collect();
        open.sort_unstable_by_key(|(place, _)| *place);
        open
    }

    /// Reads at most `max` readings of a stream's day from a sequence number on.
    pub(crate) fn gather(
        &self,
        (stream, day): StreamDay,
        from: u64,
        max: usize,
    ) -> Result<Option<Gathered>, JournalError> {
        let transaction = self.shared.db.begin_read().map_err(storage)?;
        let readings = transaction.open_table(READINGS)?;
        let mut gathered: Option<Gathered> = None;
        let (mut total, mut bytes) = (BATCH_BYTES_MAX / 64, 0usize);
        for row in readings.range((stream, day, from)..=(stream, day, u64::MAX))? {
            let (key, value) = row?;
            let sequence = key.value().2;
            let entry = entry(value.value()).map_err(|e| JournalError::Damaged {
                path: self.shared.path.clone(),
                why: e.to_string(),
            })?;
            let len = entry.len_in_batch();
            total = total.saturating_add(len);
            bytes = bytes.saturating_add(value.value().len().saturating_sub(HEAD));
            let count = gathered.as_ref().map_or(0, |g| g.entries.len());
            if count >= max.min(BATCH_READINGS_MAX) || total > BATCH_BYTES_MAX {
                break;
            }
            let g = gathered.get_or_insert(Gathered {
                first: sequence,
                last: sequence,
                bytes: 0,
                entries: Vec::new(),
            });
            g.last = sequence;
            g.bytes = bytes;
            g.entries.push(entry);
        }
        Ok(gathered)
    }

    /// Keeps a batch that was just closed, and gives it its number.
    pub(crate) fn close(
        &self,
        row: &BatchRow,
        bytes: usize,
        now: u64,
    ) -> Result<u64, JournalError> {
        let transaction = self.shared.db.begin_write()?;
        let number;
        {
            let mut batches = transaction.open_table(BATCHES)?;
            number = batches
                .last()?
                .map_or(0, |(key, _)| key.value().saturating_add(1));
            batches.insert(number, serde_json::to_vec(row)?.as_slice())?;
        }
        transaction.commit()?;
        let mut open = self.shared.open.lock();
        if let Some(left) = open.get_mut(&(row.stream, row.day)) {
            left.from = row.last.saturating_add(1);
            left.count = left.count.saturating_sub(row.count as usize);
            left.bytes = left.bytes.saturating_sub(bytes);
            left.since = now;
            if left.count == 0 {
                open.remove(&(row.stream, row.day));
            }
        }
        Ok(number)
    }

    /// Batches in the order in which they were closed.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn batches(&self) -> Result<Vec<(u64, BatchRow)>, JournalError> {
        let transaction = self.shared.db.begin_read().map_err(storage)?;
        let table = transaction.open_table(BATCHES)?;
        let rows = table.iter()?.map(|row| {
            let (key, value) = row?;
            Ok((key.value(), serde_json::from_slice(value.value())?))
        });
        rows.collect()
    }

    /// Writes how far batches have come. The readings of those that are anchored are deleted.
    pub(crate) fn advance(&self, changed: &[(u64, BatchRow)]) -> Result<(), JournalError> {
        let transaction = self.shared.db.begin_write()?;
        let (mut bytes, mut count) = (0u64, 0u64);
        {
            let mut batches = transaction.open_table(BATCHES)?;
            let mut readings = transaction.open_table(READINGS)?;
            for (number, row) in changed {
                batches.insert(number, serde_json::to_vec(row)?.as_slice())?;
                if row.stage != Stage::Anchored {
                    continue;
                }
                let range = (row.stream, row.day, row.first)..=(row.stream, row.day, row.last);
                readings.retain_in(range, |_, value| {
                    bytes = bytes.saturating_add(value.len() as u64);
                    count = count.saturating_add(1);
                    false
                })?;
            }
            while redb::ReadableTableMetadata::len(&batches)? > ANCHORED_KEPT_MAX as u64 {
                let Some((key, value)) = batches.first()? else {
                    break;
                };
                let row: BatchRow = serde_json::from_slice(value.value())?;
                let number = key.value();
                drop((key, value));
                if row.stage != Stage::Dropped {
                    break;
                }
                batches.remove(number)?;
            }
        }
        transaction.commit()?;
        let lower = |total: &std::sync::atomic::AtomicU64, by: u64| {
            let _ = total.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |have| {
                Some(have.saturating_sub(by))
            });
        };
        lower(&self.shared.waiting, bytes);
        lower(&self.shared.readings, count);
        Ok(())
    }
}

fn entry(row: &[u8]) -> Result<BatchEntry, ReadingError> {
    let malformed = |why: &str| ReadingError::Malformed {
        what: "reading in the journal",
        why: why.to_owned(),
    };
    let (head, envelope) = row
        .split_first_chunk::<HEAD>()
        .ok_or_else(|| malformed("it is cut off"))?;
    let [received @ .., flags] = head;
    Ok(BatchEntry {
        received: u64::from_be_bytes(*received),
        flags: Flags::from_bits(*flags)?,
        envelope: Envelope::parse(envelope)?,
    })
}
