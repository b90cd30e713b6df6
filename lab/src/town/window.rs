//! What a member shows to people: the production RPC over what it was told is final.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::Bytes;
use commonhold_execution::Machine;
use commonhold_index::Index;
use commonhold_opening::Desk;
use commonhold_pool::Pool;
use commonhold_primitives::{Block, Finalised, Genesis, StateKey, StateValue, finalised::Writes};
use commonhold_rpc::{Backend, Head, Loaded, NodeStatus, Proven, Unavailable};
use commonhold_seal::Holdings;
use commonhold_vault::Store;
use commonware_utils::sync::Mutex;
use tokio::sync::watch;

use crate::{checker::genesis_block, founding::Founding};

/// What a member knows, across its lives.
pub(super) struct Shown {
    index: Index,
    state: Mutex<BTreeMap<StateKey, StateValue>>,
    heads: watch::Sender<Arc<Head>>,
}

fn head(block: &Block) -> Arc<Head> {
    Arc::new(Head {
        number: block.number(),
        hash: block.hash(),
        header: block.header().clone(),
        timestamp_ms: block.timestamp_ms(),
        finality_ms: 0,
    })
}

impl Shown {
    pub(super) fn new(founding: &Founding) -> Arc<Self> {
        let genesis = genesis_block(founding);
        Arc::new(Self {
            index: Index::in_memory(&genesis).expect("an index"),
            state: Mutex::default(),
            heads: watch::Sender::new(head(&genesis)),
        })
    }

    /// A final block, and what it wrote. It may come again.
    pub(super) fn tell(&self, told: &Finalised, writes: &Writes) {
        if told.block.number() != self.height() + 1 {
            return;
        }
        let mut state = self.state.lock();
        for (key, value) in writes {
            match value {
                Some(value) => state.insert(*key, value.clone()),
                None => state.remove(key),
            };
        }
        self.index.apply(told).expect("an index");
        drop(state);
        self.heads.send_replace(head(&told.block));
    }

    /// The newest block that it knows.
    pub(super) fn height(&self) -> u64 {
        self.heads.borrow().number
    }
}

/// One life of a member, as the RPC sees it.
#[derive(Clone)]
pub(super) struct Window {
    pub(super) founding: Founding,
    pub(super) shown: Arc<Shown>,
    pub(super) pool: Pool,
    pub(super) desk: Desk,
    pub(super) holdings: Holdings,
    pub(super) vault: Store,
}

impl Backend for Window {
    fn genesis(&self) -> &Arc<Genesis> {
        &self.founding.genesis
    }
    fn machine(&self) -> &Machine {
        &self.founding.machine
    }
    fn pool(&self) -> &Pool {
        &self.pool
    }
    fn index(&self) -> &Index {
        &self.shown.index
    }
    fn vault(&self) -> &Store {
        &self.vault
    }
    fn head(&self) -> watch::Receiver<Arc<Head>> {
        self.shown.heads.subscribe()
    }
    fn at_hand(&self, keys: &[StateKey]) -> Option<Loaded> {
        let state = self.shown.state.lock();
        Some(Loaded {
            number: self.shown.height(),
            values: keys.iter().map(|key| state.get(key).cloned()).collect(),
        })
    }
    async fn load(&self, keys: Vec<StateKey>) -> Result<Loaded, Unavailable> {
        let found = self.at_hand(&keys);
        found.ok_or_else(|| Unavailable("it has no state".to_owned()))
    }
    async fn prove(&self, _keys: Vec<StateKey>) -> Result<Proven, Unavailable> {
        Err(Unavailable("it proves nothing".to_owned()))
    }
    async fn certificate(&self, _number: u64) -> Option<Bytes> {
        None
    }
    fn desk(&self) -> &Desk {
        &self.desk
    }
    fn holdings(&self) -> &Holdings {
        &self.holdings
    }
    fn status(&self) -> NodeStatus {
        NodeStatus::default()
    }
    fn metrics(&self) -> String {
        String::new()
    }
}
