//! A body on its way from other members, checked as it comes.

use std::{
    cmp::Ordering,
    fs::{self, File, OpenOptions},
    io::{Read, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

use bao_tree::io::{BaoContentItem, DecodeError, sync::DecodeResponseIter};

use super::{
    Store, files, fit,
    tree::{GROUP_BYTES, part_end, tree_of},
};
use crate::{
    crypt4gh::{BodyId, Tally},
    error::VaultError,
    limits::PARTIALS_MAX,
    name::BlobHash,
};

/// A body on its way from other members. Dropped unfinished, what was checked of it stays for the next
/// try. One at a time for each body.
#[derive(Debug)]
pub struct Arrival {
    store: Store,
    id: BodyId,
    file: File,
    tally: Tally,
    reserved: u64,
}

impl Store {
    /// Begins to take a body from other members, or goes on where that was cut off.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn arrive(&self, id: BodyId) -> Result<Arrival, VaultError> {
        fit(&id)?;
        let path = self.partial_path(&id.hash);
        if !path.exists() {
            self.make_room_for_partial()?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&path)?;
        let had = file.metadata()?.len();
        // Only whole groups can be gone on from; what is longer than the body is not of it.
        let had = match had.cmp(&id.len) {
            Ordering::Less => had - had % GROUP_BYTES,
            Ordering::Equal => had,
            Ordering::Greater => 0,
        };
        file.set_len(had)?;
        self.room(id.len.saturating_sub(had))?;
        self.reserve(id.len)?;
        let mut arrival = Arrival {
            store: self.clone(),
            id,
            file: file.try_clone()?,
            tally: Tally::default(),
            reserved: id.len,
        };
        let mut buffer = vec![0; usize::try_from(GROUP_BYTES).unwrap_or(1024)];
        file.seek(SeekFrom::Start(0))?;
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return Ok(arrival);
            }
            arrival.tally.add(buffer.get(..n).unwrap_or_default())?;
        }
    }

    pub(super) fn partial_path(&self, hash: &BlobHash) -> PathBuf {
        self.0.root.join("partial").join(hash.to_string())
    }

    /// Lets the oldest half body go where there are as many as there may be.
    fn make_room_for_partial(&self) -> Result<(), VaultError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.0.root.join("partial"))? {
            let entry = entry?;
            found.push((entry.metadata()?.modified()?, entry.path()));
        }
        found.sort_unstable();
        let surplus = (found.len() + 1).saturating_sub(PARTIALS_MAX);
        for (_, path) in found.into_iter().take(surplus) {
            files::remove(&path)?;
        }
        Ok(())
    }
}

impl Arrival {
    /// How many bytes are there and checked. The next part begins here.
    pub const fn done(&self) -> u64 {
        self.tally.len
    }

    /// Whether all of it is there.
    pub const fn is_whole(&self) -> bool {
        self.tally.len == self.id.len
    }

    /// Takes the next part from what another member sends, as far as it is good.
    ///
    /// # Errors
    /// [`VaultError::Lie`] as soon as something comes that is not the body's; [`VaultError::CutOff`]
    /// where the sender ends too early. What was good until then is kept.
    pub fn take(&mut self, input: impl Read) -> Result<(), VaultError> {
        let geometry = tree_of(self.id.len);
        let from = self.tally.len;
        let ranges = geometry.part(from)?;
        let root = self.id.hash.0.into();
        let mut items = DecodeResponseIter::new(root, geometry.tree(), input, &ranges);
        loop {
            let leaf = match items.next() {
                Some(Ok(BaoContentItem::Leaf(leaf))) => leaf,
                Some(Ok(BaoContentItem::Parent(_))) => continue,
                Some(Err(e)) => return Err(self.refusal(&e)),
                None => break,
            };
            // The order is the body's; a gap would be a fault of ours.
            if leaf.offset != self.tally.len {
                return Err(VaultError::Part(leaf.offset));
            }
            self.store.room(leaf.data.len() as u64)?;
            self.file.write_all(&leaf.data)?;
            self.tally.add(&leaf.data)?;
        }
        if self.tally.len == part_end(self.id.len, from) {
            Ok(())
        } else {
            Err(VaultError::CutOff("the stream is too short".to_owned()))
        }
    }

    fn refusal(&self, error: &DecodeError) -> VaultError {
        match error {
            DecodeError::ParentHashMismatch(_) | DecodeError::LeafHashMismatch(_) => {
                VaultError::Lie(self.tally.len)
            }
            DecodeError::ParentNotFound(_) | DecodeError::LeafNotFound(_) => {
                VaultError::CutOff("it ended too early".to_owned())
            }
            DecodeError::Io(e) => VaultError::CutOff(e.to_string()),
        }
    }

    /// Puts the body in its place, where all of it is there and still what it was when it came.
    ///
    /// # Errors
    /// [`VaultError::Length`] where some is missing; [`VaultError::Hash`] where the disk has damaged what
    /// came before a restart: it is thrown away.
    pub fn finish(mut self) -> Result<(), VaultError> {
        let got = self.tally.id();
        if got.len != self.id.len {
            return Err(VaultError::Length {
                want: self.id.len,
                got: got.len,
            });
        }
        let partial = self.store.partial_path(&self.id.hash);
        if got.hash != self.id.hash {
            files::remove(&partial)?;
            return Err(VaultError::Hash {
                want: self.id.hash,
                got: got.hash,
            });
        }
        self.file.sync_all()?;
        let path = self.store.blob_path(&self.id.hash);
        let _moving = self.store.0.moving.lock();
        let before = files::open(&path).map_or(0, |(_, len)| len);
        files::move_in(&partial, &path)?;
        // The body in place has the reservation now; the one it replaced gives up its own.
        self.reserved = before;
        Ok(())
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.store.release(self.reserved);
    }
}
