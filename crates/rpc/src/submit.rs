//! Clients' transactions on their way to the pool.

use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes};
use commonhold_pool::{
    AccountView,
    gossip::AccountReader,
    submit::{SubmitError, Submitter, Timer},
};
use commonhold_primitives::{StateKey, StateValue};

use crate::backend::Backend;

/// Gives a transaction to the pool of `node`; where there is no room, it waits a little. What
/// [`Backend::submit`] does unless a node does more.
///
/// # Errors
/// [`SubmitError`] says why it was not taken.
pub async fn submit<B: Backend>(node: &B, raw: Bytes) -> Result<B256, SubmitError> {
    let accounts = Accounts(node.clone());
    Submitter::new(Tokio, node.pool().clone(), accounts)
        .take(raw)
        .await
}

struct Tokio;

impl Timer for Tokio {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The accounts of a node.
#[derive(Clone)]
struct Accounts<B>(B);

impl<B: Backend> AccountReader for Accounts<B> {
    async fn accounts(&self, addresses: Vec<Address>) -> Option<Vec<AccountView>> {
        let keys = addresses.iter().copied().map(StateKey::Account).collect();
        let loaded = self.0.load(keys).await.ok()?;
        if loaded.number == 0 {
            // Block 1 writes what the genesis document allocates.
            let allocated = |address| {
                let found = self.0.genesis().alloc.get(address);
                found.map_or_else(AccountView::default, |allocated| AccountView {
                    nonce: allocated.nonce,
                    balance: allocated.balance,
                })
            };
            return Some(addresses.iter().map(allocated).collect());
        }
        let view = |value| match value {
            Some(StateValue::Account(account)) => AccountView {
                nonce: account.nonce,
                balance: account.balance,
            },
            _ => AccountView::default(),
        };
        Some(loaded.values.into_iter().map(view).collect())
    }
}
