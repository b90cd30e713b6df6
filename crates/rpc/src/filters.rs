//! Filters that clients poll. A filter that is not polled is forgotten.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::Filter;
use parking_lot::Mutex;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use crate::limits::{FILTER_HASHES_MAX, FILTER_SECONDS_MAX, FILTERS_MAX};

/// What a filter gives news of.
pub(crate) enum Kind {
    /// Logs.
    Logs(Box<Filter>),
    /// Hashes of final blocks.
    Blocks,
    /// Hashes of transactions that the pool took.
    Pending(Receiver<B256>),
}

struct Slot {
    kind: Kind,
    /// The first block that was not told of yet.
    next: u64,
    used: Instant,
}

/// What to look up for a poll.
pub(crate) enum Poll {
    Logs { filter: Box<Filter>, from: u64 },
    Blocks { from: u64 },
    Hashes(Vec<B256>),
}

/// All filters of all clients.
#[derive(Default)]
pub(crate) struct Filters(Mutex<HashMap<U256, Slot>>);

impl Filters {
    pub(crate) fn add(&self, kind: Kind, next: u64) -> U256 {
        let mut slots = self.0.lock();
        forget_old(&mut slots);
        if slots.len() >= FILTERS_MAX {
            let oldest = slots
                .iter()
                .min_by_key(|(_, slot)| slot.used)
                .map(|(id, _)| *id);
            oldest.and_then(|id| slots.remove(&id));
        }
        let id = U256::from(rand::random::<u128>());
        slots.insert(
            id,
            Slot {
                kind,
                next,
                used: Instant::now(),
            },
        );
        id
    }

    pub(crate) fn remove(&self, id: &U256) -> bool {
        let mut slots = self.0.lock();
        forget_old(&mut slots);
        slots.remove(id).is_some()
    }

    /// What happened up to block `head` since the last poll. `None`: no such filter.
    pub(crate) fn poll(&self, id: &U256, head: u64) -> Option<Poll> {
        let mut slots = self.0.lock();
        forget_old(&mut slots);
        let slot = slots.get_mut(id)?;
        slot.used = Instant::now();
        let from = slot.next;
        slot.next = slot.next.max(head.saturating_add(1));
        Some(match &mut slot.kind {
            Kind::Logs(filter) => Poll::Logs {
                filter: filter.clone(),
                from,
            },
            Kind::Blocks => Poll::Blocks { from },
            Kind::Pending(receiver) => Poll::Hashes(drain(receiver)),
        })
    }

    /// The query of a filter of logs. `Some(None)`: a filter of something else.
    pub(crate) fn logs(&self, id: &U256) -> Option<Option<Filter>> {
        let mut slots = self.0.lock();
        let slot = slots.get_mut(id)?;
        slot.used = Instant::now();
        Some(match &slot.kind {
            Kind::Logs(filter) => Some(filter.as_ref().clone()),
            _ => None,
        })
    }
}

fn forget_old(slots: &mut HashMap<U256, Slot>) {
    let age = Duration::from_secs(FILTER_SECONDS_MAX);
    slots.retain(|_, slot| slot.used.elapsed() < age);
}

/// Takes what waits. What a slow poller missed is lost to it, as hashes of pending transactions are
/// no promise.
fn drain(receiver: &mut Receiver<B256>) -> Vec<B256> {
    let mut hashes = Vec::new();
    while hashes.len() < FILTER_HASHES_MAX {
        match receiver.try_recv() {
            Ok(hash) => hashes.push(hash),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
    hashes
}
