//! Four members decide whether there shall be money.

use alloy_primitives::{Address, U256};
use commonhold_module::{
    bench::{Bench, account, genesis},
    errors::TextTooLong,
};
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::{
    interface::IToken::{
        AlreadyVoted, ERC20InvalidReceiver, InvalidReason, IssueDecided, IssueIsOver,
        IssueProposed, IssueState, IssueVoted, NoAmount, NotMember, NotProposer, SupplyOverflow,
        Transfer, UnknownIssue, Vote, approveIssueCall, issueCall, issueQuorumCall, issuesCall,
        proposeIssueCall, rejectIssueCall, voteOfCall, withdrawIssueCall,
    },
    limits::ISSUE_SECONDS_MAX,
};

use super::{balance, desk, issue, proposal, supply, told, units};
use crate::{ANNA, BEN, Desk, refused};

const fn approve(number: u64) -> approveIssueCall {
    approveIssueCall { number }
}

const fn against(number: u64) -> rejectIssueCall {
    rejectIssueCall { number }
}

fn state(desk: &mut Desk, number: u64) -> IssueState {
    desk.view(issueCall { number }).unwrap().state
}

#[test]
fn three_of_four_issue() {
    let mut desk = Desk::of(TOKEN);
    let amount = units(1_000);
    assert_eq!(desk.view(issueQuorumCall {}), Ok(3));
    let number = desk
        .bench
        .send(account(1), TOKEN, proposal(ANNA, amount))
        .unwrap();
    let expires = 1_000_000 + ISSUE_SECONDS_MAX;
    let proposed = IssueProposed {
        number: 0,
        proposer: account(1),
        to: ANNA,
        amount,
        reason: "paid in, statement 17".to_owned(),
        expires,
    };
    assert_eq!(number, 0);
    told(&desk, proposed);
    let voted = |member, vote| IssueVoted {
        number: 0,
        member,
        vote,
    };
    told(&desk, voted(account(1), Vote::Approve));

    desk.bench.at(1_000_100);
    assert_eq!(desk.send(account(4), against(0)), Ok(IssueState::Open));
    assert_eq!(desk.send(account(2), approve(0)), Ok(IssueState::Open));
    assert_eq!(supply(&mut desk), U256::ZERO);
    desk.bench.at(1_000_200);
    assert_eq!(
        desk.bench.send(account(3), TOKEN, approve(0)),
        Ok(IssueState::Issued)
    );
    told(&desk, voted(account(3), Vote::Approve));
    let state = IssueState::Issued;
    told(&desk, IssueDecided { number: 0, state });
    let (from, to, value) = (Address::ZERO, ANNA, amount);
    told(&desk, Transfer { from, to, value });
    assert_eq!(balance(&mut desk, ANNA), amount);
    assert_eq!(supply(&mut desk), amount);

    let entry = desk.view(issueCall { number: 0 }).unwrap();
    assert_eq!((entry.state, entry.to, entry.amount), (state, ANNA, amount));
    assert_eq!(
        (entry.approvals, entry.rejections, entry.members),
        (3, 1, 4)
    );
    assert_eq!((entry.proposedAt, entry.decidedAt), (1_000_000, 1_000_200));
    assert_eq!((entry.proposedIn, entry.decidedIn), (1, 3));
    assert_eq!(entry.expires, expires);
    let vote_of = |member| voteOfCall { number: 0, member };
    assert_eq!(desk.view(vote_of(account(1))), Ok(Vote::Approve));
    assert_eq!(desk.view(vote_of(account(4))), Ok(Vote::Reject));
    assert_eq!(desk.view(vote_of(ANNA)), Ok(Vote::None));
}

#[test]
fn a_decision_is_made_once() {
    let mut desk = desk(ANNA, 100);
    let over = |state| IssueIsOver { number: 0, state };
    refused(desk.send(account(4), approve(0)), over(IssueState::Issued));
    refused(desk.send(account(4), against(0)), over(IssueState::Issued));
    refused(
        desk.send(account(1), withdrawIssueCall { number: 0 }),
        over(IssueState::Issued),
    );
    assert_eq!(supply(&mut desk), units(100));
    refused(
        desk.send(account(1), approve(1)),
        UnknownIssue { number: 1 },
    );
    refused(
        desk.view(issueCall { number: 1 }),
        UnknownIssue { number: 1 },
    );
}

#[test]
fn a_member_votes_once_and_nobody_else_does() {
    let mut desk = Desk::of(TOKEN);
    let stranger = NotMember { caller: BEN };
    refused(desk.send(BEN, proposal(BEN, units(1))), stranger.clone());
    desk.send(account(1), proposal(ANNA, units(1))).unwrap();
    refused(desk.send(BEN, approve(0)), stranger.clone());
    refused(desk.send(BEN, against(0)), stranger);
    let twice = |member| AlreadyVoted { number: 0, member };
    refused(desk.send(account(1), approve(0)), twice(account(1)));
    refused(desk.send(account(1), against(0)), twice(account(1)));
    desk.send(account(2), against(0)).unwrap();
    refused(desk.send(account(2), approve(0)), twice(account(2)));
    assert_eq!(state(&mut desk, 0), IssueState::Open);
    assert_eq!(supply(&mut desk), U256::ZERO);
}

#[test]
fn two_of_four_prevent_it() {
    let mut desk = Desk::of(TOKEN);
    desk.send(account(1), proposal(ANNA, units(1))).unwrap();
    desk.send(account(2), against(0)).unwrap();
    let state = IssueState::Rejected;
    assert_eq!(desk.bench.send(account(3), TOKEN, against(0)), Ok(state));
    told(&desk, IssueDecided { number: 0, state });
    refused(
        desk.send(account(4), approve(0)),
        IssueIsOver { number: 0, state },
    );
    assert_eq!(supply(&mut desk), U256::ZERO);
}

#[test]
fn a_proposer_may_think_again() {
    let mut desk = Desk::of(TOKEN);
    desk.send(account(1), proposal(ANNA, units(1))).unwrap();
    desk.send(account(2), approve(0)).unwrap();
    let caller = account(2);
    refused(
        desk.send(caller, withdrawIssueCall { number: 0 }),
        NotProposer { number: 0, caller },
    );
    desk.send(account(1), withdrawIssueCall { number: 0 })
        .unwrap();
    let state = IssueState::Withdrawn;
    refused(
        desk.send(account(3), approve(0)),
        IssueIsOver { number: 0, state },
    );
    assert_eq!(supply(&mut desk), U256::ZERO);
}

#[test]
fn a_proposal_expires() {
    let mut desk = Desk::of(TOKEN);
    let expires = 1_000_000 + ISSUE_SECONDS_MAX;
    for _ in 0..2 {
        let number = desk.send(account(1), proposal(ANNA, units(1))).unwrap();
        desk.send(account(2), approve(number)).unwrap();
    }
    desk.bench.at(expires - 1);
    assert_eq!(desk.send(account(3), approve(0)), Ok(IssueState::Issued));
    desk.bench.at(expires);
    let state = IssueState::Expired;
    let over = IssueIsOver { number: 1, state };
    refused(desk.send(account(3), approve(1)), over.clone());
    refused(desk.send(account(3), against(1)), over.clone());
    refused(desk.send(account(1), withdrawIssueCall { number: 1 }), over);
    let all = desk.view(issuesCall { from: 0, max: 10 }).unwrap();
    let states: Vec<_> = all.page.iter().map(|issue| issue.state).collect();
    assert_eq!(states, [IssueState::Issued, IssueState::Expired]);
    assert_eq!(all.total, 2);
    assert_eq!(supply(&mut desk), units(1));
}

#[test]
fn a_proposal_makes_sense() {
    let mut desk = Desk::of(TOKEN);
    let member = account(1);
    refused(desk.send(member, proposal(ANNA, U256::ZERO)), NoAmount {});
    for receiver in [Address::ZERO, TOKEN] {
        refused(
            desk.send(member, proposal(receiver, units(1))),
            ERC20InvalidReceiver { receiver },
        );
    }
    let reasoned = |reason: &str| proposeIssueCall {
        reason: reason.to_owned(),
        ..proposal(ANNA, units(1))
    };
    for reason in ["", " ", "paid in ", "paid\nin", "\u{202e}ni diap"] {
        refused(desk.send(member, reasoned(reason)), InvalidReason {});
    }
    refused(
        desk.send(member, reasoned(&"x".repeat(129))),
        TextTooLong {
            bytesGiven: units(129),
            bytesMax: units(128),
        },
    );
    desk.send(member, reasoned(&"x".repeat(128))).unwrap();
}

#[test]
fn there_is_no_more_than_can_be_counted() {
    let mut desk = Desk::of(TOKEN);
    let overflow = SupplyOverflow {
        supply: U256::MAX,
        amount: units(1),
    };
    // It would have fitted when it was proposed.
    desk.send(account(1), proposal(BEN, units(1))).unwrap();
    desk.send(account(2), approve(0)).unwrap();
    issue(&mut desk, ANNA, U256::MAX);
    refused(
        desk.send(account(1), proposal(BEN, units(1))),
        overflow.clone(),
    );
    refused(desk.send(account(3), approve(0)), overflow);
    assert_eq!(state(&mut desk, 0), IssueState::Open);
    assert_eq!(supply(&mut desk), U256::MAX);
    assert_eq!(balance(&mut desk, BEN), U256::ZERO);
}

#[test]
fn one_member_alone_decides_alone() {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(1)).unwrap();
    let address = TOKEN;
    let mut desk = Desk { bench, address };
    desk.send(account(1), proposal(ANNA, units(5))).unwrap();
    assert_eq!(state(&mut desk, 0), IssueState::Issued);
    assert_eq!(balance(&mut desk, ANNA), units(5));
}
