//! Signed transactions for this crate's tests.

use alloy_consensus::{SignableTransaction as _, TxEip1559};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, Bytes, TxKind, U256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_primitives::{
    Transaction,
    transaction::{Envelope, recover},
};

use crate::AccountView;

pub(crate) const CHAIN: u64 = 7;

/// A plain transfer of nothing that offers nothing.
pub(crate) fn transfer(nonce: u64) -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN,
        nonce,
        gas_limit: 21_000,
        to: TxKind::Call(Address::ZERO),
        ..TxEip1559::default()
    }
}

pub(crate) struct Wallet(PrivateKeySigner);

impl Wallet {
    pub(crate) fn new(seed: u64) -> Self {
        Self(PrivateKeySigner::from_bytes(&keccak256(seed.to_be_bytes())).unwrap())
    }
    pub(crate) fn address(&self) -> Address {
        self.0.address()
    }
    pub(crate) fn raw(&self, tx: TxEip1559) -> Bytes {
        let signature = self.0.sign_hash_sync(&tx.signature_hash()).unwrap();
        Envelope::from(tx.into_signed(signature))
            .encoded_2718()
            .into()
    }
    pub(crate) fn sign(&self, tx: TxEip1559) -> Transaction {
        recover(self.raw(tx), CHAIN).unwrap()
    }
    pub(crate) fn transfer(&self, nonce: u64) -> Transaction {
        self.sign(transfer(nonce))
    }
}

/// An account with a balance, so not a stranger.
pub(crate) fn rich(nonce: u64) -> AccountView {
    AccountView {
        nonce,
        balance: U256::from(1_000_000),
    }
}
