//! A file's header: packets for its readers.

use std::io::Read;

use super::{
    keys::{DataKey, SecretKey},
    packet::{self, Packet},
};
use crate::{
    error::VaultError,
    limits::{HEADER_BYTES_MAX, HEADER_PACKET_BYTES_MAX, HEADER_PACKETS_MAX},
};

/// The first bytes of every Crypt4GH file.
pub const MAGIC: &[u8; 8] = b"crypt4gh";
/// The version we write and read.
pub const VERSION: u32 = 1;

/// The packets of a header as read: any of them may be for somebody else or of an unknown kind.
#[derive(Clone, Debug)]
pub struct Header(Vec<Vec<u8>>);

impl Header {
    /// The header of a file for the readers of `packets`.
    pub fn new(packets: &[Packet]) -> Self {
        Self(packets.iter().map(|p| p.as_bytes().to_vec()).collect())
    }

    /// How many packets there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The bytes that go before the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let mut bytes = [
            MAGIC.as_slice(),
            &VERSION.to_le_bytes(),
            &count.to_le_bytes(),
        ]
        .concat();
        for packet in &self.0 {
            bytes.extend_from_slice(packet);
        }
        bytes
    }

    /// Reads a header and leaves `input` at the first byte of the body.
    ///
    /// # Errors
    /// Refuses another format or version, and whatever goes over a limit, before it allocates.
    pub fn read(input: &mut impl Read) -> Result<Self, VaultError> {
        let mut magic = [0u8; 8];
        exact(input, &mut magic)?;
        if &magic != MAGIC {
            return Err(VaultError::Header("not a Crypt4GH file"));
        }
        if number(input)? != VERSION {
            return Err(VaultError::Header("unknown version"));
        }
        let count = number(input)?;
        if count > HEADER_PACKETS_MAX {
            return Err(VaultError::Header("more packets than HEADER_PACKETS_MAX"));
        }
        let mut packets = Vec::new();
        let mut total = 0usize;
        for _ in 0..count {
            let len = number(input)?;
            if len < 8 {
                return Err(VaultError::Header("a packet is too short"));
            }
            let size = usize::try_from(len).unwrap_or(usize::MAX);
            total = total.saturating_add(size);
            if len > HEADER_PACKET_BYTES_MAX || total > HEADER_BYTES_MAX {
                return Err(VaultError::Header(
                    "a packet exceeds HEADER_PACKET_BYTES_MAX or all of them HEADER_BYTES_MAX",
                ));
            }
            let mut packet = vec![0u8; size];
            let (length, rest) = packet.split_at_mut(4);
            length.copy_from_slice(&len.to_le_bytes());
            exact(input, rest)?;
            packets.push(packet);
        }
        Ok(Self(packets))
    }

    /// The data keys that `reader` finds in the header.
    ///
    /// # Errors
    /// [`VaultError::NotForThisKey`] where there is none, [`VaultError::EditList`] where parts of the
    /// content are to be left out.
    pub fn open(&self, reader: &SecretKey) -> Result<Vec<DataKey>, VaultError> {
        let mut keys = Vec::new();
        for bytes in &self.0 {
            keys.extend(packet::open(bytes, reader)?);
        }
        if keys.is_empty() {
            Err(VaultError::NotForThisKey)
        } else {
            Ok(keys)
        }
    }
}

fn exact(input: &mut impl Read, bytes: &mut [u8]) -> Result<(), VaultError> {
    input.read_exact(bytes).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => VaultError::Header("it ends too early"),
        _ => e.into(),
    })
}

fn number(input: &mut impl Read) -> Result<u32, VaultError> {
    let mut bytes = [0u8; 4];
    exact(input, &mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}
