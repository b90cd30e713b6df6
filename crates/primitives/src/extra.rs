//! What a header's extra data carries: the consensus context and the state-sync target.
//!
//! ```text
//! version   u8: 1, and 1 more where a ceremony follows, and 2 more where a sealing does
//! context   round (epoch varint, view varint) ‖ leader (32) ‖ parent view varint ‖ parent hash (32)
//! millis    u16 big-endian, 0..=999: the header's time below the second
//! ops_root  32: root of the state's operation log, what a joining member downloads against
//! range     start varint ‖ end varint: the part of the log that is still needed
//! ceremony  32: keccak-256 of what the block carries of a resharing of the network key, where it does
//! sealing   32: keccak-256 of what the block carries of a resharing of the seal key, where it does
//! ```

use alloy_primitives::{B256, Bytes};
use commonware_codec::{
    Buf, Copying, DecodeExt as _, EncodeSize, Error as CodecError, FixedSize as _, Read,
    ReadExt as _, Write,
};
use commonware_cryptography::sha256::Digest as StateDigest;
use commonware_storage::mmr::Location;
use commonware_utils::range::NonEmptyRange;

use crate::consensus::ConsensusContext;

const PLAIN: u8 = 1;
const CEREMONY: u8 = 1;
const SEALING: u8 = 2;
const LATEST: u8 = PLAIN + CEREMONY + SEALING;

/// Decoded extra data of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// Where in consensus the block was proposed.
    pub context: ConsensusContext,
    /// Milliseconds of the block's time below the header's second.
    pub millis: u16,
    /// Root of the state's operation log after this block.
    pub ops_root: StateDigest,
    /// Part of the operation log that a joining member needs.
    pub range: NonEmptyRange<Location>,
    /// keccak-256 of what the block carries of a resharing of the network key;
    /// [`Block::seal`](crate::Block::seal) sets it.
    pub ceremony: Option<B256>,
    /// keccak-256 of what the block carries of a resharing of the seal key;
    /// [`Block::seal`](crate::Block::seal) sets it.
    pub sealing: Option<B256>,
}

impl Extra {
    /// Encodes for the header.
    pub fn to_bytes(&self) -> Bytes {
        let mut buf = Vec::with_capacity(self.encode_size());
        self.write(&mut buf);
        buf.into()
    }
    /// Decodes from a header.
    ///
    /// # Errors
    /// Refuses another version, values out of range and trailing bytes.
    pub fn from_bytes(bytes: &Bytes) -> Result<Self, CodecError> {
        Self::decode(Copying(bytes.as_ref()))
    }
}

impl Write for Extra {
    fn write(&self, buf: &mut impl bytes::BufMut) {
        let ceremony = self.ceremony.map_or(0, |_| CEREMONY);
        let sealing = self.sealing.map_or(0, |_| SEALING);
        PLAIN
            .saturating_add(ceremony)
            .saturating_add(sealing)
            .write(buf);
        self.context.write(buf);
        self.millis.write(buf);
        self.ops_root.write(buf);
        self.range.write(buf);
        for hash in self.ceremony.iter().chain(&self.sealing) {
            hash.0.write(buf);
        }
    }
}
impl EncodeSize for Extra {
    fn encode_size(&self) -> usize {
        let target = StateDigest::SIZE + self.range.encode_size();
        let hashes = self.ceremony.iter().chain(&self.sealing);
        1 + self.context.encode_size() + 2 + target + hashes.map(|hash| hash.len()).sum::<usize>()
    }
}
impl Read for Extra {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        let version = u8::read(buf)?;
        let carries = match version {
            PLAIN..=LATEST => version.saturating_sub(PLAIN),
            _ => return Err(CodecError::Invalid("Extra", "unknown version")),
        };
        let context = ConsensusContext::read(buf)?;
        let millis = u16::read(buf)?;
        if millis > 999 {
            return Err(CodecError::Invalid("Extra", "millis above 999"));
        }
        Ok(Self {
            context,
            millis,
            ops_root: StateDigest::read(buf)?,
            range: NonEmptyRange::read(buf)?,
            ceremony: read_hash(buf, carries & CEREMONY != 0)?,
            sealing: read_hash(buf, carries & SEALING != 0)?,
        })
    }
}

fn read_hash(buf: &mut impl Buf, is_there: bool) -> Result<Option<B256>, CodecError> {
    if !is_there {
        return Ok(None);
    }
    <[u8; 32]>::read(buf).map(|hash| Some(B256::new(hash)))
}
