//! The packets and sealed keys of a body, as members give them to one another.
//!
//! ```text
//! u32 packets ‖ (reader's key 32 ‖ packet 108)* ‖ u32 sealed keys ‖ (sealed key 160)*
//! ```
//!
//! Numbers are big-endian.

use alloy_primitives::{B256, keccak256};

use super::{SEALED_KEY_BYTES, Store};
use crate::{
    crypt4gh::{PACKET_LEN, Packet, PublicKey},
    error::VaultError,
    limits::{PACKETS_PER_BLOB_MAX, SEALED_KEYS_PER_BLOB_MAX},
    name::BlobHash,
};

/// Packets and sealed keys of one body.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Packets and for whom they are.
    pub packets: Vec<(PublicKey, Packet)>,
    /// Sealed keys.
    pub sealed: Vec<[u8; SEALED_KEY_BYTES]>,
}

impl Keys {
    /// Their bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = count(self.packets.len()).to_vec();
        for (reader, packet) in &self.packets {
            bytes.extend_from_slice(&reader.0);
            bytes.extend_from_slice(packet.as_bytes());
        }
        bytes.extend_from_slice(&count(self.sealed.len()));
        for sealed in &self.sealed {
            bytes.extend_from_slice(sealed);
        }
        bytes
    }

    /// Reads them. `None` where that is not what they are.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut keys = Self::default();
        let (count, mut rest) = counted(bytes, PACKETS_PER_BLOB_MAX)?;
        for _ in 0..count {
            let reader;
            let packet;
            (reader, rest) = rest.split_first_chunk::<32>()?;
            (packet, rest) = rest.split_first_chunk::<PACKET_LEN>()?;
            let packet = Packet::from_bytes(packet).ok()?;
            keys.packets.push((PublicKey(*reader), packet));
        }
        let (count, mut rest) = counted(rest, SEALED_KEYS_PER_BLOB_MAX)?;
        for _ in 0..count {
            let sealed;
            (sealed, rest) = rest.split_first_chunk::<SEALED_KEY_BYTES>()?;
            keys.sealed.push(*sealed);
        }
        rest.is_empty().then_some(keys)
    }
}

/// A number of things that may be that many.
fn counted(bytes: &[u8], max: usize) -> Option<(usize, &[u8])> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    (count <= max).then_some((count, rest))
}

impl Store {
    /// All packets and sealed keys of a body. What is damaged is left out.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn keys(&self, hash: &BlobHash) -> Result<Keys, VaultError> {
        let mut keys = Keys::default();
        for reader in self.readers(hash)?.into_iter().take(PACKETS_PER_BLOB_MAX) {
            if let Ok(packet) = self.get_packet(hash, &reader) {
                keys.packets.push((reader, packet));
            }
        }
        let sealed = self.sealed_keys(hash)?.into_iter();
        for digest in sealed.take(SEALED_KEYS_PER_BLOB_MAX) {
            if let Ok(sealed) = self.get_sealed(hash, &digest) {
                keys.sealed.push(sealed);
            }
        }
        Ok(keys)
    }

    /// Keeps what another member has beside a stored body and this one has not: packets of readers that
    /// have none here, and sealed keys that are `wanted` by their names.
    ///
    /// # Errors
    /// As [`put_packet`](Self::put_packet) and [`put_sealed`](Self::put_sealed).
    pub fn merge(
        &self,
        hash: &BlobHash,
        keys: &Keys,
        wanted: impl Fn(&B256) -> bool,
    ) -> Result<(), VaultError> {
        for (reader, packet) in &keys.packets {
            if self.get_packet(hash, reader).is_err() {
                self.put_packet(hash, reader, packet)?;
            }
        }
        for sealed in &keys.sealed {
            let digest = keccak256(sealed);
            if wanted(&digest) && self.get_sealed(hash, &digest).is_err() {
                self.put_sealed(hash, sealed)?;
            }
        }
        Ok(())
    }
}
