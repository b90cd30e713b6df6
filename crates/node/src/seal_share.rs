//! A member's share of the seal key on disk, and what unlocks it.
//!
//! The share file is encrypted ([`commonhold_seal::write_share`]). What unlocks it stands in another
//! file, which an operator keeps elsewhere: on another disk, or where the service manager puts
//! credentials. It holds a passphrase, or a key of 32 bytes in hex.

use std::{io, path::Path};

use commonhold_primitives::{Genesis, consensus::MemberKey, genesis::GenesisError};
use commonhold_seal::{
    Group, SealError, SealShare, ShareFileError,
    limits::SHARE_FILE_BYTES_MAX,
    locked::{Lock, LockedError, Unlock},
    read_share, write_share,
};
use zeroize::Zeroizing;

use crate::{
    config::NodeConfig,
    keys::{self, KeyError},
    limits::KEY_FILE_BYTES_MAX,
};

/// Why a share file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SealShareError {
    /// The file of the share or of what unlocks it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The share file is another's, or does not open.
    #[error("{}: {source}", path.display())]
    Share {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        source: ShareFileError,
    },
    /// The genesis document's seal key.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The genesis document's seal key.
    #[error(transparent)]
    Group(#[from] SealError),
}

/// The seal key of a network, where it has one.
///
/// # Errors
/// Where the genesis document's does not decode.
pub fn group(genesis: &Genesis) -> Result<Option<Group>, SealShareError> {
    let sharing = genesis.sealing()?;
    Ok(sharing.map(Group::new).transpose()?)
}

/// The place of a member: how many identity keys are smaller than its own.
///
/// # Errors
/// Where the genesis document's keys do not decode.
pub fn place(genesis: &Genesis, member: &MemberKey) -> Result<u32, GenesisError> {
    let keys = genesis.member_keys()?;
    let smaller = keys.iter().filter(|key| *key < member).count();
    Ok(u32::try_from(smaller).unwrap_or(u32::MAX))
}

/// The member's share, where the network has a seal key and the member a share file.
///
/// # Errors
/// Where there is a share file that is another's, damaged, open to others, or does not open.
pub fn read(
    config: &NodeConfig,
    genesis: &Genesis,
    me: &MemberKey,
) -> Result<Option<(Group, Option<SealShare>)>, SealShareError> {
    let Some(group) = group(genesis)? else {
        return Ok(None);
    };
    let path = &config.seal_share;
    let file = match keys::read_private(path, SHARE_FILE_BYTES_MAX) {
        Ok(file) => file,
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(Some((group, None)));
        }
        Err(e) => return Err(e.into()),
    };
    let lock = keys::read_private(&config.seal_lock, KEY_FILE_BYTES_MAX)?;
    let open = |unlock: Unlock<'_>| {
        let place = place(genesis, me)?;
        Ok::<_, SealShareError>(read_share(&file, genesis.hash(), &group, place, unlock))
    };
    let opened = match as_key(&lock) {
        Some(key) => open(Unlock::Key(&key))?,
        None => Err(ShareFileError::Locked(LockedError::OtherLock {
            kind: commonhold_seal::locked::Kind::Share,
            with: "key",
        })),
    };
    let opened = match opened {
        Err(ShareFileError::Locked(LockedError::OtherLock { .. })) => {
            let text = std::str::from_utf8(&lock).map_err(|_| KeyError::Malformed {
                path: config.seal_lock.clone(),
                why: "a passphrase is text",
            })?;
            open(Unlock::Passphrase(text.trim_end_matches(['\r', '\n'])))?
        }
        opened => opened,
    };
    let share = opened.map_err(|source| SealShareError::Share {
        path: path.clone(),
        source,
    })?;
    Ok(Some((group, Some(share))))
}

/// Writes a share and a new key that unlocks it to new files.
///
/// # Errors
/// Where a file exists or cannot be written, or the share is not one of the network's seal key.
pub fn write(
    share: &SealShare,
    genesis: &Genesis,
    share_file: &Path,
    lock_file: &Path,
) -> Result<(), SealShareError> {
    let group = group(genesis)?
        .ok_or_else(|| SealShareError::Group(SealError::Group("this network has none".into())))?;
    let mut rng = keys::os_rng()?;
    let mut key = Zeroizing::new([0; 32]);
    rand_core::Rng::fill_bytes(&mut rng, key.as_mut_slice());
    let failed = |source| SealShareError::Share {
        path: share_file.to_path_buf(),
        source,
    };
    let lock = Lock::new(Unlock::Key(&key), &mut rng).map_err(|e| failed(e.into()))?;
    let file = write_share(share, genesis.hash(), &group, &lock, &mut rng).map_err(failed)?;
    keys::write_secret(lock_file, key.as_slice())?;
    keys::write_private(share_file, &file)?;
    Ok(())
}

/// The key that stands in hex in a file.
fn as_key(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), key.as_mut_slice()).ok()?;
    Some(key)
}
