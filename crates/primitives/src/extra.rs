//! What a header's extra data carries: the consensus context and the state-sync target.
//!
//! ```text
//! version   u8: 1, or 2 where a ceremony follows
//! context   round (epoch varint, view varint) ‖ leader (32) ‖ parent view varint ‖ parent hash (32)
//! millis    u16 big-endian, 0..=999: the header's time below the second
//! ops_root  32: root of the state's operation log, what a joining member downloads against
//! range     start varint ‖ end varint: the part of the log that is still needed
//! ceremony  32: keccak-256 of what the block carries of a resharing, where it does
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
const WITH_CEREMONY: u8 = 2;

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
    /// keccak-256 of what the block carries of a resharing; [`Block::seal`](crate::Block::seal) sets it.
    pub ceremony: Option<B256>,
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
        let version = match self.ceremony {
            None => PLAIN,
            Some(_) => WITH_CEREMONY,
        };
        version.write(buf);
        self.context.write(buf);
        self.millis.write(buf);
        self.ops_root.write(buf);
        self.range.write(buf);
        if let Some(hash) = self.ceremony {
            hash.0.write(buf);
        }
    }
}
impl EncodeSize for Extra {
    fn encode_size(&self) -> usize {
        let target = StateDigest::SIZE + self.range.encode_size();
        let ceremony = self.ceremony.map_or(0, |hash| hash.len());
        1 + self.context.encode_size() + 2 + target + ceremony
    }
}
impl Read for Extra {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        let version = u8::read(buf)?;
        if !(PLAIN..=WITH_CEREMONY).contains(&version) {
            return Err(CodecError::Invalid("Extra", "unknown version"));
        }
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
            ceremony: match version {
                WITH_CEREMONY => Some(B256::new(<[u8; 32]>::read(buf)?)),
                _ => None,
            },
        })
    }
}
