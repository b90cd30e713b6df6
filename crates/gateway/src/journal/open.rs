//! Opening the file: its version, and what of it is kept in memory.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

use parking_lot::Mutex;
use redb::{Database, DatabaseError, ReadableTable as _, StorageBackend};

use super::{
    JournalError, Open, Shared, StreamDay,
    batches::BatchRow,
    tables::{
        BATCHES, DEVICES, DUE, HEAD, KEYS, META, READINGS, SEEN, SESSIONS, STREAMS, SUBJECTS,
        TOTALS, VERSION,
    },
};
use crate::{
    clock::Clock,
    limits::JOURNAL_CACHE_BYTES,
    totals::{Counting, Totals},
};

/// What a journal keeps to.
pub struct Terms {
    /// Bytes of readings that wait for the ledger. When they are reached, readings are refused.
    pub bytes_max: u64,
    /// Milliseconds after which a reading is not taken any more, and its counter is forgotten.
    pub late_max_ms: u64,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Opens the database at `path`, or another that goes by that name.
pub(super) fn open(
    path: &Path,
    backend: Option<impl StorageBackend>,
    terms: Terms,
) -> Result<Shared, JournalError> {
    let damaged = |why: String| JournalError::Damaged {
        path: path.into(),
        why,
    };
    let mut builder = Database::builder();
    builder.set_cache_size(JOURNAL_CACHE_BYTES);
    let db = match backend {
        Some(backend) => builder.create_with_backend(backend),
        None => builder.create(path),
    };
    let db = db.map_err(|e| match e {
        DatabaseError::DatabaseAlreadyOpen => JournalError::InUse(path.into()),
        other => damaged(other.to_string()),
    })?;
    let transaction = db.begin_write()?;
    let totals: Totals;
    let mut open: HashMap<StreamDay, Open> = HashMap::new();
    let (mut waiting, mut readings) = (0u64, 0u64);
    {
        let mut meta = transaction.open_table(META)?;
        let version = meta.get("version")?.map(|row| row.value().to_vec());
        match version {
            None => {
                meta.insert("version", VERSION.to_be_bytes().as_slice())?;
            }
            Some(version) if version == VERSION.to_be_bytes() => {}
            Some(_) => {
                return Err(damaged(
                    "another version of the gateway wrote it".to_owned(),
                ));
            }
        }
        totals = match meta.get(TOTALS)? {
            Some(row) => serde_json::from_slice(row.value()).map_err(|e| damaged(e.to_string()))?,
            None => Totals::default(),
        };
        transaction.open_table(STREAMS)?;
        transaction.open_table(SUBJECTS)?;
        transaction.open_table(SEEN)?;
        transaction.open_table(DUE)?;
        transaction.open_table(KEYS)?;
        transaction.open_table(DEVICES)?;
        transaction.open_table(SESSIONS)?;
        let mut batched: HashMap<StreamDay, u64> = HashMap::new();
        for row in transaction.open_table(BATCHES)?.iter()? {
            let batch: BatchRow =
                serde_json::from_slice(row?.1.value()).map_err(|e| damaged(e.to_string()))?;
            let last = batched.entry((batch.stream, batch.day)).or_default();
            *last = batch.last.max(*last);
        }
        for row in transaction.open_table(READINGS)?.iter()? {
            let (key, value) = row?;
            let ((stream, day, sequence), value) = (key.value(), value.value());
            waiting = waiting.saturating_add(value.len() as u64);
            readings = readings.saturating_add(1);
            let last = batched.get(&(stream, day));
            if last.is_some_and(|last| sequence <= *last) {
                continue;
            }
            let received = value.first_chunk::<8>().copied().map(u64::from_be_bytes);
            let entry = open.entry((stream, day)).or_insert(Open {
                from: sequence,
                count: 0,
                bytes: 0,
                since: received.unwrap_or(0),
            });
            entry.count = entry.count.saturating_add(1);
            entry.bytes = entry.bytes.saturating_add(value.len().saturating_sub(HEAD));
        }
    }
    transaction.commit()?;
    Ok(Shared {
        db,
        path: path.into(),
        counting: Counting::new(totals),
        open: Mutex::new(open),
        waiting: AtomicU64::new(waiting),
        readings: AtomicU64::new(readings),
        terms,
    })
}
