//! Cutting off peers that misbehave, as members do it in the simulator.
//!
//! Every time is written down: an honest member must never cut off another. A scenario may also keep
//! the link up all the same, so that what a member does wrong goes on for as long as it lives.

use std::sync::Arc;

use commonhold_primitives::consensus::MemberKey;
use commonware_actor::Feedback;
use commonware_p2p::{BlockedSubscription, Blocker, simulated::Control};
use commonware_runtime::deterministic;

use crate::world::World;

/// One member's.
#[derive(Clone)]
pub struct Guard {
    control: Control<MemberKey, deterministic::Context>,
    world: World,
    member: usize,
    keys: Arc<Vec<MemberKey>>,
    cut_off: bool,
}

impl Guard {
    /// With `cut_off` peers are cut off; without, it is only written down that they would have been.
    pub fn new(
        control: Control<MemberKey, deterministic::Context>,
        world: World,
        member: usize,
        keys: &[MemberKey],
        cut_off: bool,
    ) -> Self {
        Self {
            control,
            world,
            member,
            keys: Arc::new(keys.to_vec()),
            cut_off,
        }
    }
}

impl Blocker for Guard {
    type PublicKey = MemberKey;

    fn block(&mut self, peer: MemberKey) -> Feedback {
        let position = self.keys.iter().position(|key| *key == peer);
        self.world.with(|w| match position {
            Some(peer) => drop(w.cut_off.insert((self.member, peer))),
            None => w
                .violations
                .push(format!("member {} cut off a stranger", self.member)),
        });
        if self.cut_off {
            self.control.block(peer)
        } else {
            Feedback::Ok
        }
    }

    fn blocked(&mut self) -> BlockedSubscription<MemberKey> {
        self.control.blocked()
    }
}
