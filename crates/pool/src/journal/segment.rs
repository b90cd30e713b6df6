//! One blob of the journal: see the format in the [parent](super).

use std::sync::Arc;

use alloy_primitives::{B256, Bytes};
use commonhold_primitives::{Transaction, limits::TRANSACTION_BYTES_MAX};
use commonware_runtime::{Blob, Error, IoBuf, ReadOptions, Storage, WriteOptions};
use tracing::debug;

use crate::limits::JOURNAL_BLOB_BYTES_MAX;

/// A blob that is written, or was.
pub(super) struct Segment<B> {
    pub(super) id: u64,
    blob: B,
    /// Bytes that are on the disk.
    pub(super) size: u64,
    /// The transactions in them.
    pub(super) hashes: Vec<B256>,
}

impl<B: Blob> Segment<B> {
    pub(super) async fn create(
        context: &impl Storage<Blob = B>,
        partition: &str,
        id: u64,
    ) -> Result<Self, Error> {
        let (blob, size) = context.open(partition, &id.to_be_bytes()).await?;
        Ok(Self {
            id,
            blob,
            size,
            hashes: Vec::new(),
        })
    }

    /// Adds records. They are on the disk when this returns.
    pub(super) async fn append(&mut self, transactions: &[Arc<Transaction>]) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for tx in transactions {
            let len = u32::try_from(tx.raw().len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&len.to_be_bytes());
            bytes.extend_from_slice(tx.raw());
        }
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.blob
            .write_at(self.size, IoBuf::from(bytes), WriteOptions::SYNC)
            .await?;
        self.size = self.size.saturating_add(size);
        self.hashes.extend(transactions.iter().map(|tx| tx.hash()));
        Ok(())
    }
}

/// The names of the blobs there are, and the records in them.
pub(super) async fn read_all(
    context: &impl Storage,
    partition: &str,
) -> Result<(Vec<u64>, Vec<Bytes>), Error> {
    let names = match context.scan(partition).await {
        Ok(names) => names,
        Err(Error::PartitionMissing(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut ids: Vec<u64> = names
        .iter()
        .filter_map(|name| name.as_slice().try_into().ok().map(u64::from_be_bytes))
        .collect();
    ids.sort_unstable();
    let mut raws = Vec::new();
    for id in &ids {
        let (blob, size) = context.open(partition, &id.to_be_bytes()).await?;
        let len = usize::try_from(size)
            .unwrap_or(usize::MAX)
            .min(JOURNAL_BLOB_BYTES_MAX);
        let bytes = blob.read_at(0, len, ReadOptions::default()).await?;
        records(bytes.coalesce().as_ref(), &mut raws);
    }
    Ok((ids, raws))
}

/// Adds the records of one blob to `raws`, up to where it is cut off.
fn records(mut rest: &[u8], raws: &mut Vec<Bytes>) {
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let len = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if len == 0 || len > TRANSACTION_BYTES_MAX {
            break;
        }
        let Some((body, after)) = after.split_at_checked(len) else {
            break;
        };
        raws.push(Bytes::copy_from_slice(body));
        rest = after;
    }
    if !rest.is_empty() {
        debug!(bytes = rest.len(), "a journal blob ends within a record");
    }
}
