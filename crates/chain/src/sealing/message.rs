//! What members tell each other in a ceremony.
//!
//! ```text
//! epoch u64 ‖ 0 ‖ the dealer's commitment ‖ what it deals to the receiver 32     a dealing
//!             1 ‖ the player's signature 64                                     an acknowledgement
//!             2 ‖ a dealer's signed log                                         a log, from anybody
//! ```
//! The connection is encrypted and says from whom a message is.

use bytes::BufMut;
use commonhold_primitives::{limits::MEMBERS_MAX, sealing::SealingLog};
use commonware_codec::{
    Buf, Copying, Decode as _, Encode as _, EncodeSize, Error as CodecError, FixedSize as _, Read,
    ReadExt as _, Write,
};
use commonware_cryptography::{
    bls12381::{
        dkg::feldman_desmedt::{DealerPrivMsg, DealerPubMsg, PlayerAck},
        primitives::variant::MinSig,
    },
    ed25519::PublicKey,
};
use commonware_utils::NZU32;

const MEMBERS: core::num::NonZeroU32 = NZU32!(MEMBERS_MAX);

/// What a dealer commits to.
pub(super) type Commitment = DealerPubMsg<MinSig>;
/// What a player says of a dealing.
pub(super) type Ack = PlayerAck<PublicKey>;

#[derive(Clone)]
pub(super) enum Body {
    Dealing(Commitment, DealerPrivMsg),
    Ack(Ack),
    Log(Box<SealingLog>),
}

/// One message.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) epoch: u64,
    pub(super) body: Body,
}

impl Message {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.encode().to_vec()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        Self::decode_cfg(Copying(bytes), &())
    }
}

impl Write for Message {
    fn write(&self, buf: &mut impl BufMut) {
        buf.put_u64(self.epoch);
        match &self.body {
            Body::Dealing(commitment, part) => {
                buf.put_u8(0);
                commitment.write(buf);
                part.write(buf);
            }
            Body::Ack(ack) => {
                buf.put_u8(1);
                ack.write(buf);
            }
            Body::Log(log) => {
                buf.put_u8(2);
                log.write(buf);
            }
        }
    }
}

impl EncodeSize for Message {
    fn encode_size(&self) -> usize {
        let body = match &self.body {
            Body::Dealing(commitment, part) => {
                commitment.encode_size().saturating_add(part.encode_size())
            }
            Body::Ack(ack) => ack.encode_size(),
            Body::Log(log) => log.encode_size(),
        };
        body.saturating_add(9)
    }
}

impl Read for Message {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        let epoch = u64::read(buf)?;
        let body = match u8::read(buf)? {
            0 => {
                let commitment = Commitment::read_cfg(buf, &MEMBERS)?;
                Body::Dealing(commitment, DealerPrivMsg::read(buf)?)
            }
            1 => Body::Ack(Ack::read(buf)?),
            2 => Body::Log(Box::new(SealingLog::read_cfg(buf, &MEMBERS)?)),
            other => return Err(CodecError::InvalidEnum(other)),
        };
        Ok(Self { epoch, body })
    }
}

/// The bytes of the longest message.
pub fn message_bytes_max() -> usize {
    let dealing = Commitment::max_encode_size(MEMBERS).saturating_add(DealerPrivMsg::SIZE);
    let longest = SealingLog::max_encode_size(MEMBERS).max(dealing);
    longest.saturating_add(9)
}
