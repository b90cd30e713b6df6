//! What a header's extra data carries: the consensus context and the state-sync target.
//!
//! ```text
//! version   u8 = 1
//! context   round (epoch varint, view varint) ‖ leader (32) ‖ parent view varint ‖ parent hash (32)
//! millis    u16 big-endian, 0..=999: the header's time below the second
//! ops_root  32: root of the state's operation log, what a joining member downloads against
//! range     start varint ‖ end varint: the part of the log that is still needed
//! ```

use alloy_primitives::Bytes;
use commonware_codec::{
    Buf, Copying, DecodeExt as _, EncodeSize, Error as CodecError, FixedSize as _, Read,
    ReadExt as _, Write,
};
use commonware_cryptography::sha256::Digest as StateDigest;
use commonware_storage::mmr::Location;
use commonware_utils::range::NonEmptyRange;

use crate::consensus::ConsensusContext;

const VERSION: u8 = 1;

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
        VERSION.write(buf);
        self.context.write(buf);
        self.millis.write(buf);
        self.ops_root.write(buf);
        self.range.write(buf);
    }
}
impl EncodeSize for Extra {
    fn encode_size(&self) -> usize {
        1 + self.context.encode_size() + 2 + StateDigest::SIZE + self.range.encode_size()
    }
}
impl Read for Extra {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        if u8::read(buf)? != VERSION {
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
        })
    }
}
