//! What holds when: limits, members, final slots, rehearsals.

use alloy_primitives::U256;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Activated, AlreadyMember, Fault, Left, LimitsSet, MeterTaken, Mode, NotMember, Rules,
        SlotState, StillMeasured, TooLittle, Waiting, clearCall, communityCall, excludeCall,
        foundCall, inviteCall, joinCall, leaveCall, linesOfCall, proposeRulesCall, setLimitsCall,
        setTariffCall, slotOfCall, voteCall, withdrawCall,
    },
    measuring::{NET, WH},
};

use crate::world::{
    CEILING, FEED_IN, FUSE, GIVEN, GRACE, MANAGER, NETWORK, RETAIL, SECONDS, SLOT, STRANGER, SUN,
    SUPPLIER, TAXES, TREASURY, World, ZONE, again, house, meter_id, reading, record, refusal,
    rejects, rules, signed,
};

const ALIKE: &[(i64, i64)] = &[(200_000, 60_000); 3];

#[test]
fn whoever_has_seen_the_readings_changes_nothing_of_their_slot() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let community = world.street;
    let slot = world.next();
    let nets = [900, 600, -800];
    let readings = (0u8..).zip(nets).map(|(n, net)| reading(n, slot, net));
    world.report(slot, readings.collect()).unwrap();
    // The seller sees that it is the only one.
    let greedy = setLimitsCall {
        community,
        buy: 200_000,
        sell: 190_000,
    };
    world.send(house(2), greedy).unwrap();
    let told = world.events::<LimitsSet>();
    assert_eq!(told[0].from, slot + 2 * SECONDS, "the next slot to begin");
    // A second thought in the same slot takes the first one's place.
    let modest = setLimitsCall {
        community,
        buy: 200_000,
        sell: 70_000,
    };
    world.send(house(2), modest).unwrap();
    assert_eq!(world.member(2).sell, 70_000, "as it was set last");
    assert_eq!(world.clear().unwrap(), 800);
    let call = linesOfCall {
        number: community,
        slot,
        from: 0,
        max: 3,
    };
    let page = world.bench.view(ADDRESS, call).unwrap().page;
    assert_eq!(page[2].limit, 60_000);

    for (slot, limit) in [(slot + SECONDS, 60_000), (slot + 2 * SECONDS, 70_000)] {
        world.bench.at(slot + SECONDS + GRACE);
        world
            .report(slot, vec![reading(0, slot, 5), reading(2, slot, -5)])
            .unwrap();
        world.clear().unwrap();
        let call = linesOfCall {
            number: community,
            slot,
            from: 2,
            max: 1,
        };
        let page = world.bench.view(ADDRESS, call).unwrap().page;
        assert_eq!(page[0].limit, limit, "{slot}");
    }
}

#[test]
fn a_slot_that_is_not_final_is_computed_again_as_a_whole() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let (number, community) = (world.street, world.street);
    let call = proposeRulesCall {
        community,
        rules: Rules {
            finalSeconds: 7_200,
            ..rules(Mode::Auction)
        },
    };
    let proposal = world.send(house(0), call).unwrap();
    let approve = true;
    world
        .send(house(1), voteCall { proposal, approve })
        .unwrap();
    let slot = SLOT + 3_600;
    let end = slot + SECONDS;
    world.bench.at(end);
    let view = |world: &mut World| {
        let call = slotOfCall { number, slot };
        world.bench.view(ADDRESS, call).unwrap()
    };
    world.bench.at(end + GRACE);
    while world.next() < slot {
        world.send(STRANGER, clearCall { community }).unwrap();
    }
    let nets = [900, 600, -800];
    let readings = (0u8..).zip(nets).map(|(n, net)| reading(n, slot, net));
    world.report(slot, readings.collect()).unwrap();
    let found = view(&mut world);
    assert_eq!((found.state, found.volume), (SlotState::Open, 800));
    let waiting = Waiting {
        slot,
        readings: 3,
        meters: 3,
        until: end + 7_200,
    };
    rejects(world.send(STRANGER, clearCall { community }), &waiting);
    world
        .report(slot, vec![again(2, slot, -300, 2), again(1, slot, 100, 2)])
        .unwrap();
    assert_eq!(view(&mut world).volume, 300, "what it would come to by now");
    world.bench.at(end + 7_200);
    assert_eq!(world.clear().unwrap(), 300);
    let found = view(&mut world);
    assert_eq!((found.state, found.volume), (SlotState::Settled, 300));
}

#[test]
fn whoever_leaves_is_measured_to_the_end_and_takes_all_money_out() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let community = world.street;
    let slot = world.next();
    let caller = STRANGER;
    rejects(
        world.send(STRANGER, leaveCall { community }),
        &NotMember { community, caller },
    );
    world.send(house(0), leaveCall { community }).unwrap();
    let told = world.events::<Left>();
    let from = slot + 2 * SECONDS;
    assert_eq!((told[0].from, told[0].by), (from, house(0)));
    let caller = house(0);
    rejects(
        world.send(house(0), leaveCall { community }),
        &NotMember { community, caller },
    );
    let all = withdrawCall {
        community,
        amount: U256::from(GIVEN),
    };
    let needed = U256::from(GIVEN + FUSE as u64 * CEILING);
    let balance = U256::from(GIVEN);
    rejects(
        world.send(house(0), all.clone()),
        &TooLittle { balance, needed },
    );
    let join = joinCall {
        community,
        meter: meter_id(0),
        fuse: FUSE,
        buy: 1,
        sell: 1,
        supplier: SUPPLIER,
        technology: SUN,
    };
    world
        .send(
            MANAGER,
            inviteCall {
                community,
                household: house(0),
            },
        )
        .unwrap();
    let until = from;
    rejects(
        world.send(house(0), join.clone()),
        &StillMeasured { community, until },
    );
    // Its last slot and the next; the first one without it is waited for of two meters.
    for at in [slot, slot + SECONDS] {
        world.bench.at(at + SECONDS);
        let readings = [300, 5, -400];
        let readings = (0u8..).zip(readings).map(|(n, net)| reading(n, at, net));
        world.report(at, readings.collect()).unwrap();
        assert_eq!(world.clear().unwrap(), 305);
    }
    world.bench.at(from + SECONDS);
    let found = world.report(from, vec![reading(0, from, 5)]);
    rejects(found, &refusal(0, Fault::NotAMeter));
    world
        .report(from, vec![reading(1, from, 5), reading(2, from, -400)])
        .unwrap();
    assert_eq!(world.clear().unwrap(), 5, "all that are expected are there");
    let balance = u64::try_from(world.member(0).balance).unwrap();
    let rest = withdrawCall {
        community,
        amount: U256::from(balance),
    };
    world.send(house(0), rest).unwrap();
    let call = communityCall { number: community };
    let found = world.bench.view(ADDRESS, call).unwrap();
    assert_eq!((found.meters, found.members, found.expected), (3, 2, 2));
    // Back again, at another place.
    assert_eq!(world.send(house(0), join.clone()).unwrap(), 3);
    rejects(
        world.send(house(0), join),
        &AlreadyMember {
            community,
            caller: house(0),
        },
    );
}

#[test]
fn a_manager_shows_somebody_the_door() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let community = world.street;
    let call = excludeCall {
        community,
        household: house(1),
    };
    assert!(world.send(house(0), call.clone()).is_err());
    world.send(MANAGER, call).unwrap();
    assert_eq!(world.events::<Left>()[0].by, MANAGER);
    let propose = proposeRulesCall {
        community,
        rules: rules(Mode::Dynamic),
    };
    let caller = house(1);
    rejects(
        world.send(house(1), propose.clone()),
        &NotMember { community, caller },
    );
    // Of two that are left both decide.
    let proposal = world.send(house(0), propose).unwrap();
    let approve = true;
    assert!(
        world
            .send(house(2), voteCall { proposal, approve })
            .unwrap()
    );
}

#[test]
fn a_meter_goes_to_another_community_when_it_is_out_of_the_first() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let community = world.street;
    let call = foundCall {
        name: "Oak Street".to_owned(),
        zone: ZONE,
        network: NETWORK,
        treasury: TREASURY,
        levyTo: TAXES,
        ceiling: CEILING,
        start: SLOT + 3_600,
        rules: rules(Mode::Auction),
    };
    let other = world.send(MANAGER, call).unwrap();
    let tariff = setTariffCall {
        community: other,
        retail: RETAIL,
        feedIn: FEED_IN,
    };
    world.send(SUPPLIER, tariff).unwrap();
    let household = house(0);
    world
        .send(
            MANAGER,
            inviteCall {
                community: other,
                household,
            },
        )
        .unwrap();
    let join = joinCall {
        community: other,
        meter: meter_id(0),
        fuse: FUSE,
        buy: 1,
        sell: 1,
        supplier: SUPPLIER,
        technology: SUN,
    };
    let meter = meter_id(0);
    rejects(
        world.send(house(0), join.clone()),
        &MeterTaken { meter, community },
    );
    world.send(house(0), leaveCall { community }).unwrap();
    world.send(house(0), join).unwrap();
}

#[test]
fn a_slot_that_nothing_was_read_of_is_over_and_can_be_corrected() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let community = world.street;
    let slot = world.next();
    world.bench.at(slot + SECONDS + GRACE);
    assert_eq!(world.clear().unwrap(), 0);
    assert_eq!(world.next(), slot + SECONDS);
    let call = slotOfCall {
        number: community,
        slot,
    };
    let found = world.bench.view(ADDRESS, call).unwrap();
    assert_eq!((found.state, found.readings), (SlotState::Settled, 0));
    world.correct(slot, reading(0, slot, 500)).unwrap();
    let owed = i128::try_from(world.member(0).statement).unwrap();
    assert_eq!(owed, -500 * i128::from(RETAIL));
    assert_eq!(world.member(0).importGrid, 500);
}

#[test]
fn a_rehearsal_plays_the_past_again_and_its_time_is_its_own() {
    let mut world = World::empty(Mode::Auction);
    let now = SLOT + 400 * 86_400;
    world.bench.at(now);
    let start = SLOT / 3_600 * 3_600;
    let call = foundCall {
        name: "Elm Street, a year ago".to_owned(),
        zone: ZONE,
        network: NETWORK,
        treasury: TREASURY,
        levyTo: TAXES,
        ceiling: CEILING,
        start,
        rules: rules(Mode::Auction),
    };
    world.street = world.send(MANAGER, call).unwrap();
    let community = world.street;
    let tariff = setTariffCall {
        community,
        retail: RETAIL,
        feedIn: FEED_IN,
    };
    world.send(SUPPLIER, tariff).unwrap();
    for n in 0..2 {
        world.settle_in(n);
        world.join(n, 200_000, 60_000).unwrap();
        world.deposit(house(n), GIVEN).unwrap();
    }
    let call = communityCall { number: community };
    assert!(world.bench.view(ADDRESS, call).unwrap().rehearsal);
    for slot in [start, start + SECONDS] {
        world
            .report(slot, vec![reading(0, slot, 5), reading(1, slot, -5)])
            .unwrap();
        assert_eq!(world.clear().unwrap(), 5);
    }
    // A reading is missing: it is waited for until an hour later something is read.
    let slot = start + 2 * SECONDS;
    world.report(slot, vec![reading(0, slot, 5)]).unwrap();
    let waiting = Waiting {
        slot,
        readings: 1,
        meters: 2,
        until: slot + SECONDS + GRACE,
    };
    rejects(world.send(STRANGER, clearCall { community }), &waiting);
    let later = slot + GRACE;
    world.report(later, vec![reading(0, later, 5)]).unwrap();
    assert_eq!(world.clear().unwrap(), 0);
    assert_eq!(world.next(), slot + SECONDS);
    // Within thirty days of its own time a slot is corrected.
    world.correct(slot, reading(1, slot, -100)).unwrap();
    let none = signed(1, 1, 1, vec![record(NET, Some(WH), 1)]);
    assert!(world.correct(slot, none).is_err());
}

#[test]
fn a_member_takes_part_from_the_slot_after_its_money_came() {
    let mut world = World::empty(Mode::Auction);
    for n in 0..2 {
        world.settle_in(n);
        world.join(n, 200_000, 60_000).unwrap();
    }
    world.deposit(house(0), GIVEN).unwrap();
    let slot = SLOT;
    world.bench.at(slot + SECONDS);
    world
        .report(slot, vec![reading(0, slot, 5), reading(1, slot, -5)])
        .unwrap();
    // The other one sees that it could have sold.
    world.deposit(house(1), GIVEN).unwrap();
    assert!(world.member(1).active, "it will");
    assert_eq!(world.clear().unwrap(), 0);
    for (slot, volume) in [(slot + SECONDS, 0), (slot + 2 * SECONDS, 5)] {
        world.bench.at(slot + SECONDS);
        world
            .report(slot, vec![reading(0, slot, 5), reading(1, slot, -5)])
            .unwrap();
        let community = world.street;
        let cleared = world.send(STRANGER, clearCall { community }).unwrap();
        let came = world.events::<Activated>();
        assert_eq!(cleared.volume, volume);
        assert_eq!(came.len(), usize::from(volume != 0));
        world.settle_all();
    }
}
