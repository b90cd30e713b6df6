//! One member, one vote; more than two thirds decide.

use alloy_primitives::U256;
use commonhold_module::{bench::account, errors::TextTooLong};
use commonhold_primitives::system::MEMBERS;
use commonhold_system::members::{
    interface::IMembers::{
        AlreadyVoted, Decided, Kind, NotMember, NotProposer, ProposalIsOver, Proposed, State,
        UnfitReason, UnknownProposal, Voted, Withdrawn, proposalCall, proposalsCall,
        proposeExpulsionCall, quorumCall, voteCall, votesOnCall, withdrawCall,
    },
    limits::VOTE_SECONDS_DEFAULT,
};

use super::{NEW, accept, application, desk, enter, expulsion, state, told, vote};
use crate::{BEN, refused};

#[test]
fn three_of_four_decide() {
    let mut desk = desk();
    assert_eq!(desk.view(quorumCall {}), Ok(3));
    let call = application("Valley Hospital", 9, NEW);
    let reason = call.reason.clone();
    let id = desk.bench.send(account(1), MEMBERS, call).unwrap();
    let expires = 1_000_000 + VOTE_SECONDS_DEFAULT;
    let proposed = Proposed {
        id: 0,
        proposer: 0,
        kind: Kind::Admission,
        reason: reason.clone(),
        expires,
    };
    assert_eq!(id, 0);
    told(&desk, proposed);
    let voted = Voted {
        id: 0,
        member: 0,
        approve: true,
        reason: reason.clone(),
    };
    told(&desk, voted);

    desk.bench.at(1_000_100);
    assert_eq!(desk.send(account(4), vote(0, false)), Ok(State::Open));
    assert_eq!(desk.send(account(2), vote(0, true)), Ok(State::Open));
    desk.bench.at(1_000_200);
    assert_eq!(desk.send(account(3), vote(0, true)), Ok(State::Accepted));

    let entry = desk.view(proposalCall { id: 0 }).unwrap();
    assert_eq!(
        (entry.state, entry.kind),
        (State::Accepted, Kind::Admission)
    );
    assert_eq!((entry.approvals, entry.refusals, entry.members), (3, 1, 4));
    assert_eq!((entry.proposedAt, entry.decidedAt), (1_000_000, 1_000_200));
    assert_eq!((entry.proposedIn, entry.decidedIn), (1, 3));
    assert_eq!((entry.expires, entry.reason), (expires, reason.clone()));
    let votes = desk
        .view(votesOnCall {
            id: 0,
            from: 0,
            max: 10,
        })
        .unwrap();
    assert_eq!(votes.total, 4);
    let said: Vec<_> = votes.page.iter().map(|c| (c.member, c.approve)).collect();
    assert_eq!(said, [(0, true), (3, false), (1, true), (2, true)]);
    assert_eq!(votes.page[0].reason, reason);
    assert_eq!(votes.page[1].reason, "as agreed");
    assert_eq!((votes.page[1].castAt, votes.page[1].castIn), (1_000_100, 2));
    assert!(votes.page.iter().all(|cast| cast.counts));
}

#[test]
fn a_decision_is_made_once() {
    let mut desk = desk();
    let id = desk.send(account(1), expulsion(3)).unwrap();
    accept(&mut desk, id);
    let over = |state| ProposalIsOver { id, state };
    let accepted = over(State::Accepted);
    refused(desk.send(account(4), vote(id, false)), accepted.clone());
    refused(desk.send(account(1), withdrawCall { id }), accepted);
    let id = 1;
    refused(
        desk.send(account(1), vote(id, true)),
        UnknownProposal { id },
    );
    refused(desk.view(proposalCall { id }), UnknownProposal { id });
    let (from, max) = (0, 1);
    refused(
        desk.view(votesOnCall { id, from, max }),
        UnknownProposal { id },
    );
}

#[test]
fn a_member_votes_once_and_nobody_else_does() {
    let mut desk = desk();
    let stranger = NotMember { caller: BEN };
    refused(desk.send(BEN, expulsion(3)), stranger.clone());
    let id = desk.send(account(1), expulsion(3)).unwrap();
    refused(desk.send(BEN, vote(id, true)), stranger);
    let twice = |member| AlreadyVoted { id, member };
    refused(desk.send(account(1), vote(id, true)), twice(0));
    desk.send(account(2), vote(id, false)).unwrap();
    refused(desk.send(account(2), vote(id, true)), twice(1));
    assert_eq!(state(&mut desk, id), State::Open);
}

#[test]
fn two_of_four_prevent_it_for_ever() {
    let mut desk = desk();
    let id = desk.send(account(1), expulsion(3)).unwrap();
    desk.send(account(2), vote(id, false)).unwrap();
    let outcome = desk.bench.send(account(3), MEMBERS, vote(id, false));
    assert_eq!(outcome, Ok(State::Refused));
    let decided = Decided {
        id,
        kind: Kind::Expulsion,
        state: State::Refused,
        fromEpoch: 0,
        member: 3,
    };
    told(&desk, decided);
    let state = State::Refused;
    refused(
        desk.send(account(4), vote(id, true)),
        ProposalIsOver { id, state },
    );
}

#[test]
fn a_proposer_may_think_again() {
    let mut desk = desk();
    let id = desk.send(account(1), expulsion(3)).unwrap();
    let caller = account(2);
    refused(
        desk.send(caller, withdrawCall { id }),
        NotProposer { id, caller },
    );
    desk.bench
        .send(account(1), MEMBERS, withdrawCall { id })
        .unwrap();
    told(&desk, Withdrawn { id });
    let state = State::Withdrawn;
    refused(
        desk.send(account(2), vote(id, true)),
        ProposalIsOver { id, state },
    );
}

#[test]
fn a_proposal_expires() {
    let mut desk = desk();
    let expires = 1_000_000 + VOTE_SECONDS_DEFAULT;
    for number in [2, 3] {
        let id = desk.send(account(1), expulsion(number)).unwrap();
        desk.send(account(2), vote(id, true)).unwrap();
    }
    desk.bench.at(expires - 1);
    assert_eq!(desk.send(account(3), vote(1, true)), Ok(State::Accepted));
    desk.bench.at(expires);
    let (id, state) = (0, State::Expired);
    let over = ProposalIsOver { id, state };
    refused(desk.send(account(3), vote(id, true)), over.clone());
    refused(desk.send(account(1), withdrawCall { id }), over);
    let all = desk.view(proposalsCall { from: 0, max: 10 }).unwrap();
    let states: Vec<_> = all.page.iter().map(|proposal| proposal.state).collect();
    assert_eq!(states, [State::Expired, State::Accepted]);
    assert_eq!(all.total, 2);
}

#[test]
fn reasons_are_for_people() {
    let mut desk = desk();
    let reasoned = |reason: &str| proposeExpulsionCall {
        number: 3,
        reason: reason.to_owned(),
    };
    for reason in ["", " ", "away ", "a\nway", "\u{202e}yawa"] {
        refused(desk.send(account(1), reasoned(reason)), UnfitReason {});
    }
    let too_long = TextTooLong {
        bytesGiven: U256::from(257),
        bytesMax: U256::from(256),
    };
    refused(
        desk.send(account(1), reasoned(&"x".repeat(257))),
        too_long.clone(),
    );
    let id = desk.send(account(1), reasoned(&"x".repeat(256))).unwrap();
    let voting = |reason: String| voteCall {
        reason,
        ..vote(id, true)
    };
    refused(desk.send(account(2), voting(String::new())), UnfitReason {});
    refused(desk.send(account(2), voting("x".repeat(257))), too_long);
    desk.send(account(2), voting("x".repeat(256))).unwrap();
}

#[test]
fn who_joins_counts_from_then_on() {
    let mut desk = desk();
    let id = desk
        .send(account(1), application("Valley Hospital", 9, NEW))
        .unwrap();
    accept(&mut desk, id);
    // Proposed before it is a member, decided after: four of five are needed then.
    let id = desk.send(account(1), expulsion(3)).unwrap();
    desk.send(account(2), vote(id, true)).unwrap();
    enter(&mut desk, 4);
    assert_eq!(desk.send(account(3), vote(id, true)), Ok(State::Open));
    assert_eq!(desk.send(NEW, vote(id, true)), Ok(State::Accepted));
}
