//! A network of one node in memory, which makes a block of every transaction it takes, and a client.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxLegacy};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_execution::{Env, Machine, Mode, Overlay, Progress, Step};
use commonhold_index::Index;
use commonhold_module::Registry;
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
    Backend, Config, Head, Loaded, MemberStatus, NodeStatus, Proven, SubmitError, Unavailable,
};
use commonhold_vault::Store;
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::{Digest as _, Signer as _, ed25519, sha256};
use commonware_storage::mmr::Location;
use commonware_utils::non_empty_range;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::watch;

pub const CHAIN: u64 = 31_337;

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
    Genesis {
        name: "test".into(),
        chain_id: CHAIN,
        timestamp: 1_700_000_000,
        gas_limit: 100_000_000,
        base_fee_per_gas: 0,
        heartbeat_ms: 1_000,
        network_key: Bytes::from(vec![7; 96]),
        sharing: Bytes::new(),
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
        let registry = Registry::new(commonhold_system::modules()).unwrap();
        let free = genesis.base_fee_per_gas == 0;
        let machine = Machine::new(genesis.chain_id, free, Arc::new(registry));
        let range = non_empty_range!(Location::new(0), Location::new(1));
        let block = genesis.block(sha256::Digest::EMPTY, range).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let vault = Store::open(&dir.path().join("vault"), 1 << 30).unwrap();
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
    };
    let raws = included.iter().map(|tx| tx.raw().clone()).collect();
    Block::seal(header, extra, raws)
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
    async fn load(&self, keys: Vec<StateKey>) -> Result<Loaded, Unavailable> {
        let state = self.0.state.lock();
        let values = keys.iter().map(|key| state.1.get(key).cloned()).collect();
        Ok(Loaded {
            number: state.0,
            values,
        })
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

/// A node that serves, and stops when it is dropped.
pub struct Node {
    pub chain: Chain,
    pub port: u16,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    agent: ureq::Agent,
}

/// A whole HTTP answer.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

impl Node {
    pub fn start() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        Self::serve(Chain::new(), config)
    }

    pub fn serve(chain: Chain, config: Config) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (told, port) = std::sync::mpsc::channel();
        let backend = chain.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap().port()).unwrap();
                let stop = async move {
                    let _ = stopped.await;
                };
                commonhold_rpc::serve(listener, backend, config, stop)
                    .await
                    .unwrap();
            });
        });
        let port = port.recv().unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            chain,
            port,
            stop: Some(stop),
            thread: Some(thread),
            agent,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response
                .body_mut()
                .with_config()
                .limit(1 << 28)
                .read_to_vec()
                .unwrap(),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        let request = ureq::http::Request::get(self.url(path)).body(()).unwrap();
        let mut response = self.agent.run(request).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_vec().unwrap(),
        }
    }

    pub fn post(&self, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.send("POST", "/", &[("content-type", "application/json")], &body)
    }

    /// The whole answer to one call.
    pub fn ask(&self, method: &str, params: Value) -> Value {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.post(&call);
        assert_eq!(answer.status, 200, "{method}");
        answer.json()
    }

    /// The result of a call that has one.
    pub fn call(&self, method: &str, params: Value) -> Value {
        let mut answer = self.ask(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The error of a call that has one.
    pub fn error(&self, method: &str, params: Value) -> (i64, String, Value) {
        let answer = self.ask(method, params);
        let error = answer
            .get("error")
            .unwrap_or_else(|| panic!("{method}: {answer}"));
        let message = error["message"].as_str().unwrap().to_owned();
        (
            error["code"].as_i64().unwrap(),
            message,
            error["data"].clone(),
        )
    }

    /// Sends a transaction of account `from` and gives its hash.
    pub fn transact(&self, from: u64, to: Option<Address>, value: u64, input: Bytes) -> String {
        let address = signer(from).address();
        let nonce = self.call("eth_getTransactionCount", json!([address, "pending"]));
        let nonce = u64::from_str_radix(&nonce.as_str().unwrap()[2..], 16).unwrap();
        let raw = raw(from, nonce, to, value, input);
        self.call("eth_sendRawTransaction", json!([raw]))
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Deploys code and gives the contract's address.
    pub fn deploy(&self, from: u64, runtime: &[u8]) -> Address {
        let hash = self.transact(from, None, 0, creation(runtime));
        let receipt = self.call("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt["contractAddress"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Init code that returns `runtime`.
pub fn creation(runtime: &[u8]) -> Bytes {
    // PUSH2 len, DUP1, PUSH1 0x0b, PUSH0, CODECOPY, PUSH0, RETURN: eleven bytes with the padding.
    let len = u16::try_from(runtime.len()).unwrap().to_be_bytes();
    let mut code = vec![
        0x61, len[0], len[1], 0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3,
    ];
    code.extend_from_slice(runtime);
    code.into()
}

/// A signed EIP-1559 transaction as hex.
pub fn raw(from: u64, nonce: u64, to: Option<Address>, value: u64, input: Bytes) -> String {
    let tx = TxEip1559 {
        chain_id: CHAIN,
        nonce,
        gas_limit: 1_000_000,
        max_fee_per_gas: 2_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: to.map_or(TxKind::Create, TxKind::Call),
        value: U256::from(value),
        input,
        ..TxEip1559::default()
    };
    let signature = signer(from).sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(tx.into_signed(signature).encoded_2718_envelope())
}

/// A signed legacy transfer as hex.
pub fn legacy(from: u64, nonce: u64, to: Address, chain_id: Option<u64>) -> String {
    let tx = TxLegacy {
        chain_id,
        nonce,
        gas_price: 7,
        gas_limit: 21_000,
        to: TxKind::Call(to),
        value: U256::from(1),
        input: Bytes::new(),
    };
    let signature = signer(from).sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(tx.into_signed(signature).encoded_2718_envelope())
}

/// EIP-2718 bytes of a signed transaction.
trait Encoded {
    fn encoded_2718_envelope(self) -> Vec<u8>;
}

impl<T> Encoded for alloy_consensus::Signed<T>
where
    commonhold_primitives::transaction::Envelope: From<alloy_consensus::Signed<T>>,
{
    fn encoded_2718_envelope(self) -> Vec<u8> {
        commonhold_primitives::transaction::Envelope::from(self).encoded_2718()
    }
}
