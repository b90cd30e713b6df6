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
pub(super) struct Cipher {
    key: LessSafeKey,
    /// What nonces are made from; without, the operating system draws them.
    seed: Option<[u8; 32]>,
}

impl Cipher {
    pub(super) fn new(key: &DataKey) -> Result<Self, VaultError> {
        UnboundKey::new(&CHACHA20_POLY1305, key.0.as_slice())
            .map(|key| Self {
                key: LessSafeKey::new(key),
                seed: None,
            })
            .map_err(|_| VaultError::Key("the cipher does not take it"))
    }

    /// Makes nonces from a seed, which no other body under the key may have.
    pub(super) fn seeded(self, seed: [u8; 32]) -> Self {
        Self {
            seed: Some(seed),
            ..self
        }
    }

    fn nonce(&self, number: u64, nonce: &mut [u8; NONCE]) -> Result<(), VaultError> {
        let Some(seed) = &self.seed else {
            return random(nonce);
        };
        let made = blake3::keyed_hash(seed, &number.to_be_bytes());
        if let Some(first) = made.as_bytes().first_chunk() {
            *nonce = *first;
        }
        Ok(())
    }

    /// Seals what stands between the room for the nonce, which is drawn here, and that for the tag.
    /// `number` is the segment's.
    pub(super) fn seal(&self, number: u64, segment: &mut [u8]) -> Result<(), VaultError> {
        let refused = || VaultError::Segment(number);
        let (nonce, rest) = segment
            .split_first_chunk_mut::<NONCE>()
            .ok_or_else(refused)?;
        let (content, tag) = rest.split_last_chunk_mut::<TAG>().ok_or_else(refused)?;
        self.nonce(number, nonce)?;
        let made = self
            .key
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
                .key
                .open_separate_gather(nonce, Aad::empty(), ciphertext, tag, plain)
                .is_ok()
    }
}
