//! What the ledger says of requests to open, read from the logs of final blocks alone.
//!
//! It shares no code with what members judge by, so that the two can be held against each other.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Log};
use alloy_sol_types::SolEvent as _;
use commonhold_primitives::{Finalised, system::RECORDS};
use commonhold_system::records::interface::IRecords::{Access, Granted, OpeningRequested, Revoked};

/// Seconds for which a permitted request may be answered.
const OPENING_SECONDS: u64 = 3_600;

/// A request as it stands on the ledger.
#[derive(Clone, Debug)]
pub struct Requested {
    /// Its number.
    pub number: u64,
    /// The height of its block.
    pub height: u64,
    /// The hash of its block.
    pub block: B256,
    /// The record.
    pub id: B256,
    /// Who is to read.
    pub reader: Address,
    /// The key that it is to be answered to.
    pub key: B256,
    /// What the access list said.
    pub access: Access,
}

/// An entry of an access list, as a block left it.
#[derive(Clone, Copy)]
enum Entry {
    Granted { not_before: u64, until: u64 },
    Revoked,
}

/// All of it.
#[derive(Clone, Default)]
pub struct Law {
    /// The time of each block, in seconds.
    times: BTreeMap<u64, u64>,
    requests: BTreeMap<u64, Requested>,
    /// Numbers of requests by the key that they are to be answered to.
    by_key: BTreeMap<B256, u64>,
    /// By record and grantee, the entry after each block that changed it.
    entries: BTreeMap<(B256, Address), BTreeMap<u64, Entry>>,
}

impl Law {
    /// Writes down what a final block says. It may come again, and blocks in any order.
    pub fn write(&mut self, told: &Finalised) {
        let (height, header) = (told.block.number(), told.block.header());
        if self.times.insert(height, header.timestamp).is_some() {
            return;
        }
        let block = told.block.hash();
        for log in told.receipts.iter().flat_map(|receipt| &receipt.logs) {
            if log.address == RECORDS {
                self.read(height, block, log);
            }
        }
    }

    fn read(&mut self, height: u64, block: B256, log: &Log) {
        if let Ok(event) = OpeningRequested::decode_log(log) {
            self.by_key.insert(event.readerKey, event.number);
            let requested = Requested {
                number: event.number,
                height,
                block,
                id: event.id,
                reader: event.reader,
                key: event.readerKey,
                access: event.access,
            };
            self.requests.insert(event.number, requested);
        } else if let Ok(event) = Granted::decode_log(log) {
            let (not_before, until) = (event.notBefore, event.until);
            let entries = self.entries.entry((event.id, event.grantee)).or_default();
            entries.insert(height, Entry::Granted { not_before, until });
        } else if let Ok(event) = Revoked::decode_log(log) {
            let entries = self.entries.entry((event.id, event.grantee)).or_default();
            entries.insert(height, Entry::Revoked);
        }
    }

    /// The request that is to be answered to this key.
    pub fn made_with(&self, key: &B256) -> Option<&Requested> {
        self.requests.get(self.by_key.get(key)?)
    }

    /// The request of this number.
    pub fn request(&self, number: u64) -> Option<&Requested> {
        self.requests.get(&number)
    }

    /// Numbers of all requests.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        self.requests.keys().copied()
    }

    /// The time of a block, in seconds.
    pub fn seconds(&self, height: u64) -> Option<u64> {
        self.times.get(&height).copied()
    }

    /// The height of the last block.
    pub fn top(&self) -> u64 {
        self.times.keys().next_back().copied().unwrap_or(0)
    }

    /// The first height whose block's time is at least this.
    pub fn reaches(&self, seconds: u64) -> Option<u64> {
        let mut times = self.times.iter();
        times
            .find(|(_, time)| **time >= seconds)
            .map(|(height, _)| *height)
    }

    /// Whether a request may be answered by the state after the block at a height.
    pub fn permits(&self, number: u64, height: u64) -> bool {
        let (Some(request), Some(now)) = (self.requests.get(&number), self.seconds(height)) else {
            return false;
        };
        let asked = self.seconds(request.height).unwrap_or(u64::MAX);
        if request.height > height || now.saturating_sub(asked) > OPENING_SECONDS {
            return false;
        }
        match request.access {
            Access::Owner => true,
            Access::Granted => {
                let entries = self.entries.get(&(request.id, request.reader));
                let last = entries.and_then(|entries| entries.range(..=height).next_back());
                match last {
                    Some((_, Entry::Granted { not_before, until })) => {
                        *not_before <= now && (*until == 0 || now < *until)
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Whether it may be answered by the state after any block of these heights.
    pub fn permits_within(&self, number: u64, first: u64, last: u64) -> bool {
        (first..=last).any(|height| self.permits(number, height))
    }
}
