//! What a slot comes to in a few words is what the rules say of each meter.

use alloy_primitives::B256;
use commonhold_energy_contract::{
    clearing::{HALF, Order, check, clear},
    interface::IEnergy::Mode,
    rationing::Part,
    sharing::{Key, Member, given, share},
    terms::{Deal, Terms, Wish, id, key, parts, rank},
};

use crate::Numbers;

const MODES: [Mode; 5] = [
    Mode::Auction,
    Mode::Static,
    Mode::Hybrid,
    Mode::Dynamic,
    Mode::Priority,
];

fn wishes(numbers: &mut Numbers) -> Vec<Wish> {
    let many = numbers.below(30) as u32;
    let widest = 1 + numbers.below(6) * numbers.below(500);
    let steps = 1 + numbers.below(8);
    (0..many)
        .filter_map(|index| {
            let net = numbers.below(2 * widest + 1) as i64 - widest as i64;
            let limit = numbers.below(steps) as i64 * 10_000 - 20_000;
            let weight = numbers.below(4) as u16;
            let wish = Wish {
                index,
                limit,
                net,
                weight,
            };
            (net != 0).then_some(wish)
        })
        .collect()
}

fn order(wish: &Wish) -> Order {
    Order {
        id: id(wish.index),
        price: wish.limit,
        quantity: wish.net.unsigned_abs(),
    }
}

/// What buyers and sellers get by the rules that have all of them before them.
fn by_rules(
    bids: &[Order],
    weights: &[u16],
    offers: &[Order],
    deal: &Deal,
    tie: &B256,
) -> (Vec<u64>, Vec<u64>) {
    let by = match deal.mode {
        Mode::Static => Key::Static,
        Mode::Hybrid => Key::Hybrid {
            rounds: deal.rounds,
        },
        Mode::Dynamic => Key::Dynamic,
        Mode::Priority => Key::Priority,
        _ => {
            let found = clear(bids, offers, HALF, tie).unwrap();
            return (found.bid_fills, found.offer_fills);
        }
    };
    let members: Vec<Member> = bids
        .iter()
        .zip(weights)
        .map(|(bid, weight)| Member {
            id: bid.id,
            wants: bid.quantity,
            parts: parts(*weight, deal.weights.into()),
            rank: rank(
                u32::from_be_bytes(bid.id[28..].try_into().unwrap()),
                *weight,
            ),
        })
        .collect();
    let exports: Vec<Part> = offers
        .iter()
        .map(|offer| Part {
            id: offer.id,
            size: offer.quantity,
        })
        .collect();
    let available = exports.iter().map(|part| part.size).sum();
    let got = share(by, available, &members, tie).unwrap();
    let gave = given(got.iter().sum(), &exports, tie).unwrap();
    (got, gave)
}

#[test]
fn each_fill_follows_from_the_terms_and_its_own_wish_alone() {
    let mut numbers = Numbers(17);
    let mut traded = [0u32; 5];
    for round in 0..3_000u64 {
        let mode = MODES[(round % 5) as usize];
        let deal = Deal {
            mode,
            rounds: if mode == Mode::Hybrid { 3 } else { 0 },
            k: HALF,
            price: 1,
            weights: 90,
        };
        let mut wishes = wishes(&mut numbers);
        let tie = key(1, round);
        let terms = Terms::of(&wishes, &deal, &tie).unwrap();
        let (buyers, sellers): (Vec<Wish>, Vec<Wish>) =
            wishes.iter().copied().partition(|wish| wish.net > 0);
        let bids: Vec<Order> = buyers.iter().map(order).collect();
        let offers: Vec<Order> = sellers.iter().map(order).collect();
        let weights: Vec<u16> = buyers.iter().map(|wish| wish.weight).collect();
        let (got, gave) = by_rules(&bids, &weights, &offers, &deal, &tie);
        let fills = |wishes: &[Wish]| -> Vec<u64> {
            let fill = |wish: &Wish| terms.fill(wish, mode, &tie).unwrap();
            wishes.iter().map(fill).collect()
        };
        assert_eq!(fills(&buyers), got, "{mode:?} {wishes:?}");
        assert_eq!(fills(&sellers), gave, "{mode:?} {wishes:?}");
        assert_eq!(terms.volume, got.iter().sum::<u64>());
        if mode == Mode::Auction {
            let price = (terms.volume != 0).then_some(terms.price);
            check(&bids, &offers, price, terms.volume, &got, &gave).unwrap();
        }
        numbers.shuffle(&mut wishes);
        assert_eq!(Terms::of(&wishes, &deal, &tie).unwrap(), terms);
        traded[(round % 5) as usize] += u32::from(terms.volume != 0);
    }
    assert!(traded.iter().all(|times| *times > 200), "{traded:?}");
}
