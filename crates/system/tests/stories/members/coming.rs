//! Members come and go, by their own decision, and everybody knows long before.

use alloy_primitives::B256;
use commonhold_module::bench::{Bench, account, genesis};
use commonhold_primitives::system::MEMBERS;
use commonhold_system::members::interface::IMembers::{
    AccountInUse, Committee, CommitteeChanged, Decided, FalseProof, KeyInUse, Kind, LastMember,
    MemberLeaves, NameInUse, NotFixedYet, State, TooManyMembers, UnfitAccount, UnfitEndpoint,
    UnfitKey, UnfitName, UnknownMember, committeeOfCall, epochsCall, isMemberCall,
    memberByAccountCall, memberByKeyCall, memberCountCall, membersCall, proposalCall,
    proposeAdmissionCall, quorumCall,
};

use super::{
    NEW, accept, application, committee, desk, end, enter, expulsion, key, numbers, state, told,
    vote,
};
use crate::{ANNA, Desk, refused};

#[test]
fn a_hospital_joins() {
    let mut desk = desk();
    enter(&mut desk, 5);
    let id = desk
        .send(account(1), application("Valley Hospital", 9, NEW))
        .unwrap();
    desk.send(account(2), vote(id, true)).unwrap();
    desk.bench
        .send(account(3), MEMBERS, vote(id, true))
        .unwrap();
    let decided = Decided {
        id,
        kind: Kind::Admission,
        state: State::Accepted,
        fromEpoch: 9,
        member: 4,
    };
    told(&desk, decided);
    let changed = CommitteeChanged {
        fromEpoch: 9,
        members: 5,
        faults: 1,
    };
    told(&desk, changed);
    let entry = desk.view(proposalCall { id }).unwrap();
    assert_eq!((entry.fromEpoch, entry.member), (9, 4));

    // Everybody sees it coming; it is no member yet.
    let epochs = desk.view(epochsCall {}).unwrap();
    assert_eq!((epochs.epoch, epochs.fixedUntil), (5, 8));
    let coming = Committee {
        fromEpoch: 9,
        members: 5,
    };
    assert_eq!(epochs.coming, [coming]);
    let listed = desk.view(membersCall { from: 4, max: 1 }).unwrap();
    assert_eq!(listed.total, 5);
    let newcomer = &listed.page[0];
    assert_eq!(
        (newcomer.name.as_str(), newcomer.fromEpoch, newcomer.stands),
        ("Valley Hospital", 9, false)
    );
    for epoch in [5, 6, 7, 8] {
        assert_eq!(numbers(&mut desk, epoch), [0, 1, 2, 3]);
        end(&mut desk, epoch);
        assert_eq!(desk.view(memberCountCall {}), Ok(4));
        assert_eq!(desk.view(isMemberCall { account: NEW }), Ok(false));
    }

    enter(&mut desk, 9);
    assert_eq!(numbers(&mut desk, 9), [0, 1, 2, 3, 4]);
    assert_eq!(numbers(&mut desk, 8), [0, 1, 2, 3]);
    let seat = committee(&mut desk, 9).pop().unwrap();
    assert_eq!((seat.publicKey, seat.account), (key(9), NEW));
    assert_eq!(seat.endpoint, "9.new.example:9000");
    assert_eq!(desk.view(memberCountCall {}), Ok(5));
    assert_eq!(desk.view(quorumCall {}), Ok(4));
    let found = desk.view(memberByAccountCall { account: NEW }).unwrap();
    assert_eq!((found.number, found.stands), (4, true));
    assert!(desk.view(epochsCall {}).unwrap().coming.is_empty());
    // It votes, as everybody.
    let id = desk.send(NEW, expulsion(0)).unwrap();
    assert_eq!(state(&mut desk, id), State::Open);
}

#[test]
fn what_is_fixed_stays_and_what_is_not_is_not_told() {
    let mut desk = desk();
    refused(
        desk.view(committeeOfCall { epoch: 4 }),
        NotFixedYet {
            epoch: 4,
            fixedUntil: 3,
        },
    );
    end(&mut desk, 4);
    let next = desk
        .send(account(1), application("Valley Hospital", 9, NEW))
        .unwrap();
    accept(&mut desk, next);
    // Nothing that is decided in an epoch touches what the epoch before could read.
    enter(&mut desk, 5);
    assert_eq!(numbers(&mut desk, 7), [0, 1, 2, 3]);
    assert_eq!(numbers(&mut desk, 8), [0, 1, 2, 3, 4]);
    let id = desk.send(account(1), expulsion(0)).unwrap();
    accept(&mut desk, id);
    assert_eq!(numbers(&mut desk, 8), [0, 1, 2, 3, 4]);
    enter(&mut desk, 6);
    assert_eq!(numbers(&mut desk, 9), [1, 2, 3, 4]);
    enter(&mut desk, 1_000);
    for (epoch, there) in [
        (0, vec![0, 1, 2, 3]),
        (7, vec![0, 1, 2, 3]),
        (8, vec![0, 1, 2, 3, 4]),
        (9, vec![1, 2, 3, 4]),
        (1_003, vec![1, 2, 3, 4]),
    ] {
        assert_eq!(numbers(&mut desk, epoch), there, "epoch {epoch}");
    }
}

#[test]
fn an_operator_leaves_and_is_remembered() {
    let mut desk = desk();
    let id = desk.send(account(1), expulsion(3)).unwrap();
    accept(&mut desk, id);
    let staying = MemberLeaves {
        number: 3,
        untilEpoch: 4,
    };
    refused(desk.send(account(1), expulsion(3)), staying);
    end(&mut desk, 3);
    assert_eq!(desk.view(memberCountCall {}), Ok(4));
    let late = desk.send(account(4), expulsion(0)).unwrap();
    enter(&mut desk, 4);
    assert_eq!(desk.view(memberCountCall {}), Ok(3));
    let account = account(4);
    assert_eq!(desk.view(isMemberCall { account }), Ok(false));
    let gone = desk
        .view(memberByKeyCall {
            publicKey: B256::repeat_byte(4),
        })
        .unwrap();
    assert_eq!((gone.number, gone.untilEpoch, gone.stands), (3, 4, false));
    assert_eq!(gone.account, account);
    // What it proposed stands, but its own vote counts no more: three of three are needed.
    desk.send(super::account(1), vote(late, true)).unwrap();
    let entry = desk.view(proposalCall { id: late }).unwrap();
    assert_eq!((entry.approvals, entry.members), (1, 3));
    assert_eq!(desk.view(quorumCall {}), Ok(3));
}

#[test]
fn who_left_may_come_back_with_a_new_key() {
    let mut desk = desk();
    let id = desk.send(account(1), expulsion(3)).unwrap();
    accept(&mut desk, id);
    let back = || application("Member 4", 9, account(4));
    let name = "Member 4".to_owned();
    enter(&mut desk, 3);
    refused(
        desk.send(account(1), back()),
        AccountInUse {
            account: account(4),
        },
    );
    refused(
        desk.send(account(1), application("Member 4", 9, NEW)),
        NameInUse { name },
    );
    enter(&mut desk, 4);
    let id = desk.send(account(1), back()).unwrap();
    desk.send(account(2), vote(id, true)).unwrap();
    desk.send(account(3), vote(id, true)).unwrap();
    enter(&mut desk, 8);
    assert_eq!(numbers(&mut desk, 8), [0, 1, 2, 4]);
    let member = desk
        .view(memberByAccountCall {
            account: account(4),
        })
        .unwrap();
    assert_eq!((member.number, member.publicKey), (4, key(9)));
}

#[test]
fn an_application_is_the_candidates_own() {
    let mut desk = desk();
    let good = application("Valley Hospital", 9, NEW);
    let unproven = FalseProof { publicKey: key(9) };
    let spoilt: [fn(&mut proposeAdmissionCall); 6] = [
        |call| call.name = "Valley Clinic".to_owned(),
        |call| call.endpoint = "9.other.example:9000".to_owned(),
        |call| call.account = ANNA,
        |call| call.proof = Default::default(),
        |call| call.proof = application("Valley Hospital", 8, NEW).proof,
        |call| call.proof = super::rekeying(4, 9).proof,
    ];
    for spoil in spoilt {
        let mut call = good.clone();
        spoil(&mut call);
        refused(desk.send(account(1), call), unproven.clone());
    }
    let weak = B256::ZERO;
    let call = proposeAdmissionCall {
        publicKey: weak,
        ..good.clone()
    };
    refused(desk.send(account(1), call), UnfitKey { publicKey: weak });
    let call = proposeAdmissionCall {
        name: " Valley".to_owned(),
        ..good.clone()
    };
    refused(desk.send(account(1), call), UnfitName {});
    let call = proposeAdmissionCall {
        endpoint: "valley".to_owned(),
        ..good.clone()
    };
    refused(desk.send(account(1), call), UnfitEndpoint {});
    let call = proposeAdmissionCall {
        account: Default::default(),
        ..good.clone()
    };
    refused(desk.send(account(1), call), UnfitAccount {});
    desk.send(account(1), good).unwrap();
}

#[test]
fn two_may_want_the_same_and_one_gets_it() {
    let mut desk = desk();
    let calls = [
        application("Valley Hospital", 9, NEW),
        application("Valley Hospital", 8, ANNA),
        application("Lake Hospital", 9, ANNA),
        application("Lake Hospital", 8, NEW),
    ];
    let ids = calls.clone().map(|call| {
        let id = desk.send(account(1), call).unwrap();
        desk.send(account(2), vote(id, true)).unwrap();
        id
    });
    desk.send(account(3), vote(ids[0], true)).unwrap();
    let name = "Valley Hospital".to_owned();
    let named = NameInUse { name };
    let keyed = KeyInUse { publicKey: key(9) };
    let held = AccountInUse { account: NEW };
    let mut last = |id| desk.send(account(3), vote(id, true));
    refused(last(ids[1]), named.clone());
    refused(last(ids[2]), keyed.clone());
    refused(last(ids[3]), held.clone());
    // It can still be refused, and none of it can be proposed any more.
    assert_eq!(state(&mut desk, ids[1]), State::Open);
    for (call, refusal) in calls[1..].iter().zip([0, 1, 2]) {
        let again = desk.send(account(1), call.clone());
        match refusal {
            0 => refused(again, named.clone()),
            1 => refused(again, keyed.clone()),
            _ => refused(again, held.clone()),
        }
    }
    desk.send(account(3), vote(ids[1], false)).unwrap();
    let refusal = desk.send(account(4), vote(ids[1], false));
    assert_eq!(refusal, Ok(State::Refused));
}

#[test]
fn the_last_member_stays() {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(2)).unwrap();
    let address = MEMBERS;
    let mut desk = Desk { bench, address };
    let both = [0, 1].map(|number| desk.send(account(1), expulsion(number)).unwrap());
    desk.bench
        .send(account(2), MEMBERS, vote(both[1], true))
        .unwrap();
    let changed = CommitteeChanged {
        fromEpoch: 4,
        members: 1,
        faults: 0,
    };
    told(&desk, changed);
    refused(desk.send(account(2), vote(both[0], true)), LastMember {});
    refused(desk.send(account(1), expulsion(0)), LastMember {});
    refused(
        desk.send(account(1), expulsion(7)),
        UnknownMember { number: 7 },
    );
    enter(&mut desk, 4);
    // Alone it decides alone.
    let id = desk
        .send(account(1), application("Valley Hospital", 9, NEW))
        .unwrap();
    assert_eq!(state(&mut desk, id), State::Accepted);
}

#[test]
fn there_are_never_too_many() {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(99)).unwrap();
    let address = MEMBERS;
    let mut desk = Desk { bench, address };
    let first = application("Valley Hospital", 201, account(201));
    let first = desk.send(account(1), first).unwrap();
    let second = application("Lake Hospital", 202, account(202));
    let second = desk.send(account(1), second).unwrap();
    for n in 2..67 {
        for id in [first, second] {
            desk.send(account(n), vote(id, true)).unwrap();
        }
    }
    let decides = desk
        .bench
        .send(account(67), MEMBERS, vote(first, true))
        .unwrap();
    assert_eq!(decides, State::Accepted);
    let (gas, stops) = (desk.bench.gas_used(), desk.bench.stops());
    assert!(gas < 4_000_000 && stops < 32, "{gas} gas, {stops} stops");
    assert_eq!(desk.bench.invariants(), Ok(vec![]));
    let full = TooManyMembers { max: 100 };
    refused(desk.send(account(67), vote(second, true)), full.clone());
    refused(
        desk.send(account(1), application("Lake Hospital", 202, account(202))),
        full,
    );
    enter(&mut desk, 4);
    assert_eq!(numbers(&mut desk, 4).len(), 100);
}
