//! One segment: nonce ‖ ciphertext ‖ tag.
//!
//! The cipher is that of AWS-LC, which TLS brings along: on 64 KiB it takes three quarters of the time
//! that `chacha20poly1305` does. It wipes its key when dropped.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::{super::random, BODY_OVERHEAD, DataKey, SEGMENT};
use crate::error::VaultError;

pub(super) const NONCE: usize = 12;
pub(super) const TAG: usize = 16;
/// Bytes of a full segment.
pub(super) const WIRE: usize = SEGMENT + BODY_OVERHEAD;

/// ChaCha20-Poly1305 under the key of a body.
pub(super) struct Cipher(LessSafeKey);

impl Cipher {
    pub(super) fn new(key: &DataKey) -> Result<Self, VaultError> {
        UnboundKey::new(&CHACHA20_POLY1305, key.0.as_slice())
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| VaultError::Key("the cipher does not take it"))
    }

    /// Seals what stands between the room for the nonce, which is drawn here, and that for the tag.
    /// `number` is the segment's.
    pub(super) fn seal(&self, number: u64, segment: &mut [u8]) -> Result<(), VaultError> {
        let refused = || VaultError::Segment(number);
        let (nonce, rest) = segment
            .split_first_chunk_mut::<NONCE>()
            .ok_or_else(refused)?;
        let (content, tag) = rest.split_last_chunk_mut::<TAG>().ok_or_else(refused)?;
        random(nonce)?;
        let made = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), content)
            .map_err(|_| refused())?;
        tag.copy_from_slice(made.as_ref());
        Ok(())
    }

    /// Opens a segment into the beginning of `plain`. False where it is not authentic, or empty.
    pub(super) fn open(&self, segment: &[u8], plain: &mut [u8]) -> bool {
        let Some((nonce, rest)) = segment.split_first_chunk::<NONCE>() else {
            return false;
        };
        let Some((ciphertext, tag)) = rest.split_last_chunk::<TAG>() else {
            return false;
        };
        let Some(plain) = plain.get_mut(..ciphertext.len()) else {
            return false;
        };
        let nonce = Nonce::assume_unique_for_key(*nonce);
        !ciphertext.is_empty()
            && self
                .0
                .open_separate_gather(nonce, Aad::empty(), ciphertext, tag, plain)
                .is_ok()
    }
}
