//! The pool's data, behind one lock: lanes by sender, and the orders in which they are served and
//! give way. Nothing here waits; every operation costs O(log n) per transaction it touches.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::Transaction;
use commonware_utils::channel::ring;

use crate::{
    AccountView, Admitted, Origin, PoolConfig, PoolError,
    check::cost,
    lane::{Bulk, Class, Entry, Lane, Ticket, weight},
    limits,
    metrics::Counters,
    recent::Recent,
};

/// What the lock protects.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: PoolConfig,
    pub(crate) lanes: HashMap<Address, Lane>,
    pub(crate) by_hash: HashMap<B256, Arc<Transaction>>,
    /// Lanes with something executable, in the order of service.
    pub(crate) ready: BTreeSet<Ticket>,
    /// The same for strangers.
    pub(crate) strangers: BTreeSet<Ticket>,
    /// Lanes whose last transaction came by gossip, and may go to make room for any other.
    loose: BTreeSet<Bulk>,
    /// Lanes whose last transaction this node acknowledged to a client.
    held: BTreeSet<Bulk>,
    /// Final hashes: late gossip does not bring them back.
    pub(crate) finals: Recent<B256, ()>,
    /// Accounts as the latest blocks left them. Whoever read the state before a block and admits after
    /// it is corrected here.
    pub(crate) accounts: Recent<Address, AccountView>,
    /// Local transactions in the order in which they fall due to be announced again.
    pub(crate) announced: BTreeSet<(u64, B256)>,
    /// All transactions in order of arrival.
    arrivals: BTreeMap<u64, (u64, B256)>,
    parked: Vec<Address>,
    /// Local transactions that gossip has not sent yet.
    pub(crate) outbox: VecDeque<Arc<Transaction>>,
    pub(crate) subscribers: Vec<ring::Sender<B256>>,
    pub(crate) memory: usize,
    pub(crate) stranger_count: usize,
    pub(crate) counters: Counters,
    virtual_time: u64,
    height: u64,
    arrival: u64,
}

impl Core {
    pub(crate) fn new(config: PoolConfig, counters: Counters) -> Self {
        Self {
            config,
            lanes: HashMap::new(),
            by_hash: HashMap::new(),
            ready: BTreeSet::new(),
            strangers: BTreeSet::new(),
            loose: BTreeSet::new(),
            held: BTreeSet::new(),
            finals: Recent::new(limits::FINAL_HASHES_MAX),
            accounts: Recent::new(limits::RECENT_ACCOUNTS_MAX),
            announced: BTreeSet::new(),
            arrivals: BTreeMap::new(),
            parked: Vec::new(),
            outbox: VecDeque::new(),
            subscribers: Vec::new(),
            memory: 0,
            stranger_count: 0,
            counters,
            virtual_time: 0,
            height: 0,
            arrival: 0,
        }
    }

    pub(crate) fn account(&self, sender: &Address) -> Option<AccountView> {
        self.lanes
            .get(sender)
            .map(|lane| lane.account)
            .or_else(|| self.accounts.get(sender))
    }

    /// Takes a transaction that has passed the stateless checks.
    pub(crate) fn admit(
        &mut self,
        tx: Arc<Transaction>,
        given: AccountView,
        origin: Origin,
    ) -> Result<Admitted, PoolError> {
        let (hash, sender, nonce) = (tx.hash(), tx.sender(), tx.nonce());
        let local = origin == Origin::Local;
        if self.by_hash.contains_key(&hash) {
            if local {
                self.acknowledge(&sender, nonce);
            }
            return Err(PoolError::AlreadyKnown);
        }
        if self.finals.get(&hash).is_some() {
            return Err(PoolError::AlreadyKnown);
        }
        let account = self.account(&sender).unwrap_or(given);
        if nonce < account.nonce {
            return Err(PoolError::NonceTooLow {
                sender,
                nonce,
                account: account.nonce,
            });
        }
        if nonce - account.nonce >= limits::LANE_GAP_MAX {
            return Err(PoolError::NonceTooHigh {
                nonce,
                account: account.nonce,
            });
        }
        let cost = cost(&tx, &self.config);
        if cost > account.balance {
            return Err(PoolError::InsufficientFunds {
                balance: account.balance,
                cost,
            });
        }
        let replaced = self.replaced(&tx)?;
        let evicted = self.make_room(&tx, account, replaced.as_ref(), local)?;
        if let Some(old) = &replaced {
            self.remove(old);
        }
        self.arrival += 1;
        let weight = weight(&tx, self.config.gas_limit);
        let entry = Entry {
            tx: Arc::clone(&tx),
            cost,
            weight,
            arrival: self.arrival,
            local,
            strikes: 0,
            since: self.height,
        };
        let (memory, served) = (entry.memory(), self.virtual_time);
        self.arrivals.insert(self.arrival, (self.height, hash));
        self.by_hash.insert(hash, Arc::clone(&tx));
        self.memory += memory;
        self.stranger_count += usize::from(account.class() == Class::Stranger);
        if local {
            self.announced.insert((self.height, hash));
            self.outbox.push_back(tx);
        }
        self.unlink(&sender);
        let lane = self
            .lanes
            .entry(sender)
            .or_insert_with(|| Lane::new(account, served));
        lane.memory += memory;
        lane.entries.insert(nonce, entry);
        self.link(&sender);
        self.subscribers
            .retain(|subscriber| !subscriber.is_closed());
        for subscriber in &self.subscribers {
            subscriber.send_lossy(hash);
        }
        Ok(Admitted {
            hash,
            replaced: replaced.map(|old| old.hash()),
            evicted,
        })
    }

    /// A client has sent what gossip brought already: from now on this node answers for it.
    fn acknowledge(&mut self, sender: &Address, nonce: u64) {
        self.unlink(sender);
        if let Some(entry) = self
            .lanes
            .get_mut(sender)
            .and_then(|lane| lane.entries.get_mut(&nonce))
            && !entry.local
        {
            entry.local = true;
            entry.since = self.height;
            self.announced.insert((self.height, entry.tx.hash()));
            self.outbox.push_back(Arc::clone(&entry.tx));
        }
        self.link(sender);
    }

    /// The transaction whose place `tx` takes, if it offers enough more.
    fn replaced(&self, tx: &Transaction) -> Result<Option<Arc<Transaction>>, PoolError> {
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
    fn make_room(
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
        if class == Class::Stranger && self.stranger_count + slots > self.config.strangers_max() {
            return Err(PoolError::PoolFull);
        }
        if len == 0 && self.lanes.len() >= self.config.lanes_max() {
            return Err(PoolError::PoolFull);
        }
        let (slots_max, bytes_max) = (self.config.transactions_max, self.config.bytes_max);
        while self.by_hash.len() + slots > slots_max || self.memory + incoming > bytes_max + freed {
            let own = self.lanes.get(&sender).map_or(0, |lane| lane.memory) + incoming;
            let victim = self
                .victim(
                    Bulk {
                        class,
                        memory: own,
                        sender,
                    },
                    local,
                )
                .ok_or(PoolError::PoolFull)?;
            self.evict(&victim, &mut evicted);
        }
        Ok(evicted)
    }

    /// The last transaction of the lane that gives way to a newcomer with which its own lane would be
    /// `own`. Never the newcomer's lane, never one of less bulk, and what this node acknowledged to a
    /// client does not give way to gossip.
    pub(crate) fn victim(&self, own: Bulk, local: bool) -> Option<Arc<Transaction>> {
        let above = |lanes: &BTreeSet<Bulk>| {
            lanes
                .last()
                .copied()
                .filter(|bulk| (bulk.class, bulk.memory) > (own.class, own.memory))
        };
        let bulk = above(&self.loose).or_else(|| above(&self.held).filter(|_| local))?;
        let (_, tail) = self.lanes.get(&bulk.sender)?.entries.last_key_value()?;
        Some(Arc::clone(&tail.tx))
    }

    fn evict(&mut self, tx: &Arc<Transaction>, evicted: &mut Vec<B256>) {
        self.remove(tx);
        self.counters.evicted.inc();
        evicted.push(tx.hash());
    }

    /// Takes a lane out of the orders, so that it can be changed.
    pub(crate) fn unlink(&mut self, sender: &Address) {
        let Some(lane) = self.lanes.get_mut(sender) else {
            return;
        };
        if let Some(ticket) = lane.ticket.take() {
            self.ready.remove(&ticket);
            self.strangers.remove(&ticket);
        }
        if let Some((bulk, local)) = lane.bulk.take() {
            if local {
                self.held.remove(&bulk)
            } else {
                self.loose.remove(&bulk)
            };
        }
    }

    /// Puts a lane into the orders where it now belongs, or forgets it if it is empty.
    pub(crate) fn link(&mut self, sender: &Address) {
        let Some(lane) = self.lanes.get_mut(sender) else {
            return;
        };
        if lane.entries.is_empty() {
            self.lanes.remove(sender);
            return;
        }
        lane.bulk = lane.next_bulk(*sender);
        if let Some((bulk, local)) = lane.bulk {
            if local {
                self.held.insert(bulk)
            } else {
                self.loose.insert(bulk)
            };
        }
        lane.ticket = lane.next_ticket(*sender);
        if let Some(ticket) = lane.ticket {
            let queue = if lane.class() == Class::Stranger {
                &mut self.strangers
            } else {
                &mut self.ready
            };
            queue.insert(ticket);
        }
    }

    /// Removes one transaction, wherever it stands in its lane.
    pub(crate) fn remove(&mut self, tx: &Transaction) {
        let sender = tx.sender();
        self.unlink(&sender);
        if let Some(lane) = self.lanes.get_mut(&sender)
            && let Some(entry) = lane.entries.remove(&tx.nonce())
        {
            lane.memory -= entry.memory();
            self.memory -= entry.memory();
            self.stranger_count -= usize::from(lane.class() == Class::Stranger);
            let hash = entry.tx.hash();
            self.by_hash.remove(&hash);
            self.arrivals.remove(&entry.arrival);
            self.announced.remove(&(entry.since, hash));
        }
        self.link(&sender);
    }

    /// Follows a final block: what it holds goes, the lanes stand where the accounts now are.
    pub(crate) fn finalised(&mut self, included: &[B256], accounts: &[(Address, AccountView)]) {
        self.height += 1;
        for hash in included {
            self.finals.insert(*hash, ());
            let Some(tx) = self.by_hash.get(hash).cloned() else {
                continue;
            };
            let (sender, nonce) = (tx.sender(), tx.nonce());
            if let Some(lane) = self.lanes.get_mut(&sender)
                && let Some(entry) = lane.entries.get(&nonce)
            {
                // Time follows the lanes that are served; a lane that had nothing to send does not
                // save up turns.
                self.virtual_time = self.virtual_time.max(lane.served);
                lane.served = lane.served.saturating_add(entry.weight);
                let account = AccountView {
                    nonce: lane.account.nonce.max(nonce.saturating_add(1)),
                    ..lane.account
                };
                self.set_account(&sender, account);
            }
        }
        for (address, account) in accounts {
            self.accounts.insert(*address, *account);
            self.set_account(address, *account);
        }
        for sender in std::mem::take(&mut self.parked) {
            self.unlink(&sender);
            if let Some(lane) = self.lanes.get_mut(&sender) {
                lane.parked = false;
            }
            self.link(&sender);
        }
        self.expire();
        self.reannounce();
    }

    /// Sets a lane's account and drops what it has outrun.
    pub(crate) fn set_account(&mut self, sender: &Address, account: AccountView) {
        self.unlink(sender);
        if let Some(lane) = self.lanes.get_mut(sender) {
            if lane.class() == Class::Stranger && account.class() == Class::Known {
                self.stranger_count -= lane.entries.len();
            } else if lane.class() == Class::Known && account.class() == Class::Stranger {
                self.stranger_count += lane.entries.len();
            }
            lane.account = account;
            let kept = lane.entries.split_off(&account.nonce);
            let stale = std::mem::replace(&mut lane.entries, kept);
            for entry in stale.into_values() {
                lane.memory -= entry.memory();
                self.memory -= entry.memory();
                self.stranger_count -= usize::from(account.class() == Class::Stranger);
                let hash = entry.tx.hash();
                self.by_hash.remove(&hash);
                self.arrivals.remove(&entry.arrival);
                self.announced.remove(&(entry.since, hash));
            }
        }
        self.link(sender);
    }

    /// Drops what has waited for too long.
    fn expire(&mut self) {
        while let Some((_, (height, hash))) = self.arrivals.first_key_value() {
            if self.height.saturating_sub(*height) <= limits::PENDING_BLOCKS_MAX {
                break;
            }
            let Some(tx) = self.by_hash.get(hash).cloned() else {
                break;
            };
            self.counters.evicted.inc();
            self.remove(&tx);
        }
    }

    /// Puts local transactions that have waited for some blocks into the outbox again.
    fn reannounce(&mut self) {
        for _ in 0..limits::REANNOUNCE_MAX {
            let Some((since, hash)) = self.announced.first().copied() else {
                break;
            };
            if self.height.saturating_sub(since) < limits::REANNOUNCE_BLOCKS {
                break;
            }
            self.announced.remove(&(since, hash));
            let Some(tx) = self.by_hash.get(&hash).cloned() else {
                continue;
            };
            if let Some(lane) = self.lanes.get_mut(&tx.sender())
                && let Some(entry) = lane.entries.get_mut(&tx.nonce())
            {
                entry.since = self.height;
                self.announced.insert((self.height, hash));
                self.outbox.push_back(tx);
            }
        }
    }

    /// A builder could not execute these. Each rests until the next final block, and is dropped when
    /// that has happened too often.
    pub(crate) fn reject(&mut self, hashes: &[B256]) {
        for hash in hashes {
            let Some(tx) = self.by_hash.get(hash).cloned() else {
                continue;
            };
            let sender = tx.sender();
            self.unlink(&sender);
            let mut dropped = false;
            if let Some(lane) = self.lanes.get_mut(&sender) {
                if !lane.parked {
                    lane.parked = true;
                    self.parked.push(sender);
                }
                if let Some(entry) = lane.entries.get_mut(&tx.nonce()) {
                    entry.strikes += 1;
                    dropped = entry.strikes >= limits::REJECTIONS_MAX;
                }
            }
            self.link(&sender);
            if dropped {
                self.counters.unexecutable.inc();
                self.remove(&tx);
            }
        }
    }

    /// Whether a client's next transaction is taken now. `sender` may be new.
    pub(crate) fn has_room(&self, sender: &Address) -> bool {
        let lane = self.lanes.get(sender);
        let (len, memory) = lane.map_or((0, 0), |lane| (lane.entries.len(), lane.memory));
        let largest = limits::memory(commonhold_primitives::limits::TRANSACTION_BYTES_MAX);
        if len >= limits::LANE_TRANSACTIONS_MAX || memory + largest > limits::LANE_BYTES_MAX {
            return false;
        }
        let class = self
            .account(sender)
            .map_or(Class::Known, |account| account.class());
        if class == Class::Stranger && self.stranger_count >= self.config.strangers_max() {
            return false;
        }
        if len == 0 && self.lanes.len() >= self.config.lanes_max() {
            return false;
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
            || self.victim(own, true).is_some()
    }

    /// What the lane's executable transactions and its account say of its next nonce.
    pub(crate) fn pending_nonce(&self, sender: &Address) -> Option<u64> {
        self.lanes.get(sender).map(Lane::pending_nonce)
    }
}

impl AccountView {
    pub(crate) fn class(&self) -> Class {
        if self.nonce == 0 && self.balance == U256::ZERO {
            Class::Stranger
        } else {
            Class::Known
        }
    }
}
