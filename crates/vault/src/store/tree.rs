//! Giving a body to another member, as a verified stream.

use std::{
    fs::File,
    io::{BufWriter, Seek as _, SeekFrom, Write},
    path::PathBuf,
};

use bao_tree::{
    BaoTree, BlockSize, ChunkNum, ChunkRanges,
    io::{
        EncodeError,
        outboard::PostOrderOutboard,
        sync::{encode_ranges_validated, outboard_post_order},
    },
};

use super::{Store, files, sharded};
use crate::{crypt4gh::BodyId, error::VaultError, limits::PART_BYTES_MAX, name::BlobHash};

/// Groups of 2^4 chunks of 1024 bytes.
const GROUP: BlockSize = BlockSize::from_chunk_log(4);
/// Bytes of a group.
pub(super) const GROUP_BYTES: u64 = 16 * 1024;
/// Bytes of a chunk of BLAKE3.
const CHUNK_BYTES: u64 = 1024;

/// Where the part of a body of `len` bytes that begins at byte `from` ends.
pub const fn part_end(len: u64, from: u64) -> u64 {
    let end = from.saturating_add(PART_BYTES_MAX);
    if end < len { end } else { len }
}

/// The tree of a body.
pub(super) const fn tree_of(len: u64) -> Geometry {
    Geometry { len }
}

/// What sender and receiver must see alike.
#[derive(Clone, Copy)]
pub(super) struct Geometry {
    len: u64,
}

impl Geometry {
    pub(super) fn tree(self) -> BaoTree {
        BaoTree::new(self.len, GROUP)
    }
    /// The chunks of the part that begins at byte `from`.
    ///
    /// # Errors
    /// [`VaultError::Part`] where none begins there.
    pub(super) fn part(self, from: u64) -> Result<ChunkRanges, VaultError> {
        if from >= self.len || !from.is_multiple_of(GROUP_BYTES) {
            return Err(VaultError::Part(from));
        }
        let end = part_end(self.len, from).div_ceil(CHUNK_BYTES);
        Ok(ChunkRanges::from(
            ChunkNum(from / CHUNK_BYTES)..ChunkNum(end),
        ))
    }
}

impl Store {
    /// Writes the part of a body that begins at byte `from` as a verified stream, and gives where it
    /// ends. What the disk has damaged is not sent.
    ///
    /// # Errors
    /// [`VaultError::NotFound`]; [`VaultError::Length`] where the body has another length than the asker
    /// thinks; [`VaultError::Part`]; [`VaultError::Hash`] where the disk has damaged it.
    pub fn send(&self, id: &BodyId, from: u64, to: &mut impl Write) -> Result<u64, VaultError> {
        let (body, ranges) = self.sendable(id, from)?;
        let geometry = tree_of(id.len);
        let outboard = PostOrderOutboard {
            root: id.hash.0.into(),
            tree: geometry.tree(),
            data: self.tree(id, &body)?,
        };
        match encode_ranges_validated(&body, &outboard, &ranges, to) {
            Ok(()) => Ok(part_end(id.len, from)),
            Err(EncodeError::ParentHashMismatch(_)) => {
                // The tree is made anew for who asks next.
                files::remove(&self.tree_path(&id.hash))?;
                Err(VaultError::CutOff("the hash tree is damaged".to_owned()))
            }
            Err(EncodeError::LeafHashMismatch(chunk)) => Err(VaultError::Lie(chunk.to_bytes())),
            Err(e) => Err(VaultError::CutOff(e.to_string())),
        }
    }

    /// Whether a part of a body can be sent: what [`send`](Self::send) would say before its first byte.
    ///
    /// # Errors
    /// As there.
    pub fn may_send(&self, id: &BodyId, from: u64) -> Result<(), VaultError> {
        self.sendable(id, from).map(|_| ())
    }

    fn sendable(&self, id: &BodyId, from: u64) -> Result<(File, ChunkRanges), VaultError> {
        let (body, len) = self.get(&id.hash)?;
        if len != id.len {
            return Err(VaultError::Length {
                want: id.len,
                got: len,
            });
        }
        Ok((body, tree_of(len).part(from)?))
    }

    /// The file of a body's tree, which is made where it is missing.
    fn tree(&self, id: &BodyId, mut body: &File) -> Result<File, VaultError> {
        let path = self.tree_path(&id.hash);
        let tree = tree_of(id.len).tree();
        match files::open(&path) {
            Ok((file, len)) if len == tree.outboard_size() => return Ok(file),
            Ok(_) | Err(VaultError::NotFound) => {}
            Err(e) => return Err(e),
        }
        self.room(tree.outboard_size())?;
        let mut file = tempfile::NamedTempFile::new_in(self.tmp())?;
        body.seek(SeekFrom::Start(0))?;
        let mut output = BufWriter::new(file.as_file_mut());
        let root = outboard_post_order(body, tree, &mut output)?;
        output.flush()?;
        drop(output);
        if *root.as_bytes() != id.hash.0 {
            return Err(VaultError::Hash {
                want: id.hash,
                got: root.into(),
            });
        }
        let _moving = self.0.moving.lock();
        // An erasure may have been faster.
        files::open(&self.blob_path(&id.hash))?;
        files::settle(file, &path)?;
        Ok(files::open(&path)?.0)
    }

    pub(super) fn tree_path(&self, hash: &BlobHash) -> PathBuf {
        sharded(&self.0.root.join("trees"), hash)
    }
}
