//! Why a ceremony does not begin, or ends without a key.

use std::path::PathBuf;

use commonhold_ceremony::file::ChoiceError;
use commonhold_seal::{ShareFileError, ceremony::CeremonyError};

use crate::{error::NodeError, seal_share::SealShareError};

/// Why a ceremony does not begin, or ends without a key.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyFailure {
    /// Configuration, genesis document, key files, or the port.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// There is nothing to do.
    #[error(
        "the genesis document {} has a seal key already, and a network keeps its key: `commonhold seal \
         show {}` prints it. A ceremony begins with a document without `sealing`",
        .0.display(), .0.display()
    )]
    HasKey(PathBuf),
    /// Another process of this member is at it.
    #[error(
        "a ceremony of this member is running already: it holds {}. Stop it, or let it go on",
        .0.display()
    )]
    Running(PathBuf),
    /// What a former run remembers cannot be used.
    #[error(
        "{}: {source}. Check `data`, `genesis`, `identity` and `seal_lock`. Where it is left from a \
         ceremony that all members have given up, move it away", path.display()
    )]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ShareFileError,
    },
    /// What unlocks the memory is not there.
    #[error(
        "{} is locked with what stood in {}, which is gone: put it back", memory.display(), lock.display()
    )]
    LockGone {
        /// The lock.
        lock: PathBuf,
        /// The memory.
        memory: PathBuf,
    },
    /// The round that was asked for.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// A file that the ceremony would write.
    #[error(
        "{} is there already and is not of this ceremony; nothing is overwritten. Move it away, or have \
         the new one written elsewhere (`seal_share` for the share, -o for the genesis document)",
        .0.display()
    )]
    InTheWay(PathBuf),
    /// This member's share, or what unlocks it.
    #[error(transparent)]
    Share(#[from] SealShareError),
    /// This member cannot go on.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The round gave no key in time. The text names the members.
    #[error("{0}")]
    Incomplete(String),
    /// It was asked to stop.
    #[error(
        "stopped before there was a key. All that was done is remembered: run the same command to go on"
    )]
    Stopped,
    /// The network ended.
    #[error("the members' network has stopped: run the same command to go on")]
    Network,
}
