//! I1 to I6 of a market.

use alloy_primitives::{B256, U256};
use commonhold_energy_contract::{
    clearing::{Clearing, Fraction, HALF, Order, check, clear, pair},
    settlement::{Fees, Tariff, line},
};
use proptest::prelude::*;

use crate::Numbers;

fn orders(max: usize) -> impl Strategy<Value = Vec<Order>> {
    // Few prices and quantities, so that levels are shared and remainders tie.
    let order = (-20i64..200, prop_oneof![1u64..6, 1u64..5_000]);
    prop::collection::vec(order, 0..max).prop_map(|rows| {
        let numbered = rows.into_iter().enumerate();
        numbered
            .map(|(n, (price, quantity))| Order {
                id: B256::from(U256::from(n)),
                price: price * 100,
                quantity,
            })
            .collect()
    })
}

fn checked(bids: &[Order], offers: &[Order], found: &Clearing) -> bool {
    check(
        bids,
        offers,
        found.price,
        found.volume,
        &found.bid_fills,
        &found.offer_fills,
    )
    .is_ok()
}

/// The greatest volume that any one price clears, found by trying every price that matters.
fn greatest(bids: &[Order], offers: &[Order]) -> u64 {
    let prices = bids.iter().chain(offers).map(|order| order.price);
    let at = |price: i64| {
        let demand: u64 = bids
            .iter()
            .filter(|o| o.price >= price)
            .map(|o| o.quantity)
            .sum();
        let supply: u64 = offers
            .iter()
            .filter(|o| o.price <= price)
            .map(|o| o.quantity)
            .sum();
        demand.min(supply)
    };
    prices.map(at).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_clearing_keeps_limits_balances_and_is_the_greatest(
        bids in orders(40), offers in orders(40), k in 0u32..=7, key in any::<[u8; 32]>(),
    ) {
        let k = Fraction::new(k, 7).unwrap();
        let key = B256::from(key);
        let found = clear(&bids, &offers, k, &key).unwrap();
        let sum = |fills: &[u64]| fills.iter().sum::<u64>();
        prop_assert_eq!(sum(&found.bid_fills), found.volume);
        prop_assert_eq!(sum(&found.offer_fills), found.volume);
        prop_assert_eq!(found.volume, greatest(&bids, &offers));
        prop_assert!(checked(&bids, &offers, &found));
        if let Some((lo, hi)) = found.bounds {
            let price = found.price.unwrap();
            prop_assert!(lo <= price && price <= hi);
            // Either bound would do as well, and nothing outside them.
            for (price, clears) in [(lo, true), (hi, true), (lo - 1, false), (hi + 1, false)] {
                let moved = Clearing { price: Some(price), ..found.clone() };
                prop_assert_eq!(checked(&bids, &offers, &moved), clears);
            }
        }
        let pairs = pair(&bids, &offers, &found, |bid| (bid % 3 == 0).then_some(bid), &key);
        let mut fills = (vec![0; bids.len()], vec![0; offers.len()]);
        for p in &pairs {
            fills.0[p.bid] += p.quantity;
            fills.1[p.offer] += p.quantity;
        }
        prop_assert_eq!(fills, (found.bid_fills.clone(), found.offer_fills.clone()));
    }

    #[test]
    fn any_changed_figure_is_found(
        bids in orders(12), offers in orders(12), which in any::<u64>(), by in 1u64..9,
    ) {
        let right = clear(&bids, &offers, HALF, &B256::ZERO).unwrap();
        let mut wrong = right.clone();
        let fills = wrong.bid_fills.len() + wrong.offer_fills.len();
        match which as usize % (fills + 1) {
            0 => wrong.volume += by,
            n if n <= wrong.bid_fills.len() => wrong.bid_fills[n - 1] += by,
            n => { let n = n - 1 - wrong.bid_fills.len(); wrong.offer_fills[n] += by; }
        }
        prop_assert!(!checked(&bids, &offers, &wrong));
    }

    #[test]
    fn money_is_neither_made_nor_lost(
        bids in orders(30), offers in orders(30), network in -900i64..900, retail in 0i64..30_000,
    ) {
        let found = clear(&bids, &offers, HALF, &B256::ZERO).unwrap();
        let price = found.price.unwrap_or(0);
        let fees = Fees { network, community: 7, levy: 3 };
        let tariff = Tariff { retail, feed_in: retail / 4 };
        let mut sum = 0i128;
        let sides = [(&bids, &found.bid_fills, 1), (&offers, &found.offer_fills, -1)];
        for (orders, fills, sign) in sides {
            for (order, fill) in orders.iter().zip(fills) {
                let net = i64::try_from(order.quantity).unwrap() * sign;
                let line = line(net, *fill, price, &fees, &tariff).unwrap();
                prop_assert_eq!(line.import, line.import_local + line.import_grid());
                prop_assert_eq!(line.export, line.export_local + line.export_grid());
                sum += line.household + line.network + line.community + line.levy + line.supplier;
            }
        }
        prop_assert_eq!(sum, 0);
    }
}

#[test]
fn a_thousand_orders_of_input_give_one_result() {
    let mut numbers = Numbers(7);
    let mut side = |count: usize| -> Vec<Order> {
        (0..count)
            .map(|n| Order {
                id: B256::from(U256::from(n)),
                price: 80_000 + i64::try_from(numbers.below(22)).unwrap() * 1_000,
                quantity: 1 + numbers.below(50),
            })
            .collect()
    };
    let (mut bids, mut offers) = (side(120), side(120));
    let result = |bids: &[Order], offers: &[Order]| {
        let found = clear(bids, offers, HALF, &B256::repeat_byte(3)).unwrap();
        let named = |orders: &[Order], fills: &[u64]| {
            let mut named: Vec<(B256, u64)> = orders
                .iter()
                .map(|o| o.id)
                .zip(fills.iter().copied())
                .collect();
            named.sort_unstable();
            named
        };
        let mut pairs: Vec<(B256, B256, u64)> =
            pair(bids, offers, &found, |_| None, &B256::repeat_byte(3))
                .into_iter()
                .map(|p| (bids[p.bid].id, offers[p.offer].id, p.quantity))
                .collect();
        pairs.sort_unstable();
        (
            found.price,
            found.bounds,
            found.volume,
            named(bids, &found.bid_fills),
            named(offers, &found.offer_fills),
            pairs,
        )
    };
    let first = result(&bids, &offers);
    assert!(first.2 > 0);
    for _ in 0..1_000 {
        numbers.shuffle(&mut bids);
        numbers.shuffle(&mut offers);
        assert_eq!(result(&bids, &offers), first);
    }
}
