//! The seal key: its public side, and the members' shares of it.

use core::fmt;

use alloy_primitives::{B256, keccak256};
use commonhold_primitives::{
    consensus::{NetworkKey, Sharing},
    limits::MEMBERS_MAX,
};
use commonware_codec::{Copying, Decode as _, DecodeExt as _, Encode as _, Write as _};
use commonware_cryptography::bls12381::primitives::{
    group::{Private, Share},
    ops::threshold,
    sharing::ModeVersion,
    variant::MinSig,
};
use commonware_math::algebra::Additive as _;
use commonware_utils::{Faults as _, N3f1, NZU32, Participant};
use zeroize::Zeroizing;

use crate::{error::SealError, identity::Target, partial::Partial};

/// Bytes of a seal key.
pub const SEAL_KEY_LEN: usize = 96;

/// The public key that everybody seals to: a point of BLS12-381's G2, 96 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealKey(NetworkKey);

impl SealKey {
    /// Decodes a seal key.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where the bytes are no point of the group, or the point at infinity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        NetworkKey::decode(Copying(bytes))
            .map(Self)
            .map_err(|e| SealError::malformed("seal key", e))
    }

    /// The 96 bytes.
    pub fn to_bytes(&self) -> [u8; SEAL_KEY_LEN] {
        let mut bytes = [0; SEAL_KEY_LEN];
        self.0.write(&mut bytes.as_mut_slice());
        bytes
    }

    pub(crate) const fn point(&self) -> &NetworkKey {
        &self.0
    }
}

impl fmt::Display for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.to_bytes()))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({self})")
    }
}

/// The public side of a shared seal key: the key, and what is needed to check each member's work.
///
/// A member is named by its place, from 0 on, in the order of all members' identity keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group(Sharing);

impl Group {
    /// Takes a sharing in which exactly the quorum of its members opens.
    ///
    /// # Errors
    /// [`SealError::Group`] where fewer or more would, where it has more than [`MEMBERS_MAX`] members,
    /// or where its key is the point at infinity.
    pub fn new(sharing: Sharing) -> Result<Self, SealError> {
        let members = sharing.total().get();
        if members > MEMBERS_MAX {
            return Err(SealError::Group(format!(
                "{members} members are more than MEMBERS_MAX"
            )));
        }
        let quorum = N3f1::quorum(members);
        if sharing.required() != quorum {
            return Err(SealError::Group(format!(
                "{} of {members} members would open it instead of {quorum}",
                sharing.required()
            )));
        }
        if *sharing.public() == NetworkKey::zero() {
            return Err(SealError::Group("it is the point at infinity".into()));
        }
        Ok(Self(sharing))
    }

    /// Decodes the form that [`Self::to_bytes`] writes.
    ///
    /// # Errors
    /// Where the bytes are malformed, and as [`Self::new`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Sharing::decode_cfg(Copying(bytes), &(NZU32!(MEMBERS_MAX), ModeVersion::v0()))
            .map_err(|e| SealError::malformed("sharing of a seal key", e))
            .and_then(Self::new)
    }

    /// The encoded public polynomial, as it stands in a genesis document.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.encode().to_vec()
    }

    /// keccak-256 of [`Self::to_bytes`]: which sharing of which key this is.
    pub fn digest(&self) -> B256 {
        keccak256(self.to_bytes())
    }

    /// The key that everybody seals to.
    pub fn key(&self) -> SealKey {
        SealKey(*self.0.public())
    }

    /// How many members hold a share.
    pub const fn members(&self) -> u32 {
        self.0.total().get()
    }

    /// How many members' partials open: 2f + 1 of 3f + 1.
    pub fn threshold(&self) -> u32 {
        self.0.required()
    }

    /// Checks that a share is the one that this group commits to at its place.
    ///
    /// # Errors
    /// [`SealError::WrongShare`] where it is not.
    pub fn check(&self, share: &SealShare) -> Result<(), SealError> {
        let public = self.0.partial_public(share.0.index);
        if public.is_ok_and(|public| public == share.0.public::<MinSig>()) {
            Ok(())
        } else {
            Err(SealError::WrongShare(share.member()))
        }
    }

    pub(crate) const fn sharing(&self) -> &Sharing {
        &self.0
    }
}

/// A member's share of the seal key. Wiped when dropped.
#[derive(Clone)]
pub struct SealShare(Share);

impl SealShare {
    /// Takes a share as ceremonies give it.
    pub const fn new(share: Share) -> Self {
        Self(share)
    }

    /// The share as ceremonies take it.
    pub fn into_inner(self) -> Share {
        self.0
    }

    /// The share of the member at this place, from the 32 bytes that [`Self::secret_bytes`] gives.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where they are no scalar, or zero. The bytes are not repeated.
    pub fn from_secret_bytes(member: u32, bytes: &[u8; 32]) -> Result<Self, SealError> {
        let private = Private::decode(Copying(bytes.as_slice()))
            .map_err(|_| SealError::malformed("share", "not a scalar of the group"))?;
        Ok(Self(Share::new(Participant::new(member), private)))
    }

    /// The secret scalar, 32 bytes, big-endian.
    pub fn secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.0.private.write(&mut bytes.as_mut_slice());
        bytes
    }

    /// The place of the member whose share it is.
    pub const fn member(&self) -> u32 {
        self.0.index.get()
    }

    /// The member's part in opening what is sealed to `target`. Whoever calls this has checked, on
    /// what its own node holds to be final, that the ledger lets it be opened.
    pub fn partial(&self, target: &Target<'_>) -> Partial {
        Partial::new(threshold::sign_message::<MinSig>(
            &self.0,
            target.namespace.as_bytes(),
            &target.identity.to_bytes(),
        ))
    }
}

impl fmt::Debug for SealShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealShare of member {}", self.member())
    }
}
