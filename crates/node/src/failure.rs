//! From what ends an engine to an error that says what to do.
//!
//! The engine's actors answer storage that fails, or holds what cannot be, with a panic: going on
//! would be worse. The runtime hands the panic of any task to whoever started it, here. Two things
//! are known then: what was said, and how far the node had come.
//!
//! * The disk has no room or refuses to be written: that is why.
//! * The node was still opening its store: the same files give the same end again, so they are
//!   damaged. (Downloading the state from others is not opening; the others may be the reason.)
//! * The node was told to stop: its parts stop one after another, and one that waits for one that has
//!   stopped panics too. Nothing is wrong, unless the disk is.
//! * The node was serving: damaged where the engine names a checksum or the like; otherwise a
//!   failure that a restart may mend.

use std::{
    any::Any,
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use tracing::{error, warn};

use crate::{disk, error::NodeError};

/// Where the code lives whose panics end a node.
const ENGINE: [&str; 3] = ["commonware-", "crates/chain/", "crates/state/"];
/// What the engine calls stored bytes that are not what was written.
const DAMAGE: [&str; 4] = ["corrupt", "checksum", "codec", "mismatch"];
/// What it calls a download of the state that failed.
const DOWNLOAD: &str = "state sync task failed";
/// What the system calls a full disk.
const FULL: &str = "No space left on device";

/// A node's run, as far as it matters for what ends it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Run {
    data: PathBuf,
    serving: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
    said: Arc<Mutex<Option<String>>>,
}

impl Run {
    /// A run that keeps its files in `data`.
    pub(crate) fn new(data: &Path) -> Self {
        Self {
            data: data.into(),
            serving: Arc::default(),
            stopping: Arc::default(),
            said: Arc::default(),
        }
    }

    /// The store is open.
    pub(crate) fn serves(&self) {
        self.serving.store(true, Ordering::Release);
    }

    /// The node was told to stop.
    pub(crate) fn stops(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Runs the engine and what depends on it.
    ///
    /// # Errors
    /// What `work` says, or what its panic means.
    pub(crate) fn guard(
        &self,
        work: impl FnOnce() -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        let usual = panic::take_hook();
        let run = self.clone();
        panic::set_hook(Box::new(move |info| run.note(info)));
        let ended = panic::catch_unwind(AssertUnwindSafe(work));
        panic::set_hook(usual);
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(self.full(e)),
            Err(payload) => {
                // Actors that wait for one that panicked panic as well; the first says why.
                let said = self.said.lock().take();
                self.meaning(said.unwrap_or_else(|| text(&*payload)))
            }
        }
    }

    /// Logs a panic, and keeps the engine's first.
    fn note(&self, info: &PanicHookInfo<'_>) {
        let file = info.location().map(|l| l.file()).unwrap_or_default();
        let line = info.location().map_or(0, |l| l.line());
        let why = text(info.payload());
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            error!(file, line, %backtrace, "panicked: {why}");
        } else {
            error!(file, line, "panicked: {why}");
        }
        // Others, as the index's, are caught where they happen.
        if ENGINE.iter().any(|part| file.contains(part)) {
            self.said.lock().get_or_insert(why);
        }
    }

    /// An error of the engine or of what it feeds: where the disk is full, that is why.
    fn full(&self, error: NodeError) -> NodeError {
        match error {
            NodeError::Listen { .. }
            | NodeError::ListenMembers { .. }
            | NodeError::Endpoint { .. }
            | NodeError::Modules(_) => error,
            error => disk::check(&self.data).err().unwrap_or(error),
        }
    }

    /// What a panic means.
    fn meaning(&self, why: String) -> Result<(), NodeError> {
        if why.contains(FULL) {
            let dir = self.data.clone();
            return Err(NodeError::DiskFull { dir });
        }
        let lower = why.to_lowercase();
        let stopping = self.stopping.load(Ordering::Acquire);
        let is_damage = if stopping || self.serving.load(Ordering::Acquire) {
            DAMAGE.iter().any(|word| lower.contains(word))
        } else {
            !lower.contains(DOWNLOAD)
        };
        if is_damage {
            return Err(self.full(NodeError::damaged(&self.data, why)));
        }
        match self.full(NodeError::Failed(why)) {
            NodeError::Failed(why) if stopping => {
                warn!(
                    why,
                    "a part of the engine was waiting for one that had stopped"
                );
                Ok(())
            }
            error => Err(error),
        }
    }
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
        .to_owned()
}

#[cfg(test)]
mod tests;
