//! Marks: whether a file is the same when it is read again.
//!
//! Hashing a body twice costs as much as opening it. What is asked the second time is less: whether a
//! block is the one that was hashed. A mark says so: a MAC (GMAC) of the block under a key that is drawn
//! for one decryption and never leaves it. Nobody can make another block with the same mark but by
//! guessing, whoever holds the body's key included, because marks are never seen.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{super::random, segment::TAG};
use crate::error::VaultError;

/// What a block is known by.
pub(super) type Mark = [u8; TAG];

/// Makes marks.
pub(super) struct Marker(LessSafeKey);

impl Marker {
    pub(super) fn new() -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0u8; 16]);
        random(key.as_mut_slice())?;
        UnboundKey::new(&AES_128_GCM, key.as_slice())
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| VaultError::Random)
    }

    /// The mark of the block that stands at byte `at`; none where the cipher takes no such length,
    /// which no block has.
    pub(super) fn mark(&self, at: u64, block: &[u8]) -> Option<Mark> {
        // The same each time, or marks could not be compared. A nonce must not come twice where its tag
        // is seen.
        let mut nonce = [0u8; 12];
        if let Some(tail) = nonce.last_chunk_mut() {
            *tail = at.to_be_bytes();
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(block), &mut [])
            .ok()?;
        tag.as_ref().try_into().ok()
    }
}
