//! Readings that are kept and anchored together.

use core::ops::BitOr;

use alloy_primitives::B256;
use minicbor::{Decoder, Encoder};

use crate::{
    cbor::{Written, definite, of},
    envelope::Envelope,
    error::ReadingError,
    id::DeviceId,
    limits::{BATCH_READINGS_MAX, TIME_MS_MAX},
    reading::day_of,
    tree::{self, ReadingProof},
};

/// The version of a batch's form.
const VERSION: u8 = 1;
/// Bytes of a batch around its readings, at most.
const AROUND_BATCH: usize = 8;
/// Bytes around one reading, at most: an array's head, the time it came, flags, the reading's length.
const AROUND_READING: usize = 1 + 9 + 2 + 3;

/// What the gateway noticed about a reading. Bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flags(u8);

impl Flags {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// It came long after it was taken.
    pub const LATE: Self = Self(1);
    /// It was taken, by the device's clock, after it came.
    pub const FUTURE: Self = Self(2);
    /// Its counter or its time is below that of one that was taken before it.
    pub const OUT_OF_ORDER: Self = Self(4);
    /// Its source gave no time: it is the time at which it came.
    pub const RECEIVED_TIME: Self = Self(8);
    /// The device's calibration had ended.
    pub const PAST_CALIBRATION: Self = Self(16);

    const NAMES: [(Self, &'static str); 5] = [
        (Self::LATE, "late"),
        (Self::FUTURE, "future"),
        (Self::OUT_OF_ORDER, "out of order"),
        (Self::RECEIVED_TIME, "time of receipt"),
        (Self::PAST_CALIBRATION, "past calibration"),
    ];

    /// The flags of these bits.
    ///
    /// # Errors
    /// [`ReadingError::Malformed`] where a bit has no meaning.
    pub fn from_bits(bits: u8) -> Result<Self, ReadingError> {
        if bits > 31 {
            return Err(ReadingError::malformed("flags", "a bit has no meaning"));
        }
        Ok(Self(bits))
    }

    /// The bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether all of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of those that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(flag, _)| self.contains(*flag))
            .map(|(_, name)| name)
    }
}

impl BitOr for Flags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A reading as the gateway took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it came, by the gateway's clock: milliseconds since 1970.
    pub received: u64,
    /// What the gateway noticed.
    pub flags: Flags,
    /// The reading.
    pub envelope: Envelope,
}

impl Entry {
    /// Its place in the order of a batch.
    pub fn key(&self) -> (DeviceId, u64) {
        (self.envelope.subject(), self.envelope.reading().counter)
    }

    /// Its leaf: `keccak256(0x00 ‖ received u64 ‖ flags u8 ‖ envelope)`.
    pub fn leaf(&self) -> B256 {
        let received = self.received.to_be_bytes();
        tree::leaf(&[&received, &[self.flags.0], self.envelope.bytes()])
    }

    /// Bytes that it adds to a batch, at most.
    pub fn len_in_batch(&self) -> usize {
        self.envelope.bytes().len().saturating_add(AROUND_READING)
    }
}

/// Readings of one stream, by subject and counter, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    entries: Vec<Entry>,
}

impl Batch {
    /// A batch of these, in whatever order they come.
    ///
    /// # Errors
    /// [`ReadingError::Empty`], [`ReadingError::TooMuch`], [`ReadingError::Duplicate`].
    pub fn new(mut entries: Vec<Entry>) -> Result<Self, ReadingError> {
        entries.sort_by_key(Entry::key);
        Self::ordered(entries)
    }

    fn ordered(entries: Vec<Entry>) -> Result<Self, ReadingError> {
        if entries.is_empty() {
            return Err(ReadingError::Empty);
        }
        bound(entries.len())?;
        for pair in entries.array_windows::<2>() {
            let [(device, counter), next] = pair.each_ref().map(Entry::key);
            if (device, counter) == next {
                return Err(ReadingError::Duplicate { device, counter });
            }
            if (device, counter) > next {
                return Err(ReadingError::Disordered);
            }
        }
        if entries.iter().any(|e| e.received > TIME_MS_MAX) {
            return Err(ReadingError::malformed(
                "time of receipt",
                "it is after the year 9999: milliseconds since 1970 are expected",
            ));
        }
        let bytes = entries
            .iter()
            .fold(AROUND_BATCH, |sum, e| sum.saturating_add(e.len_in_batch()));
        ReadingError::batch_bytes(bytes)?;
        Ok(Self { entries })
    }

    /// Its readings, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// The time of the earliest reading: milliseconds since 1970.
    pub fn from(&self) -> u64 {
        self.times().min().unwrap_or(0)
    }

    /// The time of the latest reading: milliseconds since 1970.
    pub fn to(&self) -> u64 {
        self.times().max().unwrap_or(0)
    }

    fn times(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().map(|e| e.envelope.reading().time)
    }

    /// The day of all its readings (days since 1970). None where they are of several: such a batch
    /// cannot be anchored.
    pub fn day(&self) -> Option<u32> {
        let day = day_of(self.from());
        (day == day_of(self.to())).then_some(day)
    }

    /// The root of the tree over its readings.
    pub fn root(&self) -> B256 {
        tree::root(&self.leaves()).unwrap_or_default()
    }

    fn leaves(&self) -> Vec<B256> {
        self.entries.iter().map(Entry::leaf).collect()
    }

    /// The proof that the reading at this place is one of the batch.
    ///
    /// # Errors
    /// [`ReadingError::NoSuchReading`].
    pub fn prove(&self, index: u32) -> Result<ReadingProof, ReadingError> {
        let count = self.count();
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        if place >= self.entries.len() {
            return Err(ReadingError::NoSuchReading { index, count });
        }
        Ok(ReadingProof {
            index,
            count,
            path: tree::path(&self.leaves(), place),
        })
    }

    /// The place of a device's reading.
    pub fn find(&self, subject: DeviceId, counter: u64) -> Option<u32> {
        let place = self
            .entries
            .binary_search_by_key(&(subject, counter), Entry::key)
            .ok()?;
        u32::try_from(place).ok()
    }

    /// Its content, before it is encrypted.
    ///
    /// # Errors
    /// None in practice: what a batch may hold can be written.
    pub fn encode(&self) -> Result<Vec<u8>, ReadingError> {
        let mut e = Encoder::new(Vec::new());
        let write = |e: &mut Encoder<Vec<u8>>| -> Written {
            e.array(2)?.u8(VERSION)?.array(self.entries.len() as u64)?;
            for entry in &self.entries {
                e.array(3)?.u64(entry.received)?.u8(entry.flags.0)?;
                e.bytes(entry.envelope.bytes())?;
            }
            Ok(())
        };
        write(&mut e)?;
        Ok(e.into_writer())
    }

    /// The batch with this content. Signatures are not checked.
    ///
    /// # Errors
    /// [`ReadingError::TooMuch`], [`ReadingError::Malformed`], [`ReadingError::NotDeterministic`],
    /// [`ReadingError::Disordered`], [`ReadingError::Duplicate`], and what [`Envelope::parse`] says.
    pub fn decode(bytes: &[u8]) -> Result<Self, ReadingError> {
        const WHAT: &str = "batch";
        ReadingError::batch_bytes(bytes.len())?;
        let mut d = Decoder::new(bytes);
        if definite(WHAT, d.array())? != 2 || of(WHAT, d.u8())? != VERSION {
            return Err(ReadingError::malformed(
                WHAT,
                "version 1 and an array of readings are expected",
            ));
        }
        let count = usize::try_from(definite(WHAT, d.array())?).unwrap_or(usize::MAX);
        bound(count)?;
        let entries = (0..count)
            .map(|_| read_entry(&mut d))
            .collect::<Result<_, _>>()?;
        let batch = Self::ordered(entries)?;
        if batch.encode()? != bytes {
            return Err(ReadingError::NotDeterministic(WHAT));
        }
        Ok(batch)
    }
}

fn bound(readings: usize) -> Result<(), ReadingError> {
    ReadingError::bound(
        "a batch (readings)",
        readings,
        BATCH_READINGS_MAX,
        "BATCH_READINGS_MAX",
    )
}

fn read_entry(d: &mut Decoder<'_>) -> Result<Entry, ReadingError> {
    const WHAT: &str = "entry of a batch";
    if definite(WHAT, d.array())? != 3 {
        return Err(ReadingError::malformed(
            WHAT,
            "time of receipt, flags and reading are expected",
        ));
    }
    Ok(Entry {
        received: of(WHAT, d.u64())?,
        flags: Flags::from_bits(of(WHAT, d.u8())?)?,
        envelope: Envelope::parse(of(WHAT, d.bytes())?)?,
    })
}
