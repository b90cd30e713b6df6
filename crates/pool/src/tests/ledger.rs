//! A small pool and the ledger that it serves.

use std::collections::{BTreeSet, HashMap, HashSet};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256};
use commonhold_primitives::limits::TRANSACTION_BYTES_MAX;

use super::support::CHAIN;
use crate::{AccountView, Pool, PoolConfig};

/// A block takes so many plain transfers.
pub(crate) const BLOCK: u64 = 16;
pub(crate) const BLOCK_GAS: u64 = BLOCK * 21_000;
pub(crate) const POOL: usize = 64;
/// The memory it may take: a few transactions of the greatest length.
pub(crate) const BYTES: usize = 4 * TRANSACTION_BYTES_MAX;

pub(crate) fn pool() -> Pool {
    let config = PoolConfig::new(CHAIN, 0, BLOCK_GAS);
    Pool::new(PoolConfig {
        transactions_max: POOL,
        bytes_max: BYTES,
        ..config
    })
}

/// The ledger that a pool serves: it executes value transfers.
#[derive(Default)]
pub(crate) struct Ledger(pub(crate) HashMap<Address, AccountView>);

impl Ledger {
    pub(crate) fn account(&self, address: &Address) -> AccountView {
        self.0.get(address).copied().unwrap_or_default()
    }

    /// Builds a block as a proposer does, executes it, and tells the pool. Gives what it holds.
    pub(crate) fn block(&mut self, pool: &Pool) -> Vec<B256> {
        let chosen = pool.select(BLOCK_GAS, 64 * 1024, 100, &HashSet::new());
        let (mut included, mut unexecutable, mut changed) =
            (Vec::new(), Vec::new(), BTreeSet::new());
        for tx in &chosen {
            let (sender, value) = (tx.sender(), tx.envelope().value());
            let mut account = self.account(&sender);
            if account.nonce != tx.nonce() || account.balance < value {
                unexecutable.push(tx.hash());
                continue;
            }
            account.nonce += 1;
            account.balance -= value;
            self.0.insert(sender, account);
            let to = tx.envelope().to().unwrap_or_default();
            let mut receiver = self.account(&to);
            receiver.balance += value;
            self.0.insert(to, receiver);
            changed.extend([sender, to]);
            included.push(tx.hash());
        }
        pool.reject(&unexecutable);
        let accounts: Vec<_> = changed.into_iter().map(|a| (a, self.account(&a))).collect();
        pool.finalised(&included, &accounts);
        included
    }
}
