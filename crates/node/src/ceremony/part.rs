//! What a member's part in a ceremony begins with, or goes on from.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use commonhold_ceremony::{
    file::{self, Choice},
    limits::MEMORY_FILE_BYTES_MAX,
};
use commonhold_seal::{
    ceremony::{Ceremony, Terms},
    locked::Lock,
};
use commonware_cryptography::ed25519::PrivateKey;
use zeroize::Zeroizing;

use super::CeremonyFailure;
use crate::{
    config::NodeConfig,
    error::NodeError,
    keys::{self, KeyError},
    seal_share::SealLock,
};

/// A member's part in one ceremony.
pub(crate) struct Part {
    pub(crate) ceremony: Ceremony,
    /// What its memory is locked with.
    pub(crate) lock: Lock,
    /// Whether the round was begun by a former run.
    pub(crate) resumed: bool,
}

/// Where a member's memories lie.
pub(crate) fn directory(config: &NodeConfig) -> PathBuf {
    config.data.join("ceremony")
}

/// The memory of the seal key's ceremony.
pub(crate) fn seal_memory(config: &NodeConfig) -> PathBuf {
    directory(config).join("memory")
}

/// The memory of the network key's ceremony.
pub(crate) fn network_memory(config: &NodeConfig) -> PathBuf {
    directory(config).join("network")
}

/// Where a member's memories of key ceremonies lie: whoever has them and their lock makes its first shares again.
pub fn memories(config: &NodeConfig) -> [PathBuf; 2] {
    [network_memory(config), seal_memory(config)]
}

/// Keeps a second ceremony of this member away. The lock ends with the process, however it ends.
pub(crate) fn hold(dir: &Path) -> Result<File, CeremonyFailure> {
    let path = dir.join("lock");
    let failed = |source| {
        NodeError::Key(KeyError::Io {
            path: path.clone(),
            source,
        })
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(CeremonyFailure::Running(path)),
        Err(TryLockError::Error(e)) => Err(failed(e).into()),
    }
}

/// What unlocks a member's memories and its share. Where it is not there, it is made, unless one of
/// `memories` is: that was locked with something else.
pub(crate) fn seal_lock(
    config: &NodeConfig,
    memories: &[&Path],
) -> Result<SealLock, CeremonyFailure> {
    let path = &config.seal_lock;
    let lock = match SealLock::read(path) {
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            if let Some(memory) = memories.iter().find(|memory| memory.exists()) {
                return Err(CeremonyFailure::LockGone {
                    lock: path.clone(),
                    memory: memory.to_path_buf(),
                });
            }
            SealLock::create(path)
        }
        read => read,
    };
    Ok(lock.map_err(NodeError::Key)?)
}

/// The ceremony that is remembered in `memory`, with its lock.
fn recall(
    first: &Terms,
    place: u32,
    memory: &Path,
    seal_lock: &SealLock,
    identity: &PrivateKey,
) -> Result<Option<(Ceremony, Lock)>, CeremonyFailure> {
    let Some(bytes) = read(memory)? else {
        return Ok(None);
    };
    let opened = seal_lock
        .open(|unlock| Ok(file::read(&bytes, first, place, unlock)?))
        .map_err(NodeError::Key)?
        .map_err(|source| CeremonyFailure::Memory {
            path: memory.to_path_buf(),
            source,
        })?;
    let mut rng = keys::os_rng().map_err(NodeError::Key)?;
    let ceremony = Ceremony::resume(&opened.memory, identity.clone(), &mut rng)?;
    Ok(Some((ceremony, opened.lock)))
}

/// Takes part in the ceremony that begins with the terms `first`: in the round that is remembered, or in
/// the one that was asked for, where that may be.
pub(crate) fn take(
    first: &Terms,
    place: u32,
    memory: &Path,
    seal_lock: &SealLock,
    identity: &PrivateKey,
    (asked, abandon): (Option<u64>, bool),
) -> Result<Part, CeremonyFailure> {
    let mut rng = keys::os_rng().map_err(NodeError::Key)?;
    let (remembered, lock) = match recall(first, place, memory, seal_lock, identity)? {
        None => (None, seal_lock.lock()?),
        Some((ceremony, lock)) => (Some(ceremony), lock),
    };
    let choice = file::choose(remembered.as_ref(), asked, abandon)?;
    let (ceremony, resumed) = match (choice, remembered) {
        (Choice::Resume, Some(ceremony)) => (ceremony, true),
        (Choice::Begin(round), Some(ceremony)) => (ceremony.next(round, &mut rng)?, false),
        (Choice::Begin(round), None) => {
            let members = first.members().iter().cloned();
            let terms = Terms::new(first.purpose(), first.network(), round, members)?;
            (Ceremony::begin(terms, identity.clone(), &mut rng)?, false)
        }
        (Choice::Resume, None) => return Err(CeremonyFailure::Network),
    };
    Ok(Part {
        ceremony,
        lock,
        resumed,
    })
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, CeremonyFailure> {
    match keys::read_private(path, MEMORY_FILE_BYTES_MAX) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(NodeError::Key(e).into()),
    }
}
