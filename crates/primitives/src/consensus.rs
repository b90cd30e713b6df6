//! The engine's types as this network instantiates them.
//!
//! One scheme: BLS12-381 threshold certificates (MinSig: 48-byte signatures in G1, a 96-byte public
//! key in G2) over ed25519 identities, under one network key.

use core::{
    fmt::{Debug, Display, Formatter},
    ops::Deref,
};

use alloy_primitives::B256;
use commonware_codec::{Buf, Error as CodecError, FixedSize, Read, ReadExt as _, Write};
use commonware_consensus::simplex::{
    scheme::bls12381_threshold::standard,
    types::{Context, Finalization},
};
use commonware_cryptography::{
    Digest,
    bls12381::primitives::{
        sharing::Sharing as GroupSharing,
        variant::{MinSig, Variant},
    },
    ed25519,
};
use commonware_math::algebra::Random;
use commonware_utils::{Array, Span};
use rand_core::CryptoRng;

/// A member's identity key: who it is on the wire and in the committee.
pub type MemberKey = ed25519::PublicKey;
/// The network's public key: verifies every finality certificate.
pub type NetworkKey = <MinSig as Variant>::Public;
/// The public side of the shared network key: the network key and what is needed to check shares.
pub type Sharing = GroupSharing<MinSig>;
/// The signing scheme of votes and certificates.
pub type Scheme = standard::Scheme<MemberKey, MinSig>;
/// Where in consensus a block was proposed: round, leader, parent.
pub type ConsensusContext = Context<BlockHash, MemberKey>;
/// The certificate that a block is final.
pub type Certificate = Finalization<Scheme, BlockHash>;

/// Domain of every consensus signature. It is one constant, so that a stranger needs the network key
/// alone to check a certificate; networks are told apart by that key.
pub const NAMESPACE: &[u8] = b"commonhold/consensus/v1";

/// keccak-256 of a block's RLP header: its name for Ethereum clients and for consensus alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockHash(pub B256);

impl From<B256> for BlockHash {
    fn from(hash: B256) -> Self {
        Self(hash)
    }
}
impl From<BlockHash> for B256 {
    fn from(hash: BlockHash) -> Self {
        hash.0
    }
}
impl Write for BlockHash {
    fn write(&self, buf: &mut impl bytes::BufMut) {
        self.0.0.write(buf);
    }
}
impl Read for BlockHash {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        Ok(Self(B256::new(<[u8; 32]>::read(buf)?)))
    }
}
impl FixedSize for BlockHash {
    const SIZE: usize = 32;
}
impl Span for BlockHash {}
impl Array for BlockHash {}
impl AsRef<[u8]> for BlockHash {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}
impl Deref for BlockHash {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.0.as_slice()
    }
}
impl Debug for BlockHash {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl Display for BlockHash {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl Random for BlockHash {
    fn random(mut rng: impl CryptoRng) -> Self {
        let mut bytes = [0u8; 32];
        rng.fill_bytes(&mut bytes);
        Self(B256::new(bytes))
    }
}
impl Digest for BlockHash {
    const EMPTY: Self = Self(B256::ZERO);
}
