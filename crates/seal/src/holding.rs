//! Who holds the seal key now: one sharing of it after another, each held by the members of an epoch.

use std::sync::Arc;

use alloy_primitives::B256;
use commonhold_primitives::{consensus::MemberKey, epoch::Output};
use commonware_utils::sync::Mutex;

use crate::{
    error::SealError,
    group::{Group, SealShare},
};

/// A sharing of the seal key, who holds it, and this member's share of it.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The epoch from which on it is in force.
    pub epoch: u64,
    /// The public side.
    pub group: Group,
    /// Its holders' identity keys, by their places.
    pub holders: Vec<MemberKey>,
    /// This member's share; none where it holds none.
    pub share: Option<SealShare>,
}

impl Holding {
    /// The holding that `output` gives from `epoch` on, with this member's share where it is one of it.
    ///
    /// # Errors
    /// [`SealError::Group`] where the output is no sharing that a quorum of its holders opens.
    pub fn new(epoch: u64, output: &Output, share: Option<SealShare>) -> Result<Self, SealError> {
        let group = Group::new(output.public().clone())?;
        let share = share.filter(|share| group.check(share).is_ok());
        Ok(Self {
            epoch,
            group,
            holders: output.players().iter().cloned().collect(),
            share,
        })
    }

    /// The place of a holder.
    pub fn place(&self, member: &MemberKey) -> Option<u32> {
        let place = self.holders.binary_search(member).ok()?;
        u32::try_from(place).ok()
    }

    /// The holder at a place.
    pub fn holder(&self, place: u32) -> Option<&MemberKey> {
        self.holders.get(usize::try_from(place).ok()?)
    }
}

/// The sharings by which a member answers: the one in force, and the one before it for one epoch more,
/// so that what was asked before a border is answered after it.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// The one in force; none while this node does not know it.
    pub current: Option<Arc<Holding>>,
    /// The one before, where it is another.
    pub previous: Option<Arc<Holding>>,
    /// To whom the key is dealt in this epoch: who holds it in the next, where the ceremony succeeds.
    pub next: Vec<MemberKey>,
}

impl Held {
    /// The one of a digest ([`Group::digest`]).
    pub fn of(&self, sharing: B256) -> Option<Arc<Holding>> {
        let all = self.current.iter().chain(&self.previous);
        all.into_iter()
            .find(|holding| holding.group.digest() == sharing)
            .cloned()
    }
}

/// Where a member's engine says who holds the seal key, and everybody else reads it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Holdings(Arc<Mutex<Arc<Held>>>);

impl Holdings {
    /// What holds now.
    pub fn now(&self) -> Arc<Held> {
        self.0.lock().clone()
    }

    /// Sets what holds from now on. Shares that are held no more are wiped as soon as nobody uses them.
    pub fn set(&self, held: Held) {
        *self.0.lock() = Arc::new(held);
    }
}
