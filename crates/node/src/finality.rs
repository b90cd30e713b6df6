//! What this node holds to be final, as requests to open are judged by.

use std::sync::Arc;

use alloy_primitives::B256;
use commonhold_chain::{StateView, engine::Ledger};
use commonhold_execution::Env;
use commonhold_opening::FinalState;
use commonhold_primitives::{StateKey, StateValue};
use commonhold_rpc::Head;
use commonware_parallel::Rayon;
use commonware_runtime::tokio::Context;
use tokio::sync::watch;

use crate::hot::Hot;

/// The state after the head, and the blocks up to it.
#[derive(Clone)]
pub(crate) struct Finality {
    pub(crate) head: watch::Receiver<Arc<Head>>,
    pub(crate) hot: Hot,
    pub(crate) state: StateView<Context, Rayon>,
    pub(crate) ledger: Ledger,
}

impl FinalState for Finality {
    async fn newest(&self) -> Option<Env> {
        Some(Env::of(&self.head.borrow().header))
    }

    async fn load(&self, keys: Vec<StateKey>) -> Option<Vec<Option<StateValue>>> {
        // What is in memory is of the state after the head or a later block.
        if let Some(found) = self.hot.get(&keys) {
            return Some(found.values);
        }
        let (root, loaded) = self.state.load_rooted(keys).await.ok()?;
        self.hot.keep(root, &loaded);
        Some(loaded.into_iter().map(|(_, value)| value).collect())
    }

    async fn hash(&self, number: u64) -> Option<B256> {
        Some(self.ledger.block(number).await?.hash())
    }

    async fn after(&self, number: u64) -> bool {
        let mut heads = self.head.clone();
        heads.wait_for(|head| head.number > number).await.is_ok()
    }
}
