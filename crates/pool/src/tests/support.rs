//! Signed transactions and small pools for this crate's tests.

use std::{collections::HashSet, sync::Arc, time::Duration};

use alloy_consensus::{SignableTransaction as _, TxEip1559};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_primitives::{
    Transaction,
    transaction::{Envelope, recover},
};
use commonware_runtime::{Clock as _, Runner as _, deterministic};

use crate::{
    AccountView, Origin, Pool, PoolConfig, PoolError,
    entrance::{Entry, Place},
};

pub(crate) const CHAIN: u64 = 7;
/// Gas of a block.
pub(crate) const GAS: u64 = 300_000_000;
/// Bytes of a block.
pub(crate) const BYTES: usize = 4 * 1024 * 1024;

/// A pool of the usual size for a network without fees.
pub(crate) fn free() -> Pool {
    Pool::new(PoolConfig::new(CHAIN, 0, GAS))
}

/// The same with so many places.
pub(crate) fn small(transactions_max: usize) -> Pool {
    Pool::new(PoolConfig {
        transactions_max,
        ..PoolConfig::new(CHAIN, 0, GAS)
    })
}

/// Takes a client's transaction whose sender is new and rich.
pub(crate) fn add(pool: &Pool, tx: Transaction) -> B256 {
    pool.admit(tx, rich(0), Origin::Local).unwrap().hash
}

/// The first `count` of a block.
pub(crate) fn all(pool: &Pool, count: usize) -> Vec<Arc<Transaction>> {
    pool.select(GAS, BYTES, count, &HashSet::new())
}

/// Gives a client's transaction to the pool.
pub(crate) fn enter(
    pool: &Pool,
    tx: Transaction,
    account: AccountView,
) -> Result<Entry, PoolError> {
    pool.enter(Arc::new(tx), account)
}

/// The same where it has to wait.
pub(crate) fn wait(pool: &Pool, tx: Transaction) -> Place {
    match enter(pool, tx, rich(0)) {
        Ok(Entry::Waits(place)) => place,
        other => panic!("it does not wait: {other:?}"),
    }
}

/// Lets simulated time pass until `done`, or fails.
pub(crate) async fn until(
    context: &deterministic::Context,
    what: &str,
    mut done: impl FnMut() -> bool,
) {
    for _ in 0..2_000 {
        if done() {
            return;
        }
        context.sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within twenty simulated seconds");
}

/// Runs a test in simulated time.
pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce(deterministic::Context) -> F) {
    deterministic::Runner::timed(Duration::from_secs(120)).start(test);
}

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
