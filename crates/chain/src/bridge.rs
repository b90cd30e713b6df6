//! Between the asynchronous state and the synchronous machine: load, run, resume.
//!
//! Execution is a pure function over what is loaded. What a block will surely touch is loaded in one
//! read; the run goes off the asynchronous workers; where it meets an entry that is not loaded it
//! stops, the entry is loaded, and it goes on at that transaction. Whichever path is taken, the values
//! are the same, so the result is the same on every node.

use std::{collections::HashMap, sync::Arc};

use alloy_primitives::{B256, Bytes};
use commonhold_execution::{
    CallRequest, Env, Executed, Machine, Mode, Overlay, Progress, Resumable, Step,
};
use commonhold_primitives::{StateKey, StateValue, Transaction};
use commonhold_state::{Cells, LoadError, load};
use commonware_parallel::Strategy;
use commonware_utils::sync::Mutex;

use crate::{
    limits::{CODE_CACHE_BYTES_MAX, LOAD_ROUNDS_MAX},
    rules::Invalid,
};

/// Why a block was not executed to its end.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Stopped {
    /// The block is invalid for ever.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The state could not be read, most often because a competing block became final meanwhile.
    #[error(transparent)]
    State(#[from] LoadError),
}

/// Code by its hash, shared by all executions of a node. Code never changes, so it is never stale.
#[derive(Clone, Default)]
pub struct CodeCache(Arc<Mutex<(HashMap<B256, Bytes>, usize)>>);

impl CodeCache {
    fn get(&self, key: &StateKey) -> Option<StateValue> {
        let StateKey::Code(hash) = key else {
            return None;
        };
        self.0.lock().0.get(hash).cloned().map(StateValue::Code)
    }
    fn insert(&self, hash: B256, code: &Bytes) {
        let mut cache = self.0.lock();
        if cache.1.saturating_add(code.len()) > CODE_CACHE_BYTES_MAX {
            *cache = Default::default();
        }
        cache.1 = cache.1.saturating_add(code.len());
        cache.0.insert(hash, code.clone());
    }
}

/// Loads `keys` into `overlay`.
///
/// # Errors
/// Where the state cannot be read.
pub async fn fill<C: Cells + Sync>(
    cells: &C,
    code: &CodeCache,
    overlay: &mut Overlay,
    keys: Vec<StateKey>,
) -> Result<(), LoadError> {
    let mut absent = Vec::with_capacity(keys.len());
    for key in keys {
        if overlay.knows(&key) {
            continue;
        }
        match code.get(&key) {
            Some(value) => overlay.insert_read(key, Some(value)),
            None => absent.push(key),
        }
    }
    if absent.is_empty() {
        return Ok(());
    }
    for (key, value) in load(cells, absent).await? {
        if let (StateKey::Code(hash), Some(StateValue::Code(bytes))) = (&key, &value) {
            code.insert(*hash, bytes);
        }
        overlay.insert_read(key, value);
    }
    Ok(())
}

/// What a call gives in the state behind `cells`, after the block of `env`. None where it is refused: by
/// every member alike.
///
/// # Errors
/// Where the state cannot be read.
pub async fn ask<C: Cells + Sync>(
    machine: &Machine,
    code: &CodeCache,
    cells: &C,
    env: &Env,
    call: &CallRequest,
) -> Result<Option<Bytes>, LoadError> {
    let mut overlay = Overlay::default();
    for _ in 0..LOAD_ROUNDS_MAX {
        match machine.call(env, &mut overlay, call) {
            Resumable::Done(answer) => return Ok(answer.ok().map(|done| done.output)),
            Resumable::Need(keys) => fill(cells, code, &mut overlay, keys).await?,
        }
    }
    Err(LoadError::Unavailable("LOAD_ROUNDS_MAX reached".into()))
}

/// Executes `transactions` in `env` on the state behind `cells`, starting from `overlay`. A proposer takes
/// no further ones when it has some and `late` says so: a block that takes the members too long to run
/// would never become final.
///
/// # Errors
/// [`Stopped`].
#[allow(
    clippy::too_many_arguments,
    reason = "each names another part of the node"
)]
pub async fn execute<C: Cells + Sync, S: Strategy>(
    machine: &Machine,
    strategy: &S,
    code: &CodeCache,
    cells: &C,
    env: Env,
    transactions: Vec<Arc<Transaction>>,
    mut overlay: Overlay,
    mode: Mode,
    late: impl Fn() -> bool,
) -> Result<Executed, Stopped> {
    let mut transactions = Arc::new(transactions);
    fill(
        cells,
        code,
        &mut overlay,
        machine.prefetch(&env, &transactions),
    )
    .await?;
    let mut progress = Progress::new(overlay);
    for _ in 0..LOAD_ROUNDS_MAX {
        let (machine, env, batch) = (machine.clone(), env, transactions.clone());
        let step = strategy
            .spawn(transactions.len(), move |_| {
                machine.run(&env, &batch, progress, mode)
            })
            .await;
        match step {
            Step::Done(executed) => return Ok(executed),
            Step::Invalid { index, why } => return Err(Invalid::Transaction { index, why }.into()),
            Step::Need {
                progress: mut paused,
                keys,
            } => {
                fill(cells, code, &mut paused.overlay, keys).await?;
                if mode == Mode::Build && paused.passed() > 0 && late() {
                    let taken = transactions.iter().take(paused.passed()).cloned();
                    transactions = Arc::new(taken.collect());
                }
                progress = paused;
            }
        }
    }
    Err(LoadError::Unavailable("LOAD_ROUNDS_MAX reached".into()).into())
}
