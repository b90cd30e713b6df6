//! Epochs: who holds the shares of the network key, and for how long.
//!
//! The chain is cut into epochs of [`Genesis::epoch_blocks`](crate::Genesis) blocks. In each one the
//! holders of the network key's shares deal it anew to the next ones (Feldman-Desmedt resharing): the
//! key stays, the shares change, and what a former holder has is worth nothing beside the new ones.
//! What the protocol says in public travels in blocks ([`Ceremony`]): each dealer's log in the second
//! half of an epoch, and in its last block the [`EpochInfo`] of the next.
//!
//! An [`EpochInfo`] looks ahead: `output` names who signs in the epoch and deals in it, `players` who
//! gets shares in it and signs in the next, `next_players` who comes after them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use commonware_codec::{Copying, Decode as _, Error as CodecError};
use commonware_consensus::types::{Epoch, EpochInfo as Place, Epocher as _, FixedEpocher, Height};
use commonware_cryptography::bls12381::{
    dkg::feldman_desmedt, primitives::sharing::ModeVersion, primitives::variant::MinSig,
};
use commonware_glue::dkg::{ReshareBlock, network::Addresses, types};
use commonware_p2p::{Address, Ingress};
use commonware_utils::{Hostname, NZU32};

use crate::{block::Block, consensus::MemberKey, limits::MEMBERS_MAX};

/// Where members listen for each other, by their keys.
pub type Directory = Addresses<MemberKey>;
/// What a key generation or resharing gave in public: the sharing, and who dealt it to whom.
pub type Output = feldman_desmedt::Output<MinSig, MemberKey>;
/// The public description of an epoch.
pub type EpochInfo = types::EpochInfo<MinSig, MemberKey, Directory>;
/// What a block may carry of a resharing.
pub type Ceremony = types::Payload<MinSig, MemberKey, Directory>;

/// The most members, as the codecs want it.
const MEMBERS: core::num::NonZeroU32 = NZU32!(MEMBERS_MAX);

/// The bytes of the longest [`Ceremony`].
pub fn ceremony_bytes_max() -> usize {
    Ceremony::max_encode_size(MEMBERS)
}

/// Decodes what a block carries of a resharing.
///
/// # Errors
/// Where the bytes are none, or name more than [`MEMBERS_MAX`] members.
pub fn decode_ceremony(bytes: &[u8]) -> Result<Ceremony, CodecError> {
    Ceremony::decode_cfg(Copying(bytes), &(MEMBERS, ModeVersion::v0()))
}

/// Decodes what a key generation gave.
///
/// # Errors
/// As [`decode_ceremony`].
pub fn decode_output(bytes: &[u8]) -> Result<Output, CodecError> {
    Output::decode_cfg(Copying(bytes), &(MEMBERS, ModeVersion::v0()))
}

/// The epoch of a block, and its place in it.
pub fn containing(number: u64, epoch_blocks: core::num::NonZeroU64) -> Option<Place> {
    FixedEpocher::new(epoch_blocks).containing(Height::new(number))
}

/// The last block of an epoch; none where no number is that high.
pub fn last_block(epoch: u64, epoch_blocks: core::num::NonZeroU64) -> Option<u64> {
    FixedEpocher::new(epoch_blocks)
        .last(Epoch::new(epoch))
        .map(Height::get)
}

/// The address that an endpoint, `host:port`, names; none where it is no such thing. A host name is
/// resolved by whoever connects.
pub fn address(endpoint: &str) -> Option<Address> {
    if let Ok(socket) = endpoint.parse::<SocketAddr>() {
        return Some(Address::Symmetric(socket));
    }
    let (host, port) = endpoint.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let host = Hostname::try_from(host).ok()?;
    Some(Address::Asymmetric {
        ingress: Ingress::Dns { host, port },
        egress: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port),
    })
}

impl ReshareBlock for Block {
    type Variant = MinSig;
    type PublicKey = MemberKey;
    type Directory = Directory;

    fn payload(&self) -> Option<Ceremony> {
        self.ceremony().cloned()
    }
}
