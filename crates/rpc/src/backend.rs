//! What the RPC needs of a node.

use std::{future::Future, sync::Arc};

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes};
use commonhold_execution::Machine;
use commonhold_index::Index;
use commonhold_opening::Desk;
use commonhold_pool::{Pool, submit::SubmitError};
use commonhold_primitives::{Genesis, StateKey, StateValue};
use commonhold_seal::Holdings;
use commonhold_vault::Store;
use tokio::sync::watch;

use crate::submit;

/// The newest final block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its header.
    pub header: Header,
    /// Its time, milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Milliseconds from its proposal, as the block's time says, until this node knew it was final.
    pub finality_ms: u64,
}

/// The node cannot answer now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node cannot answer now: {0}")]
pub struct Unavailable(pub String);

/// Entries of the latest state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The block after which they hold.
    pub number: u64,
    /// One for each key asked for.
    pub values: Vec<Option<StateValue>>,
}

/// Proofs about the latest state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The block whose state root they lead to.
    pub number: u64,
    /// One for each key asked for: the bytes of a `StateProof` of `commonhold-state`.
    pub proofs: Vec<Bytes>,
}

/// Another member, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MemberStatus {
    /// The organisation's name.
    pub name: String,
    /// Its identity key.
    pub public_key: B256,
    /// Where its node listens for other members.
    pub endpoint: String,
    /// The account that acts for it.
    pub account: Address,
    /// Whether it is this node.
    pub is_self: bool,
    /// Whether this node is connected to it.
    pub connected: bool,
    /// Number of the newest block that it proposed.
    pub last_proposed: Option<u64>,
}

/// How the node is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NodeStatus {
    /// The program's version.
    pub version: String,
    /// Members of this epoch, in the order of admission.
    pub members: Vec<MemberStatus>,
    /// Members connected to, this node not counted.
    pub peers: usize,
    /// Whether it catches up with the others.
    pub syncing: bool,
    /// Whether it has a share of the seal key in this epoch, without which it answers no request to open;
    /// `None` where the network has no seal key.
    pub seal_share: Option<bool>,
    /// The epoch of its last final block.
    pub epoch: u64,
    /// Whether it signs in that epoch with a share of the network key, or only verifies; `None` where it does
    /// not know yet.
    pub signs: Option<bool>,
    /// Seconds since it was started.
    pub uptime_seconds: u64,
}

/// Room on the node's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskRoom {
    /// Bytes free.
    pub free: u64,
    /// Bytes that are kept for the ledger: where less is free, content is refused.
    pub reserve: u64,
}

impl DiskRoom {
    /// Whether content is refused.
    pub const fn is_low(self) -> bool {
        self.free < self.reserve
    }
}

/// A node, as the RPC sees it. `Clone` is cheap.
///
/// Whoever implements it adds a block to the index before it shows that block as the head, so that
/// what a client hears of can be looked up.
pub trait Backend: Clone + Send + Sync + 'static {
    /// The network's founding document.
    fn genesis(&self) -> &Arc<Genesis>;
    /// The network's rules and modules.
    fn machine(&self) -> &Machine;
    /// Transactions that wait.
    fn pool(&self) -> &Pool;
    /// Final blocks.
    fn index(&self) -> &Index;
    /// Encrypted content.
    fn vault(&self) -> &Store;
    /// The newest final block, and news of it.
    fn head(&self) -> watch::Receiver<Arc<Head>>;
    /// Entries of the state after the head, where all of them are at hand without waiting.
    fn at_hand(&self, keys: &[StateKey]) -> Option<Loaded>;
    /// Entries of the latest state.
    fn load(&self, keys: Vec<StateKey>)
    -> impl Future<Output = Result<Loaded, Unavailable>> + Send;
    /// Proofs of entries of the latest state.
    fn prove(
        &self,
        keys: Vec<StateKey>,
    ) -> impl Future<Output = Result<Proven, Unavailable>> + Send;
    /// The encoded finality certificate of a block.
    fn certificate(&self, number: u64) -> impl Future<Output = Option<Bytes>> + Send;
    /// Where members are asked to open.
    fn desk(&self) -> &Desk;
    /// Who holds the seal key; empty where the network has none.
    fn holdings(&self) -> &Holdings;
    /// How the node is. Asked often: nothing is read from the disk for it.
    fn status(&self) -> NodeStatus;
    /// Bytes that the node takes on disk, counted now; a node in memory takes none.
    fn disk_bytes(&self) -> u64 {
        0
    }
    /// Room on the disk, where there is one. Asked often: it is one question to the system.
    fn disk_room(&self) -> Option<DiskRoom> {
        None
    }
    /// Every named limit of the node, by the crate that keeps it.
    fn limits(&self) -> Vec<(&'static str, &'static [(&'static str, u64)])> {
        vec![("rpc", crate::limits::ALL)]
    }
    /// The node's metrics in the Prometheus text format, without this crate's.
    fn metrics(&self) -> String;
    /// HTTP addresses of other members' nodes, for content that this one lacks.
    fn peers_http(&self) -> Vec<String> {
        Vec::new()
    }

    /// Takes a signed transaction. It has been admitted to the pool when this returns, but it is not
    /// acknowledged before [`Pool::saved`] has returned.
    fn submit(&self, raw: Bytes) -> impl Future<Output = Result<B256, SubmitError>> + Send {
        submit::submit(self, raw)
    }
}
