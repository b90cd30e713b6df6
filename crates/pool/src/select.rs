//! Choosing what a block contains.
//!
//! Lanes are served by weighted fair queueing: each transaction weighs the part of a block that it
//! takes, and the lane that would have had the least after its next transaction goes first. One lane
//! with a thousand transactions therefore gets one turn in each round like everybody else, and a lane
//! of large transactions waits for those of small ones.
//!
//! Strangers (accounts that the state does not know) get at most a quarter of a block.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashSet},
    sync::Arc,
};

use alloy_consensus::Transaction as _;
use alloy_primitives::{B256, U256};
use commonhold_primitives::Transaction;

use crate::{
    core::Core,
    lane::Ticket,
    limits::{MISFITS_MAX, STRANGER_SHARE_PERCENT},
};

/// What a block can still take.
#[derive(Clone, Copy, Debug)]
struct Room {
    gas: u64,
    bytes: usize,
    count: usize,
}

/// A lane in the course of a selection.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Cursor {
    ticket: Ticket,
    nonce: u64,
    spent: U256,
}

impl Core {
    /// Executable transactions in an order in which they can be executed. Those in `skip` count as
    /// executed: their lanes go on behind them.
    pub(crate) fn select(
        &self,
        gas: u64,
        bytes: usize,
        count: usize,
        skip: &HashSet<B256>,
    ) -> Vec<Arc<Transaction>> {
        let mut room = Room { gas, bytes, count };
        let percent = |whole: u64| {
            whole / 100 * STRANGER_SHARE_PERCENT + whole % 100 * STRANGER_SHARE_PERCENT / 100
        };
        let share = |whole: usize| usize::try_from(percent(whole as u64)).unwrap_or(whole);
        let keep = Room {
            gas: gas.saturating_sub(percent(gas)),
            bytes: bytes.saturating_sub(share(bytes)),
            count: count.saturating_sub(share(count)),
        };
        let strangers = self.fill(&self.queues.stranger, &mut room, keep, skip);
        let mut chosen = self.fill(
            &self.queues.known,
            &mut room,
            Room {
                gas: 0,
                bytes: 0,
                count: 0,
            },
            skip,
        );
        chosen.extend(strangers);
        chosen
    }

    /// Whether [`Core::select`] would find anything.
    pub(crate) fn has_executable(&self, skip: &HashSet<B256>) -> bool {
        [&self.queues.known, &self.queues.stranger]
            .into_iter()
            .any(|queue| {
                let mut room = Room {
                    gas: u64::MAX,
                    bytes: usize::MAX,
                    count: 1,
                };
                !self
                    .fill(
                        queue,
                        &mut room,
                        Room {
                            gas: 0,
                            bytes: 0,
                            count: 0,
                        },
                        skip,
                    )
                    .is_empty()
            })
    }

    /// Takes from `queue` until nothing fits or the room has shrunk to `keep`; the transaction that
    /// crosses that line is still taken, so that a large one is not shut out for ever.
    fn fill(
        &self,
        queue: &BTreeSet<Ticket>,
        room: &mut Room,
        keep: Room,
        skip: &HashSet<B256>,
    ) -> Vec<Arc<Transaction>> {
        let mut chosen = Vec::new();
        let mut fresh = queue.iter().peekable();
        let mut going: BinaryHeap<Reverse<Cursor>> = BinaryHeap::new();
        let mut misfits = 0;
        while room.count > keep.count
            && room.gas > keep.gas
            && room.bytes > keep.bytes
            && misfits < MISFITS_MAX
        {
            let first = match (fresh.peek(), going.peek()) {
                (Some(ticket), Some(Reverse(cursor))) => **ticket < cursor.ticket,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let cursor = if first {
                fresh.next().map(|ticket| self.start(*ticket))
            } else {
                going.pop().map(|c| c.0)
            };
            let Some(cursor) = cursor else { break };
            let Some(lane) = self.lanes.get(&cursor.ticket.sender) else {
                continue;
            };
            let Some(entry) = lane.entries.get(&cursor.nonce) else {
                continue;
            };
            let spent = cursor.spent.saturating_add(entry.cost);
            if spent > lane.account.balance {
                continue;
            }
            if !skip.contains(&entry.tx.hash()) {
                let (gas, bytes) = (entry.tx.envelope().gas_limit(), entry.tx.raw().len());
                if gas > room.gas || bytes > room.bytes {
                    misfits += 1;
                    continue;
                }
                room.gas -= gas;
                room.bytes -= bytes;
                room.count -= 1;
                chosen.push(Arc::clone(&entry.tx));
            }
            let Some(nonce) = cursor.nonce.checked_add(1) else {
                continue;
            };
            if let Some(next) = lane.entries.get(&nonce) {
                let finish = cursor.ticket.finish.saturating_add(next.weight);
                let ticket = Ticket {
                    finish,
                    arrival: next.arrival,
                    sender: cursor.ticket.sender,
                };
                going.push(Reverse(Cursor {
                    ticket,
                    nonce,
                    spent,
                }));
            }
        }
        chosen
    }

    fn start(&self, ticket: Ticket) -> Cursor {
        let nonce = self
            .lanes
            .get(&ticket.sender)
            .map_or(0, |lane| lane.account.nonce);
        Cursor {
            ticket,
            nonce,
            spent: U256::ZERO,
        }
    }
}
