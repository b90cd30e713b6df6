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
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, Thread},
    time::Duration,
};

use alloy_primitives::{Address, B256};
use commonhold_sdk::SdkError;
use commonhold_seal::{SealKey, SealedKey};
use commonhold_vault::{DataKey, SecretKey, VaultError};
use futures::executor::block_on;
use rand::rngs::StdRng;
use tracing::{info, warn};

use crate::{
    bodies::Bodies,
    clock::Clock,
    config::{BatchSettings, StoreSettings},
    error::GatewayError,
    journal::{BatchRow, Journal, JournalError, Stage, StreamDay},
    ledger::Anchoring,
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
    #[error(transparent)]
    Body(#[from] io::Error),
    #[error("{0}")]
    Other(String),
}

/// What batches are made of, and with.
pub(crate) struct Batcher {
    pub(crate) node: Arc<dyn Anchoring>,
    pub(crate) journal: Journal,
    pub(crate) bodies: Box<dyn Bodies>,
    /// The account's key, which opens the packets of the keys of days.
    pub(crate) secret: SecretKey,
    pub(crate) batch: BatchSettings,
    pub(crate) store: StoreSettings,
    pub(crate) state: Arc<State>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where keys, nonces and salts come from.
    pub(crate) random: StdRng,
}

/// Has batches closed, brought and anchored, step by step.
pub struct Work {
    it: Batcher,
    /// Batches that are not dropped yet.
    rows: BTreeMap<u64, BatchRow>,
    keys: HashMap<StreamDay, (DataKey, SealedKey)>,
    owners: HashMap<B256, Address>,
    ids: HashMap<u32, B256>,
    seal_key: Option<SealKey>,
    /// Batches that the ledger refuses for now, and since when.
    held: HashMap<u64, Duration>,
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
    /// Takes up what the journal says.
    pub(crate) fn work(self) -> Result<Work, GatewayError> {
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
        let work = Work {
            it: self,
            rows,
            keys: HashMap::new(),
            owners: HashMap::new(),
            ids: HashMap::new(),
            seal_key: None,
            held: HashMap::new(),
            in_doubt: true,
            stop: Arc::default(),
        };
        // Bodies that no row names are of batches that were being closed when the process ended.
        let named: BTreeSet<B256> = work.rows.values().map(|row| row.hash).collect();
        let swept = work.it.bodies.keep_only(&named);
        swept.map_err(|e| GatewayError::Bodies(e.to_string()))?;
        Ok(work)
    }
}

impl Work {
    /// Starts the thread.
    pub(crate) fn start(self) -> Result<Running, GatewayError> {
        let stop = self.stop.clone();
        let thread = thread::Builder::new()
            .name("batches".to_owned())
            .spawn(move || self.run())
            .map_err(|e| GatewayError::System(e.to_string()))?;
        Ok(Running { stop, thread })
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn run(mut self) {
        while !self.stopping() {
            let wait = block_on(self.step());
            if !wait.is_zero() {
                thread::park_timeout(wait);
            }
        }
    }

    /// Does what is due, and says how long to wait until the next step.
    pub async fn step(&mut self) -> Duration {
        let turned = self.turn().await;
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
            Ok(true) => Duration::ZERO,
            Ok(false) => Duration::from_millis(BATCH_PACE_MS),
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
                Duration::from_millis(RETRY_MS)
            }
        }
    }

    /// Does what is due. Whether there may be more.
    async fn turn(&mut self) -> Result<bool, StepError> {
        // One step that is blocked does not block the others.
        let (closed, uploaded) = (self.close_due().await, self.upload().await);
        let anchored = self.anchor().await;
        self.drop_old()?;
        let (closed, uploaded, anchored) = (closed?, uploaded?, anchored?);
        let free = self.held.is_empty() && (uploaded || anchored);
        if free && self.it.state.now().trouble.is_some() {
            info!("the way to the ledger is free again");
            self.it.state.set(|told| told.trouble = None);
        }
        Ok(closed || uploaded || anchored)
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
