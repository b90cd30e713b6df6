//! What goes into the pool's interface and what comes out.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{B256, U256};
use commonhold_primitives::{Genesis, Transaction};

use crate::{lane::Lane, limits};

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
    pub(crate) const fn strangers_max(&self) -> usize {
        self.transactions_max / limits::STRANGER_PART
    }

    /// Clients' transactions that wait for room.
    pub(crate) const fn line_max(&self) -> usize {
        self.transactions_max / limits::LINE_PART
    }

    /// Memory that they may take.
    pub(crate) const fn line_bytes_max(&self) -> usize {
        self.bytes_max / limits::LINE_PART
    }

    /// Senders.
    pub(crate) const fn lanes_max(&self) -> usize {
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

impl From<&Lane> for LaneContent {
    fn from(lane: &Lane) -> Self {
        let end = lane.pending_nonce();
        let mut content = Self::default();
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
}
