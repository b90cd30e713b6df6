//! The journal: what was acknowledged, on the disk.
//!
//! One file (redb). Many readings share one transaction: while the disk writes one group, the next
//! gathers. A reading is acknowledged when its group is on the disk, and never before.
//!
//! ```text
//! readings  (stream, day, sequence)  received u64 ‖ flags u8 ‖ envelope      until it is anchored
//! seen      (subject, counter)       time u64 ‖ 16 bytes of BLAKE3           until it is too late
//! due       (hour, subject)          what `seen` has of which hour
//! subjects  device id                number, floor: the highest counter that was forgotten
//! streams   stream id                number
//! batches   number                   a closed batch and how far it has come (JSON)
//! keys      (stream, day)            the day's data key for the account's eyes, and sealed
//! devices   device id                what the ledger said last (JSON)
//! sessions  client                   until when it is remembered
//! meta      name                     version, totals, the next sequence number
//! ```
//!
//! A reading is the same as one before where subject and counter are, and the same content, which is
//! everything but the signature: some algorithms sign the same twice with different bytes. With the same
//! counter and other content it is a conflict, and refused. Counters are remembered as long as a reading
//! of their time would be taken (`bounds.late_max_seconds`); what is forgotten raises the subject's
//! floor, and no counter at or below it is taken.

mod batches;
mod open;
mod rows;
mod subject;
mod tables;
mod writer;

#[cfg(test)]
mod tests;

use core::{
    pin::Pin,
    task::{Context, Poll},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use alloy_primitives::B256;
use commonhold_reading::{DeviceId, Flags};
use parking_lot::Mutex;
use redb::Database;
use tokio::sync::{mpsc, oneshot};

pub use batches::{BatchRow, Stage};
pub use open::Terms;
pub use rows::{DayKey, KnownRow};
pub use writer::Writer;

use crate::{
    limits::WAITING_READINGS_MAX,
    refusal::Refusal,
    totals::{Counting, Totals},
};

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process has the file open.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// The file is not what it should be.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The disk refuses.
    #[error("the journal cannot be read or written: {0}")]
    Storage(String),
}

macro_rules! storage {
    ($($kind:ty),*) => {$(
        impl From<$kind> for JournalError {
            fn from(e: $kind) -> Self {
                Self::Storage(e.to_string())
            }
        }
    )*};
}
storage!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::SetDurabilityError,
    serde_json::Error
);

/// A reading that has been found good, on its way to the disk.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The stream it belongs to.
    pub stream: B256,
    /// The day (days since 1970) of its time.
    pub day: u32,
    /// Whose it is.
    pub subject: DeviceId,
    /// Its counter.
    pub counter: u64,
    /// Its time, in milliseconds since 1970.
    pub time: u64,
    /// When it came.
    pub received: u64,
    /// What was noticed about it so far.
    pub flags: Flags,
    /// How many records it has.
    pub records: u64,
    /// The envelope.
    pub envelope: Vec<u8>,
    /// SHA-256 of the original message, where the sender says that it may have sent it before and it
    /// states no time: the same as the last of its source is a duplicate then.
    pub repeat_of: Option<B256>,
    /// SHA-256 of the original message, where it states no time.
    pub original: Option<B256>,
}

/// What became of a message that was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is on the disk now.
    New(Flags),
    /// It was on the disk already.
    Duplicate,
    /// It says no value.
    Ignored,
}

/// A message that was not refused so far: what becomes of it when it is on the disk.
#[derive(Debug)]
pub struct Writing(
    Option<oneshot::Receiver<Result<Taken, Refusal>>>,
    Option<Taken>,
);

impl Writing {
    /// A message of which nothing is written.
    pub(crate) const fn done(taken: Taken) -> Self {
        Self(None, Some(taken))
    }

    /// What becomes of a message that may have been refused at once.
    ///
    /// # Errors
    /// [`Refusal`], which has been counted.
    pub(crate) async fn outcome(writing: Result<Self, Refusal>) -> Result<Taken, Refusal> {
        writing?.await
    }
}

impl Future for Writing {
    type Output = Result<Taken, Refusal>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let done = self.1;
        match &mut self.0 {
            Some(answered) => {
                let answered = Pin::new(answered).poll(context);
                answered.map(|answer| answer.map_err(|_| Refusal::Stopping).flatten())
            }
            None => Poll::Ready(done.ok_or(Refusal::Stopping)),
        }
    }
}

type Answer = oneshot::Sender<Result<Taken, Refusal>>;

enum Job {
    Take(Box<Entry>, Answer),
    Session {
        client: String,
        until: u64,
        answer: oneshot::Sender<bool>,
    },
    Devices {
        devices: Vec<(DeviceId, Option<KnownRow>)>,
        answer: oneshot::Sender<bool>,
    },
}

/// Readings of a stream and day that no batch has yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) from: u64,
    pub(crate) count: usize,
    pub(crate) bytes: usize,
    /// When the first of them came.
    pub(crate) since: u64,
}

/// Which stream (by number) and which day.
pub(crate) type StreamDay = (u32, u32);

/// What writer, batcher and intake share.
pub(crate) struct Shared {
    pub(crate) db: Database,
    pub(crate) path: PathBuf,
    pub(crate) counting: Counting,
    pub(crate) open: Mutex<HashMap<StreamDay, Open>>,
    /// Bytes of readings that are not anchored.
    pub(crate) waiting: AtomicU64,
    pub(crate) readings: AtomicU64,
    pub(crate) terms: Terms,
}

/// The journal. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    pub(crate) shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
}

impl core::fmt::Debug for Journal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Journal({})", self.shared.path.display())
    }
}

impl Journal {
    /// Opens or creates the journal at `path`, and starts the thread that writes it, which ends when the
    /// last clone is gone.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn start(path: &Path, terms: Terms) -> Result<(Self, JoinHandle<()>), JournalError> {
        let shared = open::open(path, None::<redb::backends::InMemoryBackend>, terms)?;
        let (journal, writer) = Self::written(shared);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run())
            .map_err(|e| JournalError::Storage(e.to_string()))?;
        Ok((journal, thread))
    }

    /// Opens or creates the journal that `backend` holds. Whoever gets the writer has it write.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn on(
        backend: impl redb::StorageBackend,
        terms: Terms,
    ) -> Result<(Self, Writer), JournalError> {
        let shared = open::open(Path::new("journal"), Some(backend), terms)?;
        Ok(Self::written(shared))
    }

    fn written(shared: Shared) -> (Self, Writer) {
        let shared = Arc::new(shared);
        let (jobs, waiting) = mpsc::channel(WAITING_READINGS_MAX);
        let writer = Writer::new(shared.clone(), waiting);
        (Self { shared, jobs }, writer)
    }

    /// Puts a reading on the disk. Returns when it is there.
    ///
    /// # Errors
    /// [`Refusal::Conflict`], [`Refusal::OldCounter`], [`Refusal::StoreFull`], [`Refusal::Disk`].
    pub async fn take(&self, entry: Entry) -> Result<Taken, Refusal> {
        self.submit(entry).await?.await
    }

    /// Puts a reading into line. The order in which readings are put into line is the one in which they
    /// are written.
    ///
    /// # Errors
    /// [`Refusal::Stopping`].
    pub async fn submit(&self, entry: Entry) -> Result<Writing, Refusal> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Take(Box::new(entry), answer);
        self.jobs.send(job).await.map_err(|_| Refusal::Stopping)?;
        Ok(Writing(Some(answered), None))
    }

    /// Remembers a client until `until` (seconds since 1970), zero: forgets it. Whether it was remembered
    /// before.
    pub async fn session(&self, client: &str, until: u64) -> bool {
        let (answer, answered) = oneshot::channel();
        let job = Job::Session {
            client: client.to_owned(),
            until,
            answer,
        };
        self.jobs.send(job).await.is_ok() && answered.await.unwrap_or(false)
    }

    /// Keeps what is known of devices; `None` is forgotten. Whether it is on the disk.
    pub(crate) async fn keep_devices(&self, devices: Vec<(DeviceId, Option<KnownRow>)>) -> bool {
        let (answer, answered) = oneshot::channel();
        let job = Job::Devices { devices, answer };
        self.jobs.send(job).await.is_ok() && answered.await.unwrap_or(false)
    }

    /// Counts of everything since the journal began.
    pub fn totals(&self) -> Totals {
        self.shared.counting.now()
    }

    /// Where others count what never reaches the disk.
    pub(crate) fn counting(&self) -> &Counting {
        &self.shared.counting
    }

    /// Readings and bytes that are not anchored yet.
    pub fn waiting(&self) -> (u64, u64) {
        let shared = &self.shared;
        (
            shared.readings.load(Ordering::Relaxed),
            shared.waiting.load(Ordering::Relaxed),
        )
    }

    /// Whether so much waits for the ledger that no more is taken.
    pub fn is_full(&self) -> bool {
        self.shared.waiting.load(Ordering::Relaxed) >= self.shared.terms.bytes_max
    }
}
