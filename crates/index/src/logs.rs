//! Finding logs.
//!
//! The table of logs names, for every address and every topic, the blocks that hold it. A query
//! intersects those lists and unpacks only the blocks that are left.

use std::{collections::BTreeSet, sync::Arc};

use alloy_primitives::{Address, B256, Log};

use crate::{
    Entry, Index,
    error::IndexError,
    limits::{LOG_ENTRIES_MAX, LOG_RANGE_BLOCKS_MAX, LOG_SCAN_BYTES_MAX, LOG_VALUES_MAX, LOGS_MAX},
    tables::{ANY_LOG, LOGS, log_address, log_topic},
};

/// What logs to find. An empty list stands for any value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// First block.
    pub from: u64,
    /// Last block.
    pub to: u64,
    /// Who emitted it.
    pub addresses: Vec<Address>,
    /// What stands at each topic's place.
    pub topics: [Vec<B256>; 4],
}

/// A log that was found.
#[derive(Clone, Debug)]
pub struct FoundLog {
    /// Its block.
    pub entry: Arc<Entry>,
    /// Its transaction in the block.
    pub transaction: usize,
    /// Its number in its transaction.
    pub log: usize,
    /// Its number in its block.
    pub log_in_block: usize,
}

impl FoundLog {
    /// The log itself.
    pub fn get(&self) -> Option<&Log> {
        self.entry
            .receipts
            .get(self.transaction)?
            .logs
            .get(self.log)
    }
}

fn narrow(limit: &'static str, max: usize) -> IndexError {
    IndexError::Limit {
        limit,
        max: max as u64,
        advice: "ask for fewer blocks or be more specific",
    }
}

impl LogQuery {
    /// Whether a log answers the query, its block aside.
    pub fn matches(&self, log: &Log) -> bool {
        let topics = log.topics();
        (self.addresses.is_empty() || self.addresses.contains(&log.address))
            && self.topics.iter().enumerate().all(|(place, values)| {
                values.is_empty()
                    || topics
                        .get(place)
                        .is_some_and(|topic| values.contains(topic))
            })
    }

    /// The logs of one block that answer the query.
    pub fn select(&self, entry: &Arc<Entry>) -> Vec<FoundLog> {
        let mut found = Vec::new();
        let mut log_in_block = 0;
        for (transaction, receipt) in entry.receipts.iter().enumerate() {
            for (number, log) in receipt.logs.iter().enumerate() {
                if self.matches(log) {
                    let entry = entry.clone();
                    found.push(FoundLog {
                        entry,
                        transaction,
                        log: number,
                        log_in_block,
                    });
                }
                log_in_block += 1;
            }
        }
        found
    }

    /// Checks what can be checked before looking.
    ///
    /// # Errors
    /// Names the limit that the query exceeds.
    pub fn check(&self) -> Result<(), IndexError> {
        if self.from > self.to {
            return Err(IndexError::Range {
                from: self.from,
                to: self.to,
            });
        }
        if self.to - self.from >= LOG_RANGE_BLOCKS_MAX {
            return Err(IndexError::Limit {
                limit: "LOG_RANGE_BLOCKS_MAX",
                max: LOG_RANGE_BLOCKS_MAX,
                advice: "ask for a smaller block range",
            });
        }
        let longest = self
            .topics
            .iter()
            .map(Vec::len)
            .chain([self.addresses.len()])
            .max();
        if longest.unwrap_or(0) > LOG_VALUES_MAX {
            return Err(narrow("LOG_VALUES_MAX", LOG_VALUES_MAX));
        }
        Ok(())
    }

    /// For each thing asked for, the table's keys of the values that will do.
    fn criteria(&self) -> Vec<Vec<u64>> {
        let addresses: Vec<u64> = self.addresses.iter().map(log_address).collect();
        let topics = self
            .topics
            .iter()
            .map(|values| values.iter().map(log_topic).collect());
        let mut all: Vec<Vec<u64>> = [addresses]
            .into_iter()
            .chain(topics)
            .filter(|keys| !keys.is_empty())
            .collect();
        if all.is_empty() {
            all.push(vec![ANY_LOG]);
        }
        all
    }
}

impl Index {
    /// The logs that answer a query, in the chain's order.
    ///
    /// # Errors
    /// Names the limit that the query exceeds.
    pub fn logs(&self, query: &LogQuery) -> Result<Vec<FoundLog>, IndexError> {
        query.check()?;
        let floor = self.floor();
        if query.from < floor {
            return Err(IndexError::BelowFloor { floor });
        }
        let mut found = Vec::new();
        let mut bytes = 0usize;
        // Taken first: a block that is written meanwhile is then seen twice, never missed.
        let unwritten = self.unwritten();
        let newest = unwritten.first().map_or(u64::MAX, |entry| entry.number());
        for number in self.log_blocks(query)? {
            if number >= newest {
                break;
            }
            let Some(entry) = self.block(number)? else {
                continue;
            };
            bytes = bytes.saturating_add(entry.bytes());
            if bytes > LOG_SCAN_BYTES_MAX {
                return Err(narrow("LOG_SCAN_BYTES_MAX", LOG_SCAN_BYTES_MAX));
            }
            extend(&mut found, query.select(&entry))?;
        }
        for entry in unwritten {
            if (query.from..=query.to).contains(&entry.number()) {
                extend(&mut found, query.select(&entry))?;
            }
        }
        Ok(found)
    }

    /// Written blocks that may hold an answer.
    fn log_blocks(&self, query: &LogQuery) -> Result<BTreeSet<u64>, IndexError> {
        self.inner().read(|file| {
            let table = file.open_table(LOGS)?;
            let mut walked = 0usize;
            let mut left: Option<BTreeSet<u64>> = None;
            for keys in query.criteria() {
                let mut blocks = BTreeSet::new();
                for key in keys {
                    for row in table.range((key, query.from)..=(key, query.to))? {
                        let number = row?.0.value().1;
                        walked += 1;
                        if walked > LOG_ENTRIES_MAX {
                            return Err(narrow("LOG_ENTRIES_MAX", LOG_ENTRIES_MAX));
                        }
                        if left.as_ref().is_none_or(|left| left.contains(&number)) {
                            blocks.insert(number);
                        }
                    }
                }
                left = Some(blocks);
            }
            Ok(left.unwrap_or_default())
        })
    }
}

fn extend(found: &mut Vec<FoundLog>, more: Vec<FoundLog>) -> Result<(), IndexError> {
    if found.len().saturating_add(more.len()) > LOGS_MAX {
        return Err(narrow("LOGS_MAX", LOGS_MAX));
    }
    found.extend(more);
    Ok(())
}
