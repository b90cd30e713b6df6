//! Slots cleared and settled.

use alloy_primitives::{I256, U256};
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Activated, Cleared, DeltaNote, Fault, Mode, NotMember, NothingToSettle, ReadingRefused,
        Settling, SlotState, TooLate, UnfitWeights, Weight, WeightSet, accountCall, checkSlotCall,
        clearCall, correctCall, linesOfCall, proposeRulesCall, proposeWeightsCall,
        proposedWeightsCall, settleCall, slotOfCall, voteCall, withdrawCall,
    },
    limits::{CORRECTION_SECONDS, WEIGHT_MAX},
};

use crate::world::{
    FEED_IN, GIVEN, NETWORK, RESERVE, RETAIL, SECONDS, STRANGER, SUPPLIER, TAXES, TREASURY, World,
    again, house, reading, rejects, rules,
};

/// Two buyers and two sellers.
const FOUR: &[(i64, i64)] = &[
    (200_000, 60_000),
    (180_000, 60_000),
    (200_000, 80_000),
    (200_000, 100_000),
];

fn street(mode: Mode) -> (World, u64) {
    let mut world = World::street(mode, FOUR);
    let slot = world.next();
    world.bench.at(slot + SECONDS);
    let nets = [900, 600, -800, -400];
    let readings = (0u8..).zip(nets).map(|(n, net)| reading(n, slot, net));
    world.report(slot, readings.collect()).unwrap();
    (world, slot)
}

fn account(world: &mut World, who: alloy_primitives::Address) -> (u64, i128) {
    let number = world.street;
    let found = world
        .bench
        .view(ADDRESS, accountCall { number, who })
        .unwrap();
    (
        found.balance.try_into().unwrap(),
        i128::try_from(found.statement).unwrap(),
    )
}

#[test]
fn a_slot_is_cleared_at_one_price_and_settled_to_the_unit() {
    let (mut world, slot) = street(Mode::Auction);
    let number = world.street;
    assert_eq!(world.clear().unwrap(), 1_200);
    let found = world
        .bench
        .view(ADDRESS, slotOfCall { number, slot })
        .unwrap();
    // Bids 900 at 200,000 and 600 at 180,000, offers 800 at 80,000 and 400 at 100,000: the marginal bid is
    // filled in part and makes the price.
    assert_eq!(
        (found.state, found.price, found.traded),
        (SlotState::Settled, 180_000, true)
    );
    assert!(
        world
            .bench
            .view(ADDRESS, checkSlotCall { number, slot })
            .unwrap()
    );
    let fills = |world: &mut World| {
        let call = linesOfCall {
            number,
            slot,
            from: 0,
            max: 4,
        };
        let page = world.bench.view(ADDRESS, call).unwrap().page;
        page.iter().map(|line| line.fill).collect::<Vec<_>>()
    };
    assert_eq!(fills(&mut world), [900, 300, 800, 400]);
    for (n, bought, from_grid) in [(0, 900u64, 0), (1, 300, 300)] {
        let member = world.member(n);
        let paid = bought * (180_000 + 54_000);
        assert_eq!(member.balance, U256::from(GIVEN - paid), "house {n}");
        let owed = -(from_grid * RETAIL);
        assert_eq!(member.statement, I256::try_from(owed).unwrap());
        assert_eq!(
            (member.importLocal, member.importGrid),
            (bought, from_grid as u64)
        );
    }
    for (n, sold) in [(2, 800u64), (3, 400)] {
        let member = world.member(n);
        assert_eq!(member.balance, U256::from(GIVEN + sold * 180_000));
        assert_eq!((member.exportLocal, member.exportGrid), (sold, 0));
    }
    assert_eq!(account(&mut world, NETWORK), (1_200 * 50_000, 0));
    assert_eq!(account(&mut world, TREASURY), (1_200 * 3_000, 0));
    assert_eq!(account(&mut world, TAXES), (1_200 * 1_000, 0));
    assert_eq!(account(&mut world, SUPPLIER), (0, 300 * i128::from(RETAIL)));
    // What was earned is taken out.
    let call = withdrawCall {
        community: number,
        amount: U256::from(1_200 * 50_000),
    };
    world.send(NETWORK, call).unwrap();
    assert_eq!(world.tokens(NETWORK), 1_200 * 50_000);
}

#[test]
fn every_key_shares_under_the_same_law_and_members_change_it() {
    for (mode, volume, fills) in [
        // Four equal shares of 1,200 are 300 each; producers want nothing.
        (Mode::Static, 600, [300, 300, 400, 200]),
        (Mode::Hybrid, 1_200, [600, 600, 800, 400]),
        (Mode::Dynamic, 1_200, [720, 480, 800, 400]),
        (Mode::Priority, 1_200, [900, 300, 800, 400]),
    ] {
        let (mut world, slot) = street(mode);
        let number = world.street;
        assert_eq!(world.clear().unwrap(), volume, "{mode:?}");
        let call = linesOfCall {
            number,
            slot,
            from: 0,
            max: 4,
        };
        let page = world.bench.view(ADDRESS, call).unwrap().page;
        let found: Vec<u64> = page.iter().map(|line| line.fill).collect();
        assert_eq!(found, fills, "{mode:?}");
        assert!(
            world
                .bench
                .view(ADDRESS, checkSlotCall { number, slot })
                .unwrap()
        );
        let found = world
            .bench
            .view(ADDRESS, slotOfCall { number, slot })
            .unwrap();
        assert_eq!(found.price, 150_000);
    }
    let (mut world, _) = street(Mode::Dynamic);
    let community = world.street;
    let call = proposeRulesCall {
        community,
        rules: rules(Mode::Auction),
    };
    let proposal = world.send(house(0), call).unwrap();
    for n in [1, 2] {
        let approve = true;
        world
            .send(house(n), voteCall { proposal, approve })
            .unwrap();
    }
    world.clear().unwrap();
    // From its hour on the auction makes the price.
    let slot = (world.bench.now() + 7_200) / 3_600 * 3_600;
    world.bench.at(slot + SECONDS + 4_000);
    let readings = vec![reading(0, slot, 500), reading(2, slot, -500)];
    world.report(slot, readings).unwrap();
    while world.next() <= slot {
        world.send(STRANGER, clearCall { community }).unwrap();
    }
    let cleared = world.events::<Cleared>();
    assert_eq!(
        (cleared[0].slot, cleared[0].volume, cleared[0].price),
        (slot, 500, 140_000)
    );
}

#[test]
fn one_slot_after_the_other_and_nothing_is_taken_out_in_between() {
    let (mut world, slot) = street(Mode::Auction);
    let community = world.street;
    let settle = || settleCall { community, max: 1 };
    let early = world.send(STRANGER, settle());
    rejects(early, &NothingToSettle { community });
    world.send(STRANGER, clearCall { community }).unwrap();
    rejects(
        world.send(STRANGER, clearCall { community }),
        &Settling { slot },
    );
    let call = withdrawCall {
        community,
        amount: U256::from(1),
    };
    rejects(world.send(house(0), call), &Settling { slot });
    assert_eq!(world.send(STRANGER, settle()).unwrap(), 3);
    assert_eq!(world.send(STRANGER, settle()).unwrap(), 2);
    assert_eq!(
        world
            .send(STRANGER, settleCall { community, max: 99 })
            .unwrap(),
        0
    );
    let twice = world.send(STRANGER, settle());
    rejects(twice, &NothingToSettle { community });
}

#[test]
fn a_meter_without_a_reading_takes_no_part_and_the_others_go_on() {
    let mut world = World::street(Mode::Auction, FOUR);
    let slot = world.next();
    world.bench.at(slot + SECONDS + 4_000);
    world
        .report(slot, vec![reading(0, slot, 500), reading(2, slot, -300)])
        .unwrap();
    assert_eq!(world.clear().unwrap(), 300);
    assert_eq!(world.member(1).balance, U256::from(GIVEN));
    assert_eq!(world.member(0).importGrid, 200);
}

#[test]
fn whoever_falls_below_the_reserve_is_out_until_it_is_there_again() {
    let (mut world, _) = street(Mode::Auction);
    let community = world.street;
    let call = withdrawCall {
        community,
        amount: U256::from(GIVEN - RESERVE),
    };
    world.send(house(0), call).unwrap();
    assert!(world.member(0).active);
    let out = world.send(STRANGER, clearCall { community }).unwrap();
    assert_eq!(out.volume, 1_200);
    world
        .send(STRANGER, settleCall { community, max: 9 })
        .unwrap();
    let told = world.events::<Activated>();
    assert_eq!((told.len(), told[0].index, told[0].active), (1, 0, false));
    let slot = world.next();
    world.bench.at(slot + SECONDS + 4_000);
    world
        .report(slot, vec![reading(0, slot, 500), reading(2, slot, -300)])
        .unwrap();
    assert_eq!(world.clear().unwrap(), 0);
    let member = world.member(0);
    assert_eq!((member.active, member.importGrid), (false, 500));
    world.deposit(house(0), RESERVE).unwrap();
    assert!(world.member(0).active);
}

#[test]
fn a_correction_is_a_note_of_one_member_alone() {
    let (mut world, slot) = street(Mode::Auction);
    let community = world.street;
    world.clear().unwrap();
    let balances: Vec<_> = (0..4).map(|n| world.member(n).balance).collect();
    let correct = |reading| correctCall {
        community,
        slot,
        reading,
    };
    let old = world.send(STRANGER, correct(reading(1, slot, 700)));
    let fault = Fault::OldCounter;
    let number = U256::ZERO;
    rejects(old, &ReadingRefused { number, fault });
    world
        .send(STRANGER, correct(again(1, slot, 700, 2)))
        .unwrap();
    let notes = world.events::<DeltaNote>();
    assert_eq!((notes[0].before, notes[0].net), (600, 700));
    let owed = I256::try_from(-(100 * RETAIL)).unwrap();
    assert_eq!(notes[0].statement, owed);
    // From the corrected one on, and over to exports.
    world
        .send(STRANGER, correct(again(1, slot, -50, 3)))
        .unwrap();
    let statement = i128::try_from(world.member(1).statement).unwrap();
    assert_eq!(
        statement,
        i128::from(350 * FEED_IN),
        "what it bought of neighbours it feeds in with what it generated"
    );
    assert_eq!(
        (0..4).map(|n| world.member(n).balance).collect::<Vec<_>>(),
        balances,
        "nothing prepaid moves"
    );
    let number = community;
    assert!(
        world
            .bench
            .view(ADDRESS, checkSlotCall { number, slot })
            .unwrap()
    );
    let until = slot + SECONDS + CORRECTION_SECONDS;
    world.bench.at(until);
    let late = world.send(STRANGER, correct(again(1, slot, 1, 4)));
    rejects(late, &TooLate { slot, until });
}

#[test]
fn members_decide_what_each_weighs_under_the_keys() {
    for (mode, (first, second), volume, fills) in [
        // Two parts of four and one of four are 600 and 300 of 1,200; the fourth wants nothing of its own.
        (Mode::Static, (2, 1), 900, [600, 300, 600, 300]),
        (Mode::Hybrid, (2, 1), 1_200, [800, 400, 800, 400]),
        // The second is heavier by then, and comes first.
        (Mode::Priority, (1, 2), 1_200, [600, 600, 800, 400]),
    ] {
        let mut world = World::street(mode, FOUR);
        let community = world.street;
        let propose = |weights: &[(u32, u16)]| proposeWeightsCall {
            community,
            weights: weights
                .iter()
                .map(|(index, weight)| Weight {
                    index: *index,
                    weight: *weight,
                })
                .collect(),
        };
        for unfit in [
            &[][..],
            &[(0, WEIGHT_MAX + 1)],
            &[(0, 1), (0, 2)],
            &[(1, 1), (0, 2)],
            &[(4, 1)],
        ] {
            rejects(world.send(house(0), propose(unfit)), &UnfitWeights {});
        }
        let caller = STRANGER;
        rejects(
            world.send(STRANGER, propose(&[(0, 1)])),
            &NotMember { community, caller },
        );
        let call = propose(&[(0, first), (1, second), (2, 0), (3, 1)]);
        let proposal = world.send(house(0), call.clone()).unwrap();
        let number = proposal;
        let told = world.bench.view(ADDRESS, proposedWeightsCall { number });
        assert_eq!(told.unwrap(), call.weights);
        let vote = voteCall {
            proposal,
            approve: true,
        };
        rejects(
            world.send(STRANGER, vote.clone()),
            &NotMember { community, caller },
        );
        assert!(!world.send(house(1), vote.clone()).unwrap());
        assert!(world.send(house(2), vote).unwrap());
        let told = world.events::<WeightSet>();
        assert_eq!((told.len(), told[1].weight), (4, second));
        // Not in the slot that has begun: whoever decides has not seen what meters say.
        let slot = told[0].from;
        assert!(slot > world.bench.now());
        let nets = [900, 600, -800, -400];
        for at in [slot - SECONDS, slot] {
            world.bench.at(at + SECONDS);
            let readings = (0u8..).zip(nets).map(|(n, net)| reading(n, at, net));
            world.report(at, readings.collect()).unwrap();
        }
        let mut dealt = Vec::new();
        while world.next() <= slot {
            let at = world.next();
            world.bench.at(world.bench.now().max(at + SECONDS + 4_000));
            dealt.push(world.clear().unwrap());
        }
        assert_eq!(dealt.last(), Some(&volume), "{mode:?}");
        if mode == Mode::Static {
            assert!(dealt.contains(&600), "equal parts before: {dealt:?}");
        }
        let call = linesOfCall {
            number: community,
            slot,
            from: 0,
            max: 4,
        };
        let page = world.bench.view(ADDRESS, call).unwrap().page;
        let found: Vec<u64> = page.iter().map(|line| line.fill).collect();
        assert_eq!(found, fills, "{mode:?}");
        assert_eq!(
            (world.member(1).weight, world.member(2).weight),
            (second, 0)
        );
    }
}
