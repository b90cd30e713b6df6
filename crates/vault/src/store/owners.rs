//! Who brought a body.

use std::{fs, io::Read as _, io::Write as _};

use alloy_primitives::Address;

use super::{Store, files, sharded};
use crate::{error::VaultError, name::BlobHash};

impl Store {
    /// Notes that `who` brought a stored body and returns who brought it first. That one alone may
    /// change its packets: a hash on the ledger proves nothing, anybody can register it a second time,
    /// but whoever brought the body had it before it was known.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where the body is not stored.
    pub fn claim(&self, hash: &BlobHash, who: Address) -> Result<Address, VaultError> {
        let _moving = self.0.moving.lock();
        files::open(&self.blob_path(hash))?;
        match self.owner(hash) {
            Err(VaultError::NotFound) => {}
            found => return found,
        }
        let mut file = tempfile::NamedTempFile::new_in(self.tmp())?;
        file.write_all(who.as_slice())?;
        files::settle(file, &self.owner_path(hash))?;
        Ok(who)
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

    /// Forgets who brought a body.
    pub(super) fn disown(&self, hash: &BlobHash) -> Result<(), VaultError> {
        match fs::remove_file(self.owner_path(hash)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    fn owner_path(&self, hash: &BlobHash) -> std::path::PathBuf {
        sharded(&self.0.root.join("owners"), hash)
    }
}
