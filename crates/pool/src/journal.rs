//! A file of what this node has acknowledged to clients and what is not final yet, so that it survives
//! the node's own end.
//!
//! # Format
//! A partition of blobs, named by a number (u64 big-endian) that grows. Each holds records, in the
//! order in which their transactions were taken:
//!
//! ```text
//! length  u32 big-endian, 1..=TRANSACTION_BYTES_MAX
//! body    the EIP-2718 transaction
//! ```
//!
//! A record proves itself by its signature. A record that is cut off ends its blob; one that recovers
//! no sender is passed over.
//!
//! # Promise
//! What [`Pool::saved`] has returned for is in the hands of the operating system: it survives the end
//! of the process, not that of the machine (a blob is synced when it is full, not record by record; the
//! other members have them too). A blob is removed when all its transactions are final or gone; where a few remain they
//! are carried over into the newest blob first. At a start, everything is admitted again like a
//! client's transaction, so what became final meanwhile is refused by its nonce.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use alloy_primitives::{B256, Bytes};
use commonhold_primitives::{Transaction, limits::TRANSACTION_BYTES_MAX, transaction::recover};
use commonware_parallel::Strategy;
use commonware_runtime::{
    Blob as _, Clock, Error, Handle, IoBuf, ReadOptions, Spawner, Storage, WriteOptions,
};
use tracing::{debug, error, info, warn};

use crate::{
    Origin, Pool,
    gossip::AccountReader,
    limits::{JOURNAL_BLOB_BYTES, JOURNAL_BLOB_BYTES_MAX, JOURNAL_IDLE_BYTES},
};

/// How long a start waits between two attempts to read the state.
const RETRY: Duration = Duration::from_millis(100);

/// Opens the journal in `partition`, admits what it holds, and writes to it from then on.
///
/// # Errors
/// Where the storage cannot be read or written.
pub async fn start<E, A, S>(
    context: E,
    pool: Pool,
    accounts: A,
    strategy: S,
    partition: String,
) -> Result<Handle<()>, Error>
where
    E: Spawner + Clock + Storage,
    A: AccountReader,
    S: Strategy,
{
    let (old, raws) = read(&context, &partition).await?;
    let next = old.last().copied().map_or(0, |last| last.saturating_add(1));
    let newest = Segment::create(&context, &partition, next).await?;
    pool.attach_journal();
    Ok(context.spawn(move |context| async move {
        let mut journal = Journal {
            context,
            partition,
            pool,
            newest,
            full: VecDeque::new(),
        };
        journal.replay(raws, accounts, strategy).await;
        if let Err(error) = journal.run(old).await {
            // The transactions go on without it; only this node's own end would lose them here.
            error!(%error, "the journal of pending transactions cannot be written any more");
            journal.pool.detach_journal();
        }
    }))
}

/// The names of the blobs there are, and the records in them.
async fn read(context: &impl Storage, partition: &str) -> Result<(Vec<u64>, Vec<Bytes>), Error> {
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

/// One blob.
struct Segment<B> {
    id: u64,
    blob: B,
    size: u64,
    hashes: Vec<B256>,
}

impl<B: commonware_runtime::Blob> Segment<B> {
    async fn create(
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

    async fn append(&mut self, transactions: &[Arc<Transaction>]) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for tx in transactions {
            let len = u32::try_from(tx.raw().len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&len.to_be_bytes());
            bytes.extend_from_slice(tx.raw());
        }
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.blob
            .write_at(self.size, IoBuf::from(bytes), WriteOptions::default())
            .await?;
        self.size = self.size.saturating_add(size);
        self.hashes.extend(transactions.iter().map(|tx| tx.hash()));
        Ok(())
    }
}

struct Journal<E: Storage> {
    context: E,
    partition: String,
    pool: Pool,
    newest: Segment<E::Blob>,
    /// Earlier ones that still hold something, oldest first.
    full: VecDeque<Segment<E::Blob>>,
}

impl<E: Clock + Storage> Journal<E> {
    /// Admits what the journal held at the start.
    async fn replay<A: AccountReader, S: Strategy>(
        &self,
        raws: Vec<Bytes>,
        accounts: A,
        strategy: S,
    ) {
        if raws.is_empty() {
            return;
        }
        let (read, chain_id) = (raws.len(), self.pool.config().chain_id);
        let recovered = strategy
            .spawn(raws.len(), move |strategy| {
                strategy.map_collect_vec(raws, |raw| recover(raw, chain_id))
            })
            .await;
        let mut admitted = 0usize;
        for transaction in recovered {
            let Ok(transaction) = transaction else {
                warn!("a record of the journal is not a transaction; it is passed over");
                continue;
            };
            let sender = transaction.sender();
            let account = loop {
                if let Some(account) = self.pool.known_account(&sender) {
                    break account;
                }
                let views = accounts.accounts(vec![sender]).await;
                if let Some(account) = views.and_then(|views| views.first().copied()) {
                    break account;
                }
                self.context.sleep(RETRY).await;
            };
            match self.pool.admit(transaction, account, Origin::Local) {
                Ok(_) => admitted += 1,
                Err(error) => {
                    debug!(%sender, %error, "a journalled transaction is not taken again")
                }
            }
        }
        info!(
            read,
            admitted, "pending transactions taken from the journal"
        );
    }

    /// Writes what is taken, for ever. The blobs in `old` go once what is left of them is written anew.
    async fn run(&mut self, old: Vec<u64>) -> Result<(), Error> {
        let mut changes = self.pool.recording();
        self.write().await?;
        self.newest.blob.sync().await?;
        for id in old {
            self.context
                .remove(&self.partition, Some(&id.to_be_bytes()))
                .await?;
        }
        loop {
            self.write().await?;
            self.tidy().await?;
            if changes.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    async fn write(&mut self) -> Result<(), Error> {
        loop {
            let (transactions, mark) = self.pool.take_unsaved();
            if transactions.is_empty() {
                return Ok(());
            }
            self.newest.append(&transactions).await?;
            self.pool.set_saved(mark);
        }
    }

    /// Begins a new blob when the newest is full, or holds nothing that waits, and removes those that
    /// are not needed any more.
    async fn tidy(&mut self) -> Result<(), Error> {
        let idle = self.newest.size >= JOURNAL_IDLE_BYTES && !self.pool.has_local();
        if self.newest.size < JOURNAL_BLOB_BYTES && !idle {
            return Ok(());
        }
        let id = self.newest.id.saturating_add(1);
        let next = Segment::create(&self.context, &self.partition, id).await?;
        self.full
            .push_back(std::mem::replace(&mut self.newest, next));
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
            if !waiting.is_empty() {
                self.newest.append(&waiting).await?;
                self.newest.blob.sync().await?;
            }
            self.full.pop_front();
            self.context
                .remove(&self.partition, Some(&id.to_be_bytes()))
                .await?;
        }
        Ok(())
    }
}
