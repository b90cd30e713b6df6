//! A street that does what it likes: the invariants hold after every message, and anybody computes every
//! slot again from what stands of it.

use alloy_primitives::{B256, U256};
use commonhold_energy_contract::{
    ADDRESS,
    clearing::{HALF, Order, clear},
    interface::IEnergy::{
        Line, Mode, SlotState, checkSlotCall, depositCall, linesOfCall, setLimitsCall, slotOfCall,
        withdrawCall,
    },
};

use crate::{
    Numbers,
    world::{CEILING, RESERVE, SECONDS, World, again, house, reading},
};

const HOUSES: u8 = 6;
const SLOTS: u32 = 40;

/// What somebody does between slots.
fn whim(world: &mut World, numbers: &mut Numbers) {
    let community = world.street;
    let who = house(numbers.below(HOUSES.into()) as u8);
    let amount = U256::from(1 + numbers.below(RESERVE));
    let price = |numbers: &mut Numbers| {
        let limit = i64::try_from(numbers.below(CEILING)).unwrap();
        if numbers.below(9) == 0 { -limit } else { limit }
    };
    // Some of it is refused, which is as well.
    let _ = match numbers.below(4) {
        0 => world.send(who, depositCall { community, amount }).map(drop),
        1 => world
            .send(who, withdrawCall { community, amount })
            .map(drop),
        _ => {
            let (buy, sell) = (price(numbers), price(numbers));
            let call = setLimitsCall {
                community,
                buy,
                sell,
            };
            world.send(who, call).map(drop)
        }
    };
}

/// Computes a slot again from its lines, by the pure rules.
fn recompute(world: &mut World, slot: u64) -> u64 {
    let number = world.street;
    let found = world
        .bench
        .view(ADDRESS, slotOfCall { number, slot })
        .unwrap();
    assert_eq!(found.state, SlotState::Settled);
    let call = linesOfCall {
        number,
        slot,
        from: 0,
        max: u32::MAX,
    };
    let lines = world.bench.view(ADDRESS, call).unwrap().page;
    let side = |buys: bool| -> Vec<&Line> {
        let ordered = lines.iter().filter(|line| line.ordered);
        ordered.filter(|line| (line.net > 0) == buys).collect()
    };
    let orders = |lines: &[&Line]| -> Vec<Order> {
        let order = |line: &&Line| Order {
            id: B256::from(U256::from(line.index)),
            price: line.limit,
            quantity: line.net.unsigned_abs(),
        };
        lines.iter().map(order).collect()
    };
    let (bids, offers) = (side(true), side(false));
    let again = clear(&orders(&bids), &orders(&offers), HALF, &found.key).unwrap();
    assert_eq!(again.price.is_some(), found.traded);
    assert_eq!(again.price.unwrap_or_default(), found.price);
    assert_eq!(again.volume, found.volume);
    for (lines, fills) in [(bids, again.bid_fills), (offers, again.offer_fills)] {
        let stands: Vec<u64> = lines.iter().map(|line| line.fill).collect();
        assert_eq!(stands, fills);
    }
    assert!(
        world
            .bench
            .view(ADDRESS, checkSlotCall { number, slot })
            .unwrap()
    );
    found.volume
}

#[test]
fn whatever_members_do_no_unit_is_lost_and_every_slot_can_be_computed_again() {
    let mut numbers = Numbers(5);
    let limits: Vec<(i64, i64)> = (0..HOUSES).map(|_| (200_000, 60_000)).collect();
    let mut world = World::street(Mode::Auction, &limits);
    let mut traded = 0;
    for _ in 0..SLOTS {
        for _ in 0..2 {
            whim(&mut world, &mut numbers);
        }
        let slot = world.next();
        let mut readings = Vec::new();
        for n in 0..HOUSES {
            let net = i64::try_from(numbers.below(5_000)).unwrap() - 2_500;
            match numbers.below(8) {
                0 => {}
                1 => readings.push(again(n, slot, net, 2)),
                _ => readings.push(reading(n, slot, net)),
            }
        }
        world.bench.at(slot + SECONDS + 4_000);
        let half = readings.split_off(readings.len() / 2);
        for part in [readings, half] {
            if !part.is_empty() {
                world.report(slot, part).unwrap();
            }
        }
        let before = world.next();
        if world.clear().is_ok() {
            traded += recompute(&mut world, before);
        }
    }
    assert!(traded > 10_000, "{traded}");
}
