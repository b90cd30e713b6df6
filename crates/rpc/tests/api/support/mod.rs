//! A network of one node in memory, which makes a block of every transaction it takes, and a client.

mod client;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_signer_local::PrivateKeySigner;
use commonhold_execution::{Env, Machine, Mode, Overlay, Progress, Step};
use commonhold_index::Index;
use commonhold_opening::Desk;
use commonhold_pool::{AccountView, Pool, PoolConfig};
use commonhold_primitives::{
    Block, BlockHash, Finalised, Genesis, StateKey, StateValue,
    block::blank_header,
    consensus::ConsensusContext,
    extra::Extra,
    genesis::{Allocation, Member},
    receipt,
};
use commonhold_rpc::{
    Backend, Head, Loaded, MemberStatus, NodeStatus, Proven, SubmitError, Unavailable,
};
use commonhold_seal::Holdings;
use commonhold_vault::{Store, store::Bounds};
use commonware_codec::Encode as _;
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::{
    Digest as _, Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal,
        primitives::{sharing::Mode as SharingMode, variant::MinSig},
    },
    ed25519, sha256,
};
use commonware_storage::mmr::Location;
use commonware_utils::{N3f1, NZU64, TestRng, non_empty_range, ordered::Set};
use parking_lot::Mutex;
use tokio::sync::watch;

pub use client::{Answer, Node, legacy, raw};

pub const CHAIN: u64 = 31_337;
/// Bytes of content that an account may bring.
pub const ACCOUNT_BYTES_MAX: u64 = 1_000_000;

/// A backend of one node.
#[derive(Clone)]
pub struct Chain(Arc<Inner>);

pub struct Inner {
    genesis: Arc<Genesis>,
    machine: Machine,
    pool: Pool,
    index: Index,
    vault: Store,
    state: Mutex<(u64, HashMap<StateKey, StateValue>)>,
    heads: watch::Sender<Arc<Head>>,
    /// Whether a transaction makes a block at once.
    auto: AtomicBool,
    clock: AtomicU64,
    peers: Mutex<Vec<String>>,
    desk: Desk,
    holdings: Holdings,
    _dir: tempfile::TempDir,
}

pub fn signer(number: u64) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&keccak256(number.to_be_bytes())).unwrap()
}

pub fn genesis() -> Genesis {
    let rich = Allocation {
        balance: U256::from(10).pow(U256::from(24)),
        ..Allocation::default()
    };
    let key = ed25519::PrivateKey::from_seed(0).public_key();
    let (output, _) = deal::<MinSig, _, N3f1>(
        TestRng::new(1),
        SharingMode::NonZeroCounter,
        Set::from_iter_dedup([key.clone()]),
    )
    .unwrap();
    Genesis {
        name: "test".into(),
        chain_id: CHAIN,
        timestamp: 1_700_000_000,
        gas_limit: 100_000_000,
        base_fee_per_gas: 0,
        heartbeat_ms: 1_000,
        network_key: Bytes::from(vec![7; 96]),
        output: output.encode().to_vec().into(),
        epoch_blocks: NZU64!(1_000),
        sealing: None,
        members: vec![Member {
            name: "one".into(),
            public_key: B256::from_slice(key.as_ref()),
            endpoint: "127.0.0.1:1".into(),
            account: signer(0).address(),
        }],
        alloc: (0..5)
            .map(|n| (signer(n).address(), rich.clone()))
            .collect(),
    }
}

impl Chain {
    pub fn new() -> Self {
        Self::of(genesis())
    }

    pub fn of(genesis: Genesis) -> Self {
        let genesis = Arc::new(genesis);
        let registry = commonhold_node::modules::registry().unwrap();
        let free = genesis.base_fee_per_gas == 0;
        let machine = Machine::new(genesis.chain_id, free, registry);
        let range = non_empty_range!(Location::new(0), Location::new(1));
        let block = genesis.block(sha256::Digest::EMPTY, range).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let bounds = Bounds {
            bytes_max: 1 << 30,
            disk_reserve: 0,
            account_bytes_max: ACCOUNT_BYTES_MAX,
        };
        let vault = Store::open_with(&dir.path().join("vault"), bounds).unwrap();
        let heads = watch::Sender::new(Arc::new(head(&block)));
        Self(Arc::new(Inner {
            pool: Pool::new(PoolConfig::from(genesis.as_ref())),
            index: Index::in_memory(&block).unwrap(),
            genesis,
            machine,
            vault,
            state: Mutex::default(),
            heads,
            auto: AtomicBool::new(true),
            clock: AtomicU64::new(1_700_000_000_000),
            peers: Mutex::default(),
            desk: Desk::closed(),
            holdings: Holdings::default(),
            _dir: dir,
        }))
    }

    pub fn set_peers(&self, peers: Vec<String>) {
        *self.0.peers.lock() = peers;
    }

    pub fn set_auto(&self, auto: bool) {
        self.0.auto.store(auto, Ordering::Relaxed);
    }

    /// Makes a block of what waits, empty if nothing does.
    pub fn mine(&self) -> u64 {
        let inner = &self.0;
        let mut state = inner.state.lock();
        let parent = inner.heads.borrow().clone();
        let number = parent.number + 1;
        let timestamp_ms = inner.clock.fetch_add(250, Ordering::Relaxed) + 250;
        let env = Env {
            number,
            timestamp_ms,
            gas_limit: inner.genesis.gas_limit,
            base_fee: inner.genesis.base_fee_per_gas,
            beneficiary: Address::repeat_byte(0xbe),
            prevrandao: inner.genesis.hash(),
            parent_hash: parent.hash,
        };
        let picked = inner
            .pool
            .select(env.gas_limit, 1 << 22, 10_000, &HashSet::new());
        let overlay = if number == 1 {
            Overlay::with_writes(inner.machine.genesis_writes(&inner.genesis).unwrap())
        } else {
            Overlay::default()
        };
        let mut progress = Progress::new(overlay);
        let executed = loop {
            match inner.machine.run(&env, &picked, progress, Mode::Build) {
                Step::Done(executed) => break executed,
                Step::Need {
                    progress: mut more,
                    keys,
                } => {
                    for key in keys {
                        more.overlay.insert_read(key, state.1.get(&key).cloned());
                    }
                    progress = more;
                }
                Step::Invalid { why, .. } => panic!("{why}"),
            }
        };
        let (witness, writes) = executed.overlay.into_parts();
        let accounts: Vec<_> = writes.iter().filter_map(account_view).collect();
        for (key, value) in writes {
            match value {
                Some(value) => state.1.insert(key, value),
                None => state.1.remove(&key),
            };
        }
        state.0 = number;
        let included: Vec<_> = executed
            .included
            .iter()
            .map(|at| picked[*at].clone())
            .collect();
        let block = seal(
            &env,
            &parent,
            &executed.receipts,
            &included,
            executed.gas_used,
        );
        let hashes: Vec<_> = included.iter().map(|tx| tx.hash()).collect();
        let finalised = Finalised {
            senders: included.iter().map(|tx| tx.sender()).collect(),
            receipts: Arc::new(executed.receipts),
            witness: Arc::new(witness),
            block: block.clone(),
        };
        inner.index.apply(&finalised).unwrap();
        inner.pool.finalised(&hashes, &accounts);
        inner.heads.send_replace(Arc::new(head(&block)));
        number
    }
}

fn account_view((key, value): &(StateKey, Option<StateValue>)) -> Option<(Address, AccountView)> {
    let StateKey::Account(address) = key else {
        return None;
    };
    let view = match value {
        Some(StateValue::Account(a)) => AccountView {
            nonce: a.nonce,
            balance: a.balance,
        },
        _ => AccountView::default(),
    };
    Some((*address, view))
}

fn seal(
    env: &Env,
    parent: &Head,
    receipts: &[commonhold_primitives::Receipt],
    included: &[Arc<commonhold_primitives::Transaction>],
    gas_used: u64,
) -> Block {
    let mut header = blank_header(env.prevrandao);
    header.parent_hash = parent.hash;
    header.number = env.number;
    header.timestamp = env.timestamp_ms / 1000;
    header.gas_limit = env.gas_limit;
    header.gas_used = gas_used;
    header.base_fee_per_gas = Some(env.base_fee);
    header.beneficiary = env.beneficiary;
    header.state_root = keccak256(env.number.to_be_bytes());
    header.receipts_root = receipt::receipts_root(receipts);
    header.logs_bloom = receipt::logs_bloom(receipts);
    let extra = Extra {
        context: ConsensusContext {
            round: Round::new(Epoch::zero(), View::new(env.number)),
            leader: ed25519::PrivateKey::from_seed(0).public_key(),
            parent: (View::new(env.number - 1), BlockHash(parent.hash)),
        },
        millis: u16::try_from(env.timestamp_ms % 1000).unwrap(),
        ops_root: sha256::Digest::EMPTY,
        range: non_empty_range!(Location::new(0), Location::new(1)),
        ceremony: None,
        sealing: None,
    };
    let raws = included.iter().map(|tx| tx.raw().clone()).collect();
    Block::seal(header, extra, raws, None, None)
}

fn head(block: &Block) -> Head {
    Head {
        number: block.number(),
        hash: block.hash(),
        header: block.header().clone(),
        timestamp_ms: block.timestamp_ms(),
        finality_ms: 42,
    }
}

impl Chain {
    fn entries(&self, keys: &[StateKey]) -> Loaded {
        let state = self.0.state.lock();
        Loaded {
            number: state.0,
            values: keys.iter().map(|key| state.1.get(key).cloned()).collect(),
        }
    }
}

impl Backend for Chain {
    fn genesis(&self) -> &Arc<Genesis> {
        &self.0.genesis
    }
    fn machine(&self) -> &Machine {
        &self.0.machine
    }
    fn pool(&self) -> &Pool {
        &self.0.pool
    }
    fn index(&self) -> &Index {
        &self.0.index
    }
    fn vault(&self) -> &Store {
        &self.0.vault
    }
    fn head(&self) -> watch::Receiver<Arc<Head>> {
        self.0.heads.subscribe()
    }
    /// Code is never at hand here, so that every call goes both ways.
    fn at_hand(&self, keys: &[StateKey]) -> Option<Loaded> {
        let is_code = |key: &StateKey| matches!(key, StateKey::Code(_));
        (!keys.iter().any(is_code)).then(|| self.entries(keys))
    }
    async fn load(&self, keys: Vec<StateKey>) -> Result<Loaded, Unavailable> {
        Ok(self.entries(&keys))
    }
    async fn prove(&self, keys: Vec<StateKey>) -> Result<Proven, Unavailable> {
        let number = self.0.state.lock().0;
        Ok(Proven {
            number,
            proofs: keys.iter().map(|_| Bytes::from(vec![1, 2, 3])).collect(),
        })
    }
    async fn certificate(&self, number: u64) -> Option<Bytes> {
        // Every third block has one of its own.
        number
            .is_multiple_of(3)
            .then(|| Bytes::from(number.to_be_bytes().to_vec()))
    }
    fn status(&self) -> NodeStatus {
        let one = self.0.genesis.members.first().unwrap();
        NodeStatus {
            version: "0.0.0".into(),
            members: vec![MemberStatus {
                name: one.name.clone(),
                public_key: one.public_key,
                endpoint: one.endpoint.clone(),
                account: one.account,
                is_self: true,
                connected: true,
                last_proposed: None,
            }],
            ..NodeStatus::default()
        }
    }
    fn desk(&self) -> &Desk {
        &self.0.desk
    }
    fn holdings(&self) -> &Holdings {
        &self.0.holdings
    }
    fn metrics(&self) -> String {
        "# TYPE node_blocks counter\nnode_blocks_total 1\n# EOF\n".into()
    }
    fn peers_http(&self) -> Vec<String> {
        self.0.peers.lock().clone()
    }
    async fn submit(&self, raw: Bytes) -> Result<B256, SubmitError> {
        let hash = commonhold_rpc::submit(self, raw).await?;
        if self.0.auto.load(Ordering::Relaxed) {
            self.mine();
        }
        Ok(hash)
    }
}
