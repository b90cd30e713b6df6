//! Bodies: encrypted in a stream, verified as a whole, then decrypted in a stream.
//!
//! The work is done in blocks of [`crate::limits::BODY_BLOCK_SEGMENTS`] segments. The thread that
//! called reads and writes; sealing, opening and hashing is done by as many threads as there are cores,
//! of several blocks at the same time. What is written is what one thread would write, in the order of
//! the segments, and so is the error that is given: the first by the place in the body, not by the
//! clock.

mod block;
mod line;
mod mark;
mod segment;
mod tally;
mod tree;

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

pub(crate) use self::tally::Tally;
use self::{
    block::{Block, Blocks},
    mark::Mark,
    segment::Cipher,
    tally::check_size,
    tree::Tree,
};
use super::keys::DataKey;
use crate::{error::VaultError, name::BlobHash, place::nameless};

/// Plaintext bytes of a segment.
pub const SEGMENT: usize = 65_536;
/// What a segment adds: nonce and tag.
pub const BODY_OVERHEAD: usize = segment::NONCE + segment::TAG;

/// What the ledger holds of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyId {
    /// BLAKE3 of the encrypted body.
    pub hash: BlobHash,
    /// Bytes of the encrypted body.
    pub len: u64,
}

/// Bytes of the body that `plain` bytes become.
pub const fn body_len(plain: u64) -> u64 {
    plain.saturating_add(
        plain
            .div_ceil(SEGMENT as u64)
            .saturating_mul(BODY_OVERHEAD as u64),
    )
}

/// Encrypts `input` under `key` and returns the body's name and length. Nonces are random: a key is good
/// for many bodies, as a stream's key of a day is, but it opens all of them.
///
/// # Errors
/// Refuses empty content and content above [`crate::limits::BLOB_BYTES_MAX`].
pub fn encrypt(
    key: &DataKey,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<BodyId, VaultError> {
    encrypt_by(&Cipher::new(key)?, input, output)
}

/// As [`encrypt`], with nonces made from `seed`: 32 random bytes, which nobody else learns and no other
/// body has.
///
/// # Errors
/// As [`encrypt`].
pub fn encrypt_seeded(
    key: &DataKey,
    seed: [u8; 32],
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<BodyId, VaultError> {
    encrypt_by(&Cipher::new(key)?.seeded(seed), input, output)
}

fn encrypt_by(
    cipher: &Cipher,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<BodyId, VaultError> {
    let mut tree = Tree::default();
    let mut blocks = Blocks::new(input);
    line::run(
        |block| blocks.plain(block),
        |block: &mut Block| {
            block.seal(cipher);
            block.hash();
        },
        |block| {
            block.outcome()?;
            tree.add(block.wire(), block.leaves());
            Ok(output.write_all(block.wire())?)
        },
    )?;
    let id = tree.id();
    if id.len == 0 {
        return Err(VaultError::Empty);
    }
    output.flush()?;
    Ok(id)
}

/// Name and length of an encrypted body. Works on the calling thread alone: a node looks its store
/// through with it, and has other things to do.
///
/// # Errors
/// Refuses one above [`crate::limits::BLOB_BYTES_MAX`].
pub fn identify(input: &mut impl Read) -> Result<BodyId, VaultError> {
    copy(input, &mut std::io::sink())
}

/// Copies an encrypted body, and gives its name and length.
///
/// # Errors
/// Refuses one above [`crate::limits::BLOB_BYTES_MAX`].
pub fn copy(input: &mut impl Read, output: &mut impl Write) -> Result<BodyId, VaultError> {
    let mut tally = Tally::default();
    let mut buffer = vec![0u8; SEGMENT];
    loop {
        let len = fill(input, &mut buffer)?;
        let piece = buffer.get(..len).unwrap_or_default();
        tally.add(piece)?;
        output.write_all(piece)?;
        if len < SEGMENT {
            return Ok(tally.id());
        }
    }
}

/// Decrypts the body that `input` holds from where it stands. Reads it twice: nothing is written to
/// `output` before hash and length are those of `expected`. `keys` are those of a header, mostly one.
///
/// # Errors
/// [`VaultError::Length`] and [`VaultError::Hash`] where it is another body, [`VaultError::Segment`]
/// where the keys are another body's, [`VaultError::Changed`] where the body changed meanwhile.
pub fn decrypt(
    keys: &[DataKey],
    expected: &BodyId,
    input: &mut (impl Read + Seek),
    output: &mut impl Write,
) -> Result<u64, VaultError> {
    let start = input.stream_position()?;
    let len = input.seek(SeekFrom::End(0))?.saturating_sub(start);
    if len != expected.len {
        return Err(VaultError::Length {
            want: expected.len,
            got: len,
        });
    }
    check_size(len)?;
    // Should it grow meanwhile, one byte more is enough to see it.
    let most = len.saturating_add(1);
    input.seek(SeekFrom::Start(start))?;
    let (id, marks) = measure(&mut input.by_ref().take(most))?;
    check(expected, &id)?;
    input.seek(SeekFrom::Start(start))?;
    decrypt_verified(keys, &marks, &mut input.by_ref().take(most), output)
}

/// Takes a body from a stream that cannot be read twice into a nameless file in `directory`, verified
/// and still encrypted. Never reads more than `expected.len` bytes and one.
///
/// # Errors
/// [`VaultError::Length`] and [`VaultError::Hash`] where it is another body.
pub fn fetch(
    expected: &BodyId,
    input: &mut impl Read,
    directory: &Path,
) -> Result<File, VaultError> {
    let mut file = nameless(directory)?;
    let mut input = input.take(expected.len.saturating_add(1));
    check(expected, &copy(&mut input, &mut file)?)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// The first reading: what body it is, and the marks of its blocks.
fn measure(input: &mut impl Read) -> Result<(BodyId, Vec<Mark>), VaultError> {
    let mut tree = Tree::default();
    let mut marks = Vec::new();
    let mut blocks = Blocks::new(input);
    line::run(
        |block| blocks.wire(block),
        |block: &mut Block| {
            block.hash();
            block.make_mark();
        },
        |block| {
            tree.add(block.wire(), block.leaves());
            marks.push(*block.mark());
            Ok(())
        },
    )?;
    Ok((tree.id(), marks))
}

/// The second reading. The file could have changed since the first: no block leaves that does not have
/// the mark that it had then.
fn decrypt_verified(
    keys: &[DataKey],
    marks: &[Mark],
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<u64, VaultError> {
    let ciphers = keys
        .iter()
        .map(Cipher::new)
        .collect::<Result<Vec<_>, _>>()?;
    let mut blocks = Blocks::new(input);
    let mut marks = marks.iter();
    let mut written = 0u64;
    line::run(
        |block| blocks.wire(block),
        |block: &mut Block| {
            block.make_mark();
            block.open(&ciphers);
        },
        |block| {
            if marks.next() != Some(block.mark()) {
                return Err(VaultError::Changed);
            }
            output.write_all(block.plain())?;
            written = written.saturating_add(block.plain().len() as u64);
            block.outcome()
        },
    )?;
    if marks.next().is_some() {
        return Err(VaultError::Changed);
    }
    output.flush()?;
    Ok(written)
}

fn check(want: &BodyId, got: &BodyId) -> Result<(), VaultError> {
    if got.len != want.len {
        return Err(VaultError::Length {
            want: want.len,
            got: got.len,
        });
    }
    if got.hash != want.hash {
        return Err(VaultError::Hash {
            want: want.hash,
            got: got.hash,
        });
    }
    Ok(())
}

/// Reads until `buffer` is full or the input ends.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}
