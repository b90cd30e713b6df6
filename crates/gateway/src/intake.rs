//! The one way in, for MQTT and HTTP.
//!
//! ```text
//! parse ─> which device ─> what the ledger says of it ─> signature ─> bounds and marks ─> journal
//! ```
//! What has passed it is on the disk; what has not is refused with a reason, and counted. Each function
//! gives the message into line and returns; [`Writing`] says when it is on the disk.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use alloy_primitives::B256;
use commonhold_reading::{
    DeviceId, DeviceKey, DeviceSecret, Envelope, Flags, Origin, Reading, ReadingError, day_of,
};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use crate::{
    adapt::{self, Around},
    clock::Clock,
    config::{AdapterKind, Bounds, Config, PastCalibration, SourceSettings},
    directory::{Directory, Known},
    journal::{Entry, Journal, Taken, Writing},
    limits::DEVICES_MAX,
    refusal::Refusal,
    topic::Pattern,
};

/// A rule for sources.
#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    settings: SourceSettings,
}

/// The way in.
pub struct Intake {
    directory: Arc<Directory>,
    journal: Journal,
    clock: Arc<dyn Clock>,
    streams: BTreeSet<B256>,
    bounds: Bounds,
    secret: DeviceSecret,
    rules: Vec<Rule>,
    /// The last counter of each source that states no time.
    counters: Mutex<HashMap<DeviceId, u64>>,
}

impl core::fmt::Debug for Intake {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Intake({:?})", self.directory)
    }
}

impl Intake {
    /// The way in that a configuration describes.
    pub fn new(
        config: &Config,
        directory: Arc<Directory>,
        journal: Journal,
        secret: DeviceSecret,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let rule = |settings: &SourceSettings| {
            Some(Rule {
                pattern: Pattern::parse(&settings.topic)?,
                settings: settings.clone(),
            })
        };
        Self {
            directory,
            journal,
            clock,
            streams: config.streams.clone(),
            bounds: config.bounds.clone(),
            secret,
            rules: config.sources.iter().filter_map(rule).collect(),
            counters: Mutex::default(),
        }
    }

    /// The journal behind it.
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The devices that it knows.
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The gateway's own device.
    pub fn gateway(&self) -> DeviceId {
        self.secret.key().id()
    }

    /// Counts a message that somebody else refuses.
    pub fn refused(&self, refusal: &Refusal) {
        self.journal
            .counting()
            .count(|totals| totals.refused(refusal));
    }

    /// Takes a message that was published to a topic. `again`: its sender says that it may have sent it
    /// before.
    ///
    /// # Errors
    /// [`Refusal`], which has been counted.
    pub async fn message(
        &self,
        topic: &str,
        payload: &[u8],
        again: bool,
    ) -> Result<Writing, Refusal> {
        let matched = self
            .rules
            .iter()
            .find_map(|rule| Some((rule, rule.pattern.matches(topic)?)));
        let Some((rule, matched)) = matched else {
            return self.count(Err(Refusal::NoRule(topic.to_owned())));
        };
        if rule.settings.adapter == AdapterKind::Signed {
            return self.signed(payload).await;
        }
        // A configuration whose rule says no name is not taken.
        let name = rule.settings.name.as_deref().or(matched.device);
        let name = name.unwrap_or_default();
        self.adapted(&rule.settings, name, matched.tail, payload, again)
            .await
    }

    /// Takes a message of a source by its name, read by the first rule whose adapter is this one.
    ///
    /// # Errors
    /// [`Refusal`], which has been counted.
    pub async fn from_source(
        &self,
        kind: AdapterKind,
        name: &str,
        payload: &[u8],
    ) -> Result<Writing, Refusal> {
        let rule = self.rules.iter().find(|rule| rule.settings.adapter == kind);
        let Some(rule) = rule else {
            return self.count(Err(Refusal::NoRule(format!("sources/{name}"))));
        };
        self.adapted(&rule.settings, name, "", payload, false).await
    }

    /// Takes a signed reading.
    ///
    /// # Errors
    /// [`Refusal`], which has been counted.
    pub async fn signed(&self, bytes: &[u8]) -> Result<Writing, Refusal> {
        match self.check_signed(bytes).await {
            Ok(entry) => self.journal.submit(entry).await,
            Err(refusal) => self.count(Err(refusal)),
        }
    }

    async fn adapted(
        &self,
        settings: &SourceSettings,
        name: &str,
        tail: &str,
        payload: &[u8],
        again: bool,
    ) -> Result<Writing, Refusal> {
        match self.adapt(settings, name, tail, payload, again).await {
            Ok(Some(entry)) => self.journal.submit(entry).await,
            Ok(None) => self.count(Ok(Taken::Ignored)),
            Err(refusal) => self.count(Err(refusal)),
        }
    }

    fn count(&self, outcome: Result<Taken, Refusal>) -> Result<Writing, Refusal> {
        self.journal.counting().count(|totals| match &outcome {
            Err(refusal) => totals.refused(refusal),
            Ok(_) => totals.ignored(),
        });
        outcome.map(Writing::done)
    }

    async fn check_signed(&self, bytes: &[u8]) -> Result<Entry, Refusal> {
        let received = self.clock.now_ms();
        let envelope = Envelope::parse(bytes).map_err(malformed)?;
        let signer = self.directory.find(envelope.device()).await?;
        let subject = envelope.subject();
        let known = if subject == envelope.device() {
            signer.clone()
        } else {
            let source = self.directory.find(subject).await?;
            let gateway = source.key.gateway_and_name().map(|(gateway, _)| gateway);
            if gateway != Some(envelope.device()) {
                let why = format!("{} does not sign for {subject}", envelope.device());
                return Err(Refusal::Signature(why));
            }
            if signer.row.revoked_at != 0 {
                return Err(Refusal::Revoked(envelope.device().to_string()));
            }
            source
        };
        self.standing(subject, &known)?;
        envelope
            .verify(&signer.key)
            .map_err(|e| Refusal::Signature(e.to_string()))?;
        self.entry(envelope, &known, received, Flags::NONE)
    }

    async fn adapt(
        &self,
        settings: &SourceSettings,
        name: &str,
        tail: &str,
        payload: &[u8],
        again: bool,
    ) -> Result<Option<Entry>, Refusal> {
        let received = self.clock.now_ms();
        let around = Around {
            tail,
            received,
            utc_offset_minutes: settings.utc_offset_minutes,
            units: &settings.units,
        };
        let Some(said) = adapt::read(settings.adapter, payload, &around)? else {
            return Ok(None);
        };
        let key = DeviceKey::source(self.gateway(), name).map_err(malformed)?;
        let source = key.id();
        let known = self.directory.find(source).await?;
        self.standing(source, &known)?;
        let original = B256::from(<[u8; 32]>::from(Sha256::digest(payload)));
        let (time, flags) = match said.time {
            Some(time) => (time, Flags::NONE),
            None => (received, Flags::RECEIVED_TIME),
        };
        let counter = match said.time {
            Some(time) => time,
            None => self.next(source, received),
        };
        let reading = Reading {
            counter,
            time,
            pack: said.records,
            nonce: None,
            origin: Some(Origin {
                adapter: adapt::name(settings.adapter).to_owned(),
                source,
                original,
            }),
        };
        let envelope = Envelope::sign(&self.secret, reading).map_err(malformed)?;
        let mut entry = self.entry(envelope, &known, received, flags)?;
        if said.time.is_none() {
            entry.original = Some(original);
            entry.repeat_of = again.then_some(original);
        }
        Ok(Some(entry))
    }

    /// A counter for a source that states no time: the time, and more than the last.
    fn next(&self, source: DeviceId, received: u64) -> u64 {
        let mut counters = self.counters.lock();
        if counters.len() >= DEVICES_MAX {
            // The clock has moved on since.
            counters.clear();
        }
        let last = counters.entry(source).or_default();
        *last = received.max(last.saturating_add(1));
        *last
    }

    /// Whether a device may send at all.
    fn standing(&self, id: DeviceId, known: &Known) -> Result<(), Refusal> {
        if known.row.revoked_at != 0 {
            return Err(Refusal::Revoked(id.to_string()));
        }
        if !self.streams.contains(&known.row.stream) {
            return Err(Refusal::OtherStream(id.to_string()));
        }
        Ok(())
    }

    fn entry(
        &self,
        envelope: Envelope,
        known: &Known,
        received: u64,
        flags: Flags,
    ) -> Result<Entry, Refusal> {
        let reading = envelope.reading();
        let mut flags = flags | judge(&self.bounds, received, reading.time)?;
        let until = known.row.calibrated_until;
        if until != 0 && reading.time / 1000 >= until {
            if self.bounds.past_calibration == PastCalibration::Refuse {
                return Err(Refusal::PastCalibration(envelope.subject().to_string()));
            }
            flags = flags | Flags::PAST_CALIBRATION;
        }
        Ok(Entry {
            stream: known.row.stream,
            day: day_of(reading.time),
            subject: envelope.subject(),
            counter: reading.counter,
            time: reading.time,
            received,
            flags,
            records: reading.pack.len() as u64,
            envelope: envelope.bytes().to_vec(),
            repeat_of: None,
            original: None,
        })
    }
}

fn malformed(e: ReadingError) -> Refusal {
    match e {
        ReadingError::TooMuch { .. } => Refusal::TooLarge(e.to_string()),
        e => Refusal::Malformed(e.to_string()),
    }
}

/// Whether a reading of `time` may come at `now`, and how it is marked.
fn judge(bounds: &Bounds, now: u64, time: u64) -> Result<Flags, Refusal> {
    let age = now.saturating_sub(time) / 1000;
    let ahead = time.saturating_sub(now) / 1000;
    if age > bounds.late_max_seconds {
        return Err(Refusal::Late(age));
    }
    if ahead > bounds.future_max_seconds {
        return Err(Refusal::Future(ahead));
    }
    if age > bounds.late_after_seconds {
        return Ok(Flags::LATE);
    }
    if ahead > bounds.future_after_seconds {
        return Ok(Flags::FUTURE);
    }
    Ok(Flags::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_off_are_marked_and_then_refused() {
        let bounds = Bounds {
            late_after_seconds: 10,
            late_max_seconds: 100,
            future_after_seconds: 5,
            future_max_seconds: 50,
            ..Bounds::default()
        };
        let now = 1_000_000;
        for (time, outcome) in [
            (now, Ok(Flags::NONE)),
            (now - 10_999, Ok(Flags::NONE)),
            (now - 11_000, Ok(Flags::LATE)),
            (now - 100_999, Ok(Flags::LATE)),
            (now - 101_000, Err(Refusal::Late(101))),
            (now + 5_999, Ok(Flags::NONE)),
            (now + 6_000, Ok(Flags::FUTURE)),
            (now + 51_000, Err(Refusal::Future(51))),
            (u64::MAX, Err(Refusal::Future((u64::MAX - now) / 1000))),
        ] {
            assert_eq!(judge(&bounds, now, time), outcome, "{time}");
        }
    }
}
