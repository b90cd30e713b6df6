//! Blocks of segments: what is worked on at once.

use std::io::Read;

use zeroize::Zeroizing;

use super::{
    BODY_OVERHEAD, SEGMENT, fill,
    mark::{self, Mark},
    segment::{Cipher, NONCE, WIRE},
    tally::check_size,
    tree::Leaves,
};
use crate::{error::VaultError, limits::BODY_BLOCK_SEGMENTS};

/// Room for bytes, and those that are in it. Wiped when dropped.
#[derive(Default)]
struct Bytes {
    room: Zeroizing<Vec<u8>>,
    len: usize,
}

impl Bytes {
    fn filled(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }

    fn filled_mut(&mut self) -> &mut [u8] {
        self.room.get_mut(..self.len).unwrap_or_default()
    }

    /// Room for `len` bytes, which may hold anything. What is too short is wiped and made anew: were
    /// it stretched, contents would stay behind.
    fn room(&mut self, len: usize) -> &mut [u8] {
        if self.room.len() < len {
            self.room = Zeroizing::new(vec![0u8; len]);
        }
        self.room.get_mut(..len).unwrap_or_default()
    }
}

/// Segments that follow one another.
#[derive(Default)]
pub(super) struct Block {
    /// Encrypted, or, before they are sealed, their contents with room for nonces and tags.
    wire: Bytes,
    /// Their contents, once opened.
    plain: Bytes,
    /// Number of the first segment.
    first: u64,
    /// Where the block begins in the body.
    at: u64,
    leaves: Leaves,
    mark: Mark,
    refused: Option<VaultError>,
}

impl Block {
    pub(super) fn wire(&self) -> &[u8] {
        self.wire.filled()
    }

    /// What precedes the first segment that did not open.
    pub(super) fn plain(&self) -> &[u8] {
        self.plain.filled()
    }

    pub(super) const fn leaves(&self) -> &Leaves {
        &self.leaves
    }

    pub(super) const fn mark(&self) -> &Mark {
        &self.mark
    }

    /// What went wrong in the work on it.
    pub(super) fn outcome(&mut self) -> Result<(), VaultError> {
        self.refused.take().map_or(Ok(()), Err)
    }

    pub(super) fn seal(&mut self, cipher: &Cipher) {
        let segments = self.wire.filled_mut().chunks_mut(WIRE);
        self.refused = segments
            .zip(self.first..)
            .find_map(|(segment, number)| cipher.seal(number, segment).err());
    }

    /// Opens each segment with whichever of the keys it takes.
    pub(super) fn open(&mut self, ciphers: &[Cipher]) {
        let wire = self.wire.filled();
        let count = wire.len().div_ceil(WIRE);
        let room = self.plain.room(count.saturating_mul(SEGMENT));
        let refused = room
            .chunks_mut(SEGMENT)
            .zip(wire.chunks(WIRE))
            .position(|(plain, segment)| !ciphers.iter().any(|cipher| cipher.open(segment, plain)));
        self.plain.len = match refused {
            Some(at) => at.saturating_mul(SEGMENT),
            None => wire
                .len()
                .saturating_sub(count.saturating_mul(BODY_OVERHEAD)),
        };
        self.refused = refused.map(|at| VaultError::Segment(self.first.saturating_add(at as u64)));
    }

    /// Hashes what can be hashed without the blocks beside it.
    pub(super) fn hash(&mut self) {
        self.leaves.hash(self.at, self.wire.filled());
    }

    /// Marks the block, to know it again.
    pub(super) fn make_mark(&mut self) {
        self.mark = mark::of(self.wire.filled());
    }
}

/// The blocks of an input, one after the other.
pub(super) struct Blocks<'a, R> {
    input: &'a mut R,
    segments: usize,
    len: u64,
    ended: bool,
}

impl<'a, R: Read> Blocks<'a, R> {
    pub(super) const fn new(input: &'a mut R) -> Self {
        Self {
            input,
            segments: 0,
            len: 0,
            ended: false,
        }
    }

    /// The next block of content to seal. False where there is none.
    pub(super) fn plain(&mut self, block: &mut Block) -> Result<bool, VaultError> {
        self.next(block, |input, room| {
            let mut len = 0usize;
            for segment in room.chunks_exact_mut(WIRE) {
                let content = segment.get_mut(NONCE..NONCE + SEGMENT).unwrap_or_default();
                let got = fill(input, content)?;
                if got > 0 {
                    len += got + BODY_OVERHEAD;
                }
                if got < SEGMENT {
                    break;
                }
            }
            Ok(len)
        })
    }

    /// The next block of encrypted segments. False where there is none.
    pub(super) fn wire(&mut self, block: &mut Block) -> Result<bool, VaultError> {
        self.next(block, |input, room| fill(input, room))
    }

    fn next(
        &mut self,
        block: &mut Block,
        read: impl FnOnce(&mut R, &mut [u8]) -> std::io::Result<usize>,
    ) -> Result<bool, VaultError> {
        if self.ended {
            return Ok(false);
        }
        // As many as have come already: little content takes little room.
        let segments = self.segments.clamp(1, BODY_BLOCK_SEGMENTS);
        let room = block.wire.room(segments.saturating_mul(WIRE));
        let full = room.len();
        block.wire.len = read(self.input, room)?;
        block.first = self.segments as u64;
        block.at = self.len;
        self.ended = block.wire.len < full;
        self.segments = self.segments.saturating_add(segments);
        self.len = self.len.saturating_add(block.wire.len as u64);
        check_size(self.len)?;
        Ok(block.wire.len > 0)
    }
}
