//! What members say to one another.
//!
//! ```text
//! message       round u64 ‖ kind u8 ‖ body
//! 0 deal        the engine's encodings of a commitment and of a share
//! 1 ack         ed25519 signature 64
//! 2 log         the engine's encoding of a signed dealer log
//! 3 proposal    logs: varint count, then each ‖ the chair's ed25519 signature 64
//! 4 confirm     keccak-256 of the encoded result 32 ‖ ed25519 signature 64
//! ```
//! The chair signs under `commonhold/seal/v1/proposal`, a member its confirmation under
//! `commonhold/seal/v1/confirm`: the digest of the terms, then the encoded logs or the result's hash. Of the
//! network key these are `commonhold/network-key/v1/proposal` and `…/confirm`. The result is the encoded
//! sharing of a seal key, and the encoded output of the generation of a network key.

use core::num::NonZeroU32;

use alloy_primitives::B256;
use bytes::BufMut;
use commonhold_primitives::{consensus::MemberKey, limits::MEMBERS_MAX};
use commonware_codec::{
    Buf, Copying, Decode as _, Encode as _, EncodeSize, Error as CodecError, RangeCfg, Read,
    ReadExt as _, Write,
};
use commonware_cryptography::{
    Signer as _, Verifier as _,
    bls12381::{
        dkg::feldman_desmedt::{DealerPrivMsg, DealerPubMsg, PlayerAck, SignedDealerLog},
        primitives::variant::MinSig,
    },
    ed25519::{PrivateKey, PublicKey, Signature},
};

use super::{CeremonyError, Terms};
use crate::limits::CEREMONY_MESSAGE_BYTES_MAX;

pub(super) type Commitment = DealerPubMsg<MinSig>;
pub(super) type SignedLog = SignedDealerLog<MinSig, PublicKey>;

/// A message from one member to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The round that it belongs to.
    pub round: u64,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The dealer's commitment, and the receiver's own share of it: secret.
    Deal(DealerPubMsg<MinSig>, DealerPrivMsg),
    /// The receiver's dealing was checked and remembered.
    Ack(PlayerAck<PublicKey>),
    /// Everybody has acknowledged the sender's dealing. For the chair.
    Log(Box<SignedDealerLog<MinSig, PublicKey>>),
    /// The chair's choice of logs. Anybody may pass it on.
    Proposal(Proposal),
    /// The sender has computed this group.
    Confirm(Confirmation),
}

impl Message {
    /// Decodes a message.
    ///
    /// # Errors
    /// [`CeremonyError::Malformed`] where it is longer than [`CEREMONY_MESSAGE_BYTES_MAX`] or does not
    /// decode.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        if bytes.len() > CEREMONY_MESSAGE_BYTES_MAX {
            return Err(CeremonyError::malformed(
                "message",
                "longer than CEREMONY_MESSAGE_BYTES_MAX",
            ));
        }
        Self::decode_cfg(Copying(bytes), &()).map_err(|e| CeremonyError::malformed("message", e))
    }

    /// Its encoding. Secret where it deals.
    pub fn to_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(self.encode_size()));
        self.write(&mut *bytes);
        bytes
    }
}

pub(super) const fn members_max() -> NonZeroU32 {
    match NonZeroU32::new(MEMBERS_MAX) {
        Some(max) => max,
        None => NonZeroU32::MIN,
    }
}

impl Write for Message {
    fn write(&self, buf: &mut impl BufMut) {
        buf.put_u64(self.round);
        match &self.body {
            Body::Deal(commitment, share) => {
                buf.put_u8(0);
                commitment.write(buf);
                share.write(buf);
            }
            Body::Ack(ack) => {
                buf.put_u8(1);
                ack.write(buf);
            }
            Body::Log(log) => {
                buf.put_u8(2);
                log.write(buf);
            }
            Body::Proposal(proposal) => {
                buf.put_u8(3);
                proposal.write(buf);
            }
            Body::Confirm(confirmation) => {
                buf.put_u8(4);
                confirmation.write(buf);
            }
        }
    }
}

impl EncodeSize for Message {
    fn encode_size(&self) -> usize {
        9 + match &self.body {
            Body::Deal(commitment, share) => commitment.encode_size() + share.encode_size(),
            Body::Ack(ack) => ack.encode_size(),
            Body::Log(log) => log.encode_size(),
            Body::Proposal(proposal) => proposal.encode_size(),
            Body::Confirm(confirmation) => confirmation.encode_size(),
        }
    }
}

impl Read for Message {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        let round = u64::read(buf)?;
        let body = match u8::read(buf)? {
            0 => Body::Deal(
                Commitment::read_cfg(buf, &members_max())?,
                DealerPrivMsg::read(buf)?,
            ),
            1 => Body::Ack(PlayerAck::read(buf)?),
            2 => Body::Log(Box::new(SignedLog::read_cfg(buf, &members_max())?)),
            3 => Body::Proposal(Proposal::read(buf)?),
            4 => Body::Confirm(Confirmation::read(buf)?),
            kind => return Err(CodecError::InvalidEnum(kind)),
        };
        Ok(Self { round, body })
    }
}

/// The chair's choice of logs, under its signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    pub(super) logs: Vec<SignedLog>,
    signature: Signature,
}

impl Proposal {
    pub(super) fn sign(terms: &Terms, logs: Vec<SignedLog>, chair: &PrivateKey) -> Self {
        let signature = chair.sign(terms.purpose.proposal(), &Self::signed(terms, &logs));
        Self { logs, signature }
    }

    pub(super) fn is_of(&self, terms: &Terms, chair: &MemberKey) -> bool {
        chair.verify(
            terms.purpose.proposal(),
            &Self::signed(terms, &self.logs),
            &self.signature,
        )
    }

    fn signed(terms: &Terms, logs: &Vec<SignedLog>) -> Vec<u8> {
        [terms.digest().as_slice(), &logs.encode()].concat()
    }
}

impl Write for Proposal {
    fn write(&self, buf: &mut impl BufMut) {
        self.logs.write(buf);
        self.signature.write(buf);
    }
}

impl EncodeSize for Proposal {
    fn encode_size(&self) -> usize {
        self.logs.encode_size() + self.signature.encode_size()
    }
}

impl Read for Proposal {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        let count = RangeCfg::new(1..=MEMBERS_MAX as usize);
        Ok(Self {
            logs: Vec::read_cfg(buf, &(count, members_max()))?,
            signature: Signature::read(buf)?,
        })
    }
}

/// A member's word for the group that it computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// [`Made::digest`](super::Made::digest).
    pub group: B256,
    signature: Signature,
}

impl Confirmation {
    pub(super) fn sign(terms: &Terms, group: B256, signer: &PrivateKey) -> Self {
        Self {
            group,
            signature: signer.sign(terms.purpose.confirm(), &Self::signed(terms, group)),
        }
    }

    /// Whether `member` made it, under these terms.
    pub fn is_of(&self, terms: &Terms, member: &MemberKey) -> bool {
        member.verify(
            terms.purpose.confirm(),
            &Self::signed(terms, self.group),
            &self.signature,
        )
    }

    fn signed(terms: &Terms, group: B256) -> Vec<u8> {
        [terms.digest().as_slice(), group.as_slice()].concat()
    }
}

impl Write for Confirmation {
    fn write(&self, buf: &mut impl BufMut) {
        buf.put_slice(self.group.as_slice());
        self.signature.write(buf);
    }
}

impl EncodeSize for Confirmation {
    fn encode_size(&self) -> usize {
        32 + self.signature.encode_size()
    }
}

impl Read for Confirmation {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        Ok(Self {
            group: B256::new(<[u8; 32]>::read(buf)?),
            signature: Signature::read(buf)?,
        })
    }
}
