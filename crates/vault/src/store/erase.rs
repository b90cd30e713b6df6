//! Taking content away for good.

use std::io::{Read as _, Write as _};

use alloy_primitives::B256;

use super::{Store, files};
use crate::{error::VaultError, name::BlobHash};

/// How far the ledger's erasures were carried out here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// How many of them, from the first on.
    pub count: u64,
    /// Up to which block.
    pub block: u64,
}

impl Store {
    /// Erases a body with every packet, every sealed key and all else that belongs to it, whatever of it
    /// is here; tells whether anything was. What somebody is reading goes when they have read it.
    ///
    /// # Errors
    /// Where the disk refuses; some of it may be left then.
    pub fn erase(&self, hash: &BlobHash) -> Result<bool, VaultError> {
        let _moving = self.0.moving.lock();
        let path = self.blob_path(hash);
        let len = match files::open(&path) {
            Ok((_, len)) => len,
            Err(VaultError::NotFound) => 0,
            Err(e) => return Err(e),
        };
        // The body goes last: as long as it is there, so is what tells of the rest.
        let mut found = files::remove_all(&self.packets_path(hash))?;
        found |= files::remove_all(&self.sealed_dir(hash))?;
        found |= files::remove(&self.partial_path(hash))?;
        found |= files::remove(&self.tree_path(hash))?;
        found |= self.disown(hash, len)?;
        if files::remove(&path)? {
            self.release(len);
            found = true;
        }
        Ok(found)
    }

    /// Erases one sealed key; tells whether it was here.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn erase_sealed(&self, hash: &BlobHash, digest: &B256) -> Result<bool, VaultError> {
        let _moving = self.0.moving.lock();
        files::remove(&self.sealed_path(hash, digest))
    }

    /// How far the ledger's erasures were carried out; nowhere where that is not known.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn carried(&self) -> Result<Carried, VaultError> {
        let file = match files::open(&self.carried_path()) {
            Ok((file, _)) => file,
            Err(VaultError::NotFound) => return Ok(Carried::default()),
            Err(e) => return Err(e),
        };
        let mut bytes = Vec::new();
        file.take(17).read_to_end(&mut bytes)?;
        let Ok::<[u8; 16], _>(bytes) = bytes.try_into() else {
            return Ok(Carried::default());
        };
        // Both halves are there: sixteen bytes are two times eight.
        let both = u128::from_be_bytes(bytes);
        let low = u128::from(u64::MAX);
        Ok(Carried {
            count: u64::try_from(both >> 64).unwrap_or(0),
            block: u64::try_from(both & low).unwrap_or(0),
        })
    }

    /// Notes how far the ledger's erasures were carried out.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn set_carried(&self, carried: Carried) -> Result<(), VaultError> {
        let _moving = self.0.moving.lock();
        let mut file = tempfile::NamedTempFile::new_in(self.tmp())?;
        file.write_all(&carried.count.to_be_bytes())?;
        file.write_all(&carried.block.to_be_bytes())?;
        files::settle(file, &self.carried_path())
    }

    fn carried_path(&self) -> std::path::PathBuf {
        self.0.root.join("erased")
    }
}
