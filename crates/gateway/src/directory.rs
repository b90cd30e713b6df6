//! The devices that the gateway knows, as the ledger has them.
//!
//! A device is asked for when its first reading comes. From then on final blocks are followed: whenever
//! one names a device (revoked, assigned, calibrated, transferred), the ledger is asked again, so that a
//! revocation holds from `FOLLOW_MS` after its block on. What is known is kept on the disk, so that a
//! gateway that starts while its node is away goes on; when the node is back everything is asked again.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use alloy_primitives::B256;
use commonhold_reading::{Algorithm, DeviceId, DeviceKey};
use commonhold_sdk::SdkError;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use crate::{
    clock::Clock,
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
    clock: Arc<dyn Clock>,
    known: RwLock<HashMap<DeviceId, Arc<Known>>>,
    /// And when the ledger did not know them.
    unknown: Mutex<HashMap<DeviceId, Duration>>,
    changed: Mutex<BTreeMap<DeviceId, Option<KnownRow>>>,
    asking: Semaphore,
    /// Devices that the ledger is being asked about for the first time, and whether a block has named
    /// them meanwhile.
    asked: Mutex<Vec<(DeviceId, Weak<AtomicBool>)>>,
    waiting: AtomicUsize,
}

impl core::fmt::Debug for Directory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Directory({} devices)", self.known.read().len())
    }
}

/// A place among those who wait, for as long as somebody does.
struct Place<'a> {
    waiting: &'a AtomicUsize,
    before: usize,
}

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Self {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        Self { waiting, before }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How far blocks have been followed.
#[derive(Debug, Default)]
pub struct Followed {
    block: Option<u64>,
    refreshed: Option<Duration>,
}

impl Directory {
    /// What was known when it was kept last.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn new(
        ledger: Arc<dyn Ledger>,
        journal: Journal,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, JournalError> {
        let kept = journal.devices()?.into_iter();
        let known = kept.filter_map(|(id, row)| Some((id, Known::of(row)?)));
        Ok(Self {
            ledger,
            known: RwLock::new(known.collect()),
            journal,
            clock,
            unknown: Mutex::default(),
            changed: Mutex::default(),
            asking: Semaphore::new(LOOKUPS_MAX),
            asked: Mutex::default(),
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
        let since = self.clock.passed().saturating_sub(asked);
        let fresh = since < Duration::from_secs(UNKNOWN_SECONDS);
        fresh.then(|| Err(Refusal::UnknownDevice(id.to_string())))
    }

    /// A device, asked for where it is not known.
    ///
    /// # Errors
    /// [`Refusal::UnknownDevice`], [`Refusal::NodeAway`], [`Refusal::Busy`].
    pub async fn find(&self, id: DeviceId) -> Result<Arc<Known>, Refusal> {
        if let Some(found) = self.remembered(id) {
            return found;
        }
        let place = Place::take(&self.waiting);
        if place.before >= LOOKUPS_WAITING_MAX {
            return Err(Refusal::Busy(
                "too many unknown devices (LOOKUPS_WAITING_MAX)",
            ));
        }
        self.ask(id).await
    }

    async fn ask(&self, id: DeviceId) -> Result<Arc<Known>, Refusal> {
        let _permit = self.asking.acquire().await.map_err(|_| Refusal::Stopping)?;
        // Somebody may have asked meanwhile.
        if let Some(found) = self.remembered(id) {
            return found;
        }
        let mut found = self.first_look_up(id).await;
        while let Ok((_, true)) = found {
            // The answer may be older than what the block says.
            found = self.first_look_up(id).await;
        }
        match found.map(|(known, _)| known) {
            Ok(Some(known)) => {
                // Before its first reading is acknowledged: a gateway that starts while its node is away
                // must know every device that it has taken readings of.
                self.keep().await;
                Ok(known)
            }
            Ok(None) => Err(Refusal::UnknownDevice(id.to_string())),
            Err(e) => {
                warn!(device = %id, error = %e, "the ledger could not be asked about a device");
                Err(Refusal::NodeAway)
            }
        }
    }

    /// As [`Self::look_up`], and whether a block has named the device meanwhile.
    async fn first_look_up(&self, id: DeviceId) -> Result<(Option<Arc<Known>>, bool), SdkError> {
        let named = Arc::new(AtomicBool::new(false));
        {
            let mut asked = self.asked.lock();
            // At most LOOKUPS_MAX are asked about at a time.
            asked.retain(|(_, named)| named.strong_count() > 0);
            asked.push((id, Arc::downgrade(&named)));
        }
        let found = self.look_up(id).await?;
        Ok((found, named.load(Ordering::Relaxed)))
    }

    /// Notes that a block names a device, or that blocks went by that may have named any.
    fn is_named(&self, id: Option<DeviceId>) {
        for (asked, named) in self.asked.lock().iter() {
            if id.is_none_or(|id| id == *asked)
                && let Some(named) = named.upgrade()
            {
                named.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Asks the ledger about a device, and remembers what it says.
    async fn look_up(&self, id: DeviceId) -> Result<Option<Arc<Known>>, SdkError> {
        let row = self.ledger.device(id).await?;
        Ok(self.remember(id, row))
    }

    fn remember(&self, id: DeviceId, row: Option<KnownRow>) -> Option<Arc<Known>> {
        let known = row.clone().and_then(Known::of);
        match &known {
            Some(known) => {
                self.unknown.lock().remove(&id);
                let mut all = self.known.write();
                let before = all.get(&id).map(|before| &before.row);
                if before == Some(&known.row) {
                    return Some(known.clone());
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
                unknown.insert(id, self.clock.passed());
            }
        }
        self.changed
            .lock()
            .insert(id, row.filter(|_| known.is_some()));
        known
    }

    /// Looks at what came with new blocks, and keeps what changed. To be called again and again.
    ///
    /// # Errors
    /// Where the node does not answer: the next call begins where this one did.
    pub async fn follow(&self, followed: &mut Followed) -> Result<(), SdkError> {
        self.keep().await;
        let head = self.ledger.head().await?;
        let now = self.clock.passed();
        let refresh = Duration::from_secs(REFRESH_SECONDS);
        let old = |at| now.saturating_sub(at) >= refresh;
        let stale = followed.refreshed.is_none_or(old);
        let next = followed.block.map(|block| block.saturating_add(1));
        match next {
            Some(next) if !stale => {
                if head < next {
                    return Ok(());
                }
                let last = head.min(next.saturating_add(FOLLOW_BLOCKS_MAX - 1));
                for id in self.ledger.named(next, last).await? {
                    let id = DeviceId(id);
                    self.is_named(Some(id));
                    self.unknown.lock().remove(&id);
                    if self.stream_of(id).is_some() {
                        self.look_up(id).await?;
                    }
                }
                followed.block = Some(last);
            }
            _ => {
                self.is_named(None);
                let mut ids: Vec<DeviceId> = self.known.read().keys().copied().collect();
                ids.sort_unstable();
                for id in ids {
                    self.look_up(id).await?;
                }
                self.unknown.lock().clear();
                // What came while all were asked is looked at next.
                followed.block = Some(head);
                followed.refreshed = Some(now);
            }
        }
        self.keep().await;
        Ok(())
    }

    async fn keep(&self) {
        let changed: Vec<_> = std::mem::take(&mut *self.changed.lock())
            .into_iter()
            .collect();
        if !changed.is_empty() && !self.journal.keep_devices(changed).await {
            warn!("what is known of devices could not be kept");
        }
    }

    /// Whether the ledger names this stream as one of a known device.
    pub fn stream_of(&self, id: DeviceId) -> Option<B256> {
        self.known.read().get(&id).map(|known| known.row.stream)
    }
}
