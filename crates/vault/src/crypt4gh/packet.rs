//! One header packet: a data key wrapped for one reader.

use core::fmt;

use blake2::{Blake2b512, Digest as _};
use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use zeroize::Zeroizing;

use super::{
    keys::{DataKey, PublicKey, SecretKey},
    random,
};
use crate::error::VaultError;

/// Bytes of a packet that carries a data key, its length field included.
pub const PACKET_LEN: usize = 108;
/// Bytes of length, method, writer's key and nonce.
const CLEAR_LEN: usize = 4 + 4 + 32 + 12;
const TAG_LEN: usize = 16;
const TYPE_DATA_KEY: u32 = 0;
const TYPE_EDIT_LIST: u32 = 1;

/// A data key wrapped for one reader, 108 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet([u8; PACKET_LEN]);

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packet({})", hex::encode(self.0))
    }
}

impl Packet {
    /// Wraps `key` for `reader` under a writer's key made for this packet alone.
    ///
    /// # Errors
    /// Refuses a weak reader's key; fails without random bytes.
    pub fn seal(key: &DataKey, reader: &PublicKey) -> Result<Self, VaultError> {
        let mut nonce = [0u8; 12];
        random(&mut nonce)?;
        Self::seal_drawn(key, reader, &SecretKey::random()?, nonce)
    }

    /// As [`Self::seal`], with a writer's key and a nonce that were drawn for this packet alone.
    ///
    /// # Errors
    /// Refuses a weak reader's key.
    pub fn seal_drawn(
        key: &DataKey,
        reader: &PublicKey,
        writer: &SecretKey,
        nonce: [u8; 12],
    ) -> Result<Self, VaultError> {
        let shared = shared_key(writer, reader, reader, &writer.public())?;
        let mut secret = Zeroizing::new(Vec::with_capacity(40));
        secret.extend_from_slice(&TYPE_DATA_KEY.to_le_bytes());
        secret.extend_from_slice(&0u32.to_le_bytes());
        secret.extend_from_slice(key.0.as_slice());
        let tag = ChaCha20Poly1305::new((&*shared).into())
            .encrypt_inout_detached(&Nonce::from(nonce), b"", secret.as_mut_slice().into())
            .map_err(|_| VaultError::Header("packet"))?;
        let parts: [&[u8]; 6] = [
            &108u32.to_le_bytes(),
            &0u32.to_le_bytes(),
            &writer.public().0,
            &nonce,
            &secret,
            tag.as_slice(),
        ];
        Self::from_bytes(&parts.concat())
    }

    /// Checks the form of a packet; whether it opens only its reader can tell.
    ///
    /// # Errors
    /// Refuses another length or method.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let bytes: [u8; PACKET_LEN] = bytes
            .try_into()
            .map_err(|_| VaultError::Header("a packet has 108 bytes"))?;
        if !bytes.starts_with(&[108, 0, 0, 0, 0, 0, 0, 0]) {
            return Err(VaultError::Header(
                "the packet's length or method is unknown",
            ));
        }
        Ok(Self(bytes))
    }

    /// The packet as it stands in a header.
    pub const fn as_bytes(&self) -> &[u8; PACKET_LEN] {
        &self.0
    }

    /// Opens the packet with its reader's key.
    ///
    /// # Errors
    /// [`VaultError::NotForThisKey`] for anybody else.
    pub fn open(&self, reader: &SecretKey) -> Result<DataKey, VaultError> {
        match open(&self.0, reader)? {
            Some(key) => Ok(key),
            None => Err(VaultError::NotForThisKey),
        }
    }
}

/// Opens any packet of a header. `None`: it is not for this reader, or of a kind we do not know.
pub(super) fn open(packet: &[u8], reader: &SecretKey) -> Result<Option<DataKey>, VaultError> {
    let (Some(method), Some(writer), Some(nonce)) =
        (array(packet, 4), array(packet, 8), array(packet, 40))
    else {
        return Ok(None);
    };
    if method != 0u32.to_le_bytes() {
        return Ok(None);
    }
    let Ok(shared) = shared_key(
        reader,
        &PublicKey(writer),
        &reader.public(),
        &PublicKey(writer),
    ) else {
        return Ok(None);
    };
    let Some((cipher, tag)) = packet
        .get(CLEAR_LEN..)
        .and_then(|rest| rest.split_last_chunk::<TAG_LEN>())
    else {
        return Ok(None);
    };
    let mut secret = Zeroizing::new(cipher.to_vec());
    let opened = ChaCha20Poly1305::new((&*shared).into()).decrypt_inout_detached(
        &Nonce::from(nonce),
        b"",
        secret.as_mut_slice().into(),
        &Tag::from(*tag),
    );
    if opened.is_err() {
        return Ok(None);
    }
    match array(&secret, 0).map(u32::from_le_bytes) {
        Some(TYPE_DATA_KEY) => {}
        Some(TYPE_EDIT_LIST) => return Err(VaultError::EditList),
        _ => return Ok(None),
    }
    if array(&secret, 4) != Some(0u32.to_le_bytes()) || secret.len() != 40 {
        return Err(VaultError::Header("unknown encryption of the body"));
    }
    Ok(array(&secret, 8).map(|key| DataKey(Zeroizing::new(key))))
}

/// The key that writer and reader share: `mine` and `theirs` agree, the order of the two public keys
/// is that of the standard.
fn shared_key(
    mine: &SecretKey,
    theirs: &PublicKey,
    reader: &PublicKey,
    writer: &PublicKey,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut hash = Blake2b512::new();
    hash.update(mine.agree(theirs)?.as_bytes());
    hash.update(reader.0);
    hash.update(writer.0);
    let digest = Zeroizing::new(<[u8; 64]>::from(hash.finalize()));
    array(digest.as_slice(), 0)
        .map(Zeroizing::new)
        .ok_or(VaultError::WeakKey)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk::<N>())
        .copied()
}
