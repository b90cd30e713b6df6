//! The one thread that writes readings.

use std::{
    collections::HashMap,
    iter,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use alloy_primitives::B256;
use commonhold_reading::DeviceId;
use redb::{ReadableTable as _, ReadableTableMetadata as _, WriteTransaction};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use super::{
    Answer, Entry, Job, JournalError, KnownRow, Open, Shared, StreamDay, Taken,
    subject::{HOUR_MS, Memory, Tables},
    tables::{
        DEVICES, DUE, HEAD, META, READINGS, SEEN, SEQUENCE, SESSIONS, STREAMS, SUBJECTS, TOTALS,
    },
};
use crate::{
    limits::{FORGET_MAX, GROUP_READINGS_MAX, SESSIONS_MAX},
    refusal::Refusal,
    totals::Totals,
};

/// Seconds between two looks for counters to forget.
const FORGET_SECONDS: u64 = 60;

/// Writes readings, many at a time.
pub struct Writer {
    shared: Arc<Shared>,
    jobs: mpsc::Receiver<Job>,
    /// When it looked for counters to forget.
    looked: Option<Duration>,
    memory: Memory,
    streams: HashMap<B256, u32>,
    /// The next reading's number, where it is known.
    sequence: Option<u64>,
}

/// What a group changed, to be told when it is on the disk.
#[derive(Default)]
struct Group {
    totals: Totals,
    added: Vec<(StreamDay, u64, usize, u64)>,
    bytes: u64,
    sessions: Vec<bool>,
    outcomes: Vec<Result<Taken, Refusal>>,
}

type Session = (String, u64, oneshot::Sender<bool>);
type Devices = (Vec<(DeviceId, Option<KnownRow>)>, oneshot::Sender<bool>);

/// What is written with readings.
#[derive(Default)]
struct Beside {
    sessions: Vec<Session>,
    devices: Vec<Devices>,
}

impl Beside {
    /// Who waits, first for sessions.
    fn answers(self) -> impl Iterator<Item = oneshot::Sender<bool>> {
        let sessions = self.sessions.into_iter().map(|(.., answer)| answer);
        sessions.chain(self.devices.into_iter().map(|(_, answer)| answer))
    }
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, jobs: mpsc::Receiver<Job>) -> Self {
        Self {
            shared,
            jobs,
            looked: None,
            memory: Memory::default(),
            streams: HashMap::new(),
            sequence: None,
        }
    }

    /// Writes what comes until nobody can send any more.
    pub(super) fn run(mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            self.write_from(first);
        }
    }

    /// Writes what waits, as one group, for whoever has no thread for it. Whether there was something.
    pub fn step(&mut self) -> bool {
        let first = self.jobs.try_recv();
        first.map(|first| self.write_from(first)).is_ok()
    }

    fn write_from(&mut self, first: Job) {
        let mut group = vec![first];
        while group.len() < GROUP_READINGS_MAX
            && let Ok(job) = self.jobs.try_recv()
        {
            group.push(job);
        }
        self.group(group);
        let now = self.shared.terms.clock.passed();
        let due = Duration::from_secs(FORGET_SECONDS);
        if self.looked.is_none_or(|at| now.saturating_sub(at) >= due) {
            self.looked = Some(now);
            if let Err(e) = self.forget() {
                warn!(error = %e, "old counters could not be forgotten");
            }
        }
    }

    fn group(&mut self, jobs: Vec<Job>) {
        let mut entries: Vec<(Entry, Answer)> = Vec::with_capacity(jobs.len());
        let mut beside = Beside::default();
        for job in jobs {
            match job {
                Job::Take(entry, answer) => entries.push((*entry, answer)),
                Job::Session {
                    client,
                    until,
                    answer,
                } => beside.sessions.push((client, until, answer)),
                Job::Devices { devices, answer } => beside.devices.push((devices, answer)),
            }
        }
        match self.write(&entries, &beside) {
            Ok(group) => self.tell(group, entries, beside),
            Err(e) => {
                warn!(error = %e, "the journal refuses");
                // What is in memory may be ahead of the disk now.
                self.memory.clear();
                self.streams.clear();
                self.sequence = None;
                for (_, answer) in entries {
                    let refusal = Refusal::Disk(e.to_string());
                    self.shared
                        .counting
                        .count(|totals| totals.refused(&refusal));
                    let _ = answer.send(Err(refusal));
                }
                for answer in beside.answers() {
                    let _ = answer.send(false);
                }
            }
        }
    }

    fn tell(&self, group: Group, entries: Vec<(Entry, Answer)>, beside: Beside) {
        let shared = &self.shared;
        shared.counting.count(|totals| totals.add(&group.totals));
        shared.waiting.fetch_add(group.bytes, Ordering::Relaxed);
        let added = group.added.len() as u64;
        shared.readings.fetch_add(added, Ordering::Relaxed);
        let mut open = shared.open.lock();
        for (place, sequence, bytes, received) in group.added {
            let entry = open.entry(place).or_insert(Open {
                from: sequence,
                count: 0,
                bytes: 0,
                since: received,
            });
            entry.count = entry.count.saturating_add(1);
            entry.bytes = entry.bytes.saturating_add(bytes);
        }
        drop(open);
        for ((_, answer), outcome) in entries.into_iter().zip(group.outcomes) {
            // Who does not wait any more asks again.
            let _ = answer.send(outcome);
        }
        // What is known of devices is kept whenever the group is.
        let kept = group.sessions.into_iter().chain(iter::repeat(true));
        for (answer, known) in beside.answers().zip(kept) {
            let _ = answer.send(known);
        }
    }

    fn write(
        &mut self,
        entries: &[(Entry, Answer)],
        beside: &Beside,
    ) -> Result<Group, JournalError> {
        let shared = self.shared.clone();
        let transaction = shared.db.begin_write()?;
        let mut group = Group::default();
        self.write_readings(&transaction, entries, &mut group)?;
        let now = shared.terms.clock.now_ms() / 1000;
        write_sessions(&transaction, &beside.sessions, now, &mut group)?;
        write_devices(&transaction, &beside.devices)?;
        let mut totals = shared.counting.now();
        totals.add(&group.totals);
        transaction
            .open_table(META)?
            .insert(TOTALS, serde_json::to_vec(&totals)?.as_slice())?;
        transaction.commit()?;
        Ok(group)
    }

    fn write_readings(
        &mut self,
        transaction: &WriteTransaction,
        entries: &[(Entry, Answer)],
        group: &mut Group,
    ) -> Result<(), JournalError> {
        let mut tables = Tables {
            seen: transaction.open_table(SEEN)?,
            subjects: transaction.open_table(SUBJECTS)?,
            due: transaction.open_table(DUE)?,
        };
        let mut readings = transaction.open_table(READINGS)?;
        let mut meta = transaction.open_table(META)?;
        let mut sequence = match self.sequence {
            Some(sequence) => sequence,
            None => meta.get(SEQUENCE)?.map_or(0, |row| number(row.value())),
        };
        let waiting = self.shared.waiting.load(Ordering::Relaxed);
        let mut row = Vec::new();
        for (entry, _) in entries {
            let room = waiting.saturating_add(group.bytes) < self.shared.terms.bytes_max;
            let outcome = self.memory.decide(&mut tables, entry, room)?;
            match &outcome {
                Ok(Taken::New(flags)) => {
                    let stream = self.stream(transaction, entry.stream)?;
                    row.clear();
                    row.extend_from_slice(&entry.received.to_be_bytes());
                    row.push(flags.bits());
                    row.extend_from_slice(&entry.envelope);
                    readings.insert((stream, entry.day, sequence), row.as_slice())?;
                    let place = (stream, entry.day);
                    let bytes = row.len().saturating_sub(HEAD);
                    group.added.push((place, sequence, bytes, entry.received));
                    group.bytes = group.bytes.saturating_add(row.len() as u64);
                    group.totals.taken(*flags, entry.records);
                    sequence = sequence.saturating_add(1);
                }
                Ok(_) => group.totals.duplicate(),
                Err(refusal) => group.totals.refused(refusal),
            }
            group.outcomes.push(outcome);
        }
        meta.insert(SEQUENCE, sequence.to_be_bytes().as_slice())?;
        self.sequence = Some(sequence);
        Ok(())
    }

    /// The number of a stream.
    fn stream(&mut self, transaction: &WriteTransaction, id: B256) -> Result<u32, JournalError> {
        if let Some(number) = self.streams.get(&id) {
            return Ok(*number);
        }
        let mut streams = transaction.open_table(STREAMS)?;
        let found = streams.get(&id.0)?.map(|row| row.value());
        let number = match found {
            Some(number) => number,
            None => {
                let number = u32::try_from(streams.len()?).unwrap_or(u32::MAX);
                streams.insert(&id.0, number)?;
                number
            }
        };
        self.streams.insert(id, number);
        Ok(number)
    }

    /// Forgets counters of readings that would be refused as too late by now, and raises the floors.
    fn forget(&mut self) -> Result<(), JournalError> {
        let terms = &self.shared.terms;
        let oldest = terms.clock.now_ms().saturating_sub(terms.late_max_ms);
        let hour = u32::try_from(oldest / HOUR_MS).unwrap_or(u32::MAX);
        let transaction = self.shared.db.begin_write()?;
        let mut forgotten = 0usize;
        {
            let mut due = transaction.open_table(DUE)?;
            let mut seen = transaction.open_table(SEEN)?;
            let mut subjects = transaction.open_table(SUBJECTS)?;
            let mut names: Option<HashMap<u32, [u8; 32]>> = None;
            while forgotten < FORGET_MAX {
                let Some(first) = due.first()?.map(|(key, _)| key.value()) else {
                    break;
                };
                let (at, number) = first;
                // The hour must be over for its last millisecond.
                if at >= hour {
                    break;
                }
                let mut old = Vec::new();
                let mut rest = false;
                for row in seen.range((number, 0)..=(number, u64::MAX))? {
                    let (key, value) = row?;
                    let time = value.value().first_chunk::<8>().copied();
                    if time.map_or(0, u64::from_be_bytes) >= oldest {
                        break;
                    }
                    if old.len() == FORGET_MAX {
                        rest = true;
                        break;
                    }
                    old.push(key.value());
                }
                if let Some((_, floor)) = old.last() {
                    if names.is_none() {
                        let rows = subjects.iter()?.map(|row| {
                            let (key, value) = row?;
                            Ok((value.value().0, *key.value()))
                        });
                        names = Some(rows.collect::<Result<_, redb::StorageError>>()?);
                    }
                    if let Some(id) = names.as_ref().and_then(|names| names.get(&number)) {
                        subjects.insert(id, (number, *floor))?;
                    }
                }
                for key in &old {
                    seen.remove(key)?;
                }
                forgotten = forgotten.saturating_add(old.len()).saturating_add(1);
                if !rest {
                    due.remove(first)?;
                }
            }
        }
        if forgotten == 0 {
            return Ok(transaction.abort()?);
        }
        transaction.commit()?;
        self.memory.clear();
        Ok(())
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.first_chunk().copied().map_or(0, u64::from_be_bytes)
}

fn write_sessions(
    transaction: &WriteTransaction,
    changes: &[Session],
    now: u64,
    group: &mut Group,
) -> Result<(), JournalError> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut sessions = transaction.open_table(SESSIONS)?;
    if sessions.len()? >= SESSIONS_MAX as u64 {
        sessions.retain(|_, until| until > now)?;
    }
    for (client, until, _) in changes {
        let known = sessions
            .get(client.as_str())?
            .is_some_and(|row| row.value() > now);
        let room = sessions.len()? < SESSIONS_MAX as u64;
        if *until == 0 {
            sessions.remove(client.as_str())?;
        } else if known || room {
            sessions.insert(client.as_str(), *until)?;
        }
        group.sessions.push(known);
    }
    Ok(())
}

fn write_devices(transaction: &WriteTransaction, changes: &[Devices]) -> Result<(), JournalError> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut table = transaction.open_table(DEVICES)?;
    for (id, known) in changes.iter().flat_map(|(devices, _)| devices) {
        match known {
            Some(known) => {
                table.insert(id.as_bytes(), serde_json::to_vec(known)?.as_slice())?;
            }
            None => {
                table.remove(id.as_bytes())?;
            }
        }
    }
    Ok(())
}
