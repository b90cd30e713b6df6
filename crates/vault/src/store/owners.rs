//! Who brought a body, and how much an account may bring.

use std::io::{Read as _, Write as _};

use alloy_primitives::Address;

use super::{Store, files, sharded};
use crate::{crypt4gh::BodyId, error::VaultError, name::BlobHash};

impl Store {
    /// Notes that `who` brought a stored body, where nobody is noted, and returns who is. That one alone
    /// may change its packets: a hash on the ledger proves nothing, anybody can register it a second
    /// time, but whoever brought the body had it before it was known. Its length counts as brought by
    /// them, whatever they may bring.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where the body is not stored.
    pub fn claim(&self, hash: &BlobHash, who: Address) -> Result<Address, VaultError> {
        let _moving = self.0.moving.lock();
        let (_, len) = files::open(&self.blob_path(hash))?;
        if self.note_owner(hash, who)? {
            let mut room = self.0.room.lock();
            let brought = room.brought.entry(who).or_default();
            *brought = brought.saturating_add(len);
        }
        self.owner(hash)
    }

    /// Who brought a body first.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where nobody is noted.
    pub fn owner(&self, hash: &BlobHash) -> Result<Address, VaultError> {
        let (file, _) = files::open(&self.owner_path(hash))?;
        let mut bytes = Vec::new();
        file.take(21).read_to_end(&mut bytes)?;
        Address::try_from(bytes.as_slice()).map_err(|_| VaultError::NotFound)
    }

    /// Notes who brought a body; tells whether nobody was noted before. Nothing else may move meanwhile.
    pub(super) fn note_owner(&self, hash: &BlobHash, who: Address) -> Result<bool, VaultError> {
        match self.owner(hash) {
            Err(VaultError::NotFound) => {}
            found => return found.map(|_| false),
        }
        let mut file = tempfile::NamedTempFile::new_in(self.tmp())?;
        file.write_all(who.as_slice())?;
        files::settle(file, &self.owner_path(hash))?;
        Ok(true)
    }

    /// Forgets who brought a body of `len` bytes.
    pub(super) fn disown(&self, hash: &BlobHash, len: u64) -> Result<bool, VaultError> {
        match self.owner(hash) {
            Ok(who) => self.uncharge(who, len),
            Err(VaultError::NotFound) => {}
            Err(e) => return Err(e),
        }
        files::remove(&self.owner_path(hash))
    }

    /// Counts a body as brought by an account, and gives what was counted: nothing where somebody has
    /// brought it before.
    pub(super) fn charge(&self, who: Address, id: &BodyId) -> Result<u64, VaultError> {
        if self.get(&id.hash).is_ok() && self.owner(&id.hash).is_ok() {
            return Ok(0);
        }
        let max = self.0.bounds.account_bytes_max;
        let mut room = self.0.room.lock();
        let brought = room.brought.entry(who).or_default();
        let sum = brought.saturating_add(id.len);
        if sum > max {
            return Err(VaultError::Quota {
                brought: *brought,
                needed: id.len,
                max,
            });
        }
        *brought = sum;
        Ok(id.len)
    }

    /// Takes back what [`charge`](Self::charge) counted.
    pub(super) fn uncharge(&self, who: Address, len: u64) {
        let mut room = self.0.room.lock();
        let left = room.brought.get(&who).map(|had| had.saturating_sub(len));
        match left {
            Some(0) => drop(room.brought.remove(&who)),
            Some(left) => drop(room.brought.insert(who, left)),
            None => {}
        }
    }

    fn owner_path(&self, hash: &BlobHash) -> std::path::PathBuf {
        sharded(&self.0.root.join("owners"), hash)
    }
}
