//! Anna registers her records, and replaces them by newer ones.

use alloy_primitives::B256;
use commonhold_module::bench::account;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{
    Access, AlreadyRegistered, AlreadySuperseded, InvalidKind, MissingContentHash, NotOwner,
    Registered, Registration, Superseded, UnknownCustodian, UnknownRecord, idOfCall, recordCall,
    recordsCall, recordsOfCall, registerCall, supersedeCall,
};

use super::{NOW, content, desk, grant, register};
use crate::{ANNA, BEN, CARLA, Desk, refused};

#[test]
fn a_registered_record_reads_back() {
    let mut desk = Desk::of(RECORDS);
    let id = desk.bench.send(ANNA, RECORDS, register(1)).unwrap();
    let Registration {
        contentHash,
        length,
        kind,
        sealedKeyHash,
        policy,
        custodian,
        salt,
    } = content(1);
    let event = Registered {
        id,
        owner: ANNA,
        contentHash,
        length,
        kind,
        sealedKeyHash,
        policy,
        custodian,
    };
    assert_eq!(desk.bench.events::<Registered>(), [event]);
    assert_eq!(
        desk.view(idOfCall {
            owner: ANNA,
            contentHash,
            salt
        }),
        Ok(id)
    );

    let record = desk.view(recordCall { id }).unwrap();
    assert_eq!(
        (record.id, record.owner, record.registeredAt),
        (id, ANNA, NOW)
    );
    assert_eq!((record.contentHash, record.length), (contentHash, 4_096));
    assert_eq!(
        (record.kind.as_str(), record.custodian),
        ("application/fhir+json", account(2))
    );
    assert_eq!(
        (record.supersedes, record.supersededBy),
        (B256::ZERO, B256::ZERO)
    );

    // Somebody else's registration of the same content is another record.
    let other = desk.send(BEN, register(1)).unwrap();
    assert_ne!(other, id);
    let second = desk.send(ANNA, register(2)).unwrap();
    let all = desk.view(recordsCall { from: 0, max: 9 }).unwrap();
    assert_eq!((all.page, all.total), (vec![id, other, second], 3));
    let hers = desk
        .view(recordsOfCall {
            owner: ANNA,
            from: 1,
            max: 9,
        })
        .unwrap();
    assert_eq!((hers.page, hers.total), (vec![second], 2));
}

#[test]
fn what_cannot_be_registered_is_refused() {
    let (mut desk, id) = desk();
    refused(desk.send(ANNA, register(1)), AlreadyRegistered { id });
    let mut attempt = |spoil: fn(&mut Registration)| {
        let mut registration = content(9);
        spoil(&mut registration);
        desk.send(ANNA, registerCall { registration }).unwrap_err()
    };
    let error = attempt(|r| r.contentHash = B256::ZERO);
    assert_eq!(error.decode(), Some(MissingContentHash {}));
    let error = attempt(|r| r.kind = "Not a kind".to_owned());
    assert_eq!(
        error.decode(),
        Some(InvalidKind {
            kind: "Not a kind".to_owned()
        })
    );
    let error = attempt(|r| r.custodian = CARLA);
    assert_eq!(error.decode(), Some(UnknownCustodian { custodian: CARLA }));
    let id = B256::repeat_byte(1);
    refused(desk.view(recordCall { id }), UnknownRecord { id });
}

#[test]
fn a_newer_record_supersedes_an_older_one() {
    let (mut desk, first) = desk();
    desk.send(ANNA, grant(first, BEN, 0, 0)).unwrap();
    let supersede = |old, n| supersedeCall {
        oldId: old,
        registration: content(n),
    };
    let second = desk.bench.send(ANNA, RECORDS, supersede(first, 2)).unwrap();
    let event = Superseded {
        oldId: first,
        newId: second,
        owner: ANNA,
    };
    assert_eq!(desk.bench.events::<Superseded>(), [event]);
    assert_eq!(desk.bench.events::<Registered>().len(), 1);
    let third = desk.send(ANNA, supersede(second, 3)).unwrap();

    let chain = |desk: &mut Desk, id| {
        let record = desk.view(recordCall { id }).unwrap();
        (record.supersedes, record.supersededBy)
    };
    assert_eq!(chain(&mut desk, first), (B256::ZERO, second));
    assert_eq!(chain(&mut desk, second), (first, third));
    assert_eq!(chain(&mut desk, third), (second, B256::ZERO));
    assert_eq!(
        desk.access(first, BEN, 0),
        Access::Granted,
        "old content stays open"
    );
    assert_eq!(
        desk.access(second, BEN, 0),
        Access::NoGrant,
        "new content starts closed"
    );

    refused(
        desk.send(ANNA, supersede(first, 4)),
        AlreadySuperseded {
            id: first,
            by: second,
        },
    );
    refused(
        desk.send(BEN, supersede(third, 4)),
        NotOwner {
            id: third,
            caller: BEN,
        },
    );
    refused(
        desk.send(ANNA, supersede(third, 3)),
        AlreadyRegistered { id: third },
    );
    refused(
        desk.send(ANNA, supersede(B256::ZERO, 4)),
        UnknownRecord { id: B256::ZERO },
    );
}
