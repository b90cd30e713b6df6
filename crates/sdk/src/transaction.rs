//! Transactions before they are signed, and signed.

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_rpc_types_eth::{TransactionInput, TransactionRequest};

use crate::{account::Account, error::SdkError};

/// What a transaction is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whom to call; a contract is created where it is `Create`.
    pub kind: TxKind,
    /// How much to send, in wei.
    pub value: U256,
    /// What to call them with.
    pub input: Bytes,
}

/// What is offered for gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// At most, per gas, in wei.
    pub max_fee_per_gas: u128,
    /// To the proposer, per gas, in wei.
    pub max_priority_fee_per_gas: u128,
}

/// A signed transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its EIP-2718 bytes.
    pub raw: Bytes,
    /// keccak-256 of them.
    pub hash: B256,
}

impl Draft {
    /// A call of a contract or module.
    pub const fn call(to: Address, input: Bytes) -> Self {
        Self {
            kind: TxKind::Call(to),
            value: U256::ZERO,
            input,
        }
    }

    /// A transfer of money.
    pub const fn transfer(to: Address, value: U256) -> Self {
        Self {
            kind: TxKind::Call(to),
            value,
            input: Bytes::new(),
        }
    }

    /// A new contract.
    pub const fn create(code: Bytes) -> Self {
        Self {
            kind: TxKind::Create,
            value: U256::ZERO,
            input: code,
        }
    }

    /// Whom it calls.
    pub fn to(&self) -> Option<Address> {
        self.kind.to().copied()
    }

    /// As a node takes it for an estimate.
    pub fn request(&self, from: Address) -> TransactionRequest {
        TransactionRequest {
            from: Some(from),
            to: Some(self.kind),
            value: Some(self.value),
            input: TransactionInput::both(self.input.clone()),
            ..Default::default()
        }
    }

    /// Signs it as an EIP-1559 transaction.
    ///
    /// # Errors
    /// Where the signer fails.
    pub fn sign(
        self,
        account: &Account,
        chain_id: u64,
        nonce: u64,
        gas_limit: u64,
        fees: Fees,
    ) -> Result<Signed, SdkError> {
        let transaction = TxEip1559 {
            chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.max_fee_per_gas,
            max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
            to: self.kind,
            value: self.value,
            access_list: Default::default(),
            input: self.input,
        };
        let signature = account.sign_hash(&transaction.signature_hash())?;
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        Ok(Signed {
            raw: envelope.encoded_2718().into(),
            hash: *envelope.tx_hash(),
        })
    }
}
