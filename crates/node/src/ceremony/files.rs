//! The files that a ceremony keeps and gives.

use std::{collections::BTreeSet, fs, io, path::PathBuf};

use commonhold_ceremony::{Event, Host, file};
use commonhold_primitives::Genesis;
use commonhold_seal::{
    ceremony::{Ceremony, Finished},
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
pub(super) struct Files {
    /// The genesis document without a seal key.
    pub(super) genesis: Genesis,
    /// The member's place.
    pub(super) me: u32,
    /// What memory and share are locked with.
    pub(super) lock: Lock,
    pub(super) seal_lock: SealLock,
    pub(super) memory: PathBuf,
    pub(super) share: PathBuf,
    /// The sealed genesis document.
    pub(super) output: PathBuf,
    /// The result, once it is written.
    pub(super) made: Option<Finished>,
    /// Members that were last said to lack it.
    pub(super) lacking: BTreeSet<u32>,
    pub(super) tell: Box<dyn FnMut(Event) + Send>,
}

impl Host for Files {
    type Error = CeremonyFailure;

    fn remember(&mut self, ceremony: &Ceremony) -> Result<(), CeremonyFailure> {
        let mut rng = keys::os_rng().map_err(NodeError::Key)?;
        let bytes = file::write(ceremony, self.me, &self.lock, &mut rng).map_err(|e| {
            CeremonyFailure::Memory {
                path: self.memory.clone(),
                source: e.into(),
            }
        })?;
        Ok(keys::replace_private(&self.memory, &bytes).map_err(NodeError::Key)?)
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
    pub(super) fn sealed(&self, finished: &Finished) -> Result<Genesis, CeremonyFailure> {
        let sealed = Genesis {
            sealing: Some(finished.group.to_bytes().into()),
            ..self.genesis.clone()
        };
        // It founds a network, or nobody shall have it.
        Genesis::parse(&document(&sealed)?).map_err(NodeError::Genesis)?;
        Ok(sealed)
    }

    /// Checks that nothing is in the way of a result.
    pub(super) fn are_free(&self) -> Result<(), CeremonyFailure> {
        for path in [&self.share, &self.output] {
            if fs::symlink_metadata(path).is_ok() {
                return Err(CeremonyFailure::InTheWay(path.clone()));
            }
        }
        Ok(())
    }

    /// Writes share and document, where a former run has not.
    pub(super) fn write(&self, finished: &Finished) -> Result<(), CeremonyFailure> {
        let sealed = self.sealed(finished)?;
        let (network, group, share) = (sealed.hash(), &finished.group, &finished.share);
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
