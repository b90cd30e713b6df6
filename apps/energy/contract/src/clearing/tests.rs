use super::*;
use alloy_primitives::keccak256;

fn order(id: &str, price: i64, quantity: u64) -> Order {
    Order {
        id: keccak256(id),
        price,
        quantity,
    }
}

fn book(side: &str, rows: &[(i64, u64)]) -> Vec<Order> {
    let numbered = rows.iter().enumerate();
    numbered
        .map(|(n, (price, quantity))| order(&format!("{side}{n}"), *price, *quantity))
        .collect()
}

fn cleared(bids: &[(i64, u64)], offers: &[(i64, u64)], k: Fraction) -> Clearing {
    let (bids, offers) = (book("b", bids), book("o", offers));
    let found = clear(&bids, &offers, k, &B256::ZERO).unwrap();
    assert_eq!(checked(&bids, &offers, &found), Ok(()));
    found
}

fn checked(bids: &[Order], offers: &[Order], found: &Clearing) -> Result<(), Violation> {
    check(
        bids,
        offers,
        found.price,
        found.volume,
        &found.bid_fills,
        &found.offer_fills,
    )
}

const ONE: Fraction = Fraction {
    numerator: 1,
    denominator: 1,
};

#[test]
fn nothing_trades_where_no_bid_reaches_an_offer() {
    let found = cleared(&[(5, 10), (4, 1)], &[(6, 10)], HALF);
    assert_eq!((found.price, found.volume, found.bounds), (None, 0, None));
    assert_eq!((found.best_bid, found.best_offer), (Some(5), Some(6)));
    let found = cleared(&[], &[(6, 10)], HALF);
    assert_eq!((found.price, found.best_bid), (None, None));
    assert_eq!(cleared(&[], &[], HALF).volume, 0);
}

#[test]
fn the_marginal_order_is_filled_in_part() {
    // The peers' case of the research: 25 and not 20, at 2 and not 3.
    let found = cleared(
        &[(300, 20), (200, 15), (100, 10)],
        &[(101, 25), (240, 35), (500, 30)],
        HALF,
    );
    assert_eq!((found.volume, found.bounds), (25, Some((200, 200))));
    assert_eq!(found.bid_fills, [20, 5, 0]);
    assert_eq!(found.offer_fills, [25, 0, 0]);
    let found = cleared(&[(500, 10), (300, 100)], &[(100, 50)], HALF);
    assert_eq!((found.volume, found.price), (50, Some(300)));
}

#[test]
fn the_price_lies_between_the_bounds_as_k_says_and_favours_buyers() {
    let orders = ([(110, 10)], [(99, 10)]);
    let price = |n, d| {
        cleared(&orders.0, &orders.1, Fraction::new(n, d).unwrap())
            .price
            .unwrap()
    };
    assert_eq!(price(0, 1), 99);
    assert_eq!(price(1, 2), 104);
    assert_eq!(price(1, 1), 110);
    assert_eq!(price(1, 3), 102);
    // Below zero, "down" is still towards the buyer.
    let found = cleared(&[(-99, 10)], &[(-110, 10)], HALF);
    assert_eq!(found.price, Some(-105));
    assert_eq!(Fraction::new(2, 1), None);
    assert_eq!(Fraction::new(0, 0), None);
}

#[test]
fn what_was_passed_over_bounds_the_price() {
    // The next bid, at 8, would rather buy: the price is at least its limit; the next offer, at 9, caps it.
    let found = cleared(&[(10, 5), (8, 5)], &[(1, 5), (9, 5)], HALF);
    assert_eq!(found.bounds, Some((8, 9)));
    assert_eq!(found.price, Some(8));
}

#[test]
fn a_level_shares_in_proportion() {
    let found = cleared(&[(10, 30), (10, 10), (10, 20)], &[(1, 6)], HALF);
    assert_eq!(found.bid_fills, [3, 1, 2]);
    let found = cleared(&[(10, 4)], &[(1, 2), (5, 6), (5, 2)], HALF);
    assert_eq!(found.offer_fills[0], 2);
    assert_eq!(found.offer_fills[1] + found.offer_fills[2], 2);
}

#[test]
fn the_cases_of_unit_quantities_come_out_with_k_one() {
    let unit: Vec<(i64, u64)> = (1..=7).map(|rate| (rate, 1)).collect();
    let found = cleared(&unit, &unit, ONE);
    assert_eq!((found.price, found.volume), (Some(4), 4));
}

#[test]
fn pairs_go_from_the_dearest_bid_and_the_cheapest_offer_on() {
    let unit: Vec<(i64, u64)> = (1..=7).map(|rate| (rate, 1)).collect();
    let (bids, offers) = (book("b", &unit), book("o", &unit));
    let found = clear(&bids, &offers, ONE, &B256::ZERO).unwrap();
    let pairs = pair(&bids, &offers, &found, |_| None, &B256::ZERO);
    let numbers: Vec<_> = pairs.iter().map(|p| (p.bid, p.offer)).collect();
    assert_eq!(numbers, [(6, 0), (5, 1), (4, 2), (3, 3)]);
    // The cheapest of the buyers would rather buy from the first offer.
    let prefers = |bid| (bid == 3).then_some(0);
    let pairs = pair(&bids, &offers, &found, prefers, &B256::ZERO);
    let numbers: Vec<_> = pairs.iter().map(|p| (p.bid, p.offer)).collect();
    assert_eq!(numbers, [(3, 0), (6, 1), (5, 2), (4, 3)]);
}

#[test]
fn an_order_that_is_none_is_named() {
    let good = order("g", 1, 1);
    let price = PRICE_MICRO_MAX + 1;
    for (bad, expected) in [
        (order("x", 1, 0), Unfit::Quantity(Side::Bid, 1)),
        (
            order("x", 1, ORDER_WH_MAX + 1),
            Unfit::Quantity(Side::Bid, 1),
        ),
        (order("x", price, 1), Unfit::Price(Side::Bid, 1)),
        (order("x", -price, 1), Unfit::Price(Side::Bid, 1)),
        (order("x", i64::MIN, 1), Unfit::Price(Side::Bid, 1)),
    ] {
        let found = clear(&[good, bad], &[good], HALF, &B256::ZERO);
        assert_eq!(found, Err(expected));
    }
    let found = clear(&[good], &[order("x", 1, 0)], HALF, &B256::ZERO);
    assert_eq!(found, Err(Unfit::Quantity(Side::Offer, 0)));
}

#[test]
fn the_check_finds_whatever_is_changed() {
    let (bids, offers) = (
        book("b", &[(10, 5), (8, 5), (3, 4)]),
        book("o", &[(1, 3), (8, 5), (9, 5)]),
    );
    let right = clear(&bids, &offers, HALF, &B256::ZERO).unwrap();
    assert_eq!((right.volume, right.price), (8, Some(8)));
    let wrong = |change: &dyn Fn(&mut Clearing)| {
        let mut changed = right.clone();
        change(&mut changed);
        checked(&bids, &offers, &changed)
    };
    use Violation::*;
    let (bid, offer) = (Side::Bid, Side::Offer);
    assert_eq!(wrong(&|c| c.price = None), Err(NoPrice));
    assert_eq!(wrong(&|c| c.volume = 0), Err(Volume));
    assert_eq!(wrong(&|c| c.volume = 9), Err(Sum(bid)));
    assert_eq!(wrong(&|c| c.price = Some(7)), Err(PassedOver(bid, 1)));
    assert_eq!(wrong(&|c| c.price = Some(9)), Err(OutsideLimit(bid, 1)));
    assert_eq!(wrong(&|c| c.bid_fills[0] = 6), Err(Overfilled(bid, 0)));
    assert_eq!(wrong(&|c| c.bid_fills[2] = 1), Err(OutsideLimit(bid, 2)));
    assert_eq!(wrong(&|c| c.bid_fills[0] = 4), Err(PassedOver(bid, 0)));
    assert_eq!(wrong(&|c| c.bid_fills[1] = 2), Err(Sum(bid)));
    assert_eq!(wrong(&|c| c.offer_fills[1] = 4), Err(Sum(offer)));
    assert_eq!(
        wrong(&|c| c.offer_fills[2] = 1),
        Err(OutsideLimit(offer, 2))
    );
    assert_eq!(wrong(&|c| c.bid_fills.truncate(2)), Err(Shape));
    let less = wrong(&|c| {
        c.volume = 7;
        c.bid_fills[1] = 2;
        c.offer_fills[1] = 4;
    });
    assert_eq!(less, Err(BothRationed));
}
