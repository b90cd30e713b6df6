//! Opening the file, adding blocks and writing them.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use alloy_consensus::Transaction as _;
use commonhold_primitives::{Block, Finalised, finalised::Witness, transaction};
use parking_lot::{Condvar, Mutex, RwLock};
use redb::{Database, ReadableTable as _};
use std::collections::VecDeque;

use crate::{
    codec::{Codec, encode_witness},
    entry::Entry,
    error::{IndexError, guarded},
    limits::{
        CACHE_BYTES_MAX, UNWRITTEN_BLOCKS_MAX, UNWRITTEN_BYTES_MAX, WITNESS_BLOCKS_KEPT,
        WITNESS_BYTES_KEPT, WRITE_INTERVAL_MS,
    },
    open::{cannot_open, prepare},
    recent::{Recent, Slot},
    tables::{
        ANY_LOG, BLOCKS, HASHES, LOGS, META, POSITIONS, Position, SENT, TOUCHED, WITNESSES,
        log_address, log_topic, short_address, short_hash,
    },
};

/// Lookups over final blocks. Cheap to clone; the file is closed when the last clone goes.
#[derive(Clone)]
pub struct Index(Arc<Handle>);

struct Handle {
    inner: Arc<Inner>,
    writer: Option<JoinHandle<()>>,
}

pub(crate) struct Inner {
    pub(crate) db: Database,
    pub(crate) codec: Codec,
    pub(crate) genesis: Arc<Entry>,
    pub(crate) recent: RwLock<Recent>,
    pub(crate) unpacked: Mutex<VecDeque<Arc<Entry>>>,
    path: Option<PathBuf>,
    /// Held while blocks are written; how many bytes of witnesses the file holds.
    writing: Mutex<u64>,
    /// The first block from which on none is left out.
    floor: AtomicU64,
    /// The file turned out to be damaged while it was written.
    broken: AtomicBool,
    signal: Mutex<Signal>,
    wake: Condvar,
}

#[derive(Default)]
struct Signal {
    due: bool,
    stop: bool,
}

impl Index {
    /// Opens or creates the file at `path` for the network that `genesis` begins.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] and [`IndexError::Foreign`] mean that the file is to be deleted.
    pub fn open(path: &Path, genesis: &Block) -> Result<Self, IndexError> {
        let opened = guarded(|| {
            let mut builder = Database::builder();
            let db = builder.set_cache_size(CACHE_BYTES_MAX).create(path);
            let db = db.map_err(|e| cannot_open(path, e))?;
            Self::start(db, Some(path.to_path_buf()), genesis)
        });
        opened.map_err(|error| match error {
            IndexError::Unreadable => IndexError::Damaged {
                path: path.to_path_buf(),
                why: "a page of it makes no sense".into(),
            },
            other => other,
        })
    }

    /// An index that lives in memory only.
    ///
    /// # Errors
    /// None in practice; the same code runs as for a file.
    pub fn in_memory(genesis: &Block) -> Result<Self, IndexError> {
        let backend = redb::backends::InMemoryBackend::new();
        let db = Database::builder()
            .create_with_backend(backend)
            .map_err(|e| IndexError::Storage(e.to_string()))?;
        Self::start(db, None, genesis)
    }

    fn start(db: Database, path: Option<PathBuf>, genesis: &Block) -> Result<Self, IndexError> {
        let (height, floor, witness_bytes) = prepare(&db, path.as_deref(), genesis.hash())?;
        let none = Finalised {
            block: genesis.clone(),
            senders: Vec::new(),
            receipts: Arc::default(),
            witness: Arc::default(),
        };
        let inner = Arc::new(Inner {
            db,
            codec: Codec::new(alloy_rlp::encode(genesis.header())),
            genesis: Arc::new(Entry::new(&none)?),
            recent: RwLock::new(Recent::new(height)),
            unpacked: Mutex::default(),
            path,
            writing: Mutex::new(witness_bytes),
            floor: AtomicU64::new(floor),
            broken: AtomicBool::new(false),
            signal: Mutex::default(),
            wake: Condvar::new(),
        });
        let of_thread = inner.clone();
        let writer = std::thread::Builder::new()
            .name("index".into())
            .spawn(move || of_thread.write_until_stopped())?;
        Ok(Self(Arc::new(Handle {
            inner,
            writer: Some(writer),
        })))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0.inner
    }

    /// The last block added; 0 where only the genesis block is known. After opening, the block
    /// after this one comes next.
    pub fn height(&self) -> u64 {
        self.inner().recent.read().height
    }

    /// Adds a final block. Blocks that are there already are passed over.
    ///
    /// # Errors
    /// [`IndexError::Gap`] where a block between is missing: see [`Self::skip_to`].
    pub fn apply(&self, finalised: &Finalised) -> Result<(), IndexError> {
        let inner = self.inner();
        let number = finalised.block.number();
        let want = self.height().saturating_add(1);
        if number < want {
            return Ok(());
        }
        if number > want {
            return Err(IndexError::Gap { want, got: number });
        }
        let slot = Slot {
            entry: Arc::new(Entry::new(finalised)?),
            witness: finalised.witness.clone(),
        };
        let (blocks, bytes) = {
            let mut recent = inner.recent.write();
            if recent.height.saturating_add(1) != number {
                return Ok(());
            }
            recent.push(slot);
            (recent.unwritten_blocks(), recent.unwritten_bytes())
        };
        if bytes > UNWRITTEN_BYTES_MAX {
            inner.write()?;
        } else if blocks >= UNWRITTEN_BLOCKS_MAX as u64 || bytes > UNWRITTEN_BYTES_MAX / 4 {
            inner.signal.lock().due = true;
            inner.wake.notify_one();
        }
        Ok(())
    }

    /// Leaves out the blocks up to `number`: for a member that joined by state sync, which never
    /// had them. The file learns of it with the next blocks.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn skip_to(&self, number: u64) -> Result<(), IndexError> {
        let inner = self.inner();
        if number <= self.height() {
            return Ok(());
        }
        inner.write()?;
        let floor = number.saturating_add(1);
        inner.floor.store(floor, Ordering::Relaxed);
        inner.recent.write().skip_to(number);
        Ok(())
    }

    /// The first block from which on none is left out.
    pub fn floor(&self) -> u64 {
        self.inner().floor.load(Ordering::Relaxed)
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn flush(&self) -> Result<(), IndexError> {
        self.inner().write()
    }

    /// Bytes that the file's content takes, without room that it keeps for later.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn stored_bytes(&self) -> Result<u64, IndexError> {
        let transaction = self.inner().db.begin_write()?;
        let stats = transaction.stats()?;
        let bytes = stats
            .allocated_pages()
            .saturating_mul(stats.page_size() as u64);
        transaction.abort()?;
        Ok(bytes)
    }

    /// Bytes of the file.
    pub fn disk_bytes(&self) -> u64 {
        let path = self.inner().path.as_deref();
        path.and_then(|path| path.metadata().ok())
            .map_or(0, |meta| meta.len())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.inner.signal.lock().stop = true;
        self.inner.wake.notify_one();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the index writer ended abnormally");
        }
    }
}

impl Inner {
    fn write_until_stopped(&self) {
        loop {
            let stop = {
                let mut signal = self.signal.lock();
                if !signal.stop && !signal.due {
                    self.wake
                        .wait_for(&mut signal, Duration::from_millis(WRITE_INTERVAL_MS));
                }
                signal.due = false;
                signal.stop
            };
            if let Err(error) = self.write() {
                tracing::error!(%error, "the index was not written");
            }
            if stop {
                return;
            }
        }
    }

    /// Writes all blocks that are not written yet and their height in one transaction.
    fn write(&self) -> Result<(), IndexError> {
        let mut witness_bytes = self.writing.lock();
        if self.broken.load(Ordering::Relaxed) {
            return Err(IndexError::Unreadable);
        }
        let written = guarded(|| self.write_into(&mut witness_bytes));
        if matches!(written, Err(IndexError::Unreadable)) {
            // The transaction that was cut off may still hold the file.
            self.broken.store(true, Ordering::Relaxed);
        }
        written
    }

    fn write_into(&self, witness_bytes: &mut u64) -> Result<(), IndexError> {
        let slots: Vec<Slot> = self.recent.read().unwritten().cloned().collect();
        let Some(last) = slots.last().map(|slot| slot.entry.number()) else {
            return Ok(());
        };
        let transaction = self.db.begin_write()?;
        self.write_blocks(&transaction, &slots)?;
        let kept = self.write_witnesses(&transaction, &slots, *witness_bytes)?;
        write_lookups(&transaction, &slots)?;
        {
            let mut meta = transaction.open_table(META)?;
            let floor = self.floor.load(Ordering::Relaxed);
            meta.insert("height", last.to_be_bytes().as_slice())?;
            meta.insert("floor", floor.to_be_bytes().as_slice())?;
        }
        transaction.commit()?;
        *witness_bytes = kept;
        self.recent.write().written(last);
        Ok(())
    }

    fn write_blocks(&self, tx: &redb::WriteTransaction, slots: &[Slot]) -> Result<(), IndexError> {
        let mut blocks = tx.open_table(BLOCKS)?;
        let mut hashes = tx.open_table(HASHES)?;
        for slot in slots {
            let (entry, number) = (&slot.entry, slot.entry.number());
            blocks.insert(number, self.codec.pack(&entry.encode())?.as_slice())?;
            hashes.insert((short_hash(&entry.hash), number), ())?;
        }
        Ok(())
    }

    fn write_witnesses(
        &self,
        tx: &redb::WriteTransaction,
        slots: &[Slot],
        mut bytes: u64,
    ) -> Result<u64, IndexError> {
        let mut table = tx.open_table(WITNESSES)?;
        for slot in slots {
            let packed = self
                .codec
                .pack(&encode_witness(&slot.witness as &Witness))?;
            bytes = bytes.saturating_add(packed.len() as u64);
            table.insert(slot.entry.number(), packed.as_slice())?;
        }
        let last = slots.last().map_or(0, |slot| slot.entry.number());
        loop {
            let Some(first) = table.first()?.map(|(number, _)| number.value()) else {
                break;
            };
            if first.saturating_add(WITNESS_BLOCKS_KEPT) > last && bytes <= WITNESS_BYTES_KEPT {
                break;
            }
            if let Some((_, gone)) = table.pop_first()? {
                bytes = bytes.saturating_sub(gone.value().len() as u64);
            }
        }
        Ok(bytes)
    }
}

/// Writes the small entries, sorted: neighbours then share the pages they touch.
fn write_lookups(tx: &redb::WriteTransaction, slots: &[Slot]) -> Result<(), IndexError> {
    let (mut positions, mut sent, mut touched, mut logs) = (vec![], vec![], vec![], vec![]);
    for Slot { entry, .. } in slots {
        let number = entry.number();
        for (index, hash) in entry.hashes.iter().enumerate() {
            let at = Position { number, index }.pack();
            positions.push((short_hash(hash), at));
            let Some((nonce, sender, other)) = parties(entry, index) else {
                continue;
            };
            sent.push(((short_address(&sender), nonce), at));
            if other != sender {
                touched.push((short_address(&other), at));
            }
        }
        for log in entry.receipts.iter().flat_map(|receipt| &receipt.logs) {
            logs.push((ANY_LOG, number));
            logs.push((log_address(&log.address), number));
            logs.extend(log.topics().iter().map(|topic| (log_topic(topic), number)));
        }
    }
    for (table, mut keys) in [(POSITIONS, positions), (TOUCHED, touched), (LOGS, logs)] {
        keys.sort_unstable();
        keys.dedup();
        let mut table = tx.open_table(table)?;
        for key in keys {
            table.insert(key, ())?;
        }
    }
    sent.sort_unstable();
    let mut table = tx.open_table(SENT)?;
    for (key, at) in sent {
        table.insert(key, at)?;
    }
    Ok(())
}

/// Nonce and sender of a transaction, and its recipient or the contract that it creates.
pub(crate) fn parties(
    entry: &Entry,
    index: usize,
) -> Option<(u64, alloy_primitives::Address, alloy_primitives::Address)> {
    let envelope = transaction::decode(entry.transactions.get(index)?).ok()?;
    let sender = *entry.senders.get(index)?;
    let nonce = envelope.nonce();
    Some((
        nonce,
        sender,
        envelope.to().unwrap_or_else(|| sender.create(nonce)),
    ))
}
