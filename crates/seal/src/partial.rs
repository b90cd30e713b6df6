//! Partials, opening keys, and how the one becomes the other.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use commonware_codec::{Copying, DecodeExt as _, Write as _};
use commonware_cryptography::{
    Secret,
    bls12381::primitives::{
        ops::{hash_with_namespace, threshold},
        variant::{MinSig, PartialSignature, Variant},
    },
};
use commonware_parallel::Sequential;
use commonware_utils::Participant;
use zeroize::Zeroizing;

use crate::{
    error::SealError,
    group::{Group, SealKey},
    identity::Target,
    limits::PARTIALS_MAX,
};

/// A signature in BLS12-381's G1.
pub(crate) type Point = <MinSig as Variant>::Signature;

/// Bytes of a signature, a partial one or a whole one.
pub const SIGNATURE_LEN: usize = 48;
/// Bytes of a partial: the member's place, u32, and its signature.
pub const PARTIAL_LEN: usize = 4 + SIGNATURE_LEN;

fn point(what: &'static str, bytes: &[u8]) -> Result<Point, SealError> {
    Point::decode(Copying(bytes)).map_err(|e| SealError::malformed(what, e))
}

fn point_bytes(point: &Point) -> Zeroizing<[u8; SIGNATURE_LEN]> {
    let mut bytes = Zeroizing::new([0; SIGNATURE_LEN]);
    point.write(&mut bytes.as_mut_slice());
    bytes
}

/// One member's part in an opening: its share's signature of the identity. Wiped when dropped. For a
/// time it is public; for a record it is for the reader alone.
#[derive(Clone)]
pub struct Partial(Secret<PartialSignature<MinSig>>);

impl Partial {
    pub(crate) const fn new(partial: PartialSignature<MinSig>) -> Self {
        Self(Secret::new(partial))
    }

    /// The partial of the member at this place.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where the bytes are no point of the group.
    pub fn from_signature(member: u32, signature: &[u8]) -> Result<Self, SealError> {
        Ok(Self::new(PartialSignature {
            index: Participant::new(member),
            value: point("partial", signature)?,
        }))
    }

    /// Decodes `member u32 ‖ signature 48`.
    ///
    /// # Errors
    /// As [`Self::from_signature`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let (member, signature) = bytes
            .split_first_chunk::<4>()
            .ok_or_else(|| SealError::malformed("partial", "52 bytes are expected"))?;
        Self::from_signature(u32::from_be_bytes(*member), signature)
    }

    /// `member u32 ‖ signature 48`.
    pub fn to_bytes(&self) -> Zeroizing<[u8; PARTIAL_LEN]> {
        let mut bytes = Zeroizing::new([0; PARTIAL_LEN]);
        let (member, signature) = bytes.split_at_mut(4);
        member.copy_from_slice(&self.member().to_be_bytes());
        signature.copy_from_slice(self.signature().as_slice());
        bytes
    }

    /// The place of the member that it is said to come from.
    pub fn member(&self) -> u32 {
        self.0.expose(|partial| partial.index.get())
    }

    /// The signature without the member's place.
    pub fn signature(&self) -> Zeroizing<[u8; SIGNATURE_LEN]> {
        self.0.expose(|partial| point_bytes(&partial.value))
    }

    /// Checks the partial against the group.
    ///
    /// # Errors
    /// [`SealError::FalsePartial`] where it is not its member's signature of the target.
    pub fn verify(&self, group: &Group, target: &Target<'_>) -> Result<(), SealError> {
        self.verify_hashed(group, &hash(target))
    }

    fn verify_hashed(&self, group: &Group, hashed: &Point) -> Result<(), SealError> {
        let good = self.0.expose(|partial| {
            group
                .sharing()
                .partial_public(partial.index)
                .is_ok_and(|public| MinSig::verify(&public, hashed, &partial.value).is_ok())
        });
        if good {
            Ok(())
        } else {
            Err(SealError::FalsePartial(self.member()))
        }
    }
}

impl fmt::Debug for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Partial of member {}", self.member())
    }
}

fn hash(target: &Target<'_>) -> Point {
    hash_with_namespace::<MinSig>(
        MinSig::MESSAGE,
        target.namespace.as_bytes(),
        &target.identity.to_bytes(),
    )
}

/// What opens everything that is sealed to one identity: the group's signature of it, 48 bytes. Wiped
/// when dropped. For a time it is public; for a record whoever holds it can open the record.
#[derive(Clone)]
pub struct OpeningKey(Secret<Point>);

impl OpeningKey {
    /// Decodes an opening key. Whether it is the one of an identity, [`Self::verify`] says.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where the bytes are no point of the group.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Ok(Self(Secret::new(point("opening key", bytes)?)))
    }

    /// The 48 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; SIGNATURE_LEN]> {
        self.0.expose(point_bytes)
    }

    /// Checks that this is the opening key of `target`. Anybody can, with the seal key alone.
    ///
    /// # Errors
    /// [`SealError::FalseOpening`] where it is not.
    pub fn verify(&self, key: &SealKey, target: &Target<'_>) -> Result<(), SealError> {
        self.0
            .expose(|point| MinSig::verify(key.point(), &hash(target), point))
            .map_err(|_| SealError::FalseOpening)
    }

    pub(crate) fn expose<R>(&self, f: impl for<'a> FnOnce(&'a Point) -> R) -> R {
        self.0.expose(f)
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpeningKey")
    }
}

/// What came of a combination.
#[derive(Clone, Debug)]
pub struct Combined {
    /// The opening key, which has been verified.
    pub opening: OpeningKey,
    /// The places of members for which a false partial came, where that had to be looked into. Empty
    /// does not mean that all were good: what was not needed is not looked at.
    pub blamed: Vec<u32>,
}

impl Group {
    /// Makes the opening key of `target` out of the members' partials.
    ///
    /// Where the first [`Self::threshold`] of them give a signature that verifies, that was the only
    /// check made. Where not, each is checked against the member's own public key, the good ones are
    /// combined, and the places of the false ones are returned. Several partials may claim one place.
    /// To know that a member itself made a false partial, and not whoever brought it, see
    /// [`crate::Answer`].
    ///
    /// # Errors
    /// [`SealError::NotEnough`] where too few are good; it names the false ones.
    /// [`SealError::TooManyPartials`] over [`PARTIALS_MAX`].
    pub fn combine(
        &self,
        target: &Target<'_>,
        partials: &[Partial],
    ) -> Result<Combined, SealError> {
        if partials.len() > PARTIALS_MAX {
            return Err(SealError::TooManyPartials(partials.len()));
        }
        let hashed = hash(target);
        let mut first = BTreeMap::new();
        for partial in partials {
            if partial.member() < self.members() {
                first.entry(partial.member()).or_insert(partial);
            }
        }
        if let Some(opening) = self.recover(&hashed, first.into_values()) {
            return Ok(Combined {
                opening,
                blamed: Vec::new(),
            });
        }
        let mut good = BTreeMap::new();
        let mut blamed = BTreeSet::new();
        for partial in partials {
            match partial.verify_hashed(self, &hashed) {
                Ok(()) => {
                    good.insert(partial.member(), partial);
                }
                Err(_) => {
                    blamed.insert(partial.member());
                }
            }
        }
        let blamed = blamed.into_iter().collect();
        let count = u32::try_from(good.len()).unwrap_or(u32::MAX);
        match self.recover(&hashed, good.into_values()) {
            Some(opening) => Ok(Combined { opening, blamed }),
            None => Err(SealError::NotEnough {
                need: self.threshold(),
                good: count,
                blamed,
            }),
        }
    }

    /// Interpolates and verifies. `None`: there are too few, or a false one is among those used.
    fn recover<'a>(
        &self,
        hashed: &Point,
        partials: impl Iterator<Item = &'a Partial>,
    ) -> Option<OpeningKey> {
        let plain: Vec<PartialSignature<MinSig>> = partials
            .map(|partial| partial.0.expose(Clone::clone))
            .collect();
        let point = threshold::recover(self.sharing(), &plain, &Sequential).ok()?;
        MinSig::verify(self.key().point(), hashed, &point).ok()?;
        Some(OpeningKey(Secret::new(point)))
    }
}
