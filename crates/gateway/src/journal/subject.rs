//! What is kept in mind of the devices whose readings come.

use std::collections::HashMap;

use alloy_primitives::B256;
use commonhold_reading::{DeviceId, Flags};
use redb::{ReadableTable, Table};

use super::{Entry, JournalError, Taken};
use crate::{limits::DEVICES_MAX, refusal::Refusal};

type Seen<'t> = Table<'t, (u32, u64), &'static [u8; 24]>;
type Subjects<'t> = Table<'t, &'static [u8; 32], (u32, u64)>;
type Due<'t> = Table<'t, (u32, u32), ()>;

/// Milliseconds of the hours by which counters are forgotten.
pub(super) const HOUR_MS: u64 = 3_600_000;

#[derive(Clone, Copy)]
struct Subject {
    number: u32,
    /// No counter at or below it is taken.
    floor: u64,
    /// The highest counter that is remembered, and its time.
    highest: Option<(u64, u64)>,
    /// The hour for which `due` has it for certain.
    hour: Option<u32>,
    /// The last message without a time.
    original: Option<B256>,
}

/// The subjects whose readings came lately.
#[derive(Default)]
pub(super) struct Memory {
    known: HashMap<DeviceId, Subject>,
}

/// Tables that a decision needs.
pub(super) struct Tables<'t> {
    pub(super) seen: Seen<'t>,
    pub(super) subjects: Subjects<'t>,
    pub(super) due: Due<'t>,
}

impl Memory {
    /// Forgets everything: what is on the disk counts.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Decides about a reading, and remembers its counter where it is taken.
    pub(super) fn decide(
        &mut self,
        tables: &mut Tables<'_>,
        entry: &Entry,
        room: bool,
    ) -> Result<Result<Taken, Refusal>, JournalError> {
        if self.known.len() >= DEVICES_MAX && !self.known.contains_key(&entry.subject) {
            self.known.clear();
        }
        let subject = match self.known.get_mut(&entry.subject) {
            Some(subject) => subject,
            None => {
                let loaded = load(tables, entry.subject)?;
                self.known.entry(entry.subject).or_insert(loaded)
            }
        };
        let key = (subject.number, entry.counter);
        let digest = content(&entry.envelope);
        if let Some(row) = tables.seen.get(key)? {
            let same = row.value().last_chunk::<16>() == Some(&digest);
            return Ok(if same {
                Ok(Taken::Duplicate)
            } else {
                Err(Refusal::Conflict(entry.counter))
            });
        }
        if entry.counter <= subject.floor {
            return Ok(Err(Refusal::OldCounter(entry.counter)));
        }
        if entry.repeat_of.is_some() && entry.repeat_of == subject.original {
            return Ok(Ok(Taken::Duplicate));
        }
        if !room {
            return Ok(Err(Refusal::StoreFull));
        }
        let mut row = [0u8; 24];
        let (time, rest) = row.split_at_mut(8);
        time.copy_from_slice(&entry.time.to_be_bytes());
        rest.copy_from_slice(&digest);
        tables.seen.insert(key, &row)?;
        let hour = u32::try_from(entry.time / HOUR_MS).unwrap_or(u32::MAX);
        if subject.hour != Some(hour) {
            tables.due.insert((hour, subject.number), ())?;
            subject.hour = Some(hour);
        }
        let mut flags = entry.flags;
        match subject.highest {
            Some((counter, time)) if entry.counter < counter || entry.time < time => {
                flags = flags | Flags::OUT_OF_ORDER;
                if entry.counter > counter {
                    subject.highest = Some((entry.counter, entry.time));
                }
            }
            _ => subject.highest = Some((entry.counter, entry.time)),
        }
        if entry.original.is_some() {
            subject.original = entry.original;
        }
        Ok(Ok(Taken::New(flags)))
    }
}

/// What the disk has of a subject, which gets a number where it has none.
fn load(tables: &mut Tables<'_>, id: DeviceId) -> Result<Subject, JournalError> {
    let found = tables.subjects.get(id.as_bytes())?.map(|row| row.value());
    let (number, floor) = match found {
        Some(found) => found,
        None => {
            let count = redb::ReadableTableMetadata::len(&tables.subjects)?;
            let number = u32::try_from(count)
                .map_err(|_| JournalError::Storage("more devices than there are numbers".into()))?;
            tables.subjects.insert(id.as_bytes(), (number, 0))?;
            (number, 0)
        }
    };
    let mut rows = tables.seen.range((number, 0)..=(number, u64::MAX))?;
    let highest = match rows.next_back() {
        Some(row) => {
            let (key, value) = row?;
            let time = value.value().first_chunk::<8>().copied();
            Some((key.value().1, time.map_or(0, u64::from_be_bytes)))
        }
        None => None,
    };
    Ok(Subject {
        number,
        floor,
        highest,
        hour: None,
        original: None,
    })
}

/// Bytes of the signature at the end of an envelope, with the two that say how long it is.
const SIGNATURE: usize = 66;

/// What makes two readings the same: everything but the signature.
fn content(envelope: &[u8]) -> [u8; 16] {
    let signed = envelope.len().saturating_sub(SIGNATURE);
    let hash = blake3::hash(envelope.get(..signed).unwrap_or(envelope));
    let mut short = [0; 16];
    short.copy_from_slice(hash.as_bytes().first_chunk::<16>().unwrap_or(&[0; 16]));
    short
}
