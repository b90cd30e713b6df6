//! A member's node, its address and its account change, and the member stays.

use alloy_primitives::B256;
use commonhold_module::bench::account;
use commonhold_system::members::interface::IMembers::{
    AccountInUse, AlreadyVoted, ChangePending, FalseProof, KeyInUse, NotMember, NothingChanges,
    State, isMemberCall, memberByAccountCall, memberByKeyCall, membersCall, peersOfCall,
    proposeAccountCall,
};

use super::{
    NEW, accept, application, committee, desk, end, enter, expulsion, key, moving, rekeying, vote,
};
use crate::refused;

fn handing(number: u64, n: u8) -> proposeAccountCall {
    proposeAccountCall {
        number,
        account: account(n),
        reason: "the old key was lost".to_owned(),
    }
}

#[test]
fn a_node_gets_another_key_and_another_address() {
    let mut desk = desk();
    let old = B256::repeat_byte(4);
    let id = desk.send(account(1), rekeying(3, 9)).unwrap();
    accept(&mut desk, id);
    enter(&mut desk, 1);
    let id = desk.send(account(1), moving(3, "new.example:1")).unwrap();
    accept(&mut desk, id);
    let before = (old, "member4.example:9000".to_owned());
    let rekeyed = (key(9), before.1.clone());
    let moved = (key(9), "new.example:1".to_owned());
    for (epoch, expected) in [(3, &before), (4, &rekeyed), (5, &moved), (9, &moved)] {
        enter(&mut desk, epoch);
        let seat = committee(&mut desk, epoch).pop().unwrap();
        assert_eq!((seat.number, seat.account), (3, account(4)));
        assert_eq!((seat.publicKey, seat.endpoint), *expected, "epoch {epoch}");
    }
    // In an epoch its old node may still deal; everybody knows where it listens then.
    let peers = desk.view(peersOfCall { epoch: 4 }).unwrap();
    let own = peers.iter().filter(|peer| peer.number == 3);
    let own: Vec<_> = own
        .map(|peer| (peer.publicKey, &peer.endpoint[..]))
        .collect();
    assert_eq!(own, [(key(9), &before.1[..]), (old, &before.1[..])]);
    assert_eq!(peers.len(), 5);
    // Of long ago it says what was true long ago; by either key the member is found.
    let seat = committee(&mut desk, 3).pop().unwrap();
    assert_eq!((seat.publicKey, seat.endpoint), before);
    for known in [old, key(9)] {
        let call = memberByKeyCall { publicKey: known };
        let found = desk.view(call).unwrap();
        assert_eq!((found.number, found.publicKey), (3, key(9)));
    }
}

#[test]
fn a_key_serves_one_member_once() {
    let mut desk = desk();
    let id = desk.send(account(1), rekeying(3, 9)).unwrap();
    accept(&mut desk, id);
    let used = KeyInUse { publicKey: key(9) };
    refused(desk.send(account(1), rekeying(2, 9)), used.clone());
    refused(
        desk.send(account(1), application("Valley Hospital", 9, NEW)),
        used.clone(),
    );
    enter(&mut desk, 4);
    let id = desk.send(account(1), rekeying(3, 8)).unwrap();
    accept(&mut desk, id);
    enter(&mut desk, 9);
    refused(desk.send(account(1), rekeying(3, 9)), used);
    // The proof is for one member.
    let mut call = rekeying(2, 7);
    call.number = 1;
    refused(
        desk.send(account(1), call),
        FalseProof { publicKey: key(7) },
    );
}

#[test]
fn one_change_of_a_kind_is_on_its_way_at_a_time() {
    let mut desk = desk();
    let both = [9, 8].map(|n| desk.send(account(1), rekeying(3, n)).unwrap());
    let twice = [
        moving(3, "a.example:1"),
        moving(3, "b.example:1"),
        moving(3, "member4.example:9000"),
    ];
    refused(desk.send(account(1), twice[2].clone()), NothingChanges {});
    accept(&mut desk, both[0]);
    let pending = ChangePending { fromEpoch: 4 };
    desk.send(account(2), vote(both[1], true)).unwrap();
    refused(desk.send(account(3), vote(both[1], true)), pending.clone());
    let id = desk.send(account(1), twice[0].clone()).unwrap();
    accept(&mut desk, id);
    refused(desk.send(account(1), twice[1].clone()), pending.clone());
    refused(desk.send(account(1), twice[2].clone()), pending);
    end(&mut desk, 3);
    refused(
        desk.send(account(1), rekeying(3, 7)),
        ChangePending { fromEpoch: 4 },
    );
    enter(&mut desk, 4);
    for call in [twice[2].clone(), twice[1].clone()] {
        desk.send(account(1), call).unwrap();
    }
    desk.send(account(3), vote(both[1], true)).unwrap();
    let seat = committee(&mut desk, 4).pop().unwrap();
    assert_eq!(seat.publicKey, key(9));
    assert_eq!(seat.endpoint, "a.example:1");
}

#[test]
fn another_account_takes_over() {
    let mut desk = desk();
    let id = desk.send(account(1), handing(3, 0xe6)).unwrap();
    let open = desk.send(account(1), expulsion(2)).unwrap();
    desk.send(account(4), vote(open, false)).unwrap();
    accept(&mut desk, id);
    let taken = AccountInUse {
        account: account(0xe6),
    };
    refused(desk.send(account(1), handing(2, 0xe6)), taken);
    refused(
        desk.send(account(1), handing(2, 1)),
        AccountInUse {
            account: account(1),
        },
    );
    end(&mut desk, 3);
    for (n, acts) in [(4, true), (0xe6, false)] {
        let account = account(n);
        assert_eq!(desk.view(isMemberCall { account }), Ok(acts));
    }
    enter(&mut desk, 4);
    let caller = account(4);
    refused(desk.send(caller, expulsion(2)), NotMember { caller });
    let member = desk
        .view(memberByAccountCall {
            account: account(0xe6),
        })
        .unwrap();
    assert_eq!((member.number, member.account), (3, account(0xe6)));
    // It is the same member, which has voted.
    refused(
        desk.send(account(0xe6), vote(open, true)),
        AlreadyVoted {
            id: open,
            member: 3,
        },
    );
    // The old account is free again.
    let id = desk
        .send(account(1), application("Valley Hospital", 9, account(4)))
        .unwrap();
    accept(&mut desk, id);
}

#[test]
fn who_is_to_come_can_be_changed_and_sent_away() {
    let mut desk = desk();
    let id = desk
        .send(account(1), application("Valley Hospital", 9, NEW))
        .unwrap();
    accept(&mut desk, id);
    let id = desk.send(account(1), moving(4, "new.example:1")).unwrap();
    accept(&mut desk, id);
    let page = desk.view(membersCall { from: 4, max: 1 }).unwrap().page;
    assert_eq!(page[0].endpoint, "new.example:1");
    let id = desk.send(account(1), expulsion(4)).unwrap();
    accept(&mut desk, id);
    enter(&mut desk, 4);
    assert_eq!(committee(&mut desk, 4).len(), 4);
    let page = desk.view(membersCall { from: 4, max: 1 }).unwrap().page;
    assert_eq!((page[0].fromEpoch, page[0].untilEpoch), (4, 4));
    assert_eq!(desk.view(isMemberCall { account: NEW }), Ok(false));
    let id = desk
        .send(account(1), application("Valley Hospital", 8, NEW))
        .unwrap();
    assert_eq!(super::state(&mut desk, id), State::Open);
}
