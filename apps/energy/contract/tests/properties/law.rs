//! A street that does what it likes: the invariants hold after every message, anybody computes every slot
//! again from what stands of it, and every Wh of a meter and of a certificate is accounted for.

use alloy_primitives::{Address, U256};
use commonhold_energy_contract::{
    ADDRESS,
    clearing::HALF,
    interface::IEnergy::{
        Line, Mode, SlotState, Stock, Weight, certificateCall, checkSlotCall, claimCall, clearCall,
        depositCall, linesOfCall, lockCall, proposeRulesCall, proposeWeightsCall, setLimitsCall,
        slotOfCall, transferCertificateCall, unlockCall, voteCall, withdrawCall,
        withdrawCertificateCall,
    },
    terms::{Deal, Terms, Wish, key},
};

use crate::{
    Numbers,
    world::{
        CEILING, NETWORK, RESERVE, SECONDS, STRANGER, WH_OF_A_SLOT, World, again, house, reading,
        rules,
    },
};

const HOUSES: u8 = 5;
const SLOTS: u32 = 60;
const MODES: [Mode; 5] = [
    Mode::Auction,
    Mode::Static,
    Mode::Hybrid,
    Mode::Dynamic,
    Mode::Priority,
];

/// What somebody does between slots. Some of it is refused, which is as well.
fn whim(world: &mut World, numbers: &mut Numbers) {
    let community = world.street;
    let who = house(numbers.below(HOUSES.into()) as u8);
    let amount = U256::from(1 + numbers.below(RESERVE));
    let price = |numbers: &mut Numbers| {
        let limit = i64::try_from(numbers.below(CEILING)).unwrap();
        if numbers.below(9) == 0 { -limit } else { limit }
    };
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

/// Members decide what some places weigh.
fn weigh(world: &mut World, numbers: &mut Numbers) {
    let community = world.street;
    let mut weights = Vec::new();
    for index in 0..u32::from(HOUSES) {
        if numbers.below(2) == 0 {
            let weight = numbers.below(6) as u16;
            weights.push(Weight { index, weight });
        }
    }
    let Ok(proposal) = world.send(house(1), proposeWeightsCall { community, weights }) else {
        return;
    };
    for n in [0, 2, 3] {
        let approve = true;
        let _ = world.send(house(n), voteCall { proposal, approve });
    }
}

/// Members decide on another way to deal.
fn decide(world: &mut World, mode: Mode) {
    let community = world.street;
    let call = proposeRulesCall {
        community,
        rules: rules(mode),
    };
    let proposal = world.send(house(0), call).unwrap();
    for n in 1..4 {
        let approve = true;
        let _ = world.send(house(n), voteCall { proposal, approve });
    }
}

fn lines(world: &mut World, slot: u64) -> Vec<Line> {
    let call = linesOfCall {
        number: world.street,
        slot,
        from: 0,
        max: u32::MAX,
    };
    world.bench.view(ADDRESS, call).unwrap().page
}

/// Computes a slot again from its lines, by the pure rules.
fn recompute(world: &mut World, slot: u64, mode: Mode) -> u64 {
    let number = world.street;
    let found = world
        .bench
        .view(ADDRESS, slotOfCall { number, slot })
        .unwrap();
    assert_eq!((found.state, found.mode), (SlotState::Settled, mode));
    assert_eq!(found.key, key(number, slot));
    let lines = lines(world, slot);
    let weights: Vec<u16> = (0..HOUSES).map(|n| world.member(n).weight).collect();
    let ordered = lines.iter().filter(|line| line.ordered);
    let wishes: Vec<Wish> = ordered
        .map(|line| Wish {
            index: line.index,
            limit: line.limit,
            net: line.net,
            weight: weights[line.index as usize],
        })
        .collect();
    let deal = Deal {
        mode,
        rounds: rules(mode).rounds,
        k: HALF,
        price: rules(mode).localPrice,
        weights: found.weights,
    };
    let again = Terms::of(&wishes, &deal, &found.key).unwrap();
    assert_eq!(
        (again.volume, again.price, again.bounds),
        (found.volume, found.price, (found.lowest, found.highest))
    );
    for wish in &wishes {
        let fill = again.fill(wish, mode, &found.key).unwrap();
        assert_eq!(lines[wish.index as usize].fill, fill, "{mode:?}");
    }
    assert!(
        world
            .bench
            .view(ADDRESS, checkSlotCall { number, slot })
            .unwrap()
    );
    found.volume
}

/// Something happens to a certificate of a slot.
fn trade(world: &mut World, numbers: &mut Numbers, slot: u64) {
    let community = world.street;
    let index = numbers.below(HOUSES.into()) as u32;
    let owner = house(numbers.below(HOUSES.into()) as u8);
    let to = house(numbers.below(HOUSES.into()) as u8);
    let wh = numbers.below(400);
    let registry = Default::default();
    let _ = match numbers.below(6) {
        0 | 1 => world
            .send(
                owner,
                transferCertificateCall {
                    community,
                    slot,
                    index,
                    to,
                    wh,
                },
            )
            .map(drop),
        2 | 3 => world
            .send(
                owner,
                claimCall {
                    community,
                    slot,
                    index,
                    wh,
                },
            )
            .map(drop),
        4 => world
            .send(
                owner,
                lockCall {
                    community,
                    slot,
                    index,
                    wh,
                    registry,
                },
            )
            .map(drop),
        _ if wh.is_multiple_of(2) => world
            .send(
                NETWORK,
                unlockCall {
                    community,
                    slot,
                    index,
                    owner,
                    wh,
                    registry,
                },
            )
            .map(drop),
        _ => world
            .send(
                NETWORK,
                withdrawCertificateCall {
                    community,
                    slot,
                    index,
                    owner,
                    wh,
                },
            )
            .map(drop),
    };
}

fn all(stock: &Stock) -> u64 {
    stock.active + stock.claimed + stock.expired + stock.withdrawn + stock.locked
}

/// Every Wh of a slot's certificates is in one state and somebody's. `nets` is what the meters say by now.
fn certified(world: &mut World, slot: u64, nets: &[i64], taken_back: u64) {
    let number = world.street;
    let owners: Vec<Address> = (0..HOUSES).map(house).chain([STRANGER]).collect();
    let (mut issued, mut gone) = (0, 0);
    for index in 0..u32::from(HOUSES) {
        let mut of_owners = 0;
        let mut entry = None;
        for owner in &owners {
            let call = certificateCall {
                number,
                slot,
                index,
                owner: *owner,
            };
            let Ok(found) = world.bench.view(ADDRESS, call) else {
                continue;
            };
            of_owners += all(&found.has);
            entry = Some(found.entry);
        }
        let Some(entry) = entry else {
            assert!(nets[index as usize] >= 0, "{index} has no certificate");
            continue;
        };
        assert_eq!(of_owners, all(&entry.stock), "{index}");
        issued += all(&entry.stock);
        gone += entry.stock.withdrawn + entry.owed;
    }
    let exported: u64 = nets.iter().map(|net| net.min(&0).unsigned_abs()).sum();
    assert_eq!(issued - gone, exported - taken_back);
}

#[test]
fn whatever_members_do_nothing_is_lost_and_every_slot_can_be_computed_again() {
    let mut numbers = Numbers(5);
    let limits: Vec<(i64, i64)> = (0..HOUSES).map(|_| (200_000, 60_000)).collect();
    let mut world = World::street(Mode::Auction, &limits);
    let (mut traded, mut sums) = ([0; 5], [0i64; HOUSES as usize]);
    for round in 0..SLOTS {
        if round.is_multiple_of(12) {
            decide(&mut world, MODES[(round / 12) as usize]);
        }
        whim(&mut world, &mut numbers);
        if round.is_multiple_of(3) {
            weigh(&mut world, &mut numbers);
        }
        let slot = world.next();
        let mut readings = Vec::new();
        let mut nets = [0i64; HOUSES as usize];
        for n in 0..HOUSES {
            let net = numbers.below(2 * WH_OF_A_SLOT).cast_signed() - WH_OF_A_SLOT.cast_signed();
            match numbers.below(8) {
                0 => continue,
                1 => readings.push(again(n, slot, net, 2)),
                _ => readings.push(reading(n, slot, net)),
            }
            nets[usize::from(n)] = net;
        }
        world.bench.at(slot + SECONDS + 4_000);
        let half = readings.split_off(readings.len() / 2);
        for part in [readings, half] {
            if !part.is_empty() {
                world.report(slot, part).unwrap();
            }
        }
        world.clear().unwrap();
        let mode = world.community().rules.mode;
        traded[mode as usize] += recompute(&mut world, slot, mode);
        let before = lines(&mut world, slot);
        let mut taken_back = 0;
        for _ in 0..3 {
            trade(&mut world, &mut numbers, slot);
            taken_back += world.withdrawn_last();
        }
        let n = numbers.below(HOUSES.into()) as u8;
        let net = numbers.below(2 * WH_OF_A_SLOT).cast_signed() - WH_OF_A_SLOT.cast_signed();
        world.correct(slot, again(n, slot, net, 3)).unwrap();
        nets[usize::from(n)] = net;
        assert_eq!(
            lines(&mut world, slot),
            before,
            "a slot that was dealt stands"
        );
        certified(&mut world, slot, &nets, taken_back);
        for (sum, net) in sums.iter_mut().zip(nets) {
            *sum += net;
        }
    }
    assert!(traded.iter().all(|volume| *volume > 2_000), "{traded:?}");
    for (n, sum) in (0..HOUSES).zip(sums) {
        let found = world.member(n);
        let imports = found.importLocal + found.importGrid;
        let exports = found.exportLocal + found.exportGrid;
        assert_eq!(imports.cast_signed() - exports.cast_signed(), sum, "{n}");
    }
}

#[test]
fn readings_in_any_order_and_any_calls_make_one_state() {
    let mut numbers = Numbers(9);
    let limits: Vec<(i64, i64)> = (0..HOUSES).map(|_| (200_000, 60_000)).collect();
    let start = World::street(Mode::Auction, &limits);
    let mut states = Vec::new();
    for _ in 0..20 {
        let mut world = start.clone();
        let slot = world.next();
        let nets = [300, 301, -250, -251, -3];
        let mut readings: Vec<_> = (0u8..)
            .zip(nets)
            .map(|(n, net)| reading(n, slot, net))
            .collect();
        numbers.shuffle(&mut readings);
        while !readings.is_empty() {
            let at = numbers.below(readings.len() as u64) as usize;
            let part = readings.split_off(at);
            world.report(slot, part).unwrap();
        }
        let community = world.street;
        let call = clearCall { community };
        world.send(STRANGER, call).unwrap();
        while world.settle(community, 1 + numbers.below(4) as u32) != 0 {}
        states.push(world.bench.stored().clone());
    }
    assert!(states.windows(2).all(|pair| pair[0] == pair[1]));
}
