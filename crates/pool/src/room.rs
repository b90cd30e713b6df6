//! Who gets room, and who gives way.

use std::sync::Arc;

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256};
use commonhold_primitives::{Transaction, limits::TRANSACTION_BYTES_MAX};

use crate::{
    AccountView, PoolError,
    check::cost,
    core::Core,
    lane::{Bulk, Class},
    limits,
};

/// Idle lanes looked at for one that may go.
const IDLE_TRIES: usize = 16;

impl Core {
    /// The transaction whose place `tx` takes, if it offers enough more.
    pub(crate) fn replaced(&self, tx: &Transaction) -> Result<Option<Arc<Transaction>>, PoolError> {
        let lane = self.lanes.get(&tx.sender());
        let Some(old) = lane.and_then(|lane| lane.entries.get(&tx.nonce())) else {
            return Ok(None);
        };
        let fee = |tx: &Transaction| tx.envelope().max_fee_per_gas();
        let tip = |tx: &Transaction| {
            tx.envelope()
                .max_priority_fee_per_gas()
                .unwrap_or_else(|| fee(tx))
        };
        let percent = u128::from(limits::REPLACEMENT_PERCENT);
        let enough = |new: u128, old: u128| {
            let least = old.saturating_add((old / 100).saturating_mul(percent));
            let least = least.saturating_add((old % 100 * percent).div_ceil(100));
            new > old && new >= least
        };
        if !enough(fee(tx), fee(&old.tx)) || !enough(tip(tx), tip(&old.tx)) {
            return Err(PoolError::Underpriced);
        }
        Ok(Some(Arc::clone(&old.tx)))
    }

    /// Evicts until `tx` has room, or says why it has none.
    pub(crate) fn make_room(
        &mut self,
        tx: &Transaction,
        account: AccountView,
        replaced: Option<&Arc<Transaction>>,
        local: bool,
    ) -> Result<Vec<B256>, PoolError> {
        let sender = tx.sender();
        let incoming = limits::memory(tx.raw().len());
        let (slots, freed) = replaced.map_or((1, 0), |old| (0, limits::memory(old.raw().len())));
        let mut evicted = Vec::new();
        let (len, memory) = self
            .lanes
            .get(&sender)
            .map_or((0, 0), |lane| (lane.entries.len(), lane.memory));
        if len + slots > limits::LANE_TRANSACTIONS_MAX
            || memory + incoming > limits::LANE_BYTES_MAX + freed
        {
            // What comes earlier in the lane is worth more than what comes last: nothing of the lane
            // can be executed before it.
            let lane = self.lanes.get(&sender);
            let tail =
                lane.and_then(|lane| lane.entries.last_key_value())
                    .filter(|(nonce, tail)| {
                        **nonce > tx.nonce()
                            && (local || !tail.local)
                            && memory + incoming <= limits::LANE_BYTES_MAX + tail.memory()
                    });
            let tail = tail
                .map(|(_, tail)| Arc::clone(&tail.tx))
                .ok_or(PoolError::LaneFull)?;
            self.evict(&tail, &mut evicted);
        }
        let class = account.class();
        // A newcomer that can be executed at once is worth more than what waits behind a gap.
        let executable = tx.nonce() == account.nonce && cost(tx, &self.config) <= account.balance;
        let fresh = len == 0 && executable;
        if class == Class::Stranger
            && self.stranger_count + slots > self.config.strangers_max()
            && !(fresh && self.evict_idle(class, local, &mut evicted))
        {
            return Err(PoolError::PoolFull);
        }
        if len == 0
            && self.lanes.len() >= self.config.lanes_max()
            && !(fresh && self.evict_idle(class, local, &mut evicted))
        {
            return Err(PoolError::PoolFull);
        }
        let (slots_max, bytes_max) = (self.config.transactions_max, self.config.bytes_max);
        while self.by_hash.len() + slots > slots_max || self.memory + incoming > bytes_max + freed {
            if fresh && self.evict_idle(class, local, &mut evicted) {
                continue;
            }
            let memory = self.lanes.get(&sender).map_or(0, |lane| lane.memory) + incoming;
            let own = Bulk {
                class,
                memory,
                sender,
            };
            let victim = self.victim(own).ok_or(PoolError::PoolFull)?;
            self.evict(&victim, &mut evicted);
        }
        Ok(evicted)
    }

    /// The last transaction of the lane that gives way to a newcomer with which its own lane would be
    /// `own`. Never the newcomer's lane, never one of less bulk, and never what this node acknowledged
    /// to a client.
    pub(crate) fn victim(&self, own: Bulk) -> Option<Arc<Transaction>> {
        let greatest = self.loose.last().copied();
        let bulk = greatest.filter(|bulk| (bulk.class, bulk.memory) > (own.class, own.memory))?;
        let (_, tail) = self.lanes.get(&bulk.sender)?.entries.last_key_value()?;
        Some(Arc::clone(&tail.tx))
    }

    /// Evicts a whole lane of which nothing can be executed, of `class` or one that gives way before it.
    fn evict_idle(&mut self, class: Class, local: bool, evicted: &mut Vec<B256>) -> bool {
        let candidates = self
            .idle
            .iter()
            .rev()
            .take(IDLE_TRIES)
            .filter(|bulk| bulk.class >= class);
        let mut lanes = candidates.filter_map(|bulk| self.lanes.get(&bulk.sender));
        let lane = lanes.find(|lane| local || !lane.entries.values().any(|entry| entry.local));
        let Some(lane) = lane else { return false };
        let gone: Vec<_> = lane
            .entries
            .values()
            .map(|entry| Arc::clone(&entry.tx))
            .collect();
        for tx in &gone {
            self.evict(tx, evicted);
        }
        true
    }

    fn evict(&mut self, tx: &Arc<Transaction>, evicted: &mut Vec<B256>) {
        self.remove(tx);
        self.counters.evicted.inc();
        evicted.push(tx.hash());
    }

    /// Whether a client's transaction is taken now, as far as room goes. What replaces another takes no
    /// room, and what a lane needs before all else is not made to wait behind it.
    pub(crate) fn fits(&self, tx: &Transaction, given: AccountView) -> bool {
        let lane = self.lanes.get(&tx.sender());
        lane.is_some_and(|lane| {
            tx.nonce() == lane.account.nonce || lane.entries.contains_key(&tx.nonce())
        }) || self.has_room(&tx.sender(), given)
    }

    /// Whether a client's next transaction is taken now. `sender` may be new: then `given` is its
    /// account.
    pub(crate) fn has_room(&self, sender: &Address, given: AccountView) -> bool {
        let lane = self.lanes.get(sender);
        let (len, memory) = lane.map_or((0, 0), |lane| (lane.entries.len(), lane.memory));
        let largest = limits::memory(TRANSACTION_BYTES_MAX);
        if len >= limits::LANE_TRANSACTIONS_MAX || memory + largest > limits::LANE_BYTES_MAX {
            return false;
        }
        let class = self.account(sender).unwrap_or(given).class();
        let idle = len == 0 && self.idle.last().is_some_and(|bulk| bulk.class >= class);
        if class == Class::Stranger && self.stranger_count >= self.config.strangers_max() {
            return idle;
        }
        if len == 0 && self.lanes.len() >= self.config.lanes_max() {
            return idle;
        }
        let (count, count_max) = (self.by_hash.len(), self.config.transactions_max);
        let soft = |max: usize| {
            max / 100 * limits::POOL_SOFT_PERCENT + max % 100 * limits::POOL_SOFT_PERCENT / 100
        };
        if count < soft(count_max) && self.memory < soft(self.config.bytes_max) {
            return true;
        }
        if len >= limits::LANE_SHORT_MAX {
            return false;
        }
        let own = Bulk {
            class,
            memory: memory + limits::memory(0),
            sender: *sender,
        };
        (count < count_max && self.memory + largest <= self.config.bytes_max)
            || idle
            || self.victim(own).is_some()
    }
}
