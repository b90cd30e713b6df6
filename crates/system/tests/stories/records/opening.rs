//! Anna decides who opens her records.

use alloy_primitives::{Address, B256};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::{
    self,
    interface::IRecords::{
        Access, Action, AlreadyGranted, AlreadyRevoked, EmptyWindow, Granted, GranteeIsOwner,
        MayNotOpen, NoGrantee, NoSuchGrant, NotManager, Opened, Registration, Revoked,
        UnknownRecord, WindowIsPast, declareOpenedCall, grantCall, grantOfCall, grantsCall,
        logCall, recordCall, registerCall, sharedWithCall, supersedeCall,
    },
};

use super::{NOW, PACKET, content, desk, grant, revoke};
use crate::{ANNA, BEN, CARLA, Desk, refused};

#[test]
fn anna_lets_ben_in_and_out_again() {
    let (mut desk, id) = desk();
    assert_eq!(desk.access(id, ANNA, 0), Access::Owner);
    assert_eq!(desk.access(id, BEN, 0), Access::NoGrant);

    desk.bench
        .send(ANNA, RECORDS, grant(id, BEN, 0, 0))
        .unwrap();
    let granted = Granted {
        id,
        grantee: BEN,
        by: ANNA,
        notBefore: 0,
        until: 0,
        uses: 0,
        headerHash: PACKET,
    };
    assert_eq!(desk.bench.events::<Granted>(), [granted]);
    assert_eq!(desk.access(id, BEN, 0), Access::Granted);
    assert_eq!(desk.access(id, BEN, u64::MAX), Access::Granted, "for ever");
    assert_eq!(desk.access(id, CARLA, 0), Access::NoGrant);

    // The revocation holds in the same block, whatever the time asked about.
    desk.bench.send(ANNA, RECORDS, revoke(id, BEN)).unwrap();
    assert_eq!(
        desk.bench.events::<Revoked>(),
        [Revoked {
            id,
            grantee: BEN,
            by: ANNA
        }]
    );
    for at in [0, 1, NOW, u64::MAX] {
        assert_eq!(desk.access(id, BEN, at), Access::Revoked);
    }
    refused(
        desk.send(ANNA, revoke(id, BEN)),
        AlreadyRevoked {
            id,
            grantee: BEN,
            revokedAt: NOW,
        },
    );
    refused(
        desk.send(ANNA, revoke(id, CARLA)),
        NoSuchGrant { id, grantee: CARLA },
    );

    // She may change her mind; Ben stands once in her list.
    desk.bench.at(NOW + 5);
    desk.send(ANNA, grant(id, BEN, 0, 0)).unwrap();
    assert_eq!(desk.access(id, BEN, 0), Access::Granted);
    let list = desk
        .view(grantsCall {
            id,
            from: 0,
            max: 9,
        })
        .unwrap();
    assert_eq!(list.total, 1);
    assert_eq!((list.page[0].grantee, list.page[0].givenAt), (BEN, NOW + 5));
    assert_eq!(list.page[0].revokedAt, 0);
    let shared = desk
        .view(sharedWithCall {
            grantee: BEN,
            from: 0,
            max: 9,
        })
        .unwrap();
    assert_eq!((shared.page, shared.total), (vec![id], 1));
}

#[test]
fn a_grant_holds_from_its_first_moment_until_before_its_last() {
    let (mut desk, id) = desk();
    let (start, end) = (NOW + 100, NOW + 200);
    desk.send(ANNA, grant(id, BEN, start, end)).unwrap();
    for (time, answer) in [
        (NOW, Access::NotYet),
        (start - 1, Access::NotYet),
        (start, Access::Granted),
        (end - 1, Access::Granted),
        (end, Access::Expired),
    ] {
        desk.bench.at(time);
        assert_eq!(desk.access(id, BEN, 0), answer, "at block time {time}");
        assert_eq!(desk.access(id, BEN, time), answer, "asked about {time}");
    }
    // An entry that is over can be renewed.
    desk.send(ANNA, grant(id, BEN, start, end + 100)).unwrap();
    assert_eq!(desk.access(id, BEN, 0), Access::Granted);
}

#[test]
fn grants_that_make_no_sense_are_refused() {
    let (mut desk, id) = desk();
    refused(
        desk.send(ANNA, grant(id, Address::ZERO, 0, 0)),
        NoGrantee {},
    );
    refused(
        desk.send(ANNA, grant(id, ANNA, 0, 0)),
        GranteeIsOwner { id },
    );
    refused(
        desk.send(ANNA, grant(id, BEN, NOW + 9, NOW + 9)),
        EmptyWindow {
            notBefore: NOW + 9,
            until: NOW + 9,
        },
    );
    refused(
        desk.send(ANNA, grant(id, BEN, 0, NOW)),
        WindowIsPast {
            until: NOW,
            time: NOW,
        },
    );
    refused(
        desk.send(BEN, grant(id, BEN, 0, 0)),
        NotManager {
            id,
            caller: BEN,
            manager: ANNA,
        },
    );
    refused(
        desk.send(BEN, revoke(id, BEN)),
        NotManager {
            id,
            caller: BEN,
            manager: ANNA,
        },
    );
    let nowhere = B256::repeat_byte(3);
    refused(
        desk.send(ANNA, grant(nowhere, BEN, 0, 0)),
        UnknownRecord { id: nowhere },
    );
    assert_eq!(desk.access(nowhere, ANNA, 0), Access::UnknownRecord);

    desk.send(ANNA, grant(id, BEN, 0, 0)).unwrap();
    desk.bench.at(NOW + 1);
    refused(
        desk.send(ANNA, grant(id, BEN, 0, 0)),
        AlreadyGranted { id, grantee: BEN },
    );
    // The same window with another packet is news.
    let packet = grantCall {
        headerHash: B256::ZERO,
        ..grant(id, BEN, 0, 0)
    };
    desk.send(ANNA, packet).unwrap();
    let entry = desk.view(grantOfCall { id, grantee: BEN }).unwrap();
    assert_eq!((entry.headerHash, entry.givenAt), (B256::ZERO, NOW + 1));
    refused(
        desk.view(grantOfCall { id, grantee: CARLA }),
        NoSuchGrant { id, grantee: CARLA },
    );
}

#[test]
fn a_policy_manages_the_list_and_the_owner_can_still_close_it() {
    let mut desk = Desk::of(RECORDS);
    let policy = CARLA;
    let registration = Registration {
        policy,
        sealedKeyHash: PACKET,
        ..content(1)
    };
    let id = desk.send(ANNA, registerCall { registration }).unwrap();
    assert_eq!(desk.view(recordCall { id }).unwrap().sealedKeyHash, PACKET);

    refused(
        desk.send(ANNA, grant(id, BEN, 0, 0)),
        NotManager {
            id,
            caller: ANNA,
            manager: policy,
        },
    );
    desk.send(policy, grant(id, BEN, 0, 0)).unwrap();
    assert_eq!(desk.access(id, BEN, 0), Access::Granted);
    assert_eq!(
        desk.access(id, policy, 0),
        Access::NoGrant,
        "managing is not reading"
    );
    desk.send(ANNA, revoke(id, BEN)).unwrap();
    assert_eq!(desk.access(id, BEN, 0), Access::Revoked);
    assert_eq!(desk.access(id, ANNA, 0), Access::Owner);
}

#[test]
fn the_log_tells_what_happened() {
    let (mut desk, id) = desk();
    desk.send(ANNA, grant(id, BEN, 0, 0)).unwrap();
    desk.bench.at(NOW + 60);
    let purpose = B256::repeat_byte(0x99);
    desk.bench
        .send(BEN, RECORDS, declareOpenedCall { id, purpose })
        .unwrap();
    assert_eq!(
        desk.bench.events::<Opened>(),
        [Opened {
            id,
            who: BEN,
            purpose
        }]
    );
    desk.send(ANNA, revoke(id, BEN)).unwrap();
    let registration = content(2);
    let new = desk
        .send(
            ANNA,
            supersedeCall {
                oldId: id,
                registration,
            },
        )
        .unwrap();

    let log = desk
        .view(logCall {
            id,
            from: 0,
            max: 9,
        })
        .unwrap();
    assert_eq!(log.total, 4);
    let lines: Vec<_> = log
        .page
        .iter()
        .map(|e| {
            (
                e.action,
                e.actor,
                e.subject,
                e.time,
                e.blockNumber,
                e.detail,
            )
        })
        .collect();
    let nobody = Address::ZERO;
    assert_eq!(
        lines,
        [
            (Action::Granted, ANNA, BEN, NOW, 1, PACKET),
            (Action::Opened, BEN, nobody, NOW + 60, 2, purpose),
            (Action::Revoked, ANNA, BEN, NOW + 60, 2, B256::ZERO),
            (Action::Superseded, ANNA, nobody, NOW + 60, 2, new),
        ]
    );
    let tail = desk
        .view(logCall {
            id,
            from: 3,
            max: 9,
        })
        .unwrap();
    assert_eq!(tail.page, log.page[3..]);

    let declare = declareOpenedCall { id, purpose };
    refused(
        desk.send(BEN, declare),
        MayNotOpen {
            id,
            caller: BEN,
            access: Access::Revoked,
        },
    );
}

#[test]
fn other_modules_grant_and_ask_through_the_rust_interface() {
    let mut desk = Desk::of(RECORDS);
    let policy = CARLA;
    let registration = Registration {
        policy,
        ..content(1)
    };
    let id = desk.send(ANNA, registerCall { registration }).unwrap();
    let answers = desk.bench.within(BEN, policy, |ctx| {
        let before = records::may_open(ctx, id, BEN, 0)?;
        records::grant(ctx, grant(id, BEN, 0, 0))?;
        let after = records::may_open(ctx, id, BEN, 0)?;
        records::revoke(ctx, id, BEN)?;
        Ok((
            before,
            after,
            records::may_open(ctx, id, BEN, 0)?,
            records::record(ctx, id)?.owner,
        ))
    });
    assert_eq!(answers, Ok((false, true, false, ANNA)));
    assert_eq!(desk.bench.events::<Granted>()[0].by, policy);
}
