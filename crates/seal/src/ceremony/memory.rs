//! What a member must not forget of a round.
//!
//! ```text
//! purpose u8: 1 seal key, 2 network key ‖ network 32 ‖ round u64 ‖ members: varint count, each 32 ‖ seed 32
//! ‖ dealings  varint count, each: dealer 32 ‖ commitment ‖ share
//! ‖ acks      varint count, each: member 32 ‖ signature 64
//! ‖ logs      varint count, each: dealer 32 ‖ signed log           (the chair's alone)
//! ‖ proposal  0, or 1 ‖ proposal
//! ‖ confirmations  varint count, each: member 32 ‖ confirmation
//! ```
//! It is secret: whoever has it has the share. It belongs on disk in a [locked](crate::locked) file.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use bytes::BufMut;
use commonhold_primitives::{consensus::MemberKey, limits::MEMBERS_MAX};
use commonware_codec::{
    Buf, Copying, Decode as _, EncodeSize, Error as CodecError, RangeCfg, Read, ReadExt as _, Write,
};
use commonware_cryptography::{
    bls12381::dkg::feldman_desmedt::{DealerPrivMsg, PlayerAck},
    ed25519::PublicKey,
};
use commonware_utils::ordered::Set;
use zeroize::Zeroizing;

use super::{
    CeremonyError, Purpose, Terms,
    message::{Commitment, Confirmation, Proposal, SignedLog, members_max},
};
use crate::limits::CEREMONY_STATE_BYTES_MAX;

pub(super) struct Memory {
    pub(super) terms: Terms,
    pub(super) seed: Zeroizing<[u8; 32]>,
    pub(super) dealings: BTreeMap<MemberKey, (Commitment, DealerPrivMsg)>,
    pub(super) acks: BTreeMap<MemberKey, PlayerAck<PublicKey>>,
    pub(super) logs: BTreeMap<MemberKey, SignedLog>,
    pub(super) proposal: Option<Proposal>,
    pub(super) confirmations: BTreeMap<MemberKey, Confirmation>,
}

impl Memory {
    pub(super) const fn new(terms: Terms, seed: Zeroizing<[u8; 32]>) -> Self {
        Self {
            terms,
            seed,
            dealings: BTreeMap::new(),
            acks: BTreeMap::new(),
            logs: BTreeMap::new(),
            proposal: None,
            confirmations: BTreeMap::new(),
        }
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.encode_size()));
        self.write(&mut *bytes);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        if bytes.len() > CEREMONY_STATE_BYTES_MAX {
            return Err(CeremonyError::malformed(
                "memory of a ceremony",
                "longer than CEREMONY_STATE_BYTES_MAX",
            ));
        }
        Self::decode_cfg(Copying(bytes), &())
            .map_err(|e| CeremonyError::malformed("memory of a ceremony", e))
    }
}

impl Write for Memory {
    fn write(&self, buf: &mut impl BufMut) {
        buf.put_u8(self.terms.purpose.byte());
        buf.put_slice(self.terms.network.as_slice());
        buf.put_u64(self.terms.round);
        self.terms.members.write(buf);
        buf.put_slice(self.seed.as_slice());
        self.dealings.write(buf);
        self.acks.write(buf);
        self.logs.write(buf);
        self.proposal.write(buf);
        self.confirmations.write(buf);
    }
}

impl EncodeSize for Memory {
    fn encode_size(&self) -> usize {
        1 + 32
            + 8
            + self.terms.members.encode_size()
            + 32
            + self.dealings.encode_size()
            + self.acks.encode_size()
            + self.logs.encode_size()
            + self.proposal.encode_size()
            + self.confirmations.encode_size()
    }
}

impl Read for Memory {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        let byte = u8::read(buf)?;
        let purpose = Purpose::from_byte(byte).ok_or(CodecError::InvalidEnum(byte))?;
        let some = RangeCfg::new(1..=MEMBERS_MAX as usize);
        let any = RangeCfg::new(0..=MEMBERS_MAX as usize);
        Ok(Self {
            terms: Terms {
                purpose,
                network: B256::new(<[u8; 32]>::read(buf)?),
                round: u64::read(buf)?,
                members: Set::read_cfg(buf, &(some, ()))?,
            },
            seed: Zeroizing::new(<[u8; 32]>::read(buf)?),
            dealings: BTreeMap::read_cfg(buf, &(any, ((), (members_max(), ()))))?,
            acks: BTreeMap::read_cfg(buf, &(any, ((), ())))?,
            logs: BTreeMap::read_cfg(buf, &(any, ((), members_max())))?,
            proposal: Option::read_cfg(buf, &())?,
            confirmations: BTreeMap::read_cfg(buf, &(any, ((), ())))?,
        })
    }
}
