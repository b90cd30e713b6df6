//! Which members take their turns, seen from the final blocks alone.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::B256;
use commonhold_primitives::Block;
use parking_lot::Mutex;

use crate::roster::Roster;

/// Rounds of turns without a block after which a member counts as absent.
const ROUNDS_ABSENT: u64 = 3;

/// The newest block that each member proposed. Cheap to clone.
#[derive(Clone)]
pub struct Presence {
    roster: Roster,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    height: u64,
    proposed: BTreeMap<B256, u64>,
}

impl Presence {
    /// Nobody was seen yet, of these members.
    pub fn new(roster: Roster) -> Self {
        Self {
            roster,
            seen: Arc::default(),
        }
    }
    /// Takes note of a final block's proposer.
    pub fn saw(&self, block: &Block) {
        let leader = B256::from_slice(block.extra().context.leader.as_ref());
        let mut seen = self.seen.lock();
        seen.height = seen.height.max(block.number());
        seen.proposed.insert(leader, block.number());
    }
    /// Whether a member proposed one of the newest blocks.
    pub fn is_active(&self, member: &B256) -> bool {
        let members = u64::try_from(self.roster.seats().len()).unwrap_or(u64::MAX);
        let seen = self.seen.lock();
        let since = seen
            .height
            .saturating_sub(members.saturating_mul(ROUNDS_ABSENT));
        seen.proposed
            .get(member)
            .is_some_and(|number| *number >= since)
    }
    /// The newest block of each member.
    pub fn snapshot(&self) -> BTreeMap<B256, u64> {
        self.seen.lock().proposed.clone()
    }
}
