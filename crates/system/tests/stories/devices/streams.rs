//! Streams are opened and closed, and what was measured is anchored.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::bench::account;
use commonhold_primitives::system::{DEVICES, RECORDS};
use commonhold_system::{
    devices::interface::IDevices::{
        AlreadyAnchored, Anchor, Anchored, Batch, ClosedStream, GatewaySet, InFuture, MissingRoot,
        NoAnchor, NotGateway, NotStreamOwner, StreamClosed, StreamExists, StreamOpened,
        UnfitBatchCount, UnfitName, UnfitReadingCount, UnknownStream, WrongDay, WrongSealedKey,
        anchorOfCall, anchorsCall, anchorsOfDayCall, closeStreamCall, sealedKeyOfDayCall,
        setGatewayCall, streamCall, streamIdCall, streamsAtCall, streamsCall, streamsOfCall,
    },
    records::interface::IRecords::{
        AlreadyRegistered, InStream, NotManager, PartOfStream, Registration, UnknownCustodian,
        eraseCall, grantCall, isErasedCall, recordCall, registerCall, registrantCall,
        supersedeCall,
    },
};

use super::{DAY_KEY, GATEWAY, NOW, TODAY, anchor, batch, desk, open_stream};
use crate::{ANNA, BEN, refused};

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

#[test]
fn a_stream_is_opened_and_closed() {
    let (mut desk, _, stream) = desk();
    let name = "home".to_owned();
    let id = streamIdCall { owner: ANNA, name };
    assert_eq!(desk.view(id), Ok(stream));
    refused(
        desk.send(ANNA, open_stream("home")),
        StreamExists { stream },
    );
    refused(desk.send(ANNA, open_stream("")), UnfitName {});
    refused(desk.send(ANNA, open_stream(" x")), UnfitName {});
    // Ben may call his the same.
    let theirs = desk.bench.send(BEN, DEVICES, open_stream("home")).unwrap();
    assert_ne!(theirs, stream);
    assert_eq!(
        desk.bench.events::<StreamOpened>(),
        [StreamOpened {
            stream: theirs,
            owner: BEN,
            gateway: GATEWAY,
            name: "home".to_owned()
        }]
    );
    let (from, max) = (0, 9);
    let all = desk.view(streamsCall { from, max }).unwrap();
    assert_eq!((all.page, all.total), (vec![stream, theirs], 2));
    let owner = ANNA;
    let own = desk.view(streamsOfCall { owner, from, max }).unwrap();
    assert_eq!(own.page, [stream]);

    let gateway = BEN;
    let set = setGatewayCall { stream, gateway };
    let caller = BEN;
    let not_owner = NotStreamOwner { stream, caller };
    refused(desk.send(BEN, set.clone()), not_owner.clone());
    desk.bench.send(ANNA, DEVICES, set).unwrap();
    let expected = GatewaySet { stream, gateway };
    assert_eq!(desk.bench.events::<GatewaySet>(), [expected]);
    let back = setGatewayCall {
        stream,
        gateway: GATEWAY,
    };
    desk.send(ANNA, back).unwrap();
    for (gateway, streams) in [(GATEWAY, vec![stream, theirs]), (BEN, vec![stream])] {
        let served = streamsAtCall { gateway, from, max };
        assert_eq!(desk.view(served).unwrap().page, streams);
    }

    let close = closeStreamCall { stream };
    refused(desk.send(BEN, close.clone()), not_owner);
    desk.bench.send(ANNA, DEVICES, close.clone()).unwrap();
    assert_eq!(
        desk.bench.events::<StreamClosed>(),
        [StreamClosed { stream }]
    );
    let closed_at = NOW;
    let closed = ClosedStream {
        stream,
        closedAt: closed_at,
    };
    refused(desk.send(ANNA, close), closed.clone());
    refused(desk.send(GATEWAY, anchor(vec![batch(stream, 1)])), closed);
    assert_eq!(desk.view(streamCall { id: stream }).unwrap().closedAt, NOW);
    let unknown = B256::repeat_byte(3);
    refused(
        desk.view(streamCall { id: unknown }),
        UnknownStream { stream: unknown },
    );
}

#[test]
fn a_gateway_anchors_batches_of_a_day() {
    let (mut desk, _, stream) = desk();
    let call = anchor(vec![batch(stream, 1), batch(stream, 2)]);
    let ids = desk.bench.send(GATEWAY, DEVICES, call).unwrap();
    let events = desk.bench.events::<Anchored>();
    let from = u64::from(TODAY) * DAY;
    let expected = |number: u64| Anchored {
        stream,
        record: ids[usize::try_from(number).unwrap()],
        root: batch(stream, u8::try_from(number).unwrap() + 1).root,
        number,
        day: TODAY,
        count: 10,
        from,
        to: from + 1_000,
    };
    assert_eq!(events, [expected(0), expected(1)]);
    let in_stream = desk.bench.events::<InStream>();
    assert_eq!(in_stream.len(), 2);
    assert_eq!((in_stream[0].stream, in_stream[0].day), (stream, TODAY));

    // Each is a record of Anna's, under the stream's shares.
    let record = desk.bench.view(RECORDS, recordCall { id: ids[0] }).unwrap();
    assert_eq!(
        (record.owner, record.policy, record.stream, record.day),
        (ANNA, DEVICES, stream, TODAY)
    );
    assert_eq!(
        (record.kind.as_str(), record.sealedKeyHash, record.length),
        ("stream/readings", DAY_KEY, 500)
    );
    let shown = desk.view(anchorOfCall { record: ids[1] }).unwrap();
    assert_eq!(
        shown,
        Anchor {
            number: 1,
            stream,
            day: TODAY,
            record: ids[1],
            root: batch(stream, 2).root,
            count: 10,
            from,
            to: from + 1_000,
            time: NOW,
            blockNumber: 1,
        }
    );
    refused(
        desk.view(anchorOfCall { record: stream }),
        NoAnchor { record: stream },
    );

    // Yesterday's may come today.
    let late = Batch {
        day: TODAY - 1,
        from: from - DAY,
        to: from - 1,
        sealedKeyHash: B256::repeat_byte(0xee),
        ..batch(stream, 3)
    };
    desk.send(GATEWAY, anchor(vec![late])).unwrap();
    let key = |day| sealedKeyOfDayCall { stream, day };
    assert_eq!(desk.view(key(TODAY)), Ok(DAY_KEY));
    assert_eq!(desk.view(key(TODAY - 1)), Ok(B256::repeat_byte(0xee)));
    assert_eq!(desk.view(key(TODAY + 1)), Ok(B256::ZERO));
    let numbers = |page: Vec<Anchor>| page.iter().map(|a| a.number).collect::<Vec<_>>();
    let all = anchorsCall {
        stream,
        from: 1,
        max: 9,
    };
    let all = desk.view(all).unwrap();
    assert_eq!((numbers(all.page), all.total), (vec![1, 2], 3));
    for (day, expected) in [(TODAY, vec![0, 1]), (TODAY - 1, vec![2]), (5, vec![])] {
        let call = anchorsOfDayCall {
            stream,
            day,
            from: 0,
            max: 9,
        };
        let found = desk.view(call).unwrap();
        assert_eq!(found.total, u64::try_from(expected.len()).unwrap());
        assert_eq!(numbers(found.page), expected);
    }
    assert_eq!(desk.view(streamCall { id: stream }).unwrap().anchors, 3);
}

#[test]
fn batches_that_are_not_right_are_refused_and_leave_nothing() {
    let (mut desk, _, stream) = desk();
    desk.send(GATEWAY, anchor(vec![batch(stream, 1)])).unwrap();
    let good = batch(stream, 2);
    let before = desk.bench.stored().clone();
    let with = |change: fn(&mut Batch)| {
        let mut wrong = good.clone();
        change(&mut wrong);
        // Nothing of the good one before it stays either.
        anchor(vec![batch(stream, 9), wrong])
    };
    refused(
        desk.send(BEN, anchor(vec![good.clone()])),
        NotGateway {
            stream,
            caller: BEN,
            gateway: GATEWAY,
        },
    );
    // The owner does not anchor either.
    refused(
        desk.send(ANNA, anchor(vec![good.clone()])),
        NotGateway {
            stream,
            caller: ANNA,
            gateway: GATEWAY,
        },
    );
    let unfit = |given: u32| UnfitBatchCount {
        given: U256::from(given),
        max: U256::from(24),
    };
    refused(desk.send(GATEWAY, anchor(vec![])), unfit(0));
    let many = (0..25).map(|n| batch(stream, 20 + n)).collect();
    refused(desk.send(GATEWAY, anchor(many)), unfit(25));
    for count in [0, 8_193] {
        let mut wrong = good.clone();
        wrong.count = count;
        refused(
            desk.send(GATEWAY, anchor(vec![wrong])),
            UnfitReadingCount {
                stream,
                count,
                max: 8_192,
            },
        );
    }
    refused(
        desk.send(GATEWAY, with(|b| b.root = B256::ZERO)),
        MissingRoot { stream },
    );
    let (from, to) = (good.from, good.to);
    let wrong_day = |day, from, to| WrongDay {
        stream,
        day,
        from,
        to,
    };
    refused(
        desk.send(GATEWAY, with(|b| b.day += 1)),
        wrong_day(TODAY + 1, from, to),
    );
    refused(
        desk.send(GATEWAY, with(|b| b.to += DAY)),
        wrong_day(TODAY, from, to + DAY),
    );
    refused(
        desk.send(GATEWAY, with(|b| b.to = b.from - 1)),
        wrong_day(TODAY, from, from - 1),
    );
    let future = (NOW + 3_601) * 1_000;
    refused(
        desk.send(GATEWAY, with(|b| b.to = (NOW + 3_601) * 1_000)),
        InFuture {
            stream,
            to: future,
            time: NOW,
        },
    );
    refused(
        desk.send(GATEWAY, with(|b| b.root = B256::repeat_byte(1))),
        AlreadyAnchored {
            stream,
            root: B256::repeat_byte(1),
            number: 0,
        },
    );
    for sealed in [B256::ZERO, B256::repeat_byte(8)] {
        let mut wrong = good.clone();
        wrong.sealedKeyHash = sealed;
        refused(
            desk.send(GATEWAY, anchor(vec![wrong])),
            WrongSealedKey {
                stream,
                day: TODAY,
                expected: DAY_KEY,
            },
        );
    }
    refused(
        desk.send(GATEWAY, with(|b| b.custodian = BEN)),
        UnknownCustodian { custodian: BEN },
    );
    let same = batch(stream, 1).contentHash;
    let twice = desk.send(GATEWAY, with(|b| b.contentHash = B256::repeat_byte(0x81)));
    assert_eq!(same, B256::repeat_byte(0x81));
    assert!(twice.unwrap_err().decode::<AlreadyRegistered>().is_some());
    assert_eq!(desk.bench.stored(), &before);
    // To the second, an hour ahead is not too far.
    let mut ahead = good;
    ahead.to = (NOW + 3_600) * 1_000;
    ahead.custodian = account(1);
    desk.send(GATEWAY, anchor(vec![ahead])).unwrap();
}

/// A proposer leaves out what makes it load state more than 32 times, and no transaction has more gas.
#[test]
fn as_many_batches_as_one_call_takes_are_loaded_in_few_steps() {
    let (mut desk, _, _) = desk();
    let mut batches = Vec::new();
    for n in 0..24 {
        // Each the first of a stream of another owner, with a name as long as can be.
        let name = format!("{n:0>64}");
        let owner = account(0x30 + n);
        let stream = desk.bench.send(owner, DEVICES, open_stream(&name)).unwrap();
        batches.push(Batch {
            custodian: account(1 + n % 4),
            ..batch(stream, 1 + n)
        });
    }
    let sent = desk.bench.send(GATEWAY, DEVICES, anchor(batches));
    assert_eq!(sent.unwrap().len(), 24);
    let (stops, gas) = (desk.bench.stops(), desk.bench.gas_used());
    assert!(stops <= 16, "{stops}");
    assert!(gas < 15_000_000, "{gas}");
    assert_eq!(desk.bench.invariants(), Ok(vec![]));
}

#[test]
fn a_record_of_a_stream_is_its_streams() {
    let (mut desk, _, stream) = desk();
    let call = anchor(vec![batch(stream, 1), batch(stream, 2)]);
    let ids = desk.send(GATEWAY, call).unwrap();
    let id = ids[0];
    // One record's access is the whole day's: it is not granted by itself, nor is it replaced.
    let grant = grantCall {
        id,
        grantee: BEN,
        notBefore: 0,
        until: 0,
        uses: 0,
        headerHash: B256::ZERO,
    };
    refused(
        desk.bench.send(ANNA, RECORDS, grant),
        NotManager {
            id,
            caller: ANNA,
            manager: DEVICES,
        },
    );
    let registration = Registration {
        salt: B256::ZERO,
        contentHash: B256::repeat_byte(0x44),
        length: 1,
        kind: "test".to_owned(),
        sealedKeyHash: B256::ZERO,
        policy: Address::ZERO,
        custodian: Address::ZERO,
    };
    let supersede = supersedeCall {
        oldId: id,
        registration: registration.clone(),
    };
    refused(
        desk.bench.send(ANNA, RECORDS, supersede),
        PartOfStream { id, stream },
    );
    // Erasing one batch takes its content, and leaves the key that the day's others need.
    desk.bench.send(ANNA, RECORDS, eraseCall { id }).unwrap();
    assert_eq!(desk.bench.invariants(), Ok(vec![]));
    assert_eq!(desk.bench.view(RECORDS, isErasedCall { id }), Ok(true));
    let other = isErasedCall { id: ids[1] };
    assert_eq!(desk.bench.view(RECORDS, other), Ok(false));
    let key = registrantCall { name: DAY_KEY };
    let key = desk.bench.view(RECORDS, key).unwrap();
    assert_eq!((key.first, key.erased), (ANNA, false));
    desk.send(GATEWAY, anchor(vec![batch(stream, 3)])).unwrap();
    // Nobody makes such a record but by anchoring.
    let plain = Registration {
        policy: DEVICES,
        ..registration
    };
    let call = registerCall {
        registration: plain,
    };
    let id = desk.bench.send(ANNA, RECORDS, call).unwrap();
    let shown = desk.bench.view(RECORDS, recordCall { id }).unwrap();
    assert_eq!((shown.stream, shown.day), (B256::ZERO, 0));
}
