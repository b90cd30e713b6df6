//! Reading blocks, transactions and witnesses.

use std::sync::Arc;

use alloy_primitives::{Address, B256};
use commonhold_primitives::finalised::Witness;
use redb::{ReadTransaction, ReadableDatabase as _, TableDefinition};

use crate::{
    Index,
    codec::decode_witness,
    entry::Entry,
    error::{IndexError, guarded},
    limits::UNPACKED_BLOCKS_MAX,
    tables::{BLOCKS, HASHES, POSITIONS, Position, TOUCHED, WITNESSES, short_address, short_hash},
    write::{Inner, parties},
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
        let found = inner.read(|file| {
            let table = file.open_table(BLOCKS)?;
            let Some(packed) = table.get(number)? else {
                return Ok(None);
            };
            let record = inner.codec.unpack(packed.value())?;
            let entry = Entry::decode(&record).map_err(|e| IndexError::Storage(e.to_string()))?;
            Ok(Some(Arc::new(entry)))
        })?;
        let Some(entry) = found.filter(|entry| entry.number() == number) else {
            return Ok(None);
        };
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
        for number in inner.seconds(HASHES, short_hash(hash))? {
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
        for at in inner.seconds(POSITIONS, short_hash(transaction))? {
            let Position { number, index } = Position::unpack(at);
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
        inner.read(|file| {
            let table = file.open_table(WITNESSES)?;
            let Some(packed) = table.get(number)? else {
                return Ok(None);
            };
            let bytes = inner.codec.unpack(packed.value())?;
            let witness = decode_witness(&bytes).map_err(|e| IndexError::Storage(e.to_string()))?;
            Ok(Some(Arc::new(witness)))
        })
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
        // Taken first: a block that is written meanwhile is then seen twice, never missed.
        let unwritten = self.unwritten();
        // The first entry is the creation, unless the address was paid before it existed.
        for at in self.inner().seconds(TOUCHED, short_address(address))? {
            let Position { number, index } = Position::unpack(at);
            if let Some(entry) = self.block(number)?
                && creates(&entry, index)
            {
                return Ok(Some((entry, index)));
            }
        }
        for entry in unwritten {
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

/// Entries looked at under one short key. Keys are eight bytes of a hash, so that more than one is a
/// collision that somebody made; for the creator of an address, what it received before it existed.
const TRIES: usize = 64;

impl Inner {
    /// Reads the file.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        guarded(|| work(&self.db.begin_read()?))
    }

    /// What stands beside a short key, in order.
    pub(crate) fn seconds(
        &self,
        table: TableDefinition<'static, (u64, u64), ()>,
        short: u64,
    ) -> Result<Vec<u64>, IndexError> {
        self.read(|file| {
            let table = file.open_table(table)?;
            let rows = table.range((short, 0)..=(short, u64::MAX))?.take(TRIES);
            rows.map(|row| Ok(row?.0.value().1)).collect()
        })
    }
}
