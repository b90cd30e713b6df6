//! Why the pool does not take a transaction, in the words that Ethereum clients recognise.

use alloy_primitives::{Address, U256};

use crate::limits;

/// The journal cannot be written, so this node cannot promise a client to keep its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the node cannot keep transactions safe now, its disk refuses writes: send the same transaction \
     through another member's node, or here again later"
)]
pub struct NotKept;

/// Why a transaction is refused. The texts begin as those of other Ethereum nodes do, because clients
/// match on them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The pool or a recent final block holds it.
    #[error("already known")]
    AlreadyKnown,
    /// The account has sent a transaction with this nonce already.
    #[error("nonce too low: address {sender}, tx: {nonce} state: {account}")]
    NonceTooLow {
        /// The account.
        sender: Address,
        /// The transaction's nonce.
        nonce: u64,
        /// The account's next nonce.
        account: u64,
    },
    /// The nonce is too far ahead of the account's.
    #[error(
        "nonce too high: tx: {nonce} state: {account} (LANE_GAP_MAX {})",
        limits::LANE_GAP_MAX
    )]
    NonceTooHigh {
        /// The transaction's nonce.
        nonce: u64,
        /// The account's next nonce.
        account: u64,
    },
    /// The nonce cannot be counted further (EIP-2681).
    #[error("nonce has max value")]
    NonceMax,
    /// Another transaction with this nonce waits, and this one offers too little more.
    #[error("replacement transaction underpriced")]
    Underpriced,
    /// The account cannot pay.
    #[error("insufficient funds for gas * price + value: balance {balance}, tx cost {cost}")]
    InsufficientFunds {
        /// What the account has.
        balance: U256,
        /// What the transaction may take.
        cost: U256,
    },
    /// The gas limit is below what the transaction costs before it runs.
    #[error("intrinsic gas too low: gas {gas}, minimum needed {intrinsic}")]
    IntrinsicGas {
        /// The gas limit.
        gas: u64,
        /// What is needed.
        intrinsic: u64,
    },
    /// The gas limit is below the floor for its calldata (EIP-7623).
    #[error("insufficient gas for floor data gas cost: gas {gas}, minimum needed {floor}")]
    FloorGas {
        /// The gas limit.
        gas: u64,
        /// What is needed.
        floor: u64,
    },
    /// The gas limit is above a block's.
    #[error("exceeds block gas limit: gas {gas}, limit {limit}")]
    BlockGas {
        /// The transaction's gas limit.
        gas: u64,
        /// The block's.
        limit: u64,
    },
    /// The gas limit is above what one transaction may have (EIP-7825).
    #[error("transaction gas limit too high: gas {gas}, TRANSACTION_GAS_MAX {cap}")]
    GasCap {
        /// The transaction's gas limit.
        gas: u64,
        /// The cap.
        cap: u64,
    },
    /// The fee offered is below the network's base fee.
    #[error("max fee per gas less than block base fee: maxFeePerGas: {fee}, baseFee: {base}")]
    FeeTooLow {
        /// The fee offered.
        fee: u128,
        /// The base fee.
        base: u64,
    },
    /// The tip is above the fee.
    #[error(
        "max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: {tip}, maxFeePerGas: {fee}"
    )]
    TipAboveFee {
        /// The tip.
        tip: u128,
        /// The fee.
        fee: u128,
    },
    /// The init code of a creation is too long (EIP-3860).
    #[error(
        "max initcode size exceeded: code size {size}, INIT_CODE_BYTES_MAX {}",
        limits::INIT_CODE_BYTES_MAX
    )]
    InitCode {
        /// Its length.
        size: usize,
    },
    /// A set-code transaction without authorizations (EIP-7702).
    #[error("set code tx must have at least one authorization tuple")]
    NoAuthorization,
    /// The sender's lane is full.
    #[error("txpool is full: the sender has LANE_TRANSACTIONS_MAX or LANE_BYTES_MAX pending")]
    LaneFull,
    /// The pool is full, no lane is longer than the sender's, and there is no more waiting.
    #[error("txpool is full")]
    PoolFull,
    /// The node cannot keep it.
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

impl PoolError {
    /// A short name for metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::AlreadyKnown => "already_known",
            Self::NonceTooLow { .. } => "nonce_too_low",
            Self::NonceTooHigh { .. } | Self::NonceMax => "nonce_too_high",
            Self::Underpriced => "underpriced",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::IntrinsicGas { .. } | Self::FloorGas { .. } => "intrinsic_gas",
            Self::BlockGas { .. } | Self::GasCap { .. } => "gas_limit",
            Self::FeeTooLow { .. } | Self::TipAboveFee { .. } => "fee",
            Self::InitCode { .. } => "init_code",
            Self::NoAuthorization => "no_authorization",
            Self::LaneFull => "lane_full",
            Self::PoolFull => "pool_full",
            Self::NotKept(_) => "not_kept",
        }
    }

    /// Whether the same transaction may be taken later, when there is room.
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::LaneFull | Self::PoolFull)
    }
}
