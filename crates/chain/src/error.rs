//! Why an engine does not start.

use crate::epochs::SecretsError;

/// Why an engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The founding document.
    #[error(transparent)]
    Genesis(#[from] commonhold_primitives::genesis::GenesisError),
    /// What the founding document writes to the state.
    #[error("the genesis document's allocations cannot be written: {0}")]
    Allocations(String),
    /// No peer answered with a recent certificate.
    #[error("no state to join from: the probe stopped")]
    Probe,
    /// The secrets of the network key.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The block that names the members of an epoch does not.
    #[error("block {number} should name the members of epoch {epoch}, and does not")]
    Boundary {
        /// The block.
        number: u64,
        /// The epoch.
        epoch: u64,
    },
    /// The storage.
    #[error("the block archive cannot be opened: {0}")]
    Archive(#[from] commonware_storage::archive::Error),
    /// What says how far blocks were processed is gone, or older than what they gave.
    #[error(
        "blocks are recorded as processed up to {processed}, and outcomes are stored up to {outcomes}"
    )]
    Forgotten {
        /// The last processed block.
        processed: u64,
        /// The last outcome.
        outcomes: u64,
    },
    /// A block or outcome that was there is gone.
    #[error("{what} {number} is missing, though everything up to block {processed} was stored")]
    Missing {
        /// As in "the outcome of block".
        what: &'static str,
        /// The first number that is missing.
        number: u64,
        /// Up to where blocks were processed.
        processed: u64,
    },
    /// The journal of this member's votes cannot be read.
    #[error("the journal of this member's votes cannot be read: {0}")]
    Votes(#[from] commonware_storage::journal::Error),
    /// The journal of votes ends before the last final block does: a part of it is lost, or it was
    /// put back from an old backup. Going on could vote twice in a round.
    #[error(
        "the journal of this member's votes ends with round {journal}, its blocks with round {blocks}: \
         votes are missing, and going on without them could vote twice in a round"
    )]
    VotesMissing {
        /// The last round in the journal; 0 where it is empty.
        journal: u64,
        /// The round of the last final block.
        blocks: u64,
    },
    /// The journal holds votes that this member did not cast in this network.
    #[error("the journal of votes holds a vote of round {round} that is not this member's")]
    ForeignVote {
        /// The round.
        round: u64,
    },
}

impl StartError {
    /// Whether what is stored is not what was stored.
    pub const fn is_damage(&self) -> bool {
        !matches!(self, Self::Genesis(_) | Self::Allocations(_) | Self::Probe)
    }
}
