//! Following the chain: what final blocks and failed builds do to the pool.

use alloy_primitives::{Address, B256};

use crate::{
    AccountView,
    core::Core,
    lane::{Class, PerClass},
    limits,
};

impl Core {
    /// Follows a final block: what it holds goes, the lanes stand where the accounts now are.
    pub(crate) fn finalised(&mut self, included: &[B256], accounts: &[(Address, AccountView)]) {
        self.height += 1;
        let queues = &self.queues;
        let waiting = PerClass {
            known: queues.known.len(),
            stranger: queues.stranger.len(),
        };
        let mut served = PerClass {
            known: 0,
            stranger: 0,
        };
        for hash in included {
            self.finals.insert(*hash, ());
            let Some(tx) = self.by_hash.get(hash).cloned() else {
                continue;
            };
            let (sender, nonce) = (tx.sender(), tx.nonce());
            if let Some(lane) = self.lanes.get_mut(&sender)
                && let Some(entry) = lane.entries.get(&nonce)
            {
                *served.of_mut(lane.class()) += entry.weight;
                lane.start = lane.start.saturating_add(entry.weight);
                let account = AccountView {
                    nonce: lane.account.nonce.max(nonce.saturating_add(1)),
                    ..lane.account
                };
                self.set_account(&sender, account);
            }
        }
        for class in [Class::Known, Class::Stranger] {
            let lanes = u64::try_from(*waiting.of(class)).unwrap_or(u64::MAX).max(1);
            let time = self.virtual_time.of_mut(class);
            *time = time.saturating_add(*served.of(class) / lanes);
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
            if lane.class() != account.class() {
                // The other class has a time of its own.
                (lane.start, lane.ready) = (0, false);
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
}
