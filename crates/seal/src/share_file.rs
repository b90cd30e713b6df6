//! A share on disk: a [locked](crate::locked) file of kind 1 whose secret is the 32-byte scalar.

use alloy_primitives::B256;
use rand_core::CryptoRng;

use crate::{
    error::SealError,
    group::{Group, SealShare},
    limits::SHARE_FILE_BYTES_MAX,
    locked::{Binding, Kind, Lock, Locked, LockedError, Unlock},
};

/// Why a share file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareFileError {
    /// It is no share file, belongs elsewhere, or does not open.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// It opens, and its share is not one of this seal key.
    #[error(transparent)]
    Share(#[from] SealError),
}

fn binding(network: B256, group: &Group, member: u32) -> Binding {
    Binding {
        network,
        subject: group.digest(),
        member,
    }
}

/// Encrypts a share for the disk. `network` is the hash of the genesis document.
///
/// # Errors
/// [`ShareFileError::Share`] where the share is not one of `group`.
pub fn write_share(
    share: &SealShare,
    network: B256,
    group: &Group,
    lock: &Lock,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, ShareFileError> {
    group.check(share)?;
    let secret = share.secret_bytes();
    let binding = binding(network, group, share.member());
    Ok(lock.seal(Kind::Share, &binding, secret.as_slice(), rng)?)
}

/// Reads the share of the member at place `member` from a file of [`write_share`].
///
/// # Errors
/// [`ShareFileError`] says whether the file is of another network, seal key or member, does not open,
/// or holds a share that is none of `group`'s.
pub fn read_share(
    bytes: &[u8],
    network: B256,
    group: &Group,
    member: u32,
    unlock: Unlock<'_>,
) -> Result<SealShare, ShareFileError> {
    let malformed = |why| LockedError::Malformed {
        kind: Kind::Share,
        why,
    };
    if bytes.len() > SHARE_FILE_BYTES_MAX {
        return Err(malformed("longer than SHARE_FILE_BYTES_MAX").into());
    }
    let file = Locked::parse(Kind::Share, bytes)?;
    file.check(&binding(network, group, member))?;
    let secret = file.open(&file.lock(unlock)?)?;
    let scalar = secret
        .as_slice()
        .try_into()
        .map_err(|_| malformed("a share has 32 bytes"))?;
    let share = SealShare::from_secret_bytes(member, scalar)?;
    group.check(&share)?;
    Ok(share)
}
