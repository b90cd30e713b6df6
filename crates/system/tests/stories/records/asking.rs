//! Readers ask for sealed keys, and the ledger says what became of it.

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::{
    self,
    interface::IRecords::{
        Access, Action, NotPolicy, OpeningRequested, OpensAt, Registration, UnfitOpeningTime,
        UnfitReaderKey, UnknownOpening, UnknownRecord, grantCall, grantOfCall, logCall,
        mayReleaseCall, openingCall, openingsCall, recordCall, registerCall, registerUntilCall,
        requestOpeningCall, requestOpeningForCall,
    },
    limits::OPENING_SECONDS_MAX,
};

use super::{NOW, content, grant, revoke};
use crate::{ANNA, BEN, CARLA, Desk, refused};

const PURPOSE: B256 = B256::repeat_byte(0x99);
const READER_KEY: B256 = B256::repeat_byte(0x42);

fn sealed(policy: Address) -> registerCall {
    registerCall {
        registration: Registration {
            policy,
            sealedKeyHash: B256::repeat_byte(0x5e),
            ..content(1)
        },
    }
}

fn desk() -> (Desk, B256) {
    let mut desk = Desk::of(RECORDS);
    let id = desk.send(ANNA, sealed(Address::ZERO)).unwrap();
    (desk, id)
}

fn ask(id: B256) -> requestOpeningCall {
    requestOpeningCall {
        id,
        purpose: PURPOSE,
        readerKey: READER_KEY,
    }
}

impl Desk {
    /// Asks, and gives what was decided.
    fn ask(&mut self, reader: Address, id: B256) -> (u64, Access) {
        let answer = self.bench.send(reader, RECORDS, ask(id)).unwrap();
        (answer.number, answer.access)
    }

    fn release(&mut self, number: u64) -> Access {
        self.view(mayReleaseCall { number }).unwrap()
    }
}

#[test]
fn a_request_and_its_outcome_stand_on_the_ledger() {
    let (mut desk, id) = desk();
    assert_eq!(
        desk.ask(BEN, id),
        (0, Access::NoGrant),
        "written, not reverted"
    );
    desk.send(ANNA, grant(id, BEN, 0, 0)).unwrap();
    assert_eq!(desk.ask(BEN, id), (1, Access::Granted));
    let told = OpeningRequested {
        number: 1,
        id,
        reader: BEN,
        purpose: PURPOSE,
        readerKey: READER_KEY,
        access: Access::Granted,
    };
    assert_eq!(desk.bench.events::<OpeningRequested>(), [told]);
    assert_eq!(desk.ask(ANNA, id), (2, Access::Owner));

    let list = desk.view(openingsCall { from: 1, max: 9 }).unwrap();
    assert_eq!((list.page.len(), list.total), (2, 3));
    let ben = desk.view(openingCall { number: 1 }).unwrap();
    assert_eq!(list.page[0], ben);
    assert_eq!((ben.number, ben.id, ben.reader, ben.by), (1, id, BEN, BEN));
    assert_eq!((ben.time, ben.blockNumber), (NOW, 1));
    assert_eq!((ben.purpose, ben.readerKey), (PURPOSE, READER_KEY));

    let log = desk
        .view(logCall {
            id,
            from: 0,
            max: 9,
        })
        .unwrap();
    let lines: Vec<_> = log
        .page
        .iter()
        .map(|e| (e.action, e.subject, e.detail))
        .collect();
    let number = |n: u64| B256::from(U256::from(n));
    assert_eq!(lines[0], (Action::Refused, BEN, number(0)));
    assert_eq!(lines[2], (Action::Permitted, BEN, number(1)));
    assert_eq!(lines[3], (Action::Permitted, ANNA, number(2)));

    assert_eq!(desk.release(0), Access::NoGrant);
    assert_eq!(desk.release(1), Access::Granted);
    assert_eq!(desk.release(2), Access::Owner);
    refused(
        desk.view(mayReleaseCall { number: 3 }),
        UnknownOpening { number: 3 },
    );
}

#[test]
fn a_revocation_holds_between_request_and_answer() {
    let (mut desk, id) = desk();
    desk.send(ANNA, grant(id, BEN, 0, NOW + 50)).unwrap();
    let (number, _) = desk.ask(BEN, id);
    assert_eq!(desk.release(number), Access::Granted);
    desk.send(ANNA, revoke(id, BEN)).unwrap();
    assert_eq!(desk.release(number), Access::Revoked);
    assert_eq!(desk.ask(BEN, id).1, Access::Revoked);
}

#[test]
fn a_permission_ends_with_its_entry_and_after_an_hour() {
    let (mut desk, id) = desk();
    desk.send(ANNA, grant(id, BEN, 0, NOW + 50)).unwrap();
    let (short, _) = desk.ask(BEN, id);
    let (own, _) = desk.ask(ANNA, id);
    desk.bench.at(NOW + 50);
    assert_eq!(desk.release(short), Access::Expired);
    desk.bench.at(NOW + OPENING_SECONDS_MAX);
    assert_eq!(desk.release(own), Access::Owner);
    desk.bench.at(NOW + OPENING_SECONDS_MAX + 1);
    assert_eq!(desk.release(own), Access::Expired);
}

#[test]
fn an_entry_is_good_for_so_many_openings() {
    let (mut desk, id) = desk();
    let twice = grantCall {
        uses: 2,
        ..grant(id, BEN, 0, 0)
    };
    desk.send(ANNA, twice.clone()).unwrap();
    assert_eq!(desk.ask(BEN, id), (0, Access::Granted));
    assert_eq!(desk.ask(BEN, id), (1, Access::Granted));
    assert_eq!(desk.ask(BEN, id), (2, Access::UsedUp));
    assert_eq!(desk.access(id, BEN, 0), Access::UsedUp);
    assert_eq!(
        desk.release(1),
        Access::Granted,
        "what was permitted is answered"
    );
    let entry = desk.view(grantOfCall { id, grantee: BEN }).unwrap();
    assert_eq!((entry.uses, entry.used), (2, 2));
    // She may let him in again.
    desk.send(ANNA, twice).unwrap();
    assert_eq!(desk.ask(BEN, id).1, Access::Granted);
}

#[test]
fn what_is_not_sealed_cannot_be_opened() {
    let (mut desk, id) = super::desk();
    assert_eq!(desk.ask(ANNA, id), (0, Access::NotSealed));
    assert_eq!(desk.release(0), Access::NotSealed);
    let nowhere = B256::repeat_byte(3);
    refused(desk.send(ANNA, ask(nowhere)), UnknownRecord { id: nowhere });
    let weak = requestOpeningCall {
        readerKey: B256::ZERO,
        ..ask(id)
    };
    refused(
        desk.send(ANNA, weak),
        UnfitReaderKey {
            readerKey: B256::ZERO,
        },
    );
}

/// Carla's account stands for an application: it decides, and the ledger writes down what.
#[test]
fn a_policy_asks_for_its_readers() {
    let mut desk = Desk::of(RECORDS);
    let policy = CARLA;
    let id = desk.send(ANNA, sealed(policy)).unwrap();
    let ask_for = |reader| requestOpeningForCall {
        id,
        reader,
        purpose: PURPOSE,
        readerKey: READER_KEY,
    };
    refused(
        desk.send(BEN, ask_for(BEN)),
        NotPolicy {
            id,
            caller: BEN,
            policy,
        },
    );
    let once = grantCall {
        uses: 1,
        ..grant(id, BEN, 0, 0)
    };
    let answers = desk.bench.within(BEN, policy, |ctx| {
        let refused = records::request_opening_for(ctx, ask_for(BEN))?;
        records::grant(ctx, once)?;
        Ok((refused, records::request_opening_for(ctx, ask_for(BEN))?))
    });
    assert_eq!(answers, Ok(((0, Access::NoGrant), (1, Access::Granted))));
    let opening = desk.view(openingCall { number: 1 }).unwrap();
    assert_eq!((opening.reader, opening.by), (BEN, policy));
    // The owner can still close it.
    desk.send(ANNA, revoke(id, BEN)).unwrap();
    assert_eq!(desk.release(1), Access::Revoked);
}

/// What opens at a time needs no entry then, and no request ever opens it.
#[test]
fn a_time_opens_a_record_for_everyone_and_for_nobody_before() {
    let mut desk = Desk::of(RECORDS);
    let opens_at = NOW + 60;
    let bid = |opens_at, sealed| registerUntilCall {
        opensAt: opens_at,
        registration: Registration {
            sealedKeyHash: B256::repeat_byte(sealed),
            ..content(1)
        },
    };
    for (opens_at, sealed) in [(NOW, 1), (NOW - 1, 1), (opens_at, 0)] {
        let error = UnfitOpeningTime {
            opensAt: opens_at,
            time: NOW,
        };
        refused(desk.send(ANNA, bid(opens_at, sealed)), error);
    }
    let id = desk.bench.send(ANNA, RECORDS, bid(opens_at, 1)).unwrap();
    let told = OpensAt {
        id,
        opensAt: opens_at,
    };
    assert_eq!(desk.bench.events::<OpensAt>(), [told]);
    assert_eq!(desk.view(recordCall { id }).unwrap().opensAt, opens_at);
    assert_eq!(desk.access(id, BEN, opens_at - 1), Access::NoGrant);
    assert_eq!(desk.access(id, BEN, opens_at), Access::Open);
    assert_eq!(desk.access(id, ANNA, opens_at), Access::Owner);
    desk.send(ANNA, grant(id, CARLA, 0, 0)).unwrap();
    assert_eq!(desk.ask(CARLA, id).1, Access::NotSealed);
    desk.send(ANNA, revoke(id, CARLA)).unwrap();
    desk.bench.at(opens_at);
    assert_eq!(desk.access(id, CARLA, 0), Access::Open);
    let (number, access) = desk.ask(CARLA, id);
    assert_eq!(access, Access::NotSealed);
    assert_eq!(desk.release(number), Access::NotSealed);
}
