//! Reading entries of the state through whatever can read cells: a speculative batch, or the applied
//! database.

use std::future::Future;

use alloy_primitives::{B256, KECCAK256_EMPTY};
use commonhold_primitives::{StateKey, StateValue};

use crate::cell::{self, Cell, CellError, CellKey};

/// Something that reads many cells at once.
pub trait Cells {
    /// Reads `keys`; the answer has their order.
    fn get_many(
        &self,
        keys: &[&CellKey],
    ) -> impl Future<Output = Result<Vec<Option<Cell>>, LoadError>> + Send;
}

/// Why entries could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The database failed, or moved on beneath a speculative batch.
    #[error("the state cannot be read: {0}")]
    Unavailable(String),
    /// What it holds does not decode.
    #[error(transparent)]
    Corrupt(#[from] CellError),
}

/// Reads `keys` with one read for accounts and slots, and one more for code.
///
/// # Errors
/// Where a cell cannot be read or does not decode.
pub async fn load<C: Cells + Sync>(
    cells: &C,
    keys: Vec<StateKey>,
) -> Result<Vec<(StateKey, Option<StateValue>)>, LoadError> {
    let names: Vec<CellKey> = keys.iter().map(cell::key).collect();
    let firsts = cells.get_many(&names.iter().collect::<Vec<_>>()).await?;
    let mut loaded = Vec::with_capacity(keys.len());
    for (key, first) in keys.into_iter().zip(firsts) {
        let value = match (&key, first) {
            (StateKey::Code(hash), _) if *hash == KECCAK256_EMPTY => None,
            (_, None) => None,
            (StateKey::Code(hash), Some(first)) => Some(load_code(cells, hash, first).await?),
            (_, Some(found)) => Some(cell::decode(&key, &found)?),
        };
        loaded.push((key, value));
    }
    Ok(loaded)
}

async fn load_code<C: Cells + Sync>(
    cells: &C,
    hash: &B256,
    first: Cell,
) -> Result<StateValue, LoadError> {
    let names: Vec<CellKey> = (1..=cell::code_cells_after(&first)?)
        .map(|n| cell::code_key(hash, n))
        .collect();
    let mut all = vec![first];
    if !names.is_empty() {
        for found in cells.get_many(&names.iter().collect::<Vec<_>>()).await? {
            all.push(found.ok_or(CellError::Malformed("a code cell is missing"))?);
        }
    }
    Ok(cell::decode_code(&all)?)
}
