//! Messages between members.
//!
//! ```text
//! question  0 ‖ id u64 ‖ subject ‖ sharing 32                          50 bytes
//! answer    1 ‖ id u64 ‖ answer of the seal crate 164                 173 bytes
//! partial   2 ‖ id u64 ‖ partial of the seal crate 52                  61 bytes
//! refusal   3 ‖ id u64 ‖ reason u8 ‖ detail u8                         11 bytes
//!
//! subject   0 ‖ number u64      a request to open, by its number on the ledger
//!           1 ‖ seconds u64     a time, in seconds since 1970
//! sharing   of which sharing of the seal key an answer is wanted: keccak-256 of its encoding
//! reason    0 not final here (0) · 1 refused by the ledger (an access) · 2 not yet (0) ·
//!           3 no share (0) · 4 busy (0) · 5 too many for this reader (0) · 6 cannot read (0) ·
//!           7 another sharing (0)
//! ```
//! The id is the asking node's; an answer carries it back. A node counts from a number that it throws at
//! its start, so that late answers to what it asked in an earlier life are answers to nothing. Integers
//! are big-endian.

use alloy_primitives::B256;
use commonhold_seal::{ANSWER_LEN, Answer, PARTIAL_LEN, Partial};
use commonhold_system::records::interface::IRecords::Access;

/// Bytes of the longest message.
pub const MESSAGE_BYTES_MAX: u32 = 173;

const QUESTION: u8 = 0;
const ANSWER: u8 = 1;
const PARTIAL: u8 = 2;
const REFUSAL: u8 = 3;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A request to open a record, by its number on the ledger.
    Request(u64),
    /// A time, in seconds since 1970.
    Time(u64),
}

/// Why a member gives no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The member does not know of the request: it is in no block that it holds to be final.
    #[error("no such request is final there")]
    NotFinal,
    /// The ledger does not permit it, or not any more.
    #[error("the ledger does not permit it: {0:?}")]
    Access(Access),
    /// The time has not come.
    #[error("the time has not come")]
    NotYet,
    /// The member holds no share of the seal key.
    #[error("it holds no share of the seal key")]
    NoShare,
    /// The member has too many questions under way.
    #[error("it has too many questions under way")]
    Busy,
    /// The reader has had too many answers.
    #[error("READER_ANSWERS_MAX reached")]
    Reader,
    /// The member cannot read its state.
    #[error("it cannot read its state now")]
    Unavailable,
    /// The member knows of no such sharing of the seal key: it is behind, or the sharing is over.
    #[error("it knows of no such sharing of the seal key, or not any more")]
    OtherSharing,
}

/// What a member says.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Answer(Box<Answer>),
    Partial(Box<Partial>),
    Refusal(Refusal),
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    Question(u64, Subject, B256),
    Reply(u64, Reply),
}

impl Subject {
    const fn parts(self) -> (u8, u64) {
        match self {
            Self::Request(number) => (0, number),
            Self::Time(seconds) => (1, seconds),
        }
    }

    const fn from_parts(kind: u8, value: u64) -> Option<Self> {
        match kind {
            0 => Some(Self::Request(value)),
            1 => Some(Self::Time(value)),
            _ => None,
        }
    }
}

impl Refusal {
    const fn parts(self) -> (u8, u8) {
        match self {
            Self::NotFinal => (0, 0),
            Self::Access(access) => (1, access as u8),
            Self::NotYet => (2, 0),
            Self::NoShare => (3, 0),
            Self::Busy => (4, 0),
            Self::Reader => (5, 0),
            Self::Unavailable => (6, 0),
            Self::OtherSharing => (7, 0),
        }
    }

    fn from_parts(reason: u8, detail: u8) -> Option<Self> {
        match (reason, detail) {
            (0, 0) => Some(Self::NotFinal),
            (1, access) => Access::try_from(access).ok().map(Self::Access),
            (2, 0) => Some(Self::NotYet),
            (3, 0) => Some(Self::NoShare),
            (4, 0) => Some(Self::Busy),
            (5, 0) => Some(Self::Reader),
            (6, 0) => Some(Self::Unavailable),
            (7, 0) => Some(Self::OtherSharing),
            _ => None,
        }
    }
}

impl Message {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (kind, id) = match self {
            Self::Question(id, ..) => (QUESTION, id),
            Self::Reply(id, Reply::Answer(_)) => (ANSWER, id),
            Self::Reply(id, Reply::Partial(_)) => (PARTIAL, id),
            Self::Reply(id, Reply::Refusal(_)) => (REFUSAL, id),
        };
        let mut bytes = vec![kind];
        bytes.extend(id.to_be_bytes());
        match self {
            Self::Question(_, subject, sharing) => {
                let (kind, value) = subject.parts();
                bytes.push(kind);
                bytes.extend(value.to_be_bytes());
                bytes.extend(sharing.as_slice());
            }
            Self::Reply(_, Reply::Answer(answer)) => bytes.extend(answer.to_bytes()),
            Self::Reply(_, Reply::Partial(partial)) => bytes.extend(partial.to_bytes().as_slice()),
            Self::Reply(_, Reply::Refusal(refusal)) => {
                let (reason, detail) = refusal.parts();
                bytes.extend([reason, detail]);
            }
        }
        bytes
    }

    /// The message of these bytes; `None` where there is none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let id = u64::from_be_bytes(*id);
        match kind {
            QUESTION => {
                let (&kind, rest) = rest.split_first()?;
                let (value, sharing) = rest.split_first_chunk()?;
                let subject = Subject::from_parts(kind, u64::from_be_bytes(*value))?;
                let sharing: [u8; 32] = sharing.try_into().ok()?;
                Some(Self::Question(id, subject, sharing.into()))
            }
            ANSWER if rest.len() == ANSWER_LEN => {
                let answer = Answer::from_bytes(rest).ok()?;
                Some(Self::Reply(id, Reply::Answer(Box::new(answer))))
            }
            PARTIAL if rest.len() == PARTIAL_LEN => {
                let partial = Partial::from_bytes(rest).ok()?;
                Some(Self::Reply(id, Reply::Partial(Box::new(partial))))
            }
            REFUSAL => match rest {
                [reason, detail] => {
                    let refusal = Refusal::from_parts(*reason, *detail)?;
                    Some(Self::Reply(id, Reply::Refusal(refusal)))
                }
                _ => None,
            },
            _ => None,
        }
    }
}
