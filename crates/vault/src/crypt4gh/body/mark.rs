//! Marks: whether a file is the same when it is read again.
//!
//! Hashing a body twice costs as much as opening it. What is asked the second time is less: whether a
//! segment that opens is the one that was hashed. Its nonce and its tag say so: who does not have the
//! body's key cannot make another segment that opens with them. The mark of a block is a hash of these.
//! Who has the key, and can write to the reader's own file between the two readings, can; for the body
//! of a record that is nobody but who may read it and sits at the reader's machine.

use super::segment::{NONCE, TAG, WIRE};

/// What a block is known by.
pub(super) type Mark = [u8; blake3::OUT_LEN];

/// The mark of a block.
pub(super) fn of(block: &[u8]) -> Mark {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(block.len() as u64).to_le_bytes());
    for segment in block.chunks(WIRE) {
        // What is shorter than a nonce or a tag does not open.
        hasher.update(segment.get(..NONCE).unwrap_or(segment));
        hasher.update(segment.last_chunk::<TAG>().map_or(segment, |tag| tag));
    }
    hasher.finalize().into()
}
