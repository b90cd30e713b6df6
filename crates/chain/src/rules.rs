//! The rules of a header: what the builder sets and every verifier checks.
//!
//! * `number`, `parentHash`: the parent's successor.
//! * time: in milliseconds, not before the parent's, and (from block 2 on) at most
//!   [`BLOCK_TIME_STEP_MAX_MS`] after it. The step bounds how long a verifier may be made to wait for
//!   its own clock, and lets a network that stood still for days catch up block by block.
//! * `gasLimit`: the parent's; in the first block of an epoch what the ledger says of that epoch, as of the
//!   parent's state. Members decide on it, the genesis document says with which one they begin.
//! * `baseFeePerGas`: the genesis document's.
//! * `beneficiary`: the address of the round's leader.
//! * every other field is constant, or the result of execution.

use std::{
    num::NonZeroU64,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alloy_consensus::Header;
use alloy_primitives::B256;
use commonhold_execution::Env;
use commonhold_primitives::{
    Block, Genesis, Receipt,
    block::{blank_header, proposer_address},
    consensus::ConsensusContext,
    limits::{BLOCK_TIME_STEP_MAX_MS, CLOCK_DRIFT_MAX_MS},
    receipt::{logs_bloom, receipts_root},
};

/// Why a block is invalid for ever.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A field of the header is not what the rules say.
    #[error("the block's {0} is not what the rules say")]
    Field(&'static str),
    /// A transaction cannot be in a block.
    #[error("transaction {index} is invalid: {why}")]
    Transaction {
        /// Its place in the block.
        index: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// The parts of the rules that do not change from block to block.
#[derive(Clone, Debug)]
pub struct Rules {
    genesis_hash: B256,
    chain_id: u64,
    epoch_blocks: NonZeroU64,
    base_fee: u64,
}

impl Rules {
    /// The rules of the network that `genesis` founds.
    pub fn new(genesis: &Genesis) -> Self {
        Self {
            genesis_hash: genesis.hash(),
            chain_id: genesis.chain_id,
            epoch_blocks: genesis.epoch_blocks,
            base_fee: genesis.base_fee_per_gas,
        }
    }
    /// EIP-155 chain id.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }
    /// The epoch that a block on `parent` begins. None within an epoch.
    pub fn begins(&self, parent: &Block) -> Option<u64> {
        let number = parent.number().saturating_add(1);
        match number % self.epoch_blocks.get() {
            0 => Some(number / self.epoch_blocks.get()),
            _ => None,
        }
    }

    /// What a block on `parent` executes in, with so much gas.
    pub fn env(
        &self,
        parent: &Block,
        context: &ConsensusContext,
        timestamp_ms: u64,
        gas_limit: u64,
    ) -> Env {
        Env {
            number: parent.number().saturating_add(1),
            timestamp_ms,
            gas_limit,
            base_fee: self.base_fee,
            beneficiary: proposer_address(&context.leader),
            prevrandao: self.genesis_hash,
            parent_hash: parent.hash(),
        }
    }

    /// The header of a block that executed in `env` with these results, but for the state root and
    /// what `Block::seal` sets.
    pub fn header(&self, env: &Env, receipts: &[Receipt], gas_used: u64) -> Header {
        Header {
            parent_hash: env.parent_hash,
            beneficiary: env.beneficiary,
            number: env.number,
            gas_limit: env.gas_limit,
            gas_used,
            timestamp: env.timestamp_ms / 1000,
            base_fee_per_gas: Some(env.base_fee),
            receipts_root: receipts_root(receipts),
            logs_bloom: logs_bloom(receipts),
            ..blank_header(self.genesis_hash)
        }
    }

    /// The time to give to a block on `parent`, when the proposer's clock shows `now_ms`.
    pub fn timestamp(&self, parent: &Block, now_ms: u64) -> u64 {
        let earliest = parent.timestamp_ms();
        now_ms.clamp(earliest, latest(parent).max(earliest))
    }

    /// Checks what can be checked before execution.
    ///
    /// # Errors
    /// The first rule that `block` breaks.
    pub fn check_before(&self, block: &Block, parent: &Block) -> Result<(), Invalid> {
        let time = block.timestamp_ms();
        if block.number() != parent.number().saturating_add(1) {
            return Err(Invalid::Field("number"));
        }
        if block.header().parent_hash != parent.hash() {
            return Err(Invalid::Field("parentHash"));
        }
        if time < parent.timestamp_ms() || time > latest(parent) {
            return Err(Invalid::Field("timestamp"));
        }
        Ok(())
    }

    /// Checks the whole header against what execution gave.
    ///
    /// # Errors
    /// The block whose header differs from the one that the rules make.
    pub fn check_after(
        &self,
        block: &Block,
        env: &Env,
        receipts: &[Receipt],
        gas_used: u64,
        state_root: B256,
    ) -> Result<(), Invalid> {
        let expected = Header {
            state_root,
            extra_data: block.header().extra_data.clone(),
            // Checked where the block was decoded.
            transactions_root: block.header().transactions_root,
            ..self.header(env, receipts, gas_used)
        };
        if expected == *block.header() {
            Ok(())
        } else {
            Err(Invalid::Field(difference(&expected, block.header())))
        }
    }
}

/// The latest time that a block on `parent` may have. The first block may come any time after the
/// genesis document was written.
fn latest(parent: &Block) -> u64 {
    match parent.number() {
        0 => u64::MAX,
        _ => parent.timestamp_ms().saturating_add(BLOCK_TIME_STEP_MAX_MS),
    }
}

/// How long a verifier whose clock shows `now_ms` waits before it votes for a block of that time.
pub fn wait_for(timestamp_ms: u64, now_ms: u64) -> Duration {
    Duration::from_millis(timestamp_ms.saturating_sub(now_ms.saturating_add(CLOCK_DRIFT_MAX_MS)))
}

/// Milliseconds since 1970.
pub fn millis(now: SystemTime) -> u64 {
    let elapsed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Names the first field in which two headers differ, for the log.
fn difference(expected: &Header, found: &Header) -> &'static str {
    match () {
        () if expected.gas_used != found.gas_used => "gasUsed",
        () if expected.receipts_root != found.receipts_root => "receiptsRoot",
        () if expected.logs_bloom != found.logs_bloom => "logsBloom",
        () if expected.state_root != found.state_root => "stateRoot",
        () if expected.beneficiary != found.beneficiary => "miner",
        () if expected.gas_limit != found.gas_limit => "gasLimit",
        () if expected.base_fee_per_gas != found.base_fee_per_gas => "baseFeePerGas",
        () => "header",
    }
}
