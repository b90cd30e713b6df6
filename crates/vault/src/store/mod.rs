//! Bodies on disk.
//!
//! ```text
//! blobs/ab/cdef…                  a body, named by its BLAKE3
//! packets/ab/cdef…/<reader key>   a header packet of that body for one reader, 108 bytes
//! sealed/ab/cdef…/<keccak-256>    that body's data key as it is sealed to the network, 160 bytes
//! owners/ab/cdef…                 who brought that body: an address, 20 bytes
//! trees/ab/cdef…                  that body's hash tree, made when another member first asks for it
//! partial/abcdef…                 a body on its way from another member, as far as it came
//! erased                          how many of the ledger's erasures were carried out, and up to which
//!                                 block: two u64
//! tmp/                            what is being written; emptied when the store opens
//! ```
//!
//! Directories have mode 0700, files 0600. A file is written in `tmp`, checked, flushed, renamed to its
//! place, and the place's directory is flushed: after a crash a body is there whole or not at all.
//! Everything blocks; async callers run it on a thread that may.

mod arrival;
mod erase;
mod files;
mod keys;
mod owners;
mod packets;
mod sealed;
mod tree;
mod upload;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy_primitives::Address;
use parking_lot::Mutex;

pub use arrival::Arrival;
pub use erase::Carried;
pub use keys::Keys;
pub use sealed::SEALED_KEY_BYTES;
pub use tree::part_end;
pub use upload::Upload;

use crate::{
    crypt4gh::{BodyId, identify},
    error::VaultError,
    limits::{BLOB_BYTES_MAX, LIST_PAGE_MAX},
    name::BlobHash,
};

/// A directory of bodies. Cheap to clone. One process at a time.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    bounds: Bounds,
    room: Mutex<Room>,
    /// Held while files change places, so that a body and its packets stay together.
    moving: Mutex<()>,
}

/// How much a store takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of all bodies.
    pub bytes_max: u64,
    /// Bytes of the disk that bodies leave free, for what has to go on when there is no room for more
    /// content.
    pub disk_reserve: u64,
    /// Bytes of the bodies that one account brings.
    pub account_bytes_max: u64,
}

/// What is taken up.
#[derive(Debug, Default)]
struct Room {
    /// Bytes of the bodies in place and of those under way.
    used: u64,
    /// Bytes of the bodies that each account brought first, and brings.
    brought: BTreeMap<Address, u64>,
}

impl Store {
    /// Opens the store in `root`, which is created where it does not exist, for at most `bytes_max`
    /// bytes of bodies, whoever brings them. Takes away what an earlier process left unfinished.
    ///
    /// # Errors
    /// Refuses a directory that is open to others.
    pub fn open(root: &Path, bytes_max: u64) -> Result<Self, VaultError> {
        let bounds = Bounds {
            bytes_max,
            disk_reserve: 0,
            account_bytes_max: u64::MAX,
        };
        Self::open_with(root, bounds)
    }

    /// As [`open`](Self::open), with bounds of all kinds.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(root: &Path, bounds: Bounds) -> Result<Self, VaultError> {
        files::private_dir(root)?;
        for part in [
            "blobs", "packets", "sealed", "owners", "trees", "partial", "tmp",
        ] {
            files::private_dir(&root.join(part))?;
        }
        for entry in fs::read_dir(root.join("tmp"))? {
            fs::remove_file(entry?.path())?;
        }
        let inner = Inner {
            root: root.to_path_buf(),
            bounds,
            room: Mutex::default(),
            moving: Mutex::new(()),
        };
        let store = Self(Arc::new(inner));
        *store.0.room.lock() = store.measure()?;
        Ok(store)
    }

    /// Begins to take a body of which name and length are announced. Nothing is allocated for it.
    ///
    /// # Errors
    /// Refuses an empty body, one above `BLOB_BYTES_MAX`, and one for which there is no room.
    pub fn begin(&self, id: BodyId) -> Result<Upload, VaultError> {
        fit(&id)?;
        Upload::begin(self.clone(), id, None)
    }

    /// As [`begin`](Self::begin), for an account, which is noted as who brought the body where nobody
    /// is, and whose bodies have a bound of their own.
    ///
    /// # Errors
    /// As [`begin`](Self::begin), and [`VaultError::Quota`].
    pub fn begin_for(&self, id: BodyId, who: Address) -> Result<Upload, VaultError> {
        fit(&id)?;
        Upload::begin(self.clone(), id, Some(who))
    }

    /// Takes a body from a stream: [`begin`](Self::begin), write, [`Upload::finish`].
    ///
    /// # Errors
    /// As these; the store is as it was.
    pub fn put(&self, id: BodyId, input: &mut impl Read) -> Result<(), VaultError> {
        let mut upload = self.begin(id)?;
        // One byte more than announced is enough to see that there is more.
        std::io::copy(
            &mut input.take(id.len.saturating_add(1)),
            &mut upload.as_write(),
        )
        .map_err(|e| upload.failure(e))?;
        upload.finish()
    }

    /// Opens a body to read it. It is not verified here: its reader does that.
    ///
    /// # Errors
    /// [`VaultError::NotFound`].
    pub fn get(&self, hash: &BlobHash) -> Result<(File, u64), VaultError> {
        files::open(&self.blob_path(hash))
    }

    /// Bytes of a body.
    ///
    /// # Errors
    /// [`VaultError::NotFound`].
    pub fn len(&self, hash: &BlobHash) -> Result<u64, VaultError> {
        self.get(hash).map(|(_, len)| len)
    }

    /// Reads a body and compares it with its name.
    ///
    /// # Errors
    /// [`VaultError::Hash`] where it has changed on disk.
    pub fn verify(&self, hash: &BlobHash) -> Result<BodyId, VaultError> {
        let got = identify(&mut self.get(hash)?.0)?;
        if got.hash == *hash {
            Ok(got)
        } else {
            Err(VaultError::Hash {
                want: *hash,
                got: got.hash,
            })
        }
    }

    /// Bytes of all bodies, uploads under way included.
    pub fn used(&self) -> u64 {
        self.0.room.lock().used
    }

    /// Bytes of the bodies that an account brought first, uploads under way included.
    pub fn brought(&self, who: Address) -> u64 {
        self.0.room.lock().brought.get(&who).copied().unwrap_or(0)
    }

    /// Up to [`LIST_PAGE_MAX`] bodies in the order of their names, from the one after `after`.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn list(&self, after: Option<&BlobHash>) -> Result<Vec<BodyId>, VaultError> {
        let mut page = Vec::new();
        for shard in self.shards()? {
            let mut bodies = self.shard(&shard)?;
            bodies.retain(|body| after.is_none_or(|after| body.hash > *after));
            page.extend(bodies);
            if page.len() >= LIST_PAGE_MAX {
                page.truncate(LIST_PAGE_MAX);
                break;
            }
        }
        Ok(page)
    }

    fn measure(&self) -> Result<Room, VaultError> {
        let mut room = Room::default();
        for shard in self.shards()? {
            for body in self.shard(&shard)? {
                room.used = room.used.saturating_add(body.len);
                match self.owner(&body.hash) {
                    Ok(who) => {
                        let brought = room.brought.entry(who).or_default();
                        *brought = brought.saturating_add(body.len);
                    }
                    Err(VaultError::NotFound) => {}
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(room)
    }

    /// The two-digit directories, sorted. Names that are not ours are passed over.
    fn shards(&self) -> Result<Vec<String>, VaultError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.0.root.join("blobs"))? {
            names.extend(
                entry?
                    .file_name()
                    .into_string()
                    .ok()
                    .filter(|name| name.len() == 2),
            );
        }
        names.sort_unstable();
        Ok(names)
    }

    fn shard(&self, shard: &str) -> Result<Vec<BodyId>, VaultError> {
        let mut bodies = Vec::new();
        for entry in fs::read_dir(self.0.root.join("blobs").join(shard))? {
            let entry = entry?;
            let Ok(rest) = entry.file_name().into_string() else {
                continue;
            };
            let Ok(hash) = format!("{shard}{rest}").parse() else {
                continue;
            };
            let meta = entry.metadata()?;
            if meta.is_file() {
                bodies.push(BodyId {
                    hash,
                    len: meta.len(),
                });
            }
        }
        bodies.sort_unstable_by_key(|body| body.hash);
        Ok(bodies)
    }

    fn blob_path(&self, hash: &BlobHash) -> PathBuf {
        sharded(&self.0.root.join("blobs"), hash)
    }

    fn packets_path(&self, hash: &BlobHash) -> PathBuf {
        sharded(&self.0.root.join("packets"), hash)
    }

    fn tmp(&self) -> PathBuf {
        self.0.root.join("tmp")
    }

    /// Whether the disk has room for `len` bytes and the reserve.
    fn room(&self, len: u64) -> Result<(), VaultError> {
        let reserve = self.0.bounds.disk_reserve;
        if reserve == 0 {
            return Ok(());
        }
        let disk = rustix::fs::statvfs(self.tmp()).map_err(std::io::Error::from)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < reserve.saturating_add(len) {
            return Err(VaultError::DiskReserve { free, reserve });
        }
        Ok(())
    }

    fn reserve(&self, len: u64) -> Result<(), VaultError> {
        let mut room = self.0.room.lock();
        let sum = room.used.saturating_add(len);
        let max = self.0.bounds.bytes_max;
        if sum > max {
            return Err(VaultError::StoreFull { needed: len, max });
        }
        room.used = sum;
        Ok(())
    }

    fn release(&self, len: u64) {
        let mut room = self.0.room.lock();
        room.used = room.used.saturating_sub(len);
    }
}

/// Whether a body of this length can be taken at all.
fn fit(id: &BodyId) -> Result<(), VaultError> {
    if id.len == 0 {
        return Err(VaultError::Empty);
    }
    if id.len > BLOB_BYTES_MAX {
        return Err(VaultError::TooLarge {
            len: id.len,
            limit: "BLOB_BYTES_MAX",
            max: BLOB_BYTES_MAX,
        });
    }
    Ok(())
}

fn sharded(base: &Path, hash: &BlobHash) -> PathBuf {
    let name = hash.to_string();
    let (shard, rest) = name.split_at(2);
    base.join(shard).join(rest)
}
