//! The key of whoever an opening is for.

use core::fmt;

use hpke::{Deserializable as _, Kem as _, Serializable as _, kem::X25519HkdfSha256};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::SealError;

pub(crate) type Kem = X25519HkdfSha256;
type Public = <Kem as hpke::Kem>::PublicKey;
type Private = <Kem as hpke::Kem>::PrivateKey;

/// A reader's X25519 public key. It may be made for one request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReaderKey(pub [u8; 32]);

impl ReaderKey {
    pub(crate) fn public(&self) -> Result<Public, SealError> {
        Public::from_bytes(&self.0).map_err(|_| SealError::WeakReader)
    }
}

impl fmt::Debug for ReaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReaderKey({})", hex::encode(self.0))
    }
}

/// A reader's X25519 secret key. Wiped when dropped.
#[derive(Clone)]
pub struct ReaderSecret(Private);

impl ReaderSecret {
    /// A fresh key.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(Kem::gen_keypair_with_rng(rng).0)
    }

    /// The key made of these bytes.
    ///
    /// # Errors
    /// None of 32 bytes; the encoding's own check is passed on.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SealError> {
        Private::from_bytes(bytes)
            .map(Self)
            .map_err(|_| SealError::malformed("reader's key", "32 bytes are expected"))
    }

    /// The key's bytes, clamped.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.0.write_exact(bytes.as_mut_slice());
        bytes
    }

    /// The public side.
    pub fn public(&self) -> ReaderKey {
        let mut bytes = [0; 32];
        Kem::sk_to_pk(&self.0).write_exact(&mut bytes);
        ReaderKey(bytes)
    }

    pub(crate) const fn private(&self) -> &Private {
        &self.0
    }
}

impl fmt::Debug for ReaderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReaderSecret of {:?}", self.public())
    }
}
