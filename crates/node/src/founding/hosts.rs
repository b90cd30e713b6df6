//! What is written and told while a founding runs.

use std::path::Path;
use std::{io, path::PathBuf};

use commonhold_ceremony::{Event, Host};
use commonhold_seal::{
    ceremony::{Ceremony, Finished, Made, Purpose},
    locked::Lock,
};
use tokio::sync::oneshot;

use super::{News, Tell};
use crate::{
    ceremony::{
        CeremonyFailure, Words,
        files::{self, Files},
    },
    error::NodeError,
    keys::{self, KeyError},
};

/// For whom the network key's ceremony is run.
pub(super) struct NetworkHost {
    pub(super) me: u32,
    pub(super) lock: Lock,
    pub(super) memory: PathBuf,
    pub(super) share: PathBuf,
    /// Gets the result, once it is written.
    pub(super) made: Option<oneshot::Sender<Finished>>,
    pub(super) round: u64,
    pub(super) words: Words,
    pub(super) tell: Tell,
}

impl Host for NetworkHost {
    type Error = CeremonyFailure;

    fn remember(&mut self, ceremony: &Ceremony) -> Result<(), CeremonyFailure> {
        files::remember(ceremony, self.me, &self.lock, &self.memory)
    }

    fn finish(&mut self, finished: &Finished) -> Result<(), CeremonyFailure> {
        write_share(&self.share, finished)?;
        self.tell(Event::Finished);
        if let Some(made) = self.made.take() {
            // Where nobody waits for it, the run ends.
            let _ = made.send(finished.clone());
        }
        Ok(())
    }

    fn tell(&mut self, event: Event) {
        // Once this key is made, the other one is spoken of.
        if self.made.is_none() && !matches!(event, Event::Fault { .. }) {
            return;
        }
        (self.tell.lock())(News::Happens {
            key: Purpose::Network,
            round: self.round,
            words: &self.words,
            event,
        });
    }
}

/// Writes the share of the network key, where a former run has not.
pub(super) fn write_share(path: &Path, finished: &Finished) -> Result<(), CeremonyFailure> {
    let Made::Network { share, .. } = &finished.made else {
        return Err(CeremonyFailure::Network);
    };
    match keys::read_share(path) {
        Ok(known) if known == *share.share() => Ok(()),
        Ok(_) => Err(CeremonyFailure::InTheWay(path.to_path_buf())),
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(keys::write_share(path, share.share()).map_err(NodeError::Key)?)
        }
        Err(e) => Err(NodeError::Key(e).into()),
    }
}

/// For whom the seal key's ceremony is run.
pub(super) struct SealHost {
    pub(super) files: Files,
    pub(super) round: u64,
    pub(super) words: Words,
    pub(super) tell: Tell,
}

impl Host for SealHost {
    type Error = CeremonyFailure;

    fn remember(&mut self, ceremony: &Ceremony) -> Result<(), CeremonyFailure> {
        self.files.remember(ceremony)
    }

    fn finish(&mut self, finished: &Finished) -> Result<(), CeremonyFailure> {
        self.files.finish(finished)
    }

    fn tell(&mut self, event: Event) {
        self.files.tell(event.clone());
        (self.tell.lock())(News::Happens {
            key: Purpose::Seal,
            round: self.round,
            words: &self.words,
            event,
        });
    }
}
