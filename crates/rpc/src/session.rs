//! Reading state at a block, and running the machine over it.
//!
//! The node keeps the latest state. The state of the last [`STATE_BLOCKS_KEPT`] blocks is the latest
//! with what later blocks changed put back, which those blocks' witnesses say. The genesis document
//! says what the state of block 0 is.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_consensus::Header;
use alloy_eips::{BlockId, BlockNumberOrTag};
use commonhold_execution::{Env, Machine, Overlay, Resumable};
use commonhold_index::Entry;
use commonhold_primitives::{StateKey, StateValue};

use crate::{
    backend::Backend,
    context::Context,
    error::{Fault, Outcome},
    limits::{CALL_KEYS_MAX, CALL_MILLIS_MAX, STATE_BLOCKS_KEPT},
};

/// How long to wait for the index to show a block that the state is already at.
const CATCH_UP: Duration = Duration::from_secs(2);

/// The state after one block.
pub(crate) struct Session<B> {
    entry: Arc<Entry>,
    env: Env,
    reader: Reader<B>,
}

/// Reads the state after one block.
struct Reader<B> {
    context: Arc<Context<B>>,
    number: u64,
    /// The whole state, for block 0.
    genesis: Option<Arc<Overlay>>,
}

impl<B> Clone for Reader<B> {
    fn clone(&self) -> Self {
        Self {
            context: self.context.clone(),
            number: self.number,
            genesis: self.genesis.clone(),
        }
    }
}

/// What a run may still ask for.
struct Budget {
    begun: Instant,
    keys: usize,
}

impl Budget {
    fn new() -> Self {
        Self {
            begun: Instant::now(),
            keys: CALL_KEYS_MAX,
        }
    }

    fn take(&mut self, keys: usize) -> Outcome<()> {
        self.keys = self
            .keys
            .checked_sub(keys)
            .ok_or_else(|| Fault::limit("CALL_KEYS_MAX", CALL_KEYS_MAX as u64, "the call"))?;
        if self.begun.elapsed() > Duration::from_millis(CALL_MILLIS_MAX) {
            return Err(Fault::limit("CALL_MILLIS_MAX", CALL_MILLIS_MAX, "the call"));
        }
        Ok(())
    }
}

impl<B: Backend> Session<B> {
    /// The state after the block that `id` names; the latest where there is no `id`.
    pub(crate) fn open(context: &Arc<Context<B>>, id: Option<BlockId>) -> Outcome<Self> {
        let entry = context.block(id.unwrap_or(BlockId::Number(BlockNumberOrTag::Latest)))?;
        Self::at(context, entry)
    }

    /// The state after `entry`.
    pub(crate) fn at(context: &Arc<Context<B>>, entry: Arc<Entry>) -> Outcome<Self> {
        let number = entry.number();
        let head = context.head().number;
        let mut genesis = None;
        if number == 0 {
            let writes = context
                .node
                .machine()
                .genesis_writes(context.node.genesis());
            let writes = writes.map_err(|e| Fault::Internal(e.to_string()))?;
            genesis = Some(Arc::new(Overlay::with_writes(writes)));
        } else if head.saturating_sub(number) > STATE_BLOCKS_KEPT {
            return Err(not_kept(number));
        }
        let env = Env::of(&entry.header);
        Ok(Self {
            entry,
            env,
            reader: Reader {
                context: context.clone(),
                number,
                genesis,
            },
        })
    }

    /// The block's header.
    pub(crate) fn header(&self) -> &Header {
        &self.entry.header
    }

    /// What stands under `keys`.
    pub(crate) async fn load(&self, keys: Vec<StateKey>) -> Outcome<Vec<Option<StateValue>>> {
        match self.reader.at_hand(&keys) {
            Some(values) => Ok(values),
            None => self.reader.load(keys).await,
        }
    }

    /// One entry.
    pub(crate) async fn get(&self, key: StateKey) -> Outcome<Option<StateValue>> {
        Ok(self.load(vec![key]).await?.pop().flatten())
    }

    /// Runs `step` until it has an outcome, loading what it asks for. Executions block their thread, few
    /// at a time; the runtime, which must have several threads, gives what else waits there to another.
    pub(crate) async fn run<T, F>(&self, step: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&Machine, &Env, &mut Overlay) -> Resumable<T> + Send + 'static,
    {
        self.run_from(self.env, Overlay::default(), step).await
    }

    /// As [`Self::run`], in another block and with something known already.
    pub(crate) async fn run_from<T, F>(
        &self,
        env: Env,
        mut overlay: Overlay,
        mut step: F,
    ) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&Machine, &Env, &mut Overlay) -> Resumable<T> + Send + 'static,
    {
        let context = &self.reader.context;
        let mut budget = Budget::new();
        loop {
            let permit = context.calls.acquire().await;
            let (machine, reader) = (context.node.machine(), &self.reader);
            // In place, and not on another thread: most calls take less time than waking one does.
            let outcome = tokio::task::block_in_place(|| {
                // As long as all that is asked for is at hand, the run goes on.
                loop {
                    let keys = match step(machine, &env, &mut overlay) {
                        Resumable::Done(done) => break Ok(Resumable::Done(done)),
                        Resumable::Need(keys) => keys,
                    };
                    if let Err(fault) = budget.take(keys.len()) {
                        break Err(fault);
                    }
                    let Some(values) = reader.at_hand(&keys) else {
                        break Ok(Resumable::Need(keys));
                    };
                    for (key, value) in keys.into_iter().zip(values) {
                        overlay.insert_read(key, value);
                    }
                }
            });
            drop(permit);
            let keys = match outcome? {
                Resumable::Done(done) => return Ok(done),
                Resumable::Need(keys) => keys,
            };
            let values = self.reader.load(keys.clone()).await?;
            for (key, value) in keys.into_iter().zip(values) {
                overlay.insert_read(key, value);
            }
        }
    }
}

impl<B: Backend> Reader<B> {
    /// What stands under `keys`, where the node has it without waiting.
    fn at_hand(&self, keys: &[StateKey]) -> Option<Vec<Option<StateValue>>> {
        if let Some(genesis) = &self.genesis {
            let values = keys.iter().map(|key| genesis.get(key).flatten().cloned());
            return Some(values.collect());
        }
        let found = self.context.node.at_hand(keys)?;
        let mut values = found.values;
        if found.number < self.number || self.context.index().height() < found.number {
            return None;
        }
        self.put_back(found.number, keys, &mut values).ok()?;
        Some(values)
    }

    /// What stands under `keys`, from the database.
    async fn load(&self, keys: Vec<StateKey>) -> Outcome<Vec<Option<StateValue>>> {
        let loaded = self.context.node.load(keys.clone()).await?;
        if loaded.values.len() != keys.len() || loaded.number < self.number {
            return Err(Fault::Internal("the state is behind the blocks".into()));
        }
        let mut values = loaded.values;
        if self.context.index().height() < loaded.number {
            let mut heads = self.context.node.head();
            let shown = heads.wait_for(|head| head.number >= loaded.number);
            let _ = tokio::time::timeout(CATCH_UP, shown).await;
        }
        self.put_back(loaded.number, &keys, &mut values)?;
        Ok(values)
    }

    /// Replaces what blocks after this one, up to `latest`, changed by what they found. A block's first
    /// read of an entry is what it was before.
    fn put_back(
        &self,
        latest: u64,
        keys: &[StateKey],
        values: &mut [Option<StateValue>],
    ) -> Outcome<()> {
        if latest.saturating_sub(self.number) > STATE_BLOCKS_KEPT.saturating_mul(2) {
            return Err(not_kept(self.number));
        }
        let mut open: Vec<usize> = (0..keys.len()).collect();
        for block in self.number.saturating_add(1)..=latest {
            let Some(witness) = self.context.index().witness(block)? else {
                return Err(not_kept(self.number));
            };
            open.retain(|at| {
                let (Some(key), Some(value)) = (keys.get(*at), values.get_mut(*at)) else {
                    return false;
                };
                let found = witness.binary_search_by_key(key, |(known, _)| *known).ok();
                match found.and_then(|found| witness.get(found)) {
                    Some((_, before)) => {
                        value.clone_from(before);
                        false
                    }
                    None => true,
                }
            });
        }
        Ok(())
    }
}

fn not_kept(number: u64) -> Fault {
    Fault::refused(format!(
        "state of block {number} is not kept: the node keeps the latest state and that of the \
         STATE_BLOCKS_KEPT ({STATE_BLOCKS_KEPT}) blocks before it"
    ))
}
