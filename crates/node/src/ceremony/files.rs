//! The files that a ceremony keeps and gives.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use commonhold_ceremony::{Event, Host, file};
use commonhold_primitives::Genesis;
use commonhold_seal::{
    Group, SealShare,
    ceremony::{Ceremony, CeremonyError, Finished},
    limits::SHARE_FILE_BYTES_MAX,
    locked::Lock,
    read_share,
};

use super::CeremonyFailure;
use crate::{
    error::NodeError,
    keys::{self, KeyError},
    seal_share::{self, SealLock},
};

/// Where everything goes, and who hears of it.
pub(crate) struct Files {
    /// The genesis document without a seal key.
    pub(crate) genesis: Genesis,
    /// The member's place.
    pub(crate) me: u32,
    /// What memory and share are locked with.
    pub(crate) lock: Lock,
    pub(crate) seal_lock: Arc<SealLock>,
    pub(crate) memory: PathBuf,
    pub(crate) share: PathBuf,
    /// The sealed genesis document.
    pub(crate) output: PathBuf,
    /// The result, once it is written.
    pub(crate) made: Option<Finished>,
    /// Members that were last said to lack it.
    pub(crate) lacking: BTreeSet<u32>,
    pub(crate) tell: Box<dyn FnMut(Event) + Send>,
}

/// Writes the memory of the member at place `me` in the place of the former one.
pub(crate) fn remember(
    ceremony: &Ceremony,
    me: u32,
    lock: &Lock,
    path: &Path,
) -> Result<(), CeremonyFailure> {
    let mut rng = keys::os_rng().map_err(NodeError::Key)?;
    let bytes = file::write(ceremony, me, lock, &mut rng).map_err(|e| CeremonyFailure::Memory {
        path: path.to_path_buf(),
        source: e.into(),
    })?;
    Ok(keys::replace_private(path, &bytes).map_err(NodeError::Key)?)
}

/// Checks that no file is at `path`.
pub(crate) fn is_free(path: &Path) -> Result<(), CeremonyFailure> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(CeremonyFailure::InTheWay(path.to_path_buf())),
        Err(_) => Ok(()),
    }
}

/// The seal key of a result, and this member's share of it.
pub(crate) fn seal(finished: &Finished) -> Result<(&Group, &SealShare), CeremonyFailure> {
    let other = || CeremonyError::Lost("its memory is of another key".into());
    Ok(finished.made.seal().ok_or_else(other)?)
}

impl Host for Files {
    type Error = CeremonyFailure;

    fn remember(&mut self, ceremony: &Ceremony) -> Result<(), CeremonyFailure> {
        remember(ceremony, self.me, &self.lock, &self.memory)
    }

    fn finish(&mut self, finished: &Finished) -> Result<(), CeremonyFailure> {
        self.write(finished)?;
        self.made = Some(finished.clone());
        Ok(())
    }

    fn tell(&mut self, event: Event) {
        if let Event::Lingering(lacking) = &event {
            self.lacking.clone_from(lacking);
        }
        (self.tell)(event);
    }
}

impl Files {
    /// The genesis document with the seal key.
    pub(crate) fn sealed(&self, finished: &Finished) -> Result<Genesis, CeremonyFailure> {
        let (group, _) = seal(finished)?;
        let sealed = Genesis {
            sealing: Some(group.to_bytes().into()),
            ..self.genesis.clone()
        };
        // It founds a network, or nobody shall have it.
        Genesis::parse(&document(&sealed)?).map_err(NodeError::Genesis)?;
        Ok(sealed)
    }

    /// Checks that nothing is in the way of a result.
    pub(crate) fn are_free(&self) -> Result<(), CeremonyFailure> {
        is_free(&self.share)?;
        is_free(&self.output)
    }

    /// Writes share and document, where a former run has not.
    pub(crate) fn write(&self, finished: &Finished) -> Result<(), CeremonyFailure> {
        let sealed = self.sealed(finished)?;
        let (network, (group, share)) = (sealed.hash(), seal(finished)?);
        match keys::read_private(&self.share, SHARE_FILE_BYTES_MAX) {
            Ok(bytes) => {
                let known = self
                    .seal_lock
                    .open(|unlock| read_share(&bytes, network, group, self.me, unlock))
                    .map_err(NodeError::Key)?;
                if !known.is_ok_and(|known| known.secret_bytes() == share.secret_bytes()) {
                    return Err(CeremonyFailure::InTheWay(self.share.clone()));
                }
            }
            Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                seal_share::write_locked(share, network, group, &self.share, &self.lock)?;
            }
            Err(e) => return Err(NodeError::Key(e).into()),
        }
        // The document comes last: whoever sees it has the share.
        let bytes = document(&sealed)?;
        match keys::write_public(&self.output, &bytes) {
            // By a former run, or by another member that shares the directory.
            Err(KeyError::Exists(path)) if fs::read(&path).is_ok_and(|known| known == bytes) => {
                Ok(())
            }
            Err(KeyError::Exists(path)) => Err(CeremonyFailure::InTheWay(path)),
            written => Ok(written.map_err(NodeError::Key)?),
        }
    }
}

/// The bytes of a document, the same for all members.
fn document(genesis: &Genesis) -> Result<Vec<u8>, CeremonyFailure> {
    let mut text = serde_json::to_vec_pretty(genesis).map_err(|e| {
        NodeError::Genesis(commonhold_primitives::genesis::GenesisError::Parse(
            e.to_string(),
        ))
    })?;
    text.push(b'\n');
    Ok(text)
}
