//! A member's share of the seal key on disk, and what unlocks it.
//!
//! The share file is encrypted ([`commonhold_seal::write_share`]). What unlocks it stands in another
//! file, which an operator keeps elsewhere: on another disk, or where the service manager puts
//! credentials. It holds a passphrase, or a key of 32 bytes in hex.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use commonhold_primitives::{Genesis, consensus::MemberKey, genesis::GenesisError};
use commonhold_seal::{
    Group, SealError, SealShare, ShareFileError,
    limits::SHARE_FILE_BYTES_MAX,
    locked::{Lock, LockedError, Unlock},
    read_share, write_share,
};
use commonware_cryptography::Signer as _;
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
        path: PathBuf,
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
    let lock = SealLock::read(&config.seal_lock)?;
    let place = place(genesis, me)?;
    let share = lock
        .open(|unlock| read_share(&file, genesis.hash(), &group, place, unlock))?
        .map_err(|source| SealShareError::Share {
            path: path.clone(),
            source,
        })?;
    Ok(Some((group, Some(share))))
}

/// Whether a member has a share that opens and is its own; `None` where its network has no seal key.
///
/// # Errors
/// As [`read`], and where the member's other files cannot be read.
pub fn check(config: &NodeConfig) -> Result<Option<bool>, SealShareError> {
    let genesis = fs::read(&config.genesis).map_err(keys::io_error(&config.genesis))?;
    let genesis = Genesis::parse(&genesis)?;
    let me = keys::read_identity(&config.identity)?.public_key();
    Ok(read(config, &genesis, &me)?.map(|(_, share)| share.is_some()))
}

/// What unlocks a member's files: what stands in the file `seal_lock`.
pub struct SealLock {
    path: PathBuf,
    text: Zeroizing<Vec<u8>>,
    key: Option<Zeroizing<[u8; 32]>>,
}

impl SealLock {
    /// Reads it.
    ///
    /// # Errors
    /// Where the file is missing, open to others, or too long.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = keys::read_private(path, KEY_FILE_BYTES_MAX)?;
        Ok(Self {
            path: path.to_path_buf(),
            key: as_key(&text),
            text,
        })
    }

    /// Makes a new key in a new file.
    ///
    /// # Errors
    /// Where the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; 32]);
        rand_core::Rng::fill_bytes(&mut keys::os_rng()?, key.as_mut_slice());
        keys::write_secret(path, key.as_slice())?;
        Self::read(path)
    }

    /// A lock for new files. A passphrase costs some tenths of a second.
    ///
    /// # Errors
    /// Where it holds neither a key nor a passphrase.
    pub fn lock(&self) -> Result<Lock, SealShareError> {
        let unlock = match &self.key {
            Some(key) => Unlock::Key(key),
            None => Unlock::Passphrase(self.passphrase()?),
        };
        Lock::new(unlock, &mut keys::os_rng()?).map_err(|e| SealShareError::Share {
            path: self.path.clone(),
            source: e.into(),
        })
    }

    /// Opens a file with the key, or with the passphrase where it is locked with one. A passphrase may
    /// look like a key.
    ///
    /// # Errors
    /// The outer one where there is no passphrase; the inner one is `open`'s.
    pub fn open<T>(
        &self,
        open: impl Fn(Unlock<'_>) -> Result<T, ShareFileError>,
    ) -> Result<Result<T, ShareFileError>, KeyError> {
        if let Some(key) = &self.key {
            let opened = open(Unlock::Key(key));
            if !matches!(
                opened,
                Err(ShareFileError::Locked(LockedError::OtherLock { .. }))
            ) {
                return Ok(opened);
            }
        }
        Ok(open(Unlock::Passphrase(self.passphrase()?)))
    }

    fn passphrase(&self) -> Result<&str, KeyError> {
        let malformed = |why| KeyError::Malformed {
            path: self.path.clone(),
            why,
        };
        let text =
            std::str::from_utf8(&self.text).map_err(|_| malformed("a passphrase is text"))?;
        let passphrase = text.trim_end_matches(['\r', '\n']);
        if passphrase.is_empty() {
            return Err(malformed("it is empty"));
        }
        Ok(passphrase)
    }
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
    let lock = SealLock::create(lock_file)?.lock()?;
    write_locked(share, genesis.hash(), &group, share_file, &lock)
}

/// Writes a share to a new file, under a lock that is kept elsewhere.
///
/// # Errors
/// As [`write`].
pub fn write_locked(
    share: &SealShare,
    network: B256,
    group: &Group,
    share_file: &Path,
    lock: &Lock,
) -> Result<(), SealShareError> {
    let file =
        write_share(share, network, group, lock, &mut keys::os_rng()?).map_err(|source| {
            SealShareError::Share {
                path: share_file.to_path_buf(),
                source,
            }
        })?;
    Ok(keys::write_private(share_file, &file)?)
}

/// The key that stands in hex in a file.
fn as_key(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), key.as_mut_slice()).ok()?;
    Some(key)
}
