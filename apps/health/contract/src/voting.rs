//! How an ethics board decides. Values in, answer out.
//!
//! A board approves when as many of its members as its quorum says vote for it. Members with a conflict
//! of interest have no vote. When so many are against it or conflicted that a quorum cannot come about
//! any more, it is rejected. What is not decided in time lapses.

use crate::interface::IHealth::BallotState;

/// A ballot's votes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Votes {
    /// Members of the board.
    pub members: u32,
    /// Votes that approve.
    pub quorum: u32,
    /// For it.
    pub approvals: u32,
    /// Against it.
    pub rejections: u32,
    /// Members with a conflict of interest.
    pub conflicts: u32,
}

impl Votes {
    /// What they decide.
    pub const fn decide(&self) -> BallotState {
        let against = self.rejections.saturating_add(self.conflicts);
        if self.approvals >= self.quorum {
            BallotState::Approved
        } else if self.members.saturating_sub(against) < self.quorum {
            BallotState::Rejected
        } else {
            BallotState::Open
        }
    }
}

/// Whether a board of so many can decide by such a quorum: more than half of it.
pub const fn is_quorum(quorum: u32, members: u32) -> bool {
    quorum <= members && quorum > members.saturating_sub(quorum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_approves_and_its_impossibility_rejects() {
        let votes = |approvals, rejections, conflicts| Votes {
            members: 5,
            quorum: 3,
            approvals,
            rejections,
            conflicts,
        };
        for (cast, state) in [
            (votes(0, 0, 0), BallotState::Open),
            (votes(2, 2, 0), BallotState::Open),
            (votes(2, 1, 1), BallotState::Open),
            (votes(3, 0, 0), BallotState::Approved),
            (votes(3, 2, 0), BallotState::Approved),
            (votes(2, 3, 0), BallotState::Rejected),
            (votes(0, 1, 2), BallotState::Rejected),
            (votes(0, 0, 3), BallotState::Rejected),
        ] {
            assert_eq!(cast.decide(), state, "{cast:?}");
        }
    }

    #[test]
    fn a_quorum_is_more_than_half_and_no_more_than_all() {
        for (quorum, members, fits) in [
            (0, 0, false),
            (0, 3, false),
            (1, 1, true),
            (1, 2, false),
            (2, 3, true),
            (3, 3, true),
            (4, 3, false),
            (2, 4, false),
            (3, 4, true),
        ] {
            assert_eq!(is_quorum(quorum, members), fits, "{quorum} of {members}");
        }
    }
}
