//! What execution gave for blocks that are not final yet.
//!
//! Execution happens in `propose` or `process`; the results are needed in `finalized`, which may come
//! seconds later and for only one of several competing blocks. Bounded: entries at or below the final
//! height go when a block is final, and the oldest goes when [`OUTCOMES_KEPT`] is reached.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, B256};
use commonhold_pool::AccountView;
use commonhold_primitives::{Receipt, Transaction, finalised::Witness};
use commonware_utils::sync::Mutex;

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
    /// Accounts that the block changed, as they are after it.
    pub accounts: Arc<Vec<(Address, AccountView)>>,
}

/// Outcomes by height and block hash. Cheap to clone.
#[derive(Clone, Default)]
pub struct Outcomes(Arc<Mutex<BTreeMap<(u64, B256), Outcome>>>);

impl Outcomes {
    /// Keeps the outcome of a block.
    pub fn insert(&self, number: u64, hash: B256, outcome: Outcome) {
        let mut kept = self.0.lock();
        if kept.len() >= OUTCOMES_KEPT {
            kept.pop_first();
        }
        kept.insert((number, hash), outcome);
    }
    /// The outcome of a block.
    pub fn get(&self, number: u64, hash: B256) -> Option<Outcome> {
        self.0.lock().get(&(number, hash)).cloned()
    }
    /// Takes the outcome of a block that is final, and drops all at or below its height.
    pub fn settle(&self, number: u64, hash: B256) -> Option<Outcome> {
        let mut kept = self.0.lock();
        let settled = kept.remove(&(number, hash));
        let later = kept.split_off(&(number.saturating_add(1), B256::ZERO));
        *kept = later;
        settled
    }
}
