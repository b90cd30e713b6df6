//! What is taken for a reading, and what is not.

use alloy_primitives::{B256, Bytes, U256};
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        FalseReading, Fault, Mode, NotASlot, NotOver, NothingToClear, SlotCleared, UnfitCount,
        Waiting, clearCall, linesOfCall, slotOfCall,
    },
    measuring::{NET, QUALITY, WH},
};
use commonhold_primitives::system::DEVICES;
use commonhold_reading::{Envelope, Reading};
use commonhold_system::devices::interface::IDevices::revokeCall;

use crate::world::{
    GRACE, SECONDS, SLOT, STRANGER, World, again, house, meter, meter_id, reading, record, refusal,
    rejects, signed,
};

const ALIKE: &[(i64, i64)] = &[(200_000, 60_000); 3];

#[test]
fn readings_are_taken_once_and_in_any_order() {
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [2, 0, 1]] {
        let mut world = World::street(Mode::Auction, ALIKE);
        let slot = world.next();
        for n in order {
            let net = if n == 0 { -400 } else { 300 };
            world.report(slot, vec![reading(n, slot, net)]).unwrap();
        }
        let number = world.street;
        let found = world
            .bench
            .view(ADDRESS, slotOfCall { number, slot })
            .unwrap();
        assert_eq!(found.readings, 3);
        assert_eq!(world.clear().unwrap(), 400);
        ends.push(world.bench.stored().clone());
    }
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn what_is_no_reading_of_the_slot_is_refused_and_nothing_of_its_call_taken() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let slot = world.next();
    world.settle_in(7);
    let net = |value| vec![record(NET, Some(WH), value)];
    let end = slot + SECONDS;
    let mut bad = reading(1, slot, 5).to_vec();
    *bad.last_mut().unwrap() ^= 1;
    rejects(
        world.report(slot, vec![reading(0, slot, 1), bad.into()]),
        &FalseReading {
            signer: meter_id(1),
        },
    );
    for (bytes, fault) in [
        (Bytes::from_static(b"no reading"), Fault::Malformed),
        (reading(7, slot, 1), Fault::NotAMeter),
        (reading(1, slot + SECONDS, 1), Fault::OtherSlot),
        (signed(1, 1, slot, net(1)), Fault::OtherSlot),
        (
            signed(1, 1, end, vec![record("power", Some("W"), 1)]),
            Fault::NoEnergy,
        ),
        (
            signed(1, 1, end, vec![record(NET, Some("kWh"), 1)]),
            Fault::WrongUnit,
        ),
        (signed(1, 1, end, net(2_501)), Fault::BeyondFuse),
        (signed(1, 1, end, net(-2_501)), Fault::BeyondFuse),
        (signed(1, 1, end, net(i64::MIN)), Fault::BeyondFuse),
        (
            signed(
                1,
                1,
                end,
                vec![record(NET, Some(WH), 1), record(QUALITY, None, 9)],
            ),
            Fault::UnfitMark,
        ),
    ] {
        let call = vec![reading(0, slot, 1), bytes];
        rejects(world.report(slot, call), &refusal(1, fault));
    }
    let number = world.street;
    let call = slotOfCall { number, slot };
    assert_eq!(world.bench.view(ADDRESS, call).unwrap().readings, 0);
    rejects(
        world.report(slot, vec![]),
        &UnfitCount {
            given: U256::ZERO,
            max: U256::from(200),
        },
    );
    let strange = meter(9);
    let said = Reading {
        counter: 1,
        time: end * 1_000,
        pack: net(1),
        nonce: None,
        origin: None,
    };
    let strange = Envelope::sign(&strange, said).unwrap();
    let bytes = Bytes::copy_from_slice(strange.bytes());
    rejects(
        world.report(slot, vec![bytes]),
        &refusal(0, Fault::NotAMeter),
    );
}

#[test]
fn counters_and_versions_go_up() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let slot = world.next();
    world.report(slot, vec![reading(0, slot, 5)]).unwrap();
    let replayed = world.report(slot, vec![reading(0, slot, 5)]);
    rejects(replayed, &refusal(0, Fault::OldCounter));
    let end = slot + SECONDS;
    let same = signed(0, slot, end, vec![record(NET, Some(WH), 6)]);
    rejects(
        world.report(slot, vec![same]),
        &refusal(0, Fault::OldVersion),
    );
    world.report(slot, vec![again(0, slot, 7, 2)]).unwrap();
    let call = linesOfCall {
        number: world.street,
        slot,
        from: 0,
        max: 10,
    };
    let found = world.bench.view(ADDRESS, call).unwrap();
    assert_eq!((found.total, found.page.len()), (3, 3));
    assert_eq!((found.page[0].net, found.page[0].version), (7, 2));
    assert!(!found.page[1].read);
}

#[test]
fn a_revoked_device_measures_nothing() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let slot = world.next();
    let call = revokeCall {
        device: meter_id(1),
        reason: B256::ZERO,
    };
    world.bench.send(house(1), DEVICES, call).unwrap();
    let found = world.report(slot, vec![reading(1, slot, 5)]);
    rejects(found, &refusal(0, Fault::Revoked));
}

#[test]
fn slots_have_their_time() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let slot = world.next();
    let odd = slot + 1;
    rejects(
        world.report(odd, vec![reading(0, slot, 5)]),
        &NotASlot { slot: odd },
    );
    let past = slot - SECONDS;
    let found = world.report(past, vec![reading(0, past, 5)]);
    rejects(found, &SlotCleared { slot: past });
    let ahead = SLOT + 40 * 86_400;
    let ahead = ahead / SECONDS * SECONDS;
    let end = ahead + SECONDS;
    let found = world.report(ahead, vec![reading(0, ahead, 5)]);
    rejects(found, &NotOver { slot: ahead, end });

    let community = world.street;
    world.bench.at(slot + SECONDS - 1);
    let early = world.send(STRANGER, clearCall { community });
    rejects(early, &NothingToClear { next: slot });
    world.bench.at(slot + SECONDS);
    world
        .report(slot, vec![reading(0, slot, 5), reading(1, slot, -5)])
        .unwrap();
    let waiting = Waiting {
        slot,
        readings: 2,
        meters: 3,
        until: slot + SECONDS + GRACE,
    };
    rejects(world.send(STRANGER, clearCall { community }), &waiting);
    world.bench.at(slot + SECONDS + GRACE);
    assert_eq!(world.clear().unwrap(), 5);
    assert_eq!(world.next(), slot + SECONDS);
    let found = world.report(slot, vec![reading(2, slot, 5)]);
    rejects(found, &SlotCleared { slot });
}
