//! Who did not answer well, asked for what, and how.

use core::fmt;

use alloy_primitives::{Address, B256};

use crate::{
    error::{Kind, SdkError},
    stamp::StampError,
};

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The newest final block.
    Head,
    /// The final block of this number.
    Header(u64),
    /// A transaction and what it did.
    Receipt(B256),
    /// Entries of this account.
    State(Address),
    /// What a view of this module says.
    View(Address),
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => write!(f, "the head"),
            Self::Header(number) => write!(f, "block {number}"),
            Self::Receipt(hash) => write!(f, "transaction {hash}"),
            Self::State(address) => write!(f, "the state of {address}"),
            Self::View(address) => write!(f, "a view of {address}"),
        }
    }
}

/// What a node said that the network's key, or what was seen before, refutes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// It does not follow from what is final.
    #[error(transparent)]
    Unproven(#[from] StampError),
    /// It is proven, but of something else than was asked for.
    #[error("its answer is of {0}")]
    Other(String),
    /// The key is the same, the founding document is not.
    #[error("its network was founded by {told}, the one that was seen by {seen}")]
    Network {
        /// Hash of the genesis document of the block that it shows.
        told: B256,
        /// Of what was seen before.
        seen: B256,
    },
    /// The transaction was signed for another chain.
    #[error("the transaction was signed for chain {told}, not for {asked}")]
    Chain {
        /// The chain that it was signed for.
        told: u64,
        /// The chain of this network.
        asked: u64,
    },
    /// Two final blocks of one height, both with a certificate: more than a third of the members signed both.
    #[error("blocks {seen} and {told} are both final at height {number}: the network is broken")]
    Fork {
        /// Their height.
        number: u64,
        /// The one that was seen before.
        seen: B256,
        /// The other.
        told: B256,
    },
    /// A final block with an earlier time than one before it, which members do not sign.
    #[error("the times of blocks {seen} and {told} are in the wrong order: the network is broken")]
    Time {
        /// Number of the block that was seen before.
        seen: u64,
        /// Number of the one that the node shows.
        told: u64,
    },
}

/// How a node did not answer well.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It says what is not so.
    #[error(transparent)]
    Lie(#[from] Lie),
    /// It shows as the newest what is older than what was seen.
    #[error("block {told} is the newest that it shows, where block {seen} is final")]
    Behind {
        /// Number of the block that it shows.
        told: u64,
        /// Number of the newest that was seen.
        seen: u64,
    },
    /// It gives no answer, or says that there is none.
    #[error(transparent)]
    NoAnswer(#[from] SdkError),
}

impl From<StampError> for Fault {
    fn from(e: StampError) -> Self {
        Self::Lie(e.into())
    }
}

impl Fault {
    fn kind(&self) -> Kind {
        match self {
            Self::Lie(_) => Kind::Integrity,
            Self::Behind { .. } => Kind::Unavailable,
            Self::NoAnswer(e) => e.kind(),
        }
    }
}

/// A node that did not answer well.
#[derive(Debug)]
pub struct NodeFault {
    /// Its address.
    pub node: String,
    /// What it was asked.
    pub asked: Question,
    /// What it did instead.
    pub fault: Fault,
}

impl fmt::Display for NodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, asked, fault } = self;
        match fault {
            Fault::Lie(lie) => write!(f, "{node} lies about {asked}: {lie}"),
            Fault::Behind { .. } => write!(f, "{node} is behind: {fault}"),
            // It names the node.
            Fault::NoAnswer(e @ SdkError::Unavailable { .. }) => e.fmt(f),
            Fault::NoAnswer(e) => write!(f, "{node} does not tell {asked}: {e}"),
        }
    }
}

/// No node answered well.
#[derive(Debug)]
pub struct NoAnswer {
    /// What each did instead, in the order in which they were asked.
    pub faults: Vec<NodeFault>,
}

impl NoAnswer {
    /// Whether one lied; else whether one refused, as for what there is not; else nobody was there.
    pub(crate) fn kind(&self) -> Kind {
        let kinds = || self.faults.iter().map(|fault| fault.fault.kind());
        [Kind::Integrity, Kind::Refused, Kind::Usage]
            .into_iter()
            .find(|kind| kinds().any(|found| found == *kind))
            .unwrap_or(Kind::Unavailable)
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.faults.iter().enumerate() {
            if place > 0 {
                write!(f, "; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for NoAnswer {}
