//! Order books.

use std::fs;

use alloy_primitives::keccak256;
use commonhold_energy_client::{book, clear::clear_file};
use commonhold_energy_contract::clearing::{Fraction, HALF, Order, check, clear};

use crate::{data, json};

#[test]
fn twenty_small_books_reach_the_greatest_volume_at_a_clearing_price() {
    let Some(path) = data("orderbooks_small.json") else {
        return;
    };
    let expected = json(&path);
    let found = clear_file(&path, HALF, None).unwrap();
    assert_eq!(found.books.len(), 20);
    let mut beside = (0, 0);
    for (book, expected) in found
        .books
        .iter()
        .zip(expected["books"].as_array().unwrap())
    {
        let reference = &expected["reference"];
        assert_eq!(book.id, expected["id"].as_str().unwrap());
        assert_eq!(book.volume_wh, reference["max_energy_wh"].as_u64().unwrap());
        assert_eq!(book.price_lo, reference["price_lo"].as_i64());
        assert_eq!(book.price_hi, reference["price_hi"].as_i64());
        assert!(book.price_lo <= book.price_micro_per_kwh);
        assert!(book.price_micro_per_kwh <= book.price_hi);
        assert!(book.linear_check, "{}", book.id);
        let one_call = &expected["gsy_one_call"];
        let volume = one_call["energy_wh"].as_f64().unwrap_or_default();
        beside.0 += usize::from(volume < reference["max_energy_wh"].as_f64().unwrap());
        let price = one_call["price"].as_i64();
        beside.1 += usize::from(price < book.price_lo || price > book.price_hi);
    }
    assert_eq!(beside, (11, 18), "what one call of the peer comes to");
}

#[test]
fn a_book_of_two_thousand_is_one_result_in_a_thousand_orders() {
    let (Some(path), Some(results)) = (
        data("orderbook_2k_tick100.csv"),
        data("orderbook_2k_results.json"),
    ) else {
        return;
    };
    let reference = &json(&results)["books"][0]["reference"];
    let found = &clear_file(&path, HALF, None).unwrap().books[0];
    assert_eq!(found.id, "orderbook_2k_tick100");
    assert_eq!(
        (found.bids + found.offers, found.linear_check),
        (2_000, true)
    );
    assert_eq!(
        found.volume_wh,
        reference["max_energy_wh"].as_u64().unwrap()
    );
    assert_eq!(found.price_lo, reference["price_lo"].as_i64());
    assert_eq!(found.price_hi, reference["price_hi"].as_i64());

    let books = book::read(&fs::read_to_string(&path).unwrap(), "2k").unwrap();
    let orders = [&books[0].bids, &books[0].offers];
    let mut places = orders.map(|orders| (0..orders.len()).collect::<Vec<_>>());
    let key = keccak256("2k");
    let mut first = None;
    let mut seed = 1u64;
    for _ in 0..1_000 {
        for list in &mut places {
            for last in (1..list.len()).rev() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let other = usize::try_from(seed >> 33).unwrap() % (last + 1);
                list.swap(last, other);
            }
        }
        let moved = |side: usize| -> Vec<Order> {
            let places = places[side].iter();
            places.map(|place| orders[side][*place]).collect()
        };
        let (bids, offers) = (moved(0), moved(1));
        let found = clear(&bids, &offers, HALF, &key).unwrap();
        let mut fills = orders.map(|orders| vec![0; orders.len()]);
        for (side, of) in [&found.bid_fills, &found.offer_fills]
            .into_iter()
            .enumerate()
        {
            for (place, fill) in places[side].iter().zip(of) {
                fills[side][*place] = *fill;
            }
        }
        let result = (found.price, found.bounds, found.volume, fills);
        assert_eq!(*first.get_or_insert_with(|| result.clone()), result);
    }
}

#[test]
fn a_peers_own_cases_come_out_with_k_one() {
    let Some(path) = data("gsy_clearing_examples.json") else {
        return;
    };
    let cases = json(&path);
    let one = Fraction::new(1, 1).unwrap();
    let found = clear_file(&path, one, None).unwrap();
    // Cents are 10,000 micro, kWh 1,000 Wh; a rate between two micros is kept to its limit's side.
    let micro = |cents: &serde_json::Value| cents.as_i64().map(|cents| cents * 10_000);
    for (book, case) in found.books.iter().zip(cases["cases"].as_array().unwrap()) {
        let reference = &case["reference_uniform_price"];
        assert_eq!(
            book.volume_wh,
            reference["max_energy"].as_u64().unwrap() * 1_000
        );
        if case["kind"] == "clearing" {
            assert_eq!(book.price_lo, micro(&reference["price_lo"]));
            assert_eq!(book.price_hi, micro(&reference["price_hi"]));
        }
        assert!(book.linear_check);
    }
    assert_eq!(found.books.len(), 3);
    let unit = &found.books[0];
    let expected = &cases["cases"][0]["gsy_expected"];
    assert_eq!(unit.price_micro_per_kwh, micro(&expected["rate"]));
    assert_eq!(unit.volume_wh, expected["energy"].as_u64().unwrap() * 1_000);
}

#[test]
fn whoever_checks_finds_every_changed_fill_of_the_small_books() {
    let Some(path) = data("orderbooks_small.json") else {
        return;
    };
    let books = book::read(&fs::read_to_string(&path).unwrap(), "x").unwrap();
    let mut mutations = 0;
    for book in &books {
        let key = keccak256(book.id.as_bytes());
        let found = clear(&book.bids, &book.offers, HALF, &key).unwrap();
        for number in 0..found.bid_fills.len() + found.offer_fills.len() {
            for up in [true, false] {
                let (mut bids, mut offers) = (found.bid_fills.clone(), found.offer_fills.clone());
                let fill = match number.checked_sub(bids.len()) {
                    None => &mut bids[number],
                    Some(number) => &mut offers[number],
                };
                match (up, *fill) {
                    (false, 0) => continue,
                    (true, _) => *fill += 1,
                    (false, _) => *fill -= 1,
                }
                mutations += 1;
                let (price, volume) = (found.price, found.volume);
                let checked = check(&book.bids, &book.offers, price, volume, &bids, &offers);
                assert!(checked.is_err());
            }
        }
    }
    assert!(mutations > 300, "{mutations}");
}
