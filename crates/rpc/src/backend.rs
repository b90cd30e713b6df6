//! What the RPC needs of a node.

use std::{future::Future, sync::Arc, time::Duration};

use alloy_consensus::{Header, Transaction as _};
use alloy_primitives::{Address, B256, Bytes};
use commonhold_execution::Machine;
use commonhold_index::Index;
use commonhold_pool::{AccountView, Origin, Pool, PoolError};
use commonhold_primitives::{
    Genesis, StateKey, StateValue, Transaction,
    transaction::{self, TransactionError},
};
use commonhold_vault::Store;
use tokio::sync::watch;

use crate::limits::{SETTLE_MILLIS_MAX, SUBMIT_MILLIS_MAX};

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

/// Why a transaction was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// It is not a transaction for this network.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The pool refuses it.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The node cannot answer now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
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
    /// Members, in the genesis document's order.
    pub members: Vec<MemberStatus>,
    /// Members connected to, this node not counted.
    pub peers: usize,
    /// Whether it catches up with the others.
    pub syncing: bool,
    /// Seconds since it was started.
    pub uptime_seconds: u64,
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
    /// How the node is. Asked often: nothing is read from the disk for it.
    fn status(&self) -> NodeStatus;
    /// Bytes that the node takes on disk, counted now; a node in memory takes none.
    fn disk_bytes(&self) -> u64 {
        0
    }
    /// The node's metrics in the Prometheus text format, without this crate's.
    fn metrics(&self) -> String;
    /// HTTP addresses of other members' nodes, for content that this one lacks.
    fn peers_http(&self) -> Vec<String> {
        Vec::new()
    }

    /// Takes a signed transaction. It has been admitted to the pool when this returns.
    fn submit(&self, raw: Bytes) -> impl Future<Output = Result<B256, SubmitError>> + Send {
        submit(self, raw)
    }
}

/// Recovers a transaction's sender and gives it to the pool; where the pool asks for patience, waits a
/// little. What [`Backend::submit`] does unless a node does more.
///
/// # Errors
/// [`SubmitError`] says why it was not taken.
pub async fn submit<B: Backend>(node: &B, raw: Bytes) -> Result<B256, SubmitError> {
    let transaction = transaction::recover(raw, node.machine().chain_id())?;
    let (hash, sender) = (transaction.hash(), transaction.sender());
    let pool = node.pool();
    let account = match pool.known_account(&sender) {
        Some(account) => account,
        None => settled_account(node, &transaction).await?,
    };
    if !pool.has_room(&sender) {
        let patience = Duration::from_millis(SUBMIT_MILLIS_MAX);
        // Where there is no room after all, the pool itself says so.
        let _ = tokio::time::timeout(patience, pool.wait_for_room(&sender)).await;
    }
    pool.admit(transaction, account, Origin::Local)?;
    Ok(hash)
}

/// The sender's account. One that does not exist, yet wants to spend, may have been given its money in a
/// block that another member showed a moment ago and that this one is about to apply: it gets one
/// block's time.
async fn settled_account(
    node: &impl Backend,
    transaction: &Transaction,
) -> Result<AccountView, Unavailable> {
    let mut heads = node.head();
    heads.mark_unchanged();
    let account = account_view(node, transaction.sender()).await?;
    if account != AccountView::default() || transaction.envelope().value().is_zero() {
        return Ok(account);
    }
    let patience = Duration::from_millis(SETTLE_MILLIS_MAX);
    match tokio::time::timeout(patience, heads.changed()).await {
        Ok(Ok(())) => account_view(node, transaction.sender()).await,
        _ => Ok(account),
    }
}

async fn account_view(
    backend: &impl Backend,
    address: Address,
) -> Result<AccountView, Unavailable> {
    let loaded = backend.load(vec![StateKey::Account(address)]).await?;
    if loaded.number == 0 {
        // Block 1 writes what the genesis document allocates.
        let allocated = backend.genesis().alloc.get(&address);
        return Ok(
            allocated.map_or_else(AccountView::default, |allocated| AccountView {
                nonce: allocated.nonce,
                balance: allocated.balance,
            }),
        );
    }
    Ok(match loaded.values.into_iter().next().flatten() {
        Some(StateValue::Account(account)) => AccountView {
            nonce: account.nonce,
            balance: account.balance,
        },
        _ => AccountView::default(),
    })
}
