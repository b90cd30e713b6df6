//! Two engines with one key. Both hear everybody; some members hear only the first, the others only
//! the second. When it is their turn the second builds its block a little later, so that there are two,
//! of different times and at times with different transactions. Both are signed, both are valid.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use alloy_primitives::B256;
use commonhold_primitives::{
    BlockHash,
    consensus::{MemberKey, Scheme},
};
use commonware_codec::{Copying, DecodeExt as _};
use commonware_consensus::{Viewable as _, simplex::types::Vote};
use commonware_p2p::{
    Recipients,
    simulated::{SplitOrigin, SplitTarget},
};
use commonware_utils::sync::Mutex;

use super::{VOTE, lane};
use crate::world::World;

/// How much later the second twin builds.
pub const LATER: Duration = Duration::from_millis(3);

/// Who hears which twin.
#[derive(Clone)]
pub struct Twins {
    first: Arc<BTreeSet<MemberKey>>,
    second: Arc<BTreeSet<MemberKey>>,
    keys: Arc<Vec<MemberKey>>,
    /// By view, the block that a twin signed for first.
    signed: Arc<Mutex<BTreeMap<u64, B256>>>,
}

impl Twins {
    /// `first` are the members that hear the first twin.
    pub fn new(keys: &[MemberKey], first: &[usize]) -> Self {
        let half = |wanted: bool| {
            let members = keys.iter().enumerate();
            let half = members.filter(|(m, _)| first.contains(m) == wanted);
            Arc::new(half.map(|(_, key)| key.clone()).collect())
        };
        Self {
            first: half(true),
            second: half(false),
            keys: Arc::new(keys.to_vec()),
            signed: Arc::default(),
        }
    }

    /// Of those whom a twin wants to reach, those who hear it.
    pub fn reach(
        &self,
        twin: SplitOrigin,
        wanted: &Recipients<MemberKey>,
    ) -> Option<Recipients<MemberKey>> {
        let half = match twin {
            SplitOrigin::Primary => &self.first,
            SplitOrigin::Secondary => &self.second,
        };
        let reached: Vec<MemberKey> = match wanted {
            Recipients::All => half.iter().cloned().collect(),
            Recipients::Some(keys) => keys.iter().filter(|k| half.contains(k)).cloned().collect(),
            Recipients::One(key) => half.get(key).cloned().into_iter().collect(),
        };
        (!reached.is_empty()).then_some(Recipients::Some(reached))
    }

    /// A twin sends something. Where it signs for another block than its twin, that is written down.
    pub fn send(&self, world: &World, channel: u64, message: &[u8]) {
        if let Some((view, block)) = notarised(channel, message)
            && *self.signed.lock().entry(view).or_insert(block) != block
        {
            world.with(|w| w.misdeed(channel));
        }
    }

    /// Both hear everything. What honest members sign is written down: two proposals that were both
    /// signed in one view show that the leader showed different faces.
    pub fn hear(
        &self,
        world: &World,
        channel: u64,
        peer: &MemberKey,
        message: &[u8],
    ) -> SplitTarget {
        if let Some((view, block)) = notarised(channel, message)
            && let Some(member) = self.keys.iter().position(|key| key == peer)
        {
            world.with(|w| w.sees_signed(view, block, member));
        }
        SplitTarget::Both
    }
}

/// View and block of a vote for a proposal.
fn notarised(channel: u64, message: &[u8]) -> Option<(u64, B256)> {
    if channel != VOTE {
        return None;
    }
    match Vote::<Scheme, BlockHash>::decode(Copying(lane::vote(message))) {
        Ok(Vote::Notarize(vote)) => Some((vote.view().get(), vote.proposal.payload.0)),
        _ => None,
    }
}
