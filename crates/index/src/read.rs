//! Reading blocks, transactions and witnesses.

use std::sync::Arc;

use alloy_primitives::{Address, B256};
use commonhold_primitives::finalised::Witness;
use redb::ReadableDatabase as _;

use crate::{
    Index,
    codec::decode_witness,
    entry::Entry,
    error::IndexError,
    limits::UNPACKED_BLOCKS_MAX,
    tables::{BLOCKS, HASHES, POSITIONS, Position, TOUCHED, WITNESSES, short_address, short_hash},
    write::parties,
};

impl Index {
    /// The block of a number.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn block(&self, number: u64) -> Result<Option<Arc<Entry>>, IndexError> {
        let inner = self.inner();
        if number == 0 {
            return Ok(Some(inner.genesis.clone()));
        }
        if let Some(slot) = inner.recent.read().slot(number) {
            return Ok(Some(slot.entry.clone()));
        }
        if let Some(entry) = inner.unpacked.lock().iter().find(|e| e.number() == number) {
            return Ok(Some(entry.clone()));
        }
        let table = inner.db.begin_read()?.open_table(BLOCKS)?;
        let Some(packed) = table.get(number)? else {
            return Ok(None);
        };
        let record = inner.codec.unpack(packed.value())?;
        let entry = Entry::decode(&record).map_err(|e| IndexError::Storage(e.to_string()))?;
        let entry = Arc::new(entry);
        let mut unpacked = inner.unpacked.lock();
        if unpacked.len() >= UNPACKED_BLOCKS_MAX {
            unpacked.pop_front();
        }
        unpacked.push_back(entry.clone());
        Ok(Some(entry))
    }

    /// The block of a hash.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn block_by_hash(&self, hash: &B256) -> Result<Option<Arc<Entry>>, IndexError> {
        let inner = self.inner();
        if inner.genesis.hash == *hash {
            return Ok(Some(inner.genesis.clone()));
        }
        let recent = inner.recent.read().number_of(hash);
        if let Some(number) = recent {
            return self.block(number);
        }
        let table = inner.db.begin_read()?.open_table(HASHES)?;
        let short = short_hash(hash);
        for row in table.range((short, 0)..=(short, u64::MAX))? {
            let number = row?.0.value().1;
            if let Some(entry) = self.block(number)?.filter(|entry| entry.hash == *hash) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// The block that holds a transaction, and its place there.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn find(&self, transaction: &B256) -> Result<Option<(Arc<Entry>, usize)>, IndexError> {
        let inner = self.inner();
        let recent = inner.recent.read().find(transaction);
        if let Some(position) = recent {
            return Ok(self
                .block(position.number)?
                .map(|entry| (entry, position.index)));
        }
        let table = inner.db.begin_read()?.open_table(POSITIONS)?;
        let short = short_hash(transaction);
        for row in table.range((short, 0)..=(short, u64::MAX))? {
            let Position { number, index } = Position::unpack(row?.0.value().1);
            if let Some(entry) = self.block(number)?
                && entry.hashes.get(index) == Some(transaction)
            {
                return Ok(Some((entry, index)));
            }
        }
        Ok(None)
    }

    /// The state that a block read, where it is still kept.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn witness(&self, number: u64) -> Result<Option<Arc<Witness>>, IndexError> {
        let inner = self.inner();
        if let Some(slot) = inner.recent.read().slot(number) {
            return Ok(Some(slot.witness.clone()));
        }
        let table = inner.db.begin_read()?.open_table(WITNESSES)?;
        let Some(packed) = table.get(number)? else {
            return Ok(None);
        };
        let bytes = inner.codec.unpack(packed.value())?;
        let witness = decode_witness(&bytes).map_err(|e| IndexError::Storage(e.to_string()))?;
        Ok(Some(Arc::new(witness)))
    }

    /// The transaction that created the contract at an address. Contracts that a contract created
    /// are not found.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn creator(&self, address: &Address) -> Result<Option<(Arc<Entry>, usize)>, IndexError> {
        let creates = |entry: &Entry, index: usize| {
            parties(entry, index).is_some_and(|(nonce, sender, other)| {
                other == *address && sender.create(nonce) == *address
            }) && entry
                .receipts
                .get(index)
                .is_some_and(|receipt| receipt.success)
        };
        let table = self.inner().db.begin_read()?.open_table(TOUCHED)?;
        let short = short_address(address);
        // The first entry is the creation, unless the address was paid before it existed.
        for row in table
            .range((short, 0)..=(short, u64::MAX))?
            .take(CREATION_TRIES)
        {
            let Position { number, index } = Position::unpack(row?.0.value().1);
            if let Some(entry) = self.block(number)?
                && creates(&entry, index)
            {
                return Ok(Some((entry, index)));
            }
        }
        for entry in self.unwritten() {
            for index in 0..entry.transactions.len() {
                if creates(&entry, index) {
                    return Ok(Some((entry, index)));
                }
            }
        }
        Ok(None)
    }

    /// Blocks that are not in the file yet, oldest first.
    pub(crate) fn unwritten(&self) -> Vec<Arc<Entry>> {
        self.inner()
            .recent
            .read()
            .unwritten()
            .map(|slot| slot.entry.clone())
            .collect()
    }
}

/// Entries looked at to find what created an address.
const CREATION_TRIES: usize = 64;
