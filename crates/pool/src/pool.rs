//! The pool's interface.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use alloy_primitives::{Address, B256};
use commonhold_primitives::Transaction;
use commonware_runtime::{Metrics, telemetry::metrics::GaugeExt as _};
use commonware_utils::{
    channel::{ring, watch},
    sync::Mutex,
};

use crate::{
    AccountView, Admitted, LaneContent, Origin, PoolConfig, PoolError, Registration, Status, check,
    core::Core, limits, metrics::Counters, unsaved::Saved,
};

/// The pool. Clones share it.
#[derive(Clone, Debug)]
pub struct Pool(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    config: PoolConfig,
    pub(crate) core: Mutex<Core>,
    pub(crate) counters: Counters,
    /// Counts changes that may make something executable.
    grown: watch::Sender<u64>,
    /// Counts final blocks.
    pub(crate) blocks: watch::Sender<u64>,
    /// Counts additions to the outbox.
    pub(crate) outgoing: watch::Sender<u64>,
    /// The same, for the journal. Each has its own: several that wait for one channel are woken in an
    /// order that the simulator does not control.
    pub(crate) recording: watch::Sender<u64>,
    /// How far the journal has come.
    pub(crate) saved: watch::Sender<Saved>,
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
            blocks: watch::Sender::new(0),
            outgoing: watch::Sender::new(0),
            recording: watch::Sender::new(0),
            saved: watch::Sender::default(),
        }))
    }

    /// The network's constants, as the genesis document has them.
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
        let result = check::check(&tx, &self.0.config, self.gas_limit()).and_then(|()| {
            let mut core = self.0.core.lock();
            let result = core.admit(tx, account, origin);
            self.measure(&core);
            result
        });
        self.told(origin, &result);
        result
    }

    /// Counts what became of a transaction, and wakes whom it concerns.
    pub(crate) fn told(&self, origin: Origin, result: &Result<Admitted, PoolError>) {
        self.0.counters.record(origin, result);
        if result.is_ok() {
            bump(&self.0.grown);
        }
        if origin == Origin::Local {
            bump(&self.0.outgoing);
            bump(&self.0.recording);
        }
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
        self.0.core.lock().knows(hash)
    }

    /// Follows a final block: the hashes of its transactions in order, and every account that it
    /// changed as it is now. Call it once for every block, in order.
    pub fn finalised(&self, included: &[B256], accounts: &[(Address, AccountView)]) {
        let mut core = self.0.core.lock();
        core.finalised(included, accounts);
        core.call_up();
        self.measure(&core);
        drop(core);
        self.changed();
        bump(&self.0.blocks);
    }

    /// Follows the gas of a block, on which members decide. The genesis document's until the first call.
    pub fn follow(&self, gas_limit: u64) {
        self.0.core.lock().config.gas_limit = gas_limit;
    }

    pub(crate) fn gas_limit(&self) -> u64 {
        self.0.core.lock().config.gas_limit
    }

    /// Corrects accounts outside the order of blocks: after a restart, or where the state was read
    /// again.
    pub fn refresh(&self, accounts: &[(Address, AccountView)]) {
        let mut core = self.0.core.lock();
        for (address, account) in accounts {
            core.set_account(address, *account);
        }
        core.call_up();
        self.measure(&core);
        drop(core);
        self.changed();
    }

    /// Reports transactions that a builder could not execute. Their lanes rest until the next final
    /// block; a transaction reported [`limits::REJECTIONS_MAX`] times is dropped.
    pub fn reject(&self, hashes: &[B256]) {
        let mut core = self.0.core.lock();
        core.reject(hashes);
        let taken = core.call_up();
        self.measure(&core);
        drop(core);
        if taken {
            self.changed();
        }
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
            .map(|(sender, lane)| (*sender, lane.into()))
            .collect()
    }

    /// What waits of one sender.
    pub fn content_from(&self, sender: &Address) -> LaneContent {
        self.0
            .core
            .lock()
            .lanes
            .get(sender)
            .map(LaneContent::from)
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

    fn changed(&self) {
        bump(&self.0.grown);
        bump(&self.0.outgoing);
        bump(&self.0.recording);
    }

    pub(crate) fn measure(&self, core: &Core) {
        let counters = &self.0.counters;
        let _ = counters.pending.try_set(core.by_hash.len());
        let _ = counters.bytes.try_set(core.memory);
        let _ = counters.lanes.try_set(core.lanes.len());
        let _ = counters.waiting.try_set(core.line.len());
        let _ = counters
            .ready
            .try_set(core.queues.known.len() + core.queues.stranger.len());
    }
}

fn bump(version: &watch::Sender<u64>) {
    version.send_modify(|version| *version = version.wrapping_add(1));
}
