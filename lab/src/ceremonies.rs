//! Runs through epochs, and what their blocks say of ceremonies, checked.

use commonhold_primitives::consensus::MemberKey;
use commonware_codec::Encode as _;
use commonware_consensus::types::Epoch;
use commonware_glue::dkg::types::EpochOutcome;
use commonware_utils::NZU64;

use crate::scenario::{Outcome, Scenario};

/// Blocks of an epoch, in runs that go through some.
pub const BLOCKS: u64 = 32;

/// Four members through three epochs, into the fourth.
pub fn through_epochs() -> Scenario {
    let scenario = Scenario::new();
    Scenario {
        founding: scenario.founding.with_epochs(NZU64!(BLOCKS)),
        transactions: 100,
        height: 3 * BLOCKS + 5,
        ..scenario
    }
}

/// Checks what the last block of each epoch says, and gives how many ceremonies succeeded, and how many
/// shares were made public in all.
///
/// # Panics
/// Where the key changed, or the shares did not.
pub fn ceremonies(scenario: &Scenario, outcome: &Outcome) -> (usize, usize) {
    let mut before = scenario.founding.genesis.output().expect("an output");
    let key = before.public().public().encode();
    let (mut succeeded, mut revealed) = (0, 0);
    let epochs = outcome.epochs();
    assert!(!epochs.is_empty(), "no epoch ended");
    for (info, epoch) in epochs.iter().zip(1..) {
        assert_eq!(info.epoch, Epoch::new(epoch));
        assert_eq!(info.output.public().public().encode(), key, "the key stays");
        match info.outcome {
            EpochOutcome::Success => {
                assert_ne!(info.output.public(), before.public(), "the shares do not");
                succeeded += 1;
                revealed += info.output.revealed().len();
            }
            EpochOutcome::Failure => assert_eq!(info.output, before),
        }
        before = info.output.clone();
    }
    (succeeded, revealed)
}

impl Outcome {
    /// In which epochs a member signs, of those that the run saw begin.
    pub fn signs_in(&self, key: &MemberKey) -> Vec<u64> {
        let epochs = self.epochs();
        let those = epochs
            .iter()
            .filter(|info| info.output.players().position(key).is_some());
        those.map(|info| info.epoch.get()).collect()
    }

    /// In which epochs a member signs with a share that others can compute.
    pub fn revealed_in(&self, key: &MemberKey) -> Vec<u64> {
        let epochs = self.epochs();
        let those = epochs
            .iter()
            .filter(|info| info.output.revealed().position(key).is_some());
        those.map(|info| info.epoch.get()).collect()
    }

    /// For which epochs shares were made of what a member dealt.
    pub fn dealt_for(&self, key: &MemberKey) -> Vec<u64> {
        let epochs = self.epochs();
        let those = epochs
            .iter()
            .filter(|info| info.output.dealers().position(key).is_some());
        those.map(|info| info.epoch.get()).collect()
    }
}
