//! The board decides on Rita's study.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    interface::IHealth::{
        AlreadySaid, BallotDecided, BallotState, Class, Conflicted, Leave, Manner, NotMember,
        RoleMissing, UnfitBoard, UnfitState, UnfitWindow, Unknown, ballotCall, boardCall,
        declareConflictCall, foundBoardCall, openBallotCall, registerStudyCall, studyCall,
        suspendStudyCall, voteCall,
    },
    limits::{APPROVAL_SECONDS_MAX, BALLOT_SECONDS},
};
use commonhold_system::accounts::roles;

use crate::world::{
    CITY, DAY, EDA, EMIL, EVA, NOW, RITA, STRANGER, World, of, permit, protocol, refused, research,
};

fn vote(ballot: u64, approve: bool) -> voteCall {
    voteCall { ballot, approve }
}

/// A study and the ballot on it, without a vote.
fn submitted() -> (World, u64, u64) {
    let mut world = World::new();
    let study = world.send(RITA, protocol()).unwrap();
    let ballot = world.send(RITA, openBallotCall { study }).unwrap();
    (world, study, ballot)
}

#[test]
fn two_of_three_approve_for_a_year() {
    let (mut world, number, ballot) = submitted();
    world.send(EMIL, vote(ballot, true)).unwrap();
    refused(
        world.send(EMIL, vote(ballot, false)),
        AlreadySaid { member: EMIL },
    );
    assert_eq!(world.view(studyCall { number }).unwrap().approvedUntil, 0);
    world.send(EDA, vote(ballot, true)).unwrap();
    let decided = &world.bench.events::<BallotDecided>()[0];
    assert_eq!(decided.state, BallotState::Approved);
    assert_eq!(decided.approvedUntil, NOW + 365 * DAY);
    let shown = world.view(studyCall { number }).unwrap();
    assert_eq!(
        (shown.approvedVersion, shown.approvedUntil),
        (1, NOW + 365 * DAY)
    );
    // It is decided: nobody votes any more.
    let number = ballot;
    refused(world.send(EVA, vote(ballot, true)), UnfitState { number });
}

#[test]
fn who_has_a_conflict_has_no_vote() {
    let (mut world, _, ballot) = submitted();
    world.send(EMIL, vote(ballot, true)).unwrap();
    // Emil remembers that his brother works there: his vote is taken back.
    world.send(EMIL, declareConflictCall { ballot }).unwrap();
    let member = EMIL;
    refused(
        world.send(EMIL, vote(ballot, true)),
        Conflicted { ballot, member },
    );
    refused(
        world.send(EMIL, declareConflictCall { ballot }),
        AlreadySaid { member },
    );
    world.send(EDA, vote(ballot, true)).unwrap();
    let number = ballot;
    let shown = world.view(ballotCall { number }).unwrap();
    assert_eq!((shown.approvals, shown.conflicts), (1, 1));
    assert_eq!(shown.state, BallotState::Open);
    // Where a quorum cannot come about any more, it is rejected.
    world.send(EVA, declareConflictCall { ballot }).unwrap();
    let shown = world.view(ballotCall { number }).unwrap();
    assert_eq!(shown.state, BallotState::Rejected);
}

#[test]
fn nobody_votes_on_their_own_study() {
    let mut world = World::new();
    // Eva sits on the board and is a researcher.
    let study = world.send(EVA, protocol()).unwrap();
    let ballot = world.send(EVA, openBallotCall { study }).unwrap();
    let member = EVA;
    refused(
        world.send(EVA, vote(ballot, true)),
        Conflicted { ballot, member },
    );
    world.send(EMIL, vote(ballot, true)).unwrap();
    world.send(EDA, vote(ballot, true)).unwrap();
    let number = study;
    assert_ne!(world.view(studyCall { number }).unwrap().approvedUntil, 0);
}

#[test]
fn votes_take_a_seat_and_the_role() {
    let (mut world, _, ballot) = submitted();
    let role = roles::ETHICS_COMMITTEE;
    refused(
        world.send(STRANGER, vote(ballot, true)),
        RoleMissing {
            caller: STRANGER,
            role,
        },
    );
    world.attest(STRANGER, role, 0);
    refused(
        world.send(STRANGER, vote(ballot, true)),
        UnfitBoard {
            board: 1,
            member: STRANGER,
        },
    );
    // A seat without the role is none.
    world.attest(EMIL, role, NOW + 1);
    world.wait(1);
    refused(
        world.send(EMIL, vote(ballot, true)),
        RoleMissing { caller: EMIL, role },
    );
    refused(world.send(EVA, vote(99, true)), Unknown { number: 99 });
}

#[test]
fn ballots_lapse_and_are_opened_one_at_a_time() {
    let (mut world, study, ballot) = submitted();
    let number = ballot;
    refused(
        world.send(RITA, openBallotCall { study }),
        UnfitState { number },
    );
    world.wait(BALLOT_SECONDS);
    let shown = world.view(ballotCall { number }).unwrap();
    assert_eq!(shown.state, BallotState::Lapsed);
    refused(world.send(EVA, vote(ballot, true)), UnfitState { number });
    assert_eq!(world.send(RITA, openBallotCall { study }), Ok(2));
}

#[test]
fn one_member_stops_a_study_and_the_board_lets_it_go_on() {
    let mut world = World::new();
    let labs = world.slice(Class::Labs);
    let mut now = permit(Manner::Standing);
    now.vetoSeconds = 0;
    world.consents(crate::world::ANNA, vec![now]);
    let study = world.approved_study();
    let ask = research(study, of(Class::Labs));
    let request = world.request(RITA, ask, crate::world::ANNA);
    assert_eq!(world.open(RITA, request, labs), Leave::Granted);
    let number = study;
    let reason = B256::repeat_byte(1);
    let suspend = suspendStudyCall { number, reason };
    world.send(EMIL, suspend.clone()).unwrap();
    refused(world.send(EMIL, suspend), UnfitState { number });
    assert_eq!(world.open(RITA, request, labs), Leave::Suspended);
    let ballot = world.send(RITA, openBallotCall { study }).unwrap();
    world.send(EVA, vote(ballot, true)).unwrap();
    world.send(EDA, vote(ballot, true)).unwrap();
    assert_eq!(world.open(RITA, request, labs), Leave::Granted);
}

#[test]
fn boards_are_founded_by_members_and_decide_by_more_than_half() {
    let mut world = World::new();
    let found = |members: &[Address], quorum, seconds| foundBoardCall {
        members: members.to_vec(),
        quorum,
        approvalSeconds: seconds,
    };
    refused(
        world.send(STRANGER, found(&[EVA], 1, DAY)),
        NotMember { caller: STRANGER },
    );
    let unfit = |member| UnfitBoard { board: 0, member };
    for (members, quorum) in [(&[EVA, EMIL][..], 1), (&[EVA], 2), (&[EVA], 0)] {
        refused(
            world.send(CITY, found(members, quorum, DAY)),
            unfit(Address::ZERO),
        );
    }
    refused(world.send(CITY, found(&[EVA, EVA], 2, DAY)), unfit(EVA));
    for seconds in [0, APPROVAL_SECONDS_MAX + 1] {
        refused(
            world.send(CITY, found(&[EVA], 1, seconds)),
            UnfitWindow {
                notBefore: 0,
                until: seconds,
            },
        );
    }
    assert!(world.send(CITY, found(&[], 0, DAY)).is_err());
    assert_eq!(world.send(CITY, found(&[EVA], 1, DAY)), Ok(2));
    let shown = world.view(boardCall { number: 2 }).unwrap();
    assert_eq!((shown.members, shown.founder), (vec![EVA], CITY));
    let boardless = registerStudyCall {
        board: 9,
        ..protocol()
    };
    refused(world.send(RITA, boardless), Unknown { number: 9 });
}
