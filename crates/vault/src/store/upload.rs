//! A body on its way in.

use std::io::{self, Write};

use alloy_primitives::Address;

use super::{Store, files};
use crate::{
    crypt4gh::{BodyId, Tally},
    error::VaultError,
};

/// A body on its way in. Dropped unfinished, it leaves nothing behind.
#[derive(Debug)]
pub struct Upload {
    store: Store,
    id: BodyId,
    tally: Tally,
    file: Option<tempfile::NamedTempFile>,
    reserved: u64,
    /// Who brings it, and how much of their quota it has.
    by: Option<(Address, u64)>,
}

impl Upload {
    pub(super) fn begin(store: Store, id: BodyId, by: Option<Address>) -> Result<Self, VaultError> {
        store.room(id.len)?;
        store.reserve(id.len)?;
        // From here on the reservation is given back when the upload is dropped.
        let mut upload = Self {
            store,
            id,
            tally: Tally::default(),
            file: None,
            reserved: id.len,
            by: by.map(|who| (who, 0)),
        };
        if let Some((who, charged)) = &mut upload.by {
            *charged = upload.store.charge(*who, &id)?;
        }
        upload.file = Some(tempfile::NamedTempFile::new_in(upload.store.tmp())?);
        Ok(upload)
    }

    /// Adds a piece of the body.
    ///
    /// # Errors
    /// [`VaultError::Length`] as soon as there is more than announced, [`VaultError::DiskFull`],
    /// [`VaultError::DiskReserve`].
    pub fn write(&mut self, piece: &[u8]) -> Result<(), VaultError> {
        self.tally.add(piece)?;
        if self.tally.len > self.id.len {
            return Err(VaultError::Length {
                want: self.id.len,
                got: self.tally.len,
            });
        }
        // Asked again: other uploads and the ledger write too.
        self.store.room(piece.len() as u64)?;
        match &mut self.file {
            Some(file) => Ok(file.write_all(piece)?),
            None => Err(VaultError::NotFound),
        }
    }

    /// Checks hash and length and puts the body in its place, and notes who brought it where nobody is
    /// noted. A body that is there already is replaced by this one: they are the same, unless the disk
    /// has damaged the older.
    ///
    /// # Errors
    /// [`VaultError::Length`] and [`VaultError::Hash`] where the body is not what was announced.
    pub fn finish(mut self) -> Result<(), VaultError> {
        let got = self.tally.id();
        if got.len != self.id.len {
            return Err(VaultError::Length {
                want: self.id.len,
                got: got.len,
            });
        }
        if got.hash != self.id.hash {
            return Err(VaultError::Hash {
                want: self.id.hash,
                got: got.hash,
            });
        }
        let Some(file) = self.file.take() else {
            return Err(VaultError::NotFound);
        };
        let path = self.store.blob_path(&self.id.hash);
        let _moving = self.store.0.moving.lock();
        let before = files::open(&path).map_or(0, |(_, len)| len);
        files::settle(file, &path)?;
        // The body in place has the reservation now; the one it replaced gives up its own.
        self.reserved = before;
        if let Some((who, charged)) = &mut self.by
            && self.store.note_owner(&self.id.hash, *who)?
        {
            *charged = 0;
        }
        Ok(())
    }

    pub(super) fn as_write(&mut self) -> Pipe<'_> {
        Pipe(self)
    }

    /// What a failed copy through [`Pipe`] meant.
    pub(super) fn failure(&self, e: io::Error) -> VaultError {
        if self.tally.len > self.id.len {
            return VaultError::Length {
                want: self.id.len,
                got: self.tally.len,
            };
        }
        e.into()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.store.release(self.reserved);
        if let Some((who, charged)) = self.by {
            self.store.uncharge(who, charged);
        }
    }
}

pub(super) struct Pipe<'a>(&'a mut Upload);

impl Write for Pipe<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0
            .write(piece)
            .map(|()| piece.len())
            .map_err(|e| match e {
                VaultError::DiskFull => io::ErrorKind::StorageFull.into(),
                VaultError::Io(e) => e,
                other => io::Error::other(other.to_string()),
            })
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
