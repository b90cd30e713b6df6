//! A transaction whose sender is known.
//!
//! Recovery of the sender is the costliest thing a node does with a transaction (about 45 µs), so it
//! happens once, here, and the result is shared by pool, builder and verifier.

use alloy_consensus::{
    EthereumTxEnvelope, Transaction as _, TxEip4844, transaction::SignerRecoverable as _,
};
use alloy_eips::eip2718::Decodable2718 as _;
use alloy_primitives::{Address, B256, Bytes};

use crate::limits::TRANSACTION_BYTES_MAX;

/// The transaction kinds Ethereum knows. Blob transactions decode but are refused by [`recover`].
pub type Envelope = EthereumTxEnvelope<TxEip4844>;

/// Why bytes are not a transaction that this network takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// Longer than [`TRANSACTION_BYTES_MAX`].
    #[error("transaction of {0} bytes exceeds TRANSACTION_BYTES_MAX ({TRANSACTION_BYTES_MAX})")]
    TooLong(usize),
    /// Not a canonical EIP-2718 envelope.
    #[error("malformed transaction: {0}")]
    Malformed(String),
    /// A kind of transaction that this network does not take.
    #[error("transaction type {0} is not supported")]
    Unsupported(u8),
    /// Signed for another network.
    #[error("invalid chain id: the transaction is for {got}, this network is {want}")]
    WrongChain {
        /// The chain id in the transaction.
        got: u64,
        /// The chain id of this network.
        want: u64,
    },
    /// The signature recovers no sender, or its `s` is in the upper half (EIP-2).
    #[error("invalid signature")]
    Signature,
}

/// A decoded transaction with its raw bytes, hash and recovered sender.
#[derive(Clone, Debug)]
pub struct Transaction {
    envelope: Envelope,
    sender: Address,
    raw: Bytes,
}

impl Transaction {
    /// The decoded envelope.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }
    /// Who signed it.
    pub const fn sender(&self) -> Address {
        self.sender
    }
    /// keccak-256 of the raw bytes.
    pub fn hash(&self) -> B256 {
        *self.envelope.tx_hash()
    }
    /// The EIP-2718 bytes as they were signed.
    pub const fn raw(&self) -> &Bytes {
        &self.raw
    }
    /// The sender's sequence number for this transaction.
    pub fn nonce(&self) -> u64 {
        self.envelope.nonce()
    }
}

/// Decodes `raw` without checking its signature.
///
/// # Errors
/// Refuses what is too long, not canonical, or followed by further bytes.
pub fn decode(raw: &[u8]) -> Result<Envelope, TransactionError> {
    if raw.len() > TRANSACTION_BYTES_MAX {
        return Err(TransactionError::TooLong(raw.len()));
    }
    Envelope::decode_2718_exact(raw).map_err(|e| TransactionError::Malformed(e.to_string()))
}

/// Decodes `raw` and recovers its sender (libsecp256k1).
///
/// # Errors
/// As [`decode`], and for blob transactions, another network's chain id, and bad signatures.
/// Legacy transactions without a chain id (before EIP-155) are refused: they could be replayed.
pub fn recover(raw: Bytes, chain_id: u64) -> Result<Transaction, TransactionError> {
    let envelope = decode(&raw)?;
    if let Envelope::Eip4844(_) = envelope {
        return Err(TransactionError::Unsupported(3));
    }
    match envelope.chain_id() {
        Some(got) if got == chain_id => {}
        got => {
            return Err(TransactionError::WrongChain {
                got: got.unwrap_or(0),
                want: chain_id,
            });
        }
    }
    let sender = envelope
        .recover_signer()
        .map_err(|_| TransactionError::Signature)?;
    Ok(Transaction {
        envelope,
        sender,
        raw,
    })
}
