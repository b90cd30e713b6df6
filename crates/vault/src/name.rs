use core::{fmt, str::FromStr};

use alloy_primitives::B256;

use crate::error::VaultError;

/// The name of a body: the BLAKE3 of its ciphertext. As text: 64 lower-case hex digits, nothing else,
/// so that one body has one name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobHash(pub [u8; 32]);

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for BlobHash {
    type Err = VaultError;
    fn from_str(text: &str) -> Result<Self, VaultError> {
        strict_hex(text).map(Self).ok_or(VaultError::Name)
    }
}
impl From<B256> for BlobHash {
    fn from(hash: B256) -> Self {
        Self(hash.0)
    }
}
impl From<BlobHash> for B256 {
    fn from(hash: BlobHash) -> Self {
        Self(hash.0)
    }
}
impl From<blake3::Hash> for BlobHash {
    fn from(hash: blake3::Hash) -> Self {
        Self(*hash.as_bytes())
    }
}

/// 32 bytes from exactly 64 lower-case hex digits.
pub(crate) fn strict_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut bytes = [0u8; 32];
    (digits && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}
