//! What a store has to hold before an engine goes on from it.
//!
//! The archives recover from a crash by cutting off what was not written whole, and cannot tell that
//! from damage: a damaged file ends early, a deleted one is empty, and what they held is missing without
//! a word. But blocks and outcomes are kept for ever, and are durable before their block counts as
//! processed. So from the first block to the last processed one nothing may be missing, and outcomes
//! do not go further than blocks may wait to be acknowledged.

use std::{num::NonZeroU64, sync::Arc};

use commonhold_primitives::{
    Block,
    epoch::{self, Ceremony, EpochInfo},
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_storage::archive::{Archive, Error, Identifier};

use crate::{error::StartError, limits::PENDING_BLOCKS_MAX};

/// Where a store's blocks, outcomes and certificates end.
pub(crate) struct Kept {
    /// The first block that is missing.
    blocks_end: u64,
    /// The first outcome that is missing; `None` where this member joined later and has none.
    outcomes_end: Option<u64>,
    /// The last outcome.
    outcomes_last: u64,
    /// The first block that no certificate covers; `None` where this member joined later.
    certificates_end: Option<u64>,
    /// The round of the last block.
    round: Round,
    /// Whether the last block is the last of its epoch.
    ends_epoch: bool,
}

impl Kept {
    /// Looks at a store.
    ///
    /// # Errors
    /// Where the last block cannot be read.
    pub(crate) async fn of(
        blocks: &impl Archive<Value = Arc<Block>>,
        outcomes: &impl Archive,
        certificates: &impl Archive,
        epoch_blocks: NonZeroU64,
    ) -> Result<Self, Error> {
        let last = match blocks.last_index() {
            Some(last) => blocks.get(Identifier::Index(last)).await?,
            None => None,
        };
        let first = blocks.first_index();
        // Who has the genesis block has executed every block since, and a certificate of the last.
        let from_genesis = first == Some(0);
        let executed = if from_genesis {
            Some(1)
        } else {
            outcomes.first_index()
        };
        let certified = certificates.last_index().unwrap_or(0);
        Ok(Self {
            blocks_end: end(blocks, first.unwrap_or(0)),
            outcomes_end: executed.map(|first| end(outcomes, first)),
            outcomes_last: outcomes.last_index().unwrap_or(0),
            certificates_end: from_genesis.then(|| certified.saturating_add(1)),
            ends_epoch: last.as_ref().is_some_and(|block| {
                let place = epoch::containing(block.number(), epoch_blocks);
                place.is_some_and(|place| place.last().get() == block.number())
            }),
            round: last.map_or_else(
                || Round::new(Epoch::zero(), View::zero()),
                |block| block.extra().context.round,
            ),
        })
    }

    /// The round of the last block.
    pub(crate) const fn round(&self) -> Round {
        self.round
    }

    /// The round that this member's votes of that epoch must reach. Where the last block ends its epoch,
    /// consensus may have been told of it from without, and nothing more is voted on in that epoch.
    pub(crate) const fn voted(&self) -> Round {
        if self.ends_epoch {
            Round::new(self.round.epoch(), View::zero())
        } else {
            self.round
        }
    }

    /// Checks that nothing is missing up to the last processed block, `None` where there is none, and
    /// that it is the last.
    ///
    /// # Errors
    /// Where something is missing.
    pub(crate) fn reaches(&self, processed: Option<u64>) -> Result<(), StartError> {
        let reached = processed.unwrap_or(0);
        if self.outcomes_last > reached.saturating_add(PENDING_BLOCKS_MAX as u64) {
            return Err(StartError::Forgotten {
                processed: reached,
                outcomes: self.outcomes_last,
            });
        }
        let Some(processed) = processed else {
            return Ok(());
        };
        let ends = [
            ("block", Some(self.blocks_end)),
            ("the outcome of block", self.outcomes_end),
            ("a certificate that covers block", self.certificates_end),
        ];
        for (what, end) in ends {
            if let Some(number) = end.filter(|end| *end <= processed) {
                return Err(StartError::Missing {
                    what,
                    number,
                    processed,
                });
            }
        }
        Ok(())
    }
}

/// Who signs in `epoch`, as the last block of the one before says; none where this member joined after it.
///
/// # Errors
/// Where that block is missing, cannot be read, or does not say.
pub(crate) async fn info(
    blocks: &impl Archive<Value = Arc<Block>>,
    first: &EpochInfo,
    epoch: Epoch,
    epoch_blocks: NonZeroU64,
) -> Result<Option<EpochInfo>, StartError> {
    let Some(before) = epoch.previous() else {
        return Ok(Some(first.clone()));
    };
    let number = epoch::last_block(before.get(), epoch_blocks).unwrap_or(u64::MAX);
    if blocks.first_index().is_some_and(|first| first > number) {
        return Ok(None);
    }
    let block = blocks.get(Identifier::Index(number)).await?;
    match block.as_ref().and_then(|block| block.ceremony()) {
        Some(Ceremony::EpochInfo(info)) if info.epoch == epoch => Ok(Some(info.clone())),
        _ => Err(StartError::Boundary {
            number,
            epoch: epoch.get(),
        }),
    }
}

/// The first number from `first` on that an archive does not hold.
fn end(archive: &impl Archive, first: u64) -> u64 {
    archive
        .next_gap(first)
        .0
        .map_or(first, |last| last.saturating_add(1))
}
