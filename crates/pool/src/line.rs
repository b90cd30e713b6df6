//! The line in which clients' transactions wait for room.
//!
//! It moves with each final block: whoever finds room then is taken before anything that arrives later,
//! be it from a client or by gossip. Senders that have nothing in the pool go first, so that nobody with
//! slow transactions keeps them out; among those, and among the others, first come is first served.
//!
//! A place in it does not cost a place in the pool, so the line is bounded by itself, in number and in
//! memory. Where it is full, the last of the sender with the greatest bulk (in pool and line together,
//! as it was when that sender last joined) gives way to a newcomer of clearly less bulk, and strangers
//! give way to known senders; between equals, who came first stays.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use alloy_primitives::Address;
use commonhold_primitives::Transaction;
use commonware_utils::channel::oneshot;

use crate::{
    AccountView, Admitted, Origin, PoolError,
    core::Core,
    lane::{Bulk, Class},
    limits,
};

/// What a waiting client is told.
pub(crate) type Answer = Result<Admitted, PoolError>;

/// What became of a client's transaction at the door.
#[derive(Debug)]
pub(crate) enum Entered {
    /// It is in the pool.
    Taken(Admitted),
    /// It waits in the line under this number, and is answered here.
    Waits(u64, oneshot::Receiver<Answer>),
}

#[derive(Debug)]
struct Waiter {
    tx: Arc<Transaction>,
    account: AccountView,
    answer: oneshot::Sender<Answer>,
}

impl Waiter {
    fn memory(&self) -> usize {
        limits::memory(self.tx.raw().len())
    }
}

/// One sender's part of the line.
#[derive(Debug)]
struct Party {
    class: Class,
    /// Memory of its lane in the pool when it last joined.
    lane: usize,
    /// Memory of what waits here.
    waiting: usize,
    tickets: BTreeSet<u64>,
}

impl Party {
    const fn bulk(&self, sender: Address) -> Bulk {
        Bulk {
            class: self.class,
            memory: self.lane.saturating_add(self.waiting),
            sender,
        }
    }
}

/// Who waits.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// By ticket: in order of arrival.
    waiters: BTreeMap<u64, Waiter>,
    parties: HashMap<Address, Party>,
    bulks: BTreeSet<Bulk>,
    memory: usize,
    next: u64,
}

impl Line {
    pub(crate) fn len(&self) -> usize {
        self.waiters.len()
    }

    /// Puts a transaction at the end. `lane` is the memory of its sender's lane in the pool.
    fn join(
        &mut self,
        tx: Arc<Transaction>,
        account: AccountView,
        lane: usize,
        (len_max, memory_max): (usize, usize),
    ) -> Result<Entered, PoolError> {
        let sender = tx.sender();
        let incoming = limits::memory(tx.raw().len());
        let waiting = self.parties.get(&sender).map_or(0, |party| party.waiting);
        // Half of what comes in stands between them: equals differ by the bytes of a signature.
        let own = (
            account.class(),
            lane.saturating_add(waiting)
                .saturating_add(incoming)
                .saturating_add(incoming / 2),
        );
        while self.waiters.len() >= len_max || self.memory.saturating_add(incoming) > memory_max {
            let greatest = self.bulks.last().copied();
            let last = greatest
                .filter(|bulk| (bulk.class, bulk.memory) > own)
                .and_then(|bulk| self.parties.get(&bulk.sender)?.tickets.last().copied())
                .ok_or(PoolError::PoolFull)?;
            self.answer(last, Err(PoolError::PoolFull));
        }
        let ticket = self.next;
        self.next = self.next.saturating_add(1);
        let (answer, receiver) = oneshot::channel();
        let waiter = Waiter {
            tx,
            account,
            answer,
        };
        let party = self.parties.entry(sender).or_insert_with(|| Party {
            class: account.class(),
            lane,
            waiting: 0,
            tickets: BTreeSet::new(),
        });
        self.bulks.remove(&party.bulk(sender));
        (party.class, party.lane) = (account.class(), lane);
        party.waiting = party.waiting.saturating_add(incoming);
        party.tickets.insert(ticket);
        self.bulks.insert(party.bulk(sender));
        self.memory = self.memory.saturating_add(incoming);
        self.waiters.insert(ticket, waiter);
        Ok(Entered::Waits(ticket, receiver))
    }

    fn remove(&mut self, ticket: u64) -> Option<Waiter> {
        let waiter = self.waiters.remove(&ticket)?;
        let (sender, memory) = (waiter.tx.sender(), waiter.memory());
        self.memory = self.memory.saturating_sub(memory);
        if let Some(party) = self.parties.get_mut(&sender) {
            self.bulks.remove(&party.bulk(sender));
            party.tickets.remove(&ticket);
            party.waiting = party.waiting.saturating_sub(memory);
            if party.tickets.is_empty() {
                self.parties.remove(&sender);
            } else {
                self.bulks.insert(party.bulk(sender));
            }
        }
        Some(waiter)
    }

    /// Takes one out of the line and tells its client. A client that is gone does not hear it.
    fn answer(&mut self, ticket: u64, answer: Answer) {
        if let Some(waiter) = self.remove(ticket) {
            let _ = waiter.answer.send(answer);
        }
    }

    /// A client does not wait any more. `false` where it has been answered already.
    pub(crate) fn leave(&mut self, ticket: u64) -> bool {
        self.remove(ticket).is_some()
    }

    /// Tells everybody the same.
    pub(crate) fn dismiss(&mut self, error: &PoolError) {
        let tickets: Vec<u64> = self.waiters.keys().copied().collect();
        for ticket in tickets {
            self.answer(ticket, Err(error.clone()));
        }
    }
}

impl Core {
    /// Takes a client's transaction, or gives it a place in the line where it would be taken if only
    /// there were room.
    pub(crate) fn enter(
        &mut self,
        tx: Arc<Transaction>,
        given: AccountView,
    ) -> Result<Entered, PoolError> {
        if self.knows(&tx.hash()) || self.fits(&tx, given) {
            match self.admit(Arc::clone(&tx), given, Origin::Local) {
                Err(error) if error.is_full() => {}
                done => return done.map(Entered::Taken),
            }
        } else {
            self.acceptable(&tx, given, Origin::Local)?;
        }
        let account = self.account(&tx.sender()).unwrap_or(given);
        let lane = self.lanes.get(&tx.sender()).map_or(0, |lane| lane.memory);
        let bounds = (self.config.line_max(), self.config.line_bytes_max());
        self.line.join(tx, account, lane, bounds)
    }

    /// Takes from the line whoever finds room now: senders with nothing in the pool first, each group in
    /// the order in which they came. Whether anybody was taken.
    pub(crate) fn call_up(&mut self) -> bool {
        let tickets: Vec<u64> = self.line.waiters.keys().copied().collect();
        let mut taken = false;
        for newcomers in [true, false] {
            for ticket in &tickets {
                taken |= self.call(*ticket, newcomers);
            }
        }
        taken
    }

    /// Takes one from the line if there is room, and if it is a newcomer where only those are called.
    fn call(&mut self, ticket: u64, newcomers: bool) -> bool {
        let Some(waiter) = self.line.waiters.get(&ticket) else {
            return false;
        };
        let (tx, account) = (Arc::clone(&waiter.tx), waiter.account);
        if newcomers && self.lanes.contains_key(&tx.sender()) || !self.fits(&tx, account) {
            return false;
        }
        let answer = self.admit(tx, account, Origin::Local);
        if answer.as_ref().is_err_and(PoolError::is_full) {
            return false;
        }
        let taken = answer.is_ok();
        self.line.answer(ticket, answer);
        taken
    }
}

#[cfg(test)]
impl Line {
    /// Everything inside agrees with everything else.
    pub(crate) fn check(&self, len_max: usize, memory_max: usize) {
        assert!(self.waiters.len() <= len_max && self.memory <= memory_max);
        let memory: usize = self.waiters.values().map(Waiter::memory).sum();
        assert_eq!(self.memory, memory);
        let tickets: BTreeSet<u64> = self.waiters.keys().copied().collect();
        let held = self.parties.values().flat_map(|party| &party.tickets);
        assert_eq!(tickets, held.copied().collect());
        let bulks = self
            .parties
            .iter()
            .map(|(sender, party)| party.bulk(*sender));
        assert_eq!(self.bulks, bulks.collect());
    }
}
