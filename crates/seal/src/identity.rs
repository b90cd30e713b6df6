//! What a key is sealed to.
//!
//! An identity is what the members sign to open what is sealed to it. Its bytes, by kind:
//!
//! ```text
//! record      1 ‖ record 32 ‖ epoch u64
//! stream day  2 ‖ stream 32 ‖ yyyy-mm-dd, ten ASCII characters
//! time        3 ‖ seconds since 1970, u64
//! external    32 bytes without a tag
//! ```
//! No two kinds have the same length, and all but the last begin with their number, so that what is
//! signed for one can never open another. The external kind is for identities that somebody else's
//! specification defines, under that specification's namespace; members never sign one under ours.

use core::{fmt, str::FromStr};

use alloy_primitives::B256;
use commonhold_primitives::opening_key::NAMESPACE;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{error::SealError, limits::NAMESPACE_BYTES_MAX};

const RECORD: u8 = 1;
const STREAM_DAY: u8 = 2;
const TIME: u8 = 3;

/// The domain of the signatures that open: one protocol's openings are worth nothing in another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Namespace<'a>(&'a [u8]);

impl<'a> Namespace<'a> {
    /// The namespace of this network's software.
    pub const COMMONHOLD: Namespace<'static> = Namespace(NAMESPACE);

    /// Somebody else's namespace.
    ///
    /// # Errors
    /// [`SealError::Namespace`] where it is empty or exceeds [`NAMESPACE_BYTES_MAX`].
    pub const fn new(bytes: &'a [u8]) -> Result<Self, SealError> {
        if bytes.is_empty() || bytes.len() > NAMESPACE_BYTES_MAX {
            return Err(SealError::Namespace(bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl fmt::Debug for Namespace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Namespace({})", self.0.escape_ascii())
    }
}

/// A record in one of its epochs. An owner who has let somebody in seals later content to the next
/// epoch, which the earlier opening does not open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RecordIdentity {
    /// The record's id.
    pub record: B256,
    /// Its epoch, from 0 on.
    pub epoch: u64,
}

impl RecordIdentity {
    /// The record in its first epoch. Records have no other yet.
    pub const fn first(record: B256) -> Self {
        Self { record, epoch: 0 }
    }
}

/// A calendar day (UTC), from 0001-01-01 to 9999-12-31. As text: `yyyy-mm-dd`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The day of this number: days since 1970.
    ///
    /// # Errors
    /// [`SealError::Day`] after the year 9999.
    pub fn of_number(days: u32) -> Result<Self, SealError> {
        Self::of_seconds(u64::from(days).saturating_mul(86_400))
    }

    /// The day that holds this second since 1970.
    ///
    /// # Errors
    /// [`SealError::Day`] after the year 9999.
    pub fn of_seconds(seconds: u64) -> Result<Self, SealError> {
        let seconds = i64::try_from(seconds).map_err(|_| SealError::Day)?;
        let instant = Timestamp::from_second(seconds).map_err(|_| SealError::Day)?;
        Ok(Self(instant.to_zoned(TimeZone::UTC).date()))
    }
}

impl FromStr for Day {
    type Err = SealError;
    fn from_str(text: &str) -> Result<Self, SealError> {
        let day = Self(text.parse().map_err(|_| SealError::Day)?);
        // The parser takes other spellings too; an identity has one.
        if day.0.year() >= 1 && day.to_string() == text {
            Ok(day)
        } else {
            Err(SealError::Day)
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a key is sealed to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Identity {
    /// A record, opened for whom its policy lets in.
    Record(RecordIdentity),
    /// One day of a stream. It may be sealed to before that day comes.
    StreamDay {
        /// The stream's id.
        stream: B256,
        /// The day.
        day: Day,
    },
    /// A time, opened for everyone once block time has passed it: seconds since 1970.
    Time(u64),
    /// Another specification's identity, for use under that specification's namespace.
    External([u8; 32]),
}

impl Identity {
    /// What a record's data key is sealed to, by what the ledger says of the record: to a day of its
    /// stream (days since 1970), or, where it has none, to itself.
    ///
    /// # Errors
    /// [`SealError::Day`] after the year 9999, which the ledger takes nothing of.
    pub fn of_record(record: B256, stream: B256, day: u32) -> Result<Self, SealError> {
        if stream.is_zero() {
            return Ok(RecordIdentity::first(record).into());
        }
        let day = Day::of_number(day)?;
        Ok(Self::StreamDay { stream, day })
    }

    /// The bytes that members sign.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Record(RecordIdentity { record, epoch }) => {
                [&[RECORD], record.as_slice(), &epoch.to_be_bytes()].concat()
            }
            Self::StreamDay { stream, day } => {
                [&[STREAM_DAY], stream.as_slice(), day.to_string().as_bytes()].concat()
            }
            Self::Time(seconds) => [&[TIME], seconds.to_be_bytes().as_slice()].concat(),
            Self::External(bytes) => bytes.to_vec(),
        }
    }

    /// The identity of these bytes.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where they are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let malformed = || SealError::malformed("identity", "of no known kind and length");
        if let Ok(external) = bytes.try_into() {
            return Ok(Self::External(external));
        }
        match bytes.split_first() {
            Some((&RECORD, rest)) => {
                let (record, epoch) = rest.split_first_chunk::<32>().ok_or_else(malformed)?;
                Ok(Self::Record(RecordIdentity {
                    record: record.into(),
                    epoch: u64::from_be_bytes(epoch.try_into().map_err(|_| malformed())?),
                }))
            }
            Some((&STREAM_DAY, rest)) => {
                let (stream, day) = rest.split_first_chunk::<32>().ok_or_else(malformed)?;
                let day = core::str::from_utf8(day).map_err(|_| malformed())?;
                Ok(Self::StreamDay {
                    stream: stream.into(),
                    day: day.parse()?,
                })
            }
            Some((&TIME, rest)) => Ok(Self::Time(u64::from_be_bytes(
                rest.try_into().map_err(|_| malformed())?,
            ))),
            _ => Err(malformed()),
        }
    }

    /// Our namespace's target of this identity.
    pub const fn here(self) -> Target<'static> {
        Target {
            namespace: Namespace::COMMONHOLD,
            identity: self,
        }
    }
}

impl From<RecordIdentity> for Identity {
    fn from(identity: RecordIdentity) -> Self {
        Self::Record(identity)
    }
}

/// What is signed: an identity in a namespace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Target<'a> {
    /// The namespace.
    pub namespace: Namespace<'a>,
    /// The identity.
    pub identity: Identity,
}
