//! Anna has a record erased, for ever; and who keeps what is not.

use alloy_primitives::{Address, B256};
use commonhold_module::bench::{account, genesis};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::{
    interface::IRecords::{
        Access, Action, AlreadyErased, Erased, MayNotOpen, NameErased, NotOwner, RecordErased,
        Registration, UnknownRecord, declareOpenedCall, eraseCall, erasuresCall, isErasedCall,
        keepersCall, logCall, mayReleaseCall, recordCall, registerCall, registrantCall,
        requestOpeningCall, supersedeCall,
    },
    limits::REPLICAS_DEFAULT,
    placement::order,
};

use super::{NOW, content, grant, revoke};
use crate::{ANNA, BEN, CARLA, Desk, refused};

const SEALED: B256 = B256::repeat_byte(0x5e);

fn sealed(n: u8, salt: u8) -> Registration {
    Registration {
        salt: B256::repeat_byte(salt),
        sealedKeyHash: SEALED,
        ..content(n)
    }
}

fn register(registration: Registration) -> registerCall {
    registerCall { registration }
}

fn ask(id: B256) -> requestOpeningCall {
    requestOpeningCall {
        id,
        purpose: B256::ZERO,
        readerKey: B256::repeat_byte(0x42),
    }
}

impl Desk {
    fn is_erased(&mut self, id: B256) -> bool {
        self.view(isErasedCall { id }).unwrap()
    }

    fn registrant(&mut self, name: B256) -> (Address, bool) {
        let found = self.view(registrantCall { name }).unwrap();
        (found.first, found.erased)
    }

    fn keepers(&mut self, id: B256) -> Vec<Address> {
        self.view(keepersCall { id }).unwrap()
    }
}

#[test]
fn what_anna_erases_opens_for_nobody_any_more() {
    let mut desk = Desk::of(RECORDS);
    let id = desk.send(ANNA, register(sealed(1, 1))).unwrap();
    desk.send(ANNA, grant(id, BEN, 0, 0)).unwrap();
    let asked = desk.send(BEN, ask(id)).unwrap();
    assert_eq!(asked.access, Access::Granted);
    refused(
        desk.send(BEN, eraseCall { id }),
        NotOwner { id, caller: BEN },
    );
    let unknown = B256::repeat_byte(9);
    refused(
        desk.send(ANNA, eraseCall { id: unknown }),
        UnknownRecord { id: unknown },
    );
    assert!(!desk.is_erased(id));

    desk.bench.at(NOW + 7);
    desk.bench.send(ANNA, RECORDS, eraseCall { id }).unwrap();
    let told = Erased {
        id,
        owner: ANNA,
        contentHash: content(1).contentHash,
        content: true,
        sealedKeyHash: SEALED,
    };
    assert_eq!(desk.bench.events::<Erased>(), [told]);
    for who in [ANNA, BEN, CARLA] {
        for at in [0, 1, u64::MAX] {
            assert_eq!(desk.access(id, who, at), Access::Erased, "{who} at {at}");
        }
    }
    // A permission from before is none any more, and a new request is refused and written down.
    let number = asked.number;
    assert_eq!(desk.view(mayReleaseCall { number }), Ok(Access::Erased));
    assert_eq!(desk.send(ANNA, ask(id)).unwrap().access, Access::Erased);
    refused(
        desk.send(
            ANNA,
            declareOpenedCall {
                id,
                purpose: B256::ZERO,
            },
        ),
        MayNotOpen {
            id,
            caller: ANNA,
            access: Access::Erased,
        },
    );
    refused(desk.send(ANNA, grant(id, CARLA, 0, 0)), RecordErased { id });
    refused(desk.send(ANNA, eraseCall { id }), AlreadyErased { id });
    desk.send(ANNA, revoke(id, BEN)).unwrap();

    // The record itself stays, and its log tells.
    assert_eq!(desk.view(recordCall { id }).unwrap().owner, ANNA);
    let log = desk
        .view(logCall {
            id,
            from: 0,
            max: 9,
        })
        .unwrap();
    let actions: Vec<Action> = log.page.iter().map(|entry| entry.action).collect();
    assert_eq!(
        actions,
        [
            Action::Granted,
            Action::Permitted,
            Action::Erased,
            Action::Refused,
            Action::Revoked
        ]
    );
    assert_eq!(
        (log.page[2].actor, log.page[2].detail),
        (ANNA, content(1).contentHash)
    );
    let list = desk.view(erasuresCall { from: 0, max: 9 }).unwrap();
    assert_eq!(list.total, 1);
    let erasure = &list.page[0];
    assert_eq!((erasure.id, erasure.time), (id, NOW + 7));
    assert_eq!(
        (erasure.contentHash, erasure.bodyHash, erasure.sealedKeyHash),
        (content(1).contentHash, content(1).contentHash, SEALED)
    );
}

#[test]
fn what_was_erased_is_not_registered_again() {
    let mut desk = Desk::of(RECORDS);
    let id = desk.send(ANNA, register(sealed(1, 1))).unwrap();
    let theirs = desk.send(BEN, register(sealed(1, 2))).unwrap();
    let other = desk.send(ANNA, register(content(2))).unwrap();
    desk.send(ANNA, eraseCall { id }).unwrap();
    // Nobody has the content any more: every record of it is erased with it.
    assert_eq!(desk.access(theirs, BEN, 0), Access::Erased);
    assert!(desk.is_erased(theirs));
    assert_eq!(desk.access(other, ANNA, 0), Access::Owner);
    let name = content(1).contentHash;
    assert_eq!(desk.registrant(name), (ANNA, true));
    for who in [ANNA, BEN] {
        refused(desk.send(who, register(sealed(1, 9))), NameErased { name });
    }
    let call = supersedeCall {
        oldId: other,
        registration: sealed(3, 1),
    };
    refused(desk.send(ANNA, call), NameErased { name: SEALED });
    // An erased record can be superseded by one of other content.
    let call = supersedeCall {
        oldId: id,
        registration: content(4),
    };
    let new = desk.send(ANNA, call).unwrap();
    assert_eq!(desk.access(new, ANNA, 0), Access::Owner);
}

#[test]
fn nobody_erases_what_another_brought() {
    let mut desk = Desk::of(RECORDS);
    let id = desk.send(ANNA, register(sealed(1, 1))).unwrap();
    // Ben registers her content, her sealed key, and both.
    let content_of_hers = desk.send(BEN, register(content(1))).unwrap();
    let both = desk.send(BEN, register(sealed(1, 2))).unwrap();
    let key = desk.send(BEN, register(sealed(2, 2))).unwrap();
    for (id, content) in [(content_of_hers, false), (both, false), (key, true)] {
        desk.bench.send(BEN, RECORDS, eraseCall { id }).unwrap();
        let events = desk.bench.events::<Erased>();
        assert_eq!(events[0].content, content);
        assert_eq!(events[0].sealedKeyHash, B256::ZERO);
        assert_eq!(desk.access(id, BEN, 0), Access::Erased);
    }
    assert_eq!(desk.access(id, ANNA, 0), Access::Owner);
    assert_eq!(desk.registrant(content(1).contentHash), (ANNA, false));
    assert_eq!(desk.registrant(SEALED), (ANNA, false));
    assert_eq!(
        desk.registrant(B256::repeat_byte(0xee)),
        (Address::ZERO, false)
    );
    let list = desk.view(erasuresCall { from: 1, max: 9 }).unwrap();
    assert_eq!((list.page.len(), list.total), (2, 3));
    assert_eq!(list.page[0].contentHash, B256::ZERO);
    assert_eq!(list.page[0].bodyHash, content(1).contentHash);
}

#[test]
fn the_ledger_says_who_keeps_a_record() {
    let mut desk = Desk::of(RECORDS);
    let genesis = genesis(4);
    let members: Vec<_> = genesis
        .members
        .iter()
        .map(|member| (member.account, member.public_key))
        .collect();
    for n in 1..30 {
        let custodian = if n % 2 == 0 {
            account(2)
        } else {
            Address::ZERO
        };
        let registration = Registration {
            custodian,
            ..content(n)
        };
        let hash = registration.contentHash;
        let id = desk.send(ANNA, register(registration)).unwrap();
        let keepers = desk.keepers(id);
        assert_eq!(keepers.len(), REPLICAS_DEFAULT);
        let expected = order(hash, custodian, &members);
        let expected: Vec<_> = expected.into_iter().map(|member| member.0).collect();
        assert_eq!(keepers, expected[..REPLICAS_DEFAULT]);
        if n % 2 == 0 {
            assert_eq!(keepers[0], custodian);
        }
        desk.send(ANNA, eraseCall { id }).unwrap();
        assert_eq!(desk.keepers(id), Vec::<Address>::new());
    }
    let id = B256::repeat_byte(1);
    refused(desk.view(keepersCall { id }), UnknownRecord { id });
}
