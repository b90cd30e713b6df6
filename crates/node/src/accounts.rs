//! Accounts for admission to the pool, read from the latest state.

use alloy_primitives::Address;
use commonhold_chain::StateView;
use commonhold_pool::{AccountView, gossip::AccountReader};
use commonhold_primitives::{StateKey, StateValue};
use commonware_parallel::Rayon;
use commonware_runtime::tokio::Context;

/// Reads accounts from the engine's state.
#[derive(Clone)]
pub(crate) struct Accounts(pub(crate) StateView<Context, Rayon>);

impl AccountReader for Accounts {
    async fn accounts(&self, addresses: Vec<Address>) -> Option<Vec<AccountView>> {
        let keys = addresses.into_iter().map(StateKey::Account).collect();
        let loaded = self.0.load(keys).await.ok()?;
        let view = |value: Option<StateValue>| match value {
            Some(StateValue::Account(account)) => AccountView {
                nonce: account.nonce,
                balance: account.balance,
            },
            _ => AccountView::default(),
        };
        Some(loaded.into_iter().map(|(_, value)| view(value)).collect())
    }
}
