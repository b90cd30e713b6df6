//! A dealer, for networks that develop.

use core::num::NonZeroU32;

use commonhold_primitives::limits::MEMBERS_MAX;
use commonware_cryptography::bls12381::{
    dkg::feldman_desmedt::deal_anonymous,
    primitives::{sharing::Mode, variant::MinSig},
};
use commonware_utils::N3f1;
use rand_core::CryptoRng;

use crate::{
    error::SealError,
    group::{Group, SealShare},
};

/// Deals a seal key to `members` members. The share at place `i` is for the member whose identity key
/// is the `i`th in their order.
///
/// Whoever runs this could open everything: it is for development. Members of a real network run a
/// [ceremony](crate::ceremony).
///
/// # Errors
/// [`SealError::Group`] where there are no members, or more than [`MEMBERS_MAX`].
pub fn deal(members: u32, rng: &mut impl CryptoRng) -> Result<(Group, Vec<SealShare>), SealError> {
    let count = NonZeroU32::new(members)
        .filter(|count| count.get() <= MEMBERS_MAX)
        .ok_or_else(|| SealError::Group(format!("1 to {MEMBERS_MAX} members, not {members}")))?;
    let (sharing, shares) = deal_anonymous::<MinSig, N3f1>(rng, Mode::NonZeroCounter, count);
    let shares = shares.into_iter().map(SealShare::new).collect();
    Ok((Group::new(sharing)?, shares))
}
