//! The entries of the newest state that clients ask for, in memory.
//!
//! The database is locked while a block is applied to it, and a read may have to wait for its turn. What
//! was read once is kept here, and brought up to date by what each final block wrote, so that most
//! reads wait for nobody. Everything in here is of one state: the one after the block that was shown
//! to clients last.

use std::sync::Arc;

use alloy_primitives::B256;
use commonhold_primitives::{StateKey, StateValue, finalised::Writes};
use commonhold_rpc::Loaded;
use parking_lot::RwLock;
use quick_cache::{Weighter, sync::Cache};

use crate::limits::HOT_BYTES_MAX;

/// What an entry takes besides the code in it.
const ENTRY_BYTES: u64 = 192;

#[derive(Clone)]
struct Bytes;

impl Weighter<StateKey, Option<StateValue>> for Bytes {
    fn weight(&self, _key: &StateKey, value: &Option<StateValue>) -> u64 {
        let code = match value {
            Some(StateValue::Code(code)) => u64::try_from(code.len()).unwrap_or(u64::MAX),
            _ => 0,
        };
        code.saturating_add(ENTRY_BYTES)
    }
}

/// Which state the entries are of.
struct Of {
    number: u64,
    root: B256,
}

struct Inner {
    /// Written while the entries change, read while they are looked up: nobody sees half a block.
    of: RwLock<Of>,
    entries: Cache<StateKey, Option<StateValue>, Bytes>,
}

/// Entries of the newest state. Cheap to clone.
#[derive(Clone)]
pub struct Hot(Arc<Inner>);

impl Hot {
    /// Nothing yet of the state after block `number`, whose state root is `root`.
    pub fn new(number: u64, root: B256) -> Self {
        let items = usize::try_from(HOT_BYTES_MAX / ENTRY_BYTES).unwrap_or(usize::MAX);
        Self(Arc::new(Inner {
            of: RwLock::new(Of { number, root }),
            entries: Cache::with_weighter(items, HOT_BYTES_MAX, Bytes),
        }))
    }

    /// `keys`, where all of them are here.
    pub fn get(&self, keys: &[StateKey]) -> Option<Loaded> {
        let of = self.0.of.read();
        let values = keys.iter().map(|key| self.0.entries.get(key));
        Some(Loaded {
            number: of.number,
            values: values.collect::<Option<_>>()?,
        })
    }

    /// Keeps what was read of the state whose root is `root`, if that is the one that is here.
    pub fn keep(&self, root: B256, loaded: &[(StateKey, Option<StateValue>)]) {
        let of = self.0.of.read();
        if of.root != root {
            return;
        }
        for (key, value) in loaded {
            self.0.entries.insert(*key, value.clone());
        }
    }

    /// Goes on to the state after block `number`, which wrote `writes` and left the state root `root`.
    pub fn advance(&self, number: u64, root: B256, writes: &Writes) {
        let mut of = self.0.of.write();
        if number != of.number.saturating_add(1) {
            self.0.entries.clear();
        } else {
            for (key, value) in writes {
                // Only what is here: a block of transfers must not push out what is asked for.
                let _ = self.0.entries.replace(*key, value.clone(), true);
            }
        }
        *of = Of { number, root };
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, Bytes as Code, U256};

    use super::*;

    fn root(byte: u8) -> B256 {
        B256::repeat_byte(byte)
    }
    fn slot(number: u64) -> StateKey {
        StateKey::Slot(Address::ZERO, U256::from(number))
    }
    fn value(number: u64) -> Option<StateValue> {
        Some(StateValue::Slot(U256::from(number)))
    }
    fn found(hot: &Hot, keys: &[StateKey]) -> Option<(u64, Vec<Option<StateValue>>)> {
        hot.get(keys).map(|loaded| (loaded.number, loaded.values))
    }

    #[test]
    fn entries_follow_what_blocks_write() {
        let hot = Hot::new(5, root(5));
        assert_eq!(found(&hot, &[slot(1)]), None);
        hot.keep(root(5), &[(slot(1), value(10)), (slot(2), None)]);
        assert_eq!(
            found(&hot, &[slot(2), slot(1)]),
            Some((5, vec![None, value(10)]))
        );
        // Absence is known too, and what was not asked for is not kept.
        hot.advance(
            6,
            root(6),
            &vec![(slot(2), value(20)), (slot(3), value(30))],
        );
        assert_eq!(
            found(&hot, &[slot(1), slot(2)]),
            Some((6, vec![value(10), value(20)]))
        );
        assert_eq!(found(&hot, &[slot(1), slot(3)]), None);
        hot.advance(7, root(7), &vec![(slot(1), None)]);
        assert_eq!(found(&hot, &[slot(1)]), Some((7, vec![None])));
    }

    #[test]
    fn what_is_of_another_state_is_not_kept() {
        let hot = Hot::new(5, root(5));
        hot.keep(root(6), &[(slot(1), value(10))]);
        assert_eq!(found(&hot, &[slot(1)]), None);
        hot.keep(root(5), &[(slot(1), value(10))]);
        // A block that was passed over may have written anything.
        hot.advance(7, root(7), &Vec::new());
        assert_eq!(found(&hot, &[slot(1)]), None);
    }

    #[test]
    fn memory_is_bounded() {
        let hot = Hot::new(1, root(1));
        let code = Some(StateValue::Code(Code::from(vec![1; 24 * 1024])));
        for number in 0..2 * HOT_BYTES_MAX / (24 * 1024) {
            hot.keep(root(1), &[(slot(number), code.clone())]);
        }
        assert!(hot.0.entries.weight() <= HOT_BYTES_MAX);
        assert!(hot.0.entries.weight() > HOT_BYTES_MAX / 2);
    }
}
