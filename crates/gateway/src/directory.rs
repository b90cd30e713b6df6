//! The devices that the gateway knows, as the ledger has them.
//!
//! A device is asked for when its first reading comes. From then on final blocks are followed: whenever
//! one names a device (revoked, assigned, calibrated, transferred), the ledger is asked again, so that a
//! revocation holds from `FOLLOW_MS` after its block on. What is known is kept on the disk, so that a
//! gateway that starts while its node is away goes on; when the node is back everything is asked again.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use alloy_primitives::B256;
use commonhold_reading::{Algorithm, DeviceId, DeviceKey};
use commonhold_sdk::SdkError;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use crate::{
    journal::{Journal, JournalError, KnownRow},
    ledger::Ledger,
    limits::{
        DEVICES_MAX, FOLLOW_BLOCKS_MAX, LOOKUPS_MAX, LOOKUPS_WAITING_MAX, REFRESH_SECONDS,
        UNKNOWN_DEVICES_MAX, UNKNOWN_SECONDS,
    },
    refusal::Refusal,
};

/// A device that the ledger knows.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its key.
    pub key: DeviceKey,
    /// What the ledger says.
    pub row: KnownRow,
}

impl Known {
    fn of(row: KnownRow) -> Option<Arc<Self>> {
        let algorithm = Algorithm::from_number(row.algorithm).ok()?;
        let key = DeviceKey::new(algorithm, &row.key).ok()?;
        Some(Arc::new(Self { key, row }))
    }
}

/// The devices that are known.
pub struct Directory {
    ledger: Arc<dyn Ledger>,
    journal: Journal,
    known: RwLock<HashMap<DeviceId, Arc<Known>>>,
    unknown: Mutex<HashMap<DeviceId, Instant>>,
    changed: Mutex<HashMap<DeviceId, Option<KnownRow>>>,
    asking: Semaphore,
    waiting: AtomicUsize,
}

impl core::fmt::Debug for Directory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Directory({} devices)", self.known.read().len())
    }
}

/// How far blocks have been followed.
#[derive(Debug, Default)]
pub struct Followed {
    block: Option<u64>,
    refreshed: Option<Instant>,
}

impl Directory {
    /// What was known when it was kept last.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn new(ledger: Arc<dyn Ledger>, journal: Journal) -> Result<Self, JournalError> {
        let kept = journal.devices()?.into_iter();
        let known = kept.filter_map(|(id, row)| Some((id, Known::of(row)?)));
        Ok(Self {
            ledger,
            known: RwLock::new(known.collect()),
            journal,
            unknown: Mutex::default(),
            changed: Mutex::default(),
            asking: Semaphore::new(LOOKUPS_MAX),
            waiting: AtomicUsize::new(0),
        })
    }

    /// How many devices are known.
    pub fn len(&self) -> usize {
        self.known.read().len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn remembered(&self, id: DeviceId) -> Option<Result<Arc<Known>, Refusal>> {
        if let Some(known) = self.known.read().get(&id) {
            return Some(Ok(known.clone()));
        }
        let asked = self.unknown.lock().get(&id).copied()?;
        let fresh = asked.elapsed() < Duration::from_secs(UNKNOWN_SECONDS);
        fresh.then(|| Err(Refusal::UnknownDevice(id.to_string())))
    }

    /// A device, asked for where it is not known.
    ///
    /// # Errors
    /// [`Refusal::UnknownDevice`], [`Refusal::NodeAway`], [`Refusal::Busy`].
    pub async fn find(self: &Arc<Self>, id: DeviceId) -> Result<Arc<Known>, Refusal> {
        if let Some(found) = self.remembered(id) {
            return found;
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= LOOKUPS_WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Refusal::Busy(
                "too many unknown devices (LOOKUPS_WAITING_MAX)",
            ));
        }
        let found = self.ask(id).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        found
    }

    async fn ask(self: &Arc<Self>, id: DeviceId) -> Result<Arc<Known>, Refusal> {
        let _permit = self.asking.acquire().await.map_err(|_| Refusal::Stopping)?;
        // Somebody may have asked meanwhile.
        if let Some(found) = self.remembered(id) {
            return found;
        }
        let directory = self.clone();
        // Kept before its first reading is acknowledged: a gateway that starts while its node is away
        // must know every device that it has taken readings of.
        let asked = tokio::task::spawn_blocking(move || {
            let found = directory.look_up(id);
            if let Ok(Some(_)) = &found {
                directory.keep();
            }
            found
        })
        .await;
        match asked {
            Ok(Ok(Some(known))) => Ok(known),
            Ok(Ok(None)) => Err(Refusal::UnknownDevice(id.to_string())),
            Ok(Err(e)) => {
                warn!(device = %id, error = %e, "the ledger could not be asked about a device");
                Err(Refusal::NodeAway)
            }
            Err(_) => Err(Refusal::Stopping),
        }
    }

    /// Asks the ledger about a device, and remembers what it says.
    fn look_up(&self, id: DeviceId) -> Result<Option<Arc<Known>>, SdkError> {
        let row = self.ledger.device(id)?;
        let known = row.clone().and_then(Known::of);
        match &known {
            Some(known) => {
                self.unknown.lock().remove(&id);
                let mut all = self.known.write();
                let before = all.get(&id).map(|before| &before.row);
                if before == Some(&known.row) {
                    return Ok(Some(known.clone()));
                }
                if let Some(before) = before
                    && before.revoked_at == 0
                    && known.row.revoked_at != 0
                {
                    info!(device = %id, "the device was revoked");
                }
                if all.len() >= DEVICES_MAX {
                    all.clear();
                }
                all.insert(id, known.clone());
            }
            None => {
                self.known.write().remove(&id);
                let mut unknown = self.unknown.lock();
                if unknown.len() >= UNKNOWN_DEVICES_MAX {
                    unknown.clear();
                }
                unknown.insert(id, Instant::now());
            }
        }
        self.changed
            .lock()
            .insert(id, row.filter(|_| known.is_some()));
        Ok(known)
    }

    /// Looks at what came with new blocks, and keeps what changed. To be called again and again, where
    /// it may block.
    ///
    /// # Errors
    /// Where the node does not answer: the next call begins where this one did.
    pub fn follow(&self, followed: &mut Followed) -> Result<(), SdkError> {
        self.keep();
        let head = self.ledger.head()?;
        let refresh = Duration::from_secs(REFRESH_SECONDS);
        let stale = followed.refreshed.is_none_or(|at| at.elapsed() >= refresh);
        let next = followed.block.map(|block| block.saturating_add(1));
        match next {
            Some(next) if !stale => {
                if head < next {
                    return Ok(());
                }
                let last = head.min(next.saturating_add(FOLLOW_BLOCKS_MAX - 1));
                for id in self.ledger.named(next, last)? {
                    let id = DeviceId(id);
                    self.unknown.lock().remove(&id);
                    if self.known.read().contains_key(&id) {
                        self.look_up(id)?;
                    }
                }
                followed.block = Some(last);
            }
            _ => {
                let ids: Vec<DeviceId> = self.known.read().keys().copied().collect();
                for id in ids {
                    self.look_up(id)?;
                }
                self.unknown.lock().clear();
                // What came while all were asked is looked at next.
                followed.block = Some(head);
                followed.refreshed = Some(Instant::now());
            }
        }
        self.keep();
        Ok(())
    }

    fn keep(&self) {
        let changed: Vec<_> = self.changed.lock().drain().collect();
        if !changed.is_empty()
            && let Err(e) = self.journal.keep_devices(&changed)
        {
            warn!(error = %e, "what is known of devices could not be kept");
        }
    }

    /// Whether the ledger names this stream as one of a known device.
    pub fn stream_of(&self, id: DeviceId) -> Option<B256> {
        self.known.read().get(&id).map(|known| known.row.stream)
    }
}
