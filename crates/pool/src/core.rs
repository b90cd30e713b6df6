//! The pool's data, behind one lock: lanes by sender, and the orders in which they are served and
//! give way. Nothing here waits; every operation costs O(log n) per transaction it touches.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::Transaction;
use commonware_utils::channel::ring;

use crate::{
    AccountView, Admitted, NotKept, Origin, PoolConfig, PoolError,
    check::cost,
    lane::{Bulk, Class, Entry, Lane, PerClass, Ticket, weight},
    limits,
    line::Line,
    metrics::Counters,
    recent::Recent,
    unsaved::Unsaved,
};

/// What the lock protects.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: PoolConfig,
    pub(crate) lanes: HashMap<Address, Lane>,
    pub(crate) by_hash: HashMap<B256, Arc<Transaction>>,
    /// Lanes with something executable, in the order of service.
    pub(crate) queues: PerClass<BTreeSet<Ticket>>,
    /// Lanes whose last transaction came by gossip, and may go to make room for another. What this node
    /// acknowledged to a client does not.
    pub(crate) loose: BTreeSet<Bulk>,
    /// Lanes of which nothing can be executed: behind a gap, or not payable.
    pub(crate) idle: BTreeSet<Bulk>,
    /// Final hashes: late gossip does not bring them back.
    pub(crate) finals: Recent<B256, ()>,
    /// Accounts as the latest blocks left them. Whoever read the state before a block and admits after
    /// it is corrected here.
    pub(crate) accounts: Recent<Address, AccountView>,
    /// Local transactions in the order in which they fall due to be announced again.
    pub(crate) announced: BTreeSet<(u64, B256)>,
    /// All transactions in order of arrival.
    pub(crate) arrivals: BTreeMap<u64, (u64, B256)>,
    pub(crate) parked: Vec<Address>,
    /// Local transactions that gossip has not sent yet.
    pub(crate) outbox: VecDeque<Arc<Transaction>>,
    /// Local transactions for the journal.
    pub(crate) unsaved: Unsaved,
    /// Clients' transactions that wait for room.
    pub(crate) line: Line,
    pub(crate) subscribers: Vec<ring::Sender<B256>>,
    pub(crate) memory: usize,
    pub(crate) stranger_count: usize,
    pub(crate) counters: Counters,
    /// How far fair service has come, for each class (see `lane::Ticket`).
    pub(crate) virtual_time: PerClass<u64>,
    pub(crate) height: u64,
    arrival: u64,
}

impl Core {
    pub(crate) fn new(config: PoolConfig, counters: Counters) -> Self {
        Self {
            config,
            lanes: HashMap::new(),
            by_hash: HashMap::new(),
            queues: PerClass::default(),
            loose: BTreeSet::new(),
            idle: BTreeSet::new(),
            finals: Recent::new(limits::FINAL_HASHES_MAX),
            accounts: Recent::new(limits::RECENT_ACCOUNTS_MAX),
            announced: BTreeSet::new(),
            arrivals: BTreeMap::new(),
            parked: Vec::new(),
            outbox: VecDeque::new(),
            unsaved: Unsaved::default(),
            line: Line::default(),
            subscribers: Vec::new(),
            memory: 0,
            stranger_count: 0,
            counters,
            virtual_time: PerClass::default(),
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

    /// Whether it waits, or was in a recent final block.
    pub(crate) fn knows(&self, hash: &B256) -> bool {
        self.by_hash.contains_key(hash) || self.finals.get(hash).is_some()
    }

    /// What can be said against a transaction by its sender's account, and whether this node may take
    /// anything from a client. Gives the account.
    pub(crate) fn acceptable(
        &self,
        tx: &Transaction,
        given: AccountView,
        origin: Origin,
    ) -> Result<AccountView, PoolError> {
        let (sender, nonce, local) = (tx.sender(), tx.nonce(), origin == Origin::Local);
        if local && self.unsaved.refusing {
            return Err(NotKept.into());
        }
        if self.knows(&tx.hash()) {
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
        let cost = cost(tx, &self.config);
        // Another member may have seen the block already that brings the money.
        if local && cost > account.balance {
            return Err(PoolError::InsufficientFunds {
                balance: account.balance,
                cost,
            });
        }
        Ok(account)
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
        let account = self.acceptable(&tx, given, origin);
        if local && account == Err(PoolError::AlreadyKnown) {
            self.acknowledge(&sender, nonce, &hash);
        }
        let account = account?;
        let cost = cost(&tx, &self.config);
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
        let memory = entry.memory();
        self.arrivals.insert(self.arrival, (self.height, hash));
        self.by_hash.insert(hash, Arc::clone(&tx));
        self.memory += memory;
        self.stranger_count += usize::from(account.class() == Class::Stranger);
        if local {
            self.announced.insert((self.height, hash));
            self.hand_out(tx);
        }
        self.unlink(&sender);
        let lane = self
            .lanes
            .entry(sender)
            .or_insert_with(|| Lane::new(account));
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
    fn acknowledge(&mut self, sender: &Address, nonce: u64, hash: &B256) {
        self.unlink(sender);
        let entry = self
            .lanes
            .get_mut(sender)
            .and_then(|lane| lane.entries.get_mut(&nonce));
        if let Some(entry) = entry.filter(|entry| !entry.local && entry.tx.hash() == *hash) {
            entry.local = true;
            entry.since = self.height;
            let tx = Arc::clone(&entry.tx);
            self.announced.insert((self.height, tx.hash()));
            self.hand_out(tx);
        }
        self.link(sender);
    }

    /// A local transaction goes to the other members and into the journal.
    fn hand_out(&mut self, tx: Arc<Transaction>) {
        self.unsaved.push(&tx, &self.by_hash);
        self.outbox.push_back(tx);
    }

    /// Takes a lane out of the orders, so that it can be changed.
    pub(crate) fn unlink(&mut self, sender: &Address) {
        let Some(lane) = self.lanes.get_mut(sender) else {
            return;
        };
        if let Some(ticket) = lane.ticket.take() {
            self.queues.of_mut(lane.class()).remove(&ticket);
        }
        if let Some((bulk, local)) = lane.bulk.take() {
            self.idle.remove(&bulk);
            if !local {
                self.loose.remove(&bulk);
            }
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
        let (class, ready) = (lane.class(), lane.head().is_some());
        if ready && !lane.ready {
            lane.start = lane.start.max(*self.virtual_time.of(class));
        }
        lane.ready = ready;
        lane.bulk = lane.next_bulk(*sender);
        if let Some((bulk, local)) = lane.bulk {
            if !ready && !lane.parked {
                self.idle.insert(bulk);
            }
            if !local {
                self.loose.insert(bulk);
            }
        }
        lane.ticket = lane.next_ticket(*sender);
        if let Some(ticket) = lane.ticket {
            self.queues.of_mut(class).insert(ticket);
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

    /// What the lane's executable transactions and its account say of its next nonce.
    pub(crate) fn pending_nonce(&self, sender: &Address) -> Option<u64> {
        self.lanes.get(sender).map(Lane::pending_nonce)
    }
}

#[cfg(test)]
impl Core {
    /// The orders of giving way hold exactly these.
    pub(crate) fn check_orders(&self, bulks: &BTreeSet<(Bulk, bool)>) {
        let loose = bulks
            .iter()
            .filter(|(_, local)| !local)
            .map(|(bulk, _)| *bulk);
        assert_eq!(self.loose, loose.collect());
        self.line
            .check(self.config.line_max(), self.config.line_bytes_max());
        let idle = self
            .lanes
            .values()
            .filter(|lane| !lane.ready && !lane.parked);
        assert_eq!(
            self.idle,
            idle.filter_map(|lane| Some(lane.bulk?.0)).collect()
        );
        assert_eq!(self.arrivals.len(), self.by_hash.len());
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
