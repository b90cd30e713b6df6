//! How the way to the ledger does, for who asks.

use parking_lot::Mutex;
use serde::Serialize;

/// How the way to the ledger does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Whether the node answered last.
    pub node_answers: bool,
    /// Why it did not, or why the ledger refuses, where that is so.
    pub trouble: Option<String>,
    /// Batches that are closed and not on the ledger.
    pub batches_waiting: u64,
    /// Batches that this process has seen on the ledger.
    pub anchored: u64,
    /// Readings in them.
    pub anchored_readings: u64,
    /// Transactions that this process has sent.
    pub transactions: u64,
    /// Bytes of those transactions' calls.
    pub call_bytes: u64,
    /// The newest record.
    pub last_record: Option<alloy_primitives::B256>,
}

/// The same, for many.
#[derive(Debug, Default)]
pub struct State(Mutex<Told>);

impl State {
    /// How it does now.
    pub fn now(&self) -> Told {
        self.0.lock().clone()
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.0.lock());
    }
}
