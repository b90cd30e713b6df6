//! One sender's waiting transactions, in nonce order.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, U256};
use commonhold_primitives::{
    Transaction,
    limits::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX},
};

use crate::{AccountView, limits};

/// How the pool ranks a sender. The order counts: where room is short, the greatest gives way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The state has its account.
    Known,
    /// Nonce and balance are zero: anybody can make such senders without end.
    Stranger,
}

/// One of a thing for each class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PerClass<T> {
    pub(crate) known: T,
    pub(crate) stranger: T,
}

impl<T> PerClass<T> {
    pub(crate) const fn of(&self, class: Class) -> &T {
        match class {
            Class::Known => &self.known,
            Class::Stranger => &self.stranger,
        }
    }

    pub(crate) const fn of_mut(&mut self, class: Class) -> &mut T {
        match class {
            Class::Known => &mut self.known,
            Class::Stranger => &mut self.stranger,
        }
    }
}

/// A waiting transaction.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) tx: Arc<Transaction>,
    /// The most it may take from its sender.
    pub(crate) cost: U256,
    /// The part of a block that it takes, in billionths, by the scarcest of gas, bytes and count.
    pub(crate) weight: u64,
    /// When it arrived, among all.
    pub(crate) arrival: u64,
    /// Whether this node has acknowledged it to a client.
    pub(crate) local: bool,
    /// How often a builder could not execute it.
    pub(crate) strikes: u8,
    /// The height at which it arrived or was last announced.
    pub(crate) since: u64,
}

impl Entry {
    pub(crate) fn memory(&self) -> usize {
        limits::memory(self.tx.raw().len())
    }
}

/// The part of a block that `tx` takes: what fair turns are counted in.
pub(crate) fn weight(tx: &Transaction, gas_limit: u64) -> u64 {
    const WHOLE: u64 = 1_000_000_000;
    let part = |used: u64, whole: u64| used.saturating_mul(WHOLE) / whole.max(1);
    let len = u64::try_from(tx.raw().len()).unwrap_or(u64::MAX);
    part(tx.envelope().gas_limit(), gas_limit)
        .max(part(len, BLOCK_BYTES_MAX as u64))
        .max(part(1, BLOCK_TRANSACTIONS_MAX as u64))
        .max(1)
}

/// A lane's place in the queue for blocks: smallest first.
///
/// This is weighted fair queueing. `finish` is the virtual time at which the lane's next transaction
/// would be through if all ready lanes were served at once, each with an equal part of every block:
/// where the lane's last one was through (or, if it had nothing to send, the virtual time of now),
/// plus the transaction's weight. Virtual time advances with each block by the weight served divided
/// by the number of ready lanes. So a newcomer waits about as long as if it had its equal part, however
/// much the others have queued, and a lane of large transactions is not passed over for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket {
    pub(crate) finish: u64,
    pub(crate) arrival: u64,
    pub(crate) sender: Address,
}

/// A lane's place among those that have to give way: greatest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bulk {
    pub(crate) class: Class,
    pub(crate) memory: usize,
    pub(crate) sender: Address,
}

/// One sender's transactions and account.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) account: AccountView,
    pub(crate) entries: BTreeMap<u64, Entry>,
    pub(crate) memory: usize,
    /// Virtual time at which the lane's next transaction starts to be served.
    pub(crate) start: u64,
    /// Whether that holds, because the lane has been ready since.
    pub(crate) ready: bool,
    /// Set after a builder's rejection, until the next final block.
    pub(crate) parked: bool,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) bulk: Option<(Bulk, bool)>,
}

impl Lane {
    pub(crate) const fn new(account: AccountView) -> Self {
        Self {
            account,
            entries: BTreeMap::new(),
            memory: 0,
            start: 0,
            ready: false,
            parked: false,
            ticket: None,
            bulk: None,
        }
    }

    pub(crate) fn class(&self) -> Class {
        self.account.class()
    }

    /// The transaction that can be executed next.
    pub(crate) fn head(&self) -> Option<&Entry> {
        if self.parked {
            return None;
        }
        self.entries
            .get(&self.account.nonce)
            .filter(|head| head.cost <= self.account.balance)
    }

    pub(crate) fn next_ticket(&self, sender: Address) -> Option<Ticket> {
        self.head().map(|head| Ticket {
            finish: self.start.saturating_add(head.weight),
            arrival: head.arrival,
            sender,
        })
    }

    /// The lane's bulk, and whether its last transaction is local.
    pub(crate) fn next_bulk(&self, sender: Address) -> Option<(Bulk, bool)> {
        let (_, tail) = self.entries.last_key_value()?;
        Some((
            Bulk {
                class: self.class(),
                memory: self.memory,
                sender,
            },
            tail.local,
        ))
    }

    /// The nonce after the transactions that follow one another from the account's nonce on.
    pub(crate) fn pending_nonce(&self) -> u64 {
        let start = self.account.nonce;
        let run = self
            .entries
            .range(start..)
            .zip(start..)
            .take_while(|((nonce, _), want)| *nonce == want);
        start.saturating_add(u64::try_from(run.count()).unwrap_or(u64::MAX))
    }
}
