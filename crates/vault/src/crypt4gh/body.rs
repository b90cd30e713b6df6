//! Bodies: encrypted in a stream, verified as a whole, then decrypted in a stream.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use zeroize::Zeroizing;

use super::{keys::DataKey, random};
use crate::{error::VaultError, limits::BLOB_BYTES_MAX, name::BlobHash, place::nameless};

/// Plaintext bytes of a segment.
pub const SEGMENT: usize = 65_536;
/// What a segment adds: nonce and tag.
pub const BODY_OVERHEAD: usize = NONCE + TAG;
const NONCE: usize = 12;
const TAG: usize = 16;

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

/// Encrypts `input` under `key`, which must be fresh, and returns the body's name and length.
///
/// # Errors
/// Refuses empty content and content above [`BLOB_BYTES_MAX`].
pub fn encrypt(
    key: &DataKey,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<BodyId, VaultError> {
    let cipher = ChaCha20Poly1305::new((&*key.0).into());
    let mut plain = Zeroizing::new(vec![0u8; SEGMENT]);
    let mut tally = Tally::default();
    loop {
        let len = fill(input, &mut plain)?;
        let Some(segment) = plain.get_mut(..len).filter(|s| !s.is_empty()) else {
            break;
        };
        let mut nonce = [0u8; NONCE];
        random(&mut nonce)?;
        let tag = cipher
            .encrypt_inout_detached(&Nonce::from(nonce), b"", (&mut *segment).into())
            .map_err(|_| VaultError::Segment(tally.segments))?;
        for part in [nonce.as_slice(), segment, tag.as_slice()] {
            tally.add(part)?;
            output.write_all(part)?;
        }
        tally.segments = tally.segments.saturating_add(1);
        if len < SEGMENT {
            break;
        }
    }
    if tally.len == 0 {
        return Err(VaultError::Empty);
    }
    output.flush()?;
    Ok(tally.id())
}

/// Name and length of an encrypted body.
///
/// # Errors
/// Refuses one above [`BLOB_BYTES_MAX`].
pub fn identify(input: &mut impl Read) -> Result<BodyId, VaultError> {
    let mut tally = Tally::default();
    let mut buffer = vec![0u8; SEGMENT];
    loop {
        let len = fill(input, &mut buffer)?;
        tally.add(buffer.get(..len).unwrap_or_default())?;
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
/// where the keys are another body's.
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
    input.seek(SeekFrom::Start(start))?;
    check(expected, &identify(input)?)?;
    input.seek(SeekFrom::Start(start))?;
    decrypt_verified(keys, expected, input, output)
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
    let mut buffer = vec![0u8; SEGMENT];
    let mut tally = Tally::default();
    loop {
        let len = fill(&mut input, &mut buffer)?;
        let piece = buffer.get(..len).unwrap_or_default();
        tally.add(piece)?;
        file.write_all(piece)?;
        if len < SEGMENT {
            break;
        }
    }
    check(expected, &tally.id())?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// The second reading. The file could change between the two, so its hash is taken again; by then
/// each segment has been authenticated.
fn decrypt_verified(
    keys: &[DataKey],
    expected: &BodyId,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<u64, VaultError> {
    let ciphers: Vec<_> = keys
        .iter()
        .map(|key| ChaCha20Poly1305::new((&*key.0).into()))
        .collect();
    let mut buffer = Zeroizing::new(vec![0u8; SEGMENT + BODY_OVERHEAD]);
    let mut plain = Zeroizing::new(Vec::with_capacity(SEGMENT));
    let mut tally = Tally::default();
    let mut written = 0u64;
    loop {
        let len = fill(input, &mut buffer)?;
        let segment = buffer.get(..len).unwrap_or_default();
        if segment.is_empty() {
            break;
        }
        tally.add(segment)?;
        if !ciphers
            .iter()
            .any(|cipher| open_segment(cipher, segment, &mut plain))
        {
            return Err(VaultError::Segment(tally.segments));
        }
        output.write_all(&plain)?;
        written = written.saturating_add(plain.len() as u64);
        tally.segments = tally.segments.saturating_add(1);
        if len < SEGMENT + BODY_OVERHEAD {
            break;
        }
    }
    check(expected, &tally.id())?;
    output.flush()?;
    Ok(written)
}

fn open_segment(cipher: &ChaCha20Poly1305, segment: &[u8], plain: &mut Vec<u8>) -> bool {
    plain.clear();
    let Some((nonce, rest)) = segment.split_first_chunk::<NONCE>() else {
        return false;
    };
    let Some((ciphertext, tag)) = rest.split_last_chunk::<TAG>() else {
        return false;
    };
    plain.extend_from_slice(ciphertext);
    !ciphertext.is_empty()
        && cipher
            .decrypt_inout_detached(
                &Nonce::from(*nonce),
                b"",
                plain.as_mut_slice().into(),
                &Tag::from(*tag),
            )
            .is_ok()
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

/// Hash and length so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    hasher: blake3::Hasher,
    pub(crate) len: u64,
    segments: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.len = self.len.saturating_add(bytes.len() as u64);
        if self.len > BLOB_BYTES_MAX {
            return Err(VaultError::TooLarge {
                len: self.len,
                limit: "BLOB_BYTES_MAX",
                max: BLOB_BYTES_MAX,
            });
        }
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

/// Reads until `buffer` is full or the input ends.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> Result<usize, VaultError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(filled)
}
