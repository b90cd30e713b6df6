//! What a run tells while it goes on, and how it ends.

use std::collections::{BTreeMap, BTreeSet};

use commonhold_seal::ceremony::{CeremonyError, Finished, Missing};

/// What happens while a ceremony runs. Members are named by their place.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A member is there: it spoke for the first time, or again after it was away.
    Here(u32),
    /// A member's program was started anew.
    Restarted(u32),
    /// A member has been silent for too long.
    Away(u32),
    /// A member is in another round.
    OtherRound {
        /// The member.
        member: u32,
        /// Its round.
        round: u64,
    },
    /// A member sent something that is wrong, for the first time.
    Fault {
        /// The member that it came from.
        member: u32,
        /// What is wrong.
        fault: Fault,
    },
    /// What the round waits for is another than before.
    Awaiting(Missing),
    /// The result is there, and is written.
    Finished,
    /// These members have not finished, and this one stays for them.
    Lingering(BTreeSet<u32>),
}

/// What is wrong with what a member sent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// It is no message.
    #[error("it sent what is no message of a ceremony, and is cut off")]
    Garbage,
    /// The state machine refuses it.
    #[error("what it sent is refused: {0}")]
    Refused(CeremonyError),
    /// It says that it has finished, with another key.
    #[error("it says that it has finished with another key")]
    OtherKey,
}

/// A ceremony that has given the network its key.
#[derive(Clone, Debug)]
pub struct End {
    /// The result.
    pub finished: Finished,
    /// Members of whom it is not known that they have it, by their places.
    pub lacking: BTreeSet<u32>,
}

/// A round without a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Incomplete {
    /// The round.
    pub round: u64,
    /// What it still waits for.
    pub missing: Missing,
    /// Members that were not there at the end.
    pub away: BTreeSet<u32>,
    /// Members that were in another round, and in which.
    pub elsewhere: BTreeMap<u32, u64>,
    /// The first thing that was wrong from each member.
    pub faults: BTreeMap<u32, Fault>,
}

/// Why a run ends without a result.
#[derive(Debug, thiserror::Error)]
pub enum RunError<E> {
    /// The memory or the result could not be written.
    #[error(transparent)]
    Host(E),
    /// This member cannot go on in this round.
    #[error(transparent)]
    Ceremony(CeremonyError),
    /// The round gave no result in time.
    #[error(
        "round {} is incomplete: waiting for {}; start round {}",
        .0.round, .0.missing, .0.round.saturating_add(1)
    )]
    Incomplete(Box<Incomplete>),
    /// The network ended.
    #[error("the members' network has stopped")]
    Network,
}
