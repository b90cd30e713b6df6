//! The pure rules of epochs and of votes: values in, answer out.

use commonhold_primitives::limits::MEMBERS_MAX;

use super::{
    interface::IMembers::{Parameter, State},
    limits::{BLOCK_GAS_MAX, BLOCK_GAS_MIN, VOTE_SECONDS_MAX, VOTE_SECONDS_MIN},
};

/// Epochs from the one in which members decide to the one from which it holds, always.
///
/// In the last block of epoch `e - 3` the engine writes down who is to sign in epoch `e`, so that shares are
/// dealt to them in `e - 1`. Every member must read the same then, from whatever state of that epoch it
/// holds to be final. So in epoch `c` members can decide only about `c + 4` and later, and who is in epoch
/// `e` is settled from the first block of `e - 3` on.
pub const EFFECT_EPOCHS: u64 = 4;

/// The epoch of a block. Of no length there is one epoch.
pub const fn epoch_of(block: u64, epoch_blocks: u64) -> u64 {
    match block.checked_div(epoch_blocks) {
        Some(epoch) => epoch,
        None => 0,
    }
}

/// The epoch from which holds what is decided in this one.
pub const fn effect(epoch: u64) -> u64 {
    epoch.saturating_add(EFFECT_EPOCHS)
}

/// The last epoch about which nothing can be decided any more in this one.
pub const fn fixed_until(epoch: u64) -> u64 {
    effect(epoch).saturating_sub(1)
}

/// Whether `epoch` is within `from` and `until`; an `until` of zero is no end.
pub const fn within(from: u64, until: u64, epoch: u64) -> bool {
    from <= epoch && (until == 0 || epoch < until)
}

/// How many of `members` members make a decision: more than two thirds, as in consensus. `2f + 1` of
/// `3f + 1`.
pub const fn quorum(members: u32) -> u32 {
    members.saturating_sub(faults(members))
}

/// How many of `members` members may fail or lie while the others go on and agree: `f` of `3f + 1`.
pub const fn faults(members: u32) -> u32 {
    members.saturating_sub(1).div_euclid(3)
}

/// What became of a proposal whose state is written as `state`, at the time `now`.
pub fn state_at(state: State, expires: u64, now: u64) -> State {
    match state {
        State::Open if now >= expires => State::Expired,
        state => state,
    }
}

/// What the votes of `members` members make of an open proposal.
pub const fn decision(approvals: u32, refusals: u32, members: u32) -> State {
    let needed = quorum(members);
    if members > 0 && approvals >= needed {
        State::Accepted
    } else if members.saturating_sub(refusals) < needed {
        State::Refused
    } else {
        State::Open
    }
}

/// The least and the greatest value of a parameter.
pub const fn bounds(parameter: Parameter) -> (u64, u64) {
    match parameter {
        Parameter::VoteSeconds => (VOTE_SECONDS_MIN, VOTE_SECONDS_MAX),
        Parameter::BlockGasLimit => (BLOCK_GAS_MIN, BLOCK_GAS_MAX),
        Parameter::__Invalid => (1, 0),
    }
}

/// `count`, as the number of members that it is: never more than [`MEMBERS_MAX`].
pub fn counted(count: usize) -> u32 {
    u32::try_from(count).map_or(MEMBERS_MAX, |count| count.min(MEMBERS_MAX))
}

#[cfg(test)]
mod tests {
    use commonware_utils::{Faults as _, N3f1};

    use super::*;

    #[test]
    fn a_quorum_is_the_consensus_own() {
        for members in 1..=100 {
            assert_eq!(quorum(members), N3f1::quorum(members));
            assert_eq!(faults(members), N3f1::max_faults(members));
            assert!(3 * u64::from(quorum(members)) > 2 * u64::from(members));
        }
    }

    #[test]
    fn an_epoch_begins_with_its_first_block() {
        for (block, epoch) in [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2)] {
            assert_eq!(epoch_of(block, 10), epoch, "block {block}");
        }
        assert_eq!(epoch_of(7, 0), 0);
    }

    #[test]
    fn nothing_that_is_fixed_can_be_decided_about() {
        for epoch in [0, 1, 77, u64::MAX - 4] {
            assert_eq!(effect(epoch), fixed_until(epoch) + 1);
            assert!(effect(epoch) > fixed_until(epoch.saturating_sub(1)));
        }
    }

    #[test]
    fn who_has_no_end_stays() {
        for (from, until, epoch, there) in [
            (3, 0, 2, false),
            (3, 0, 3, true),
            (3, 0, u64::MAX, true),
            (3, 5, 4, true),
            (3, 5, 5, false),
            (3, 3, 3, false),
        ] {
            assert_eq!(within(from, until, epoch), there, "{from} {until} {epoch}");
        }
    }

    #[test]
    fn a_decision_is_made_as_soon_as_it_is_certain() {
        for (approvals, refusals, members, state) in [
            (2, 0, 4, State::Open),
            (3, 0, 4, State::Accepted),
            (2, 1, 4, State::Open),
            (2, 2, 4, State::Refused),
            (1, 0, 1, State::Accepted),
            (1, 0, 2, State::Open),
            (1, 1, 2, State::Refused),
            (66, 33, 100, State::Open),
            (67, 33, 100, State::Accepted),
            (66, 34, 100, State::Refused),
            (0, 0, 0, State::Open),
        ] {
            let made = decision(approvals, refusals, members);
            assert_eq!(made, state, "{approvals} and {refusals} of {members}");
        }
    }

    #[test]
    fn what_is_over_time_is_over() {
        assert_eq!(state_at(State::Open, 10, 9), State::Open);
        assert_eq!(state_at(State::Open, 10, 10), State::Expired);
        assert_eq!(state_at(State::Accepted, 10, 11), State::Accepted);
    }
}
