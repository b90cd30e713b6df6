//! The tables of the file and the keys in them.

use alloy_primitives::{Address, B256, keccak256};
use redb::TableDefinition;

/// Transactions in a block are numbered in this many bits; `BLOCK_TRANSACTIONS_MAX` fits.
const INDEX_BITS: u32 = 14;

pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
pub(crate) const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");
pub(crate) const HASHES: TableDefinition<'_, (u64, u64), ()> = TableDefinition::new("hashes");
pub(crate) const POSITIONS: TableDefinition<'_, (u64, u64), ()> = TableDefinition::new("positions");
pub(crate) const SENT: TableDefinition<'_, (u64, u64), u64> = TableDefinition::new("sent");
pub(crate) const TOUCHED: TableDefinition<'_, (u64, u64), ()> = TableDefinition::new("touched");
pub(crate) const LOGS: TableDefinition<'_, (u64, u64), ()> = TableDefinition::new("logs");
pub(crate) const WITNESSES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("witnesses");

/// Where a transaction stands in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The block.
    pub number: u64,
    /// The transaction in the block.
    pub index: usize,
}

impl Position {
    pub(crate) fn pack(self) -> u64 {
        (self.number << INDEX_BITS) | (self.index as u64 & ((1 << INDEX_BITS) - 1))
    }
    pub(crate) fn unpack(packed: u64) -> Self {
        let index = usize::try_from(packed & ((1 << INDEX_BITS) - 1)).unwrap_or(0);
        Self {
            number: packed >> INDEX_BITS,
            index,
        }
    }
    /// The first position of a block.
    pub(crate) const fn first_of(number: u64) -> u64 {
        number << INDEX_BITS
    }
}

fn first_eight(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |eight| u64::from_be_bytes(*eight))
}

pub(crate) fn short_hash(hash: &B256) -> u64 {
    first_eight(hash.as_slice())
}

pub(crate) fn short_address(address: &Address) -> u64 {
    first_eight(address.as_slice())
}

/// Entry for "this block has logs at all".
pub(crate) const ANY_LOG: u64 = 0;

pub(crate) fn log_address(address: &Address) -> u64 {
    let mut input = [1u8; 21];
    if let Some(tail) = input.get_mut(1..) {
        tail.copy_from_slice(address.as_slice());
    }
    first_eight(keccak256(input).as_slice())
}

pub(crate) fn log_topic(topic: &B256) -> u64 {
    let mut input = [2u8; 33];
    if let Some(tail) = input.get_mut(1..) {
        tail.copy_from_slice(topic.as_slice());
    }
    first_eight(keccak256(input).as_slice())
}
