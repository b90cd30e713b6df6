//! The way to the ledger: one thread that closes batches, brings their bodies to the vault and anchors
//! them.
//!
//! ```text
//! readings ─ close: encode, encrypt, body on the disk, row in the journal ─> sealed
//!          ─ upload: body and sealed key to the node ─> uploaded
//!          ─ anchor: up to `ANCHOR_BATCHES_MAX` in one transaction, final ─> anchored; the readings are deleted here
//!          ─ after `store.keep_seconds`: the body is deleted here ─> dropped
//! ```
//! A crash at any point loses nothing and does nothing twice: what is closed has its body, hash and salt
//! on the disk, so the same batch is brought and anchored under the same id, and where it is not known
//! whether a transaction became final the ledger is asked first. While the node is away batches wait.
//!
//! All batches of a stream's day are encrypted under one data key. It is made with the first, sealed to
//! the identity of the stream's day, and kept here as a packet that only the gateway's account can open.

mod close;
mod keys;
mod send;

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, Thread},
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256};
use commonhold_primitives::consensus::NetworkKey;
use commonhold_sdk::{Account, Client, SdkError, Sealing};
use commonhold_seal::SealedKey;
use commonhold_vault::{DataKey, VaultError};
use tracing::{info, warn};

use crate::{
    config::{BatchSettings, StoreSettings},
    error::GatewayError,
    journal::{BatchRow, Journal, JournalError, Stage, StreamDay},
    limits::{BATCH_PACE_MS, RETRY_MS},
    state::State,
};

/// Why a step on the way to the ledger failed. It is tried again.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Sdk(#[from] SdkError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    #[error("{0}")]
    Other(String),
}

/// What the thread works with.
pub(crate) struct Batcher {
    pub(crate) client: Client,
    pub(crate) account: Account,
    pub(crate) network_key: Option<NetworkKey>,
    pub(crate) journal: Journal,
    pub(crate) directory: PathBuf,
    pub(crate) batch: BatchSettings,
    pub(crate) store: StoreSettings,
    pub(crate) state: Arc<State>,
}

/// The thread's memory.
struct Work {
    it: Batcher,
    /// Batches that are not dropped yet.
    rows: BTreeMap<u64, BatchRow>,
    keys: HashMap<StreamDay, (DataKey, SealedKey)>,
    owners: HashMap<B256, Address>,
    ids: HashMap<u32, B256>,
    sealing: Option<Sealing>,
    /// Batches that the ledger refuses for now, and since when.
    held: HashMap<u64, Instant>,
    /// Whether the ledger may know of a batch more than its row says.
    in_doubt: bool,
    stop: Arc<AtomicBool>,
}

/// The thread, to be stopped.
#[derive(Debug)]
pub(crate) struct Running {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Running {
    /// Has the thread end after what it is at, and tells whether it has.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.waker().unpark();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    fn waker(&self) -> &Thread {
        self.thread.thread()
    }
}

impl Batcher {
    /// Starts the thread.
    pub(crate) fn start(self) -> Result<Running, GatewayError> {
        let unfinished = |(_, row): &(u64, BatchRow)| row.stage != Stage::Dropped;
        let mut rows: BTreeMap<u64, BatchRow> = self
            .journal
            .batches()?
            .into_iter()
            .filter(unfinished)
            .collect();
        for row in rows.values_mut().filter(|row| row.stage == Stage::Refused) {
            // Whoever could mend it may have.
            (row.stage, row.why) = (Stage::Sealed, None);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let work = Work {
            it: self,
            rows,
            keys: HashMap::new(),
            owners: HashMap::new(),
            ids: HashMap::new(),
            sealing: None,
            held: HashMap::new(),
            in_doubt: true,
            stop: stop.clone(),
        };
        work.sweep()?;
        let thread = thread::Builder::new()
            .name("batches".to_owned())
            .spawn(move || work.run())
            .map_err(|e| GatewayError::System(e.to_string()))?;
        Ok(Running { stop, thread })
    }
}

impl Work {
    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn run(mut self) {
        while !self.stopping() {
            let turned = self.turn();
            let waiting = self
                .rows
                .values()
                .filter(|row| row.stage <= Stage::Uploaded)
                .count();
            self.it.state.set(|told| {
                told.batches_waiting = waiting as u64;
                told.node_answers =
                    !matches!(turned, Err(StepError::Sdk(SdkError::Unavailable { .. })));
            });
            match turned {
                Ok(true) => {}
                Ok(false) => thread::park_timeout(Duration::from_millis(BATCH_PACE_MS)),
                Err(e) => {
                    self.in_doubt = true;
                    let why = e.to_string();
                    let new = self.it.state.now().trouble.as_ref() != Some(&why);
                    if new {
                        warn!(
                            error = why,
                            "the way to the ledger is blocked; readings are kept"
                        );
                    }
                    self.it.state.set(|told| told.trouble = Some(why));
                    thread::park_timeout(Duration::from_millis(RETRY_MS));
                }
            }
        }
    }

    /// Does what is due. Whether there may be more.
    fn turn(&mut self) -> Result<bool, StepError> {
        // One step that is blocked does not block the others.
        let (closed, uploaded) = (self.close_due(), self.upload());
        let anchored = self.anchor();
        self.drop_old()?;
        let (closed, uploaded, anchored) = (closed?, uploaded?, anchored?);
        let free = self.held.is_empty() && (uploaded || anchored);
        if free && self.it.state.now().trouble.is_some() {
            info!("the way to the ledger is free again");
            self.it.state.set(|told| told.trouble = None);
        }
        Ok(closed || uploaded || anchored)
    }

    /// Where a batch's encrypted body lies.
    fn body_path(&self, row: &BatchRow) -> PathBuf {
        self.it.directory.join(format!("{:x}.c4gh", row.hash))
    }

    /// Deletes bodies that no row names: of batches that were being closed when the process ended.
    fn sweep(&self) -> Result<(), GatewayError> {
        let failed = |why: std::io::Error| GatewayError::File {
            path: self.it.directory.clone(),
            why: why.to_string(),
        };
        let named: Vec<PathBuf> = self.rows.values().map(|row| self.body_path(row)).collect();
        for entry in std::fs::read_dir(&self.it.directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if !named.contains(&path) {
                std::fs::remove_file(&path).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The id of a stream by its number.
    fn stream(&mut self, number: u32) -> Result<B256, StepError> {
        if let Some(id) = self.ids.get(&number) {
            return Ok(*id);
        }
        let id = self.it.journal.stream_of(number)?;
        self.ids.insert(number, id);
        Ok(id)
    }
}
