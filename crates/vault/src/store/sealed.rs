//! The sealed keys beside a body: its data key as it is sealed to the network, one for each record of
//! that body. A sealed key is named by its keccak-256, which is what the ledger has of it, so that it
//! never changes. What is in it this crate cannot see.

use std::{fs, io::Read as _, io::Write as _, path::PathBuf};

use alloy_primitives::{B256, keccak256};

use super::{Store, files, sharded};
use crate::{error::VaultError, limits::SEALED_KEYS_PER_BLOB_MAX, name::BlobHash};

/// Bytes of a sealed key.
pub const SEALED_KEY_BYTES: usize = 160;

impl Store {
    /// Keeps a sealed key of a stored body, and gives its name.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where the body is not stored, [`VaultError::TooManySealedKeys`].
    pub fn put_sealed(
        &self,
        hash: &BlobHash,
        sealed: &[u8; SEALED_KEY_BYTES],
    ) -> Result<B256, VaultError> {
        let _moving = self.0.moving.lock();
        files::open(&self.blob_path(hash))?;
        let digest = keccak256(sealed);
        let path = self.sealed_path(hash, &digest);
        if path.exists() {
            return Ok(digest);
        }
        let there = self.sealed_keys(hash)?.len();
        if there >= SEALED_KEYS_PER_BLOB_MAX {
            return Err(VaultError::TooManySealedKeys(there));
        }
        let mut file = tempfile::NamedTempFile::new_in(self.tmp())?;
        file.write_all(sealed)?;
        files::settle(file, &path)?;
        Ok(digest)
    }

    /// The sealed key of this name.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where there is none, or where it is damaged: its reader could do
    /// nothing with it, and another node may have it whole.
    pub fn get_sealed(
        &self,
        hash: &BlobHash,
        digest: &B256,
    ) -> Result<[u8; SEALED_KEY_BYTES], VaultError> {
        let (file, _) = files::open(&self.sealed_path(hash, digest))?;
        let mut bytes = Vec::with_capacity(SEALED_KEY_BYTES);
        file.take(SEALED_KEY_BYTES as u64 + 1)
            .read_to_end(&mut bytes)?;
        let sealed = bytes.try_into().map_err(|_| VaultError::NotFound)?;
        if keccak256(sealed) == *digest {
            Ok(sealed)
        } else {
            Err(VaultError::NotFound)
        }
    }

    /// Names of a body's sealed keys, in order.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn sealed_keys(&self, hash: &BlobHash) -> Result<Vec<B256>, VaultError> {
        let mut names = Vec::new();
        match fs::read_dir(self.sealed_dir(hash)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
            Ok(entries) => {
                for entry in entries {
                    let name = entry?.file_name().into_string().ok();
                    names.extend(name.and_then(|name| name.parse::<B256>().ok()));
                }
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    pub(super) fn sealed_dir(&self, hash: &BlobHash) -> PathBuf {
        sharded(&self.0.root.join("sealed"), hash)
    }

    pub(super) fn sealed_path(&self, hash: &BlobHash, digest: &B256) -> PathBuf {
        self.sealed_dir(hash)
            .join(alloy_primitives::hex::encode(digest))
    }
}
