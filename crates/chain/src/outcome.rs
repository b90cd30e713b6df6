//! What execution gave for blocks that are not final yet.
//!
//! Execution happens in `propose` or `process`; the results are needed in `finalized`, which may come
//! seconds later and for only one of several competing blocks. Bounded: entries at or below the final
//! height go when a block is final, and the oldest goes when [`OUTCOMES_KEPT`] is reached.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use alloy_primitives::{Address, B256, keccak256};
use commonhold_pool::AccountView;
use commonhold_primitives::{
    Block, Receipt, Transaction,
    finalised::{Witness, Writes},
};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_utils::sync::Mutex;
use futures::StreamExt as _;

use crate::limits::OUTCOMES_KEPT;

/// The results of executing one block.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The block's transactions with their senders.
    pub transactions: Vec<Arc<Transaction>>,
    /// Their receipts.
    pub receipts: Arc<Vec<Receipt>>,
    /// The state that the block read.
    pub witness: Arc<Witness>,
    /// The state that the block changed.
    pub writes: Arc<Writes>,
    /// Accounts among it, as the pool wants them.
    pub accounts: Arc<Vec<(Address, AccountView)>>,
}

/// Outcomes by height and block hash. Cheap to clone.
#[derive(Clone, Default)]
pub struct Outcomes(Arc<Shared>);

#[derive(Default)]
struct Shared {
    kept: Mutex<BTreeMap<(u64, B256), Outcome>>,
    settled: AtomicU64,
}

impl Outcomes {
    /// Keeps the outcome of a block.
    pub fn insert(&self, number: u64, hash: B256, outcome: Outcome) {
        let mut kept = self.0.kept.lock();
        if kept.len() >= OUTCOMES_KEPT {
            kept.pop_first();
        }
        kept.insert((number, hash), outcome);
    }

    /// Takes the outcome of a block that is final.
    pub fn take(&self, number: u64, hash: B256) -> Option<Outcome> {
        self.0.kept.lock().remove(&(number, hash))
    }

    /// From here on, blocks up to this height are history: what they hold is no longer in flight. To
    /// be said after the pool was told of them, or a builder would pick their transactions again.
    pub fn settle(&self, number: u64) {
        self.0.settled.store(number, Ordering::Release);
        let mut kept = self.0.kept.lock();
        let later = kept.split_off(&(number.saturating_add(1), B256::ZERO));
        *kept = later;
    }

    /// Transactions in blocks from `ancestry`'s head back to the last settled block.
    pub async fn in_flight(&self, mut ancestry: impl Ancestry<Block>) -> HashSet<B256> {
        let mut hashes = HashSet::new();
        let settled = self.0.settled.load(Ordering::Acquire);
        while let Some(block) = ancestry.next().await {
            let block = block.inner();
            if block.number() <= settled {
                break;
            }
            match self.0.kept.lock().get(&(block.number(), block.hash())) {
                Some(outcome) => hashes.extend(outcome.transactions.iter().map(|t| t.hash())),
                None => hashes.extend(block.transactions().iter().map(keccak256)),
            }
        }
        hashes
    }
}
