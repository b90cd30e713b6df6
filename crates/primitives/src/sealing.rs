//! What a block carries of a resharing of the seal key.
//!
//! The shares of the seal key follow the committee as the network key's do: in each epoch their holders
//! deal them anew to the members that sign in the next. What the ceremony says in public travels in
//! blocks, beside what they carry of the network key's ceremony:
//!
//! ```text
//! log      0 ‖ a dealer's signed log          from the middle of an epoch on, and not in its last block
//! sharing  1 ‖ the output in force from here  in an epoch's last block, also where nothing has changed
//! ```

use bytes::BufMut;
use commonware_codec::{
    Buf, Copying, Decode as _, Encode as _, EncodeSize, Error as CodecError, FixedSize as _, Read,
    ReadExt as _, Write,
};
use commonware_cryptography::{
    bls12381::{
        dkg::feldman_desmedt::SignedDealerLog,
        primitives::{sharing::ModeVersion, variant::MinSig},
    },
    transcript::Summary,
};
use commonware_utils::{NZU32, ordered::Set};

use crate::{
    consensus::{MemberKey, Sharing},
    epoch::{self, Output},
    limits::MEMBERS_MAX,
};

/// What one dealer says in public of what it dealt.
pub type SealingLog = SignedDealerLog<MinSig, MemberKey>;

/// The most members, as the codecs want it.
const MEMBERS: core::num::NonZeroU32 = NZU32!(MEMBERS_MAX);

const LOG: u8 = 0;
const SHARING: u8 = 1;

/// What a block carries of a resharing of the seal key.
#[derive(Clone, Debug, PartialEq)]
pub enum Sealing {
    /// A dealer's log.
    Log(Box<SealingLog>),
    /// Who holds the seal key from the next block on, and by which sharing.
    Sharing(Box<Output>),
}

impl Write for Sealing {
    fn write(&self, buf: &mut impl BufMut) {
        match self {
            Self::Log(log) => {
                buf.put_u8(LOG);
                log.write(buf);
            }
            Self::Sharing(output) => {
                buf.put_u8(SHARING);
                output.write(buf);
            }
        }
    }
}

impl EncodeSize for Sealing {
    fn encode_size(&self) -> usize {
        let rest = match self {
            Self::Log(log) => log.encode_size(),
            Self::Sharing(output) => output.encode_size(),
        };
        rest.saturating_add(1)
    }
}

impl Read for Sealing {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        match u8::read(buf)? {
            LOG => Ok(Self::Log(Box::new(SealingLog::read_cfg(buf, &MEMBERS)?))),
            SHARING => {
                let output = Output::read_cfg(buf, &(MEMBERS, ModeVersion::v0()))?;
                Ok(Self::Sharing(Box::new(output)))
            }
            other => Err(CodecError::InvalidEnum(other)),
        }
    }
}

/// The bytes of the longest [`Sealing`].
pub fn sealing_bytes_max() -> usize {
    let log = SealingLog::max_encode_size(MEMBERS);
    log.max(Output::max_encode_size(MEMBERS)).saturating_add(1)
}

/// Decodes what a block carries of a resharing of the seal key.
///
/// # Errors
/// Where the bytes are none, or name more than [`MEMBERS_MAX`] members.
pub fn decode_sealing(bytes: &[u8]) -> Result<Sealing, CodecError> {
    Sealing::decode_cfg(Copying(bytes), &())
}

/// The founding's sharing of the seal key in the form in which later ones come: dealt by the members to
/// themselves, under no ceremony (a summary of zeros).
///
/// # Errors
/// Where there are no members, or more than [`MEMBERS_MAX`].
pub fn first_output(sharing: &Sharing, members: &Set<MemberKey>) -> Result<Output, CodecError> {
    let mut bytes = vec![0; Summary::SIZE];
    sharing.write(&mut bytes);
    members.write(&mut bytes);
    members.write(&mut bytes);
    Set::<MemberKey>::default().write(&mut bytes);
    epoch::decode_output(&bytes)
}

impl Sealing {
    /// The bytes that a block carries.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode().to_vec()
    }
}
