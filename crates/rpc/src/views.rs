//! What REST, the web app and `commonhold_*` show of the network.

use alloy_primitives::{Address, B256, Bytes};
use commonhold_primitives::epoch;
use serde::Serialize;
use utoipa::ToSchema;

use crate::backend::Backend;

/// A member of the network, as this node sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberView {
    /// The organisation's name.
    pub(crate) name: String,
    /// Its node's ed25519 identity key.
    #[schema(value_type = String)]
    pub(crate) public_key: B256,
    /// Where its node listens for other members.
    pub(crate) endpoint: String,
    /// The account that acts for it on the ledger.
    #[schema(value_type = String)]
    pub(crate) account: Address,
    /// The address that stands for it in blocks that it proposed.
    #[schema(value_type = Option<String>)]
    pub(crate) proposer: Option<Address>,
    /// Whether it is the node asked.
    pub(crate) is_self: bool,
    /// Whether the node asked is connected to it.
    pub(crate) connected: bool,
    /// The newest block that it proposed, where one is known.
    pub(crate) last_proposed: Option<u64>,
}

/// The network, and how the node asked is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkView {
    /// The network's name.
    pub(crate) name: String,
    /// Its EIP-155 chain id.
    pub(crate) chain_id: u64,
    /// keccak-256 of its genesis document.
    #[schema(value_type = String)]
    pub(crate) genesis: B256,
    /// The key that verifies every finality certificate.
    #[schema(value_type = String)]
    pub(crate) network_key: Bytes,
    /// Fixed base fee in wei; 0 where transactions are free.
    pub(crate) base_fee_per_gas: u64,
    /// Gas of a block.
    pub(crate) gas_limit: u64,
    /// Number of members.
    pub(crate) members: usize,
    /// The epoch of the newest final block: how often the shares of the network key were dealt anew.
    pub(crate) epoch: u64,
    /// Blocks of an epoch.
    pub(crate) epoch_blocks: u64,
    /// The newest final block.
    pub(crate) block: u64,
    /// Its hash.
    #[schema(value_type = String)]
    pub(crate) block_hash: B256,
    /// Its time, milliseconds since 1970.
    pub(crate) block_time_ms: u64,
    /// Milliseconds from the block's time until the node knew that it was final.
    pub(crate) finality_ms: u64,
    /// Transactions that wait.
    pub(crate) pending: usize,
    /// Members that the node is connected to.
    pub(crate) peers: usize,
    /// Whether the node catches up with the others.
    pub(crate) syncing: bool,
    /// Bytes that the node takes on disk.
    pub(crate) disk_bytes: u64,
    /// Seconds since the node was started.
    pub(crate) uptime_seconds: u64,
    /// The program's version.
    pub(crate) version: String,
}

pub(crate) fn members(node: &impl Backend) -> Vec<MemberView> {
    node.status()
        .members
        .into_iter()
        .map(|member| MemberView {
            name: member.name,
            public_key: member.public_key,
            endpoint: member.endpoint,
            account: member.account,
            proposer: crate::rest::proposer_of(&member.public_key),
            is_self: member.is_self,
            connected: member.connected,
            last_proposed: member.last_proposed,
        })
        .collect()
}

pub(crate) fn network(node: &impl Backend) -> NetworkView {
    let (genesis, status) = (node.genesis(), node.status());
    let head = node.head().borrow().clone();
    NetworkView {
        name: genesis.name.clone(),
        chain_id: genesis.chain_id,
        genesis: genesis.hash(),
        network_key: genesis.network_key.clone(),
        base_fee_per_gas: genesis.base_fee_per_gas,
        gas_limit: genesis.gas_limit,
        members: status.members.len(),
        epoch: epoch::containing(head.number, genesis.epoch_blocks)
            .map_or(0, |place| place.epoch().get()),
        epoch_blocks: genesis.epoch_blocks.get(),
        block: head.number,
        block_hash: head.hash,
        block_time_ms: head.timestamp_ms,
        finality_ms: head.finality_ms,
        pending: node.pool().len(),
        peers: status.peers,
        syncing: status.syncing,
        disk_bytes: node.disk_bytes(),
        uptime_seconds: status.uptime_seconds,
        version: status.version,
    }
}
