//! Reading the applied state, for the RPC and for admission to the pool.

use alloy_primitives::B256;
use commonhold_primitives::{StateKey, StateValue};
use commonhold_state::{Cell, CellKey, Cells, Db, LoadError, ProofError, StateProof, load};
use commonware_glue::stateful::db::Shared;
use commonware_parallel::Strategy;
use commonware_storage::Context;

/// The latest applied (that is: final) state. Cheap to clone.
pub struct StateView<E: Context, S: Strategy>(Shared<Db<E, S>>);

impl<E: Context, S: Strategy> Clone for StateView<E, S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Context, S: Strategy> StateView<E, S> {
    /// A view of the engine's database.
    pub const fn new(db: Shared<Db<E, S>>) -> Self {
        Self(db)
    }

    /// Reads entries, all of one state.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn load(
        &self,
        keys: Vec<StateKey>,
    ) -> Result<Vec<(StateKey, Option<StateValue>)>, LoadError> {
        Ok(self.load_rooted(keys).await?.1)
    }

    /// Reads entries, all of one state, and that state's root.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn load_rooted(
        &self,
        keys: Vec<StateKey>,
    ) -> Result<(B256, Vec<(StateKey, Option<StateValue>)>), LoadError> {
        // Held to the end: no block is applied in between.
        let db = self.0.read().await;
        let loaded = load(&Applied(&db), keys).await?;
        Ok((B256::from_slice(db.root().as_ref()), loaded))
    }

    /// Proves entries, all under one root, which is returned.
    ///
    /// # Errors
    /// Where the database fails, or an entry is code.
    pub async fn prove(&self, keys: &[StateKey]) -> Result<(B256, Vec<StateProof>), ProofError> {
        let db = self.0.read().await;
        let mut proofs = Vec::with_capacity(keys.len());
        for key in keys {
            proofs.push(StateProof::make(&db, key).await?);
        }
        Ok((B256::from_slice(db.root().as_ref()), proofs))
    }
}

/// The database while nothing can be applied to it.
struct Applied<'a, E: Context, S: Strategy>(&'a Db<E, S>);

impl<E: Context, S: Strategy> Cells for Applied<'_, E, S> {
    async fn get_many(&self, keys: &[&CellKey]) -> Result<Vec<Option<Cell>>, LoadError> {
        self.0
            .get_many(keys)
            .await
            .map_err(|e| LoadError::Unavailable(e.to_string()))
    }
}
