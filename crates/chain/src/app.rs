//! The application: propose, process, finalized.

use std::{collections::HashSet, future::Future, sync::Arc, time::Duration};

use alloy_primitives::{Address, B256, keccak256};
use commonhold_execution::{Env, Executed, Machine, Mode, Overlay, Refusal};
use commonhold_pool::{AccountView, Pool};
use commonhold_primitives::{
    Block, BlockHash, Finalised, StateKey, StateValue, Transaction,
    consensus::{ConsensusContext, Scheme},
    extra::Extra,
    finalised::Writes,
    limits::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX},
    transaction,
};
use commonhold_state::{Cell, CellKey, Cells, Db, LoadError, cell, db::Root};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_glue::stateful::{
    Application, Finality, Input, Proposed,
    db::{DatabaseSet, Merkleized as _, Shared, Unmerkleized as _},
};
use commonware_parallel::Strategy;
use commonware_runtime::{Clock, Spawner};
use commonware_storage::{mmr, qmdb::sync::Target};
use commonware_utils::non_empty_range;
use futures::StreamExt as _;
use tracing::{debug, warn};

use crate::{
    archive::Archive,
    bridge::{self, CodeCache, Stopped},
    epochs::Membership,
    limits::BUILD_MS,
    metrics::Metrics,
    outcome::{Outcome, Outcomes},
    rules::{self, Invalid, Rules},
    sealing::Upstream,
    votes::Past,
};

/// Who is told of final blocks, in order, before they are durable here.
pub trait Observer: Clone + Send + Sync + 'static {
    /// Takes a final block and what it changed. Waiting here slows the node down to the observer's
    /// pace.
    fn finalised(
        &mut self,
        finalised: Finalised,
        writes: Arc<Writes>,
    ) -> impl Future<Output = ()> + Send;
}

/// [`BUILD_MS`].
const BUILD_MAX: Duration = Duration::from_millis(BUILD_MS);

type Database<E, S> = Shared<Db<E, S>>;
type Batch<E, S> = <Database<E, S> as DatabaseSet<E>>::Unmerkleized;
type Merkleized<E, S> = <Database<E, S> as DatabaseSet<E>>::Merkleized;

/// The application. Clones share everything.
#[derive(Clone)]
pub struct App<S, O, M> {
    /// Block 0.
    pub genesis_block: Block,
    /// The rules of headers.
    pub rules: Arc<Rules>,
    /// The machine that executes.
    pub machine: Machine,
    /// How the ledger is asked what members decided on.
    pub membership: M,
    /// What genesis writes before block 1.
    pub genesis_writes: Arc<Vec<(StateKey, Option<StateValue>)>>,
    /// Where transactions wait.
    pub pool: Pool,
    /// Results of blocks that are not final yet.
    pub outcomes: Outcomes,
    /// Results of blocks that are.
    pub archive: Archive,
    /// Code by hash.
    pub code: CodeCache,
    /// Who is told.
    pub observer: O,
    /// Journals of votes of epochs that are over.
    pub past: Past,
    /// Where processor-bound work runs.
    pub strategy: S,
    /// Counters.
    pub metrics: Metrics,
}

struct BatchCells<'a, E: Spawner + commonware_storage::Context, S: Strategy>(&'a Batch<E, S>);

impl<E: Spawner + commonware_storage::Context, S: Strategy> Cells for BatchCells<'_, E, S> {
    async fn get_many(&self, keys: &[&CellKey]) -> Result<Vec<Option<Cell>>, LoadError> {
        self.0
            .get_many(keys)
            .await
            .map_err(|e| LoadError::Unavailable(e.to_string()))
    }
}

/// What executing a block gave.
struct Ran<M> {
    outcome: Outcome,
    gas_used: u64,
    skipped: Vec<Arc<Transaction>>,
    merkleized: M,
}

impl<S: Strategy, O: Observer, M: Membership> App<S, O, M> {
    async fn execute<E: Spawner + commonware_storage::Context>(
        &self,
        clock: &E,
        env: Env,
        mut batch: Batch<E, S>,
        transactions: Vec<Arc<Transaction>>,
        mode: Mode,
    ) -> Result<Ran<Merkleized<E, S>>, Stopped> {
        let started = clock.current();
        let overlay = match env.number {
            1 => Overlay::with_writes(self.genesis_writes.to_vec()),
            _ => Overlay::default(),
        };
        let Executed {
            included,
            skipped,
            receipts,
            gas_used,
            overlay,
        } = bridge::execute(
            &self.machine,
            &self.strategy,
            &self.code,
            &BatchCells::<E, S>(&batch),
            env,
            transactions.clone(),
            overlay,
            mode,
            || elapsed(clock, started) >= BUILD_MAX.as_secs_f64(),
        )
        .await?;
        self.metrics.execution.observe(elapsed(clock, started));
        let started = clock.current();
        let (mut witness, writes) = overlay.into_parts();
        // Code never changes and is never deleted: a later run finds it in the state.
        witness.retain(|(key, _)| !matches!(key, StateKey::Code(_)));
        let mut accounts = Vec::new();
        for (key, value) in &writes {
            if let StateKey::Account(address) = key {
                accounts.push((*address, account_view(value.as_ref())));
            }
            for (name, cell) in cell::encode(key, value.as_ref()).map_err(LoadError::from)? {
                batch = batch.write(name, cell);
            }
        }
        let merkleized = batch
            .merkleize()
            .await
            .map_err(|e| LoadError::Unavailable(e.to_string()))?;
        self.metrics.merkleization.observe(elapsed(clock, started));
        let outcome = Outcome {
            transactions: included
                .iter()
                .filter_map(|i| transactions.get(*i).cloned())
                .collect(),
            receipts: Arc::new(receipts),
            witness: Arc::new(witness),
            writes: Arc::new(writes),
            accounts: Arc::new(accounts),
        };
        // What only did not fit stays as it is.
        let skipped = skipped
            .iter()
            .filter(|(_, why)| !matches!(why, Refusal::Full))
            .filter_map(|(i, _)| transactions.get(*i).cloned())
            .collect();
        Ok(Ran {
            outcome,
            gas_used,
            skipped,
            merkleized,
        })
    }

    /// The gas of a block on `parent`, after which the state is `batch`.
    async fn gas_limit<E: Spawner + commonware_storage::Context>(
        &self,
        parent: &Block,
        batch: &Batch<E, S>,
    ) -> Result<u64, LoadError> {
        let before = parent.header().gas_limit;
        let Some(epoch) = self.rules.begins(parent) else {
            return Ok(before);
        };
        let call = self.membership.gas_limit(epoch);
        let env = Env::of(parent.header());
        let cells = BatchCells::<E, S>(batch);
        let answer = bridge::ask(&self.machine, &self.code, &cells, &env, &call).await?;
        let decided = answer.and_then(|answer| self.membership.read_gas_limit(&answer));
        Ok(decided.unwrap_or(before))
    }

    /// Tells the pool what cannot be executed. Later transactions of the same sender only wait for the
    /// first to be replaced, so they stay.
    fn evict(&self, skipped: &[Arc<Transaction>]) {
        let mut senders = HashSet::new();
        let firsts = skipped.iter().filter(|t| senders.insert(t.sender()));
        let hashes: Vec<B256> = firsts.map(|t| t.hash()).collect();
        if !hashes.is_empty() {
            self.pool.reject(&hashes);
        }
    }

    /// The block's transactions with their senders: from the pool where it has them, else recovered
    /// in parallel.
    async fn recover(&self, block: &Block) -> Result<Vec<Arc<Transaction>>, Invalid> {
        let pool = self.pool.clone();
        let chain_id = self.rules.chain_id();
        let block = block.clone();
        let count = block.transactions().len();
        self.strategy
            .spawn(count, move |strategy| {
                let raws: Vec<_> = block.transactions().iter().cloned().enumerate().collect();
                strategy
                    .map_collect_vec(raws, |(index, raw)| match pool.get(&keccak256(&raw)) {
                        Some(known) => Ok(known),
                        None => transaction::recover(raw, chain_id)
                            .map(Arc::new)
                            .map_err(|e| Invalid::Transaction {
                                index,
                                why: e.to_string(),
                            }),
                    })
                    .into_iter()
                    .collect()
            })
            .await
    }

    async fn verify<E: Spawner + commonware_storage::Context>(
        &self,
        clock: &E,
        block: &Block,
        mut ancestry: impl Ancestry<Block>,
        batch: Batch<E, S>,
        finality: Finality,
    ) -> Result<Merkleized<E, S>, Stopped> {
        let gone = || LoadError::Unavailable("the parent block cannot be fetched".into());
        ancestry.next().await.ok_or_else(gone)?;
        let parent = ancestry.next().await.ok_or_else(gone)?;
        let parent = parent.inner();
        if finality == Finality::Candidate {
            self.rules.check_before(block, parent)?;
            let wait = rules::wait_for(block.timestamp_ms(), rules::millis(clock.current()));
            if !wait.is_zero() {
                clock.sleep(wait).await;
            }
        }
        let transactions = self.recover(block).await?;
        let gas_limit = self.gas_limit::<E>(parent, &batch).await?;
        let env = self.rules.env(
            parent,
            &block.extra().context,
            block.timestamp_ms(),
            gas_limit,
        );
        let ran = self
            .execute(clock, env, batch, transactions, Mode::Verify)
            .await?;
        let root = word(ran.merkleized.root());
        self.rules
            .check_after(block, &env, &ran.outcome.receipts, ran.gas_used, root)?;
        self.outcomes
            .insert(block.number(), block.hash(), ran.outcome);
        Ok(ran.merkleized)
    }
}

fn elapsed(clock: &impl Clock, since: std::time::SystemTime) -> f64 {
    clock
        .current()
        .duration_since(since)
        .unwrap_or_default()
        .as_secs_f64()
}

fn word(root: Root) -> B256 {
    B256::from_slice(root.as_ref())
}

fn account_view(value: Option<&StateValue>) -> AccountView {
    match value {
        Some(StateValue::Account(account)) => AccountView {
            nonce: account.nonce,
            balance: account.balance,
        },
        _ => AccountView::default(),
    }
}

impl<E, S, O, M> Application<E> for App<S, O, M>
where
    E: Spawner + commonware_storage::Context,
    S: Strategy,
    O: Observer,
    M: Membership,
{
    type SigningScheme = Scheme;
    type Context = ConsensusContext;
    type Block = Block;
    type Databases = Database<E, S>;
    type Captured = ();
    type Provider = ();
    type Input = Upstream;

    fn sync_targets(block: &Block) -> Target<mmr::Family, Root> {
        Target::new(block.extra().ops_root, block.extra().range.clone())
    }

    async fn genesis(&mut self) -> Block {
        self.genesis_block.clone()
    }

    async fn propose(
        &mut self,
        (clock, context): (E, ConsensusContext),
        ancestry: impl Ancestry<Block>,
        batches: Batch<E, S>,
        input: Input<Upstream, ()>,
    ) -> Option<Proposed<Self, E>> {
        let parent = ancestry.peek()?.inner().clone();
        let gas_limit = match self.gas_limit::<E>(&parent, &batches).await {
            Ok(gas_limit) => gas_limit,
            Err(e) => {
                warn!(parent = parent.number(), error = %e, "cannot build a block");
                return None;
            }
        };
        let skip = self.outcomes.in_flight(ancestry).await;
        let (bytes, count) = (BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX);
        let picked = self.pool.select(gas_limit, bytes, count, &skip);
        let timestamp = self
            .rules
            .timestamp(&parent, rules::millis(clock.current()));
        let env = self.rules.env(&parent, &context, timestamp, gas_limit);
        let Ran {
            outcome,
            gas_used,
            skipped,
            merkleized,
        } = match self
            .execute(&clock, env, batches, picked, Mode::Build)
            .await
        {
            Ok(done) => done,
            Err(e) => {
                warn!(number = env.number, error = %e, "cannot build a block");
                return None;
            }
        };
        self.evict(&skipped);
        let mut header = self.rules.header(&env, &outcome.receipts, gas_used);
        header.state_root = word(merkleized.root());
        let extra = Extra {
            context,
            millis: u16::try_from(timestamp % 1000).unwrap_or_default(),
            ops_root: merkleized.ops_root(),
            range: non_empty_range!(merkleized.sync_boundary(), merkleized.bounds().tip.size),
            ceremony: None,
            sealing: None,
        };
        let raws = outcome
            .transactions
            .iter()
            .map(|t| t.raw().clone())
            .collect();
        let Upstream {
            upstream: sealing,
            payload,
        } = input.upstream;
        let block = Block::seal(header, extra, raws, payload, sealing);
        debug!(
            number = block.number(),
            transactions = block.transactions().len(),
            "proposed"
        );
        self.outcomes.insert(block.number(), block.hash(), outcome);
        self.metrics.proposed.inc();
        Some(Proposed { block, merkleized })
    }

    async fn process(
        &mut self,
        (clock, _): (E, ConsensusContext),
        ancestry: impl Ancestry<Block>,
        batches: Batch<E, S>,
        finality: Finality,
    ) -> Option<Merkleized<E, S>> {
        let block = ancestry.peek()?.inner().clone();
        match self
            .verify(&clock, &block, ancestry, batches, finality)
            .await
        {
            Ok(merkleized) => Some(merkleized),
            Err(e) => {
                if let Stopped::Invalid(_) = e {
                    self.metrics.invalid.inc();
                }
                let leader = &block.extra().context.leader;
                warn!(number = block.number(), hash = %block.hash(), %leader, error = %e, "refused a block");
                None
            }
        }
    }

    async fn capture(
        &mut self,
        _context: (E, ConsensusContext),
        _block: &Block,
        _batches: &Merkleized<E, S>,
        _readers: <Self::Databases as DatabaseSet<E>>::Readers,
    ) {
    }

    async fn finalized(
        &mut self,
        (clock, _): (E, ConsensusContext),
        block: &Block,
        _captured: (),
        _readers: <Self::Databases as DatabaseSet<E>>::Readers,
    ) {
        let number = block.number();
        let Some(outcome) = self.outcomes.take(number, block.hash()) else {
            assert!(
                number == 0,
                "block {number} is final but was not executed here"
            );
            return;
        };
        let hashes: Vec<B256> = outcome.transactions.iter().map(|t| t.hash()).collect();
        self.pool.finalised(&hashes, &outcome.accounts);
        self.pool.follow(block.header().gas_limit);
        self.outcomes.settle(number);
        let senders: Vec<Address> = outcome.transactions.iter().map(|t| t.sender()).collect();
        let finalised = Finalised {
            block: block.clone(),
            senders,
            receipts: outcome.receipts,
            witness: outcome.witness,
        };
        let encoded = finalised.outcome();
        self.observer.finalised(finalised, outcome.writes).await;
        let late = rules::millis(clock.current()).saturating_sub(block.timestamp_ms());
        self.metrics
            .finality
            .observe(Duration::from_millis(late).as_secs_f64());
        self.metrics.blocks.inc();
        self.metrics
            .transactions
            .inc_by(u64::try_from(hashes.len()).unwrap_or_default());
        self.metrics
            .height
            .set(i64::try_from(number).unwrap_or(i64::MAX));
        let stored = self
            .archive
            .put(number, BlockHash(block.hash()), encoded.into())
            .await;
        assert!(stored, "the outcome of block {number} cannot be stored");
        self.past.passed(&clock, number).await;
    }
}
