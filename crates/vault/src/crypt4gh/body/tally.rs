//! Hash and length so far, on one thread.

use super::BodyId;
use crate::{error::VaultError, limits::BLOB_BYTES_MAX};

/// Hash and length so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    hasher: blake3::Hasher,
    pub(crate) len: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.len = self.len.saturating_add(bytes.len() as u64);
        check_size(self.len)?;
        self.hasher.update(bytes);
        Ok(())
    }
    pub(crate) fn id(&self) -> BodyId {
        BodyId {
            hash: self.hasher.finalize().into(),
            len: self.len,
        }
    }
}

/// Whether a body may have so many bytes.
pub(super) const fn check_size(len: u64) -> Result<(), VaultError> {
    if len > BLOB_BYTES_MAX {
        return Err(VaultError::TooLarge {
            len,
            limit: "BLOB_BYTES_MAX",
            max: BLOB_BYTES_MAX,
        });
    }
    Ok(())
}
