//! Sealing a data key, and opening it.

use core::fmt;

use alloy_primitives::{B256, keccak256};
use commonware_codec::{Copying, DecodeExt as _, Write as _};
use commonware_cryptography::bls12381::{
    primitives::variant::MinSig,
    tle::{self, Block, Ciphertext},
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{error::SealError, group::SealKey, identity::Target, partial::OpeningKey};

/// Bytes of a sealed key.
pub const SEALED_KEY_LEN: usize = 160;
/// Bytes of a data key.
pub const DATA_KEY_LEN: usize = 32;

/// The key of a piece of content. Wiped when dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; DATA_KEY_LEN]>);

impl DataKey {
    /// A fresh key.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; DATA_KEY_LEN]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(bytes)
    }
    /// The key made of these bytes.
    pub fn from_bytes(bytes: &[u8; DATA_KEY_LEN]) -> Self {
        Self(Zeroizing::new(*bytes))
    }
    /// Its bytes.
    pub const fn as_bytes(&self) -> &Zeroizing<[u8; DATA_KEY_LEN]> {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

/// A data key sealed to an identity, 160 bytes: `U 96 ‖ V 32 ‖ W 32`.
///
/// It is made with the public seal key alone, without asking anybody. It opens with the identity's
/// opening key and with no other, and not at all once a bit of it has changed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKey(Ciphertext<MinSig>);

impl SealedKey {
    /// Seals `data_key` to `target`.
    ///
    /// # Errors
    /// [`SealError::Group`] where the seal key cannot seal, which no key that was decoded is.
    pub fn seal(
        key: &SealKey,
        target: &Target<'_>,
        data_key: &DataKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        let message = Zeroizing::new(Block::new(*data_key.0));
        let identity = target.identity.to_bytes();
        tle::encrypt::<_, MinSig>(
            rng,
            *key.point(),
            (target.namespace.as_bytes(), &identity),
            &message,
        )
        .map(Self)
        .map_err(|e| SealError::Group(e.to_string()))
    }

    /// Opens the data key.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] where the opening key is another identity's, or the sealed key is
    /// damaged.
    pub fn open(&self, opening: &OpeningKey) -> Result<DataKey, SealError> {
        opening
            .expose(|point| tle::decrypt::<MinSig>(point, &self.0).map(Zeroizing::new))
            .and_then(|block| block.as_ref().try_into().ok().map(Zeroizing::new))
            .map(DataKey)
            .ok_or(SealError::DoesNotOpen)
    }

    /// Decodes a sealed key.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where the length is another, or U is no point of the group.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Ciphertext::decode(Copying(bytes))
            .map(Self)
            .map_err(|e| SealError::malformed("sealed key", e))
    }

    /// The 160 bytes.
    pub fn to_bytes(&self) -> [u8; SEALED_KEY_LEN] {
        let mut bytes = [0; SEALED_KEY_LEN];
        self.0.write(&mut bytes.as_mut_slice());
        bytes
    }

    /// keccak-256 of the bytes. Only this stands on the ledger: erasing body and sealed key is then
    /// real erasure.
    pub fn digest(&self) -> B256 {
        keccak256(self.to_bytes())
    }
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedKey({})", self.digest())
    }
}
