//! Transactions that wait for a block.
//!
//! Each sender has a **lane** in nonce order. Lanes are bounded, and served by weighted fair queueing
//! ([`select`](Pool::select)), so that one sender or many cannot keep the others out. Where there are
//! no fees this, with the block gas limit, is the protection against floods.
//!
//! # What is taken
//! A transaction must be one that its network could execute ([`PoolError`] lists what is checked), its
//! nonce must be at or ahead of its account's, and the account must hold what the transaction may take
//! (its value; where the network has a base fee also its gas). Transactions behind a gap, or that the
//! account cannot pay together with those before it, are kept but not selected.
//!
//! # What gives way
//! When the pool is full, a newcomer takes the place of the last transaction of the lane with the
//! greatest bulk, if that is greater than its own lane's; strangers (senders that the state does not
//! know) give way to known senders first. What this node acknowledged to a client
//! ([`Origin::Local`]) never gives way to gossip. Long before the pool is full, long lanes are asked to
//! wait ([`Pool::wait_for_room`]), so a client that is slowed down loses nothing.
//!
//! # What leaves
//! What is in a final block, and what its nonce has outrun, leaves with that block. What a builder
//! reports as unexecutable ([`Pool::reject`]) rests until the next final block and leaves after
//! [`limits::REJECTIONS_MAX`] times; so no set of transactions can fill every selection for ever.
//! What has waited for [`limits::PENDING_BLOCKS_MAX`] blocks leaves too.
//!
//! The lock inside is held for short, and never while something is awaited.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::{Genesis, Transaction};
use commonware_runtime::{Metrics, telemetry::metrics::GaugeExt as _};
use commonware_utils::{
    channel::{ring, watch},
    sync::Mutex,
};

mod check;
mod core;
mod error;
mod follow;
pub mod gossip;
mod lane;
pub mod limits;
mod metrics;
mod recent;
mod room;
mod select;
pub mod submit;
pub mod wire;

pub use error::PoolError;
pub use metrics::Registration;

use crate::{
    core::Core,
    metrics::{Counters, Reason, Source},
};

/// The constants of the network that the pool serves, and its size.
#[derive(Clone, Debug)]
pub struct PoolConfig {
    /// The network's chain id.
    pub chain_id: u64,
    /// The network's base fee; 0 on a free network.
    pub base_fee: u64,
    /// Gas of a block.
    pub gas_limit: u64,
    /// Transactions that may wait.
    pub transactions_max: usize,
    /// Memory that they may take.
    pub bytes_max: usize,
}

impl PoolConfig {
    /// The usual size.
    pub const fn new(chain_id: u64, base_fee: u64, gas_limit: u64) -> Self {
        Self {
            chain_id,
            base_fee,
            gas_limit,
            transactions_max: limits::POOL_TRANSACTIONS_MAX,
            bytes_max: limits::POOL_BYTES_MAX,
        }
    }

    /// Transactions of strangers.
    const fn strangers_max(&self) -> usize {
        self.transactions_max / limits::STRANGER_PART
    }

    /// Senders.
    const fn lanes_max(&self) -> usize {
        self.transactions_max / limits::LANE_PART
    }
}

impl From<&Genesis> for PoolConfig {
    fn from(genesis: &Genesis) -> Self {
        Self::new(
            genesis.chain_id,
            genesis.base_fee_per_gas,
            genesis.gas_limit,
        )
    }
}

/// What the pool needs to know of a sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountView {
    /// Its next nonce.
    pub nonce: u64,
    /// Its balance.
    pub balance: U256,
}

/// Where a transaction came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A client of this node: once taken, this node answers for it.
    Local,
    /// Another member.
    Gossip,
}

/// What taking a transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Its hash.
    pub hash: B256,
    /// The transaction of the same nonce that it replaced.
    pub replaced: Option<B256>,
    /// Transactions that gave way to it.
    pub evicted: Vec<B256>,
}

/// How full the pool is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Transactions that follow one another from their account's nonce on.
    pub pending: usize,
    /// Transactions behind a gap.
    pub queued: usize,
    /// Memory that all of them take.
    pub bytes: usize,
    /// Senders.
    pub lanes: usize,
}

/// One sender's transactions by nonce, split as `txpool_content` shows them.
#[derive(Clone, Debug, Default)]
pub struct LaneContent {
    /// Those that follow one another from the account's nonce on.
    pub pending: BTreeMap<u64, Arc<Transaction>>,
    /// Those behind a gap.
    pub queued: BTreeMap<u64, Arc<Transaction>>,
}

/// The pool. Clones share it.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: PoolConfig,
    core: Mutex<Core>,
    counters: Counters,
    /// Counts changes that may make something executable.
    grown: watch::Sender<u64>,
    /// Counts changes that may make room.
    shrunk: watch::Sender<u64>,
    /// Counts additions to the outbox.
    outgoing: watch::Sender<u64>,
}

impl Pool {
    /// An empty pool.
    pub fn new(config: PoolConfig) -> Self {
        let counters = Counters::default();
        Self(Arc::new(Shared {
            core: Mutex::new(Core::new(config.clone(), counters.clone())),
            config,
            counters,
            grown: watch::Sender::new(0),
            shrunk: watch::Sender::new(0),
            outgoing: watch::Sender::new(0),
        }))
    }

    /// The network's constants.
    pub fn config(&self) -> &PoolConfig {
        &self.0.config
    }

    /// Shows the pool's figures in a runtime's metrics, under the context's label.
    pub fn register(&self, context: &impl Metrics) -> Registration {
        self.0.counters.register(context)
    }

    /// Takes a transaction. `account` is its sender's account as the caller last saw it; where the pool
    /// knows better ([`Pool::known_account`]), that counts.
    ///
    /// # Errors
    /// [`PoolError`] says why not.
    pub fn admit(
        &self,
        tx: impl Into<Arc<Transaction>>,
        account: AccountView,
        origin: Origin,
    ) -> Result<Admitted, PoolError> {
        let tx = tx.into();
        let result = check::check(&tx, &self.0.config).and_then(|()| {
            let mut core = self.0.core.lock();
            let result = core.admit(tx, account, origin);
            self.measure(&core);
            result
        });
        match &result {
            Ok(_) => {
                let origin = if origin == Origin::Local {
                    "local"
                } else {
                    "gossip"
                };
                self.0
                    .counters
                    .admitted
                    .get_or_create(&Source { origin })
                    .inc();
                bump(&self.0.grown);
            }
            Err(error) => {
                self.0
                    .counters
                    .rejected
                    .get_or_create(&Reason {
                        reason: error.reason(),
                    })
                    .inc();
            }
        }
        if origin == Origin::Local {
            bump(&self.0.outgoing);
        }
        result
    }

    /// The account of `sender` if the pool knows it at the latest final block: its lane's, or one that
    /// a recent block changed. Where it is `None`, read the state.
    pub fn known_account(&self, sender: &Address) -> Option<AccountView> {
        self.0.core.lock().account(sender)
    }

    /// Executable transactions for a block, fairly between senders, at most so much gas (of their gas
    /// limits), bytes and number. Those in `skip` (contained in blocks that are not final yet) count as
    /// executed. Costs O(log n) per transaction selected or skipped.
    pub fn select(
        &self,
        gas: u64,
        bytes: usize,
        count: usize,
        skip: &HashSet<B256>,
    ) -> Vec<Arc<Transaction>> {
        self.0.core.lock().select(gas, bytes, count, skip)
    }

    /// A waiting transaction.
    pub fn get(&self, hash: &B256) -> Option<Arc<Transaction>> {
        self.0.core.lock().by_hash.get(hash).cloned()
    }

    /// Waiting transactions, in the order asked: block verification finds its senders here.
    pub fn get_many(&self, hashes: &[B256]) -> Vec<Option<Arc<Transaction>>> {
        let core = self.0.core.lock();
        hashes
            .iter()
            .map(|hash| core.by_hash.get(hash).cloned())
            .collect()
    }

    /// Whether a transaction waits, or was in a recent final block.
    pub fn knows(&self, hash: &B256) -> bool {
        let core = self.0.core.lock();
        core.by_hash.contains_key(hash) || core.finals.get(hash).is_some()
    }

    /// Follows a final block: the hashes of its transactions in order, and every account that it
    /// changed as it is now. Call it once for every block, in order.
    pub fn finalised(&self, included: &[B256], accounts: &[(Address, AccountView)]) {
        let mut core = self.0.core.lock();
        core.finalised(included, accounts);
        self.measure(&core);
        drop(core);
        self.changed();
    }

    /// Corrects accounts outside the order of blocks: after a restart, or where the state was read
    /// again.
    pub fn refresh(&self, accounts: &[(Address, AccountView)]) {
        let mut core = self.0.core.lock();
        for (address, account) in accounts {
            core.set_account(address, *account);
        }
        self.measure(&core);
        drop(core);
        self.changed();
    }

    /// Reports transactions that a builder could not execute. Their lanes rest until the next final
    /// block; a transaction reported [`limits::REJECTIONS_MAX`] times is dropped.
    pub fn reject(&self, hashes: &[B256]) {
        let mut core = self.0.core.lock();
        core.reject(hashes);
        self.measure(&core);
        drop(core);
        bump(&self.0.shrunk);
    }

    /// The nonce that `sender` should use next, if it has transactions here.
    pub fn pending_nonce(&self, sender: &Address) -> Option<u64> {
        self.0.core.lock().pending_nonce(sender)
    }

    /// How full the pool is.
    pub fn status(&self) -> Status {
        let core = self.0.core.lock();
        let mut status = Status {
            bytes: core.memory,
            lanes: core.lanes.len(),
            ..Status::default()
        };
        for lane in core.lanes.values() {
            let run =
                usize::try_from(lane.pending_nonce() - lane.account.nonce).unwrap_or(usize::MAX);
            status.pending += run;
            status.queued += lane.entries.len() - run;
        }
        status
    }

    /// Transactions that wait.
    pub fn len(&self) -> usize {
        self.0.core.lock().by_hash.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything that waits, by sender.
    pub fn content(&self) -> BTreeMap<Address, LaneContent> {
        let core = self.0.core.lock();
        core.lanes
            .iter()
            .map(|(sender, lane)| (*sender, content(lane)))
            .collect()
    }

    /// What waits of one sender.
    pub fn content_from(&self, sender: &Address) -> LaneContent {
        self.0
            .core
            .lock()
            .lanes
            .get(sender)
            .map(content)
            .unwrap_or_default()
    }

    /// The hashes of transactions from now on, as they are taken. A slow reader loses the oldest.
    /// `None` where [`limits::SUBSCRIBERS_MAX`] listen already.
    pub fn subscribe(&self) -> Option<ring::Receiver<B256>> {
        let mut core = self.0.core.lock();
        core.subscribers
            .retain(|subscriber| !subscriber.is_closed());
        if core.subscribers.len() >= limits::SUBSCRIBERS_MAX {
            return None;
        }
        let (sender, receiver) =
            ring::channel(commonware_utils::NZUsize!(limits::SUBSCRIPTION_QUEUE_MAX));
        core.subscribers.push(sender);
        Some(receiver)
    }

    /// Waits until something can be executed after the blocks that contain `skip`. May be dropped at
    /// any time.
    pub async fn ready(&self, skip: &HashSet<B256>) {
        let mut grown = self.0.grown.subscribe();
        while !self.0.core.lock().has_executable(skip) {
            // The sender lives as long as `self`.
            if grown.changed().await.is_err() {
                return;
            }
        }
    }

    /// Whether a client's transaction from `sender` would be taken now.
    pub fn has_room(&self, sender: &Address) -> bool {
        self.0.core.lock().has_room(sender)
    }

    /// Waits until there is room for a transaction from `sender`, so that a client is slowed down
    /// instead of refused. The caller bounds the wait; it may be dropped at any time.
    pub async fn wait_for_room(&self, sender: &Address) {
        let mut shrunk = self.0.shrunk.subscribe();
        while !self.has_room(sender) {
            if shrunk.changed().await.is_err() {
                return;
            }
        }
    }

    /// Which of these wait, or were in a recent final block.
    pub(crate) fn know(&self, hashes: &[B256]) -> Vec<bool> {
        let core = self.0.core.lock();
        hashes
            .iter()
            .map(|hash| core.by_hash.contains_key(hash) || core.finals.get(hash).is_some())
            .collect()
    }

    /// Sees every change that may make room.
    pub(crate) fn room(&self) -> watch::Receiver<u64> {
        self.0.shrunk.subscribe()
    }

    /// Sees every addition to what gossip has to send.
    pub(crate) fn outgoing(&self) -> watch::Receiver<u64> {
        self.0.outgoing.subscribe()
    }

    /// The next gossip message, of what still waits.
    pub(crate) fn take_outbox(&self) -> Option<wire::Batch> {
        let mut core = self.0.core.lock();
        let mut batch = wire::Batch::default();
        while let Some(tx) = core.outbox.front() {
            if core.by_hash.contains_key(&tx.hash()) {
                if !batch.fits(tx.raw().len()) {
                    break;
                }
                batch.push(tx.raw());
            }
            core.outbox.pop_front();
        }
        (!batch.is_empty()).then_some(batch)
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    fn changed(&self) {
        bump(&self.0.grown);
        bump(&self.0.shrunk);
        bump(&self.0.outgoing);
    }

    fn measure(&self, core: &Core) {
        let counters = &self.0.counters;
        let _ = counters.pending.try_set(core.by_hash.len());
        let _ = counters.bytes.try_set(core.memory);
        let _ = counters.lanes.try_set(core.lanes.len());
        let _ = counters
            .ready
            .try_set(core.queues.known.len() + core.queues.stranger.len());
    }
}

fn bump(version: &watch::Sender<u64>) {
    version.send_modify(|version| *version = version.wrapping_add(1));
}

fn content(lane: &lane::Lane) -> LaneContent {
    let end = lane.pending_nonce();
    let mut content = LaneContent::default();
    for (nonce, entry) in &lane.entries {
        let part = if *nonce < end {
            &mut content.pending
        } else {
            &mut content.queued
        };
        part.insert(*nonce, Arc::clone(&entry.tx));
    }
    content
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
mod network_tests;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
mod properties;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
mod testing;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]
mod tests;
