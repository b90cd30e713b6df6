//! Which blocks this member has made: a store that was put back from an old copy does not know.
//!
//! Before a leader sends anything of a block, its vote for it is in its journal. So a final block of this
//! member that is neither of a round that the journal had reached when the engine started, nor built
//! since, was made by a life of this member that the store knows nothing of: the store is an old copy, or
//! another process runs with this member's key. Either would vote twice. The others have the proof, so no
//! copy of a whole machine can hide it; whoever follows final blocks asks [`Own::check`] and stops.

use std::{collections::BTreeSet, sync::Arc};

use commonhold_primitives::{Block, consensus::MemberKey};
use commonware_consensus::types::Round;
use commonware_utils::sync::Mutex;

use crate::limits::OWN_ROUNDS_MAX;

/// A final block of this member that its store knows nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "block {number} is final and this member's own, of round {round} of epoch {epoch}, and this store knows \
     nothing of it: it is an older copy of the member's store, or another process runs with the member's key"
)]
pub struct Unknown {
    /// The block.
    pub number: u64,
    /// Its epoch.
    pub epoch: u64,
    /// Its round.
    pub round: u64,
}

/// What this member knows of its own blocks. Clones share everything.
#[derive(Clone, Debug)]
pub struct Own {
    me: MemberKey,
    /// The last round that the journal of votes had reached at the start; none where it was not to be asked.
    voted: Option<Round>,
    /// Rounds in which a block was built since, as far as they are not final.
    built: Arc<Mutex<BTreeSet<Round>>>,
}

impl Own {
    pub(crate) fn new(me: MemberKey, voted: Option<Round>) -> Self {
        Self {
            me,
            voted,
            built: Arc::default(),
        }
    }

    /// A block is about to be built in this round.
    pub(crate) fn builds(&self, round: Round) {
        let mut built = self.built.lock();
        built.insert(round);
        if built.len() > OWN_ROUNDS_MAX {
            built.pop_first();
        }
    }

    /// Looks at a final block.
    ///
    /// # Errors
    /// [`Unknown`] where it is this member's, and the member does not know it.
    pub fn check(&self, block: &Block) -> Result<(), Unknown> {
        let context = &block.extra().context;
        let Some(voted) = self.voted else {
            return Ok(());
        };
        let round = context.round;
        let mut built = self.built.lock();
        let known = context.leader != self.me || round <= voted || built.contains(&round);
        *built = built.split_off(&round);
        if known {
            return Ok(());
        }
        Err(Unknown {
            number: block.number(),
            epoch: round.epoch().get(),
            round: round.view().get(),
        })
    }
}
