//! Anna says who may open which days, and members ask her word twice.

use alloy_primitives::{Address, B256};
use commonhold_primitives::system::{DEVICES, RECORDS};
use commonhold_system::{
    devices::interface::IDevices::{
        AlreadyShared, AlreadyUnshared, Batch, EmptyWindow, GranteeIsOwner, NoGrantee, NoSuchShare,
        NotStreamOwner, Shared, Unshared, closeStreamCall, requestOpeningCall, shareCall,
        shareOfCall, sharesCall, streamsSharedWithCall, unshareCall,
    },
    records::interface::IRecords::{
        self, Access, OpeningRequested, accessCall, mayReleaseCall, openingCall,
    },
};

use super::{GATEWAY, NOW, TODAY, anchor, batch, desk};
use crate::{ANNA, BEN, CARLA, Desk, refused};

const READER_KEY: B256 = B256::repeat_byte(0x42);

fn share(stream: B256, grantee: Address, from: u32, until: u32) -> shareCall {
    shareCall {
        stream,
        grantee,
        fromDay: from,
        untilDay: until,
    }
}

fn unshare(stream: B256, grantee: Address) -> unshareCall {
    unshareCall { stream, grantee }
}

impl Desk {
    fn may(&mut self, id: B256, who: Address) -> Access {
        let call = accessCall { id, who, at: 0 };
        self.bench.view(RECORDS, call).unwrap()
    }

    fn ask_for(&mut self, who: Address, id: B256) -> (u64, Access) {
        let call = requestOpeningCall {
            id,
            purpose: B256::ZERO,
            readerKey: READER_KEY,
        };
        let answer = self.send(who, call).unwrap();
        (answer.number, Access::try_from(answer.access).unwrap())
    }

    fn released(&mut self, number: u64) -> Access {
        self.bench.view(RECORDS, mayReleaseCall { number }).unwrap()
    }
}

/// Batches of yesterday, today, and the records of them.
fn anchored(desk: &mut Desk, stream: B256) -> (B256, B256) {
    let today = batch(stream, 1);
    let yesterday = Batch {
        day: TODAY - 1,
        from: today.from - 86_400_000,
        to: today.from - 1,
        sealedKeyHash: B256::repeat_byte(0xee),
        ..batch(stream, 2)
    };
    let ids = desk.send(GATEWAY, anchor(vec![yesterday, today])).unwrap();
    (ids[0], ids[1])
}

#[test]
fn a_share_opens_its_days_and_no_others() {
    let (mut desk, _, stream) = desk();
    let (yesterday, today) = anchored(&mut desk, stream);
    assert_eq!(desk.may(today, ANNA), Access::Owner);
    assert_eq!(desk.may(today, BEN), Access::NoGrant);
    // The gateway can write, and not read.
    assert_eq!(desk.may(today, GATEWAY), Access::NoGrant);

    let call = share(stream, BEN, TODAY, TODAY + 1);
    desk.bench.send(ANNA, DEVICES, call).unwrap();
    assert_eq!(
        desk.bench.events::<Shared>(),
        [Shared {
            stream,
            grantee: BEN,
            fromDay: TODAY,
            untilDay: TODAY + 1
        }]
    );
    assert_eq!(desk.may(today, BEN), Access::Granted);
    assert_eq!(desk.may(yesterday, BEN), Access::NoGrant);
    assert_eq!(desk.may(today, CARLA), Access::NoGrant);
    let (number, access) = desk.ask_for(BEN, today);
    assert_eq!(access, Access::Granted);
    assert_eq!(desk.released(number), Access::Granted);
    let opening = desk.bench.view(RECORDS, openingCall { number }).unwrap();
    assert_eq!((opening.reader, opening.by), (BEN, DEVICES));
    assert_eq!(desk.ask_for(BEN, yesterday).1, Access::NoGrant);
    assert_eq!(desk.ask_for(ANNA, yesterday).1, Access::Owner);
    // It may be asked of `records` as well, to the same answer.
    let direct = IRecords::requestOpeningCall {
        id: today,
        purpose: B256::ZERO,
        readerKey: READER_KEY,
    };
    let answer = desk.bench.send(BEN, RECORDS, direct).unwrap();
    assert_eq!(answer.access, Access::Granted);
    assert_eq!(desk.bench.events::<OpeningRequested>().len(), 1);
    assert_eq!(desk.bench.invariants(), Ok(vec![]));

    // A stream that is closed stays open to those it was shared with.
    desk.send(ANNA, closeStreamCall { stream }).unwrap();
    assert_eq!(desk.may(today, BEN), Access::Granted);
}

#[test]
fn a_share_that_is_taken_back_opens_nothing_any_more() {
    let (mut desk, _, stream) = desk();
    let (yesterday, today) = anchored(&mut desk, stream);
    desk.send(ANNA, share(stream, BEN, 0, 0)).unwrap();
    let (asked, access) = desk.ask_for(BEN, yesterday);
    assert_eq!(access, Access::Granted);
    assert_eq!(desk.released(asked), Access::Granted);

    desk.bench.at(NOW + 5);
    let call = unshare(stream, BEN);
    desk.bench.send(ANNA, DEVICES, call.clone()).unwrap();
    assert_eq!(
        desk.bench.events::<Unshared>(),
        [Unshared {
            stream,
            grantee: BEN
        }]
    );
    // Also what was permitted before, and is asked of the members now.
    assert_eq!(desk.released(asked), Access::Revoked);
    assert_eq!(desk.may(today, BEN), Access::Revoked);
    assert_eq!(desk.ask_for(BEN, today).1, Access::Revoked);
    refused(
        desk.send(ANNA, call),
        AlreadyUnshared {
            stream,
            grantee: BEN,
            revokedAt: NOW + 5,
        },
    );
    let shown = shareOfCall {
        stream,
        grantee: BEN,
    };
    assert_eq!(desk.view(shown).unwrap().revokedAt, NOW + 5);

    // She may share again, other days: what was asked stands as far as these reach.
    let again = share(stream, BEN, TODAY, 0);
    desk.send(ANNA, again).unwrap();
    assert_eq!(desk.may(today, BEN), Access::Granted);
    assert_eq!(desk.released(asked), Access::NoGrant);
    let (from, max) = (0, 9);
    let shares = desk.view(sharesCall { stream, from, max }).unwrap();
    assert_eq!((shares.page.len(), shares.total), (1, 1));
    assert_eq!(shares.page[0].fromDay, TODAY);
    let call = streamsSharedWithCall {
        grantee: BEN,
        from,
        max,
    };
    assert_eq!(desk.view(call).unwrap().page, [stream]);
}

#[test]
fn shares_that_make_no_sense_are_refused() {
    let (mut desk, _, stream) = desk();
    refused(
        desk.send(BEN, share(stream, CARLA, 0, 0)),
        NotStreamOwner {
            stream,
            caller: BEN,
        },
    );
    refused(
        desk.send(ANNA, share(stream, Address::ZERO, 0, 0)),
        NoGrantee {},
    );
    refused(
        desk.send(ANNA, share(stream, ANNA, 0, 0)),
        GranteeIsOwner { stream },
    );
    refused(
        desk.send(ANNA, share(stream, BEN, 5, 5)),
        EmptyWindow {
            fromDay: 5,
            untilDay: 5,
        },
    );
    let grantee = BEN;
    let none = NoSuchShare { stream, grantee };
    refused(desk.send(ANNA, unshare(stream, BEN)), none.clone());
    refused(desk.view(shareOfCall { stream, grantee }), none);
    desk.send(ANNA, share(stream, BEN, 1, 2)).unwrap();
    desk.bench.at(NOW + 1);
    refused(
        desk.send(ANNA, share(stream, BEN, 1, 2)),
        AlreadyShared { stream, grantee },
    );
    refused(
        desk.send(BEN, unshare(stream, BEN)),
        NotStreamOwner {
            stream,
            caller: BEN,
        },
    );
}
